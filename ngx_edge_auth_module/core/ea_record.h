/*
 * The bytes of everything the store keeps. Each value begins with a format byte
 * (1) and holds big-endian integers and length-prefixed text; a reader refuses
 * another format, a length beyond its limit and trailing bytes, and changes
 * nothing in that case. The revision is the store's, not part of the value.
 */
#ifndef EA_RECORD_H
#define EA_RECORD_H

#include "ea_enroll.h"

#define EA_RECORD_MAX 8192 /* no encoded value is longer */

/* A value being written; `failed` sticks once something did not fit. */
struct ea_buf {
    uint8_t *ptr;
    size_t len, cap;
    bool failed;
};

/* Encoders append the value to buf. false, and buf->failed, if there is no room
 * for it or a member is outside its limits; nothing is appended then. Decoders
 * read the whole of `value` and write the result only if all of it is right. */
bool ea_record_encode(const struct ea_record *record, struct ea_buf *buf);
EA_MUST_CHECK bool ea_record_decode(struct ea_bytes value,
                                    struct ea_record *ret_record,
                                    struct ea_error *err);

bool ea_gate_encode(const struct ea_gate *gate, struct ea_buf *buf);
EA_MUST_CHECK bool ea_gate_decode(struct ea_bytes value,
                                  struct ea_gate *ret_gate,
                                  struct ea_error *err);

bool ea_site_encode(const struct ea_site *site, struct ea_buf *buf);
EA_MUST_CHECK bool ea_site_decode(struct ea_bytes value,
                                  struct ea_site *ret_site,
                                  struct ea_error *err);

bool ea_node_encode(const struct ea_node *node, struct ea_buf *buf);
EA_MUST_CHECK bool ea_node_decode(struct ea_bytes value,
                                  struct ea_node *ret_node,
                                  struct ea_error *err);

bool ea_asset_encode(const struct ea_asset *asset, struct ea_buf *buf);
EA_MUST_CHECK bool ea_asset_decode(struct ea_bytes value,
                                   struct ea_asset *ret_asset,
                                   struct ea_error *err);

/* What a token opens. Key in the store: the 32 bytes of ea_claims.stored. */
struct ea_token_row {
    char id[EA_TOKEN_ID_CHARS + 1];
    enum ea_token_kind kind;
    uint32_t number;            /* node tokens */
    char site[EA_NAME_MAX + 1]; /* both kinds */
    uint32_t gen;               /* the node's or the site's token generation */
    uint32_t epoch;
    uint64_t created;
};
bool ea_token_row_encode(const struct ea_token_row *row, struct ea_buf *buf);
EA_MUST_CHECK bool ea_token_row_decode(struct ea_bytes value,
                                       struct ea_token_row *ret_row,
                                       struct ea_error *err);

/* Meta value "store": one per store. */
struct ea_meta {
    uint32_t schema;     /* EA_SCHEMA */
    uint32_t epoch;      /* starts at 1 */
    uint32_t import_gen; /* the import generation in force; 0: none yet */
    uint32_t next_number;
    uint64_t clock;      /* highest time seen */
    uint64_t boot_clock; /* seconds since boot when clock was written */
    char boot_id[EA_UUID_LEN + 1]; /* which boot that was */
    bool lab;
};
#define EA_SCHEMA 1u
bool ea_meta_encode(const struct ea_meta *meta, struct ea_buf *buf);
EA_MUST_CHECK bool ea_meta_decode(struct ea_bytes value,
                                  struct ea_meta *ret_meta,
                                  struct ea_error *err);

/* Keys of the tables (ea_store.h). Facts are kept per import generation; big
 * endian, so that a scan lists them in order. All return the length written, at
 * most EA_KEY_MAX, which has room for every name and path within its limit; a
 * longer one gives 0, which no table takes as a key: cut, it would be the key
 * of another one. */
#define EA_KEY_MAX (5 + EA_ASSET_NAME_MAX) /* LMDB takes 511 */
size_t ea_key_gate(uint32_t import_gen, uint8_t ret_key[static EA_KEY_MAX]);
size_t ea_key_site(uint32_t import_gen, struct ea_bytes name,
                   uint8_t ret_key[static EA_KEY_MAX]);
size_t ea_key_node(uint32_t import_gen, uint32_t number,
                   uint8_t ret_key[static EA_KEY_MAX]);
/* A node as a member of its site: those of a site lie side by side. The number
 * is the last four bytes; the value is the number too. */
size_t ea_key_member(uint32_t import_gen, struct ea_bytes site, uint32_t number,
                     uint8_t ret_key[static EA_KEY_MAX]);
/* kind: 'u' uuid, 's' serial, 'm' mac; a uuid is stored under both byte orders
 */
size_t ea_key_hwid(uint32_t import_gen, char kind, struct ea_bytes id,
                   uint8_t ret_key[static EA_KEY_MAX]);
size_t ea_key_asset(uint32_t import_gen, struct ea_bytes path,
                    uint8_t ret_key[static EA_KEY_MAX]);
/* name -> number, across generations: numbers are never reused. */
size_t ea_key_name(struct ea_bytes name, uint8_t ret_key[static EA_KEY_MAX]);
/* site -> token generation, in the table of names: no name begins with '/'. */
size_t ea_key_site_tokens(struct ea_bytes site,
                          uint8_t ret_key[static EA_KEY_MAX]);
size_t ea_key_number(uint32_t number, uint8_t ret_key[static EA_KEY_MAX]);

#endif
