/* Which bodies may leave the gate. */
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "ea_body.h"
#include "suites.h"

#define P EA_PLACEHOLDER
#define CONFIG "version: v1alpha1\nmachine:\n  type: worker\n"
/* base64 of PEM first lines */
#define B64_CERT "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUJQekNC"
#define B64_ED25519 "LS0tLS1CRUdJTiBFRDI1NTE5IFBSSVZBVEUgS0VZLS0tLS0K"
#define B64_EC "LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0tLS0tCk1IY0NB"
#define B64_RSA "LS0tLS1CRUdJTiBSU0EgUFJJVkFURSBLRVktLS0tLQpNSUlK"
#define B64_PKCS8 "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1DNENBUUF3"

static const struct {
    enum ea_kind kind;
    enum ea_key_source key;
    const char *body;
    enum ea_reason reason;
} rows[] = {
    { EA_KIND_TALOS, EA_KEYS_NONE, CONFIG, EA_REASON_EXPOSED },
    { EA_KIND_TALOS, EA_KEYS_STATIC, CONFIG, EA_REASON_EXPOSED },
    { EA_KIND_TALOS, EA_KEYS_MINT, CONFIG "# " P "\n", EA_REASON_EXPOSED },
    { EA_KIND_TALOS, EA_KEYS_NONE, "---\n" CONFIG "---\nkind: X\n",
      EA_REASON_EXPOSED },
    { EA_KIND_TALOS, EA_KEYS_NONE, "kind: X\n--- # next\n" CONFIG,
      EA_REASON_EXPOSED },
    { EA_KIND_TALOS, EA_KEYS_NONE,
      "machine: # m\n  a: b\nversion: v1alpha1  # v\n", EA_REASON_EXPOSED },
    { EA_KIND_TALOS, EA_KEYS_NONE,
      "version: v1alpha1\r\nmachine:\r\n  type: worker\r\n",
      EA_REASON_EXPOSED },
    { EA_KIND_TALOS, EA_KEYS_NONE, CONFIG "  ca:\n    crt: " B64_CERT "\n",
      EA_REASON_EXPOSED },
    { EA_KIND_TALOS, EA_KEYS_NONE,
      "version: v1alpha1\nmachine:", EA_REASON_EXPOSED },
    { EA_KIND_TALOS, EA_KEYS_NONE, "", EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, "\n", EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, "machine:\n  type: worker\n",
      EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, "version: v1alpha1\n", EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, "version: v1alpha1\n---\nmachine:\n",
      EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, "version: v1alpha2\nmachine:\n",
      EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, "version: v1alpha1x\nmachine:\n",
      EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, "apiVersion: v1alpha1\nmachine:\n",
      EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, " version: v1alpha1\n machine:\n",
      EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, "x: |\n  version: v1alpha1\n  machine:\n",
      EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, CONFIG "---\n" CONFIG, EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, CONFIG "version: v1alpha1\n",
      EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, CONFIG "---\nversion: v2\n",
      EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, "machines:\nversion: v1alpha1\n",
      EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, "#version: v1alpha1\nmachine:\n",
      EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, "<html>not found</html>\n", EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, CONFIG "  key: " B64_ED25519 "\n",
      EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, CONFIG "  key: " B64_EC "\n",
      EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, CONFIG "  key: " B64_RSA "\n",
      EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, CONFIG "  key: \"" B64_PKCS8 "\"\n",
      EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE,
      CONFIG "  crt: " B64_CERT "\n  key: " B64_PKCS8 "\n", EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE,
      CONFIG "  key: |\n    -----BEGIN PRIVATE KEY-----\n", EA_REASON_BODY },
    { EA_KIND_TALOS, EA_KEYS_NONE, CONFIG "# " P "\n", EA_REASON_PLACEHOLDER },
    { EA_KIND_TALOS, EA_KEYS_STATIC, CONFIG "# " P "\n",
      EA_REASON_PLACEHOLDER },
    { EA_KIND_TALOS, EA_KEYS_NONE, CONFIG "# @edge-auth:x@\n",
      EA_REASON_PLACEHOLDER },
    { EA_KIND_TALOS, EA_KEYS_MINT, CONFIG, EA_REASON_PLACEHOLDER },
    { EA_KIND_TALOS, EA_KEYS_MINT, CONFIG "# " P P "\n",
      EA_REASON_PLACEHOLDER },
    { EA_KIND_TALOS, EA_KEYS_MINT, CONFIG "# @edge-auth:key@ " P "\n",
      EA_REASON_PLACEHOLDER },
    { EA_KIND_TALOS, EA_KEYS_MINT, CONFIG "# @edge-auth:tailscale-key\n",
      EA_REASON_PLACEHOLDER },
    { EA_KIND_TALOS, EA_KEYS_NONE_SET, CONFIG, EA_REASON_PLACEHOLDER },
    { EA_KIND_IGNITION, EA_KEYS_NONE, "{\"ignition\":{}}", EA_REASON_EXPOSED },
    { EA_KIND_IGNITION, EA_KEYS_NONE, "", EA_REASON_BODY },
    { EA_KIND_IGNITION, EA_KEYS_NONE, P, EA_REASON_PLACEHOLDER },
    { EA_KIND_OTHER, EA_KEYS_NONE, "anything", EA_REASON_EXPOSED },
    { EA_KIND_OTHER, EA_KEYS_NONE, "", EA_REASON_BODY },
    { EA_KIND_NONE, EA_KEYS_NONE, CONFIG, EA_REASON_BODY },
};

static const char *
word(enum ea_reason reason)
{
    return ea_reason_row(reason)->word;
}

START_TEST(test_without_digest)
{
    struct ea_node node = { .kind = rows[_i].kind, .key = rows[_i].key };

    ck_assert_str_eq(word(ea_body_check(&node, ea_bytes_of(rows[_i].body))),
                     word(rows[_i].reason));
}
END_TEST

START_TEST(test_digest)
{
    const struct ea_bytes body = EA_BYTES("any bytes"), old = EA_BYTES("old");
    struct ea_node node = { .kind = EA_KIND_TALOS,
                            .key = EA_KEYS_NONE,
                            .has_digest = true };

    ck_assert(ea_sha256(&body, 1, node.digest));
    ck_assert(ea_sha256(&old, 1, node.previous));
    ck_assert_str_eq(word(ea_body_check(&node, body)), "exposed");
    ck_assert_str_eq(word(ea_body_check(&node, old)), "digest");
    node.has_previous = true;
    ck_assert_str_eq(word(ea_body_check(&node, old)), "exposed");
    ck_assert_str_eq(word(ea_body_check(&node, EA_BYTES("any byte"))),
                     "digest");
    ck_assert_str_eq(word(ea_body_check(&node, EA_BYTES(CONFIG))), "digest");
    ck_assert_str_eq(word(ea_body_check(&node, EA_BYTES(""))), "body");
    node.key = EA_KEYS_MINT;
    ck_assert_str_eq(word(ea_body_check(&node, body)), "placeholder");
}
END_TEST

START_TEST(test_nul_and_length)
{
    struct ea_node node = { .kind = EA_KIND_TALOS, .key = EA_KEYS_NONE };
    size_t size = EA_BODY_MAX + 1;
    char *body = malloc(size);

    ck_assert_ptr_nonnull(body);
    memset(body, '#', size);
    memcpy(body, CONFIG, strlen(CONFIG));
    ck_assert_str_eq(
        word(ea_body_check(&node, (struct ea_bytes){ body, size - 1 })),
        "exposed");
    ck_assert_str_eq(
        word(ea_body_check(&node, (struct ea_bytes){ body, size })), "body");
    body[100] = '\0';
    ck_assert_str_eq(
        word(ea_body_check(&node, (struct ea_bytes){ body, size - 1 })),
        "body");
    node.kind = EA_KIND_IGNITION;
    ck_assert_str_eq(
        word(ea_body_check(&node, (struct ea_bytes){ body, size - 1 })),
        "body");
    node.kind = EA_KIND_OTHER;
    ck_assert_str_eq(
        word(ea_body_check(&node, (struct ea_bytes){ body, size - 1 })),
        "exposed");
    free(body);
    ck_assert_str_eq(word(ea_body_check(&node, (struct ea_bytes){ NULL, 0 })),
                     "body");
}
END_TEST

START_TEST(test_placeholders)
{
    ck_assert_uint_eq(ea_body_placeholders(EA_BYTES("")), 0);
    ck_assert_uint_eq(ea_body_placeholders(EA_BYTES(P)), 1);
    ck_assert_uint_eq(ea_body_placeholders(EA_BYTES("x" P P "x" P)), 3);
    ck_assert_uint_eq(
        ea_body_placeholders((struct ea_bytes){ P, sizeof(P) - 2 }), 0);
}
END_TEST

Suite *
suite_ea_body(void)
{
    Suite *suite = suite_create("ea_body");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_without_digest, 0,
                        sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(tcase, test_digest);
    tcase_add_test(tcase, test_nul_and_length);
    tcase_add_test(tcase, test_placeholders);
    suite_add_tcase(suite, tcase);
    return suite;
}
