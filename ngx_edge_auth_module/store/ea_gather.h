/*
 * From a credential and hardware ids to everything a decision needs: the one
 * way in which the gate and `edge-auth explain` read the store for a request.
 * Reads one view, writes nothing, decides nothing.
 */
#ifndef EA_GATHER_H
#define EA_GATHER_H

#include "ea_store.h"

/* The facts that were in force in one view. */
struct ea_case {
    struct ea_meta meta;
    struct ea_gate gate;
    struct ea_site site;
    struct ea_node node;
    struct ea_record
        record; /* zeroed but for number and rev 0 if never armed */
    struct ea_policy policy;
};

/* What was presented. Pointers may be NULL; they are borrowed for the call. */
struct ea_presented {
    const struct ea_claims *token;
    const struct ea_spiffe *cert; /* of a certificate that verified */
    uint8_t spki[EA_SHA256_LEN];  /* zero without one */
    struct ea_ids ids;
    const char *source; /* client address as text, "" if unknown; made /32 or
                           /64 here */
};

enum ea_gathered {
    EA_GATHER_FAILED = 0, /* store: answer 503 */
    EA_GATHER_NONE,       /* no node fits, or two do: row 2 or 22 */
    EA_GATHER_FOUND
};

/* Meta and gate only; FOUND even before the first import (gate is zeroed). */
EA_MUST_CHECK enum ea_gathered ea_gather_meta(struct ea_view *view,
                                              struct ea_meta *ret_meta,
                                              struct ea_gate *ret_gate,
                                              struct ea_error *err);

/* The node a claim is for. With a node token: its node. With a site token or a
 * site's certificate: the node of that site which the ids name (uuid in either
 * byte order, serial, mac; all that name a node must name the same). With a
 * node's certificate: that node. Fills the case and *ret_facts: event CLAIM,
 * store_ok, token, cert_ok (domain, site and, if it names one, node of the
 * certificate are this node's), spki, ids, foreign, source, seen_n. keyd_ok is
 * true when the node mints no key. Salt and pepper_id are the caller's. */
EA_MUST_CHECK enum ea_gathered
ea_gather_claim(struct ea_view *view, const struct ea_presented *presented,
                struct ea_case *ret_case, struct ea_facts *ret_facts,
                struct ea_error *err);

/* The node a ticket is for. Fills the case and *ret_facts as above, with event
 * GET and the ticket (secret_ok by the pepper and the record; epoch_ok false
 * only when the record is of another epoch) instead of token and cert. */
EA_MUST_CHECK enum ea_gathered
ea_gather_get(struct ea_view *view, const struct ea_pepper *pepper,
              const struct ea_ticket *ticket, const struct ea_ids *ids,
              const char *source, struct ea_case *ret_case,
              struct ea_facts *ret_facts, struct ea_error *err);

/* May this credential fetch the script that all nodes share? It holds no
 * secret, and a credential that names nobody gets it: the claim that follows is
 * what decides. NONE only where the site requires two credentials and the one
 * or the other is not there or of somebody else: *ret_reason is listener,
 * token-missing or cert-identity. */
EA_MUST_CHECK enum ea_gathered
ea_gather_boot(struct ea_view *view, const struct ea_presented *presented,
               enum ea_reason *ret_reason, struct ea_error *err);

/* May this credential fetch this asset now? FOUND: yes, *ret_asset is the entry
 * of the imported list, or one with the path alone for a file of UEFI HTTP boot
 * (ea_target_is_uefi) that is not in it. NONE: *ret_reason says why (unknown,
 * listener, token-missing, cert-identity, asset, closed, joined). Needs a token
 * or certificate of a node, or of a site with a node, that is armed, claimed or
 * delivered and not closed. Whoever lacks that learns nothing of the list. */
EA_MUST_CHECK enum ea_gathered
ea_gather_asset(struct ea_view *view, const struct ea_presented *presented,
                struct ea_bytes path, uint64_t now, struct ea_asset *ret_asset,
                enum ea_reason *ret_reason, struct ea_error *err);

/* By name, for the admin command and to read back. NONE: not in the import in
 * force; *ret_case then still holds meta and gate, and record with number and
 * revision if the name was ever imported (record.number 0: never). */
EA_MUST_CHECK enum ea_gathered ea_gather_node(struct ea_view *view,
                                              struct ea_bytes name,
                                              struct ea_case *ret_case,
                                              struct ea_error *err);

/* The same by the number that records and tickets have. */
EA_MUST_CHECK enum ea_gathered ea_gather_number(struct ea_view *view,
                                                uint32_t number,
                                                struct ea_case *ret_case,
                                                struct ea_error *err);

/* The address as the record keeps it: "192.0.2.7/32", "2001:db8:1:2::/64"; ""
 * for what is not an address. IPv4-mapped IPv6 counts as IPv4. */
void ea_source_text(const char *address,
                    char ret_source[static EA_SOURCE_MAX + 1]);

#endif
