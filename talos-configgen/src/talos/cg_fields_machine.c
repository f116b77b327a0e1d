/*
 * The v1alpha1 document and its fields below `machine:`.
 *
 * Written by tests/oracle/talos/fields from the library's own types; a test
 * compares. Do not edit.
 */
#include "talos/cg_fields.h"

#include <stddef.h>

#include "talos/cg_fields_types.h"

/* clang-format off */

static const struct cg_field cg_t_v1_machine_controller_manager_config_fields[] = {
    { "disabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_v1_machine_controller_manager_config = {
    "v1_machine_controller_manager_config", cg_t_v1_machine_controller_manager_config_fields, 1,
};

static const struct cg_field cg_t_v1_machine_scheduler_config_fields[] = {
    { "disabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_v1_machine_scheduler_config = {
    "v1_machine_scheduler_config", cg_t_v1_machine_scheduler_config_fields, 1,
};

static const struct cg_field cg_t_v1_machine_control_plane_config_fields[] = {
    { "controllerManager", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_machine_controller_manager_config, NULL },
    { "scheduler", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_machine_scheduler_config, NULL },
};
const struct cg_struct cg_t_v1_machine_control_plane_config = {
    "v1_machine_control_plane_config", cg_t_v1_machine_control_plane_config_fields, 2,
};

static const struct cg_field cg_t_v1_linux_id_mapping_fields[] = {
    { "containerID", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "hostID", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "size", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_linux_id_mapping = {
    "v1_linux_id_mapping", cg_t_v1_linux_id_mapping_fields, 3,
};

static const struct cg_field cg_t_v1_extra_mount_fields[] = {
    { "destination", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "type", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "source", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "options", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "uidMappings", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_linux_id_mapping, NULL },
    { "gidMappings", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_linux_id_mapping, NULL },
};
const struct cg_struct cg_t_v1_extra_mount = {
    "v1_extra_mount", cg_t_v1_extra_mount_fields, 6,
};

static const struct cg_field cg_t_v1_kubelet_node_ip_config_fields[] = {
    { "validSubnets", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_kubelet_node_ip_config = {
    "v1_kubelet_node_ip_config", cg_t_v1_kubelet_node_ip_config_fields, 1,
};

static const struct cg_field cg_t_v1_kubelet_config_fields[] = {
    { "image", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "clusterDNS", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "extraArgs", CG_S_MAP, CG_K_ARG, CG_M_TYPED, 0, NULL, NULL },
    { "extraMounts", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_extra_mount, NULL },
    { "extraConfig", CG_S_ONE, CG_K_FREE, CG_M_TYPED, 0, NULL, NULL },
    { "credentialProviderConfig", CG_S_ONE, CG_K_FREE, CG_M_TYPED, 0, NULL, NULL },
    { "defaultRuntimeSeccompProfileEnabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "registerWithFQDN", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "nodeIP", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_kubelet_node_ip_config, NULL },
    { "skipNodeRegistration", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "disableManifestsDirectory", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_v1_kubelet_config = {
    "v1_kubelet_config", cg_t_v1_kubelet_config_fields, 11,
};

static const struct cg_field cg_t_v1_network_device_selector_fields[] = {
    { "busPath", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "hardwareAddr", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "permanentAddr", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "pciID", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "driver", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "physical", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_v1_network_device_selector = {
    "v1_network_device_selector", cg_t_v1_network_device_selector_fields, 6,
};

static const struct cg_field cg_t_v1_route_fields[] = {
    { "network", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "gateway", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "source", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "metric", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "mtu", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_route = {
    "v1_route", cg_t_v1_route_fields, 5,
};

static const struct cg_field cg_t_v1_bond_fields[] = {
    { "interfaces", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "deviceSelectors", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_network_device_selector, NULL },
    { "arpIPTarget", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "mode", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "xmitHashPolicy", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "lacpRate", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "adActorSystem", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "arpValidate", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "arpAllTargets", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "primary", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "primaryReselect", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "failOverMac", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "adSelect", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "miimon", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "updelay", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "downdelay", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "arpInterval", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "resendIgmp", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "minLinks", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "lpInterval", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "packetsPerSlave", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "numPeerNotif", CG_S_ONE, CG_K_UINT8, CG_M_TYPED, 0, NULL, NULL },
    { "tlbDynamicLb", CG_S_ONE, CG_K_UINT8, CG_M_TYPED, 0, NULL, NULL },
    { "allSlavesActive", CG_S_ONE, CG_K_UINT8, CG_M_TYPED, 0, NULL, NULL },
    { "useCarrier", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "adActorSysPrio", CG_S_ONE, CG_K_UINT16, CG_M_TYPED, 0, NULL, NULL },
    { "adUserPortKey", CG_S_ONE, CG_K_UINT16, CG_M_TYPED, 0, NULL, NULL },
    { "peerNotifyDelay", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_bond = {
    "v1_bond", cg_t_v1_bond_fields, 28,
};

static const struct cg_field cg_t_v1_stp_fields[] = {
    { "enabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_v1_stp = {
    "v1_stp", cg_t_v1_stp_fields, 1,
};

static const struct cg_field cg_t_v1_bridge_vlan_fields[] = {
    { "vlanFiltering", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_v1_bridge_vlan = {
    "v1_bridge_vlan", cg_t_v1_bridge_vlan_fields, 1,
};

static const struct cg_field cg_t_v1_bridge_fields[] = {
    { "interfaces", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "stp", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_stp, NULL },
    { "vlan", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_bridge_vlan, NULL },
};
const struct cg_struct cg_t_v1_bridge = {
    "v1_bridge", cg_t_v1_bridge_fields, 3,
};

static const struct cg_field cg_t_v1_bridge_port_fields[] = {
    { "master", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_bridge_port = {
    "v1_bridge_port", cg_t_v1_bridge_port_fields, 1,
};

static const struct cg_field cg_t_v1_vip_equinix_metal_config_fields[] = {
    { "apiToken", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_vip_equinix_metal_config = {
    "v1_vip_equinix_metal_config", cg_t_v1_vip_equinix_metal_config_fields, 1,
};

static const struct cg_field cg_t_v1_viph_cloud_config_fields[] = {
    { "apiToken", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_viph_cloud_config = {
    "v1_viph_cloud_config", cg_t_v1_viph_cloud_config_fields, 1,
};

static const struct cg_field cg_t_v1_device_vip_config_fields[] = {
    { "ip", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "equinixMetal", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_vip_equinix_metal_config, NULL },
    { "hcloud", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_viph_cloud_config, NULL },
};
const struct cg_struct cg_t_v1_device_vip_config = {
    "v1_device_vip_config", cg_t_v1_device_vip_config_fields, 3,
};

static const struct cg_field cg_t_v1_dhcp_options_fields[] = {
    { "routeMetric", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "ipv4", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "ipv6", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "duidv6", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_dhcp_options = {
    "v1_dhcp_options", cg_t_v1_dhcp_options_fields, 4,
};

static const struct cg_field cg_t_v1_vlan_fields[] = {
    { "addresses", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "cidr", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "routes", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_route, NULL },
    { "dhcp", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "vlanId", CG_S_ONE, CG_K_UINT16, CG_M_TYPED, 0, NULL, NULL },
    { "mtu", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "vip", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_device_vip_config, NULL },
    { "dhcpOptions", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_dhcp_options, NULL },
};
const struct cg_struct cg_t_v1_vlan = {
    "v1_vlan", cg_t_v1_vlan_fields, 8,
};

static const struct cg_field cg_t_v1_device_wireguard_peer_fields[] = {
    { "publicKey", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "endpoint", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "persistentKeepaliveInterval", CG_S_ONE, CG_K_DURATION, CG_M_TYPED, 0, NULL, NULL },
    { "allowedIPs", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_device_wireguard_peer = {
    "v1_device_wireguard_peer", cg_t_v1_device_wireguard_peer_fields, 4,
};

static const struct cg_field cg_t_v1_device_wireguard_config_fields[] = {
    { "privateKey", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "listenPort", CG_S_ONE, CG_K_INT, CG_M_TYPED, 0, NULL, NULL },
    { "firewallMark", CG_S_ONE, CG_K_INT, CG_M_TYPED, 0, NULL, NULL },
    { "peers", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_device_wireguard_peer, NULL },
};
const struct cg_struct cg_t_v1_device_wireguard_config = {
    "v1_device_wireguard_config", cg_t_v1_device_wireguard_config_fields, 4,
};

static const struct cg_field cg_t_v1_device_fields[] = {
    { "interface", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "deviceSelector", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_network_device_selector, NULL },
    { "addresses", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "cidr", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "routes", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_route, NULL },
    { "bond", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_bond, NULL },
    { "bridge", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_bridge, NULL },
    { "bridgePort", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_bridge_port, NULL },
    { "vlans", CG_S_LIST, CG_K_STRUCT, CG_M_BY_KEY, 0, &cg_t_v1_vlan, "vlanId" },
    { "mtu", CG_S_ONE, CG_K_INT, CG_M_TYPED, 0, NULL, NULL },
    { "dhcp", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "ignore", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "dummy", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "dhcpOptions", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_dhcp_options, NULL },
    { "wireguard", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_device_wireguard_config, NULL },
    { "vip", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_device_vip_config, NULL },
};
const struct cg_struct cg_t_v1_device = {
    "v1_device", cg_t_v1_device_fields, 16,
};

static const struct cg_field cg_t_v1_extra_host_fields[] = {
    { "ip", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "aliases", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_extra_host = {
    "v1_extra_host", cg_t_v1_extra_host_fields, 2,
};

static const struct cg_field cg_t_v1_kube_span_filters_fields[] = {
    { "endpoints", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "excludeAdvertisedNetworks", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_kube_span_filters = {
    "v1_kube_span_filters", cg_t_v1_kube_span_filters_fields, 2,
};

static const struct cg_field cg_t_v1_network_kube_span_fields[] = {
    { "enabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "advertiseKubernetesNetworks", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "allowDownPeerBypass", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "harvestExtraEndpoints", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "mtu", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "filters", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_kube_span_filters, NULL },
};
const struct cg_struct cg_t_v1_network_kube_span = {
    "v1_network_kube_span", cg_t_v1_network_kube_span_fields, 6,
};

static const struct cg_field cg_t_v1_network_config_fields[] = {
    { "hostname", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "interfaces", CG_S_LIST, CG_K_STRUCT, CG_M_DEVICE, 0, &cg_t_v1_device, "interface" },
    { "nameservers", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "searchDomains", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "extraHostEntries", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_extra_host, NULL },
    { "kubespan", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_network_kube_span, NULL },
    { "disableSearchDomain", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_v1_network_config = {
    "v1_network_config", cg_t_v1_network_config_fields, 7,
};

static const struct cg_field cg_t_v1_disk_partition_fields[] = {
    { "size", CG_S_ONE, CG_K_DISK_SIZE, CG_M_TYPED, 0, NULL, NULL },
    { "mountpoint", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_disk_partition = {
    "v1_disk_partition", cg_t_v1_disk_partition_fields, 2,
};

static const struct cg_field cg_t_v1_machine_disk_fields[] = {
    { "device", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "partitions", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_disk_partition, NULL },
};
const struct cg_struct cg_t_v1_machine_disk = {
    "v1_machine_disk", cg_t_v1_machine_disk_fields, 2,
};

static const struct cg_field cg_t_v1_install_disk_selector_fields[] = {
    { "size", CG_S_ONE, CG_K_DISK_MATCH, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "model", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "serial", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "modalias", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "uuid", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "wwid", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "type", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "busPath", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_install_disk_selector = {
    "v1_install_disk_selector", cg_t_v1_install_disk_selector_fields, 9,
};

static const struct cg_field cg_t_v1_install_extension_config_fields[] = {
    { "image", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_install_extension_config = {
    "v1_install_extension_config", cg_t_v1_install_extension_config_fields, 1,
};

static const struct cg_field cg_t_v1_install_config_fields[] = {
    { "disk", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "diskSelector", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_install_disk_selector, NULL },
    { "extraKernelArgs", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "image", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "extensions", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_install_extension_config, NULL },
    { "bootloader", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "wipe", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "legacyBIOSSupport", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "grubUseUKICmdline", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_v1_install_config = {
    "v1_install_config", cg_t_v1_install_config_fields, 9,
};

static const struct cg_field cg_t_v1_machine_file_fields[] = {
    { "content", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "permissions", CG_S_ONE, CG_K_FILE_MODE, CG_M_TYPED, 0, NULL, NULL },
    { "path", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "op", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_machine_file = {
    "v1_machine_file", cg_t_v1_machine_file_fields, 4,
};

static const struct cg_field cg_t_v1_time_config_fields[] = {
    { "disabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "servers", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "bootTimeout", CG_S_ONE, CG_K_DURATION, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_time_config = {
    "v1_time_config", cg_t_v1_time_config_fields, 3,
};

static const struct cg_field cg_t_v1_registry_mirror_config_fields[] = {
    { "endpoints", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "overridePath", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "skipFallback", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_v1_registry_mirror_config = {
    "v1_registry_mirror_config", cg_t_v1_registry_mirror_config_fields, 3,
};

static const struct cg_field cg_t_v1_registry_tls_config_fields[] = {
    { "clientIdentity", CG_S_ONE, CG_K_PEM_PAIR, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "ca", CG_S_ONE, CG_K_BASE64, CG_M_TYPED, 0, NULL, NULL },
    { "insecureSkipVerify", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_v1_registry_tls_config = {
    "v1_registry_tls_config", cg_t_v1_registry_tls_config_fields, 3,
};

static const struct cg_field cg_t_v1_registry_auth_config_fields[] = {
    { "username", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "password", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "auth", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "identityToken", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_registry_auth_config = {
    "v1_registry_auth_config", cg_t_v1_registry_auth_config_fields, 4,
};

static const struct cg_field cg_t_v1_registry_config_fields[] = {
    { "tls", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_registry_tls_config, NULL },
    { "auth", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_registry_auth_config, NULL },
};
const struct cg_struct cg_t_v1_registry_config = {
    "v1_registry_config", cg_t_v1_registry_config_fields, 2,
};

static const struct cg_field cg_t_v1_registries_config_fields[] = {
    { "mirrors", CG_S_MAP, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_registry_mirror_config, NULL },
    { "config", CG_S_MAP, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_registry_config, NULL },
};
const struct cg_struct cg_t_v1_registries_config = {
    "v1_registries_config", cg_t_v1_registries_config_fields, 2,
};

static const struct cg_field cg_t_v1_encryption_key_static_fields[] = {
    { "passphrase", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_encryption_key_static = {
    "v1_encryption_key_static", cg_t_v1_encryption_key_static_fields, 1,
};

static const struct cg_field cg_t_v1_encryption_key_node_id_fields[] = {
    { NULL, CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_encryption_key_node_id = {
    "v1_encryption_key_node_id", cg_t_v1_encryption_key_node_id_fields, 0,
};

static const struct cg_field cg_t_v1_encryption_key_kms_fields[] = {
    { "endpoint", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_encryption_key_kms = {
    "v1_encryption_key_kms", cg_t_v1_encryption_key_kms_fields, 1,
};

static const struct cg_field cg_t_v1_encryption_key_tpm_fields[] = {
    { "checkSecurebootStatusOnEnroll", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_v1_encryption_key_tpm = {
    "v1_encryption_key_tpm", cg_t_v1_encryption_key_tpm_fields, 1,
};

static const struct cg_field cg_t_v1_encryption_key_fields[] = {
    { "static", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_encryption_key_static, NULL },
    { "nodeID", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_encryption_key_node_id, NULL },
    { "kms", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_encryption_key_kms, NULL },
    { "slot", CG_S_ONE, CG_K_INT, CG_M_TYPED, 0, NULL, NULL },
    { "tpm", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_encryption_key_tpm, NULL },
};
const struct cg_struct cg_t_v1_encryption_key = {
    "v1_encryption_key", cg_t_v1_encryption_key_fields, 5,
};

static const struct cg_field cg_t_v1_encryption_config_fields[] = {
    { "provider", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "keys", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_encryption_key, NULL },
    { "cipher", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "keySize", CG_S_ONE, CG_K_UINT64, CG_M_TYPED, 0, NULL, NULL },
    { "blockSize", CG_S_ONE, CG_K_UINT64, CG_M_TYPED, 0, NULL, NULL },
    { "options", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_encryption_config = {
    "v1_encryption_config", cg_t_v1_encryption_config_fields, 6,
};

static const struct cg_field cg_t_v1_system_disk_encryption_config_fields[] = {
    { "state", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_encryption_config, NULL },
    { "ephemeral", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_encryption_config, NULL },
};
const struct cg_struct cg_t_v1_system_disk_encryption_config = {
    "v1_system_disk_encryption_config", cg_t_v1_system_disk_encryption_config_fields, 2,
};

static const struct cg_field cg_t_v1_kubernetes_talos_api_access_config_fields[] = {
    { "enabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "allowedRoles", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "allowedKubernetesNamespaces", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_kubernetes_talos_api_access_config = {
    "v1_kubernetes_talos_api_access_config", cg_t_v1_kubernetes_talos_api_access_config_fields, 3,
};

static const struct cg_field cg_t_v1_kube_prism_fields[] = {
    { "enabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "port", CG_S_ONE, CG_K_INT, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_kube_prism = {
    "v1_kube_prism", cg_t_v1_kube_prism_fields, 2,
};

static const struct cg_field cg_t_v1_host_dns_config_fields[] = {
    { "enabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "forwardKubeDNSToHost", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "resolveMemberNames", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_v1_host_dns_config = {
    "v1_host_dns_config", cg_t_v1_host_dns_config_fields, 3,
};

static const struct cg_field cg_t_v1_image_cache_config_fields[] = {
    { "localEnabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_v1_image_cache_config = {
    "v1_image_cache_config", cg_t_v1_image_cache_config_fields, 1,
};

static const struct cg_field cg_t_v1_features_config_fields[] = {
    { "rbac", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "stableHostname", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "kubernetesTalosAPIAccess", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_kubernetes_talos_api_access_config, NULL },
    { "apidCheckExtKeyUsage", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "diskQuotaSupport", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "kubePrism", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_kube_prism, NULL },
    { "hostDNS", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_host_dns_config, NULL },
    { "imageCache", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_image_cache_config, NULL },
    { "nodeAddressSortAlgorithm", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_features_config = {
    "v1_features_config", cg_t_v1_features_config_fields, 9,
};

static const struct cg_field cg_t_v1_udev_config_fields[] = {
    { "rules", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_udev_config = {
    "v1_udev_config", cg_t_v1_udev_config_fields, 1,
};

static const struct cg_field cg_t_v1_logging_destination_fields[] = {
    { "endpoint", CG_S_ONE, CG_K_URL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "format", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "extraTags", CG_S_MAP, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_logging_destination = {
    "v1_logging_destination", cg_t_v1_logging_destination_fields, 3,
};

static const struct cg_field cg_t_v1_logging_config_fields[] = {
    { "destinations", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_logging_destination, NULL },
};
const struct cg_struct cg_t_v1_logging_config = {
    "v1_logging_config", cg_t_v1_logging_config_fields, 1,
};

static const struct cg_field cg_t_v1_kernel_module_config_fields[] = {
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "parameters", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_kernel_module_config = {
    "v1_kernel_module_config", cg_t_v1_kernel_module_config_fields, 2,
};

static const struct cg_field cg_t_v1_kernel_config_fields[] = {
    { "modules", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_kernel_module_config, NULL },
};
const struct cg_struct cg_t_v1_kernel_config = {
    "v1_kernel_config", cg_t_v1_kernel_config_fields, 1,
};

static const struct cg_field cg_t_v1_machine_seccomp_profile_fields[] = {
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "value", CG_S_ONE, CG_K_FREE, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_machine_seccomp_profile = {
    "v1_machine_seccomp_profile", cg_t_v1_machine_seccomp_profile_fields, 2,
};

static const struct cg_field cg_t_v1_machine_config_fields[] = {
    { "type", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "token", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "ca", CG_S_ONE, CG_K_PEM_PAIR, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "acceptedCAs", CG_S_LIST, CG_K_PEM_CERT, CG_M_TYPED, 0, NULL, NULL },
    { "certSANs", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "controlPlane", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_machine_control_plane_config, NULL },
    { "kubelet", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_kubelet_config, NULL },
    { "pods", CG_S_LIST, CG_K_FREE, CG_M_TYPED, 0, NULL, NULL },
    { "network", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_network_config, NULL },
    { "disks", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_machine_disk, NULL },
    { "install", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_install_config, NULL },
    { "files", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_machine_file, NULL },
    { "env", CG_S_MAP, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "time", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_time_config, NULL },
    { "sysctls", CG_S_MAP, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "sysfs", CG_S_MAP, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "registries", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_registries_config, NULL },
    { "systemDiskEncryption", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_system_disk_encryption_config, NULL },
    { "features", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_features_config, NULL },
    { "udev", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_udev_config, NULL },
    { "logging", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_logging_config, NULL },
    { "kernel", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_kernel_config, NULL },
    { "seccompProfiles", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_v1_machine_seccomp_profile, NULL },
    { "baseRuntimeSpecOverrides", CG_S_ONE, CG_K_FREE, CG_M_TYPED, 0, NULL, NULL },
    { "nodeLabels", CG_S_MAP, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "nodeAnnotations", CG_S_MAP, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "nodeTaints", CG_S_MAP, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_v1_machine_config = {
    "v1_machine_config", cg_t_v1_machine_config_fields, 27,
};

static const struct cg_field cg_t_v1_config_fields[] = {
    { "version", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "debug", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "persist", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "machine", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_machine_config, NULL },
    { "cluster", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_v1_cluster_config, NULL },
};
const struct cg_struct cg_t_v1_config = {
    "v1_config", cg_t_v1_config_fields, 5,
};
