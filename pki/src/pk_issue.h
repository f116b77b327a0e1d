/*
 * Issuing one leaf into DIR/issued: key, certificate and the forms consumers
 * take, all at once or not at all.
 */
#ifndef PK_ISSUE_H
#define PK_ISSUE_H

#include "ea_types.h"
#include "pk_args.h"
#include "pk_cert.h"
#include "pk_trust.h"

struct pk_leaf {
    enum pk_profile_id profile;
    const char *ca;         /* folder of the CA that signs */
    const char *kind;       /* folder below issued/ */
    const char *name;       /* folder below issued/<kind>/ */
    const char *common;     /* subject CN, for people only */
    const char *unit;       /* subject OU or NULL */
    const char *names;      /* subject alternative names */
    enum pk_trust_id trust; /* by which it has to hold */
    bool with_chain;        /* chain.pem: the CAs up to the root follow */
    bool with_der;          /* cert.der, key.der for iPXE */
    bool keep_key; /* a renewal certifies the key that is there again */
};

/* What "boot", "config" or "client" stands for; name, common, unit and names
 * are the caller's to fill in. False: another word. */
bool pk_leaf_of_kind(const char *kind, struct pk_leaf *ret_leaf);

/* Makes it, or finds that the same certificate is there and says so. Something
 * else in its place is EA_E_CONFLICT and stays as it is; with --renew a new key
 * and certificate take the place in one step and the old ones are kept below
 * retired/. In a dry run it says what it would do. */
EA_MUST_CHECK bool pk_issue(const struct pk_args *args,
                            const struct pk_leaf *leaf, struct ea_error *err);

#endif
