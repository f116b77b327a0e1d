/*
 * edge-keyd's configuration: one JSON object, every member in one table. The
 * secret stands in a file of its own, or comes as a systemd credential.
 */
#ifndef KD_CONFIG_H
#define KD_CONFIG_H

#include <stdio.h>
#include <sys/types.h>

#include "kd_provider.h"

#define KD_FILE_MAX 65536 /* bytes of configuration */
#define KD_USERS_MAX 8
#define KD_TAG_RULES_MAX 64

/* All text is owned and NUL-terminated. */
struct kd_config {
    const struct kd_provider *provider;
    char *base_url;
    char *instance, *tailnet, *client_id, *user;
    char *secret_file, *secret_credential, *secret_expires;
    uint64_t secret_ends; /* secret_expires as seconds since 1970; 0: never */
    char *ca_file;        /* NULL: the system's */
    char *socket;
    char *users[KD_USERS_MAX]; /* who may connect, besides root */
    uid_t uids[KD_USERS_MAX];
    size_t users_count;
    char *tags[KD_TAG_RULES_MAX]; /* exact, or with a "*" at the end */
    size_t tags_count;
    uint32_t per_hour, per_day, queue, timeout;
    struct ea_keyd_key secret; /* set by kd_config_read_secret */
};

/* Reads and checks everything but the secret; err has file, line and column for
 * JSON errors, file and member for the rest. It quotes values of members, but
 * nothing of a file that is no JSON: that may be the secret's. */
EA_MUST_CHECK bool kd_config_load(const char *path, struct kd_config *ret,
                                  struct ea_error *err);

/* The file's first line. Refuses one that is not the user's own (or root's),
 * that others may read, that is empty or longer than a key, or that does not
 * look like a secret of the provider; names no byte of it. */
EA_MUST_CHECK bool kd_config_read_secret(struct kd_config *config,
                                         struct ea_error *err);

/* Wipes the secret. */
void kd_config_clear(struct kd_config *config);

bool kd_config_allows_tag(const struct kd_config *config, const char *tag);
struct kd_identity kd_config_identity(const struct kd_config *config);

/* The table, for --help. */
void kd_config_print(FILE *out);

#endif
