"""deploy/docs/considerations.md answers every point of the reference notes, and
what it names exists."""
import pathlib
import re

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGE = ROOT / "deploy/docs/considerations.md"

HEADINGS = {
    "Open questions": [
        "Node identity mechanism", "Re-enrollment", "Inventory/allowlist",
        "Custom or stock iPXE", "Minimum TLS", "Tailscale plan and API",
        "Where keys are minted", "Key rotation of joined nodes",
        "Disk on all edge hardware", "Upgrade by Talos or by PXE",
        "Installer or live image", "Advertised endpoint over the tailnet",
        "etcd learner promotion over slow links", "Intermittent tailnet link",
        "MTU on edge nodes", "Isolating NFV data traffic",
        "Pod CIDRs across cloud and edge", "Number of sites",
        "One or several clusters", "Identifying the site from the request"],
    "Failures": [
        "Boot server unreachable", "Config server unreachable",
        "Auth key expired", "Secrets mismatch", "Edge DHCP failure",
        "Tailnet link down", "Control plane down", "Disk failure",
        "Relay congestion", "Split brain"],
    "Components": [
        "Talos image with Tailscale", "iPXE server", "Config server",
        "Key provisioning", "DHCP template", "PKI", "Identity",
        "Install to disk", "Observability"],
}
FIELDS = ["Decision", "Implemented in", "Detected by", "Test"]
OUTDATED = ["1280, not 1440", "ECDHE and ECDSA", "OAuth device flow",
            "machine.nodeTaints", "ExtensionServiceConfig"]
DECIDED = ["No PXE-only mode", "No control planes at the edge",
           "Two DHCP servers per site"]


def parse(text):
    """{chapter: {heading: {field: value}}}, and the text of each chapter."""
    chapters, texts = {}, {}
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        title, _, body = part.partition("\n")
        texts[title] = body
        entries = chapters[title] = {}
        for entry in re.split(r"^### ", body, flags=re.M)[1:]:
            heading, _, rest = entry.partition("\n")
            fields = re.findall(r"^- ([A-Z][a-z ]+): ((?:.|\n(?!- ))+)", rest,
                                re.M)
            entries[heading] = [(name, " ".join(value.split()))
                                for name, value in fields]
    return chapters, texts


def problem_with_path(name, root=ROOT):
    return None if (root / name).exists() else f"{name} does not exist"


def problem_with_test(name, root=ROOT):
    """What is wrong with `path::function[case]`, or None."""
    match = re.fullmatch(r"(tests/[\w./-]+)::(\w+)(?:\[([\w-]+)\])?", name)
    if match is None:
        return f"{name} is not path::function or path::function[case]"
    path, function, case = match.groups()
    if not (root / path).is_file():
        return f"{path} does not exist"
    text = (root / path).read_text()
    start = (rf"^START_TEST\({function}\)" if path.endswith(".c")
             else rf"^\s*def {function}\(")
    if re.search(start, text, re.M) is None:
        return f"{path} has no test {function}"
    folders = (root / "tests/cases").glob(f"*/{case}/")
    if case and f'"{case}"' not in text and not any(folders):
        return f"{function} has no case {case}"
    return None


def problems(text, root=ROOT):
    chapters, texts = parse(text)
    for title, headings in HEADINGS.items():
        for heading in headings:
            if heading not in chapters.get(title, {}):
                yield f"{title}: no heading '{heading}'"
    for title, words in [("Where those notes are outdated", OUTDATED),
                         ("Decided", DECIDED)]:
        for word in words:
            if word not in texts.get(title, ""):
                yield f"{title}: '{word}' is not mentioned"
    for entries in chapters.values():
        for heading, fields in entries.items():
            if [name for name, _ in fields] != FIELDS:
                yield f"{heading}: expected {', '.join(FIELDS)}"
                continue
            yield from (f"{heading}: {problem}"
                        for problem in problems_of_entry(dict(fields), root))
    yield from problems_of_signs(" ".join(text.split()), root)
    for name in re.findall(r"`(tests/[^`\s]*::[^`\s]+)`", text):
        problem = problem_with_test(name, root)
        if problem:
            yield problem


def problems_of_signs(text, root):
    """Words of refusals and of findings are those the programs print."""
    reasons = (root / "ngx_edge_auth_module/core/ea_reason.c").read_text()
    for word in re.findall(r"`(KE-\d+ [a-z-]+)`", text):
        if f'"{word}"' not in reasons:
            yield f"the gate never says {word}"
    sources = "".join(path.read_text() for path in
                      (root / "talos-configgen/src").rglob("*.c"))
    for words in re.findall(r"(?:error|warning)s? ((?:(?:, | and )?`[a-z-]+`)+)",
                            text):
        for word in re.findall(r"`([a-z-]+)`", words):
            if f'"{word}"' not in sources:
                yield f"the generator has no finding {word}"


def problems_of_entry(fields, root):
    where = re.findall(r"`([^`]+)`", fields["Implemented in"])
    if not where and "not yet" not in fields["Implemented in"]:
        yield "names no place and does not say 'not yet'"
    for name in where:
        problem = problem_with_path(name, root)
        if problem:
            yield problem
    tests = re.findall(r"`([^`]+)`", fields["Test"])
    if not tests and "not yet" not in fields["Test"]:
        yield "names no test and does not say 'not yet'"
    for name in tests:
        problem = problem_with_test(name, root)
        if problem:
            yield problem


def test_headings():
    assert list(problems(PAGE.read_text())) == []


CHANGES = [
    ("### Split brain", "### Split brian", "no heading 'Split brain'"),
    ("::test_delivery`", "::test_deliverance`", "has no test test_deliverance"),
    ("[overlaps]`", "[overlooks]`", "has no case overlooks"),
    ("`pki/src/pk_init.c`", "`pki/src/pk_nit.c`", "pk_nit.c does not exist"),
    ("tests/gate/test_scrub.py::", "tests/gate/test_scrubs.py::",
     "test_scrubs.py does not exist"),
    ("`tests/gate/test_delivery.py::test_delivery`", "`test_delivery`",
     "is not path::function"),
    ("test_ea_spiffe.c::test_parse", "test_ea_spiffe.c::test_parsing",
     "has no test test_parsing"),
    ("- Detected by: error `oauth-secret`\n", "", "Tailscale plan and API: exp"),
    ("- Test: not yet\n\n### One", "- Test: later\n\n### One",
     "names no test and does not say 'not yet'"),
    ("- Implemented in: `deploy/monitoring/edge-rules.yaml`\n",
     "- Implemented in: later\n",
     "names no place"),
    ("`KE-409 clone`", "`KE-409 cloned`", "never says KE-409 cloned"),
    ("`placeholder` and `plain-secret`", "`placeholder` and `plain-text`",
     "no finding plain-text"),
    ("1280, not 1440", "1280", "'1280, not 1440' is not mentioned"),
    ("**No PXE-only mode.**", "**No PXE.**", "'No PXE-only mode'"),
]


@pytest.mark.parametrize("old,new,message", CHANGES)
def test_one_change_is_seen(old, new, message):
    text = PAGE.read_text()
    assert old in text
    found = list(problems(text.replace(old, new, 1)))
    assert any(message in problem for problem in found), found
