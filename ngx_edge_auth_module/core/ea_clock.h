/*
 * Time that never runs backwards (DESIGN section 7). The store keeps the
 * highest time seen together with the boot clock at that moment; `now` is never
 * behind it, and a step of more than EA_CLOCK_STEP seconds ahead of what the
 * boot clock explains is refused and not persisted.
 *
 * In the boot that wrote the value, `now` also advances with the boot clock
 * when the wall clock was set back, so that a deadline cannot be put off. In a
 * later boot nothing explains how long the machine was off: the wall clock is
 * believed, but never behind the value plus the age of this boot.
 */
#ifndef EA_CLOCK_H
#define EA_CLOCK_H

#include "ea_record.h"

#define EA_CLOCK_STEP 300u /* s */
#define EA_CLOCK_PERSIST                                                       \
    60u /* s: meta is written again when so much passed                        \
         */

struct ea_clock_reading {
    uint64_t wall;       /* seconds since 1970 */
    uint64_t boot;       /* CLOCK_BOOTTIME, seconds */
    const char *boot_id; /* kernel.random.boot_id */
};

/* false: the clock cannot be trusted (`edge-auth store clock --accept` is the
 * way out); *ret_persist: write meta.clock = *ret_now with this reading. */
EA_MUST_CHECK bool ea_clock_now(const struct ea_meta *meta,
                                const struct ea_clock_reading *reading,
                                uint64_t *ret_now, bool *ret_persist,
                                struct ea_error *err);

#endif
