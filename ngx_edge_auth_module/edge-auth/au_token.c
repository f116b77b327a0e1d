/* edge-auth token: create, list, show. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "au_dnsmasq.h"
#include "ea_number.h"

#define BOOT_URL_MAX (EA_URL_MAX + EA_TOKEN_LEN + 16)

static bool
make_token(const struct au_args *args, struct ea_secret_text *ret_token,
           struct ea_claims *ret_claims, struct ea_error *err)
{
    uint8_t random[EA_TOKEN_RANDOM_LEN];
    struct ea_pepper pepper = { 0 };
    bool good;

    if (!au_open_pepper(args, &pepper, err)) {
        return false;
    }
    if (getrandom(random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
        ea_pepper_release(&pepper);
        return ea_fail(err, EA_E_INTERNAL, "no randomness: %s",
                       strerror(errno));
    }
    good = ea_token_make(&pepper, random, ret_token, ret_claims, err);
    ea_wipe(random, sizeof(random));
    ea_pepper_release(&pepper);
    return good;
}

/* The new file, before anything is armed: an enrollment whose token nobody got
 * would be of no use. */
static bool
open_out(const struct au *au, const char *path, int *ret_fd,
         struct ea_error *err)
{
    int failed;

    au_step_up(au);
    *ret_fd =
        open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);
    failed = errno;
    if (!au_step_down(au, err)) {
        return false;
    }
    errno = failed;
    if (*ret_fd < 0) {
        ea_fail(err, EA_E_REFUSED,
                errno == EEXIST ? "is there already and is not replaced"
                                : "cannot be made: %s",
                strerror(errno));
        ea_error_at(err, path, 0, 0);
        return false;
    }
    return true;
}

static bool
write_out(const char *path, int fd, const char *url, struct ea_error *err)
{
    bool good = au_write_all(fd, url, strlen(url)) &&
                au_write_all(fd, "\n", 1) && fsync(fd) == 0;

    if (!good) {
        ea_fail(err, EA_E_UNAVAILABLE,
                "cannot be written: %s; the token is lost, create another",
                strerror(errno));
        ea_error_at(err, path, 0, 0);
    }
    return good;
}

/* Whether a site's machines show tokens, and on which listener. */
static bool
find_listener(const struct ea_case *c, const struct ea_gate *gate,
              const char **ret_url, struct ea_error *err)
{
    switch (c->site.require) {
    case EA_REQUIRE_TOKEN:
        *ret_url = gate->boot;
        return true;
    case EA_REQUIRE_TOKEN_CERT:
        *ret_url = gate->boot_mtls;
        return true;
    case EA_REQUIRE_CERT:
        return ea_fail(err, EA_E_REFUSED,
                       "site '%s' takes certificates, no tokens; "
                       "`edge-auth node arm %s` opens an enrollment",
                       c->site.name, c->node.name);
    case EA_REQUIRE_NONE:
        break;
    }
    return ea_fail(err, EA_E_REFUSED, "site '%s' requires nothing known",
                   c->site.name);
}

/* What is printed is no secret if a file has it. */
static void
print_token(const struct au_args *args, const struct ea_case *c,
            const struct ea_claims *claims, const struct ea_secret_text *token,
            const char *url)
{
    bool kept = args->out != NULL || args->dnsmasq != NULL;
    char until[32], file[EA_NAME_MAX + 256];

    (void)snprintf(file, sizeof(file), "%s/%s.conf",
                   args->dnsmasq ? args->dnsmasq : "", c->node.name);
    (void)au_time(c->record.expiry, until);
    if (args->json) {
        /* "s*": left out where it is NULL */
        au_print_json(json_pack(
            "{s:s, s:s, s:I, s:s*, s:s*, s:s*, s:s*}", "node", c->node.name,
            "id", claims->id, "expiry", (json_int_t)c->record.expiry, "out",
            args->out, "dnsmasq", args->dnsmasq ? file : NULL, "token",
            kept ? NULL : token->text, "boot_url", kept ? NULL : url));
    } else if (kept) {
        printf("%s: armed until %s, token %s, boot URL in %s%s%s\n",
               c->node.name, until, claims->id, args->out ? args->out : "",
               args->out && args->dnsmasq ? " and " : "",
               args->dnsmasq ? file : "");
    } else {
        printf("%s: armed until %s, token %s; this is shown once:\n\n%s\n\n%s"
               "\n",
               c->node.name, until, claims->id, token->text, url);
    }
}

/* The files that the boot URL goes to: made before anything is armed. */
struct files {
    int out;
    struct au_dnsmasq dnsmasq;
};

/* Last of all: the rest of the process is an error message. */
static void
drop_files(const struct au *au, struct files *files)
{
    if (files->out >= 0) {
        au_step_up(au);
        (void)unlink(au->args->out);
        (void)close(files->out);
    }
    if (files->dnsmasq.fd >= 0) {
        au_dnsmasq_drop(au, &files->dnsmasq);
    }
}

static bool
make_files(const struct au *au, const struct ea_case *c, const char *base,
           struct files *ret_files, struct ea_error *err)
{
    struct files files = { .out = -1, .dnsmasq = { .fd = -1 } };
    const struct au_args *args = au->args;

    if ((args->out != NULL && !open_out(au, args->out, &files.out, err)) ||
        (args->dnsmasq != NULL &&
         !au_dnsmasq_write(au, args->dnsmasq, c, base, &files.dnsmasq, err))) {
        drop_files(au, &files);
        return false;
    }
    *ret_files = files;
    return true;
}

/* The node is armed: both are tried whatever becomes of the first. */
static bool
finish_files(const struct au *au, struct files *files, const char *url,
             struct ea_error *err)
{
    struct ea_error second = { 0 };
    bool good = true, replaced = true;

    if (files->dnsmasq.fd >= 0) {
        replaced = au_dnsmasq_replace(au, &files->dnsmasq, &second);
    }
    if (files->out >= 0) {
        good = write_out(au->args->out, files->out, url, err);
        (void)close(files->out);
    }
    if (good && !replaced) {
        *err = second;
    }
    return good && replaced;
}

static bool
create(struct au *au, struct au_verb *verb, struct ea_error *err)
{
    const struct au_args *args = au->args;
    struct ea_secret_text token;
    struct ea_claims claims;
    char url[BOOT_URL_MAX], base[BOOT_URL_MAX];
    const char *listener = NULL;
    struct files files;
    struct ea_case c;
    bool good;

    if (!au_find_node(au, args->operand, &c, err) ||
        !find_listener(&c, &au->gate, &listener, err) ||
        !make_token(args, &token, &claims, err)) {
        return false;
    }
    (void)snprintf(base, sizeof(base), "%s/t/%s", listener, token.text);
    (void)snprintf(url, sizeof(url), "%s/t/%s/boot.ipxe", listener, token.text);
    good = make_files(au, &c, base, &files, err);
    if (good) {
        verb->token = &claims;
        good = au_verb_run(au, args->operand, verb, &c, err);
        if (!good) {
            drop_files(au, &files);
        }
    }
    good = good && finish_files(au, &files, url, err);
    if (good) {
        print_token(args, &c, &claims, &token, url);
    }
    ea_wipe(&token, sizeof(token));
    ea_wipe(url, sizeof(url));
    ea_wipe(base, sizeof(base));
    return good;
}

enum au_exit
au_token_create(const struct au_args *args)
{
    struct au_verb verb = { .event = EA_EVENT_ARM,
                            .action = "token",
                            .forget = args->forget };
    struct ea_error err = { 0 };
    struct au au;
    bool good;

    if (args->ttl != NULL &&
        !ea_duration_parse(ea_bytes_of(args->ttl), EA_TTL_MIN, EA_TTL_MAX,
                           "--ttl", &verb.ttl, &err)) {
        return au_error(AU_USAGE, "%s", err.message);
    }
    if (!au_open(args, &au, &err)) {
        return au_failed(&err);
    }
    good = create(&au, &verb, &err);
    au_close(&au);
    return good ? AU_OK : au_failed(&err);
}

/* ---- list, show ---- */

struct search {
    const char *id; /* NULL: all */
    struct ea_token_row *rows;
    size_t count, room;
    bool full;
};

static bool
collect(void *context, struct ea_bytes key, const struct ea_token_row *row)
{
    struct search *search = context;
    struct ea_token_row *more;

    (void)key;
    if (search->id != NULL && strcmp(search->id, row->id) != 0) {
        return true;
    }
    if (search->count == search->room) {
        search->room = search->room == 0 ? 64 : 2 * search->room;
        more = realloc(search->rows, search->room * sizeof(*more));
        if (more == NULL) {
            search->full = true;
            return false;
        }
        search->rows = more;
    }
    search->rows[search->count++] = *row;
    return true;
}

struct matching {
    const struct au *au;
    const struct search *search;
    json_t *list; /* NULL: text */
};

/* Is this what the node's record waits for? */
static const char *
status_of(const struct au *au, const struct ea_token_row *token,
          const struct ea_record *record)
{
    if (token->gen != record->gen || token->epoch != au->meta.epoch ||
        record->epoch != au->meta.epoch || record->state == EA_STATE_REVOKED ||
        record->state == EA_STATE_RETIRED) {
        return "void";
    }
    return ea_record_is_closed(record, au->now) ? "closed"
                                                : ea_state_word(record->state);
}

static bool
match(void *context, const struct ea_node *node, const struct ea_record *record)
{
    struct matching *matching = context;
    char created[32];

    for (size_t i = 0; i < matching->search->count; i++) {
        const struct ea_token_row *token = &matching->search->rows[i];
        const char *status = status_of(matching->au, token, record);

        if (token->number != node->number) {
            continue;
        }
        if (matching->list != NULL) {
            json_array_append_new(
                matching->list,
                json_pack("{s:s, s:s, s:s, s:s, s:I, s:I}", "id", token->id,
                          "node", node->name, "site", node->site, "status",
                          status, "gen", (json_int_t)token->gen, "created",
                          (json_int_t)token->created));
        } else {
            printf("%-11s %-24s %-10s %s\n", token->id, node->name, status,
                   au_time(token->created, created));
        }
    }
    return true;
}

static enum au_exit
list(const struct au_args *args)
{
    struct search search = { .id = args->operand };
    struct matching matching = { .search = &search };
    struct ea_error err = { 0 };
    struct au au;
    bool good;

    if (!au_open(args, &au, &err)) {
        return au_failed(&err);
    }
    matching.au = &au;
    matching.list = args->json ? json_array() : NULL;
    good = au_scan_tokens(&au, collect, &search, &err);
    if (good && search.full) {
        good = ea_fail(&err, EA_E_INTERNAL, "out of memory");
    }
    if (good && search.id != NULL && search.count == 0) {
        good = ea_fail(&err, EA_E_UNKNOWN,
                       "no token has the id '%s': the ten characters behind "
                       "the prefix",
                       search.id);
    }
    if (good && !args->json) {
        printf("%-11s %-24s %-10s %s\n", "ID", "NODE", "STATUS", "CREATED");
    }
    good = good && au_scan_nodes(&au, match, &matching, &err);
    free(search.rows);
    au_close(&au);
    if (!good) {
        json_decref(matching.list);
        return au_failed(&err);
    }
    if (args->json) {
        au_print_json(json_pack("{s:o}", "tokens", matching.list));
    }
    return AU_OK;
}

enum au_exit
au_token_list(const struct au_args *args)
{
    return list(args);
}

enum au_exit
au_token_show(const struct au_args *args)
{
    if (strlen(args->operand) != EA_TOKEN_ID_CHARS) {
        return au_error(AU_USAGE,
                        "a token's id is %d characters; never type the whole "
                        "token",
                        EA_TOKEN_ID_CHARS);
    }
    return list(args);
}
