/*
 * edge-auth key metrics: what edge-keyd counted and what the store knows of
 * keys and joins, as Prometheus text or JSON.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "au_keyd.h"

#define MARKS (EA_MARK_UNKNOWN + 1)
#define STATES (EA_STATE_RETIRED + 1)
#define HOLDS (EA_HOLD_CLONE + 1)

/* Families in the order they are printed; edge-keyd's come as it sends them,
 * and one that is not here gets a line of its own making. */
static const struct family {
    const char *name, *help;
} families[] = {
    { "edge_auth_enrollments", "Nodes by the state of their enrollment." },
    { "edge_auth_enrollments_closed",
      "Nodes that are armed, claimed or delivered, and whose time is over." },
    { "edge_auth_enrollments_held", "Nodes held, by the evidence." },
    { "edge_auth_nodes_with_minted_key", "Nodes whose key edge-keyd mints." },
    { "edge_auth_delivered_not_joined",
      "Nodes with a minted key whose config left, and that did not join." },
    { "edge_auth_delivered_not_joined_oldest_seconds",
      "Since the config of the one that waits longest left; 0: none." },
    { "edge_auth_delivered_overdue", "Of those, the ones out of time." },
    { "edge_auth_keys_recorded", "Keys that records name." },
    { "edge_auth_keys_to_delete", "Keys that the gate has yet to delete." },
    { "edge_auth_last_join_timestamp_seconds",
      "When a node was last seen to join, since 1970; 0: never." },
    { "edge_auth_marks_total", "Events of the audit, by their mark." },
    { "edge_keyd_up", "Did edge-keyd answer?" },
    { "edge_keyd_keys_minted_total", "Keys the provider gave." },
    { "edge_keyd_keys_repeated_total",
      "Keys given again to the attempt they were minted for." },
    { "edge_keyd_keys_used_total", "Checks that found a key used." },
    { "edge_keyd_keys_deleted_total", "Keys deleted at the provider." },
    { "edge_keyd_keys_orphaned_total",
      "Unused keys found at the provider that edge-keyd does not hold." },
    { "edge_keyd_access_tokens_total", "Access tokens got." },
    { "edge_keyd_api_requests_total", "Requests to the provider." },
    { "edge_keyd_api_answers_total", "Answers of the provider, by code." },
    { "edge_keyd_api_microseconds_total", "Time that those took." },
    { "edge_keyd_api_slowest_microseconds", "The slowest of late." },
    { "edge_keyd_ceilings_total", "Keys refused at a site's ceiling." },
    { "edge_keyd_requests_total", "Requests of the gate, by kind." },
    { "edge_keyd_failures_total", "Requests that failed, by reason." },
    { "edge_keyd_keys_held", "Keys in edge-keyd's memory." },
    { "edge_keyd_requests_queued", "Requests that wait." },
    { "edge_keyd_breaker_open", "Is the provider left alone for a while?" },
    { "edge_keyd_start_time_seconds", "When edge-keyd started, since 1970." },
    { "edge_keyd_credential_expiry_seconds",
      "When the credential ends, since 1970." },
};
#define FAMILIES (sizeof(families) / sizeof(families[0]))

struct figures {
    const struct au *au;
    uint64_t states[STATES], holds[HOLDS], marks[MARKS];
    uint64_t closed, minted, waiting, oldest, overdue, keys, deletes, joined;
};

static bool
count_node(void *context, const struct ea_node *node,
           const struct ea_record *record)
{
    struct figures *f = context;
    bool closed = ea_record_is_closed(record, f->au->now);

    f->states[record->state]++;
    f->holds[record->hold]++;
    f->closed += closed;
    if (node->key != EA_KEYS_MINT) {
        return true;
    }
    f->minted++;
    if (record->state == EA_STATE_DELIVERED) {
        uint64_t age = record->exposed && f->au->now > record->exposed_at
                           ? f->au->now - record->exposed_at
                           : 0;

        f->waiting++;
        f->overdue += closed;
        f->oldest = age > f->oldest ? age : f->oldest;
    }
    return true;
}

/* Also of nodes that left the import. */
static bool
count_keys(struct ea_view *view, struct figures *f, struct ea_error *err)
{
    struct ea_bytes key = { NULL, 0 }, value;
    struct ea_record record;
    enum ea_found found;

    while ((found = ea_view_next(view, EA_TABLE_ENROLL, &key, &value, NULL)) ==
           EA_FOUND) {
        if (!ea_record_decode(value, &record, err)) {
            return false;
        }
        f->keys += record.keys_count;
        f->deletes += record.delete_count;
    }
    return found == EA_FOUND_ABSENT ||
           ea_fail(err, EA_E_UNAVAILABLE, "cannot read the store");
}

/* No value of an event has a quote that is not escaped: this is the member. */
static void
count_mark(struct ea_bytes line, struct figures *f)
{
    char member[32];
    json_t *event;

    for (size_t i = EA_MARK_NONE + 1; i < MARKS; i++) {
        int len = snprintf(member, sizeof(member), "\"mark\":\"%s\"",
                           ea_mark_word((enum ea_mark)i));

        if (memmem(line.ptr, line.len, member, (size_t)len) == NULL) {
            continue;
        }
        f->marks[i]++;
        if (i == EA_MARK_JOINED) {
            event = json_loadb(line.ptr, line.len, 0, NULL);
            f->joined =
                (uint64_t)json_integer_value(json_object_get(event, "time"));
            json_decref(event);
        }
    }
}

static bool
count_marks(struct ea_view *view, struct figures *f, struct ea_error *err)
{
    struct ea_bytes key = { NULL, 0 }, value;
    enum ea_found found;

    while ((found = ea_view_next(view, EA_TABLE_AUDIT, &key, &value, NULL)) ==
           EA_FOUND) {
        if (value.len < EA_SHA256_LEN) {
            return ea_fail(err, EA_E_CONFLICT,
                           "the audit is damaged; see `edge-auth audit "
                           "verify`");
        }
        count_mark((struct ea_bytes){ value.ptr + EA_SHA256_LEN,
                                      value.len - EA_SHA256_LEN },
                   f);
    }
    return found == EA_FOUND_ABSENT ||
           ea_fail(err, EA_E_UNAVAILABLE, "cannot read the store");
}

static bool
count_all(struct au *au, struct figures *f, struct ea_error *err)
{
    struct ea_view *view;
    bool good;

    f->au = au;
    if (!au_scan_nodes(au, count_node, f, err)) {
        return false;
    }
    view = ea_store_view(au->store, err);
    good =
        view != NULL && count_keys(view, f, err) && count_marks(view, f, err);
    ea_view_close(view);
    return good;
}

/* ---- samples ---- */

static void
add(json_t *samples, const char *name, uint64_t value)
{
    json_object_set_new(samples, name, json_integer((json_int_t)value));
}

static void
add_labelled(json_t *samples, const char *name, const char *label,
             const char *word, uint64_t value)
{
    char text[128];

    (void)snprintf(text, sizeof(text), "%s{%s=\"%s\"}", name, label, word);
    add(samples, text, value);
}

static json_t *
samples_of(const struct figures *f)
{
    json_t *s = json_object();

    for (size_t i = 0; i < STATES; i++) {
        add_labelled(s, "edge_auth_enrollments", "state",
                     ea_state_word((enum ea_state)i), f->states[i]);
    }
    add(s, "edge_auth_enrollments_closed", f->closed);
    for (size_t i = EA_HOLD_NONE + 1; i < HOLDS; i++) {
        add_labelled(s, "edge_auth_enrollments_held", "hold",
                     ea_hold_word((enum ea_hold)i), f->holds[i]);
    }
    add(s, "edge_auth_nodes_with_minted_key", f->minted);
    add(s, "edge_auth_delivered_not_joined", f->waiting);
    add(s, "edge_auth_delivered_not_joined_oldest_seconds", f->oldest);
    add(s, "edge_auth_delivered_overdue", f->overdue);
    add(s, "edge_auth_keys_recorded", f->keys);
    add(s, "edge_auth_keys_to_delete", f->deletes);
    add(s, "edge_auth_last_join_timestamp_seconds", f->joined);
    for (size_t i = EA_MARK_NONE + 1; i < MARKS; i++) {
        add_labelled(s, "edge_auth_marks_total", "mark",
                     ea_mark_word((enum ea_mark)i), f->marks[i]);
    }
    return s;
}

static bool
is_of(const char *sample, const char *family, size_t len)
{
    return strncmp(sample, family, len) == 0 &&
           (sample[len] == '\0' || sample[len] == '{');
}

static void
print_family(FILE *out, json_t *samples, const char *name, size_t len)
{
    const char *help = "A figure of edge-keyd.", *sample;
    bool counts = len > 6 && strncmp(name + len - 6, "_total", 6) == 0;
    json_t *value;

    for (size_t i = 0; i < FAMILIES; i++) {
        if (strlen(families[i].name) == len &&
            strncmp(families[i].name, name, len) == 0) {
            help = families[i].help;
        }
    }
    fprintf(out, "# HELP %.*s %s\n# TYPE %.*s %s\n", (int)len, name, help,
            (int)len, name, counts ? "counter" : "gauge");
    json_object_foreach(samples, sample, value)
    {
        if (!is_of(sample, name, len)) {
            continue;
        }
        if (json_is_integer(value)) {
            fprintf(out, "%s %" PRId64 "\n", sample,
                    (int64_t)json_integer_value(value));
        } else {
            fprintf(out, "%s %.17g\n", sample, json_number_value(value));
        }
    }
}

/* Each family once, with all its samples, where its first one stands. */
static void
print_samples(FILE *out, json_t *samples)
{
    const char *sample, *before;
    json_t *value;

    json_object_foreach(samples, sample, value)
    {
        size_t len = strcspn(sample, "{");
        bool first = true;
        json_t *unused;

        json_object_foreach(samples, before, unused)
        {
            if (before == sample) {
                break;
            }
            first = first && !is_of(before, sample, len);
        }
        if (first) {
            print_family(out, samples, sample, len);
        }
    }
}

/* ---- the collector's file ---- */

/* Beside it under a name that no collector takes, then in its place. */
static bool
write_aside(const char *path, const char *text, size_t len,
            struct ea_error *err)
{
    char aside[4096];
    bool good;
    int fd;

    if ((size_t)snprintf(aside, sizeof(aside), "%s.XXXXXX", path) >=
        sizeof(aside)) {
        return ea_fail(err, EA_E_RANGE, "the path is too long");
    }
    fd = mkostemp(aside, O_CLOEXEC);
    if (fd < 0) {
        ea_fail(err, EA_E_UNAVAILABLE, "cannot be made: %s", strerror(errno));
        ea_error_at(err, path, 0, 0);
        return false;
    }
    good = au_write_all(fd, text, len) && fchmod(fd, 0644) == 0;
    good = close(fd) == 0 && good && rename(aside, path) == 0;
    if (!good) {
        ea_fail(err, EA_E_UNAVAILABLE, "cannot be written: %s",
                strerror(errno));
        ea_error_at(err, path, 0, 0);
        (void)unlink(aside);
    }
    return good;
}

static bool
write_textfile(const struct au *au, json_t *samples, struct ea_error *err)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);
    struct ea_error own = { 0 };
    bool good;

    if (out == NULL) {
        return ea_fail(err, EA_E_INTERNAL, "out of memory");
    }
    print_samples(out, samples);
    good = ferror(out) == 0;
    good = fclose(out) == 0 && good;
    if (!good) {
        free(text);
        return ea_fail(err, EA_E_INTERNAL, "out of memory");
    }
    au_step_up(au);
    good = write_aside(au->args->textfile, text, len, err);
    free(text);
    if (!au_step_down(au, &own) && good) {
        *err = own;
        return false;
    }
    return good;
}

static bool
is_textfile(const char *path)
{
    size_t len = strlen(path);

    return len > 5 && strcmp(path + len - 5, ".prom") == 0 &&
           path[len - 6] != '/';
}

static enum au_exit
show(const struct au *au, json_t *samples)
{
    struct ea_error err = { 0 };

    if (au->args->textfile != NULL && !write_textfile(au, samples, &err)) {
        return au_failed(&err);
    }
    if (au->args->json) {
        au_print_json(json_pack("{s:O}", "metrics", samples));
    } else if (au->args->textfile == NULL) {
        print_samples(stdout, samples);
    }
    return AU_OK;
}

enum au_exit
au_key_metrics(const struct au_args *args)
{
    struct ea_error err = { 0 };
    struct figures figures = { 0 };
    enum au_exit status;
    json_t *samples, *keyd;
    uint64_t unused;
    struct au au;

    if (!au_keyd_timeout(args, &unused, &err)) {
        return au_error(AU_USAGE, "%s", err.message);
    }
    if (args->textfile != NULL && !is_textfile(args->textfile)) {
        return au_error(AU_USAGE,
                        "--textfile '%s': node_exporter reads files "
                        "that end in '.prom'",
                        args->textfile);
    }
    if (!au_open(args, &au, &err)) {
        return au_failed(&err);
    }
    if (!count_all(&au, &figures, &err)) {
        au_close(&au);
        return au_failed(&err);
    }
    samples = samples_of(&figures);
    keyd = au_keyd_figures(args, &err);
    add(samples, "edge_keyd_up", keyd != NULL);
    if (keyd != NULL) {
        (void)json_object_update_missing(samples, keyd);
        json_decref(keyd);
    }
    status = show(&au, samples);
    json_decref(samples);
    au_close(&au);
    return status;
}
