/*
 * The inventory's keys, in one table: where each may stand, what it takes, how
 * the layers cluster -> role -> site -> node combine, and its help text.
 * Parsing, messages, `talos-configgen keys` and the manual come from it; a new
 * key is a new row.
 */
#ifndef CG_KEY_H
#define CG_KEY_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cg_arena.h"

/* Where a key may stand; several are or-ed. */
enum {
    CG_AT_TOP = 1,
    CG_AT_CLUSTER = 2,
    CG_AT_ROLE = 4,
    CG_AT_SITE = 8,
    CG_AT_NODE = 16
};
#define CG_AT_LAYERS (CG_AT_CLUSTER | CG_AT_ROLE | CG_AT_SITE | CG_AT_NODE)

enum cg_takes {
    CG_TAKES_NOTHING = 0,
    CG_TAKES_TEXT,
    CG_TAKES_WORD, /* one of `words` */
    CG_TAKES_BOOL,
    CG_TAKES_NUMBER,   /* min..max */
    CG_TAKES_DURATION, /* "24h", in seconds min..max */
    CG_TAKES_URL,      /* https://host[:port] */
    CG_TAKES_VERSION,  /* v1.2.3 */
    CG_TAKES_CONTRACT, /* v1.2 */
    CG_TAKES_ADDRESS,  /* IPv4 or IPv6 */
    CG_TAKES_CIDR,
    CG_TAKES_CIDRS,
    CG_TAKES_ROUTES,   /* CIDRs without host bits */
    CG_TAKES_NODE_IP,  /* tailnet, lan, or a list of CIDRs, "!" allowed */
    CG_TAKES_HOSTNAME, /* text, or {from: platform} */
    CG_TAKES_LIST,     /* of text */
    CG_TAKES_PORTS,    /* list of tcp:port[-port], udp:... */
    CG_TAKES_RECEIVER, /* tcp://host:port, udp:... */
    CG_TAKES_PEOPLE,   /* list of user@[domain], group:..., autogroup:... */
    CG_TAKES_PEERS,    /* these and tags */
    CG_TAKES_GROUPS,   /* mapping of group:name to people */
    CG_TAKES_MACS,
    CG_TAKES_UUID,
    CG_TAKES_SERIAL,
    CG_TAKES_TEXTS,   /* mapping to text */
    CG_TAKES_LABELS,  /* mapping, keys and values as Kubernetes wants them */
    CG_TAKES_TAINTS,  /* mapping to "[value:]Effect" */
    CG_TAKES_ARGS,    /* mapping to text or a list of text */
    CG_TAKES_MODULES, /* list of name or {name: [parameter]} */
    CG_TAKES_FILE,    /* path or {command: [...]} */
    CG_TAKES_FILES,   /* list of these */
    CG_TAKES_SITES,   /* the maps of the inventory itself */
    CG_TAKES_NODES,
    CG_TAKES_CLUSTERS,
    CG_TAKES_ROLES
};

enum cg_merge {
    CG_MERGE_REPLACE = 0, /* the more specific one wins */
    CG_MERGE_KEYS,        /* mappings: key by key */
    CG_MERGE_UNITE        /* lists: all, without duplicates */
};

struct cg_key {
    const char *path; /* dotted; what stands before a dot is a group */
    unsigned levels;
    enum cg_takes takes;
    enum cg_merge merge;
    const char *fallback; /* default, as text for people; NULL = none */
    const char *help;
    const char *const *words;
    long min, max;
};

extern const struct cg_key cg_keys[];
extern const size_t cg_keys_count;

/* The row of a path at a level, or NULL. */
const struct cg_key *cg_key_find(const char *path, unsigned level);

/* A group that has rows at this level ("install", "image"). */
bool cg_key_is_group(const char *path, unsigned level);

/* The known key below `prefix` ("" or "image") that is spelt most like `word`;
 * NULL if none is near. Lives in the arena. */
const char *cg_key_nearest(struct cg_arena *arena, const char *prefix,
                           unsigned level, const char *word);

/* Levels where the last part of an unknown path would be right, as text for a
 * hint ("sites, nodes"), or NULL. */
const char *cg_key_elsewhere(struct cg_arena *arena, const char *path);

/* "a site", "the cluster", ... for messages. */
const char *cg_level_name(unsigned level);

/* What a key takes, for messages and help: "a number", "a list of CIDRs". */
const char *cg_takes_name(enum cg_takes takes);

/* Edits (insert, delete, replace, swap) that make b of a; a limit stops early:
 * anything above it is limit + 1. */
unsigned cg_key_distance(const char *a, const char *b, unsigned limit);

#endif
