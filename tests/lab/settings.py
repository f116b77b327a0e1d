"""iPXE's settings: ${name} and ${name:type}, as a script sees them."""

import re
import urllib.parse

URI_SAFE = "-._~"
EXPANSIONS_MAX = 1000

MAC = re.compile(r"^[0-9a-f]{2}(:[0-9a-f]{2}){5}$")


class Settings:
    """What a ROM knows: its hardware, then what scripts set.

    Names are looked up as iPXE does: `net0/mac`, `netX/mac` and `mac` are the
    boot NIC's; an unknown name is absent and expands to nothing.
    """

    def __init__(self, values):
        self._values = {k: v for k, v in values.items() if v is not None}

    @staticmethod
    def _plain(name):
        return re.sub(r"^(net0|netX|smbios)/", "", name)

    def get(self, name):
        """The stored value, or None."""
        return self._values.get(self._plain(name))

    def set(self, name, value):
        """Set; an empty value clears, as in iPXE."""
        name = self._plain(name.partition(":")[0])
        if value == "":
            self._values.pop(name, None)
        else:
            self._values[name] = value

    def value(self, reference):
        """The text that ${reference} expands to."""
        name, _, kind = reference.partition(":")
        stored = self.get(name)
        if stored is None:
            return ""
        if kind in ("", "string", "uuid", "ipv4"):
            return stored
        if kind == "uristring":
            return urllib.parse.quote(stored, safe=URI_SAFE)
        if kind in ("hex", "hexhyp", "hexraw"):
            raw = self._raw(stored)
            separator = {"hex": ":", "hexhyp": "-", "hexraw": ""}[kind]
            return separator.join(f"{b:02x}" for b in raw)
        return ""

    @staticmethod
    def _raw(stored):
        if MAC.match(stored):
            return bytes.fromhex(stored.replace(":", ""))
        return stored.encode()

    def expand(self, text):
        """Replace the innermost ${...} until none is left. There is no escape."""
        for _ in range(EXPANSIONS_MAX):
            end = -1
            start = -1
            position = 0
            while position < len(text):
                if text.startswith("${", position):
                    start = position
                if start >= 0 and text[position] == "}":
                    end = position
                    break
                position += 1
            if end < 0:
                return text
            value = self.value(text[start + 2:end])
            text = text[:start] + value + text[end + 1:]
        raise ValueError("a setting expands to itself")
