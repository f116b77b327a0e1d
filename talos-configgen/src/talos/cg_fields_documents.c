/*
 * The other documents, and the table of all kinds.
 *
 * Written by tests/oracle/talos/fields from the library's own types; a test
 * compares. Do not edit.
 */
#include "talos/cg_fields.h"

#include <stddef.h>

#include "talos/cg_fields_types.h"

/* clang-format off */

static const struct cg_field cg_t_runtime_environment_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "variables", CG_S_MAP, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_runtime_environment = {
    "runtime_environment", cg_t_runtime_environment_fields, 3,
};

static const struct cg_field cg_t_runtime_event_sink_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "endpoint", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_runtime_event_sink = {
    "runtime_event_sink", cg_t_runtime_event_sink_fields, 3,
};

static const struct cg_field cg_t_block_volume_selector_fields[] = {
    { "match", CG_S_ONE, CG_K_CEL, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_block_volume_selector = {
    "block_volume_selector", cg_t_block_volume_selector_fields, 1,
};

static const struct cg_field cg_t_block_volume_discovery_spec_fields[] = {
    { "volumeSelector", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_block_volume_selector, NULL },
};
const struct cg_struct cg_t_block_volume_discovery_spec = {
    "block_volume_discovery_spec", cg_t_block_volume_discovery_spec_fields, 1,
};

static const struct cg_field cg_t_block_existing_mount_spec_fields[] = {
    { "readOnly", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "disableAccessTime", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "secure", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_block_existing_mount_spec = {
    "block_existing_mount_spec", cg_t_block_existing_mount_spec_fields, 3,
};

static const struct cg_field cg_t_block_existing_volume_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "discovery", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_block_volume_discovery_spec, NULL },
    { "mount", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_block_existing_mount_spec, NULL },
};
const struct cg_struct cg_t_block_existing_volume_config = {
    "block_existing_volume_config", cg_t_block_existing_volume_config_fields, 5,
};

static const struct cg_field cg_t_extensions_config_file_fields[] = {
    { "content", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "mountPath", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_extensions_config_file = {
    "extensions_config_file", cg_t_extensions_config_file_fields, 2,
};

static const struct cg_field cg_t_extensions_service_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "configFiles", CG_S_LIST, CG_K_STRUCT, CG_M_BY_KEY, 0, &cg_t_extensions_config_file, "mountPath" },
    { "environment", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_extensions_service_config = {
    "extensions_service_config", cg_t_extensions_service_config_fields, 5,
};

static const struct cg_field cg_t_block_virtiofs_mount_spec_fields[] = {
    { "tag", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_block_virtiofs_mount_spec = {
    "block_virtiofs_mount_spec", cg_t_block_virtiofs_mount_spec_fields, 1,
};

static const struct cg_field cg_t_block_external_mount_spec_fields[] = {
    { "readOnly", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "disableAccessTime", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "secure", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "virtiofs", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_block_virtiofs_mount_spec, NULL },
};
const struct cg_struct cg_t_block_external_mount_spec = {
    "block_external_mount_spec", cg_t_block_external_mount_spec_fields, 4,
};

static const struct cg_field cg_t_block_external_volume_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "filesystemType", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, 0, NULL, "none xfs vfat ext4 iso9660 swapi virtiofs" },
    { "mount", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_block_external_mount_spec, NULL },
};
const struct cg_struct cg_t_block_external_volume_config = {
    "block_external_volume_config", cg_t_block_external_volume_config_fields, 5,
};

static const struct cg_field cg_t_security_image_keyless_verifier_fields[] = {
    { "issuer", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "subject", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "subjectRegex", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_security_image_keyless_verifier = {
    "security_image_keyless_verifier", cg_t_security_image_keyless_verifier_fields, 3,
};

static const struct cg_field cg_t_security_image_public_key_verifier_fields[] = {
    { "certificate", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_security_image_public_key_verifier = {
    "security_image_public_key_verifier", cg_t_security_image_public_key_verifier_fields, 1,
};

static const struct cg_field cg_t_security_image_verification_rule_fields[] = {
    { "image", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "skip", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "deny", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "keyless", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_security_image_keyless_verifier, NULL },
    { "publicKey", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_security_image_public_key_verifier, NULL },
};
const struct cg_struct cg_t_security_image_verification_rule = {
    "security_image_verification_rule", cg_t_security_image_verification_rule_fields, 5,
};

static const struct cg_field cg_t_security_image_verification_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "rules", CG_S_LIST, CG_K_STRUCT, CG_M_SWAP, 0, &cg_t_security_image_verification_rule, "image" },
};
const struct cg_struct cg_t_security_image_verification_config = {
    "security_image_verification_config", cg_t_security_image_verification_config_fields, 3,
};

static const struct cg_field cg_t_runtime_kmsg_log_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "url", CG_S_ONE, CG_K_URL, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_runtime_kmsg_log = {
    "runtime_kmsg_log", cg_t_runtime_kmsg_log_fields, 4,
};

static const struct cg_field cg_t_netip_addr_port_fields[] = {
    { NULL, CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_netip_addr_port = {
    "netip_addr_port", cg_t_netip_addr_port_fields, 0,
};

static const struct cg_field cg_t_runtime_oom_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "triggerExpression", CG_S_ONE, CG_K_CEL, CG_M_TYPED, 0, NULL, NULL },
    { "cgroupRankingExpression", CG_S_ONE, CG_K_CEL, CG_M_TYPED, 0, NULL, NULL },
    { "strictCgroupClassOrdering", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "sampleInterval", CG_S_ONE, CG_K_DURATION, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_runtime_oom = {
    "runtime_oom", cg_t_runtime_oom_fields, 6,
};

static const struct cg_field cg_t_hardware_pci_driver_rebind_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "targetDriver", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_hardware_pci_driver_rebind_config = {
    "hardware_pci_driver_rebind_config", cg_t_hardware_pci_driver_rebind_config_fields, 4,
};

static const struct cg_field cg_t_block_disk_selector_fields[] = {
    { "match", CG_S_ONE, CG_K_CEL, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_block_disk_selector = {
    "block_disk_selector", cg_t_block_disk_selector_fields, 1,
};

static const struct cg_field cg_t_block_provisioning_spec_fields[] = {
    { "diskSelector", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_block_disk_selector, NULL },
    { "grow", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "minSize", CG_S_ONE, CG_K_BYTE_SIZE, CG_M_TYPED, 0, NULL, NULL },
    { "maxSize", CG_S_ONE, CG_K_SIZE, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_block_provisioning_spec = {
    "block_provisioning_spec", cg_t_block_provisioning_spec_fields, 4,
};

static const struct cg_field cg_t_block_encryption_key_static_fields[] = {
    { "passphrase", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_block_encryption_key_static = {
    "block_encryption_key_static", cg_t_block_encryption_key_static_fields, 1,
};

static const struct cg_field cg_t_block_encryption_key_node_id_fields[] = {
    { NULL, CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_block_encryption_key_node_id = {
    "block_encryption_key_node_id", cg_t_block_encryption_key_node_id_fields, 0,
};

static const struct cg_field cg_t_block_encryption_key_kms_fields[] = {
    { "endpoint", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_block_encryption_key_kms = {
    "block_encryption_key_kms", cg_t_block_encryption_key_kms_fields, 1,
};

static const struct cg_field cg_t_block_encryption_key_tpm_options_fields[] = {
    { "pcrs", CG_S_LIST, CG_K_INT, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_block_encryption_key_tpm_options = {
    "block_encryption_key_tpm_options", cg_t_block_encryption_key_tpm_options_fields, 1,
};

static const struct cg_field cg_t_block_encryption_key_tpm_fields[] = {
    { "options", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_block_encryption_key_tpm_options, NULL },
    { "checkSecurebootStatusOnEnroll", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_block_encryption_key_tpm = {
    "block_encryption_key_tpm", cg_t_block_encryption_key_tpm_fields, 2,
};

static const struct cg_field cg_t_block_encryption_key_fields[] = {
    { "slot", CG_S_ONE, CG_K_INT, CG_M_TYPED, 0, NULL, NULL },
    { "static", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_block_encryption_key_static, NULL },
    { "nodeID", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_block_encryption_key_node_id, NULL },
    { "kms", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_block_encryption_key_kms, NULL },
    { "tpm", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_block_encryption_key_tpm, NULL },
    { "lockToState", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_block_encryption_key = {
    "block_encryption_key", cg_t_block_encryption_key_fields, 6,
};

static const struct cg_field cg_t_block_encryption_spec_fields[] = {
    { "provider", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, 0, NULL, "none luks2" },
    { "keys", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_block_encryption_key, NULL },
    { "cipher", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "keySize", CG_S_ONE, CG_K_UINT64, CG_M_TYPED, 0, NULL, NULL },
    { "blockSize", CG_S_ONE, CG_K_UINT64, CG_M_TYPED, 0, NULL, NULL },
    { "options", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_block_encryption_spec = {
    "block_encryption_spec", cg_t_block_encryption_spec_fields, 6,
};

static const struct cg_field cg_t_block_raw_volume_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "provisioning", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_block_provisioning_spec, NULL },
    { "encryption", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_block_encryption_spec, NULL },
};
const struct cg_struct cg_t_block_raw_volume_config = {
    "block_raw_volume_config", cg_t_block_raw_volume_config_fields, 5,
};

static const struct cg_field cg_t_cri_registry_auth_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "username", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "password", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "auth", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "identityToken", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_cri_registry_auth_config = {
    "cri_registry_auth_config", cg_t_cri_registry_auth_config_fields, 7,
};

static const struct cg_field cg_t_cri_registry_endpoint_fields[] = {
    { "url", CG_S_ONE, CG_K_URL, CG_M_TYPED, 0, NULL, NULL },
    { "overridePath", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_cri_registry_endpoint = {
    "cri_registry_endpoint", cg_t_cri_registry_endpoint_fields, 2,
};

static const struct cg_field cg_t_cri_registry_mirror_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "endpoints", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_cri_registry_endpoint, NULL },
    { "skipFallback", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_cri_registry_mirror_config = {
    "cri_registry_mirror_config", cg_t_cri_registry_mirror_config_fields, 5,
};

static const struct cg_field cg_t_meta_certificate_and_key_fields[] = {
    { "cert", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "key", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_meta_certificate_and_key = {
    "meta_certificate_and_key", cg_t_meta_certificate_and_key_fields, 2,
};

static const struct cg_field cg_t_cri_registry_tls_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "clientIdentity", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_meta_certificate_and_key, NULL },
    { "ca", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "insecureSkipVerify", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_cri_registry_tls_config = {
    "cri_registry_tls_config", cg_t_cri_registry_tls_config_fields, 6,
};

static const struct cg_field cg_t_siderolink_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "apiUrl", CG_S_ONE, CG_K_URL, CG_M_TYPED, 0, NULL, NULL },
    { "uniqueToken", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_siderolink_config = {
    "siderolink_config", cg_t_siderolink_config_fields, 4,
};

static const struct cg_field cg_t_block_swap_volume_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "provisioning", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_block_provisioning_spec, NULL },
    { "encryption", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_block_encryption_spec, NULL },
};
const struct cg_struct cg_t_block_swap_volume_config = {
    "block_swap_volume_config", cg_t_block_swap_volume_config_fields, 5,
};

static const struct cg_field cg_t_security_trusted_roots_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "certificates", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_security_trusted_roots_config = {
    "security_trusted_roots_config", cg_t_security_trusted_roots_config_fields, 4,
};

static const struct cg_field cg_t_block_filesystem_spec_fields[] = {
    { "type", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, 0, NULL, "none xfs vfat ext4 iso9660 swapi virtiofs" },
    { "projectQuotaSupport", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_block_filesystem_spec = {
    "block_filesystem_spec", cg_t_block_filesystem_spec_fields, 2,
};

static const struct cg_field cg_t_block_user_mount_spec_fields[] = {
    { "disableAccessTime", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "secure", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_block_user_mount_spec = {
    "block_user_mount_spec", cg_t_block_user_mount_spec_fields, 2,
};

static const struct cg_field cg_t_block_user_volume_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "volumeType", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, CG_F_POINTER, NULL, "partition disk tmpfs directory symlink overlay external" },
    { "provisioning", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_block_provisioning_spec, NULL },
    { "filesystem", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_block_filesystem_spec, NULL },
    { "encryption", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_block_encryption_spec, NULL },
    { "mount", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_block_user_mount_spec, NULL },
};
const struct cg_struct cg_t_block_user_volume_config = {
    "block_user_volume_config", cg_t_block_user_volume_config_fields, 8,
};

static const struct cg_field cg_t_block_mount_spec_fields[] = {
    { "secure", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_block_mount_spec = {
    "block_mount_spec", cg_t_block_mount_spec_fields, 1,
};

static const struct cg_field cg_t_block_volume_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "provisioning", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_block_provisioning_spec, NULL },
    { "encryption", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_block_encryption_spec, NULL },
    { "mount", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_block_mount_spec, NULL },
};
const struct cg_struct cg_t_block_volume_config = {
    "block_volume_config", cg_t_block_volume_config_fields, 6,
};

static const struct cg_field cg_t_runtime_watchdog_timer_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "device", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "timeout", CG_S_ONE, CG_K_DURATION, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_runtime_watchdog_timer = {
    "runtime_watchdog_timer", cg_t_runtime_watchdog_timer_fields, 4,
};

static const struct cg_field cg_t_block_zswap_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "maxPoolPercent", CG_S_ONE, CG_K_INT, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "shrinkerEnabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_block_zswap_config = {
    "block_zswap_config", cg_t_block_zswap_config_fields, 4,
};

const struct cg_doc_kind cg_doc_kinds[] = {
    { "", &cg_t_v1_config, NULL, false },
    { "BlackholeRouteConfig", &cg_t_network_blackhole_route_config, NULL, true },
    { "BondConfig", &cg_t_network_bond_config, "BridgeConfig DummyLinkConfig LinkConfig VLANConfig VRFConfig WireguardConfig", true },
    { "BridgeConfig", &cg_t_network_bridge_config, "BondConfig DummyLinkConfig LinkConfig VLANConfig VRFConfig WireguardConfig", true },
    { "DHCPv4Config", &cg_t_network_dhc_pv4_config, NULL, true },
    { "DHCPv6Config", &cg_t_network_dhc_pv6_config, NULL, true },
    { "DummyLinkConfig", &cg_t_network_dummy_link_config, "BondConfig BridgeConfig LinkConfig VLANConfig VRFConfig WireguardConfig", true },
    { "EnvironmentConfig", &cg_t_runtime_environment, NULL, false },
    { "EthernetConfig", &cg_t_network_ethernet_config, NULL, true },
    { "EventSinkConfig", &cg_t_runtime_event_sink, NULL, false },
    { "ExistingVolumeConfig", &cg_t_block_existing_volume_config, "UserVolumeConfig", true },
    { "ExtensionServiceConfig", &cg_t_extensions_service_config, NULL, true },
    { "ExternalVolumeConfig", &cg_t_block_external_volume_config, NULL, true },
    { "HCloudVIPConfig", &cg_t_network_h_cloud_vip_config, "Layer2VIPConfig", true },
    { "HostnameConfig", &cg_t_network_hostname_config, NULL, false },
    { "ImageVerificationConfig", &cg_t_security_image_verification_config, NULL, false },
    { "KmsgLogConfig", &cg_t_runtime_kmsg_log, NULL, true },
    { "KubeSpanConfig", &cg_t_network_kube_span_config, NULL, false },
    { "KubeSpanEndpointsConfig", &cg_t_network_kubespan_endpoints_config, NULL, false },
    { "Layer2VIPConfig", &cg_t_network_layer2_vip_config, "HCloudVIPConfig", true },
    { "LinkAliasConfig", &cg_t_network_link_alias_config, NULL, true },
    { "LinkConfig", &cg_t_network_link_config, "BondConfig BridgeConfig DummyLinkConfig VLANConfig VRFConfig WireguardConfig", true },
    { "NetworkDefaultActionConfig", &cg_t_network_default_action_config, NULL, false },
    { "NetworkRuleConfig", &cg_t_network_rule_config, NULL, true },
    { "OOMConfig", &cg_t_runtime_oom, NULL, false },
    { "PCIDriverRebindConfig", &cg_t_hardware_pci_driver_rebind_config, NULL, true },
    { "RawVolumeConfig", &cg_t_block_raw_volume_config, NULL, true },
    { "RegistryAuthConfig", &cg_t_cri_registry_auth_config, NULL, true },
    { "RegistryMirrorConfig", &cg_t_cri_registry_mirror_config, NULL, true },
    { "RegistryTLSConfig", &cg_t_cri_registry_tls_config, NULL, true },
    { "ResolverConfig", &cg_t_network_resolver_config, NULL, false },
    { "RoutingRuleConfig", &cg_t_network_routing_rule_config, NULL, true },
    { "SideroLinkConfig", &cg_t_siderolink_config, NULL, false },
    { "StaticHostConfig", &cg_t_network_static_host_config, NULL, true },
    { "SwapVolumeConfig", &cg_t_block_swap_volume_config, NULL, true },
    { "TCPProbeConfig", &cg_t_network_tcp_probe_config, NULL, true },
    { "TimeSyncConfig", &cg_t_network_time_sync_config, NULL, false },
    { "TrustedRootsConfig", &cg_t_security_trusted_roots_config, NULL, true },
    { "UserVolumeConfig", &cg_t_block_user_volume_config, "ExistingVolumeConfig", true },
    { "VLANConfig", &cg_t_network_vlan_config, "BondConfig BridgeConfig DummyLinkConfig LinkConfig VRFConfig WireguardConfig", true },
    { "VRFConfig", &cg_t_network_vrf_config, "BondConfig BridgeConfig DummyLinkConfig LinkConfig VLANConfig WireguardConfig", true },
    { "VolumeConfig", &cg_t_block_volume_config, NULL, true },
    { "WatchdogTimerConfig", &cg_t_runtime_watchdog_timer, NULL, false },
    { "WireguardConfig", &cg_t_network_wireguard_config, "BondConfig BridgeConfig DummyLinkConfig LinkConfig VLANConfig VRFConfig", true },
    { "ZswapConfig", &cg_t_block_zswap_config, NULL, false },
};
const size_t cg_doc_kind_count = 45;
