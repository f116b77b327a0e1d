"""A real Matchbox on the lab's loopback address."""

from . import paths
from .address import PORT_MATCHBOX
from .daemon import Daemon


class Matchbox:
    """data holds groups/, profiles/, generic/; assets is served below /assets/."""

    def __init__(self, host, data, assets, log):
        self.host, self.data, self.assets, self.log = host, data, assets, log
        self.url = f"http://{host}:{PORT_MATCHBOX}"
        self._daemon = None

    def start(self):
        for folder in ("groups", "profiles", "generic"):
            (self.data / folder).mkdir(parents=True, exist_ok=True)
        self.assets.mkdir(parents=True, exist_ok=True)
        self._daemon = Daemon("matchbox", [
            str(paths.matchbox()), f"-address={self.host}:{PORT_MATCHBOX}",
            f"-data-path={self.data}", f"-assets-path={self.assets}",
            "-log-level=debug"], self.log)
        self._daemon.start((self.host, PORT_MATCHBOX))

    def stop(self):
        if self._daemon is not None:
            self._daemon.stop()

    def requests(self):
        """Every request it ever saw, as its log has them: "GET /path?query"."""
        seen = []
        for line in self.log.read_text(errors="replace").splitlines():
            at = line.find('msg="HTTP ')
            if at >= 0:
                seen.append(line[at + len('msg="HTTP '):].rstrip('"'))
        return seen
