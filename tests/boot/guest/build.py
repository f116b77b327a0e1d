"""Makes the guest that boots instead of Talos. Output, below --out:

vmlinuz        Debian's cloud kernel, as it is
initramfs      our init, the kernel's virtio drivers, the image for the disk
installed.cpio to be appended to initramfs by whoever wants a real kernel on the
               installed disk: kernel and initramfs, for STATE
"""

import argparse
import pathlib
import shutil
import subprocess

import archive
import image

# in the order they depend on each other; everything else is built in
MODULES = ("virtio/virtio_ring", "virtio/virtio", "virtio/virtio_pci_legacy_dev",
           "virtio/virtio_pci_modern_dev", "virtio/virtio_pci", "core/failover",
           "net/net_failover", "net/virtio_net", "block/virtio_blk",
           "hw_random/virtio-rng")
TEMPLATE = "usr/lib/edge-guest/disk.img.zst"
INSTALLED = "usr/lib/edge-guest/installed"
EXECUTABLE = 0o100755


def find_kernel(root):
    kernels = sorted((root / "boot").glob("vmlinuz-*-cloud-amd64"))
    if len(kernels) != 1:
        raise SystemExit(f"build.py: {root}/boot holds {len(kernels)} kernels, "
                         "not one: run `sh deploy/setup boot`")
    return kernels[0]


def find_modules(root, kernel):
    """{path in the initramfs: content}; their names give the order."""
    tree = root / "lib" / "modules" / kernel.name.removeprefix("vmlinuz-")
    found = {}
    for number, name in enumerate(MODULES):
        files = list(tree.glob(f"kernel/**/{name}.ko"))
        if len(files) != 1:
            raise SystemExit(f"build.py: no {name}.ko below {tree}")
        found[f"lib/modules/{number:02}-{files[0].name}"] = files[0].read_bytes()
    return found


def compress(data):
    done = subprocess.run(["zstd", "-q", "-19", "-T1", "--no-check", "-c"], input=data,
                          stdout=subprocess.PIPE, check=True)
    return done.stdout


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--init", type=pathlib.Path, required=True)
    parser.add_argument("--kernel", type=pathlib.Path, required=True,
                        help="folder with boot/ and lib/modules/")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    options = parser.parse_args()

    kernel = find_kernel(options.kernel)
    files = {"init": (EXECUTABLE, options.init.read_bytes()),
             TEMPLATE: compress(image.make()), **find_modules(options.kernel, kernel)}
    initramfs = archive.aligned(compress(archive.pack(files)))
    options.out.mkdir(parents=True, exist_ok=True)
    (options.out / "initramfs").write_bytes(initramfs)
    (options.out / "installed.cpio").write_bytes(archive.pack({
        f"{INSTALLED}/vmlinuz": kernel.read_bytes(),
        f"{INSTALLED}/initramfs": initramfs}))
    shutil.copyfile(kernel, options.out / "vmlinuz")


if __name__ == "__main__":
    main()
