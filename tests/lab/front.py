"""What stands between clients and Matchbox. A lab has any number of fronts.

A front has: name, ca (the file a client trusts), boot_url and config_url (no
trailing slash), start(lab), stop(), reload().
"""

import signal

from . import paths, pki
from .address import PORT_BARE
from .daemon import Daemon

BARE_CONF = """\
# nginx as people put it in front of Matchbox today: TLS, and nothing else.
pid {folder}/nginx.pid;
error_log {folder}/error.log notice;
events {{ worker_connections 256; }}
http {{
    access_log {folder}/access.log;
    client_body_temp_path {folder}/tmp-body;
    proxy_temp_path {folder}/tmp-proxy;
    fastcgi_temp_path {folder}/tmp-fastcgi;
    uwsgi_temp_path {folder}/tmp-uwsgi;
    scgi_temp_path {folder}/tmp-scgi;
    proxy_max_temp_file_size 0;
    server {{
        listen {host}:{port} ssl;
        ssl_certificate {certificate};
        ssl_certificate_key {key};
        ssl_protocols TLSv1.2 TLSv1.3;
        location / {{
            proxy_pass {matchbox};
        }}
    }}
}}
"""


class Nginx:
    """nginx in the foreground with a configuration file of its own."""

    def __init__(self, name, prefix, conf, error_log):
        self._daemon = Daemon(name, [
            paths.nginx(), "-p", str(prefix), "-c", str(conf),
            "-e", str(error_log), "-g", "daemon off;"], error_log)

    def start(self, address):
        self._daemon.start(address)

    def reload(self):
        self._daemon.send(signal.SIGHUP)

    def stop(self):
        self._daemon.stop(signal.SIGQUIT, timeout=5)


class Bare:
    """nginx without our module: the left column of the attack table."""

    name = "bare"

    def __init__(self):
        self.ca = self.boot_url = self.config_url = None
        self._nginx = None

    def start(self, lab):
        folder = lab.folder / "bare"
        folder.mkdir(parents=True, exist_ok=True)
        self.ca, certificate, key = pki.make(folder / "pki", lab.host)
        conf = folder / "nginx.conf"
        conf.write_text(BARE_CONF.format(
            folder=folder, host=lab.host, port=PORT_BARE, key=key,
            certificate=certificate, matchbox=lab.matchbox.url))
        self.boot_url = self.config_url = f"https://{lab.host}:{PORT_BARE}"
        self._nginx = Nginx("bare nginx", folder, conf, folder / "error.log")
        self._nginx.start((lab.host, PORT_BARE))

    def script(self):
        """What an embedded script of a plain Matchbox site says: our profiles
        name the config server as ${edge_config}."""
        return (f"#!ipxe\nset edge_config {self.config_url}\n"
                f"chain {self.boot_url}/boot.ipxe\n")

    def reload(self):
        self._nginx.reload()

    def stop(self):
        if self._nginx is not None:
            self._nginx.stop()
