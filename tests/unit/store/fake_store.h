/*
 * A store in memory, made to be slow and unreliable: it carries out a group
 * some flushes later, completes in another order, and answers UNKNOWN or
 * UNAVAILABLE when told to. It shares no code with a real back end, so that
 * the conformance tests also compare the two.
 */
#ifndef FAKE_STORE_H
#define FAKE_STORE_H

#include "ea_store.h"

enum fake_fault {
    FAKE_NO_FAULT = 0,
    FAKE_UNAVAILABLE,       /* nothing of the operation is written */
    FAKE_UNKNOWN_UNWRITTEN, /* nothing is written, and nobody knows */
    FAKE_UNKNOWN_WRITTEN    /* all is written, and nobody knows */
};

struct fake_plan {
    unsigned delay;        /* flushes without effect before each group */
    bool reorder;          /* completions in reverse */
    enum fake_fault fault; /* of the next operation carried out; then reset */
    bool views_fail;       /* no view can be had */
    uint64_t now_ms;       /* the clock for deadlines */
};

/* `plan` is read whenever it matters and may be changed in between; it must
 * live as long as the store. */
struct ea_store *fake_store_open(struct fake_plan *plan);

#endif
