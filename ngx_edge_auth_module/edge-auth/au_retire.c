/*
 * edge-auth node retire: takes a node out of service, one step after the other.
 * The enrollment ends here; its keys are the gate's to delete, from the list
 * that the record keeps; then edge-keyd removes the device: not earlier, since
 * a key that is left would let the node join anew. What has been done is done
 * again without harm, so that the command can be repeated until nothing is
 * left. The rest is for people, and is printed.
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "au_dnsmasq.h"
#include "au_keyd.h"

#define LOOK_AGAIN 200 /* ms, while the gate deletes keys */

struct retirement {
    struct ea_case c;
    bool keys_gone, device_gone;
    struct ea_error keys, device; /* why not */
};

static bool
is_retired(const struct ea_case *c)
{
    return c->record.state == EA_STATE_RETIRED;
}

static bool
end_enrollment(struct au *au, struct retirement *r, struct ea_error *err)
{
    static const struct au_verb verb = { .event = EA_EVENT_RETIRE,
                                         .action = "retire" };

    return au_find_node(au, au->args->operand, &r->c, err) &&
           (is_retired(&r->c) ||
            au_verb_run(au, au->args->operand, &verb, &r->c, err));
}

static bool
take_out_of_dhcp(const struct au *au, const struct ea_case *c,
                 struct ea_error *err)
{
    if (au->args->dnsmasq == NULL ||
        au_dnsmasq_remove(au, au->args->dnsmasq, c->node.name, err)) {
        return true;
    }
    err->code = EA_E_UNAVAILABLE;
    ea_error_prefix(err, "the node is %s", ea_state_word(c->record.state));
    return false;
}

/* Waits for the gate, as long as edge-keyd answers and time is left. */
static bool
wait_for_keys(struct au *au, struct retirement *r)
{
    const struct timespec pause = { 0, LOOK_AGAIN * 1000000L };
    uint64_t seconds = 0, looks;
    json_t *figures = NULL;

    if (r->c.record.delete_count > 0) {
        figures = au_keyd_figures(au->args, &r->keys);
    }
    json_decref(figures);
    looks = figures != NULL && au_keyd_timeout(au->args, &seconds, &r->keys)
                ? seconds * 1000 / LOOK_AGAIN
                : 0;
    for (; r->c.record.delete_count > 0 && looks > 0; looks--) {
        (void)nanosleep(&pause, NULL);
        if (!au_find_node(au, au->args->operand, &r->c, &r->keys)) {
            return false;
        }
    }
    if (r->c.record.delete_count > 0 && figures != NULL) {
        return ea_fail(&r->keys, EA_E_UNAVAILABLE,
                       "the gate did not delete them; does it run, with "
                       "edge_auth_keyd?");
    }
    return r->c.record.delete_count == 0;
}

static bool
forget_device(struct au *au, struct retirement *r)
{
    const char *device = r->c.record.device;
    char line[EA_KEYD_REQUEST_MAX], reply[EA_KEYD_REPLY_MAX];
    enum ea_keyd_outcome outcome;
    size_t len, got = 0;
    uint32_t retry = 0;

    if (device[0] == '\0') {
        return true;
    }
    if (!r->keys_gone) {
        return ea_fail(&r->device, EA_E_UNAVAILABLE,
                       "waits for the keys: with one the node would join anew");
    }
    len = ea_keyd_forget(device, line, sizeof(line));
    if (!au_keyd_ask(au->args, line, len, reply, sizeof(reply), &got,
                     &r->device)) {
        return false;
    }
    outcome = ea_keyd_read_done((struct ea_bytes){ reply, got }, &retry);
    if (outcome != EA_KEYD_OK) {
        return au_keyd_fail(outcome, retry, "not removed", &r->device);
    }
    return au_write_event(au, "forget", &r->c.node, device, &r->device);
}

/* ---- what is left for people ---- */

#define STEPS 7

static size_t
list_steps(const struct retirement *r, char steps[STEPS][256])
{
    const struct ea_node *node = &r->c.node;
    const char *hostname = node->hostname[0] ? node->hostname : node->name;
    bool certificate = r->c.site.require == EA_REQUIRE_CERT ||
                       r->c.site.require == EA_REQUIRE_TOKEN_CERT;
    size_t n = 0;

    if (node->key != EA_KEYS_NONE && r->c.record.device[0] == '\0') {
        (void)snprintf(steps[n++], 256,
                       "no device is on record: look for %s in the tailnet and "
                       "remove it",
                       hostname);
    }
    if (certificate) {
        (void)snprintf(
            steps[n++], 256,
            "certificate, if %s has one of its own: edge-pki revoke, "
            "edge-pki crl, copy the list to the gate, nginx -s "
            "reload",
            node->name);
    }
    (void)snprintf(steps[n++], 256, "kubectl delete node %s", hostname);
    (void)snprintf(steps[n++], 256,
                   "wipe or destroy its disk: it holds the machine's config "
                   "and keys");
    (void)snprintf(steps[n++], 256,
                   "remove %s from the inventory, then render, publish and "
                   "import",
                   node->name);
    if (r->c.node.macs_count > 0) {
        (void)snprintf(steps[n++], 256,
                       "remove %s from the site's DHCP server, if that is not "
                       "made from the inventory",
                       node->macs[0]);
    }
    return n;
}

static void
print_json(const struct retirement *r, char steps[STEPS][256], size_t count)
{
    json_t *left = json_array();

    for (size_t i = 0; i < count; i++) {
        json_array_append_new(left, json_string(steps[i]));
    }
    au_print_json(json_pack(
        "{s:s, s:s, s:i, s:b, s:i, s:b, s:s, s:b, s:o}", "node", r->c.node.name,
        "state", ea_state_word(r->c.record.state), "gen", (int)r->c.record.gen,
        "keys_gone", r->keys_gone, "keys_left", (int)r->c.record.delete_count,
        "device_gone", r->device_gone, "device", r->c.record.device, "done",
        r->keys_gone && r->device_gone, "steps", left));
}

static void
print_text(const struct retirement *r, char steps[STEPS][256], size_t count)
{
    const char *device = r->c.record.device;

    printf("%s: retired\n", r->c.node.name);
    printf("  %-12s %s\n", "enrollment", "ended");
    if (r->keys_gone) {
        printf("  %-12s %s\n", "keys", "none left");
    } else {
        printf("  %-12s %zu left: %s\n", "keys", r->c.record.delete_count,
               r->keys.message);
    }
    if (device[0] == '\0') {
        printf("  %-12s %s\n", "device", "none on record");
    } else if (r->device_gone) {
        printf("  %-12s %s is removed\n", "device", device);
    } else {
        printf("  %-12s %s is left: %s\n", "device", device, r->device.message);
    }
    printf("for you:\n");
    for (size_t i = 0; i < count; i++) {
        printf("  %zu. %s\n", i + 1, steps[i]);
    }
}

static enum au_exit
finish(const struct au_args *args, const struct retirement *r)
{
    char steps[STEPS][256];
    size_t count = list_steps(r, steps);

    if (args->json) {
        print_json(r, steps, count);
    } else {
        print_text(r, steps, count);
    }
    if (r->keys_gone && r->device_gone) {
        return AU_OK;
    }
    return au_error(
        AU_UNFINISHED, "node '%s' is retired, but %s left; run this again",
        r->c.node.name, r->keys_gone ? "its device is" : "keys of it are");
}

enum au_exit
au_node_retire(const struct au_args *args)
{
    struct retirement r = { 0 };
    struct ea_error err = { 0 };
    enum au_exit status;
    uint64_t unused;
    struct au au;

    if (!au_keyd_timeout(args, &unused, &err)) {
        return au_error(AU_USAGE, "%s", err.message);
    }
    if (!au_open(args, &au, &err)) {
        return au_failed(&err);
    }
    if (!end_enrollment(&au, &r, &err) || !take_out_of_dhcp(&au, &r.c, &err)) {
        au_close(&au);
        return au_failed(&err);
    }
    r.keys_gone = wait_for_keys(&au, &r);
    r.device_gone = forget_device(&au, &r);
    status = finish(args, &r);
    au_close(&au);
    return status;
}
