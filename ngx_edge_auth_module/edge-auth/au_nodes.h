/*
 * nodes.json in memory, checked (format: ea_nodes.h).
 */
#ifndef AU_NODES_H
#define AU_NODES_H

#include "au.h"

struct au_nodes {
    struct ea_gate gate;
    struct ea_site *sites;
    size_t sites_count;
    struct ea_node *nodes; /* number 0: not given yet */
    size_t nodes_count;
    struct ea_asset *assets;
    size_t assets_count;
};

/* Reads the file as JSON; syntax errors come with their line. The caller drops
 * the reference. */
EA_MUST_CHECK bool au_nodes_load(const char *path, json_t **ret_document,
                                 struct ea_error *err);

/* Checks the whole document; errors come with the path of the member, as in
 * "nodes.edge-7.mode". `lab`: fixed keys are allowed. On failure nothing is
 * left to free. */
EA_MUST_CHECK bool au_nodes_read(json_t *document, bool lab,
                                 struct au_nodes *ret_nodes,
                                 struct ea_error *err);
void au_nodes_release(struct au_nodes *nodes);

#endif
