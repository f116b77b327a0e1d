"""One HTTP exchange with curl underneath, as a client of the gate makes it.

URLs and credentials reach curl on its standard input: neither shows up in a
process list.
"""

import dataclasses
import pathlib
import subprocess
import tempfile

# What Debian trixie's iPXE offers, in its order (it has no TLS 1.3).
IPXE_CIPHERS = ":".join((
    "ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES256-SHA384",
    "ECDHE-RSA-AES128-SHA", "ECDHE-RSA-AES256-SHA",
    "AES128-GCM-SHA256", "AES256-GCM-SHA384",
    "AES128-SHA256", "AES256-SHA256", "AES128-SHA", "AES256-SHA"))


@dataclasses.dataclass
class Answer:
    """status 0 means that no HTTP answer came; error then says why."""
    status: int = 0
    headers: dict = dataclasses.field(default_factory=dict)
    body: bytes = b""
    error: str = ""

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")


def _quoted(value):
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def request(url, *, method="GET", ca=None, cert=None, key=None, agent=None,
            headers=(), user=None, data=None, tls12=False, path_as_is=True,
            timeout=20.0):
    """Make one request, follow nothing, return an Answer.

    tls12 restricts the client to what an iPXE offers. user is "name:password".
    path_as_is keeps `..` and `//` in the path for attacks.
    """
    with tempfile.TemporaryDirectory(prefix="edge-web-") as folder:
        body = pathlib.Path(folder, "body")
        head = pathlib.Path(folder, "head")
        lines = [
            f"url = {_quoted(url)}", f"output = {_quoted(str(body))}",
            f"dump-header = {_quoted(str(head))}", "globoff", "http1.1",
            "silent", "show-error", f"max-time = {timeout}",
            'noproxy = "*"', 'write-out = "%{http_code}"',
        ]
        if method == "HEAD":
            lines.append("head")
        else:
            lines.append(f"request = {_quoted(method)}")
        for option, value in (("cacert", ca), ("cert", cert), ("key", key),
                              ("user-agent", agent), ("user", user),
                              ("data-binary", data)):
            if value is not None:
                lines.append(f"{option} = {_quoted(str(value))}")
        for header in headers:
            lines.append(f"header = {_quoted(header)}")
        if tls12:
            lines += ['tls-max = "1.2"', f"ciphers = {_quoted(IPXE_CIPHERS)}"]
        if path_as_is:
            lines.append("path-as-is")
        done = subprocess.run(["curl", "-q", "-K", "-"], text=True,
                              input="\n".join(lines) + "\n",
                              capture_output=True, timeout=timeout + 10)
        answer = Answer(status=int(done.stdout.strip()[-3:] or 0))
        if head.exists():
            answer.headers = _headers(head.read_text("latin-1"))
        if body.exists() and method != "HEAD":
            answer.body = body.read_bytes()
        if done.returncode != 0:
            answer.error = done.stderr.strip() or f"curl {done.returncode}"
            if done.returncode != 18:   # 18: a body shorter than announced
                answer.status = 0
        return answer


def _headers(text):
    """The last header block, names in lower case."""
    blocks = [b for b in text.replace("\r\n", "\n").split("\n\n") if b.strip()]
    found = {}
    for line in blocks[-1].split("\n")[1:] if blocks else []:
        name, colon, value = line.partition(":")
        if colon:
            found[name.strip().lower()] = value.strip()
    return found
