"""The disk image that the guest writes to its install disk.

A GPT whose partitions bear Talos' names. BIOS and UEFI both find a GRUB, which
reads grub.cfg from STATE. STATE also takes what the guest writes there: marker
and config and, if it brought them along, a kernel and its initramfs.
"""

import os
import pathlib
import shutil
import struct
import subprocess
import tempfile
import uuid
import zlib

HERE = pathlib.Path(__file__).resolve().parent
GRUB = pathlib.Path("/usr/lib/grub")
SECTOR = 512
MIB = (1 << 20) // SECTOR

BIOS_BOOT = "21686148-6449-6e6f-744e-656564454649"
EFI_SYSTEM = "c12a7328-f81f-11d2-ba4b-00a0c93ec93b"
LINUX_DATA = "0fc63daf-8483-4772-8e79-3d69d8477de4"

# label, type, first sector, sectors; the last one holds what grub.cfg needs
PARTITIONS = (
    ("BIOS", BIOS_BOOT, 64, MIB - 64),
    ("EFI", EFI_SYSTEM, 1 * MIB, 4 * MIB),
    ("META", LINUX_DATA, 5 * MIB, 1 * MIB),
    ("STATE", LINUX_DATA, 6 * MIB, 48 * MIB),
)
TABLE_SECTORS = 32
SECTORS = 54 * MIB + TABLE_SECTORS + 1
PREFIX = "(,gpt4)/"

MODULES = ("part_gpt ext2 normal serial terminfo terminal configfile echo test "
           "halt linux sleep").split()
FIRMWARE_MODULES = {"i386-pc": ["biosdisk"], "x86_64-efi": []}

ENTRIES, ENTRY_BYTES = 128, 128
EPOCH = 946684800       # of everything below, so that equal input gives equal bytes


def make():
    """The image, as bytes."""
    image = bytearray(SECTORS * SECTOR)
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        _put(image, "EFI", _efi(scratch))
        _put(image, "STATE", _state(scratch))
        core = _grub("i386-pc", scratch / "core.img")
    _write_table(image)
    _put_bios_loader(image, core)
    return bytes(image)


def run(*argv):
    argv = [str(word) for word in argv]
    program = shutil.which(argv[0]) or shutil.which(argv[0], path="/usr/sbin:/sbin")
    if program is None:
        raise SystemExit(f"image.py: no {argv[0]}: run `sh deploy/setup boot`")
    fixed = {"SOURCE_DATE_EPOCH": str(EPOCH), "E2FSPROGS_FAKE_TIME": str(EPOCH),
             "TZ": "UTC"}
    done = subprocess.run([program, *argv[1:]], env={**os.environ, **fixed},
                          text=True, capture_output=True)
    if done.returncode != 0:
        raise SystemExit(f"image.py: {argv[0]}: {done.stderr.strip()}")


def _put(image, label, content):
    _, _, first, sectors = next(p for p in PARTITIONS if p[0] == label)
    if len(content) > sectors * SECTOR:
        raise SystemExit(f"image.py: {len(content)} bytes do not fit into {label}")
    image[first * SECTOR:first * SECTOR + len(content)] = content


def _grub(platform, out):
    if not (GRUB / platform).is_dir():
        raise SystemExit(f"image.py: no {GRUB / platform}: "
                         "run `sh deploy/setup boot`")
    run("grub-mkimage", "-O", platform, "-o", out, "-p", PREFIX,
        *MODULES, *FIRMWARE_MODULES[platform])
    return out.read_bytes()


def _efi(scratch):
    _grub("x86_64-efi", scratch / "grub.efi")
    image = scratch / "efi.img"
    with open(image, "wb") as file:
        file.truncate(4 * MIB * SECTOR)
    run("mformat", "-i", image, "-N", "45444745", "-T", 4 * MIB, "-h", 16, "-s", 32, "::")
    run("mmd", "-i", image, "::EFI", "::EFI/BOOT")
    run("mcopy", "-i", image, scratch / "grub.efi", "::EFI/BOOT/BOOTX64.EFI")
    return image.read_bytes()


def _state(scratch):
    tree, image = scratch / "state", scratch / "state.img"
    tree.mkdir()
    shutil.copyfile(HERE / "grub.cfg", tree / "grub.cfg")
    for path in (tree / "grub.cfg", tree):
        path.chmod(0o755 if path == tree else 0o644)
        os.utime(path, (EPOCH, EPOCH))
    name = uuid.uuid5(uuid.NAMESPACE_URL, "edge-guest:state")
    run("mke2fs", "-q", "-t", "ext2", "-m", 0, "-L", "STATE", "-U", name,
        "-E", f"root_owner=0:0,hash_seed={name}", "-O", "^resize_inode", "-d", tree, image, f"{48 * MIB * SECTOR // 1024}k")
    # the one time that utime cannot set
    run("debugfs", "-w", "-R", f"set_inode_field /grub.cfg ctime @{EPOCH}", image)
    return image.read_bytes()


def _identity(text):
    """A GUID that depends on nothing but text, as GPT stores it."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"edge-guest:{text}").bytes_le


def _write_table(image):
    entries = bytearray(ENTRIES * ENTRY_BYTES)
    for i, (label, kind, first, sectors) in enumerate(PARTITIONS):
        struct.pack_into("<16s16sQQQ72s", entries, i * ENTRY_BYTES,
                         uuid.UUID(kind).bytes_le, _identity(label), first,
                         first + sectors - 1, 0, label.encode("utf-16-le"))
    last = SECTORS - 1
    copies = ((1, last, 2), (last, 1, last - TABLE_SECTORS))
    for mine, other, table in copies:
        image[table * SECTOR:table * SECTOR + len(entries)] = entries
        image[mine * SECTOR:(mine + 1) * SECTOR] = _header(mine, other, table, entries)
    # protective MBR; bytes before 440 are the BIOS loader's
    struct.pack_into("<B3sB3sII", image, 446, 0, b"\0\2\0", 0xEE, b"\xff\xff\xff",
                     1, last)
    image[510:512] = b"\x55\xaa"


def _header(mine, other, table, entries):
    def fields(checksum):
        return struct.pack("<8sIIIIQQQQ16sQIII", b"EFI PART", 0x10000, 92, checksum, 0,
                           mine, other, 2 + TABLE_SECTORS, SECTORS - TABLE_SECTORS - 2,
                           _identity("disk"), table, ENTRIES, ENTRY_BYTES,
                           zlib.crc32(entries))
    return fields(zlib.crc32(fields(0))).ljust(SECTOR, b"\0")


def _put_bios_loader(image, core):
    """boot.img in the first sector loads the core's first, which loads the rest.
    Both are told where that is, since there is no file system to find it by."""
    first = PARTITIONS[0][2]
    boot = bytearray((GRUB / "i386-pc" / "boot.img").read_bytes())
    struct.pack_into("<Q", boot, 0x5C, first)
    image[:440] = boot[:440]
    core = bytearray(core)
    struct.pack_into("<Q", core, SECTOR - 12, first + 1)
    _put(image, "BIOS", core)
