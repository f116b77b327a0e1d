"""What `nginx -t` says to a configuration. Each refused one differs in one thing
from the sample, which is accepted."""

import pytest

MTLS = "edge_auth boot_mtls;"
LOCATIONS = "gate-locations.conf"


def test_the_sample_is_accepted(make_gate):
    accepted, said = make_gate().test()
    assert accepted, said


def test_nothing_is_checked_without_a_role(make_gate):
    """The module may be loaded by an nginx that does not use it."""
    gate = make_gate()
    aside = "".join(f"{kind}_temp_path tmp/{kind};" for kind in (
        "client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    gate.write("edge-auth.conf", "include local-main.conf; pid run/nginx.pid; events { }"
               "http { access_log off; %s server { listen %s:8499; satisfy any; } }"
               % (aside, gate.host))
    accepted, said = gate.test()
    assert accepted, said


REFUSED = {
    "satisfy any": (
        MTLS, MTLS + " satisfy any;", None,
        '"satisfy any" is not allowed'),
    "satisfy any in a location": (
        "internal;", "internal; satisfy any;", LOCATIONS,
        '"satisfy any" is not allowed in location "/_matchbox/"'),
    "early data": (
        "ssl_protocols TLSv1.3;", "ssl_protocols TLSv1.3; ssl_early_data on;",
        None, '"ssl_early_data" is not allowed'),
    "temp files": (
        "proxy_max_temp_file_size 0;", "", LOCATIONS,
        '"proxy_max_temp_file_size 0" is required'),
    "proxy_store": (
        "proxy_buffering on;", "proxy_buffering on; proxy_store on;",
        LOCATIONS, '"proxy_store" is not allowed'),
    "proxy_cache": (
        "location /_matchbox/ {", "location /_matchbox/ { proxy_cache c;",
        LOCATIONS, '"proxy_cache" is not allowed'),
    "no client certificate": (
        "ssl_verify_client on;", "", None,
        '"ssl_verify_client on" is required in the server with '
        '"edge_auth boot_mtls"'),
    "optional client certificate": (
        "ssl_verify_client on;", "ssl_verify_client optional;", None,
        '"ssl_verify_client on" is required'),
    "session cache": (
        "ssl_session_cache off;", "ssl_session_cache builtin;", None,
        '"ssl_session_cache" keeps revoked certificates alive'),
    "session tickets": (
        "ssl_session_tickets off;", "", None,
        '"ssl_session_tickets off" is required'),
    "client certificate on boot": (
        "edge_auth boot;", "edge_auth boot; ssl_verify_client optional;\n"
        "ssl_client_certificate tls/client-ca.pem;", None,
        '"ssl_verify_client" breaks ROMs'),
    "old TLS on boot": (
        "ssl_protocols TLSv1.2;", "ssl_protocols TLSv1.1 TLSv1.2;", None,
        '"ssl_protocols" below TLSv1.2'),
    "TLS 1.2 on config": (
        "ssl_protocols TLSv1.3;", "ssl_protocols TLSv1.2 TLSv1.3;", None,
        '"ssl_protocols TLSv1.3" is required in the server with '
        '"edge_auth config"'),
    "error log at info": (
        "error.log notice;", "error.log info;", None,
        '"error_log" at "info" or "debug"'),
    "error log at debug in one server": (
        MTLS, MTLS + " error_log log/d.log debug;", None,
        '"error_log" at "info" or "debug"'),
    "http2 on boot": (
        " ssl;", " ssl http2;", "listen-boot.conf",
        '"listen ... http2" is not allowed'),
    "no TLS": (
        " ssl;", ";", "listen-boot.conf", '"listen ... ssl" is required'),
    "no store": (
        "edge_auth_store store;", "", None, 'no "edge_auth_store" is defined'),
    "no pepper": (
        "edge_auth_pepper pepper;", "", None,
        'no "edge_auth_pepper" is defined'),
    "no thread pool": (
        "edge_auth_thread_pool edge_auth;", "", None,
        'no "edge_auth_thread_pool" is defined'),
    "unknown thread pool": (
        "edge_auth_thread_pool edge_auth;", "edge_auth_thread_pool other;",
        None, 'unknown thread pool "other"'),
    "no upstream": (
        "edge_auth_upstream /_matchbox/;", "", None,
        'no "edge_auth_upstream" is defined'),
    "upstream without location": (
        "edge_auth_upstream /_matchbox/;", "edge_auth_upstream /_other/;",
        None, 'the location of "edge_auth_upstream" is missing'),
    "assets without location": (
        "edge_auth_assets /_assets/;", "edge_auth_assets /_other/;", None,
        'the location of "edge_auth_assets" is missing'),
    "upstream not a folder": (
        "edge_auth_upstream /_matchbox/;", "edge_auth_upstream /_matchbox;",
        None, 'invalid value "/_matchbox" in "edge_auth_upstream" directive'),
    "upstream not internal": (
        "location /_matchbox/ {\n    internal;", "location /_matchbox/ {",
        LOCATIONS, 'location "/_matchbox/" of "edge_auth_upstream" must be '
        '"internal"'),
    "assets not internal": (
        "location /_assets/ {\n    internal;", "location /_assets/ {",
        LOCATIONS, 'location "/_assets/" of "edge_auth_assets" must be '
        '"internal"'),
    "client headers upstream": (
        "proxy_pass_request_headers off;", "", LOCATIONS,
        'needs "proxy_pass_request_headers off"'),
    "client body upstream": (
        "proxy_pass_request_body off;", "", LOCATIONS,
        'needs "proxy_pass_request_body off"'),
    "unbuffered upstream": (
        "proxy_buffering on;", "proxy_buffering off;", LOCATIONS,
        'must not have "proxy_buffering off"'),
    "small buffer": (
        "subrequest_output_buffer_size 256k;",
        "subrequest_output_buffer_size 255k;", LOCATIONS,
        'needs a "subrequest_output_buffer_size"'),
    "body_max too large": (
        "edge_auth_body_max 256k;", "edge_auth_body_max 1025k;", None,
        '"edge_auth_body_max" must be between 1 and 1048576'),
    "body_max zero": (
        "edge_auth_body_max 256k;", "edge_auth_body_max 0;", None,
        '"edge_auth_body_max" must be between'),
    "unknown role": (
        "edge_auth boot;", "edge_auth bot;", None, 'invalid value "bot"'),
    "two roles": (
        "edge_auth boot;", "edge_auth boot; edge_auth config;", None,
        '"edge_auth" directive is duplicate'),
    "role in a location": (
        "internal;", "internal; edge_auth boot;", LOCATIONS,
        '"edge_auth" directive is not allowed here'),
    "role switched off in a location": (
        "internal;", "internal; edge_auth off;", LOCATIONS,
        '"edge_auth" directive is not allowed here'),
    "two stores": (
        "edge_auth_store store;", "edge_auth_store store; edge_auth_store b;",
        None, '"edge_auth_store" directive is duplicate'),
    "two audit files": (
        "edge_auth_audit log/audit.json;",
        "edge_auth_audit log/a; edge_auth_audit log/b;", None,
        '"edge_auth_audit" directive is duplicate'),
    "store in a server": (
        "edge_auth boot;", "edge_auth boot; edge_auth_store other;", None,
        '"edge_auth_store" directive is not allowed here'),
}


@pytest.mark.parametrize("label", REFUSED)
def test_refused(make_gate, label):
    old, new, name, message = REFUSED[label]
    gate = make_gate(edits=[(
        "edge_auth_store store;", "edge_auth_store store;\n"
        "proxy_cache_path tmp/c keys_zone=c:1m;")])
    gate.edit(old, new, name or "edge-auth.conf")
    accepted, said = gate.test()
    assert not accepted
    assert message in said
    assert "[emerg]" in said


def test_other_servers_beside_mtls_are_refused(make_gate):
    """Sessions and tickets are those of the listening address."""
    gate = make_gate()
    port = gate.etc / "listen-boot-mtls.conf"
    other = ("server { %s ssl_certificate tls/boot.pem;"
             " ssl_certificate_key tls/boot.key; server_name other; }\n")
    gate.edit("# ---- config.: Talos", other % "listen %s:8499 ssl;" % gate.host
              + "# ---- config.: Talos")
    accepted, said = gate.test()
    assert accepted, said
    gate.edit("listen %s:8499 ssl;" % gate.host, port.read_text())
    accepted, said = gate.test()
    assert not accepted
    assert 'with "edge_auth boot_mtls" takes no other server' in said
