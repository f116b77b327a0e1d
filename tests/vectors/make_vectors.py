#!/usr/bin/env python3
"""Golden rows for every text format of core, from a second implementation.

    make_vectors.py [DIRECTORY]

Written from the headers alone: it shares no code with core, so a row that both
agree on is a row of the format and not of one program. Random bytes come from
a counter; the same program always writes the same files.
"""
import hashlib
import hmac
import json
import pathlib
import re
import sys
import urllib.parse

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
TOKEN, TICKET = "ket1_", "ktk1_"


def some_bytes(label, length):
    out = b""
    while len(out) < length:
        out += hashlib.sha256(f"{label} {len(out)}".encode()).digest()
    return out[:length]


# ---- base32 ------------------------------------------------------------------

def base32(data, chars):
    bits = "".join(f"{byte:08b}" for byte in data)
    return "".join(ALPHABET[int(bits[5 * i:5 * i + 5].ljust(5, "0"), 2)]
                   for i in range(chars))


def base32_rows():
    rows = []
    for chars in (0, 1, 2, 3, 7, 8, 10, 13, 26, 36, 49):
        for data in (bytes(32), b"\xff" * 32, some_bytes(f"b32 {chars}", 32)):
            rows.append({"bits": data.hex(), "chars": chars,
                         "text": base32(data, chars)})
    return rows


# ---- tokens and tickets ------------------------------------------------------

KEYS = [(7, some_bytes("pepper new", 32)), (3, some_bytes("pepper old", 32))]
STRANGE = some_bytes("pepper of another gate", 32)


def mac(key, data):
    return hmac.new(key, data, hashlib.sha256).digest()


def tagged(key, text):
    return text + base32(mac(key, text.encode()), 13)


def token(key, random):
    return tagged(key, TOKEN + base32(random, 36))


def ticket(key, number, gen, n, epoch, salt):
    ident = base32((((number << 26) | (gen << 14) | n) << 6).to_bytes(7, "big"),
                   10)
    secret = mac(key, b"ktk1 secret" + number.to_bytes(4, "big")
                 + gen.to_bytes(2, "big") + n.to_bytes(2, "big")
                 + epoch.to_bytes(4, "big") + salt)
    return tagged(key, TICKET + ident + base32(secret, 26))


def token_rows():
    rows = []
    for i, random in enumerate((bytes(24), b"\xff" * 24,
                                some_bytes("token a", 24),
                                some_bytes("token b", 24))):
        for index, (_, key) in enumerate(KEYS):
            text = token(key, random)
            rows.append({"label": f"token {i} key {index}", "key": index,
                         "random": random.hex(), "text": text,
                         "id": text[5:15],
                         "stored": mac(key, text.encode()).hex()})
    return rows


def ticket_rows():
    rows = []
    cases = [(0, 0, 0, 0), (1, 1, 1, 1), ((1 << 24) - 1, (1 << 12) - 1,
                                          (1 << 14) - 1, (1 << 32) - 1),
             (0x123456, 0x789, 0x2abc, 3), (1, 0, 0, 1), (0, 1, 0, 1),
             (0, 0, 1, 1)]
    for i, (number, gen, n, epoch) in enumerate(cases):
        salt = some_bytes(f"salt {i}", 16)
        for index, (_, key) in enumerate(KEYS):
            rows.append({"label": f"ticket {i} key {index}", "key": index,
                         "number": number, "gen": gen, "n": n, "epoch": epoch,
                         "salt": salt.hex(),
                         "text": ticket(key, number, gen, n, epoch, salt)})
    return rows


def changed(text, at):
    """One character differs, and is still of the alphabet."""
    return text[:at] + ALPHABET[ALPHABET.index(text[at]) ^ 1] + text[at + 1:]


def refused_rows():
    rows = []
    for kind, good in (("token", token(KEYS[0][1], some_bytes("token a", 24))),
                       ("ticket", ticket(KEYS[0][1], 5, 6, 7, 8,
                                         some_bytes("salt", 16)))):
        def add(label, text, code):
            rows.append({"label": f"{kind}: {label}", "kind": kind,
                         "text": text, "code": code})
        other = TICKET if kind == "token" else TOKEN
        add("empty", "", "syntax")
        add("prefix alone", good[:5], "syntax")
        add("one character short", good[:-1], "syntax")
        add("one character more", good + "0", "syntax")
        add("trailing newline", good + "\n", "syntax")
        add("leading space", " " + good[:-1], "syntax")
        add("upper case", good.upper(), "syntax")
        add("upper case prefix", good[:5].upper() + good[5:], "syntax")
        add("prefix of the other kind", other + good[5:], "syntax")
        add("a version that is not", good[:3] + "2" + good[4:], "syntax")
        for letter in "iloUA-_%=. ":
            add(f"character '{letter}'", good[:20] + letter + good[21:],
                "syntax")
        for at in (5, 14, 15, 40, 41, 53):
            add(f"character {at} changed", changed(good, at), "refused")
        add("tag of zeros", good[:41] + "0" * 13, "refused")
        add("relabelled by its tag", tagged(KEYS[0][1], other + good[5:41]),
            "syntax")
        add("pepper of another gate", tagged(STRANGE, good[:41]), "refused")
        add("twice", good + good, "syntax")
    return rows


def tokens():
    pepper = "# two keys\n\n" + "".join(f"{i} {k.hex()}\n" for i, k in KEYS)
    return {"pepper": pepper, "tokens": token_rows(), "tickets": ticket_rows(),
            "refused": refused_rows()}


# ---- redaction ---------------------------------------------------------------

def escaped(char):
    """A character in either case, or as an escape of either."""
    forms = {char, char.upper()}
    return "(?:" + "|".join(
        [re.escape(form) for form in sorted(forms)]
        + [f"%(?i:{ord(form):02x})" for form in sorted(forms)]) + ")"


ALNUM = r"(?:[0-9A-Za-z]|%3[0-9]|%[46][1-9a-fA-F]|%[57][0-9aA])"
SECRET = re.compile("((?:" + "|".join("".join(map(escaped, prefix))
                                      for prefix in (TOKEN, TICKET))
                    + "))(" + ALNUM + "{8,})")


def redact(text):
    return SECRET.subn(lambda m: m[1] + "*" * len(m[2]), text)


def redact_rows():
    good = token(KEYS[0][1], some_bytes("token a", 24))
    pass_ = ticket(KEYS[0][1], 5, 6, 7, 8, some_bytes("salt", 16))
    texts = [
        "", "nothing here", f"GET /t/{good}/boot.ipxe HTTP/1.1",
        f"GET /c/{pass_}/generic?uuid=x HTTP/1.1", good, pass_,
        f"{good} {pass_} {good}", f"{good}{pass_}", f"a{good}b",
        good.upper(), good.capitalize(), good.replace("_", "%5f"),
        good.replace("_", "%5F"), good.replace("k", "%6b"),
        good.replace("e", "%45"), good[:30], good[:13], good[:12], good[:5],
        good + "0123456789", good + "%41%42/x", good + "%2fboot.ipxe",
        good[:20] + "-" + good[20:], f"?token={good}&x={pass_}&y",
        "ket1_ket1_" + good[5:], "ket1_" + "i" * 20, "ket1 " + good[5:],
        "ket2_" + good[5:], "%6Bet1%5F" + good[5:], "ket1%5", "ket1%5f%3",
        "ket1_0000000%", "ket1_0000000%3", "ket1_0000000%30", "%", "k%",
        "https%3a%2f%2fx%2ft%2f" + good, f'"{good}"', f"'{pass_}',",
        f"x={good}%zz{good}",
    ]
    rows = []
    for text in texts:
        result, found = redact(text)
        rows.append({"text": text, "redacted": result, "found": found})
    return rows


# ---- targets -----------------------------------------------------------------

BOOT_PATHS = {"boot.ipxe": "boot", "boot.ipxe.0": "boot", "ipxe": "claim",
              "ipxe.efi": "asset", "ipxe-arm64.efi": "asset",
              "autoexec.ipxe": "asset"}
CONFIG_PATHS = dict.fromkeys(("generic", "ignition", "cloud", "metadata"),
                             "config")
ASSET = re.compile(r"assets(?:/[A-Za-z0-9_+-][A-Za-z0-9._+-]*)+")
TARGET = re.compile(r"/(?:(?P<kind>[tc])/(?P<credential>[^/?]*)(?:/|(?=\?|$)))?"
                    r"(?P<path>[^?]*)(?:\?(?P<query>.*))?", re.S)


def split(role, target):
    found = TARGET.fullmatch(target)
    if not found:
        return {"stage": "none", "credential": "", "path": "", "query": ""}
    kind, path = found["kind"], found["path"]
    stage = "none"
    if role == "config":
        if kind == "c" and found["credential"]:
            stage = CONFIG_PATHS.get(path, "none")
    elif role in ("boot", "boot_mtls"):
        if kind is None or kind == "t" and found["credential"]:
            stage = BOOT_PATHS.get(path, "none")
            if ASSET.fullmatch(path) and len(path) <= 255:
                stage = "asset"
    if len(target) > 2048:
        stage = "none"
    return {"stage": stage, "credential": found["credential"] or "",
            "path": path, "query": found["query"] or ""}


def scrub(parts):
    kept = [a for a in parts["query"].split("&")
            if a.split("=")[0] in ("uuid", "mac", "serial", "arch")]
    text = "/" + parts["path"] + ("?" + "&".join(kept) if kept else "")
    return redact(text)[0]


def target_rows():
    good = token(KEYS[0][1], some_bytes("token a", 24))
    pass_ = ticket(KEYS[0][1], 5, 6, 7, 8, some_bytes("salt", 16))
    ids = "uuid=9ddf0214-b102-49a3-bec3-d1151498a44e&mac=52-54-00-00-02-01"
    paths = ["boot.ipxe", "boot.ipxe.0", "ipxe", "ipxe?" + ids, "ipxe.efi",
             "ipxe-arm64.efi", "autoexec.ipxe", "generic", "generic?uuid=x",
             "ignition", "cloud", "metadata", "assets/vmlinuz-0123.xz",
             "assets/talos/v1.13.3/kernel", "assets/a+b_c-d.e",
             # paths around the table
             "", "/", "?", "boot.ipxe/", "/boot.ipxe", "Boot.ipxe", "boot.ipx",
             "boot.ipxe.1", "boot%2eipxe", "boot.ipxe%00", "boot.ipxe;x",
             "boot.ipxe#x", "./boot.ipxe", "../boot.ipxe", "x/../boot.ipxe",
             "ipxe/", "IPXE", "%69pxe", "ipxe ", "grub", "generic.sig",
             "generic.asc", "generic/", "generic/x", "assets", "assets/",
             "assets//x", "assets/x/", "assets/./x", "assets/../generic",
             "assets/.hidden", "assets/x/.y", "assets/x%2fy", "assets/x\\y",
             "assets/x y", "assets/x~", "Assets/x", "assets/" + "x" * 248,
             "assets/" + "x" * 249, "t/" + good + "/boot.ipxe",
             "c/" + pass_ + "/generic",
             # arguments that are not kept
             "ipxe?role=controlplane&" + ids, "ipxe?" + ids + "&edge_poll=0123",
             "ipxe?uuid=" + good, "ipxe?&&uuid=&x&uuid", "ipxe?UUID=x",
             "ipxe?uuid=a?b=c", "boot.ipxe?" + "x" * 2100]
    heads = ["/", f"/t/{good}/", f"/c/{pass_}/", "/t/x/", "/t//", "/c//",
             f"/T/{good}/", f"//t/{good}/"]
    whole = ["", "*", "boot.ipxe", "https://gate/boot.ipxe", "/t", "/c", "/t/",
             f"/t/{good}", f"/c/{pass_}", f"/t/{good}?x", f"/t/{good}?uuid=1",
             f"/c/{pass_}?x/y", "/t?x", "/t/?x"]
    rows = []
    for role in ("none", "boot", "boot_mtls", "config"):
        targets = [h + p for p in paths for h in heads[:3]] + whole
        targets += [h + p for h in heads[3:] for p in ("ipxe", "generic")]
        for target in targets if role in ("boot", "config") else targets[::5]:
            parts = split(role, target)
            rows.append({"role": role, "target": target, **parts,
                         "scrubbed": scrub(parts)})
    return rows


# ---- queries -----------------------------------------------------------------

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}"
                  r"-[0-9a-f]{12}")
BLANK_UUIDS = ("03000200-0400-0500-0006-000700080009",)
BLANK_SERIALS = ("none", "default string", "to be filled by o.e.m.", "0",
                 "not specified", "system serial number", "123456789")
ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")
ARGUMENTS = ("uuid", "mac", "serial", "arch")


class Refused(Exception):
    pass


def decoded(text):
    raw = text.encode()
    if ESCAPE.search(raw):
        raise Refused
    value = urllib.parse.unquote_to_bytes(raw)
    if any(byte < 32 or byte == 127 for byte in value):
        raise Refused
    return value


def query_uuid(value):
    text = value.decode("latin-1").lower()
    if text and not UUID.fullmatch(text):
        raise Refused
    digits = text.replace("-", "")
    blank = text in BLANK_UUIDS or digits == digits[:2] * 16
    return "" if blank else text


def query_mac(value):
    text = value.decode("latin-1").lower()
    if not text:
        return ""
    if not re.fullmatch(r"[0-9a-f]{2}(?:(:[0-9a-f]{2}){5}|(-[0-9a-f]{2}){5}"
                        r"|([0-9a-f]{2}){5})", text):
        raise Refused
    digits = re.sub("[:-]", "", text)
    if int(digits[:2], 16) & 1 or int(digits, 16) == 0:
        raise Refused
    return ":".join(re.findall("..", digits))


def query_serial(value):
    text = value.decode("latin-1").strip(" ")
    if len(text) > 64 or not text.isascii():
        return ""
    return "" if text.lower() in BLANK_SERIALS else text


def parse_query(text):
    out = dict.fromkeys(ARGUMENTS, "") | {"literal": False}
    seen = set()
    for argument in text.split("&") if text else ():
        key, _, value = argument.partition("=")
        key, value = decoded(key).decode("latin-1"), decoded(value)
        if key not in ARGUMENTS:
            continue
        if key in seen or len(value) > 256:
            raise Refused
        seen.add(key)
        if b"${" in value:
            out["literal"] |= key != "arch"
        elif key == "arch":
            known = value in (b"x86_64", b"arm64", b"i386")
            out["arch"] = value.decode() if known else ""
        else:
            out[key] = {"uuid": query_uuid, "mac": query_mac,
                        "serial": query_serial}[key](value)
    return out


def query_rows():
    uuid = "9ddf0214-b102-49a3-bec3-d1151498a44e"
    texts = [
        "", "&", "&&", "=", "uuid", "uuid=", f"uuid={uuid}",
        f"uuid={uuid.upper()}", f"uuid={uuid}&mac=52-54-00-00-02-01&domain=x"
        "&hostname=y&serial=S1&arch=x86_64", "mac=52%3A54%3A00%3a00%3a02%3a01",
        "mac=525400000201", "serial=AB%20C", "serial=AB+C", "serial=%20S1%20",
        "serial=None", "serial=0", "serial=%ff", "serial=" + "q" * 64,
        "serial=" + "q" * 65, "serial=" + "q" * 256, "serial=" + "q" * 257,
        "serial=Default%20string", "arch=arm64", "arch=i386", "arch=riscv64",
        "arch=X86_64", "arch=", f"uuid={uuid}&role=controlplane",
        f"UUID={uuid}", f"%75uid={uuid}", "MAC=x", "x=" + "y" * 400,
        "y" * 400 + "=x", "uuid=00000000-0000-0000-0000-000000000000",
        "uuid=03000200-0400-0500-0006-000700080009", "uuid=${uuid}",
        "uuid=%24%7Buuid%7D", "mac=${mac:hexhyp}", "serial=$%7bserial}",
        "arch=${buildarch}", "uuid=x${uuid}", "serial=%20${serial}", "domain=${domain}",
        f"uuid={uuid}&uuid={uuid}", f"uuid={uuid}&%75uid=x", "mac=&mac=",
        "serial=a&serial=a", "arch=arm64&arch=arm64", "domain=a&domain=b",
        "uuid=x", f"uuid={uuid}%0a", f"uuid={uuid}0", f"uuid=%20{uuid}",
        "mac=52-54-00-00-02", "mac=52-54:00-00-02-01", "mac=01-00-5e-00-00-01",
        "mac=00-00-00-00-00-00", "mac=ff-ff-ff-ff-ff-ff", "mac=x",
        "serial=a%0Ab", "serial=a%00", "serial=a%7f", "serial=a%", "serial=%2",
        "serial=%zz", "x=%0A", "x=%", "%=x", "%0a", "x%00=y", "hostname=%09",
        f"mac=x&uuid={uuid}", "uuid=%2524", f"a=b=c&uuid={uuid}",
        "uuid==", ";uuid=x", f"uuid={uuid};mac=x",
    ]
    rows = []
    for text in texts:
        try:
            rows.append({"query": text, **parse_query(text)})
        except Refused:
            rows.append({"query": text, "refused": True})
    return rows


# ---- upstream ----------------------------------------------------------------

def upstream_rows():
    cases = [
        ("boot.ipxe", [], ""), ("ipxe", [], "x86_64"), ("generic", [], ""),
        ("ipxe", [("uuid", "9ddf0214-b102-49a3-bec3-d1151498a44e")], "arm64"),
        ("ipxe", [("mac", "52:54:00:00:02:01"), ("os", "installed")], "i386"),
        ("ipxe", [("arch", "mine")], "x86_64"),
        ("generic", [("a b", "c&d=e%f+g/h?i#j"), ("x", "")], ""),
        ("metadata", [("k", "\n\t\x7f\"'<>\\^`{|}~-._")], ""),
        ("cloud", [("k", "v")] * 8, ""), ("ignition", [("K", "V")], ""),
        ("ipxe", [("k", "v")] * 9, None), ("ipxe", [("", "v")], None),
        ("grub", [], None), ("", [], None), ("ipxe.efi", [], None),
        ("assets/x", [], None), ("generic?x=y", [], None),
        ("../generic", [], None), ("Generic", [], None),
    ]
    rows = []
    for path, labels, arch in cases:
        row = {"path": path, "labels": [list(x) for x in labels],
               "arch": arch or ""}
        if arch is not None:
            pairs = labels + ([("arch", arch)] if arch and not any(
                k == "arch" for k, _ in labels) else [])
            text = urllib.parse.urlencode(pairs, quote_via=urllib.parse.quote,
                                          safe="")
            row["target"] = "/" + path + ("?" + text if text else "")
        rows.append(row)
    return rows


# ---- scripts -----------------------------------------------------------------

def script_rows():
    url, pass_ = "https://config.edge.example.net:8443", ticket(
        KEYS[0][1], 5, 6, 7, 8, some_bytes("salt", 16))
    rest = "kernel assets/k talos.config=${edge_config}/generic?uuid=\nboot\n"
    rows = []
    for body in ("#!ipxe\n" + rest, "#!ipxe\r\n" + rest, "#!ipxe\n",
                 "#!ipxe\n\n", "#!ipxe\nboot", "", "#!ipxe", "#!ipxe ",
                 "#!ipxe x\n", "#!IPXE\n", " #!ipxe\n", "\n#!ipxe\n",
                 "#!ipxe\r", "#!ipxe\rx\n", "kernel x\n", "<html>\n"):
        row = {"body": body, "url": url, "ticket": pass_}
        first = re.match("#!ipxe\r?\n", body)
        if first:
            row["script"] = (first[0] + f"set edge_ticket {pass_}\n"
                             f"set edge_config {url}/c/{pass_}\n"
                             + body[first.end():])
        rows.append(row)
    for bad in ("", "http://x", "https://x/", "https://x\n", "https://${x}"):
        rows.append({"body": "#!ipxe\n", "url": bad, "ticket": pass_})
    return rows


FILES = {"base32.json": base32_rows, "tokens.json": tokens,
         "redact.json": redact_rows, "targets.json": target_rows,
         "queries.json": query_rows, "upstream.json": upstream_rows,
         "scripts.json": script_rows}


def written(value):
    """JSON with one row a line: short files, readable differences."""
    if isinstance(value, dict):
        members = (f"{json.dumps(k)}: {written(v)}" for k, v in value.items())
        return "{\n" + ",\n".join(members) + "\n}"
    if isinstance(value, list):
        return "[\n" + ",\n".join(map(json.dumps, value)) + "\n]"
    return json.dumps(value)


def main(folder):
    for name, rows in FILES.items():
        (folder / name).write_text(written(rows()) + "\n", encoding="ascii")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1] if len(sys.argv) > 1
                      else pathlib.Path(__file__).parent))
