"""A short `make keys`, and that it would notice a key nobody deletes."""

import deliveries
from edge_keyd import EdgeKeyd
from tailapi import TailApi


def last_line(capsys):
    return capsys.readouterr().out.splitlines()[-1]


def test_no_key_is_left(capsys):
    assert deliveries.run(60, 1, 1.0) is True
    assert last_line(capsys) == ("keys: 60 deliveries, minted = used + "
                                 "deleted, 0 past close, 0 wrong")


def test_a_key_that_nobody_deletes_is_told(capsys):
    with TailApi() as api:
        keyd = EdgeKeyd(api.url, api.client_secret)
        try:
            gate = deliveries.Gate(api, keyd, 1)
            keyd.start()
            gate.deliver(1)
            lost = api.net.mint(["tag:edge-site-1"], "somebody", 3600)
            deliveries.settle(api, gate)
            assert deliveries.judge(api, gate, 1) is False
        finally:
            keyd.close()
    out = capsys.readouterr().out
    assert f"keys: past close: {lost.id} 'somebody'\n" in out
    assert out.splitlines()[-1] == ("keys: 1 deliveries, minted != used + "
                                    "deleted, 1 past close, 0 wrong")
