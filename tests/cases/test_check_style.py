"""check-style: each rule finds the one bad thing in a tiny project, and says
nothing about its twin without it."""
import os
import pathlib
import shutil
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHECK = ROOT / "tests" / "check_style.py"
sys.path.insert(0, str(ROOT / "tests"))
import check_style  # noqa: E402  (its table of rules is what is tested)

CORE = "ngx_edge_auth_module/core/"
GLUE = "ngx_edge_auth_module/src/"
YAML = "talos-configgen/src/yaml/"
LONG = "int\nf(void)\n{\n" + "    g();\n" * 79 + "}\n"
HEADER = "/* What. */\n#ifndef EA_A_H\n#define EA_A_H\n#endif\n"


def page(body, name="edge-pki", section=1):
    return (f".Dd November 24, 2026\n.Dt {name.upper()} {section}\n.Os\n"
            f".Sh NAME\n.Nm {name}\n.Nd a program\n.Sh DESCRIPTION\n{body}\n")


PROGRAM = ("#!/bin/sh\ncase $1 in\n--help) echo '  make  does it' ;;\n"
           "make) echo '  --dir DIR' ;;\nesac\n")

# Rule, bad file, its text, the line of the finding, words of its message, and
# the text of the twin.
ROWS = [
    ("tree", "notes.txt", "", 0, "fixed names", None),
    ("format", CORE + "a.c", "int  f(void);\n", 1, "clang-format -i",
     "int f(void);\n"),
    ("text", CORE + "a.c", "\tint f(void);\n", 1, "has a tab",
     "    int f(void);\n"),
    ("text", CORE + "a.c", "int f(void); \n", 1, "ends in spaces",
     "int f(void);\n"),
    ("text", CORE + "a.c", "int f(void); // x\n", 1, "a // comment",
     "int f(void); /* http://x */\n"),
    ("text", GLUE + "a.c", "int " + "f" * 80 + ";\n", 1, "longer than 80",
     "int " + "f" * 75 + ";\n"),
    ("layers", CORE + "a.c", '#include "ea_store.h"\n', 1, "not below",
     '#include "ea_a.h"\n'),
    ("layers", YAML + "a.c", '#include "model/cg_m.h"\n', 1, "not below",
     '#include "base/cg_b.h"\n'),
    ("layers", "talos-configgen/src/talos/a.c", '#include "emit/cg_e.h"\n', 1,
     "not below", '#include "model/cg_m.h"\n'),
    ("layers", "pki/src/a.c", '#include "ea_store.h"\n', 1, "not below",
     '#include "ea_a.h"\n'),
    ("layers", "pki/src/a.c", '#include "ea_gone.h"\n', 1, "no header of ours",
     '#include "ea_a.h"\n'),
    ("layers", "pki/more/a.c", "int a;\n", 0, "in no layer", None),
    ("libraries", "talos-configgen/src/emit/a.c", "#include <yaml.h>\n", 1,
     "<yaml.h> belongs in talos-configgen/src/yaml/", "#include <stdio.h>\n"),
    ("libraries", CORE + "ea_b.c", "#include <openssl/evp.h>\n", 1,
     "<openssl/evp.h> belongs", "#include <string.h>\n"),
    ("libraries", CORE + "ea_b.c", "#include <stdlib.h>\n", 1,
     "no place in core", "#include <stdio.h>\n"),
    ("libraries", "talos-configgen/src/base/b.c", "#include <curl/curl.h>\n",
     1, "second file", "#include <stdio.h>\n"),
    ("libraries", "pki/src/a.c", "#include <ngx_core.h>\n", 1, "belongs in",
     "#include <openssl/evp.h>\n"),
    ("banned", "pki/src/a.c", "a();\nstrcpy(a, b);\n", 2, "strcpy is banned",
     'a("strcpy(");\n/* strcpy(a) */ my_strcpy(a);\n'),
    ("banned", CORE + "a.c", "p = malloc(3);\n", 1, "no place in core",
     "p = x.malloc(3);\n"),
    ("banned", CORE + "a.c", "printf(3);\n", 1, "no place in core",
     "snprintf(3);\n"),
    ("banned", CORE + "a.c", "x = memcmp(a, token->secret, 3);\n", 1,
     "ea_ct_equal", "x = memcmp(a, name, 3);\n"),
    ("size", CORE + "a.c", LONG.replace("    g", "    g();\n    g", 1), 3,
     "function of 81 lines", LONG),
    ("size", GLUE + "a.c", LONG.replace("    g", "    g();\n" * 21 + "    g", 1),
     3, "more than 100", LONG.replace("    g", "    g();\n" * 20 + "    g", 1)),
    ("size", "tests/a.py", "a\n" * 901, 0, "901 lines", "a\n" * 900),
    ("guards", CORE + "ea_a.h", HEADER.replace("EA_A_H", "EA_B_H"), 0,
     "no guard EA_A_H", HEADER),
    ("guards", CORE + "ea_a.h", HEADER.replace("/* What. */\n", ""), 1,
     "saying what it is for", HEADER),
    ("man", "pki/man/edge-pki.1", page(".Xx"), 8,
     "unknown macro", page("It works.")),
    ("help", "pki/man/edge-pki.1", page("make --di"), 0,
     "does not mention '--dir'", page("make\n.Fl -dir")),
    ("help", "pki/man/edge-pki.1", page(".Fl -dir"), 0,
     "does not mention 'make'", page("make\n.Fl -dir")),
    ("directives", "ngx_edge_auth_module/man/ngx_http_edge_auth_module.5",
     page("edge_auth_on", "ngx", 5), 0, "directive 'edge_auth'",
     page("edge_auth", "ngx", 5)),
    ("promises", "tests/a.py", "a\n# TO" "DO b\n", 2, "promises something",
     "a\n# TODOS b\n"),
]


@pytest.fixture
def project(tmp_path):
    """A project without findings."""
    files = {
        CORE + "ea_a.h": HEADER,
        CORE + "ea_crypto.c": "#include <openssl/evp.h>\n",
        "ngx_edge_auth_module/store/ea_store.h": HEADER.replace("_A_",
                                                                "_STORE_"),
        "talos-configgen/src/base/cg_b.h": HEADER.replace("EA_A", "CG_B"),
        "talos-configgen/src/base/a.c": "#include <curl/curl.h>\n",
        "talos-configgen/src/model/cg_m.h": HEADER.replace("EA_A", "CG_M"),
        "talos-configgen/src/emit/cg_e.h": HEADER.replace("EA_A", "CG_E"),
        GLUE + "ngx.c": '    { ngx_string("edge_auth"),\n      NGX_X, },\n',
        "ngx_edge_auth_module/man/ngx_http_edge_auth_module.5":
            page("edge_auth", "ngx", 5),
        "pki/man/edge-pki.1": page("make\n.Fl -dir"),
        "pki/sources.mk": "$(eval $(call program,edge-pki,a))\n",
        "build/plain/bin/edge-pki": PROGRAM,
    }
    for name, text in files.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    (tmp_path / "build/plain/bin/edge-pki").chmod(0o755)
    shutil.copy(ROOT / ".clang-format", tmp_path)
    return tmp_path


def check(project, rule, **environment):
    return subprocess.run(
        [CHECK, "--root", project, "--build", project / "build/plain",
         "--only", rule], capture_output=True, text=True, timeout=60,
        env={**os.environ, **environment})


def compile_to(project, rule, target, source):
    path = project / "source.c"
    path.write_text(source)
    target = project / "build/plain" / target
    target.parent.mkdir(parents=True, exist_ok=True)
    subprocess.run(["cc", *rule, "-o", target, path], check=True, timeout=60)
    path.unlink()


@pytest.mark.parametrize("rule,name,bad,line,message,good", ROWS)
def test_rule(project, rule, name, bad, line, message, good):
    path = project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(bad)
    done = check(project, rule)
    assert done.returncode == 1, done.stdout + done.stderr
    findings = done.stdout.splitlines()
    assert findings[-1] == "0 passed, 1 failed"
    assert len(findings) == 2, done.stdout
    assert findings[0].startswith(f"{name}:{line}: ")
    assert message in findings[0]

    if good is None:
        path.unlink()
    else:
        path.write_text(good)
    done = check(project, rule)
    assert (done.returncode, done.stdout) == (0, "1 passed, 0 failed\n")


def test_exports(project):
    def build(more):
        compile_to(project, ["-shared", "-nostdlib"],
                   check_style.MODULE_SO,
                   "int ngx_modules, ngx_module_names, ngx_module_order;" +
                   more)
    done = check(project, "exports")
    assert done.returncode == 1 and "is not built" in done.stdout
    build("int ea_token_parse;")
    done = check(project, "exports")
    assert done.returncode == 1
    assert "exports 'ea_token_parse'" in done.stdout
    build("static int ea_token_parse;")
    assert check(project, "exports").stdout == "1 passed, 0 failed\n"
    compile_to(project, ["-shared", "-nostdlib"], check_style.MODULE_SO,
               "int ngx_modules, ngx_module_names;")
    assert "does not export 'ngx_module_order'" in check(
        project, "exports").stdout


def test_names(project):
    (project / CORE / "ea_b.c").write_text("")
    target = "obj/" + CORE + "ea_b.o"
    done = check(project, "names")
    assert done.returncode == 1 and "no object file is built" in done.stdout
    compile_to(project, ["-c"], target, "int helper;")
    assert "exports 'helper'" in check(project, "names").stdout
    compile_to(project, ["-c"], target, "int ea_b_helper; static int helper;")
    assert check(project, "names").stdout == "1 passed, 0 failed\n"


def test_a_program_that_is_missing_is_a_finding(project):
    (project / "build/plain/bin/edge-pki").unlink()
    assert "is not built" in check(project, "help").stdout
    (project / "pki/sources.mk").write_text("")
    assert "no program is named" in check(project, "help").stdout


@pytest.mark.parametrize("rule", ["format", "exports", "names", "man", "help"])
def test_a_tool_that_is_missing_is_a_finding(project, rule):
    compile_to(project, ["-shared", "-nostdlib"], check_style.MODULE_SO,
               "int ngx_modules, ngx_module_names, ngx_module_order;")
    (project / CORE / "ea_b.c").write_text("")
    compile_to(project, ["-c"], "obj/" + CORE + "ea_b.o", "int ea_b;")
    assert check(project, rule).returncode in (0, 1)
    empty = project / "build/none"
    empty.mkdir()
    done = check(project, rule, PATH=str(empty))
    assert done.returncode == 1
    assert "is not installed; run `sh deploy/setup test`" in done.stdout


def test_every_rule_was_made_to_fail():
    tested = {row[0] for row in ROWS} | {"exports", "names"}
    assert tested == set(check_style.RULES)


def test_usage(project):
    done = check(project, "nonsense")
    assert done.returncode == 2 and "no rule 'nonsense'" in done.stderr
