/* Networks that must not overlap, each with the name people know it by. */
#include <string.h>

#include "lint/cg_lint.h"
#include "model/cg_cidr.h"

struct network {
    struct cg_cidr cidr;
    const char *text, *what;
    const char *site; /* what a site's node advertises is its own network */
    struct cg_pos pos;
};

struct networks {
    struct cg_arena *arena;
    struct network *items;
    size_t count, cap;
};

static void
add_of_site(struct networks *all, const char *text, const char *what,
            const struct cg_pos *pos, const char *site)
{
    struct network item = {
        .text = text, .what = what, .site = site, .pos = *pos
    };

    if (!cg_cidr_parse(text, &item.cidr)) {
        return;
    }
    for (size_t i = 0; i < all->count; i++) {
        if (strcmp(all->items[i].text, text) == 0 &&
            strcmp(all->items[i].what, what) == 0) {
            return; /* one network seen from several nodes */
        }
    }
    all->items = cg_arena_grow(all->arena, all->items, all->count, &all->cap,
                               sizeof(*all->items));
    all->items[all->count++] = item;
}

static void
add(struct networks *all, const char *text, const char *what,
    const struct cg_pos *pos)
{
    add_of_site(all, text, what, pos, NULL);
}

/* Typed ones, and "10.0.20.0/24,fd00::/64", as the extension takes them. */
static void
add_routes(struct cg_model *model, const struct cg_node *node,
           struct networks *all)
{
    const struct cg_tree *typed = node->tailscale_routes;
    const struct cg_tree *routes =
        cg_tree_get(node->tailscale_env, "TS_ROUTES");
    const char *p = cg_tree_text(routes);
    const char *what;

    if (!node->has_tailscale) {
        return;
    }
    what = cg_arena_printf(model->arena, "advertised by site %s", node->site);
    for (size_t i = 0; typed != NULL && i < typed->count; i++) {
        add_of_site(all, typed->items[i]->text, what, &typed->items[i]->pos,
                    node->site);
    }
    while (p != NULL && *p != '\0') {
        size_t len = strcspn(p, ",");

        add_of_site(all, cg_arena_copy(model->arena, p, len), what,
                    &routes->pos, node->site);
        p += len + (p[len] == ',');
    }
}

static void
add_list(struct networks *all, const struct cg_tree *list, const char *what)
{
    for (size_t i = 0; list != NULL && list->kind == CG_LIST && i < list->count;
         i++) {
        if (list->items[i]->kind == CG_SCALAR) {
            add(all, list->items[i]->text, what, &list->items[i]->pos);
        }
    }
}

/* Of one cluster: its own networks, its sites', the tailnet's. */
static void
collect(struct cg_model *model, const char *cluster, struct networks *all)
{
    const struct cg_pos nowhere = { 0 };

    for (size_t i = 0; i < model->count; i++) {
        const struct cg_node *node = &model->nodes[i];
        const struct cg_tree *lan = cg_inventory_get(node->all, "dhcp.network");

        if (strcmp(node->cluster, cluster) != 0) {
            continue;
        }
        if (all->count == 0) {
            /* Talos' defaults; a cluster that patches them is checked by
             * what it reserves */
            add(all, "10.244.0.0/16", "pods", &nowhere);
            add(all, "10.96.0.0/12", "services", &nowhere);
            add_list(all, cg_inventory_get(node->all, "network.reserved"),
                     "reserved");
        }
        if (node->has_tailscale) {
            add(all, "100.64.0.0/10", "the tailnet", &nowhere);
        }
        if (lan != NULL) {
            add_of_site(all, lan->text,
                        cg_arena_printf(model->arena, "site %s", node->site),
                        &lan->pos, node->site);
        }
        add_routes(model, node, all);
    }
}

static bool
is_one_site(const struct network *a, const struct network *b)
{
    return a->site != NULL && b->site != NULL && strcmp(a->site, b->site) == 0;
}

static void
report(struct cg_model *model, const struct network *a, const struct network *b)
{
    bool later = b->pos.line >= a->pos.line;
    const struct network *blamed = later ? b : a;
    const struct network *other = later ? a : b;

    (void)cg_error(model->diag, &blamed->pos, "overlap",
                   "network %s (%s) overlaps %s (%s)", blamed->text,
                   blamed->what, other->text, other->what);
    if (other->pos.source != NULL) {
        cg_also(model->diag, &other->pos, "the other one");
    }
}

void
cg_rule_overlap(struct cg_model *model)
{
    const struct cg_tree *clusters =
        cg_tree_get(model->inventory.top, "clusters");

    for (size_t c = 0; clusters->kind == CG_MAP && c < clusters->count; c++) {
        struct networks *all = cg_arena_alloc(model->arena, sizeof(*all));

        all->arena = model->arena;
        collect(model, clusters->entries[c].key, all);
        for (size_t i = 0; i < all->count; i++) {
            for (size_t n = i + 1; n < all->count; n++) {
                if (!is_one_site(&all->items[i], &all->items[n]) &&
                    cg_cidr_overlaps(&all->items[i].cidr,
                                     &all->items[n].cidr)) {
                    report(model, &all->items[i], &all->items[n]);
                }
            }
        }
    }
}
