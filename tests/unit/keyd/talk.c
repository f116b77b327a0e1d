/* A provider without a network: see talk.h. */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "talk.h"

static char rule[] = "tag:a*";
static char *const rules[] = { rule };

void
talk_init(struct talk *talk, const struct kd_provider *provider, enum kd_op op)
{
    *talk = (struct talk){
        .provider = provider,
        .request = { .op = op,
                     .number = 12,
                     .gen = 3,
                     .n = 2,
                     .node = "node-1",
                     .site = "site-1",
                     .hostname = "edge-1",
                     .tags_count = 2,
                     .tags = { "tag:a", "tag:b" },
                     .deadline = TALK_NOW + 3600,
                     .since = TALK_NOW,
                     .device = "1" },
        .identity = { .instance = "gate-a",
                      .tailnet = "-",
                      .client = "kClient",
                      .secret = TALK_SECRET,
                      .user = "3",
                      .tags = rules,
                      .tags_count = 1 },
        .keys = kd_keys_new(),
    };
    if (op != KD_OP_LIST) {
        memcpy(talk->request.id, "1", 2);
    }
    talk_again(talk, op, talk->request.id);
}

void
talk_release(struct talk *talk)
{
    kd_keys_free(talk->keys);
    kd_listing_clear(&talk->listing);
}

void
talk_again(struct talk *talk, enum kd_op op, const char *id)
{
    talk->request.op = op;
    memmove(talk->request.id, id, strlen(id) + 1);
    talk->result = (struct kd_result){ 0 };
    talk->call = (struct kd_call){ .request = &talk->request,
                                   .identity = &talk->identity,
                                   .keys = talk->keys,
                                   .listing = &talk->listing,
                                   .now = TALK_NOW,
                                   .result = &talk->result };
}

static const char *
step(struct talk *talk, const struct kd_response *last)
{
    static char text[KD_PATH_MAX + KD_BODY_MAX + 100];
    struct kd_exchange *exchange = &talk->exchange;

    /* whatever was there before must not show */
    memset(exchange, 'x', sizeof(*exchange));
    if (talk->provider->next(&talk->call, last, exchange) == KD_NEXT_DONE) {
        (void)snprintf(text, sizeof(text), "done %s",
                       ea_keyd_outcome_word(talk->result.outcome));
        return text;
    }
    talk->call.step++;
    ck_assert(exchange->with_token);
    ck_assert_ptr_null(strstr(exchange->path, "CANARY"));
    ck_assert_ptr_null(strstr(exchange->body, "CANARY"));
    (void)snprintf(text, sizeof(text), "%s %s%s%s", exchange->method,
                   exchange->path, exchange->content_type != NULL ? " " : "",
                   exchange->content_type != NULL ? exchange->body : "");
    return text;
}

const char *
talk_begin(struct talk *talk)
{
    return step(talk, NULL);
}

const char *
talk_answer(struct talk *talk, long status, const char *body)
{
    const struct kd_response last = { status, ea_bytes_of(body) };

    return step(talk, &last);
}

void
talk_must_fail(const struct kd_provider *provider, enum kd_op op, long status,
               const char *body, enum ea_keyd_outcome outcome)
{
    static const struct ea_keyd_minted no_key;
    struct talk talk;
    char wanted[40];

    talk_init(&talk, provider, op);
    ck_assert_int_ne(strncmp(talk_begin(&talk), "done", 4), 0);
    (void)snprintf(wanted, sizeof(wanted), "done %s",
                   ea_keyd_outcome_word(outcome));
    ck_assert_msg(strcmp(talk_answer(&talk, status, body), wanted) == 0,
                  "%s %ld %s: %s", kd_op_word(op), status, body,
                  ea_keyd_outcome_word(talk.result.outcome));
    if (op == KD_OP_MINT) {
        ck_assert_str_eq(talk.result.minted.key.text, no_key.key.text);
    }
    talk_release(&talk);
}
