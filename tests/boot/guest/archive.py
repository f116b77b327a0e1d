"""cpio archives in the format "newc", which a kernel unpacks as its initramfs.

An initramfs may be several archives, packed or not, one behind the other: what
a later one holds is added, or put in the place of an earlier one's.
"""

import pathlib

ALIGNMENT = 4
FOLDER, FILE = 0o040755, 0o100644


def pack(files):
    """The archive of {path: bytes} or {path: (mode, bytes)}. Folders are made
    as needed; equal input gives equal bytes."""
    entries = {}
    for path, content in sorted(files.items()):
        mode, data = content if isinstance(content, tuple) else (FILE, content)
        for parent in reversed(pathlib.PurePosixPath(path).parents):
            if str(parent) != ".":
                entries.setdefault(str(parent), (FOLDER, b""))
        entries[path] = (mode, data)
    out = bytearray()
    for number, (path, (mode, data)) in enumerate(entries.items(), 1):
        out += _member(number, path, mode, data)
    out += _member(0, "TRAILER!!!", 0, b"")
    return bytes(out)


def _member(number, path, mode, data):
    name = path.encode() + b"\0"
    links = 2 if mode == FOLDER else 1
    fields = (number, mode, 0, 0, links, 0, len(data), 0, 0, 0, 0, len(name), 0)
    head = b"070701" + b"".join(b"%08X" % field for field in fields) + name
    return aligned(head) + aligned(data)


def aligned(data):
    """data with zeros behind it, so that another archive may follow."""
    return data + bytes(-len(data) % ALIGNMENT)


def append(initramfs, out, files):
    """Write initramfs with files (as for pack) added to it."""
    out.write_bytes(aligned(initramfs.read_bytes()) + pack(files))
    return out
