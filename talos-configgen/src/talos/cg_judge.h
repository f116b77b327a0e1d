/*
 * The hands of the validation rules: typed reads that know Talos' defaults, and
 * one way to refuse. Rules run after cg_check_document, so that every value has
 * the type of its field.
 */
#ifndef CG_JUDGE_H
#define CG_JUDGE_H

#include <stdbool.h>
#include <stdint.h>

#include "talos/cg_cel.h"
#include "talos/cg_where.h"
#include "yaml/cg_tree.h"

/* One document under judgement. `label` stands before messages: "LinkConfig
 * eth0: ", "" for the v1alpha1 document. `pos` is blamed for what has no line:
 * the document, or else the node. */
struct cg_judge {
    struct cg_walk walk;
    const struct cg_trees *docs;
    const struct cg_tree *doc;
    const char *label;
    struct cg_pos pos;
    bool failed;
};

/* Adds an error about `value` (NULL or without position: about the document).
 * What the message says about a value of a decrypted file is the caller's
 * business: use cg_where_quote. */
void cg_judge_refuse(struct cg_judge *judge, const struct cg_tree *value,
                     const char *format, ...) EA_PRINTF(3, 4);
void cg_judge_warn(struct cg_judge *judge, const struct cg_tree *value,
                   const char *id, const char *format, ...) EA_PRINTF(4, 5);

/* 'value' for a message. */
const char *cg_judge_quote(const struct cg_judge *judge,
                           const struct cg_tree *value);

/* The value at a key as the library sees it: absent and null are the same.
 * Text is "" when absent. */
const char *cg_judge_text(const struct cg_tree *map, const char *key);
bool cg_judge_flag(const struct cg_tree *map, const char *key, bool absent);
int64_t cg_judge_number(const struct cg_tree *map, const char *key,
                        int64_t absent);

/* How many items or entries; 0 when absent. */
size_t cg_judge_count(const struct cg_tree *map, const char *key);

/* Text that is one of the words, which end with NULL. */
bool cg_judge_is_one_of(const char *text, const char *const words[]);

/* An expression of the user's (NULL or empty: nothing). A fault is refused,
 * what cannot be decided here is warning[cel-unchecked]. */
void cg_judge_cel(struct cg_judge *judge, const struct cg_tree *value,
                  enum cg_cel_env env);

/* The rules, by subject; each adds what it refuses. */
void cg_judge_machine(struct cg_judge *judge);
void cg_judge_interfaces(struct cg_judge *judge);
void cg_judge_bond(struct cg_judge *judge, const struct cg_tree *bond);
void cg_judge_cluster(struct cg_judge *judge);
void cg_judge_document(struct cg_judge *judge);
void cg_judge_link(struct cg_judge *judge);
void cg_judge_dhcp(struct cg_judge *judge);
void cg_judge_bond_link(struct cg_judge *judge);
void cg_judge_vlan(struct cg_judge *judge);
void cg_judge_vrf(struct cg_judge *judge);
void cg_judge_wireguard(struct cg_judge *judge);
void cg_judge_routing_rule(struct cg_judge *judge);
void cg_judge_network_rule(struct cg_judge *judge);
void cg_judge_volume(struct cg_judge *judge);
void cg_judge_raw_volume(struct cg_judge *judge);
void cg_judge_user_volume(struct cg_judge *judge);
void cg_judge_existing_volume(struct cg_judge *judge);
void cg_judge_external_volume(struct cg_judge *judge);
void cg_judge_image_rules(struct cg_judge *judge);

#endif
