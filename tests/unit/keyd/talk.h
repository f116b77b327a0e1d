/*
 * A provider without a network: a test gives the answers one by one and reads
 * what would be sent as text, "METHOD PATH[ BODY]".
 */
#ifndef TALK_H
#define TALK_H

#include "kd_provider.h"

#define TALK_NOW 1789990000u
#define TALK_SECRET "CANARY-secret"

struct talk {
    const struct kd_provider *provider;
    struct kd_request request;
    struct kd_identity identity;
    struct kd_keys *keys;
    struct kd_listing listing;
    struct kd_result result;
    struct kd_call call;
    struct kd_exchange exchange;
};

/* Request: attempt 12-3-2 with two tags, key k1, device n1. */
void talk_init(struct talk *talk, const struct kd_provider *provider,
               enum kd_op op);
void talk_release(struct talk *talk);

/* The first exchange, or what follows an answer; "done OUTCOME" at the end. The
 * text is valid until the next call. */
const char *talk_begin(struct talk *talk);
const char *talk_answer(struct talk *talk, long status, const char *body);

/* A further request of the same client: the listing stays. */
void talk_again(struct talk *talk, enum kd_op op, const char *id);

/* All of a request whose first answer this is must end with this outcome, and
 * give nothing. */
void talk_must_fail(const struct kd_provider *provider, enum kd_op op,
                    long status, const char *body,
                    enum ea_keyd_outcome outcome);

#endif
