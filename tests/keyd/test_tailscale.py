"""The real edge-keyd against a stand-in for Tailscale's API."""

import threading

import pytest

from edge_keyd import check, delete, devices, forget, listing, mint, until

TOKEN = "/api/v2/oauth/token"
KEYS = "/api/v2/tailnet/-/keys"
LATER = 700          # s: older than a key that may still be on its way


def at_once(count, ask):
    """Every answer of ask(i), all asked at the same time."""
    answers = [None] * count
    start = threading.Barrier(count)

    def one(i):
        start.wait()
        answers[i] = ask(i)

    threads = [threading.Thread(target=one, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_mint_check_delete(api, keyd):
    keyd.start()
    reply = keyd.ask(mint(12, 3, 2, life=7200))
    key, = api.net.keys.values()
    assert list(reply) == ["ok", "id", "key", "expires"]
    assert (reply["ok"], reply["id"], reply["key"]) == (True, key.id,
                                                        key.secret)
    assert key.description == "edge-auth gate-a 12-3-2"
    assert key.tags == ["tag:edge-site-1"]
    assert (key.reusable, key.ephemeral, key.preauthorized) == (False, False,
                                                                True)
    assert 7200 + 9000 - 60 < key.expires - key.created <= 7200 + 9000
    asked = check(key.id, 12, 3)
    assert keyd.ask(asked) == {"ok": True, "used": False, "device": "",
                               "devices": 0}
    device = api.net.use(key.secret, "setup-node-12")
    assert keyd.ask(asked) == {"ok": True, "used": True,
                               "device": device.node_id, "devices": 1}
    assert keyd.ask(delete(key.id)) == {"ok": True}
    assert keyd.ask(delete(key.id)) == {"ok": True}   # already gone
    assert keyd.ask(forget(device.node_id)) == {"ok": True}
    assert keyd.ask(forget(device.node_id)) == {"ok": True}
    assert api.net.devices == {}


def test_devices_of_our_tags(api, keyd):
    """One after the other, those that are new; nobody else's."""
    keyd.start()
    since = int(api.net.now()) - 60
    first, second = (api.net.use(keyd.ask(mint(n))["key"], f"node {n}")
                     for n in (1, 2))
    one, two = sorted((first, second), key=lambda device: device.node_id)
    assert keyd.ask(devices(since=since)) == {
        "ok": True, "device": one.node_id,
        "hostname": one.hostname.replace(" ", "-")}
    assert keyd.ask(devices(one.node_id, since))["device"] == two.node_id
    end = {"ok": True, "device": "", "hostname": ""}
    assert keyd.ask(devices(two.node_id, since)) == end
    assert keyd.ask(devices(since=since + 3600)) == end
    one.tags[:] = ["tag:somebody-elses"]
    assert keyd.ask(devices(since=since))["device"] == two.node_id


def test_used_key_is_not_shown_any_more(api, keyd):
    api.hides_used = True
    keyd.start()
    reply = keyd.ask(mint())
    device = api.net.use(reply["key"], "SETUP-node-1")
    assert keyd.ask(check(reply["id"]))["device"] == device.node_id


STRANGERS = {
    "another name": ("other", ["tag:edge-site-1"], 0),
    "a name that begins alike": ("setup-node-12", ["tag:edge-site-1"], 0),
    "another tag": ("setup-node-1", ["tag:edge-site-2"], 0),
    "from before": ("setup-node-1", ["tag:edge-site-1"], -90000),
}


@pytest.mark.parametrize("label", STRANGERS)
def test_a_strange_device_is_no_join(api, keyd, label):
    keyd.start()
    reply = keyd.ask(mint())
    api.net.keys[reply["id"]].used = True
    hostname, tags, age = STRANGERS[label]
    api.net.add_device(hostname, tags).created += age
    assert keyd.ask(check(reply["id"])) == {"ok": True, "used": True,
                                            "device": "", "devices": 0}
    device = api.net.add_device("setup-node-1", ["tag:edge-site-1"])
    assert keyd.ask(check(reply["id"])) == {
        "ok": True, "used": True, "device": device.node_id, "devices": 1}


def test_twins_are_counted(api, keyd):
    keyd.start()
    first, second = keyd.ask(mint(n=1)), keyd.ask(mint(n=2))
    api.net.use(first["key"], "setup-node-1")
    twin = api.net.use(second["key"], "setup-node-1")
    assert twin.name == "setup-node-1-1"
    assert keyd.ask(check(first["id"]))["devices"] == 2


def test_the_same_attempt_has_one_key(api, keyd):
    keyd.start()
    request = mint()
    replies = at_once(20, lambda _: keyd.ask(request))
    assert len({reply["key"] for reply in replies}) == 1
    assert len(api.net.keys) == 1
    assert keyd.ask(delete(replies[0]["id"])) == {"ok": True}
    assert keyd.ask(request)["key"] != replies[0]["key"]


def test_a_key_that_would_end_too_soon_is_not_given_again(api, keyd):
    keyd.start()
    first = keyd.ask(mint(life=3600))
    assert keyd.ask(mint(life=3600 + 8000))["id"] == first["id"]
    assert keyd.ask(mint(life=3600 + 9900))["id"] != first["id"]


def test_one_access_token_for_many(api, keyd):
    keyd.start()
    replies = at_once(50, lambda i: keyd.ask(mint(i + 1)))
    assert all(reply["ok"] for reply in replies)
    assert len(api.net.keys) == 50
    assert api.count("POST", TOKEN) == 1


def test_one_refresh_when_a_token_ends_early(api, keyd):
    keyd.start()
    assert keyd.ask(mint())["ok"]
    api.end_tokens()
    replies = at_once(30, lambda i: keyd.ask(mint(i + 2)))
    assert all(reply["ok"] for reply in replies)
    assert api.count("POST", TOKEN) == 2


def test_a_refused_token_is_not_asked_for_for_ever(api, keyd):
    keyd.start()
    api.faults.force("expired")
    assert keyd.ask(mint())["reason"] == "denied"
    assert api.count("POST", TOKEN) == 1
    assert keyd.ask(mint())["ok"]


def test_a_short_token_is_used(api, keyd):
    api.token_life = 60
    keyd.start()
    assert keyd.ask(mint(1))["ok"] and keyd.ask(mint(2))["ok"]


def test_a_retry_after_401_is_one_key_of_the_ceiling(api, keyd):
    keyd.config["keys_per_hour"] = 2
    keyd.start()
    assert keyd.ask(mint(1))["ok"]
    api.end_tokens()
    assert keyd.ask(mint(2))["ok"]
    reply = keyd.ask(mint(3))
    assert reply["reason"] == "ceiling" and 0 < reply["retry"] <= 3600


def test_ceilings_are_per_site(api, keyd):
    keyd.config["keys_per_hour"] = 3
    keyd.start()
    replies = at_once(8, lambda i: keyd.ask(mint(i + 1)))
    assert sum(reply["ok"] for reply in replies) == 3 == len(api.net.keys)
    assert {reply["reason"] for reply in replies if not reply["ok"]} == {
        "ceiling"}
    assert keyd.ask(mint(99, site="edge-site-2",
                         tags=["tag:edge-site-2"]))["ok"]
    first = next(i for i, reply in enumerate(replies) if reply["ok"])
    assert keyd.ask(mint(first + 1))["id"] == replies[first]["id"]


def test_retry_after_is_honoured(api, keyd):
    api.faults.options.retry_after = (300,)
    keyd.start()
    assert keyd.ask(mint(1))["ok"]
    api.faults.force("429")
    assert keyd.ask(mint(2)) == {"ok": False, "reason": "api", "retry": 300}
    before = len(api.requests)
    reply = keyd.ask(mint(3))
    assert reply["reason"] == "api" and 290 < reply["retry"] <= 300
    assert len(api.requests) == before
    assert keyd.ask(mint(1))["ok"]         # held: nobody needs to be asked
    assert keyd.metrics()["edge_keyd_breaker_open"] == 1


def test_the_breaker_opens(api, keyd):
    keyd.start()
    for i in range(5):
        api.faults.force("500")
        assert keyd.ask(listing())["reason"] == "api", i
    before = len(api.requests)
    reply = keyd.ask(mint())
    assert reply["reason"] == "api" and 0 < reply["retry"] <= 10
    assert len(api.requests) == before


FAULTS = ["500", "429", "reset", "reset-late", "truncated", "html", "length"]


@pytest.mark.parametrize("fault", FAULTS)
def test_an_answer_that_is_none(api, keyd, fault):
    """Nothing is given out, and whatever was made is found by the sweep."""
    api.faults.options.retry_after = (0,)
    keyd.start()
    assert keyd.ask(mint(1))["ok"]
    # libcurl asks once more when a connection that it used before is gone
    api.faults.force(*[fault] * (2 if fault == "reset" else 1))
    assert keyd.ask(mint(2))["reason"] == "api"
    # what is left of a wrong answer may spoil the connection for the next one
    given = until(lambda: keyd.ask(mint(2)).get("id"), "a key")
    api.net.shift = LATER
    for key in api.net.keys.values():
        key.created -= LATER
    orphans = {(row["id"], row["number"], row["gen"], row["n"])
               for row in keyd.list_all()
               if row["number"] == 2 and not row["used"] and
               row["id"] != given}
    assert orphans == {(key.id, 2, 1, 1) for key in api.net.keys.values()
                       if key.description.endswith(" 2-1-1") and
                       key.id != given}
    assert len(orphans) == (fault in ("reset-late", "truncated", "length"))


def test_a_restart_forgets_and_the_list_finds(api, keyd):
    keyd.start()
    replies = [keyd.ask(mint(i + 1)) for i in range(12)]
    foreign = api.net.mint(["tag:edge-site-1"], "edge-auth gate-b 1-1-1", 9000)
    by_hand = api.net.mint(["tag:edge-site-1"], "somebody", 9000)
    used = replies[3]
    api.net.use(used["key"], "setup-node-4")
    for key in api.net.keys.values():
        key.created -= LATER
    young = keyd.ask(mint(77))
    held = {row["id"] for row in keyd.list_all() if row["number"]}
    assert held == {reply["id"] for reply in replies}   # whoever holds them
    keyd.stop()
    keyd.start()
    rows = keyd.list_all()
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)
    named = {row["id"]: row for row in rows if row["number"]}
    assert set(named) == {reply["id"] for reply in replies}
    assert young["id"] not in named
    assert {id_ for id_, row in named.items() if row["used"]} == {used["id"]}
    others = [row for row in rows if not row["number"]]
    assert all(row["used"] for row in others), (foreign, by_hand)
    assert keyd.ask(mint(1))["id"] != replies[0]["id"]


def test_two_lists_at_once(api, keyd):
    for number in range(40):
        key = api.net.mint(["tag:edge-site-1"],
                           f"edge-auth gate-a {number + 1}-1-1", 9000)
        key.created -= LATER
    keyd.start()
    api.faults.options.latency = 0.005
    found = at_once(4, lambda _: [row["id"] for row in keyd.list_all()])
    assert found == [sorted(api.net.keys)] * 4


REFUSALS = {
    "tag that the client does not own": (
        lambda api: api.owns.clear(), None),
    "scope is missing": (
        lambda api: setattr(api, "scopes", ("devices:core",)), None),
    "secret was revoked": (
        lambda api: setattr(api, "client_secret", "tskey-client-x-y"), None),
    "tag that edge-keyd may not give": (
        lambda api: None, mint(tags=["tag:server"])),
    "another tailnet": (lambda api: setattr(api, "name", "x"), None),
}


@pytest.mark.parametrize("label", REFUSALS)
def test_denied_is_not_an_outage(api, keyd, label):
    change, request = REFUSALS[label]
    keyd.config["tailnet"] = "example.com"
    if label != "another tailnet":
        keyd.start()
        assert keyd.ask(mint(50))["ok"]      # the twin
        keyd.stop()
    else:
        keyd.start()
    change(api)
    if keyd.process is None:
        keyd.start()
    for _ in range(8):
        assert keyd.ask(request or mint(51)) == {
            "ok": False, "reason": "denied", "retry": 0}
    assert keyd.metrics()["edge_keyd_breaker_open"] == 0


def test_a_device_shared_in_stays(api, keyd):
    keyd.start()
    device = api.net.add_device("setup-node-1", ["tag:edge-site-1"])
    api.shared_in.add(device.node_id)
    for _ in range(6):
        assert keyd.ask(forget(device.node_id))["reason"] == "denied"
    api.shared_in.clear()
    assert keyd.ask(forget(device.node_id)) == {"ok": True}


def test_a_hanging_api_is_an_outage(api, keyd):
    keyd.config["timeout"] = 1
    keyd.start()
    assert keyd.ask(mint(1))["ok"]
    api.hang()
    assert keyd.ask(mint(2))["reason"] == "api"
    api.go_on()
    assert keyd.ask(mint(2))["ok"]


def test_a_full_queue_is_busy(api, keyd):
    keyd.config["queue"] = 4
    keyd.start()
    api.hang()
    clients = [keyd.client() for _ in range(5)]
    for i, client in enumerate(clients[:4]):
        client.send(mint(i + 1))
    until(lambda: keyd.metrics()["edge_keyd_requests_queued"] == 4,
          "four requests wait")
    reply = clients[4].ask(mint(9))
    assert reply["reason"] == "busy" and reply["retry"] > 0
    api.go_on()
    assert all(client.reply()["ok"] for client in clients[:4])
    assert clients[4].ask(mint(9))["ok"]
    for client in clients:
        client.close()


def test_who_hangs_up_loses_no_key(api, keyd):
    """The key that comes afterwards is the attempt's."""
    keyd.start()
    api.hang()
    client = keyd.client()
    client.send(mint(1))
    until(lambda: api.count("POST", TOKEN) == 1, "the API is asked")
    client.close()
    api.go_on()
    until(lambda: len(api.net.keys) == 1, "the key is made")
    assert keyd.ask(mint(1))["id"] == next(iter(api.net.keys))
    assert api.count("POST", KEYS) == 1


def test_figures(api, keyd):
    keyd.start()
    reply = keyd.ask(mint())
    keyd.ask(mint())
    api.net.use(reply["key"], "setup-node-1")
    keyd.ask(check(reply["id"]))
    keyd.ask(delete(reply["id"]))
    found = keyd.metrics()
    for name, value in {
            "edge_keyd_keys_minted_total": 1,
            "edge_keyd_keys_repeated_total": 1,
            "edge_keyd_keys_used_total": 1,
            "edge_keyd_keys_deleted_total": 1,
            "edge_keyd_access_tokens_total": 1,
            'edge_keyd_requests_total{op="mint"}': 2,
            'edge_keyd_api_answers_total{code="2xx"}': 5,
            "edge_keyd_keys_held": 0,
            "edge_keyd_breaker_open": 0}.items():
        assert found[name] == value, name
