/*
 * What the gate and the key service say to each other: one line each way on a
 * unix socket, each a JSON object in canonical form. Canonical: no white space,
 * members in exactly the order given here, plain ASCII without escapes, numbers
 * as ea_number reads them, a line feed at the end. The gate takes a reply in
 * this form and nothing else, which needs no JSON parser; anything that differs
 * is an outage. edge-keyd(8) has every member; DESIGN section 8 decides.
 *
 *   {"op":"mint","number":N,"gen":N,"n":N,"node":S,"site":S,"hostname":S,
 *    "tags":[S,...],"deadline":N}
 *     -> {"ok":true,"id":S,"key":S,"expires":N}
 *   {"op":"check","number":N,"gen":N,"id":S,"hostname":S,"tags":[S,...],
 *    "since":N}
 *     -> {"ok":true,"used":B,"device":S,"devices":N}
 *   {"op":"delete","id":S}     -> {"ok":true}
 *   {"op":"forget","device":S} -> {"ok":true}
 *   {"op":"list","after":S}
 *     -> {"ok":true,"id":S,"number":N,"gen":N,"n":N,"used":B}; "id":"" ends it
 *   {"op":"devices","after":S,"since":N}
 *     -> {"ok":true,"device":S,"hostname":S}; "device":"" ends it
 *   any -> {"ok":false,"reason":S,"retry":N}
 */
#ifndef EA_KEYD_H
#define EA_KEYD_H

#include "ea_body.h"
#include "ea_enroll.h"

#define EA_KEYD_REQUEST_MAX 2048 /* bytes, line feed included */
#define EA_KEYD_REPLY_MAX 4096
#define EA_KEYD_KEY_MAX 255 /* characters of an auth key */

/* The number of keys that an operator minted for a machine which does not boot
 * through the gate. No node gets it; the sweep leaves such keys alone. */
#define EA_KEYD_NUMBER_HAND EA_NUMBER_MAX

/* A tag is "tag:", a letter, and letters, digits and hyphens; err has the rule
 * that it breaks. */
EA_MUST_CHECK bool ea_keyd_tag_check(struct ea_bytes text,
                                     struct ea_error *err);

/* These write one request with its line feed and a NUL. Returned is its length,
 * 0 if it does not fit, or if a name, id, tag or device is not one, or if the
 * node has no tags: a key without tags belongs to a person. Each is
 * below EA_KEYD_REQUEST_MAX for every record and node there can be. `deadline`
 * and `since` are seconds since 1970. */
size_t ea_keyd_mint(const struct ea_record *record, const struct ea_node *node,
                    char *ret_line, size_t size);
size_t ea_keyd_check(const struct ea_record *record, const char *id,
                     const struct ea_node *node, char *ret_line, size_t size);
size_t ea_keyd_delete(const char *id, char *ret_line, size_t size);
size_t ea_keyd_forget(const char *device, char *ret_line, size_t size);
/* after "": from the beginning */
size_t ea_keyd_list(const char *after, char *ret_line, size_t size);
size_t ea_keyd_devices(const char *after, uint64_t since, char *ret_line,
                       size_t size);

/* Why keyd could not. */
enum ea_keyd_outcome {
    EA_KEYD_OUTAGE = 0, /* no reply, or one not in canonical form */
    EA_KEYD_OK,
    EA_KEYD_BUSY,    /* its queue is full */
    EA_KEYD_CEILING, /* the site had its keys for this hour or day */
    EA_KEYD_API,     /* the provider does not answer */
    EA_KEYD_DENIED,  /* the provider refuses: configuration */
    EA_KEYD_BAD      /* keyd does not understand the request */
};
const char *ea_keyd_outcome_word(enum ea_keyd_outcome outcome);

/* An auth key on its way into a body. Nothing prints this type; wipe it. */
struct ea_keyd_key {
    char text[EA_KEYD_KEY_MAX + 1];
};

struct ea_keyd_minted {
    char id[EA_KEY_ID_MAX + 1];
    struct ea_keyd_key key;
    uint64_t expires;
};

struct ea_keyd_checked {
    bool used;
    char device[EA_DEVICE_MAX + 1]; /* "": none with our tag seen yet */
    uint32_t devices;               /* more than 1: evidence of a twin */
};

struct ea_keyd_listed {
    char id[EA_KEY_ID_MAX + 1]; /* "": the end */
    uint32_t number;            /* 0: keyd does not remember whose */
    uint16_t gen, n;
    bool used;
};

/* A device with one of the tags that keyd mints for. */
struct ea_keyd_device {
    char device[EA_DEVICE_MAX + 1];     /* "": the end */
    char hostname[EA_HOSTNAME_MAX + 1]; /* "-" for what is no id character */
};

/* These read a whole reply line, line feed included. The result is written when
 * EA_KEYD_OK is returned, retry (seconds, 0: none) when another outcome but
 * OUTAGE is; retry may be NULL. */
EA_MUST_CHECK enum ea_keyd_outcome
ea_keyd_read_minted(struct ea_bytes line, struct ea_keyd_minted *ret_minted,
                    uint32_t *ret_retry);
EA_MUST_CHECK enum ea_keyd_outcome
ea_keyd_read_checked(struct ea_bytes line, struct ea_keyd_checked *ret_checked,
                     uint32_t *ret_retry);
EA_MUST_CHECK enum ea_keyd_outcome
ea_keyd_read_listed(struct ea_bytes line, struct ea_keyd_listed *ret_listed,
                    uint32_t *ret_retry);
EA_MUST_CHECK enum ea_keyd_outcome
ea_keyd_read_device(struct ea_bytes line, struct ea_keyd_device *ret_device,
                    uint32_t *ret_retry);
/* of delete and forget */
EA_MUST_CHECK enum ea_keyd_outcome ea_keyd_read_done(struct ea_bytes line,
                                                     uint32_t *ret_retry);

/* Replaces the one placeholder of the body by the key. ret_body has room for
 * body.len + EA_KEYD_KEY_MAX bytes; the new length is returned, 0 if the
 * placeholder does not stand there exactly once. */
size_t ea_keyd_fill(struct ea_bytes body, const struct ea_keyd_key *key,
                    char *ret_body, size_t size);

#endif
