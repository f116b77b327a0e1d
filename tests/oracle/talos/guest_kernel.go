package main

import (
	"bytes"
	"crypto/x509"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	coreconfig "github.com/siderolabs/talos/pkg/machinery/config"
	"github.com/siderolabs/talos/pkg/machinery/config/configloader"
	"golang.org/x/sys/unix"
)

const (
	modulesFolder = "/lib/modules" // *.ko, loaded in the order of their names
	rootsFolder   = "/etc/ssl/certs"

	entropyPatience = 3 * time.Second
)

// startKernelParts makes /proc, /sys, /dev, the console and the drivers usable.
func (m *guestMachine) startKernelParts() error {
	for _, entry := range [][2]string{{"proc", "/proc"}, {"sysfs", "/sys"},
		{"devtmpfs", "/dev"}, {"tmpfs", "/run"}} {
		if err := os.MkdirAll(entry[1], 0o755); err != nil {
			return err
		}
		if err := unix.Mount(entry[0], entry[1], entry[0], 0, ""); err != nil {
			return fmt.Errorf("mount %s: %w", entry[1], err)
		}
	}
	var err error
	if m.console, err = os.OpenFile("/dev/console", os.O_WRONLY|unix.O_NOCTTY, 0); err != nil {
		return err
	}
	// From here on the console shows us, and the kernel's errors only.
	if err := os.WriteFile("/proc/sys/kernel/printk", []byte("3\n"), 0); err != nil {
		return err
	}
	if err := loadModules(); err != nil {
		return err
	}
	return m.waitForEntropy()
}

// waitForEntropy tells why nothing happens: DHCP and TLS would wait without a
// word. A virtio-rng device needs a moment.
func (m *guestMachine) waitForEntropy() error {
	ready := make(chan error)
	go func() {
		_, err := unix.Getrandom(make([]byte, 1), 0)
		ready <- err
	}()
	select {
	case err := <-ready:
		return err
	case <-time.After(entropyPatience):
		m.say("entropy reason=no random numbers; a virtio-rng device gives them at once")
		return <-ready
	}
}

func loadModules() error {
	files, err := filepath.Glob(modulesFolder + "/*.ko")
	if err != nil {
		return err
	}
	slices.Sort(files)
	for _, name := range files {
		file, err := os.Open(name)
		if err != nil {
			return err
		}
		err = unix.FinitModule(int(file.Fd()), "", 0)
		if closeErr := file.Close(); err == nil {
			err = closeErr
		}
		if err != nil && !errors.Is(err, unix.EEXIST) {
			return fmt.Errorf("load %s: %w", name, err)
		}
	}
	return nil
}

// say writes one line and waits until the wire has it.
func (m *guestMachine) say(format string, values ...any) {
	if m.console == nil {
		return
	}
	fmt.Fprintf(m.console, "edge-guest: "+format+"\n", values...)
	unix.IoctlSetInt(int(m.console.Fd()), unix.TCSBRK, 1) //nolint:errcheck // best effort
}

func (m *guestMachine) powerOff() { m.stop("off", unix.LINUX_REBOOT_CMD_POWER_OFF) }
func (m *guestMachine) reboot()   { m.stop("", unix.LINUX_REBOOT_CMD_RESTART) }

func (m *guestMachine) stop(word string, command int) {
	unix.Sync()
	if word != "" {
		m.say("%s", word)
	}
	if err := unix.Reboot(command); err != nil {
		m.say("failed reason=%v", err)
	}
	m.wait()
}

// uptime is the time since the kernel began, in seconds.
func uptime() float64 {
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &now); err != nil {
		return 0
	}
	return float64(now.Nano()) / float64(time.Second)
}

// variables are the values of ${uuid}, ${serial} and ${mac}.
func (m *guestMachine) variables() map[string]string {
	return map[string]string{
		"uuid":   strings.ToLower(dmi("product_uuid")),
		"serial": dmi("product_serial"),
		"mac":    m.lease.firstMAC,
	}
}

func dmi(name string) string {
	text, err := os.ReadFile("/sys/class/dmi/id/" + name)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// imageRoots are the certificates the image brings: none but those in the files
// of rootsFolder, which a second archive behind the initramfs may add.
func imageRoots() (*x509.CertPool, error) {
	pool := x509.NewCertPool()
	files, err := filepath.Glob(rootsFolder + "/*")
	if err != nil {
		return nil, err
	}
	for _, name := range files {
		if err := addRoots(pool, name); err != nil {
			return nil, err
		}
	}
	return pool, nil
}

func addTrustedRoots(pool *x509.CertPool, provider coreconfig.Provider) (int, error) {
	texts := provider.TrustedRoots().ExtraTrustedRootCertificates()
	for _, text := range texts {
		if !pool.AppendCertsFromPEM([]byte(text)) {
			return 0, errors.New("a TrustedRootsConfig holds no certificate")
		}
	}
	return len(texts), nil
}

// arguments are the kernel's, each name with its values in order.
type arguments map[string][]string

func readArguments(file string) (arguments, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	found := arguments{}
	for _, word := range strings.Fields(string(text)) {
		name, value, _ := strings.Cut(word, "=")
		found[name] = append(found[name], strings.Trim(value, `"`))
	}
	return found, nil
}

func (a arguments) last(name string) string {
	values := a[name]
	if len(values) == 0 {
		return ""
	}
	return values[len(values)-1]
}

// enforce refuses what Talos refuses to boot with.
func (a arguments) enforce() error {
	if platform := a.last("talos.platform"); platform != "metal" {
		return fmt.Errorf("talos.platform is '%s', not metal", platform)
	}
	if _, found := a["slab_nomerge"]; !found {
		return errors.New("slab_nomerge is not on the command line")
	}
	if a.last("pti") != "on" {
		return errors.New("pti=on is not on the command line")
	}
	return nil
}

// earlyConfig unpacks talos.config.early: all its occurrences, joined, are
// base64 of zstd of YAML. nil if there is none.
func (a arguments) earlyConfig() ([]byte, error) {
	joined := strings.Join(a["talos.config.early"], "")
	if joined == "" {
		return nil, nil
	}
	packed, err := base64.StdEncoding.DecodeString(joined)
	if err != nil {
		return nil, err
	}
	reader, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return nil, err
	}
	defer reader.Close()
	text, err := reader.DecodeAll(packed, nil)
	if err != nil {
		return nil, err
	}
	if _, err := configloader.NewFromBytes(text); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(text), nil
}

// guestOptions are hooks for tests: edge.guest=WORD[,WORD...] and
// edge.guest.time-scale=FACTOR.
type guestOptions struct {
	haltAfterConfig bool
	stay            bool // never power off by itself after a boot from disk
	fromDisk        bool // set by the installed boot loader
	pauseInConfig   time.Duration
	timeScale       float64
}

func (a arguments) guestOptions() (guestOptions, error) {
	options := guestOptions{timeScale: 1}
	for _, list := range a["edge.guest"] {
		for word := range strings.SplitSeq(list, ",") {
			name, value, _ := strings.Cut(word, "=")
			switch name {
			case "halt-after-config":
				options.haltAfterConfig = true
			case "stay":
				options.stay = true
			case "from-disk":
				options.fromDisk = true
			case "pause-in-config":
				seconds, err := strconv.ParseUint(value, 10, 16)
				if err != nil {
					return options, fmt.Errorf("edge.guest=pause-in-config: %w", err)
				}
				options.pauseInConfig = time.Duration(seconds) * time.Second
			default:
				return options, fmt.Errorf("edge.guest='%s' is unknown", name)
			}
		}
	}
	if text := a.last("edge.guest.time-scale"); text != "" {
		scale, err := strconv.ParseFloat(text, 64)
		if err != nil || scale <= 0 || scale > 1 {
			return options, fmt.Errorf("edge.guest.time-scale is '%s', not above 0 and at most 1", text)
		}
		options.timeScale = scale
	}
	return options, nil
}
