/* Documents that exclude each other. */
#include "talos/cg_conflict.h"

#include <string.h>

#include "talos/cg_check.h"
#include "talos/cg_talos.h"
#include "talos/cg_value.h"

static const char *
text_at(const struct cg_tree *doc, const char *key)
{
    const char *text = cg_tree_text(cg_check_get(doc, key));

    return text == NULL ? "" : text;
}

static bool
is_same(const struct cg_tree *a, const struct cg_tree *b, bool named)
{
    return !named || strcmp(text_at(a, "name"), text_at(b, "name")) == 0;
}

/* Two documents, the later one to blame. */
static bool
check_pair(const struct cg_walk *walk, const struct cg_tree *first,
           const struct cg_tree *later)
{
    const struct cg_doc_kind *one = cg_fields_kind(text_at(first, "kind"));
    const struct cg_doc_kind *two = cg_fields_kind(text_at(later, "kind"));
    struct cg_where at;

    if (one == NULL || two == NULL ||
        !is_same(first, later, one->named && two->named)) {
        return true;
    }
    at = cg_check_where(walk, two, later);
    if (one == two) {
        (void)cg_error(walk->diag, &later->pos, "talos-duplicate",
                       "%s is there twice", cg_where_text(walk->arena, &at));
    } else if (two->conflicts != NULL &&
               cg_fields_has_word(two->conflicts, one->kind)) {
        (void)cg_error(walk->diag, &later->pos, "talos-conflict",
                       "%s and a %s of the same name exclude each other",
                       cg_where_text(walk->arena, &at), one->kind);
    } else {
        return true;
    }
    cg_also(walk->diag, &first->pos, "the other one");
    return false;
}

bool
cg_conflict_documents(const struct cg_walk *walk, const struct cg_trees *docs)
{
    bool ok = true;

    for (size_t i = 0; i < docs->count; i++) {
        for (size_t k = 0; k < i; k++) {
            ok = check_pair(walk, docs->roots[k], docs->roots[i]) && ok;
        }
    }
    return ok;
}

/* What the v1alpha1 document says, and the document that says it anew. */
static bool
blame(const struct cg_walk *walk, const struct cg_tree *doc,
      const struct cg_tree *legacy, const char *what)
{
    (void)cg_error(walk->diag, &doc->pos, "talos-conflict",
                   "%s and %s in the v1alpha1 document exclude each other",
                   text_at(doc, "kind"), what);
    cg_also(walk->diag, &legacy->pos, "set here");
    return false;
}

static bool
check_hostname(const struct cg_walk *walk, const struct cg_tree *doc,
               const struct cg_tree *machine)
{
    const struct cg_tree *name =
        cg_tree_path(machine, "network", "hostname", NULL);
    const struct cg_tree *stable =
        cg_tree_path(machine, "features", "stableHostname", NULL);
    bool yes = false;

    if (name != NULL && cg_tree_type(name) != CG_TYPE_NULL && name->len > 0) {
        return blame(walk, doc, name, "machine.network.hostname");
    }
    if (cg_value_bool(stable, &yes) && yes) {
        return blame(walk, doc, stable, "machine.features.stableHostname");
    }
    return true;
}

static bool
check_resolver(const struct cg_walk *walk, const struct cg_tree *doc,
               const struct cg_tree *machine)
{
    const struct cg_tree *network = cg_check_get(machine, "network");
    const struct cg_tree *servers = cg_check_get(network, "nameservers");
    const struct cg_tree *domains = cg_check_get(network, "searchDomains");
    const struct cg_tree *disable =
        cg_check_get(network, "disableSearchDomain");
    bool yes = false;

    if (domains != NULL) {
        return blame(walk, doc, domains, "machine.network.searchDomains");
    }
    if (servers != NULL && servers->count > 0) {
        return blame(walk, doc, servers, "machine.network.nameservers");
    }
    if (cg_value_bool(disable, &yes) && yes) {
        return blame(walk, doc, disable, "machine.network.disableSearchDomain");
    }
    return true;
}

static bool
check_time(const struct cg_walk *walk, const struct cg_tree *doc,
           const struct cg_tree *machine)
{
    const struct cg_tree *time = cg_check_get(machine, "time");
    const struct cg_tree *servers = cg_check_get(time, "servers");
    const struct cg_tree *disabled = cg_check_get(time, "disabled");
    const struct cg_tree *timeout = cg_check_get(time, "bootTimeout");
    struct cg_field duration = { .kind = CG_K_DURATION };
    bool yes = false;

    if (cg_value_bool(disabled, &yes) && yes) {
        return blame(walk, doc, disabled, "machine.time.disabled");
    }
    if (servers != NULL && servers->count > 0) {
        return blame(walk, doc, servers, "machine.time.servers");
    }
    if (timeout != NULL && !cg_value_is_zero(&duration, timeout)) {
        return blame(walk, doc, timeout, "machine.time.bootTimeout");
    }
    return true;
}

static bool
check_kubespan(const struct cg_walk *walk, const struct cg_tree *doc,
               const struct cg_tree *machine)
{
    const struct cg_tree *legacy =
        cg_check_get(cg_check_get(machine, "network"), "kubespan");

    return legacy == NULL ||
           blame(walk, doc, legacy, "machine.network.kubespan");
}

static bool
check_volume(const struct cg_walk *walk, const struct cg_tree *doc,
             const struct cg_tree *machine)
{
    static const char *const volumes[][2] = { { "STATE", "state" },
                                              { "EPHEMERAL", "ephemeral" } };
    const struct cg_tree *provider =
        cg_tree_path(doc, "encryption", "provider", NULL);

    if (provider == NULL || cg_tree_is_text(provider, "none")) {
        return true;
    }
    for (size_t i = 0; i < sizeof(volumes) / sizeof(volumes[0]); i++) {
        const struct cg_tree *legacy = cg_check_get(
            cg_check_get(machine, "systemDiskEncryption"), volumes[i][1]);

        if (legacy != NULL &&
            strcmp(text_at(doc, "name"), volumes[i][0]) == 0) {
            return blame(walk, doc, legacy, "machine.systemDiskEncryption");
        }
    }
    return true;
}

bool
cg_conflict_legacy(const struct cg_walk *walk, const struct cg_trees *docs)
{
    static const struct {
        const char *kind;
        bool (*check)(const struct cg_walk *, const struct cg_tree *,
                      const struct cg_tree *);
    } rows[] = {
        { "HostnameConfig", check_hostname },
        { "ResolverConfig", check_resolver },
        { "TimeSyncConfig", check_time },
        { "KubeSpanConfig", check_kubespan },
        { "VolumeConfig", check_volume },
    };
    const struct cg_tree *machine =
        cg_check_get(cg_talos_document(docs, "", NULL), "machine");
    bool ok = true;

    for (size_t i = 0; machine != NULL && i < docs->count; i++) {
        for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++) {
            if (strcmp(text_at(docs->roots[i], "kind"), rows[k].kind) == 0) {
                ok = rows[k].check(walk, docs->roots[i], machine) && ok;
            }
        }
    }
    return ok;
}
