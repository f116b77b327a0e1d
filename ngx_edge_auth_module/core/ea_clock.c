/* Time that never runs backwards: see ea_clock.h. */
#include <inttypes.h>
#include <string.h>

#include "ea_clock.h"

bool
ea_clock_now(const struct ea_meta *meta, const struct ea_clock_reading *reading,
             uint64_t *ret_now, bool *ret_persist, struct ea_error *err)
{
    bool same_boot = meta->boot_id[0] != '\0' &&
                     strcmp(meta->boot_id, reading->boot_id) == 0;
    uint64_t passed = reading->boot, least;

    /* Since the value was written at least so much time has passed: in the same
     * boot what the boot clock says, after another one the age of that boot. */
    if (same_boot) {
        passed = reading->boot > meta->boot_clock
                     ? reading->boot - meta->boot_clock
                     : 0;
    }
    least = meta->clock == 0 ? 0 : meta->clock + passed;
    if (same_boot && meta->clock != 0 &&
        reading->wall > least + EA_CLOCK_STEP) {
        return ea_fail(err, EA_E_UNAVAILABLE,
                       "clock is %" PRIu64 " s ahead of what passed since it "
                       "was last seen: set it right, or accept it with "
                       "'edge-auth store clock --accept'",
                       reading->wall - least);
    }
    *ret_now = reading->wall > least ? reading->wall : least;
    *ret_persist = !same_boot || *ret_now >= meta->clock + EA_CLOCK_PERSIST;
    return true;
}
