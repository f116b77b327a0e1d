/*
 * Fields below `cluster:` of the v1alpha1 document.
 *
 * Written by tests/oracle/talos/fields from the library's own types; a test
 * compares. Do not edit.
 */
#include "talos/cg_fields.h"

#include <stddef.h>

#include "talos/cg_fields_types.h"

/* clang-format off */

static const struct cg_field cg_t_v1_control_plane_config_fields[] = {
    { "endpoint", CG_S_ONE, CG_K_URL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "localAPIServerPort", CG_S_ONE, CG_K_INT, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_control_plane_config = {
    "v1_control_plane_config", cg_t_v1_control_plane_config_fields, 2,
};

static const struct cg_field cg_t_v1_flannel_cni_config_fields[] = {
    { "extraArgs", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kubeNetworkPoliciesEnabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_v1_flannel_cni_config = {
    "v1_flannel_cni_config", cg_t_v1_flannel_cni_config_fields, 2,
};

static const struct cg_field cg_t_v1_cni_config_fields[] = {
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "urls", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "flannel", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_flannel_cni_config, NULL },
};
const struct cg_struct cg_t_v1_cni_config = {
    "v1_cni_config", cg_t_v1_cni_config_fields, 3,
};

static const struct cg_field cg_t_v1_cluster_network_config_fields[] = {
    { "cni", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_cni_config, NULL },
    { "dnsDomain", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "podSubnets", CG_S_LIST, CG_K_STRING, CG_M_REPLACE, 0, NULL, NULL },
    { "serviceSubnets", CG_S_LIST, CG_K_STRING, CG_M_REPLACE, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_cluster_network_config = {
    "v1_cluster_network_config", cg_t_v1_cluster_network_config_fields, 4,
};

static const struct cg_field cg_t_v1_volume_mount_config_fields[] = {
    { "hostPath", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "mountPath", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "readonly", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_volume_mount_config = {
    "v1_volume_mount_config", cg_t_v1_volume_mount_config_fields, 3,
};

static const struct cg_field cg_t_v1_admission_plugin_config_fields[] = {
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "configuration", CG_S_ONE, CG_K_FREE, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_admission_plugin_config = {
    "v1_admission_plugin_config", cg_t_v1_admission_plugin_config_fields, 2,
};

static const struct cg_field cg_t_v1_resources_config_fields[] = {
    { "requests", CG_S_ONE, CG_K_FREE, CG_M_TYPED, 0, NULL, NULL },
    { "limits", CG_S_ONE, CG_K_FREE, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_resources_config = {
    "v1_resources_config", cg_t_v1_resources_config_fields, 2,
};

static const struct cg_field cg_t_v1_authorization_config_authorizer_config_fields[] = {
    { "type", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "webhook", CG_S_ONE, CG_K_FREE, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_authorization_config_authorizer_config = {
    "v1_authorization_config_authorizer_config", cg_t_v1_authorization_config_authorizer_config_fields, 3,
};

static const struct cg_field cg_t_v1_api_server_config_fields[] = {
    { "image", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "extraArgs", CG_S_MAP, CG_K_ARG, CG_M_TYPED, 0, NULL, NULL },
    { "extraVolumes", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_volume_mount_config, NULL },
    { "env", CG_S_MAP, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "certSANs", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "disablePodSecurityPolicy", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "admissionControl", CG_S_LIST, CG_K_STRUCT, CG_M_BY_KEY, 0, &cg_t_v1_admission_plugin_config, "name" },
    { "auditPolicy", CG_S_ONE, CG_K_FREE, CG_M_REPLACE, 0, NULL, NULL },
    { "resources", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_resources_config, NULL },
    { "authorizationConfig", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_authorization_config_authorizer_config, NULL },
};
const struct cg_struct cg_t_v1_api_server_config = {
    "v1_api_server_config", cg_t_v1_api_server_config_fields, 10,
};

static const struct cg_field cg_t_v1_controller_manager_config_fields[] = {
    { "image", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "extraArgs", CG_S_MAP, CG_K_ARG, CG_M_TYPED, 0, NULL, NULL },
    { "extraVolumes", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_volume_mount_config, NULL },
    { "env", CG_S_MAP, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "resources", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_resources_config, NULL },
};
const struct cg_struct cg_t_v1_controller_manager_config = {
    "v1_controller_manager_config", cg_t_v1_controller_manager_config_fields, 5,
};

static const struct cg_field cg_t_v1_proxy_config_fields[] = {
    { "disabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "image", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "mode", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "extraArgs", CG_S_MAP, CG_K_ARG, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_proxy_config = {
    "v1_proxy_config", cg_t_v1_proxy_config_fields, 4,
};

static const struct cg_field cg_t_v1_scheduler_config_fields[] = {
    { "image", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "extraArgs", CG_S_MAP, CG_K_ARG, CG_M_TYPED, 0, NULL, NULL },
    { "extraVolumes", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_volume_mount_config, NULL },
    { "env", CG_S_MAP, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "resources", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_resources_config, NULL },
    { "config", CG_S_ONE, CG_K_FREE, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_scheduler_config = {
    "v1_scheduler_config", cg_t_v1_scheduler_config_fields, 6,
};

static const struct cg_field cg_t_v1_registry_kubernetes_config_fields[] = {
    { "disabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_v1_registry_kubernetes_config = {
    "v1_registry_kubernetes_config", cg_t_v1_registry_kubernetes_config_fields, 1,
};

static const struct cg_field cg_t_v1_registry_service_config_fields[] = {
    { "disabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "endpoint", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_registry_service_config = {
    "v1_registry_service_config", cg_t_v1_registry_service_config_fields, 2,
};

static const struct cg_field cg_t_v1_discovery_registries_config_fields[] = {
    { "kubernetes", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_registry_kubernetes_config, NULL },
    { "service", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_registry_service_config, NULL },
};
const struct cg_struct cg_t_v1_discovery_registries_config = {
    "v1_discovery_registries_config", cg_t_v1_discovery_registries_config_fields, 2,
};

static const struct cg_field cg_t_v1_cluster_discovery_config_fields[] = {
    { "enabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "registries", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_discovery_registries_config, NULL },
};
const struct cg_struct cg_t_v1_cluster_discovery_config = {
    "v1_cluster_discovery_config", cg_t_v1_cluster_discovery_config_fields, 2,
};

static const struct cg_field cg_t_v1_etcd_config_fields[] = {
    { "image", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "ca", CG_S_ONE, CG_K_PEM_PAIR, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "extraArgs", CG_S_MAP, CG_K_ARG, CG_M_TYPED, 0, NULL, NULL },
    { "subnet", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "advertisedSubnets", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "listenSubnets", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_etcd_config = {
    "v1_etcd_config", cg_t_v1_etcd_config_fields, 6,
};

static const struct cg_field cg_t_v1_core_dns_fields[] = {
    { "disabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "image", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_core_dns = {
    "v1_core_dns", cg_t_v1_core_dns_fields, 2,
};

static const struct cg_field cg_t_v1_external_cloud_provider_config_fields[] = {
    { "enabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "manifests", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_external_cloud_provider_config = {
    "v1_external_cloud_provider_config", cg_t_v1_external_cloud_provider_config_fields, 2,
};

static const struct cg_field cg_t_v1_cluster_inline_manifest_fields[] = {
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "contents", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_cluster_inline_manifest = {
    "v1_cluster_inline_manifest", cg_t_v1_cluster_inline_manifest_fields, 2,
};

static const struct cg_field cg_t_v1_admin_kubeconfig_config_fields[] = {
    { "certLifetime", CG_S_ONE, CG_K_DURATION, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_admin_kubeconfig_config = {
    "v1_admin_kubeconfig_config", cg_t_v1_admin_kubeconfig_config_fields, 1,
};

static const struct cg_field cg_t_v1_cluster_config_fields[] = {
    { "id", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "secret", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "controlPlane", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_control_plane_config, NULL },
    { "clusterName", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "network", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_cluster_network_config, NULL },
    { "token", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "aescbcEncryptionSecret", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "secretboxEncryptionSecret", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "ca", CG_S_ONE, CG_K_PEM_PAIR, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "acceptedCAs", CG_S_LIST, CG_K_PEM_CERT, CG_M_TYPED, 0, NULL, NULL },
    { "aggregatorCA", CG_S_ONE, CG_K_PEM_PAIR, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "serviceAccount", CG_S_ONE, CG_K_PEM_KEY, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "apiServer", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_api_server_config, NULL },
    { "controllerManager", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_controller_manager_config, NULL },
    { "proxy", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_proxy_config, NULL },
    { "scheduler", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_scheduler_config, NULL },
    { "discovery", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_cluster_discovery_config, NULL },
    { "etcd", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_etcd_config, NULL },
    { "coreDNS", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_core_dns, NULL },
    { "externalCloudProvider", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_external_cloud_provider_config, NULL },
    { "extraManifests", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "extraManifestHeaders", CG_S_MAP, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "inlineManifests", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_cluster_inline_manifest, NULL },
    { "adminKubeconfig", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_admin_kubeconfig_config, NULL },
    { "allowSchedulingOnMasters", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "allowSchedulingOnControlPlanes", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_v1_cluster_config = {
    "v1_cluster_config", cg_t_v1_cluster_config_fields, 26,
};
