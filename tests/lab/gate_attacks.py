"""The right column: each attack through the gate, by whoever holds what the row
says: worker 4's live token or ticket, or what worker 1 has used already."""

import dataclasses

from .scene import Judge, query

OURS = "edge-worker-4"
SPENT = "edge-worker-1"
CERTIFIED = "edge-worker-3"

UNKNOWN_UUID = "00000000-1111-2222-3333-444444444444"


def altered(text, position):
    """A token or ticket with one character changed."""
    other = "7" if text[position] != "7" else "8"
    return text[:position] + other + text[position + 1:]


def no_token(scene):
    """Worker 4's hardware is known, its node is armed: only the token lacks."""
    judge, mine = Judge(scene), scene.hardware(4)
    for path in (f"/ipxe?{query(mine)}", "/boot.ipxe"):
        judge.refused(path, lambda p=path: scene.ask("boot", p), 200, "missing")
    return judge.seen()


def wrong_token(scene):
    """Right form, wrong tag; and a character of each other part changed."""
    judge, mine = Judge(scene), scene.hardware(4)
    for position in (53, 20, 6):
        wrong = altered(scene.tokens[OURS], position)
        scene.gate.secrets.add(wrong)
        judge.refused(f"character {position}",
                      lambda t=wrong: scene.claim(t, mine), 200, "forged")
    return judge.seen()


def spent_token(scene):
    """Worker 1 has its config; its boot URL lies around in DHCP logs."""
    judge, token = Judge(scene), scene.tokens[SPENT]
    stranger = dataclasses.replace(
        scene.hardware(1), uuid=UNKNOWN_UUID, mac="52:54:00:00:02:99",
        serial="STRANGER")
    for hardware in (stranger, scene.hardware(4)):
        judge.refused(f"by {hardware.serial}",
                      lambda h=hardware: scene.claim(token, h), 200, "ids")
    return judge.seen()


def other_uuid(scene):
    judge, mine = Judge(scene), scene.hardware(4)
    for number in (1, 2, 3):
        uuid = scene.hardware(number).uuid
        judge.refused(f"uuid of edge-worker-{number}",
                      lambda u=uuid: scene.claim(scene.tokens[OURS], mine,
                                                 uuid=u), 200, "ids")
    return judge.seen()


def line_break(scene):
    judge, mine = Judge(scene), scene.hardware(4)
    evil = "x%0AapiVersion:%20v1alpha1%0Akind:%20KmsgLogConfig"
    for name in ("serial", "hostname", "asset", "role"):
        judge.refused(name, lambda n=name: scene.claim(
            scene.tokens[OURS], mine, **{n: evil}), 200, "malformed")
    return judge.seen()


def post(scene):
    judge, mine = Judge(scene), scene.hardware(4)
    claim = f"/t/{scene.tokens[OURS]}/ipxe?{query(mine)}"
    fetch = (f"/c/{scene.tickets[SPENT]}/generic?"
             f"uuid={scene.hardware(1).uuid}")
    for listener, path in (("boot", claim), ("config", fetch)):
        judge.refused(f"to {listener}", lambda l=listener, p=path: scene.ask(
            l, p, method="POST", data="x=1"), 405, "method")
    return judge.seen()


# {at} is the path up to a genuine credential, {name} what it is good for. None
# of these is that path, whatever another server would make of it.
DETOURS = ("{at}//{name}", "/{at}/{name}", "{at}/x/../{name}", "{at}/../{name}",
           "{at}/%2e%2e/{name}", "{at}/./{name}", "{at}/{name}/",
           "{at}/{name};x", "{at}/assets/../{name}",
           "{at}/assets/", "{at}/assets", "{at}/_matchbox/{name}", "{at}/",
           "/x{at}/{name}", "/_matchbox/{name}", "/_assets/")


def detours(scene):
    """With the credential that is good for the straight path."""
    judge = Judge(scene)
    for listener, at, name, number in (
            ("boot", f"/t/{scene.tokens[OURS]}", "ipxe", 4),
            ("config", f"/c/{scene.tickets[SPENT]}", "generic", 1)):
        paths = [detour.format(at=at, name=name) for detour in DETOURS]
        paths += [f"{at}/{name.upper()}", f"{at}/%{ord(name[0]):x}{name[1:]}"]
        ask = query(scene.hardware(number))
        for path in paths:
            judge.refused(f"{listener}, {path.replace(at, '(credential)')}",
                          lambda l=listener, p=path: scene.ask(l, f"{p}?{ask}"),
                          404, "path")
        zero = f"{at}/{name}%00?{ask}"
        judge.refused(f"{listener}, a zero byte", lambda l=listener, p=zero:
                      scene.ask(l, p), 400, None)
    return judge.seen()


def no_certificate(scene):
    """nginx itself refuses, before there is a request to write about."""
    judge, theirs = Judge(scene), scene.hardware(3)
    path = f"/ipxe?{query(theirs)}"
    judge.refused("without", lambda: scene.ask("boot-mtls", path), 400,
                  "cert-missing")
    judge.refused("on the other listener", lambda: scene.ask("boot", path), 200,
                  "missing")
    return judge.seen()


def other_certificate(scene):
    """Genuine, but the ids are those of a node at another site."""
    judge, theirs = Judge(scene), scene.hardware(3)
    cert, key = scene.gate.stranger
    judge.refused("stranger", lambda: scene.ask(
        "boot-mtls", f"/ipxe?{query(theirs)}", cert=cert, key=key), 200,
        "cert-identity")
    return judge.seen()


def extra_selector(scene):
    """On worker 4's genuine claim: served, as if the argument were not there.
    In place of its ids: refused."""
    judge, mine = Judge(scene), scene.hardware(4)
    judge.refused("in place of ids", lambda: scene.claim(
        scene.tokens[OURS], mine, uuid=None, serial=None,
        role="controlplane"), 200, "ids")
    asked = len(scene.lab.matchbox.requests())
    answer = scene.claim(scene.tokens[OURS], mine, role="controlplane")
    scene.tickets[OURS] = scene.gate.note(answer.text)
    sent = scene.lab.matchbox.requests()[asked:]
    if sent != [f"GET /ipxe?uuid={mine.uuid}&arch=x86_64"]:
        judge.surprises.append(f"Matchbox was asked {sent}")
    if scene.tickets[OURS] is None or "\nkernel " not in answer.text:
        judge.surprises.append(f"worker 4's own script did not come: "
                               f"{answer.status} {answer.text[:80]}")
    judge.tries += 1
    return judge.seen("ids; not passed on")


def control_plane(scene):
    judge, ticket = Judge(scene), scene.tickets[OURS]
    judge.refused("with a ticket", lambda: scene.ask(
        "config", f"/c/{ticket}/generic?role=controlplane&arch=x86_64"), 403,
        "uuid")
    judge.refused("without", lambda: scene.ask(
        "config", "/generic?role=controlplane&arch=x86_64"), 404, "path")
    return judge.seen()


def other_ticket(scene):
    judge = Judge(scene)
    judge.refused("worker 1's", lambda: scene.fetch(
        scene.tickets[SPENT], scene.hardware(4).uuid), 403, "uuid")
    judge.refused("worker 4's", lambda: scene.fetch(
        scene.tickets[OURS], scene.hardware(1).uuid), 403, "uuid")
    return judge.seen()


def other_hardware(scene):
    judge = Judge(scene)
    for uuid in (UNKNOWN_UUID, ""):
        judge.refused(f"uuid '{uuid}'", lambda u=uuid: scene.fetch(
            scene.tickets[OURS], u), 403, "uuid")
    return judge.seen()


def superseded(scene):
    """Worker 4 boots again; who read its first ticket comes after that. Nothing
    leaves the gate from here on, for either of the two."""
    judge, mine = Judge(scene), scene.hardware(4)
    first = scene.tickets[OURS]
    second = scene.gate.note(scene.claim(scene.tokens[OURS], mine).text)
    if second in (None, first):
        judge.surprises.append("worker 4 did not get a second ticket")
        return judge.seen("-")
    judge.refused("first", lambda: scene.fetch(first, mine.uuid), 409, "clone",
                  hold=OURS)
    for ticket in (first, second):
        judge.refused("any", lambda t=ticket: scene.fetch(t, mine.uuid), 409,
                      "held")
    judge.refused("claim", lambda: scene.claim(scene.tokens[OURS], mine), 200,
                  "held")
    return judge.seen()
