"""Fixtures of the gate's tests, here and under tests/faults."""

import pytest

import gate as harness


@pytest.fixture(scope="session")
def address():
    taken = harness.take_address()
    yield taken
    taken.release()


@pytest.fixture(scope="session")
def certificates(tmp_path_factory, address):
    return harness.throw_away_certificates(
        tmp_path_factory.mktemp("pki"), address.host)


@pytest.fixture
def make_gate(tmp_path, address, certificates):
    """make_gate(edits=[...]) -> Gate, not started; stopped at the end."""
    made = []

    def make(edits=(), lab=True, name="gate"):
        ca, certificate, key = certificates
        gate = harness.Gate(tmp_path / name, address.host,
                            f"{address.host}:{harness.PORT_UPSTREAM}", edits,
                            lab)
        gate.certify(certificate, key, ca)
        gate.pepper.touch(0o600)
        gate.pepper.write_text("1 " + "5a" * 32 + "\n")
        gate.ca = ca
        gate.expected_alerts = set()
        made.append(gate)
        return gate

    yield make
    for gate in made:
        gate.stop()
    for gate in made:
        reports = [line for line in gate.logs().splitlines()
                   if harness.SANITIZER.search(line)]
        assert not reports
        # a request that was never counted down, a lock that was left, ...
        assert not harness.alerts(gate) - gate.expected_alerts


@pytest.fixture
def upstream(address):
    server = harness.Upstream(address.host)
    yield server
    server.stop()
