package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/insomniacslk/dhcp/dhcpv4"
	"github.com/insomniacslk/dhcp/dhcpv4/nclient4"
	"github.com/jsimonetti/rtnetlink/v2"
	"golang.org/x/sys/unix"
)

// lease is what DHCP gave to the first link that got an answer.
type lease struct {
	firstMAC string // of the first physical link by name: Talos' ${mac}
	hostname string
}

const (
	dhcpTimeout = 2 * time.Second
	dhcpPause   = time.Second
)

// network asks on every physical link until one has an address. There is no end
// to that, as with Talos.
func (m *guestMachine) network() (lease, error) {
	links, err := physicalLinks()
	if err != nil {
		return lease{}, err
	}
	if len(links) == 0 {
		return lease{}, errors.New("no network interface")
	}
	control, err := rtnetlink.Dial(nil)
	if err != nil {
		return lease{}, err
	}
	defer control.Close() //nolint:errcheck // nothing is buffered
	for _, link := range links {
		err := control.Link.Set(&rtnetlink.LinkMessage{Index: uint32(link.Index),
			Flags: unix.IFF_UP, Change: unix.IFF_UP})
		if err != nil {
			return lease{}, fmt.Errorf("%s up: %w", link.Name, err)
		}
	}
	for n := 1; ; n++ {
		for _, link := range links {
			got, err := ask(link)
			if err != nil {
				m.say("dhcp try=%d interface=%s error=%s", n, link.Name, oneLine(err.Error()))
				continue
			}
			if err := configure(control, link, got); err != nil {
				return lease{}, fmt.Errorf("%s: %w", link.Name, err)
			}
			m.say("dhcp interface=%s address=%s server=%s seconds=%.1f", link.Name, got.YourIPAddr,
				got.ServerIdentifier(), uptime())
			return lease{firstMAC: links[0].HardwareAddr.String(), hostname: got.HostName()}, nil
		}
		time.Sleep(dhcpPause)
	}
}

// physicalLinks are those with a device behind them, by name.
func physicalLinks() ([]net.Interface, error) {
	all, err := net.Interfaces()
	if err != nil {
		return nil, err
	}
	links := slices.DeleteFunc(all, func(link net.Interface) bool {
		_, err := os.Stat("/sys/class/net/" + link.Name + "/device")
		return err != nil
	})
	slices.SortFunc(links, func(a, b net.Interface) int { return strings.Compare(a.Name, b.Name) })
	return links, nil
}

func ask(link net.Interface) (*dhcpv4.DHCPv4, error) {
	client, err := nclient4.New(link.Name, nclient4.WithTimeout(dhcpTimeout))
	if err != nil {
		return nil, err
	}
	defer client.Close() //nolint:errcheck // one exchange, then never used again
	got, err := client.Request(context.Background(), dhcpv4.WithRequestedOptions(
		dhcpv4.OptionHostName, dhcpv4.OptionClasslessStaticRoute))
	if err != nil {
		return nil, err
	}
	return got.ACK, nil
}

// configure sets address, default route and resolver.
func configure(control *rtnetlink.Conn, link net.Interface, got *dhcpv4.DHCPv4) error {
	address := got.YourIPAddr.To4()
	mask := got.SubnetMask()
	if mask == nil {
		mask = address.DefaultMask()
	}
	length, _ := mask.Size()
	broadcast := slices.Clone(address)
	for i := range broadcast {
		broadcast[i] |= ^mask[i]
	}
	err := control.Address.New(&rtnetlink.AddressMessage{Family: unix.AF_INET,
		PrefixLength: uint8(length), Index: uint32(link.Index),
		Attributes: &rtnetlink.AddressAttributes{Address: address, Local: address,
			Broadcast: broadcast}})
	if err != nil {
		return fmt.Errorf("address %s/%d: %w", address, length, err)
	}
	if routers := got.Router(); len(routers) > 0 {
		err := control.Route.Add(&rtnetlink.RouteMessage{Family: unix.AF_INET,
			Table: unix.RT_TABLE_MAIN, Protocol: unix.RTPROT_DHCP,
			Scope: unix.RT_SCOPE_UNIVERSE, Type: unix.RTN_UNICAST,
			Attributes: rtnetlink.RouteAttributes{Gateway: routers[0].To4(),
				OutIface: uint32(link.Index)}})
		if err != nil {
			return fmt.Errorf("router %s: %w", routers[0], err)
		}
	}
	var resolver strings.Builder
	if domain := got.DomainName(); domain != "" {
		fmt.Fprintf(&resolver, "search %s\n", domain)
	}
	for _, server := range got.DNS() {
		fmt.Fprintf(&resolver, "nameserver %s\n", server)
	}
	if err := os.MkdirAll("/etc", 0o755); err != nil {
		return err
	}
	return os.WriteFile("/etc/resolv.conf", []byte(resolver.String()), 0o644)
}
