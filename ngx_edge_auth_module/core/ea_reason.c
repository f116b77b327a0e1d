/* The table of reasons: see ea_reason.h. */
#include "ea_reason.h"

/* What a refusal without further word says on Talos' console. The reasons that
 * share it must not be told apart by whoever tries credentials. */
#define UNIFORM "KE-403"

static const struct ea_reason_row rows[EA_REASON_COUNT_OF] = {
    [EA_REASON_NONE] = { "none", 403, UNIFORM, "",
                         "this is a fault of the gate: report it with the "
                         "audit line of the reference",
                         true },

    /* before a record is looked at */
    [EA_REASON_PATH] = { "path", 404, "KE-404 path", "",
                         "compare the URL with the one that `edge-auth token "
                         "create NODE` printed: nothing else is served",
                         false },
    [EA_REASON_METHOD] = { "method", 405, "KE-405 method", "",
                           "fetch with GET: no client of the gate needs "
                           "another method",
                           false },
    [EA_REASON_MISSING] = { "missing", 403, UNIFORM, "",
                            "have DHCP hand out the whole boot URL that "
                            "`edge-auth token create NODE` printed",
                            false },
    [EA_REASON_MALFORMED] = { "malformed", 400, "KE-400 malformed", "",
                              "look for a cut-off boot URL in the DHCP "
                              "configuration, or make a new one with "
                              "`edge-auth token create NODE`",
                              false },
    [EA_REASON_CARRIERS] = { "carriers", 400, "KE-400 carriers", "",
                             "send one token: either in the path of the boot "
                             "URL or in the header X-Edge-Token",
                             false },
    [EA_REASON_FORGED] = { "forged", 403, UNIFORM, "",
                           "if the node is yours, its token was made with a "
                           "pepper this gate does not have: check the pepper "
                           "file or run `edge-auth token create NODE`",
                           false },
    [EA_REASON_ASSET] = { "asset", 404, "KE-404 asset", "",
                          "render and run `edge-auth node import` again: the "
                          "file is not in the imported list",
                          false },
    [EA_REASON_CERT_MISSING] = { "cert-missing", 403, "KE-403 cert-missing", "",
                                 "boot a ROM that holds the site's client "
                                 "certificate, made with `edge-pki client "
                                 "--site SITE`",
                                 false },
    [EA_REASON_CERT_EXPIRED] = { "cert-expired", 403, "KE-403 cert-expired", "",
                                 "make a new certificate with `edge-pki "
                                 "client` and build it into the ROM; if it is "
                                 "not due yet, look at the gate's clock",
                                 false },
    [EA_REASON_CERT_REVOKED] = { "cert-revoked", 403, "KE-403 cert-revoked", "",
                                 "find out who still boots with it: `edge-pki "
                                 "list` shows whose serial it is; the "
                                 "rightful node needs a new one, made with "
                                 "`edge-pki client`",
                                 true },
    [EA_REASON_CERT_UNTRUSTED] = { "cert-untrusted", 403,
                                   "KE-403 cert-untrusted", "",
                                   "boot a ROM whose client certificate, with "
                                   "its chain, is of the CA in "
                                   "ssl_client_certificate",
                                   false },
    [EA_REASON_CERT_CRL] = { "cert-crl", 403, "KE-403 cert-crl", "",
                             "run `edge-pki crl`, copy its clients.crl.pem to "
                             "the file of ssl_crl and reload nginx: until "
                             "then every certificate is refused",
                             true },
    [EA_REASON_CERT_IDENTITY] = { "cert-identity", 403, "KE-403 cert-identity",
                                  "",
                                  "the certificate is for another site or "
                                  "node: make the right one with `edge-pki "
                                  "client --site SITE`",
                                  false },

    /* decisions of the state table */
    [EA_REASON_UNKNOWN] = { "unknown", 403, UNIFORM, "",
                            "run `edge-auth node show NODE`; if it is to be "
                            "installed, run `edge-auth token create NODE` and "
                            "give DHCP the new boot URL",
                            false },
    [EA_REASON_LISTENER] = { "listener", 403, UNIFORM, "",
                             "the site requires a client certificate, which "
                             "this listener asks nobody for: boot the node "
                             "from the URL of boot_mtls, as `edge-auth token "
                             "create NODE` prints it, with a ROM that holds "
                             "the certificate",
                             false },
    [EA_REASON_TOKEN_MISSING] = { "token-missing", 403, UNIFORM, "",
                                  "the site requires a token beside the "
                                  "certificate: have DHCP hand out the whole "
                                  "boot URL that `edge-auth token create "
                                  "NODE` printed",
                                  false },
    [EA_REASON_STORE] = { "store", 503, "KE-503 store", "",
                          "run `edge-auth store check` on the gate and look "
                          "for a full disk or a wrong clock; the node tries "
                          "again by itself",
                          true },
    [EA_REASON_KEYD] = { "keyd", 503, "KE-503 keyd", "",
                         "start edge-keyd and check that it reaches the "
                         "tailnet's API; the node tries again by itself",
                         true },
    [EA_REASON_JOINED] = { "joined", 403, UNIFORM, "",
                           "nothing to do if the node runs; to install it "
                           "anew, run `edge-auth token create NODE`",
                           false },
    [EA_REASON_CLOSED] = { "closed", 403, UNIFORM, "",
                           "run `edge-auth token extend NODE`: a node that "
                           "waits is then served at its next try",
                           false },
    [EA_REASON_OVERTAKEN] = { "overtaken", 503, "KE-503 overtaken", "",
                              "nothing: the node was power-cycled and its "
                              "newer boot goes on",
                              false },
    [EA_REASON_IDS] = { "ids", 403, "KE-403 ids", "",
                        "compare the ids with `edge-auth node show NODE`: "
                        "correct the inventory and import it if the hardware "
                        "was replaced, else find who has this node's token",
                        true },
    [EA_REASON_CERT] = { "cert", 403, "KE-403 cert", "",
                         "the certificate key changed since the first claim: "
                         "if you changed the ROM, run `edge-auth node arm "
                         "NODE`",
                         false },
    [EA_REASON_WINDOW] = { "window", 403, "KE-403 window", "",
                           "boot the node within its site's window, or "
                           "change the window in the inventory and import it",
                           false },
    [EA_REASON_UUID] = { "uuid", 403, "KE-403 uuid", "",
                         "other hardware used this node's ticket: run "
                         "`edge-auth explain NODE`; if you swapped the board, "
                         "run `edge-auth node arm NODE`",
                         true },
    [EA_REASON_ROLE] = { "role", 403, "KE-403 role", "",
                         "this role does not boot through the gate: install "
                         "it with talosctl, or allow the role at its site in "
                         "the inventory",
                         false },
    [EA_REASON_COUNT] = { "count", 403, "KE-403 count", "",
                          "the node fetched its config too often: read its "
                          "console for why it refuses the config, then run "
                          "`edge-auth token extend NODE`",
                          false },
    [EA_REASON_SOURCE] = { "source", 403, "KE-403 source", "",
                           "the request came from another network than the "
                           "first claim: switch bind_source off for the site, "
                           "or run `edge-auth node arm NODE`",
                           false },
    [EA_REASON_HELD] = { "held", 409, "KE-409 held",
                         "This node is on hold and waits for the operator.",
                         "two machines may hold this node's credential: find "
                         "out which one is yours with `edge-auth explain "
                         "NODE`, then run `edge-auth node arm NODE`",
                         true },
    [EA_REASON_PENDING] = { "pending", 403, "KE-403 pending",
                            "This machine waits for the operator's approval.",
                            "compare the code on the machine's console with "
                            "`edge-auth node show NODE` and approve it",
                            false },
    [EA_REASON_SLOTS] = { "slots", 503, "KE-503 slots", "",
                          "too many machines wait for approval of this node: "
                          "run `edge-auth explain NODE` and switch off those "
                          "that are not it",
                          true },
    [EA_REASON_ATTEMPTS] = { "attempts", 403, UNIFORM, "",
                             "the node claimed as often as one enrollment "
                             "allows: run `edge-auth node arm NODE`",
                             true },
    [EA_REASON_REDELIVER] = { "redeliver", 409, "KE-409 redeliver",
                              "This node is on hold and waits for the "
                              "operator.",
                              "the node came back after it had its config "
                              "more often than its site allows: run "
                              "`edge-auth node confirm NODE` if it runs, else "
                              "`edge-auth node arm NODE`",
                              true },
    [EA_REASON_SUPERSEDED] = { "superseded", 409, "KE-409 superseded", "",
                               "power-cycle the node: a later boot took over "
                               "from the one that still asks",
                               false },
    [EA_REASON_CLONE] = { "clone", 409, "KE-409 clone", "",
                          "two machines used this enrollment: find out which "
                          "one is yours with `edge-auth explain NODE`, then "
                          "run `edge-auth node arm NODE`",
                          true },
    [EA_REASON_CLAIMED] = { "claimed", 200, "", "",
                            "nothing: the node got its first ticket", false },
    [EA_REASON_APPROVED] = { "approved", 200, "", "",
                             "nothing: the operator let this machine in",
                             false },
    [EA_REASON_AGAIN] = { "again", 200, "", "",
                          "nothing: the node booted again and got a new "
                          "ticket",
                          false },
    [EA_REASON_EXPOSED] = { "exposed", 200, "", "",
                            "nothing: the config may have left the gate",
                            false },
    [EA_REASON_KEY] = { "key", 200, "", "",
                        "nothing: the key of this attempt is on record",
                        false },
    [EA_REASON_WHOLE] = { "whole", 200, "", "",
                          "nothing: the whole config was handed over", false },
    [EA_REASON_ALARM] = { "alarm", 403, UNIFORM, "",
                          "a second key or device showed up: look at the "
                          "tailnet's device list and remove what is not yours",
                          true },
    [EA_REASON_ARMED] = { "armed", 200, "", "",
                          "nothing: the node may claim until it expires",
                          false },
    [EA_REASON_EXTENDED] = { "extended", 200, "", "",
                             "nothing: the enrollment lives longer", false },
    [EA_REASON_REVOKED] = { "revoked", 403, UNIFORM, "",
                            "the enrollment was revoked: run `edge-auth token "
                            "create NODE` to allow the node again",
                            false },
    [EA_REASON_RETIRED] = { "retired", 403, UNIFORM, "",
                            "the node was retired: run `edge-auth token "
                            "create NODE` to take it back",
                            false },
    [EA_REASON_DENIED] = { "denied", 403, "KE-403 denied",
                           "The operator denied this machine.",
                           "nothing: the machine was turned away", false },
    [EA_REASON_REBOUND] = { "rebound", 200, "", "",
                            "nothing: the node is known by its new ids",
                            false },
    [EA_REASON_GENERATIONS] = { "generations", 409, "KE-409 generations", "",
                                "the node was armed as often as its number "
                                "allows: give it a new name in the inventory "
                                "and import it",
                                true },
    [EA_REASON_SLOT] = { "slot", 409, "KE-409 slot", "",
                         "no machine shows this code now: read it from the "
                         "console again",
                         false },
    [EA_REASON_TICKET] = { "ticket", 409, "KE-409 ticket", "",
                           "no kept attempt has this ticket: read its end "
                           "from the console again",
                           false },
    [EA_REASON_STATE] = { "state", 409, "KE-409 state", "",
                          "the command does not apply to the node's state: "
                          "run `edge-auth node show NODE`",
                          false },

    /* upstream and body */
    [EA_REASON_UPSTREAM] = { "upstream", 503, "KE-503 upstream", "",
                             "check that Matchbox runs and has a group and "
                             "profile for the node; the node tries again by "
                             "itself",
                             true },
    [EA_REASON_DIGEST] = { "digest", 503, "KE-503 digest", "",
                           "Matchbox serves another config than the imported "
                           "one: publish to Matchbox and run `edge-auth node "
                           "import` with the same render",
                           true },
    [EA_REASON_BODY] = { "body", 503, "KE-503 body", "",
                         "Matchbox' answer is not one v1alpha1 config without "
                         "private keys: look at the node's generic file",
                         true },
    [EA_REASON_PLACEHOLDER] = { "placeholder", 503, "KE-503 placeholder", "",
                                "the config holds the key's placeholder too "
                                "often or not at all: render, publish and "
                                "import again",
                                true },
    [EA_REASON_LITERAL] = { "literal", 503, "KE-503 literal", "",
                            "Talos sent ${...} unfilled: the profile must end "
                            "its config URL in `uuid=` with nothing behind it",
                            true },
    [EA_REASON_SCRIPT] = { "script", 503, "KE-503 script", "",
                           "Matchbox' answer is not an iPXE script: look at "
                           "the node's group and profile",
                           true },
};

const struct ea_reason_row *
ea_reason_row(enum ea_reason reason)
{
    return &rows[(unsigned)reason < EA_REASON_COUNT_OF ? reason
                                                       : EA_REASON_NONE];
}

enum ea_reason
ea_reason_find(struct ea_bytes word)
{
    for (unsigned i = 0; i < EA_REASON_COUNT_OF; i++) {
        if (ea_bytes_equal(word, ea_bytes_of(rows[i].word))) {
            return (enum ea_reason)i;
        }
    }
    return EA_REASON_NONE;
}
