"""Patches laid over a generated worker, one after the other: what comes out
must be what Talos' own library makes of them. Rows: label, patches."""


def doc(kind, body="", name=None):
    head = f"apiVersion: v1alpha1\nkind: {kind}\n"
    if name is not None:
        head += f'name: "{name}"\n'
    return head + body


FILES = """\
machine:
  files:
    - path: /var/lib/edge/run.sh
      permissions: 0o755
      op: create
      content: |
        #!/bin/sh
        echo ${HOME}
    - {path: /var/etc/x, permissions: 420, op: append, content: ""}
"""

VOLUME = """\
provisioning:
  diskSelector:
    match: disk.transport == "nvme" && !system_disk
  minSize: 10GiB
  maxSize: 50GiB
  grow: false
"""

ENCRYPTION = """\
encryption:
  provider: luks2
  keys:
    - slot: 0
      tpm: {}
    - slot: 1
      static: {passphrase: secret}
"""

INTERFACES = """\
machine:
  network:
    interfaces:
      - interface: eth0
        addresses: [10.0.0.2/24]
        routes: [{network: 0.0.0.0/0, gateway: 10.0.0.1}]
        vlans:
          - {vlanId: 5, dhcp: true}
          - {vlanId: 6, addresses: [10.6.0.2/24]}
      - deviceSelector: {driver: virtio_net, busPath: "00:*"}
        dhcp: true
"""

MERGES = [
    ("null halves", ["machine:\ncluster:\n"]),
    ("files", [FILES]),
    ("files twice append", [FILES, FILES]),
    ("udev rules append", [
        'machine:\n  udev:\n    rules: ["SUBSYSTEM==\\"net\\""]\n',
        "machine:\n  udev:\n    rules: [second]\n",
    ]),
    ("kernel modules append", [
        "machine: {kernel: {modules: [{name: drbd, parameters: [a=b]}]}}\n",
        "machine: {kernel: {modules: [{name: drbd}, {name: zfs}]}}\n",
    ]),
    ("sysctls by key", [
        'machine: {sysctls: {net.ipv4.ip_forward: "1", vm.swappiness: "10"}}\n',
        'machine: {sysctls: {net.ipv4.ip_forward: "0", kernel.x: 5}}\n',
    ]),
    ("an empty text changes nothing", [
        'machine: {sysctls: {a: "1"}}\n',
        'machine: {sysctls: {a: "", b: ""}}\n',
    ]),
    ("sysfs and env", [
        "machine: {sysfs: {devices.x: performance}, env: {http_proxy: a}}\n",
        "machine: {env: {http_proxy: b, GRPC: c}}\n",
    ]),
    ("labels, annotations, taints", [
        "machine:\n  nodeLabels: {zone: a, rack: r1}\n"
        "  nodeAnnotations: {n: v}\n  nodeTaints: {k: 'v:NoSchedule'}\n",
        "machine: {nodeLabels: {zone: b}}\n",
    ]),
    ("kubelet arguments are replaced", [
        "machine: {kubelet: {extraArgs: {a: x, b: [y, z], c: true}}}\n",
        "machine: {kubelet: {extraArgs: {a: [p, q], b: w}}}\n",
    ]),
    ("kubelet extra config", [
        "machine:\n  kubelet:\n    extraConfig:\n      maxPods: 100\n"
        "      list: [1, 2]\n      deep: {a: 1, b: {c: x}}\n",
        "machine:\n  kubelet:\n    extraConfig:\n      maxPods: 0\n"
        "      list: [3]\n      deep: {b: {c: '', d: y}, e: false}\n",
        "machine:\n  kubelet:\n    extraConfig: {deep: {e: true}, n: null}\n",
    ]),
    ("kubelet mounts", [
        "machine:\n  kubelet:\n    extraMounts:\n"
        "      - {destination: /d, type: bind, source: /s, options: [bind]}\n",
        "machine:\n  kubelet:\n    extraMounts:\n"
        "      - {destination: /e, source: /t,"
        " uidMappings: [{containerID: 0, hostID: 1, size: 2}]}\n",
    ]),
    ("kubelet scalars", [
        "machine:\n  kubelet:\n    image: example.org/kubelet:v1.34.2\n"
        "    clusterDNS: [10.0.0.10]\n    registerWithFQDN: false\n"
        "    skipNodeRegistration: yes\n",
        "machine: {kubelet: {image: '', disableManifestsDirectory: off}}\n",
    ]),
    ("node ip appends", [
        "machine: {kubelet: {nodeIP: {validSubnets: [10.0.0.0/8]}}}\n",
        "machine: {kubelet: {nodeIP: {validSubnets: ['!10.1.0.0/16']}}}\n",
    ]),
    ("interfaces by name", [
        INTERFACES,
        "machine:\n  network:\n    interfaces:\n"
        "      - {interface: eth0, mtu: 9000, vlans: [{vlanId: 6, mtu: 1400},"
        " {vlanId: 7}]}\n"
        "      - deviceSelector: {driver: virtio_net, busPath: '00:*'}\n"
        "        mtu: 1400\n"
        "      - deviceSelector: {driver: other}\n        dhcp: false\n",
    ]),
    ("selectors with a pointer never match", [
        "machine: {network: {interfaces: [{deviceSelector: {physical: true},"
        " dhcp: true}]}}\n",
        "machine: {network: {interfaces: [{deviceSelector: {physical: true},"
        " mtu: 1400}]}}\n",
    ]),
    ("the same interface twice in one patch", [
        "machine: {network: {}}\n",
        "machine: {network: {interfaces: [{interface: a, mtu: 1}, "
        "{interface: a, dhcp: true}]}}\n",
    ]),
    ("interface items in a network that was not there", [
        "machine: {network: {interfaces: [{interface: a, mtu: 1}, "
        "{interface: a, dhcp: true}]}}\n",
    ]),
    ("resolvers and hosts", [
        "machine:\n  network:\n    nameservers: [10.0.0.1]\n"
        "    searchDomains: [a.b]\n"
        "    extraHostEntries: [{ip: 10.0.0.3, aliases: [x, y]}]\n",
        "machine: {network: {nameservers: [10.0.0.2]}}\n",
    ]),
    ("bond, bridge, wireguard", [
        "machine:\n  network:\n    interfaces:\n"
        "      - interface: bond0\n"
        "        bond: {interfaces: [a, b], mode: 802.3ad, lacpRate: fast,"
        " miimon: 100}\n"
        "      - interface: br0\n"
        "        bridge: {interfaces: [c], stp: {enabled: true}}\n",
        "machine: {network: {interfaces: [{interface: bond0,"
        " bond: {mode: active-backup, interfaces: [d]}}]}}\n",
    ]),
    ("install", [
        "machine: {install: {disk: /dev/sdb, wipe: true,"
        " image: example.org/i:v1.13.3}}\n",
        "machine: {install: {grubUseUKICmdline: false,"
        " extraKernelArgs: [a=b], legacyBIOSSupport: true}}\n",
    ]),
    ("disk selector", [
        "machine: {install: {diskSelector: {size: '>= 10GB', type: nvme}}}\n",
        "machine: {install: {diskSelector: {serial: x}}}\n",
    ]),
    ("certSANs append", [
        "machine: {certSANs: [a.example]}\n",
        "machine: {certSANs: [b.example]}\n",
    ]),
    ("authorities are replaced whole", [
        "machine: {ca: {crt: YWJj}}\ncluster: {ca: {crt: YWJj}}\n",
    ]),
    ("accepted authorities", [
        "machine: {acceptedCAs: [{crt: YWJj}]}\n",
        "machine: {acceptedCAs: [{crt: ZGVm}]}\n",
    ]),
    ("subnets are replaced", [
        "cluster: {network: {podSubnets: [10.1.0.0/16],"
        " serviceSubnets: [10.2.0.0/16]}}\n",
        "cluster: {network: {podSubnets: [10.3.0.0/16], cni: {name: none}}}\n",
    ]),
    ("an empty list replaces too", [
        "cluster: {network: {podSubnets: []}}\n",
    ]),
    ("an endpoint merges by parts", [
        "cluster: {controlPlane: {endpoint: 'https://k.example:1234'}}\n",
        "cluster: {controlPlane: {endpoint: '//other'}}\n",
    ]),
    ("inline manifests", [
        "cluster:\n  inlineManifests:\n    - name: ns\n      contents: |\n"
        "        apiVersion: v1\n        kind: Namespace\n",
        "cluster: {inlineManifests: [{name: b, contents: c}]}\n",
    ]),
    ("extra manifests", [
        "cluster: {extraManifests: [https://a/b], extraManifestHeaders:"
        " {T: x}}\n",
        "cluster: {extraManifests: [https://c/d]}\n",
    ]),
    ("api server of a worker", [
        "cluster:\n  apiServer:\n    auditPolicy: {kind: Policy, rules: [1]}\n"
        "    admissionControl: [{name: P, configuration: {a: 1, l: [x]}}]\n"
        "    extraVolumes: [{hostPath: a, mountPath: b, readonly: true}]\n",
        "cluster:\n  apiServer:\n    auditPolicy: {kind: Other}\n"
        "    admissionControl:\n"
        "      - {name: P, configuration: {b: 2, l: [y]}}\n"
        "      - {name: Q, configuration: {}}\n",
    ]),
    ("discovery", [
        "cluster: {discovery: {enabled: false}}\n",
        "cluster: {discovery: {registries: {service: {endpoint:"
        " 'https://d.example/'}, kubernetes: {disabled: false}}}}\n",
    ]),
    ("features", [
        "machine: {features: {hostDNS: {resolveMemberNames: true}, "
        "kubePrism: {port: 7000}}}\n",
        "machine: {features: {kubePrism: {port: 0, enabled: false},"
        " rbac: true}}\n",
    ]),
    ("registries", [
        "machine:\n  registries:\n    mirrors:\n"
        "      docker.io: {endpoints: ['https://a']}\n"
        "    config:\n      a: {tls: {ca: YWJj, insecureSkipVerify: true}}\n",
        "machine:\n  registries:\n    mirrors:\n"
        "      docker.io: {endpoints: ['https://b'], skipFallback: true}\n"
        "      ghcr.io: {endpoints: ['https://c']}\n"
        "    config:\n      a: {auth: {username: u}, tls: {ca: ZGVm}}\n",
    ]),
    ("time", [
        "machine: {time: {servers: [a], bootTimeout: 2m, disabled: false}}\n",
        "machine: {time: {servers: [b], bootTimeout: 0s}}\n",
    ]),
    ("logging", [
        "machine:\n  logging:\n    destinations:\n"
        "      - {endpoint: 'tcp://1.2.3.4:5', format: json_lines,"
        " extraTags: {a: b}}\n",
        "machine:\n  logging:\n    destinations:\n"
        "      - {endpoint: 'udp://1.2.3.4:6', format: json_lines}\n",
    ]),
    ("pods and seccomp profiles", [
        "machine:\n  pods: [{apiVersion: v1, kind: Pod}]\n"
        "  seccompProfiles: [{name: a.json, value: {defaultAction: X}}]\n",
        "machine: {pods: [{kind: Other, n: [1]}]}\n",
    ]),
    ("disks", [
        "machine:\n  disks:\n    - device: /dev/sdb\n      partitions:\n"
        "        - {mountpoint: /var/a, size: 10GB}\n"
        "        - {mountpoint: /var/b}\n",
    ]),
    ("disk encryption", [
        "machine:\n  systemDiskEncryption:\n    state:\n"
        "      provider: luks2\n      keys: [{slot: 0, nodeID: {}}]\n",
        "machine:\n  systemDiskEncryption:\n    state:\n"
        "      keys: [{slot: 1, tpm: {}}]\n      keySize: 256\n",
    ]),
    ("base runtime spec", [
        "machine: {baseRuntimeSpecOverrides: {process: {rlimits: []}}}\n",
        "machine: {baseRuntimeSpecOverrides: {process: {user: {uid: 1}}}}\n",
    ]),
    ("hostname", [
        doc("HostnameConfig", "auto: off\nhostname: edge-1\n"),
        doc("HostnameConfig", "hostname: edge-2\n"),
    ]),
    ("hostname in capitals", [
        doc("HostnameConfig", "auto: OFF\nhostname: edge-1\n"),
    ]),
    ("a volume", [doc("VolumeConfig", VOLUME, "EPHEMERAL")]),
    ("a volume patched loses minSize and match", [
        doc("VolumeConfig", VOLUME + ENCRYPTION, "EPHEMERAL"),
        doc("VolumeConfig", "provisioning: {grow: true}\n", "EPHEMERAL"),
    ]),
    ("a volume patched elsewhere loses them too", [
        doc("VolumeConfig", VOLUME, "EPHEMERAL"),
        doc("VolumeConfig", "mount: {secure: false}\n", "EPHEMERAL"),
    ]),
    ("a percentage does not replace a size", [
        doc("VolumeConfig", VOLUME, "EPHEMERAL"),
        doc("VolumeConfig", "provisioning: {maxSize: 50%}\n", "EPHEMERAL"),
    ]),
    ("a size replaces a percentage", [
        doc("VolumeConfig", "provisioning: {maxSize: 50%}\n", "EPHEMERAL"),
        doc("VolumeConfig", "provisioning: {maxSize: 5GB}\n", "EPHEMERAL"),
    ]),
    ("two volumes", [
        doc("VolumeConfig", VOLUME, "EPHEMERAL") + "---\n"
        + doc("VolumeConfig", ENCRYPTION, "STATE"),
        doc("VolumeConfig", ENCRYPTION, "EPHEMERAL"),
    ]),
    ("raw, user, existing, swap volumes", [
        doc("RawVolumeConfig", VOLUME, "ceph") + "---\n"
        + doc("UserVolumeConfig", VOLUME + "filesystem: {type: ext4}\n",
              "data") + "---\n"
        + doc("ExistingVolumeConfig", "discovery: {volumeSelector: {match:"
              " volume.label == 'x'}}\nmount: {readOnly: true}\n", "old")
        + "---\n" + doc("SwapVolumeConfig", VOLUME, "swap"),
        doc("UserVolumeConfig", "volumeType: partition\n" + VOLUME, "data"),
    ]),
    ("links", [
        doc("LinkConfig", "mtu: 9000\naddresses: [{address: 10.0.0.2/24}]\n"
            "routes: [{destination: 10.1.0.0/16, gateway: 10.0.0.1,"
            " metric: 5}]\n", "eth0") + "---\n"
        + doc("DHCPv4Config", "routeMetric: 10\nclientIdentifier: mac\n",
              "eth1"),
        doc("LinkConfig", "up: false\naddresses: [{address: fd00::1/64}]\n",
            "eth0"),
    ]),
    ("vlan, bond, bridge, dummy, vrf", [
        doc("VLANConfig", "vlanID: 5\nparent: eth0\nvlanMode: 802.1ad\n",
            "eth0.5") + "---\n"
        + doc("BondConfig", "links: [a, b]\nbondMode: 802.3ad\n"
              "lacpRate: fast\nmiimon: 100\n", "bond0") + "---\n"
        + doc("BridgeConfig", "links: [c]\nstp: {enabled: true}\n", "br0")
        + "---\n" + doc("DummyLinkConfig", "mtu: 1300\n", "dum0") + "---\n"
        + doc("VRFConfig", "links: [d]\ntable: 123\n", "vrf0"),
        doc("BondConfig", "bondMode: balance-rr\nlinks: [c]\nmiimon: 0\n",
            "bond0") + "---\n"
        + doc("VLANConfig", "mtu: 1400\n", "eth0.5"),
    ]),
    ("ethernet", [
        doc("EthernetConfig", "features: {tso: true, gro: false}\n"
            "rings: {rx: 256, tx-push: true}\nwakeOnLan: [magic]\n", "eth0"),
        doc("EthernetConfig", "features: {tso: false}\nrings: {rx: 0, tx: 5}\n"
            "wakeOnLan: [phy]\nchannels: {combined: 4}\n", "eth0"),
    ]),
    ("registry documents", [
        doc("RegistryMirrorConfig", "endpoints: [{url: 'https://a'}]\n",
            "docker.io") + "---\n"
        + doc("RegistryAuthConfig", "username: u\npassword: p\n", "a")
        + "---\n" + doc("RegistryTLSConfig", "insecureSkipVerify: true\n",
                        "a"),
        doc("RegistryMirrorConfig", "endpoints: [{url: 'https://b',"
            " overridePath: true}]\nskipFallback: true\n", "docker.io")
        + "---\n" + doc("RegistryAuthConfig", "password: q\n", "a"),
    ]),
    ("log and event sinks", [
        doc("KmsgLogConfig", "url: tcp://h:1/p?q=1\n", "a"),
        doc("KmsgLogConfig", "url: udp://k:2\n", "a") + "---\n"
        + doc("KmsgLogConfig", "url: udp://[fd00::1]:2\n", "b") + "---\n"
        + doc("EventSinkConfig", "endpoint: 10.0.0.1:8080\n"),
        doc("EventSinkConfig", "endpoint: 10.0.0.2:8080\n"),
    ]),
    ("time sync", [
        doc("TimeSyncConfig", "bootTimeout: 1m30s\nntp: {servers: [a]}\n"),
        doc("TimeSyncConfig", "enabled: false\nntp: {servers: [b]}\n"),
    ]),
    ("resolver and static hosts", [
        doc("ResolverConfig", "nameservers: [{address: 10.0.0.1}]\n"
            "searchDomains: {domains: [a], disableDefault: true}\n") + "---\n"
        + doc("StaticHostConfig", "hostnames: [x]\n", "10.0.0.9"),
        doc("ResolverConfig", "nameservers: [{address: fd00::1}]\n") + "---\n"
        + doc("StaticHostConfig", "hostnames: [y]\n", "10.0.0.9"),
    ]),
    ("firewall: ingress and ports are replaced", [
        doc("NetworkDefaultActionConfig", "ingress: block\n") + "---\n"
        + doc("NetworkRuleConfig", "portSelector: {ports: [80, 90-99],"
              " protocol: tcp}\ningress: [{subnet: 10.0.0.0/8,"
              " except: 10.1.0.0/16}]\n", "web"),
        doc("NetworkRuleConfig", "portSelector: {ports: [443]}\n"
            "ingress: [{subnet: 0.0.0.0/0}]\n", "web") + "---\n"
        + doc("NetworkDefaultActionConfig", "ingress: accept\n"),
    ]),
    ("extension service", [
        doc("ExtensionServiceConfig", "environment: [A=1]\nconfigFiles:\n"
            "  - {content: a, mountPath: /x}\n", "tailscale"),
        doc("ExtensionServiceConfig", "environment: [B=2]\nconfigFiles:\n"
            "  - {content: b, mountPath: /x}\n"
            "  - {content: '', mountPath: /x}\n"
            "  - {content: c, mountPath: /y}\n", "tailscale"),
    ]),
    ("image verification", [
        doc("ImageVerificationConfig", "rules:\n  - {image: a/*, skip: true}\n"
            "  - {image: b/*, deny: true}\n"),
        doc("ImageVerificationConfig", "rules:\n  - {image: b/*, skip: true}\n"
            "  - {image: c/*, deny: true}\n  - {image: c/*, skip: true}\n"),
    ]),
    ("roots, watchdog, oom, zswap, env, pci", [
        doc("TrustedRootsConfig", "certificates: |\n  -----BEGIN\n", "own")
        + "---\n" + doc("WatchdogTimerConfig", "device: /dev/watchdog0\n"
                        "timeout: 3m\n") + "---\n"
        + doc("OOMConfig", "triggerExpression: 'true'\n"
              "sampleInterval: 100ms\n") + "---\n"
        + doc("ZswapConfig", "maxPoolPercent: 25\n") + "---\n"
        + doc("EnvironmentConfig", "variables: {A: b}\n") + "---\n"
        + doc("PCIDriverRebindConfig", "targetDriver: vfio-pci\n",
              "0000:00:05.0"),
        doc("OOMConfig", "sampleInterval: 200ms\n") + "---\n"
        + doc("ZswapConfig", "maxPoolPercent: 0\n") + "---\n"
        + doc("EnvironmentConfig", "variables: {A: c, D: e}\n"),
    ]),
    ("wireguard, kubespan, siderolink", [
        doc("WireguardConfig", "privateKey: "
            "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\npeers:\n"
            "  - publicKey: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
            "    endpoint: 10.0.0.1:51820\n    allowedIPs: [10.9.0.0/24]\n"
            "    persistentKeepaliveInterval: 25s\n", "wg0") + "---\n"
        + doc("KubeSpanConfig", "enabled: true\nmtu: 1400\n"
              "filters: {excludeAdvertisedNetworks: [10.0.0.0/8]}\n")
        + "---\n" + doc("SideroLinkConfig", "apiUrl: https://a/?x=1\n"),
        doc("KubeSpanConfig", "enabled: false\n"
            "filters: {endpoints: ['!10.0.0.0/8']}\n"),
    ]),
    ("delete a key", [
        'machine: {sysctls: {a: "1", b: "2"}, udev: {rules: [x]}}\n',
        "machine:\n  sysctls:\n    a:\n      $patch: delete\n"
        "  udev:\n    $patch: delete\n",
    ]),
    ("delete a typed field", [
        "machine:\n  kubelet:\n    defaultRuntimeSeccompProfileEnabled:\n"
        "      $patch: delete\n",
    ]),
    ("delete, and set anew", [
        "machine: {certSANs: [a, b]}\n",
        "machine:\n  certSANs:\n    $patch: delete\n",
        "machine: {certSANs: [c]}\n",
    ]),
    ("delete in extra config", [
        "machine: {kubelet: {extraConfig: {a: {b: 1, c: 2}, d: [1]}}}\n",
        "machine:\n  kubelet:\n    extraConfig:\n      a:\n        b:\n"
        "          $patch: delete\n      d:\n        $patch: delete\n",
    ]),
    ("delete an interface", [
        INTERFACES,
        "machine:\n  network:\n    interfaces:\n"
        "      - interface: eth0\n        $patch: delete\n",
    ]),
    ("delete a whole document", [
        doc("HostnameConfig", "$patch: delete\n"),
    ]),
    ("delete a named document", [
        doc("KmsgLogConfig", "url: udp://k:2\n", "a") + "---\n"
        + doc("KmsgLogConfig", "url: udp://k:3\n", "b"),
        doc("KmsgLogConfig", "$patch: delete\n", "a"),
    ]),
    ("delete the discovery registries", [
        "cluster:\n  discovery:\n    $patch: delete\n",
    ]),
    ("delete and merge in one document", [
        'machine: {sysctls: {a: "1"}, nodeLabels: {x: y}}\n',
        "machine:\n  sysctls:\n    $patch: delete\n  nodeLabels: {z: w}\n",
    ]),
    ("nulls in lists and mappings", [
        "machine:\n  certSANs: [~, a]\n  sysctls: {a: ~}\n"
        "  kubelet: {extraArgs: {a: ~, b: [~, c]}}\n  pods: [~]\n",
        doc("EthernetConfig", "features: {tso: ~}\n", "eth0"),
    ]),
    ("nulls that change nothing", [
        "machine: {sysctls: ~, certSANs: ~, install: ~, type: ~}\n",
    ]),
    ("anchors and merge keys", [
        'machine:\n  sysctls: &a {a: "1"}\n  sysfs: *a\n'
        "  nodeLabels:\n    <<: *a\n    b: x\n",
    ]),
    ("debug and persist", ["debug: true\n", "persist: true\n"]),
    ("scalars of other types as text", [
        "machine: {sysctls: {a: 1, b: true, c: 1.50, d: 0x10, e: 0o17}}\n",
    ]),
    ("numbers in other spellings", [
        "machine: {network: {interfaces: [{interface: a, mtu: 1_400},"
        " {interface: b, mtu: 0x578}, {interface: c, mtu: 1.4e3}]}}\n",
    ]),
]
