"""Real boots: `make boot [CASE=n]`, as root. QEMU without KVM, Debian's iPXE,
dnsmasq with the files that `talos-configgen render` wrote, nginx with the
module, Matchbox, certificates by edge-pki; each case in namespaces of its own.

    python3 -m boot [N...]      with tests/ on PYTHONPATH; all cases without N

Every log of a case stays in build/boot/case-NN/log/: console-*.log, *dhcp*.log,
dns.log, access.log, boot.json (one object a request, with TLS), audit.json,
error.log, matchbox.log. Disks go. Nothing else stays: a case's processes are in
a PID namespace that ends with its first process, and so do mounts and networks.

Environment: GUEST=talos boots the kernel and initramfs that `talos-configgen
image fetch` stored in $TALOS_ASSETS; ROM=/path takes the place of snponly.efi or
undionly.kpxe (by its kind) and shows the TLS that it negotiated; FLAVOUR=asan.

How to write a case
-------------------
A file cases/case_NN.py with

    TITLE = "what is proven, in a few words"
    LIMIT = 420                     # seconds until it counts as failed
    EDITS = [("old", "new"), ...]   # optional: applied to inventory.yaml's text;
                                    # @root-sha256@ there is the boot root's digest

    def run(boot):                  # raise Failed or assert; return = passed
        site = boot.site("edge-site-1")            # dhcp=full|two|proxy|relay|none
        node = site.node("edge-worker-1")          # firmware=uefi|uefi-http|bios
        site.token(node)                           # arm; token to the DHCP server
        node.power_on()
        boot.delivered(node)                       # up, config, installed; state

boot (harness.Boot)
    site(name, dhcp)      a site with router, LAN, DHCP; edge-site-1, edge-site-2
    central_dhcp(*names)  the DHCP server of sites with dhcp="relay": call it
                          before token()
    rerender(*edits)      edit the inventory, render, Matchbox and gate get it
    delivered(machine)    waits until it installed its config; what it printed
    assert_state(node, s) the enrollment's state
    note(text)            a line below the legs
    folder, logs          build/boot/case-NN and its log/
    pki                   tool(command, *argv), server(), client(site), root,
                          config_ca, clients, siglist(pem)
    supply                edit(), render(), rendered, document (nodes.json),
                          hardware(node), dhcp(name) = a rendered dnsmasq file
    gate                  auth(*argv), json(*argv), arm(n), records(), record(n):
                          edge-auth. stop(), start(), reload(). requests(**equal)
                          rows of boot.json with .began; audit(**equal);
                          wait_request(what, check), wait_audit(what, **equal).
                          gate.gate is lab.sample.Gate: folder, etc, store, edit,
                          write, certify, error_log(), pid
    gate.store_down()     the store cannot be written until gate.store_up()
    matchbox              stop(), start(), requests()
    dns                   stop(), start(): the DNS that sites use

site (site.Site)
    node(name, firmware, **more)   the machine of the inventory; more as below
    machine(name, firmware, uuid=, serial=, mac=, **more)   any other machine
    token(node, *options) `edge-auth token create --dnsmasq`, then SIGHUP
    revoke(node)          `edge-auth token revoke --dnsmasq`, then SIGHUP
    servers[i]            start(), stop(), kill(), reload(), lines()
    dhcp_log()            lines of all its DHCP servers, in order of time
    tftp                  the folder that TFTP serves: put or replace files there

machine (qemu.Machine); more: order="disk"|"net" (tried first), ca=PEM that UEFI
trusts, extra=(QEMU arguments), usb=image file tried first, disk=another's file
    power_on(), power_cut(), wait_off(), blank_disk(), running
    expect(regex, timeout)  next console line that matches; .time, .text, .match
    guest(event, timeout)   next `edge-guest: event k=v ...` as a dict
    says(regex), never(regex), console(), began
The console of a BIOS machine breaks lines at 80 columns: keep patterns short.
A guest's reboot resets the machine in place: the firmware chooses anew.
"""
