/*
 * Why a request was answered as it was: one table from which replies, audit,
 * metrics, the man page and the runbook are made.
 */
#ifndef EA_REASON_H
#define EA_REASON_H

#include "ea_types.h"

/* The order is the order of the table; words never change their meaning. */
enum ea_reason {
    EA_REASON_NONE = 0, /* refuses like unknown: a zeroed decision says no */
    /* before a record is looked at */
    EA_REASON_PATH,           /* not in the stage table */
    EA_REASON_METHOD,         /* not GET, or HEAD where HEAD changes nothing */
    EA_REASON_MISSING,        /* no credential */
    EA_REASON_MALFORMED,      /* credential, header or query does not parse */
    EA_REASON_CARRIERS,       /* two carriers that disagree */
    EA_REASON_FORGED,         /* wrong tag */
    EA_REASON_ASSET,          /* no such file in the list */
    EA_REASON_CERT_MISSING,   /* no certificate */
    EA_REASON_CERT_EXPIRED,   /* or not valid yet */
    EA_REASON_CERT_REVOKED,   /* it, or a CA above it */
    EA_REASON_CERT_UNTRUSTED, /* does not verify: unknown CA, wrong use, ... */
    EA_REASON_CERT_CRL,       /* revocation cannot be told: a CRL ran out */
    EA_REASON_CERT_IDENTITY,  /* SAN: not exactly one, other domain or site */
    /* decisions of the state table, words as in the model */
    EA_REASON_UNKNOWN,
    /* row 2 too, where the other one of two credentials is genuine */
    EA_REASON_LISTENER,      /* no certificate: this listener asks for none */
    EA_REASON_TOKEN_MISSING, /* the certificate is right, the site wants both */
    EA_REASON_STORE,
    EA_REASON_KEYD,
    EA_REASON_JOINED,
    EA_REASON_CLOSED,
    EA_REASON_OVERTAKEN,
    EA_REASON_IDS,
    EA_REASON_CERT,
    EA_REASON_WINDOW,
    EA_REASON_UUID,
    EA_REASON_ROLE,
    EA_REASON_COUNT,
    EA_REASON_SOURCE,
    EA_REASON_HELD,
    EA_REASON_PENDING,
    EA_REASON_SLOTS,
    EA_REASON_ATTEMPTS,
    EA_REASON_REDELIVER,
    EA_REASON_SUPERSEDED,
    EA_REASON_CLONE,
    EA_REASON_CLAIMED,
    EA_REASON_APPROVED,
    EA_REASON_AGAIN,
    EA_REASON_EXPOSED,
    EA_REASON_KEY,
    EA_REASON_WHOLE,
    EA_REASON_ALARM,
    EA_REASON_ARMED,
    EA_REASON_EXTENDED,
    EA_REASON_REVOKED,
    EA_REASON_RETIRED,
    EA_REASON_DENIED,
    EA_REASON_REBOUND,
    EA_REASON_GENERATIONS,
    EA_REASON_SLOT,
    EA_REASON_TICKET,
    EA_REASON_STATE, /* verb does not apply to this state */
    /* upstream and body */
    EA_REASON_UPSTREAM,    /* Matchbox: error, timeout, short or too long */
    EA_REASON_DIGEST,      /* body is not the one on record */
    EA_REASON_BODY,        /* no v1alpha1 document, a private key, ... */
    EA_REASON_PLACEHOLDER, /* key placeholder left or not exactly once */
    EA_REASON_LITERAL,     /* ${uuid} was not filled in */
    EA_REASON_SCRIPT,      /* no #!ipxe in front */
    EA_REASON_COUNT_OF
};

struct ea_reason_row {
    const char *word;    /* stable: audit, metrics, logs */
    uint16_t status;     /* HTTP status on the config leg and for assets */
    const char *code;    /* first bytes of an error body, at most 32: what Talos
                            shows on its console */
    const char *console; /* what the operator is told in a refusal script; ""
                            gives the uniform text; no character that iPXE's
                            shell knows */
    const char *remedy;  /* what to do, a sentence without full stop */
    bool alarm;
};

#define EA_REASON_CODE_MAX 32

const struct ea_reason_row *ea_reason_row(enum ea_reason reason);
/* EA_REASON_NONE if there is no such word. */
enum ea_reason ea_reason_find(struct ea_bytes word);

#endif
