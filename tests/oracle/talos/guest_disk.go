package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/klauspost/compress/zstd"
	coreconfig "github.com/siderolabs/talos/pkg/machinery/config"
	"golang.org/x/sys/unix"
)

// The installed system: a GPT with a boot loader for BIOS and for UEFI, META,
// whose mere presence means "installed", and STATE, which holds the config, the
// marker and, if the initramfs brought them along, a kernel and its initramfs.
// tests/boot/guest/image.py makes the template.
const (
	templateFile = "/usr/lib/edge-guest/disk.img.zst"
	payload      = "/usr/lib/edge-guest/installed" // files for STATE, may be absent
	mountPoint   = "/run/state"
	markerFile   = mountPoint + "/marker.cfg" // read by the boot loader as well
	configFile   = mountPoint + "/config.yaml"
	settleTime   = 5 * time.Second
)

type installedDisk struct {
	device string // /dev/vda
	state  string // /dev/vda4, "" if there is none
}

// marker is what an installed disk tells of its config.
type marker struct {
	hostname, digest string
	stay             bool
}

// findInstalled looks for the first disk with a partition META; nil without.
func findInstalled() (*installedDisk, error) {
	meta, err := partitions("META")
	if err != nil || len(meta) == 0 {
		return nil, err
	}
	found := &installedDisk{device: "/dev/" + meta[0].disk}
	states, err := partitions("STATE")
	if err != nil {
		return nil, err
	}
	for _, state := range states {
		if state.disk == meta[0].disk {
			found.state = "/dev/" + state.name
		}
	}
	return found, nil
}

type partition struct{ name, disk string }

// partitions finds those with a GPT label on any disk.
func partitions(label string) ([]partition, error) {
	links, err := filepath.Glob("/sys/class/block/*")
	if err != nil {
		return nil, err
	}
	var found []partition
	for _, link := range links {
		facts, err := os.ReadFile(link + "/uevent")
		if err != nil {
			return nil, err
		}
		if !strings.Contains("\n"+string(facts), "\nPARTNAME="+label+"\n") {
			continue
		}
		place, err := filepath.EvalSymlinks(link)
		if err != nil {
			return nil, err
		}
		found = append(found, partition{filepath.Base(link), filepath.Base(filepath.Dir(place))})
	}
	return found, nil
}

// installDevice is machine.install.disk, a path below /dev or a by-id name that
// ends in the disk's serial.
func installDevice(provider coreconfig.Provider) (string, error) {
	if provider.Machine() == nil || provider.Machine().Install().Disk() == "" {
		return "", errors.New("the config names no machine.install.disk")
	}
	wanted := provider.Machine().Install().Disk()
	serial, byID := strings.CutPrefix(wanted, "/dev/disk/by-id/virtio-")
	if !byID {
		if _, err := os.Stat(wanted); err != nil {
			return "", fmt.Errorf("machine.install.disk: no %s", wanted)
		}
		return wanted, nil
	}
	device, err := diskWithSerial(serial)
	if err == nil && device == "" {
		err = fmt.Errorf("machine.install.disk: no %s", wanted)
	}
	return device, err
}

// diskWithSerial is "" if there is none.
func diskWithSerial(serial string) (string, error) {
	files, err := filepath.Glob("/sys/class/block/*/serial")
	if err != nil {
		return "", err
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err == nil && strings.TrimSpace(string(text)) == serial {
			return "/dev/" + filepath.Base(filepath.Dir(file)), nil
		}
	}
	return "", nil
}

// install overwrites the disk. All of it is on stable storage on return.
func install(device string, found *marker, config []byte) error {
	if err := writeTemplate(device); err != nil {
		return err
	}
	var disk *installedDisk
	for end := time.Now().Add(settleTime); disk == nil || disk.state == ""; {
		var err error
		if disk, err = findInstalled(); err != nil {
			return err
		}
		if time.Now().After(end) {
			return errors.New("its new partitions do not show")
		}
		time.Sleep(10 * time.Millisecond)
	}
	return disk.writeMarker(found, config)
}

func writeTemplate(device string) error {
	packed, err := os.Open(templateFile)
	if err != nil {
		return err
	}
	defer packed.Close() //nolint:errcheck // read only
	image, err := zstd.NewReader(packed, zstd.WithDecoderConcurrency(1))
	if err != nil {
		return err
	}
	defer image.Close()
	disk, err := os.OpenFile(device, os.O_WRONLY|unix.O_EXCL, 0)
	if err != nil {
		return err
	}
	defer disk.Close() //nolint:errcheck // synced below
	if _, err := io.CopyBuffer(disk, onlyReader{image}, make([]byte, 1<<20)); err != nil {
		return err
	}
	if err := disk.Sync(); err != nil {
		return err
	}
	return unix.IoctlSetInt(int(disk.Fd()), unix.BLKRRPART, 0)
}

// onlyReader hides WriteTo, so that a copy uses the buffer it was given.
type onlyReader struct{ io.Reader }

func (d *installedDisk) mount() error {
	if d.state == "" {
		return fmt.Errorf("%s has META but no STATE", d.device)
	}
	if err := os.MkdirAll(mountPoint, 0o700); err != nil {
		return err
	}
	return unix.Mount(d.state, mountPoint, "ext2", 0, "")
}

// readMarker is nil if STATE has none.
func (d *installedDisk) readMarker() (found *marker, err error) {
	if err := d.mount(); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unix.Unmount(mountPoint, 0)) }()
	file, err := os.Open(markerFile)
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer file.Close() //nolint:errcheck // read only
	found = &marker{}
	lines := bufio.NewScanner(file)
	for lines.Scan() {
		name, value, _ := strings.Cut(strings.TrimPrefix(lines.Text(), "set "), "=")
		switch name {
		case "hostname":
			found.hostname = value
		case "sha256":
			found.digest = value
		case "stay":
			found.stay = value == "1"
		}
	}
	return found, lines.Err()
}

// readConfig is the config that was installed.
func (d *installedDisk) readConfig() (text []byte, err error) {
	if err := d.mount(); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, unix.Unmount(mountPoint, 0)) }()
	return os.ReadFile(configFile)
}

// writeMarker fills STATE; the marker comes last.
func (d *installedDisk) writeMarker(found *marker, config []byte) (err error) {
	if err := d.mount(); err != nil {
		return err
	}
	defer func() {
		unix.Sync()
		err = errors.Join(err, unix.Unmount(mountPoint, 0))
	}()
	files, err := filepath.Glob(payload + "/*")
	if err != nil {
		return err
	}
	for _, name := range files {
		if err := copyFile(name, filepath.Join(mountPoint, filepath.Base(name))); err != nil {
			return err
		}
	}
	if err := writePrivate(configFile, config); err != nil {
		return err
	}
	stay := 0
	if found.stay {
		stay = 1
	}
	return writePrivate(markerFile, fmt.Appendf(nil, "set hostname=%s\nset sha256=%s\nset stay=%d\n",
		found.hostname, found.digest, stay))
}

func copyFile(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close() //nolint:errcheck // read only
	target, err := os.Create(to)
	if err != nil {
		return err
	}
	_, err = io.Copy(target, source)
	return errors.Join(err, target.Close())
}
