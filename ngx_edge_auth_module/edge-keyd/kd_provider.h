/*
 * A provider of auth keys as a protocol: what to ask next, given the last
 * answer. It moves no bytes and reads no clock, so it is tested without a
 * network; kd_job sends what it asks for.
 */
#ifndef KD_PROVIDER_H
#define KD_PROVIDER_H

#include <jansson.h>

#include "kd_keys.h"

#define KD_PATH_MAX 512
#define KD_BODY_MAX 4096
#define KD_INSTANCE_MAX 20
#define KD_AFTER_CLOSE 9000u /* s: 150 min to install and join */
#define KD_LIFE_MAX 7776000u /* s: 90 days, the longest Tailscale gives */
#define KD_YOUNG 600u        /* s: a key that young may be on its way */
#define KD_LOOKS_MAX 8       /* keys looked at for one `list` request */

/* One HTTP exchange with the provider's API. */
struct kd_exchange {
    const char *method;       /* "GET", "POST", "DELETE" */
    char path[KD_PATH_MAX];   /* below the base URL */
    const char *content_type; /* of body; NULL: no body */
    char body[KD_BODY_MAX];
    bool with_token; /* show the access token; else body has a secret */
};

struct kd_response {
    long status;          /* 0: no whole answer */
    struct ea_bytes body; /* borrowed */
};

/* A key at the provider that may be ours. */
struct kd_listed {
    char id[EA_KEY_ID_MAX + 1];
    bool known, ours, used; /* known: looked at; the rest is valid */
    uint32_t number;
    uint16_t gen, n;
    uint64_t created;
};

/* The keys of one sweep, by id; made by `list` from the beginning. */
struct kd_listing {
    struct kd_listed *keys;
    size_t count;
};
void kd_listing_clear(struct kd_listing *listing);
/* Adds a key; false when out of memory or the id is none of ours. */
bool kd_listing_add(struct kd_listing *listing, const struct kd_listed *key);
void kd_listing_sort(struct kd_listing *listing);
/* The key with this id, or NULL; sorted before. */
const struct kd_listed *kd_listing_find(const struct kd_listing *listing,
                                        const char *id);
/* The first key whose id is greater, or NULL. */
struct kd_listed *kd_listing_after(const struct kd_listing *listing,
                                   const char *id);

/* What a provider has to know of itself; borrowed from the configuration. */
struct kd_identity {
    const char *instance; /* of this keyd, in descriptions */
    const char *tailnet;  /* Tailscale */
    const char *client;   /* Tailscale: OAuth client's id */
    const char *secret;   /* OAuth client secret or API key */
    const char *user;     /* Headscale: number of the user keys belong to */
    char *const *tags;    /* rules of the tags keys may have */
    size_t tags_count;
};

/* Exact, or up to a "*" at the end. */
bool kd_tag_is_allowed(char *const *rules, size_t count, const char *tag);

/* One request on its way. */
struct kd_call {
    const struct kd_request *request;
    const struct kd_identity *identity;
    const struct kd_keys *keys;
    struct kd_listing *listing;
    uint64_t now;
    unsigned step;  /* exchanges sent so far */
    unsigned looks; /* of a list */
    struct kd_listed *looking;
    struct kd_result *result; /* zeroed */
};

enum kd_next {
    KD_NEXT_DONE = 0, /* result has the outcome */
    KD_NEXT_SEND      /* send *ret_exchange, then ask again with the answer */
};

struct kd_provider {
    const char *name;
    const char *key_prefix; /* of every auth key */
    const char *base_url;   /* default, or NULL */
    bool has_tokens;        /* access tokens are got with kd_token_* */
    /* `last` is NULL at first. */
    enum kd_next (*next)(struct kd_call *call, const struct kd_response *last,
                         struct kd_exchange *ret_exchange);
    /* When does the credential end? Both NULL if it never does: the question,
     * and the time in its answer, 0 if that does not tell. */
    void (*ask_expiry)(struct kd_exchange *ret_exchange);
    uint64_t (*read_expiry)(const struct kd_identity *identity,
                            const struct kd_response *response);
};

extern const struct kd_provider kd_tailscale, kd_headscale;

/* Asking for an access token, and reading it: text of at most 255 characters,
 * life in seconds. */
void kd_token_request(const struct kd_identity *identity,
                      struct kd_exchange *ret_exchange);
enum ea_keyd_outcome kd_token_read(const struct kd_response *response,
                                   struct ea_keyd_key *ret_token,
                                   uint64_t *ret_life);

/* ---- for providers ---- */

/* A request with the access token and without a body. */
void kd_exchange_begin(struct kd_exchange *exchange, const char *method);

/* The answer's document, NULL if it is none; the caller drops it. */
json_t *kd_response_json(const struct kd_response *response);
/* A member that is text, "" if it is not. */
const char *kd_json_text(const json_t *object, const char *name);

json_t *kd_tags_json(const struct kd_request *request);
/* Drops root (which may be NULL). false: it does not fit. */
bool kd_body_dump(json_t *root, char *ret_body, size_t size);

/* How a provider's list spells its devices. */
struct kd_device_names {
    const char *list, *id, *hostname, *created, *tags;
};
/* The end of a `devices` request: the next device with an allowed tag that was
 * created since. */
enum kd_next kd_devices_read(struct kd_call *call,
                             const struct kd_response *response,
                             const struct kd_device_names *names);

enum kd_next kd_call_done(struct kd_call *call, enum ea_keyd_outcome outcome);
/* A status that is not the expected one. */
enum kd_next kd_call_fail(struct kd_call *call,
                          const struct kd_response *response);

/* RFC 3339 in UTC with any fraction, as APIs write it; 0 if it is not one. */
uint64_t kd_time_parse(const char *text);
void kd_time_format(uint64_t time, char ret_text[static 21]);

/* "edge-auth INSTANCE NUMBER-GEN-N": at most 50 characters, letters, digits,
 * hyphens and spaces, as Tailscale allows. */
void kd_description(const struct kd_identity *identity,
                    const struct kd_request *attempt, char ret_text[static 51]);
/* false: not a description of this instance */
bool kd_description_parse(const struct kd_identity *identity, const char *text,
                          struct kd_listed *ret_listed);

#endif
