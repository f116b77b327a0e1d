package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/jsimonetti/rtnetlink/v2"
	coreconfig "github.com/siderolabs/talos/pkg/machinery/config"
	"golang.org/x/sys/unix"
)

// The Tailscale extension: a second virtio disk with this serial holds the root of
// its container, as ext2, and /usr/local/bin/containerboot in there is its entry.
// An installed machine that has such a disk runs it, with what the service's
// document in the config says as its environment. Its state stays on that disk.
const (
	extensionSerial = "edge-extension"
	extensionName   = "tailscale"
	extensionRoot   = "/run/extension"

	// inside
	extensionPath   = "/usr/local/bin"
	extensionState  = "/var/lib/tailscale"
	extensionSocket = "/var/run/tailscale/tailscaled.sock"

	bundleFile = rootsFolder + "/ca-certificates.crt"

	statusPause = time.Second
)

// What the service's own definition says, and what keeps a machine without a
// tunnel device and without the Internet to itself.
var extensionAround = []string{
	"PATH=" + extensionPath,
	"HOME=" + extensionState,
	"TS_STATE_DIR=" + extensionState,
	"TS_SOCKET=" + extensionSocket,
	"TS_USERSPACE=true",
	"TS_NO_LOGS_NO_SUPPORT=true",
}

// runExtension returns at once on a machine without the extension, else never.
func (m *guestMachine) runExtension(disk *installedDisk) error {
	device, err := diskWithSerial(extensionSerial)
	if err != nil || device == "" {
		return err
	}
	config, err := disk.readConfig()
	if err != nil {
		return err
	}
	_, provider, err := acceptBody(config)
	if err != nil {
		return err
	}
	environment, err := extensionEnvironment(provider)
	if err != nil {
		return err
	}
	if err := m.prepareExtension(device, provider); err != nil {
		return err
	}
	service := inExtension("containerboot")
	service.Env = append(service.Env, environment...)
	output, err := service.StdoutPipe()
	if err != nil {
		return err
	}
	service.Stderr = service.Stdout
	if err := service.Start(); err != nil {
		return err
	}
	m.say("extension name=%s", extensionName)
	go m.sayTailnet()
	if err := m.repeat(output, secretsOf(environment)); err != nil {
		return err
	}
	return fmt.Errorf("the extension ended: %v", service.Wait())
}

// extensionEnvironment is what the document of the service has, as it is.
func extensionEnvironment(provider coreconfig.Provider) ([]string, error) {
	for _, service := range provider.ExtensionServiceConfigs() {
		if service.Name() == extensionName {
			return service.Environment(), nil
		}
	}
	return nil, fmt.Errorf("no ExtensionServiceConfig '%s': Talos would wait for it",
		extensionName)
}

// inExtension is a program of the extension, in its container.
func inExtension(program string, args ...string) *exec.Cmd {
	command := exec.Command(extensionPath+"/"+program, args...)
	command.SysProcAttr = &syscall.SysProcAttr{Chroot: extensionRoot}
	command.Dir = "/"
	command.Env = slices.Clone(extensionAround)
	return command
}

// prepareExtension makes its container, and what it needs of the machine.
func (m *guestMachine) prepareExtension(device string, provider coreconfig.Provider) error {
	if err := os.MkdirAll(extensionRoot, 0o755); err != nil {
		return err
	}
	if err := unix.Mount(device, extensionRoot, "ext2", 0, ""); err != nil {
		return fmt.Errorf("mount %s: %w", device, err)
	}
	for _, folder := range []string{"/tmp", extensionState, filepath.Dir(extensionSocket)} {
		if err := os.MkdirAll(extensionRoot+folder, 0o755); err != nil {
			return err
		}
	}
	for _, folder := range []string{"/dev", "/proc", "/sys", "/etc"} {
		if err := os.MkdirAll(folder, 0o755); err != nil {
			return err
		}
		if err := os.MkdirAll(extensionRoot+folder, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(folder, extensionRoot+folder, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("bind %s: %w", folder, err)
		}
	}
	if err := os.MkdirAll(rootsFolder, 0o755); err != nil {
		return err
	}
	roots := strings.Join(provider.TrustedRoots().ExtraTrustedRootCertificates(), "\n")
	if err := os.WriteFile(bundleFile, []byte(roots), 0o644); err != nil {
		return err
	}
	if err := loopbackUp(); err != nil {
		return err
	}
	if m.lease.firstMAC != "" { // the config had to be fetched again
		return nil
	}
	var err error
	m.lease, err = m.network()
	return err
}

func loopbackUp() error {
	control, err := rtnetlink.Dial(nil)
	if err != nil {
		return err
	}
	defer control.Close() //nolint:errcheck // nothing is buffered
	const loopback = 1
	return control.Link.Set(&rtnetlink.LinkMessage{Index: loopback, Flags: unix.IFF_UP,
		Change: unix.IFF_UP})
}

// secretsOf are the values that no console may show.
func secretsOf(environment []string) []string {
	var found []string
	for _, line := range environment {
		name, value, _ := strings.Cut(line, "=")
		if name == "TS_AUTHKEY" && value != "" {
			found = append(found, value)
		}
	}
	return found
}

// repeat shows what the service says, until it ends.
func (m *guestMachine) repeat(output io.Reader, secrets []string) error {
	lines := bufio.NewScanner(output)
	for lines.Scan() {
		text := lines.Text()
		for _, secret := range secrets {
			text = strings.ReplaceAll(text, secret, "***")
		}
		m.say("extension-log %s", oneLine(text))
	}
	return lines.Err()
}

// sayTailnet tells once that the machine is in the tailnet, and as what.
func (m *guestMachine) sayTailnet() {
	var status struct {
		BackendState string
		Self         struct {
			HostName     string
			TailscaleIPs []string
		}
	}
	for ; ; time.Sleep(statusPause) {
		output, err := inExtension("tailscale", "--socket", extensionSocket, "status",
			"--json").Output()
		if err != nil && len(output) == 0 {
			continue
		}
		if json.Unmarshal(output, &status) == nil && status.BackendState == "Running" &&
			len(status.Self.TailscaleIPs) > 0 {
			m.say("tailnet hostname=%s address=%s seconds=%.1f", status.Self.HostName,
				status.Self.TailscaleIPs[0], uptime())
			return
		}
	}
}
