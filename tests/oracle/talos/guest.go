package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	coreconfig "github.com/siderolabs/talos/pkg/machinery/config"
)

// The guest plays Talos as process 1 of a virtual machine: kernel command line,
// early config, DHCP, fetch, validation, install, reboot, boot from disk. It
// tells each step on the console as one line "edge-guest: EVENT key=value ...";
// tests/boot/guest/README lists them. A value that may hold spaces comes last.
// No line holds a URL or anything else that is secret.
//
// Files: guest_kernel.go what the kernel is asked for, guest_network.go links and
// DHCP, guest_disk.go the installed system, guest_extension.go what it runs.

type guestMachine struct {
	console   *os.File
	began     time.Time
	arguments arguments
	options   guestOptions
	lease     lease
}

// runsAsInit says whether the kernel started this as its first process.
func runsAsInit() bool {
	return os.Getpid() == 1 && filepath.Base(os.Args[0]) == "init"
}

func guest(args []string) error {
	if os.Getpid() != 1 {
		return &exitError{exitUsage, errors.New("not process 1: `make boot-guest` " +
			"makes the initramfs this is the init of")}
	}
	machine := &guestMachine{began: time.Now()}
	defer func() {
		if reason := recover(); reason != nil {
			machine.say("failed reason=%v", reason)
			machine.powerOff()
		}
	}()
	if err := machine.run(); err != nil {
		machine.say("failed reason=%v", err)
	}
	machine.powerOff()
	return nil
}

func (m *guestMachine) run() error {
	if err := m.startKernelParts(); err != nil {
		return err
	}
	m.say("up seconds=%.1f time=%s", uptime(), time.Now().UTC().Format(time.RFC3339))
	var err error
	if m.arguments, err = readArguments("/proc/cmdline"); err != nil {
		return err
	}
	if m.options, err = m.arguments.guestOptions(); err != nil {
		return err
	}
	if err := m.arguments.enforce(); err != nil {
		return err
	}
	installed, err := findInstalled()
	if err != nil {
		return err
	}
	if installed == nil {
		return m.provision()
	}
	return m.runInstalled(installed)
}

// runInstalled goes on with a disk that bears META: its config is not asked for
// again, whatever the machine was booted from. With STATE lost it is, and
// nothing else is written anew.
func (m *guestMachine) runInstalled(disk *installedDisk) error {
	if !m.options.fromDisk {
		m.say("already-installed disk=%s", disk.device)
		if m.arguments.last("talos.halt_if_installed") == "1" {
			m.say("halted reason=installed")
			m.wait()
		}
	}
	found, err := disk.readMarker()
	if err != nil {
		return err
	}
	if found == nil {
		accepted, err := m.obtain()
		if err != nil {
			return err
		}
		found = &marker{hostname: accepted.hostname, digest: accepted.digest}
		if err := disk.writeMarker(found, accepted.text); err != nil {
			return err
		}
	}
	m.say("disk-boot hostname=%s sha256=%s", found.hostname, found.digest)
	if err := m.runExtension(disk); err != nil {
		return err
	}
	if m.options.stay || found.stay {
		m.wait()
	}
	return nil
}

// provision is the first boot: config, install, reboot.
func (m *guestMachine) provision() error {
	accepted, err := m.obtain()
	if err != nil {
		return err
	}
	if m.options.haltAfterConfig {
		return nil
	}
	device, err := installDevice(accepted.provider)
	if err != nil {
		return err
	}
	found := &marker{hostname: accepted.hostname, digest: accepted.digest, stay: m.options.stay}
	if err := install(device, found, accepted.text); err != nil {
		return fmt.Errorf("install to %s: %w", device, err)
	}
	m.say("installed disk=%s seconds=%.1f", device, uptime())
	m.say("rebooting")
	m.reboot()
	return nil
}

type acceptedConfig struct {
	text     []byte
	provider coreconfig.Provider
	hostname string
	digest   string // of the body as it came
}

// obtain goes through the sources of a config in Talos' order: early, then the
// platform's. It returns only with a config that a node would boot with.
func (m *guestMachine) obtain() (*acceptedConfig, error) {
	roots, err := imageRoots()
	if err != nil {
		return nil, err
	}
	early, err := m.arguments.earlyConfig()
	if err != nil {
		return nil, fmt.Errorf("talos.config.early: %w", err)
	}
	if early != nil {
		text, provider, err := acceptBody(early)
		if err == nil {
			return m.accepted(early, text, provider), nil
		}
		if !errors.Is(err, errPartial) {
			return nil, fmt.Errorf("talos.config.early: %w", err)
		}
		count, err := addTrustedRoots(roots, provider)
		if err != nil {
			return nil, fmt.Errorf("talos.config.early: %w", err)
		}
		m.say("early roots=%d", count)
	}
	source := m.arguments.last("talos.config")
	if source == "" || source == "none" {
		m.maintenance("no talos.config on the command line")
	}
	if m.lease, err = m.network(); err != nil {
		return nil, err
	}
	target, err := populate(source, m.variables())
	if err != nil {
		return nil, fmt.Errorf("talos.config is not a URL of http or https")
	}
	get := fetcher{client: newClient(roots), scale: m.options.timeScale,
		minimum: 10 * time.Second, tried: m.sayAttempt, opened: m.pauseInBody}
	return m.obtainFrom(&get, target), nil
}

// obtainFrom repeats whole cycles, as machined's controller does after a failure
// inside one, until a config is good.
func (m *guestMachine) obtainFrom(get *fetcher, target string) *acceptedConfig {
	const longest = time.Minute
	for wait := 500 * time.Millisecond; ; wait = min(wait*3/2, longest) {
		body, err := get.withRetry(target)
		switch {
		case err != nil:
			m.say("gave-up reason=%v", err)
		case len(body) == 0:
			m.say("no-config")
		default:
			text, provider, err := acceptBody(body)
			if err == nil {
				return m.accepted(body, text, provider)
			}
			if errors.Is(err, errPartial) {
				m.maintenance("no v1alpha1 document")
			}
			m.say("invalid reason=%s", oneLine(err.Error()))
		}
		time.Sleep(scaled(wait, m.options.timeScale))
	}
}

func (m *guestMachine) accepted(body, text []byte, provider coreconfig.Provider) *acceptedConfig {
	sum := sha256.Sum256(body)
	got := &acceptedConfig{text: text, provider: provider, hostname: m.lease.hostname,
		digest: hex.EncodeToString(sum[:])}
	if named := provider.NetworkHostnameConfig(); named != nil && named.Hostname() != "" {
		got.hostname = named.Hostname()
	}
	if got.hostname == "" {
		got.hostname = "none"
	}
	m.say("config sha256=%s hostname=%s bytes=%d seconds=%.1f", got.digest, got.hostname,
		len(body), uptime())
	return got
}

// maintenance is where Talos opens its unauthenticated API and waits for a hand.
func (m *guestMachine) maintenance(reason string) {
	m.say("maintenance reason=%s", reason)
	m.wait()
}

// wait is for a state that only a power cut ends.
func (m *guestMachine) wait() {
	for {
		time.Sleep(time.Hour)
	}
}

func (m *guestMachine) sayAttempt(n int, tried attempt) {
	switch {
	case tried.Error != "":
		m.say("fetch try=%d status=%d error=%s", n, tried.Status, oneLine(tried.Error))
	case tried.Body != "":
		m.say("fetch try=%d status=%d body=%s", n, tried.Status, oneLine(tried.Body))
	default:
		m.say("fetch try=%d status=%d tls=%s", n, tried.Status,
			strings.ReplaceAll(tried.TLS, " ", ""))
	}
}

// pauseInBody holds the body back at its middle, for a power cut there.
func (m *guestMachine) pauseInBody(response *http.Response) {
	if m.options.pauseInConfig == 0 {
		return
	}
	response.Body = &pausingBody{ReadCloser: response.Body, left: response.ContentLength / 2,
		pause: func() {
			m.say("config-half")
			time.Sleep(m.options.pauseInConfig)
		}}
}

// A pausingBody calls pause once, when left bytes were read.
type pausingBody struct {
	io.ReadCloser
	left  int64
	pause func()
}

func (b *pausingBody) Read(into []byte) (int, error) {
	if b.left <= 0 && b.pause != nil {
		b.pause()
		b.pause = nil
	}
	if b.pause != nil && int64(len(into)) > b.left {
		into = into[:b.left]
	}
	n, err := b.ReadCloser.Read(into)
	b.left -= int64(n)
	return n, err
}

// oneLine makes text fit for one line of a console.
func oneLine(text string) string {
	const longest = 500
	text = strings.Join(strings.Fields(text), " ")
	clean := strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, text)
	return clean[:min(len(clean), longest)]
}
