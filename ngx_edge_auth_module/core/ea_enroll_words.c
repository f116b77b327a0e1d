/* The words of states, holds, replies and marks: audit, JSON, messages. */
#include "ea_enroll.h"

static const char *
pick(const char *const *words, size_t count, unsigned value)
{
    return value < count ? words[value] : "";
}

#define PICK(words, value)                                                     \
    pick((words), sizeof(words) / sizeof((words)[0]), (unsigned)(value))

const char *
ea_state_word(enum ea_state state)
{
    static const char *const words[] = { "none",      "armed",  "claimed",
                                         "delivered", "joined", "revoked",
                                         "retired" };

    return PICK(words, state);
}

const char *
ea_hold_word(enum ea_hold hold)
{
    static const char *const words[] = { "none", "redeliver", "clone" };

    return PICK(words, hold);
}

const char *
ea_reply_word(enum ea_reply reply)
{
    static const char *const words[] = {
        "refuse", "busy",   "conflict", "local", "code",    "held",
        "script", "config", "send",     "done",  "refused", "nothing"
    };

    return PICK(words, reply);
}

const char *
ea_mark_word(enum ea_mark mark)
{
    static const char *const words[] = { "",       "alarm",   "reclaim",
                                         "clone",  "joined",  "twin",
                                         "stray",  "overdue", "duplicate",
                                         "unknown" };

    return PICK(words, mark);
}
