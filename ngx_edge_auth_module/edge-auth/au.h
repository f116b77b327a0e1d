/*
 * edge-auth: what its subcommands share. A subcommand is a row in a table
 * (au_command.c); it gets the parsed command line, opens what it needs, and
 * returns an exit status. It prints results to standard output, as text or as
 * one JSON object, and one error to standard error.
 */
#ifndef AU_H
#define AU_H

#include <sys/types.h>

#include <jansson.h>

#include "ea_audit.h"
#include "ea_clock.h"
#include "ea_commit.h"
#include "ea_gather.h"

enum au_exit {
    AU_OK = 0,
    AU_REFUSED = 1,     /* not found, does not apply, input out of form */
    AU_USAGE = 2,       /* wrong command line */
    AU_UNAVAILABLE = 3, /* store, pepper, clock or edge-keyd cannot be used */
    AU_UNFINISHED = 4   /* node retire: something is left, run it again */
};

#define AU_STORE_DEFAULT EA_STATEDIR "/store"
#define AU_PEPPER_DEFAULT EA_CONFDIR "/pepper"

/* The command line, each option by its name in au_options. NULL or false: not
 * given. */
struct au_args {
    const char *operand; /* NODE, FILE, WORD */
    const char *store, *pepper, *owner, *ttl, *by, *out, *dnsmasq;
    const char *uuid, *mac, *serial;
    const char *keyd, *timeout, *textfile, *site, *tags, *hostname;
    bool json, lab, accept, forget, allow_changed, rollback;
};

/* An open store with the time. */
struct au {
    const struct au_args *args;
    struct ea_store *store;
    struct ea_meta meta; /* as read when it was opened */
    struct ea_gate gate;
    uint64_t now;
    uid_t owner; /* of the store; what the process acts as between open and */
    gid_t group; /* close, when root runs it */
    char actor[64]; /* user name of whoever typed, for the audit */
};

typedef enum au_exit au_run(const struct au_args *args);

/* ---- messages (au_print.c) ---- */

/* "edge-auth: message" on standard error; returns the status given. */
enum au_exit au_error(enum au_exit status, const char *format, ...)
    EA_PRINTF(2, 3);
/* The same from an error, with its place. The status follows from its code. */
enum au_exit au_failed(const struct ea_error *err);
/* Prints and drops the reference. */
void au_print_json(json_t *object);
/* "2026-11-24T21:00:00Z"; "-" for 0. */
const char *au_time(uint64_t seconds, char ret_text[static 32]);

/* ---- the store (au_open.c) ---- */

/* As root, becomes the owner of the store first. Reads meta, gate and the
 * clock. On failure nothing is left open. */
EA_MUST_CHECK bool au_open(const struct au_args *args, struct au *ret_au,
                           struct ea_error *err);
void au_close(struct au *au);

/* Reads the pepper file, whose mode must be 0640 or stricter. */
EA_MUST_CHECK bool au_open_pepper(const struct au_args *args,
                                  struct ea_pepper *ret_pepper,
                                  struct ea_error *err);

/* Acts as `owner` from here on; does nothing unless root runs this. The real
 * user stays root: au_step_up. */
EA_MUST_CHECK bool au_become(uid_t owner, gid_t group, struct ea_error *err);

/* All of it, whatever a call takes at a time; errno otherwise. */
EA_MUST_CHECK bool au_write_all(int fd, const char *text, size_t len);

/* As root: acts as root again, for a file of the caller's, and back. */
void au_step_up(const struct au *au);
EA_MUST_CHECK bool au_step_down(const struct au *au, struct ea_error *err);

/* The clocks now. boot_id is cut to EA_UUID_LEN. */
EA_MUST_CHECK bool au_read_clock(struct ea_clock_reading *ret_reading,
                                 char ret_boot_id[static EA_UUID_LEN + 1],
                                 struct ea_error *err);

/* Replaces meta, if it is still the one that was read. */
EA_MUST_CHECK bool au_write_meta(struct au *au, const struct ea_meta *meta,
                                 const char *action, struct ea_error *err);

/* One event that changes no record, on behalf of a node; `credential` is the id
 * of a key or device. */
EA_MUST_CHECK bool au_write_event(struct au *au, const char *action,
                                  const struct ea_node *node,
                                  const char *credential, struct ea_error *err);

/* ---- one verb on one node (au_verb.c) ---- */

struct au_verb {
    enum ea_event event;
    const char *action; /* for the audit */
    uint64_t ttl;       /* arm: 0 is the site's */
    uint64_t by;        /* extend */
    bool forget;
    /* arm with a token: made here, in the same step */
    const struct ea_claims *token;
};

/* Decides and writes; decides again when somebody else was faster. ret_case
 * holds the node with its new record. */
EA_MUST_CHECK bool au_verb_run(struct au *au, const char *node,
                               const struct au_verb *verb,
                               struct ea_case *ret_case, struct ea_error *err);

/* Looks a node up; "no node 'x'" with the nearest name is the error. */
EA_MUST_CHECK bool au_find_node(struct au *au, const char *node,
                                struct ea_case *ret_case, struct ea_error *err);

/* ---- iteration (au_scan.c) ---- */

/* Calls `each` for every node of the import in force, in the order of their
 * numbers, until it returns false. */
typedef bool au_each_node(void *context, const struct ea_node *node,
                          const struct ea_record *record);
EA_MUST_CHECK bool au_scan_nodes(struct au *au, au_each_node *each,
                                 void *context, struct ea_error *err);

typedef bool au_each_token(void *context, struct ea_bytes key,
                           const struct ea_token_row *row);
EA_MUST_CHECK bool au_scan_tokens(struct au *au, au_each_token *each,
                                  void *context, struct ea_error *err);

/* ---- subcommands ---- */

au_run au_store_init, au_store_check, au_store_clock;
au_run au_node_import, au_node_list, au_node_show, au_node_arm, au_node_confirm,
    au_node_retire;
au_run au_token_create, au_token_list, au_token_show, au_token_extend,
    au_token_revoke;
au_run au_key_mint, au_key_metrics;
au_run au_explain, au_audit_show, au_audit_verify;

#endif
