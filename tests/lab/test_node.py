"""The Talos stand-in: statuses, retries, what it accepts."""

import pytest

from lab import fixture, node


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    secrets = tmp_path_factory.mktemp("secrets") / "secrets.yaml"
    fixture.make_secrets(secrets)
    return fixture.config(secrets, "worker")


UUID = "9ddf0214-b102-49a3-bec3-d1151498a401"


def fetch(server, tmp_path, query="uuid=", **options):
    return node.fetch(f"{server.url}/generic?{query}", tmp_path / "out.yaml",
                      uuid=UUID.upper(), time_scale=1e-4, **options)


def test_a_worker_config_is_accepted_and_private(server, tmp_path, config):
    server.answers["/generic"] = (200, {}, config)
    got = fetch(server, tmp_path)
    assert got.accepted and got.config == config
    assert (tmp_path / "out.yaml").stat().st_mode & 0o777 == 0o600
    assert server.paths == [f"/generic?uuid={UUID}"]


@pytest.mark.parametrize("query, asked", [
    ("uuid=", f"uuid={UUID}"),
    ("uuid=${uuid}", f"uuid={UUID}"),
    ("z=1&uuid=&a=2", f"a=2&uuid={UUID}&z=1"),
    ("z=1&a=2", "z=1&a=2"),
])
def test_the_query_is_filled_as_talos_fills_it(server, tmp_path, config, query, asked):
    server.answers["/generic"] = (200, {}, config)
    assert fetch(server, tmp_path, query).accepted
    assert server.paths == ["/generic?" + asked]


@pytest.mark.parametrize("status", [400, 403, 404, 409, 500, 503])
def test_every_error_status_is_retried(server, tmp_path, config, status):
    refusal = (status, {"Retry-After": "3600"}, "KE-403 no " + "x" * 100)
    server.answers["/generic"] = [refusal, refusal, (200, {}, config)]
    got = fetch(server, tmp_path, max_attempts=3)
    assert got.accepted
    assert [a["status"] for a in got.attempts] == [status, status, 200]
    assert len(got.attempts[0]["body"]) == 32


def test_it_gives_up_within_its_bound(server, tmp_path):
    server.answers["/generic"] = (403, {}, "KE-403 ids")
    got = fetch(server, tmp_path, max_attempts=4)
    assert (got.outcome, len(got.attempts)) == ("gave-up", 4)
    assert got.last == "403 KE-403 ids"


@pytest.mark.parametrize("status, body, outcome", [
    (200, "", "no-config"),
    (204, "", "no-config"),
    (200, "this is not a config", "invalid"),
    (200, "version: v1alpha1\nmachine: {}\n", "invalid"),
    (200, "apiVersion: v1alpha1\nkind: HostnameConfig\nauto: stable\n", "partial"),
])
def test_what_a_node_would_not_boot_with(server, tmp_path, status, body, outcome):
    server.answers["/generic"] = (status, {}, body)
    got = fetch(server, tmp_path)
    assert got.outcome == outcome
    assert not (tmp_path / "out.yaml").exists()


def test_an_unknown_key_is_invalid(server, tmp_path, config):
    server.answers["/generic"] = (200, {}, config.replace("machine:\n", "machine:\n    tipe: x\n", 1))
    got = fetch(server, tmp_path)
    assert got.outcome == "invalid" and "tipe" in got.message
