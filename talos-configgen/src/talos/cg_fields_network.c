/*
 * Fields of the network documents.
 *
 * Written by tests/oracle/talos/fields from the library's own types; a test
 * compares. Do not edit.
 */
#include "talos/cg_fields.h"

#include <stddef.h>

#include "talos/cg_fields_types.h"

/* clang-format off */

static const struct cg_field cg_t_network_blackhole_route_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "metric", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_network_blackhole_route_config = {
    "network_blackhole_route_config", cg_t_network_blackhole_route_config_fields, 4,
};

static const struct cg_field cg_t_network_address_config_fields[] = {
    { "address", CG_S_ONE, CG_K_PREFIX, CG_M_TYPED, 0, NULL, NULL },
    { "routePriority", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_network_address_config = {
    "network_address_config", cg_t_network_address_config_fields, 2,
};

static const struct cg_field cg_t_network_route_config_fields[] = {
    { "destination", CG_S_ONE, CG_K_PREFIX, CG_M_TYPED, 0, NULL, NULL },
    { "gateway", CG_S_ONE, CG_K_ADDR, CG_M_TYPED, 0, NULL, NULL },
    { "source", CG_S_ONE, CG_K_ADDR, CG_M_TYPED, 0, NULL, NULL },
    { "metric", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "mtu", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "table", CG_S_ONE, CG_K_ROUTING_TABLE, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_network_route_config = {
    "network_route_config", cg_t_network_route_config_fields, 6,
};

static const struct cg_field cg_t_network_bond_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "hardwareAddr", CG_S_ONE, CG_K_HWADDR, CG_M_TYPED, 0, NULL, NULL },
    { "links", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "bondMode", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, CG_F_POINTER, NULL, "balance-rr active-backup balance-xor broadcast 802.3ad balance-tlb balance-alb" },
    { "miimon", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "updelay", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "downdelay", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "useCarrier", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "xmitHashPolicy", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, CG_F_POINTER, NULL, "layer2 layer3+4 layer2+3 encap2+3 encap3+4" },
    { "arpInterval", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "arpIpTargets", CG_S_LIST, CG_K_ADDR, CG_M_TYPED, 0, NULL, NULL },
    { "nsIp6Targets", CG_S_LIST, CG_K_ADDR, CG_M_TYPED, 0, NULL, NULL },
    { "arpValidate", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, CG_F_POINTER, NULL, "none active backup all filter filter-active filter-backup" },
    { "arpAllTargets", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, CG_F_POINTER, NULL, "any all" },
    { "lacpRate", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, CG_F_POINTER, NULL, "slow fast" },
    { "failOverMac", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, CG_F_POINTER, NULL, "none active follow 0 1 2" },
    { "adSelect", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, CG_F_POINTER, NULL, "stable bandwidth count" },
    { "adActorSysPrio", CG_S_ONE, CG_K_UINT16, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "adUserPortKey", CG_S_ONE, CG_K_UINT16, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "adLACPActive", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, CG_F_POINTER, NULL, "off on" },
    { "primaryReselect", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, CG_F_POINTER, NULL, "always better failure" },
    { "resendIGMP", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "minLinks", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "lpInterval", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "packetsPerSlave", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "numPeerNotif", CG_S_ONE, CG_K_UINT8, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "tlbLogicalLb", CG_S_ONE, CG_K_UINT8, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "allSlavesActive", CG_S_ONE, CG_K_UINT8, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "peerNotifDelay", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "missedMax", CG_S_ONE, CG_K_UINT8, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "up", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "mtu", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "addresses", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_address_config, NULL },
    { "routes", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_route_config, NULL },
    { "multicast", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_network_bond_config = {
    "network_bond_config", cg_t_network_bond_config_fields, 37,
};

static const struct cg_field cg_t_network_bridge_stp_config_fields[] = {
    { "enabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_network_bridge_stp_config = {
    "network_bridge_stp_config", cg_t_network_bridge_stp_config_fields, 1,
};

static const struct cg_field cg_t_network_bridge_vlan_config_fields[] = {
    { "filtering", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_network_bridge_vlan_config = {
    "network_bridge_vlan_config", cg_t_network_bridge_vlan_config_fields, 1,
};

static const struct cg_field cg_t_network_bridge_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "hardwareAddr", CG_S_ONE, CG_K_HWADDR, CG_M_TYPED, 0, NULL, NULL },
    { "links", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "stp", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_bridge_stp_config, NULL },
    { "vlan", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_bridge_vlan_config, NULL },
    { "up", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "mtu", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "addresses", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_address_config, NULL },
    { "routes", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_route_config, NULL },
    { "multicast", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_network_bridge_config = {
    "network_bridge_config", cg_t_network_bridge_config_fields, 12,
};

static const struct cg_field cg_t_network_dhc_pv4_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "routeMetric", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "ignoreHostname", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "clientIdentifier", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, CG_F_POINTER, NULL, "none mac duid" },
    { "duidRaw", CG_S_ONE, CG_K_HWADDR, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_network_dhc_pv4_config = {
    "network_dhc_pv4_config", cg_t_network_dhc_pv4_config_fields, 7,
};

static const struct cg_field cg_t_network_dhc_pv6_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "routeMetric", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "ignoreHostname", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "clientIdentifier", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, CG_F_POINTER, NULL, "none mac duid" },
    { "duidRaw", CG_S_ONE, CG_K_HWADDR, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_network_dhc_pv6_config = {
    "network_dhc_pv6_config", cg_t_network_dhc_pv6_config_fields, 7,
};

static const struct cg_field cg_t_network_dummy_link_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "hardwareAddr", CG_S_ONE, CG_K_HWADDR, CG_M_TYPED, 0, NULL, NULL },
    { "up", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "mtu", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "addresses", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_address_config, NULL },
    { "routes", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_route_config, NULL },
    { "multicast", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_network_dummy_link_config = {
    "network_dummy_link_config", cg_t_network_dummy_link_config_fields, 9,
};

static const struct cg_field cg_t_network_ethernet_rings_config_fields[] = {
    { "rx", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "tx", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "rx-mini", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "rx-jumbo", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "rx-buf-len", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "cqe-size", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "tx-push", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "rx-push", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "tx-push-buf-len", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "tcp-data-split", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_network_ethernet_rings_config = {
    "network_ethernet_rings_config", cg_t_network_ethernet_rings_config_fields, 10,
};

static const struct cg_field cg_t_network_ethernet_channels_config_fields[] = {
    { "rx", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "tx", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "other", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "combined", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_network_ethernet_channels_config = {
    "network_ethernet_channels_config", cg_t_network_ethernet_channels_config_fields, 4,
};

static const struct cg_field cg_t_network_ethernet_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "features", CG_S_MAP, CG_K_BOOL, CG_M_TYPED, 0, NULL, NULL },
    { "rings", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_network_ethernet_rings_config, NULL },
    { "channels", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_network_ethernet_channels_config, NULL },
    { "wakeOnLan", CG_S_LIST, CG_K_ENUM, CG_M_TYPED, 0, NULL, "- phy unicast multicast broadcast magic magicsecure filter" },
};
const struct cg_struct cg_t_network_ethernet_config = {
    "network_ethernet_config", cg_t_network_ethernet_config_fields, 7,
};

static const struct cg_field cg_t_network_h_cloud_vip_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "link", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "apiToken", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_network_h_cloud_vip_config = {
    "network_h_cloud_vip_config", cg_t_network_h_cloud_vip_config_fields, 5,
};

static const struct cg_field cg_t_network_hostname_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "auto", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, CG_F_POINTER, NULL, "off talos-addr stable" },
    { "hostname", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_network_hostname_config = {
    "network_hostname_config", cg_t_network_hostname_config_fields, 4,
};

static const struct cg_field cg_t_network_kube_span_filters_config_fields[] = {
    { "endpoints", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "excludeAdvertisedNetworks", CG_S_LIST, CG_K_PREFIX, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_network_kube_span_filters_config = {
    "network_kube_span_filters_config", cg_t_network_kube_span_filters_config_fields, 2,
};

static const struct cg_field cg_t_network_kube_span_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "enabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "advertiseKubernetesNetworks", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "allowDownPeerBypass", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "harvestExtraEndpoints", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "mtu", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "filters", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_network_kube_span_filters_config, NULL },
};
const struct cg_struct cg_t_network_kube_span_config = {
    "network_kube_span_config", cg_t_network_kube_span_config_fields, 8,
};

static const struct cg_field cg_t_network_kubespan_endpoints_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "extraAnnouncedEndpoints", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_netip_addr_port, NULL },
};
const struct cg_struct cg_t_network_kubespan_endpoints_config = {
    "network_kubespan_endpoints_config", cg_t_network_kubespan_endpoints_config_fields, 3,
};

static const struct cg_field cg_t_network_layer2_vip_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "link", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_network_layer2_vip_config = {
    "network_layer2_vip_config", cg_t_network_layer2_vip_config_fields, 4,
};

static const struct cg_field cg_t_network_link_selector_fields[] = {
    { "match", CG_S_ONE, CG_K_CEL, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_network_link_selector = {
    "network_link_selector", cg_t_network_link_selector_fields, 1,
};

static const struct cg_field cg_t_network_link_alias_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "selector", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_link_selector, NULL },
};
const struct cg_struct cg_t_network_link_alias_config = {
    "network_link_alias_config", cg_t_network_link_alias_config_fields, 4,
};

static const struct cg_field cg_t_network_link_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "up", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "mtu", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "addresses", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_address_config, NULL },
    { "routes", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_route_config, NULL },
    { "multicast", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_network_link_config = {
    "network_link_config", cg_t_network_link_config_fields, 8,
};

static const struct cg_field cg_t_network_default_action_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "ingress", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, 0, NULL, "accept block" },
};
const struct cg_struct cg_t_network_default_action_config = {
    "network_default_action_config", cg_t_network_default_action_config_fields, 3,
};

static const struct cg_field cg_t_network_rule_port_selector_fields[] = {
    { "ports", CG_S_LIST, CG_K_PORT_RANGE, CG_M_REPLACE, 0, NULL, NULL },
    { "protocol", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, 0, NULL, "- icmp tcp udp icmpv6" },
};
const struct cg_struct cg_t_network_rule_port_selector = {
    "network_rule_port_selector", cg_t_network_rule_port_selector_fields, 2,
};

static const struct cg_field cg_t_network_ingress_rule_fields[] = {
    { "subnet", CG_S_ONE, CG_K_PREFIX, CG_M_TYPED, 0, NULL, NULL },
    { "except", CG_S_ONE, CG_K_PREFIX, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_network_ingress_rule = {
    "network_ingress_rule", cg_t_network_ingress_rule_fields, 2,
};

static const struct cg_field cg_t_network_rule_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "portSelector", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_rule_port_selector, NULL },
    { "ingress", CG_S_LIST, CG_K_STRUCT, CG_M_REPLACE, 0, &cg_t_network_ingress_rule, NULL },
};
const struct cg_struct cg_t_network_rule_config = {
    "network_rule_config", cg_t_network_rule_config_fields, 5,
};

static const struct cg_field cg_t_network_nameserver_config_fields[] = {
    { "address", CG_S_ONE, CG_K_ADDR, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_network_nameserver_config = {
    "network_nameserver_config", cg_t_network_nameserver_config_fields, 1,
};

static const struct cg_field cg_t_network_search_domains_config_fields[] = {
    { "domains", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "disableDefault", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_network_search_domains_config = {
    "network_search_domains_config", cg_t_network_search_domains_config_fields, 2,
};

static const struct cg_field cg_t_network_resolver_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "nameservers", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_nameserver_config, NULL },
    { "searchDomains", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_search_domains_config, NULL },
};
const struct cg_struct cg_t_network_resolver_config = {
    "network_resolver_config", cg_t_network_resolver_config_fields, 4,
};

static const struct cg_field cg_t_network_routing_rule_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "src", CG_S_ONE, CG_K_PREFIX, CG_M_TYPED, 0, NULL, NULL },
    { "dst", CG_S_ONE, CG_K_PREFIX, CG_M_TYPED, 0, NULL, NULL },
    { "table", CG_S_ONE, CG_K_ROUTING_TABLE, CG_M_TYPED, 0, NULL, NULL },
    { "action", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, 0, NULL, "unspec unicast blackhole unreachable prohibit" },
    { "iifName", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "oifName", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "fwMark", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "fwMask", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_network_routing_rule_config = {
    "network_routing_rule_config", cg_t_network_routing_rule_config_fields, 11,
};

static const struct cg_field cg_t_network_static_host_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "hostnames", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_network_static_host_config = {
    "network_static_host_config", cg_t_network_static_host_config_fields, 4,
};

static const struct cg_field cg_t_network_tcp_probe_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "interval", CG_S_ONE, CG_K_DURATION, CG_M_TYPED, 0, NULL, NULL },
    { "failureThreshold", CG_S_ONE, CG_K_INT, CG_M_TYPED, 0, NULL, NULL },
    { "endpoint", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "timeout", CG_S_ONE, CG_K_DURATION, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_network_tcp_probe_config = {
    "network_tcp_probe_config", cg_t_network_tcp_probe_config_fields, 7,
};

static const struct cg_field cg_t_network_ntp_config_fields[] = {
    { "servers", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_network_ntp_config = {
    "network_ntp_config", cg_t_network_ntp_config_fields, 1,
};

static const struct cg_field cg_t_network_ptp_config_fields[] = {
    { "devices", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_network_ptp_config = {
    "network_ptp_config", cg_t_network_ptp_config_fields, 1,
};

static const struct cg_field cg_t_network_time_sync_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "enabled", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "bootTimeout", CG_S_ONE, CG_K_DURATION, CG_M_TYPED, 0, NULL, NULL },
    { "ntp", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_network_ntp_config, NULL },
    { "ptp", CG_S_ONE, CG_K_STRUCT, CG_M_TYPED, CG_F_POINTER, &cg_t_network_ptp_config, NULL },
};
const struct cg_struct cg_t_network_time_sync_config = {
    "network_time_sync_config", cg_t_network_time_sync_config_fields, 6,
};

static const struct cg_field cg_t_network_vlan_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "vlanID", CG_S_ONE, CG_K_UINT16, CG_M_TYPED, 0, NULL, NULL },
    { "vlanMode", CG_S_ONE, CG_K_ENUM, CG_M_TYPED, CG_F_POINTER, NULL, "- 802.1q 802.1ad" },
    { "parent", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "up", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "mtu", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "addresses", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_address_config, NULL },
    { "routes", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_route_config, NULL },
    { "multicast", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_network_vlan_config = {
    "network_vlan_config", cg_t_network_vlan_config_fields, 11,
};

static const struct cg_field cg_t_network_vrf_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "hardwareAddr", CG_S_ONE, CG_K_HWADDR, CG_M_TYPED, 0, NULL, NULL },
    { "links", CG_S_LIST, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "table", CG_S_ONE, CG_K_ROUTING_TABLE, CG_M_TYPED, 0, NULL, NULL },
    { "up", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "mtu", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "addresses", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_address_config, NULL },
    { "routes", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_route_config, NULL },
    { "multicast", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_network_vrf_config = {
    "network_vrf_config", cg_t_network_vrf_config_fields, 11,
};

static const struct cg_field cg_t_network_wireguard_peer_fields[] = {
    { "publicKey", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "presharedKey", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "endpoint", CG_S_ONE, CG_K_ADDR_PORT, CG_M_TYPED, 0, NULL, NULL },
    { "persistentKeepaliveInterval", CG_S_ONE, CG_K_DURATION, CG_M_TYPED, 0, NULL, NULL },
    { "allowedIPs", CG_S_LIST, CG_K_PREFIX, CG_M_TYPED, 0, NULL, NULL },
};
const struct cg_struct cg_t_network_wireguard_peer = {
    "network_wireguard_peer", cg_t_network_wireguard_peer_fields, 5,
};

static const struct cg_field cg_t_network_wireguard_config_fields[] = {
    { "apiVersion", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "kind", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "name", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "privateKey", CG_S_ONE, CG_K_STRING, CG_M_TYPED, 0, NULL, NULL },
    { "listenPort", CG_S_ONE, CG_K_INT, CG_M_TYPED, 0, NULL, NULL },
    { "firewallMark", CG_S_ONE, CG_K_INT, CG_M_TYPED, 0, NULL, NULL },
    { "peers", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_wireguard_peer, NULL },
    { "up", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
    { "mtu", CG_S_ONE, CG_K_UINT32, CG_M_TYPED, 0, NULL, NULL },
    { "addresses", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_address_config, NULL },
    { "routes", CG_S_LIST, CG_K_STRUCT, CG_M_TYPED, 0, &cg_t_network_route_config, NULL },
    { "multicast", CG_S_ONE, CG_K_BOOL, CG_M_TYPED, CG_F_POINTER, NULL, NULL },
};
const struct cg_struct cg_t_network_wireguard_config = {
    "network_wireguard_config", cg_t_network_wireguard_config_fields, 12,
};
