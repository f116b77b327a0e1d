#!/usr/bin/python3
"""The parts of the house style that a program can check.

usage: check_style.py [--root DIR] [--build DIR] [--only RULE[,RULE...]] [--list]

Prints FILE:LINE: MESSAGE for each finding and, as the last line,
"N passed, N failed", counting rules. Exit code 1 if one failed, 2 for a wrong
command line. A tool or a built file that a rule needs and does not find is a
finding: nothing is skipped.
"""
import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys

GLUE = "ngx_edge_auth_module/src/"
CORE = "ngx_edge_auth_module/core/"
STORE = "ngx_edge_auth_module/store/"
EDGE_AUTH = "ngx_edge_auth_module/edge-auth/"
EDGE_KEYD = "ngx_edge_auth_module/edge-keyd/"
GENERATOR = "talos-configgen/src/"
PKI = "pki/src/"
MODULE_SO = "module/ngx_http_edge_auth_module.so"

TOP = {"LICENSE", "Makefile", "README.md", "build", "deploy",
       "matchbox-profiles", "ngx_edge_auth_module", "pki", "talos-configgen",
       "tests"}
EXPORTS = {"ngx_modules", "ngx_module_names", "ngx_module_order"}

FILE_LINES = 900
FUNCTION_LINES = 80
GLUE_FUNCTION_LINES = 100
COLUMNS = 80

# Which folders a file may include from. Longest prefix first; one folder may
# always include its own headers.
MIDDLE = [GENERATOR + part for part in ("emit/", "lint/", "talos/", "image/")]
BELOW_MODEL = [GENERATOR + "yaml/", GENERATOR + "base/", CORE]
LAYERS = {
    CORE: [],
    STORE: [CORE],
    GLUE: [CORE, STORE],
    EDGE_AUTH: [CORE, STORE],
    EDGE_KEYD: [CORE],
    PKI: [CORE],
    GENERATOR + "cli/": MIDDLE + [GENERATOR + "model/"] + BELOW_MODEL,
    GENERATOR + "emit/": [GENERATOR + "talos/", GENERATOR + "image/",
                          GENERATOR + "model/"] + BELOW_MODEL,
    GENERATOR + "lint/": [GENERATOR + "talos/", GENERATOR + "image/",
                          GENERATOR + "model/"] + BELOW_MODEL,
    GENERATOR + "talos/": [GENERATOR + "model/"] + BELOW_MODEL,
    GENERATOR + "image/": [GENERATOR + "model/"] + BELOW_MODEL,
    GENERATOR + "model/": BELOW_MODEL,
    GENERATOR + "yaml/": [GENERATOR + "base/", CORE],
    GENERATOR + "base/": [CORE],
}

# Headers of libraries: who may include them.
LIBRARIES = [
    (r"yaml\.h", [GENERATOR + "yaml/"]),
    (r"lmdb\.h", [STORE]),
    (r"jansson\.h", [GENERATOR, EDGE_AUTH, EDGE_KEYD]),
    (r"zstd\.h", [GENERATOR, PKI]),
    (r"curl/.*", [GENERATOR, EDGE_KEYD]),
    (r"openssl/.*", [CORE + "ea_crypto.", PKI, GENERATOR + "talos/", GLUE]),
    (r"ngx_.*|nginx\.h", [GLUE]),
    (r"sys/socket\.h|sys/un\.h|netinet/.*|netdb\.h", [EDGE_KEYD, EDGE_AUTH + "au_keyd.c"]),
    (r"pthread\.h|threads\.h", []),
]

# All that core may know of the system. stdio.h is there for snprintf into the
# caller's buffer; whatever opens, reads or prints is banned below.
CORE_HEADERS = {"stdarg.h", "stdbool.h", "stddef.h", "stdint.h", "string.h",
                "inttypes.h", "limits.h", "stdalign.h", "stdio.h"}

BANNED = ("strcpy strcat sprintf vsprintf strtok sscanf atoi strtol gets alloca "
          "system popen localtime").split()
CORE_BANNED = ("malloc calloc realloc free strdup strndup asprintf printf "
               "fprintf dprintf vprintf vfprintf puts fputs putchar perror "
               "fopen fread fwrite fgets open read write time clock_gettime "
               "gettimeofday getenv rand random getrandom RAND_bytes").split()
SECRET_WORDS = r"secret|pepper|hmac|tag|ticket|token|password"

PREFIXES = {CORE: "ea_", STORE: "ea_", GENERATOR: "cg_", PKI: "pk_",
            EDGE_KEYD: "kd_", EDGE_AUTH: "au_"}

PROMISES = r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b|\bnot implemented\b"
TEXT_ENDINGS = {".c", ".h", ".py", ".go", ".sh", ".mk", ".md", ".1", ".5",
                ".8", ".7", ".conf", ".map", ".json", ".yaml", ".yml", ""}


class Tree:
    """The files of the project, each read once."""

    def __init__(self, root, build):
        self.root = root
        self.build = build
        self.names = sorted(self._walk())
        self._texts = {}

    def _walk(self):
        for folder, folders, files in os.walk(self.root):
            top = pathlib.Path(folder) == self.root
            folders[:] = [name for name in folders
                          if not name.startswith(".") and name != "__pycache__"
                          and not (top and name == "build")]
            for name in files:
                path = pathlib.Path(folder, name)
                if path.is_file():
                    yield path.relative_to(self.root).as_posix()

    def text(self, name):
        if name not in self._texts:
            path = self.root / name
            self._texts[name] = path.read_text("utf-8", errors="replace")
        return self._texts[name]

    def lines(self, name):
        return self.text(name).splitlines()

    def files(self, *endings):
        return [name for name in self.names if name.endswith(endings)]

    def code(self):
        """C of the product."""
        return [name for name in self.files(".c", ".h")
                if not name.startswith(("tests/", "deploy/"))]

    def pages(self):
        return [name for name in self.names
                if re.search(r"/man/[^/]+\.[1-9]$", name)]


def without_comments(text):
    """The same text, comments and literals blanked, lines kept."""
    def blank(match):
        return re.sub(r"[^\n]", " ", match.group())
    return re.sub(r"/\*.*?\*/|//[^\n]*|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])+'",
                  blank, text, flags=re.S)


def tool(name):
    found = shutil.which(name)
    if found is None:
        raise LookupError(f"{name} is not installed; run "
                          "`sh deploy/setup test`")
    return found


def run(*args, **more):
    return subprocess.run(args, capture_output=True, text=True, timeout=60,
                          check=False, **more)


# Rules: each yields (file, line, message); line 0 is the file as a whole.

def rule_tree(tree):
    """top-level names"""
    for path in sorted(tree.root.iterdir()):
        if not path.name.startswith(".") and path.name not in TOP:
            yield path.name, 0, "is not one of the fixed names at the top"


def rule_format(tree):
    """clang-format leaves every C file but nginx glue as it is"""
    names = [name for name in tree.files(".c", ".h")
             if not name.startswith(GLUE)]
    clang_format = tool("clang-format")
    # Two at a time: this is the one slow rule.
    jobs = [subprocess.Popen(
        [clang_format, "--dry-run", "-Werror", *names[half::2]], text=True,
        cwd=tree.root, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        for half in (0, 1) if names[half::2]]
    for job in jobs:
        _, output = job.communicate(timeout=60)
        seen = set()
        for match in re.finditer(r"^(.+?):(\d+):\d+: (?:error|warning)", output,
                                 re.M):
            if match[1] not in seen:
                seen.add(match[1])
                yield match[1], int(match[2]), "clang-format -i changes this"
        if job.returncode != 0 and not seen:
            yield ".clang-format", 0, f"clang-format failed: {output.strip()}"


def rule_text(tree):
    """no tabs, no // comments, no spaces at the end; glue ends at column 80"""
    for name in tree.files(".c", ".h"):
        code = without_comments(tree.text(name).replace("//", "\x01"))
        for number, line in enumerate(tree.lines(name), 1):
            if "\t" in line:
                yield name, number, "has a tab"
            if line != line.rstrip():
                yield name, number, "ends in spaces"
            # Elsewhere clang-format decides, and tables may switch it off.
            if len(line) > COLUMNS and name.startswith(GLUE):
                yield name, number, f"is longer than {COLUMNS} columns"
        for number, line in enumerate(code.splitlines(), 1):
            if "\x01" in line:
                yield name, number, "has a // comment; write /* */"


def layer_of(name):
    found = [prefix for prefix in LAYERS if name.startswith(prefix)]
    return max(found, key=len) if found else None


def resolve(tree, name, included):
    """The project file that `#include "included"` names, or None."""
    candidates = [os.path.normpath(os.path.join(os.path.dirname(name), included))]
    candidates += [prefix + included for prefix in
                   (CORE, STORE, GLUE, GENERATOR, PKI)]
    return next((path for path in candidates if path in tree.names), None)


def includes(tree, name):
    for number, line in enumerate(tree.lines(name), 1):
        match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
        if match:
            yield number, match[1], match[2]


def rule_layers(tree):
    """includes point down"""
    for name in tree.code():
        layer = layer_of(name)
        if layer is None:
            yield name, 0, "is in no layer of the style's table"
            continue
        for number, kind, included in includes(tree, name):
            target = resolve(tree, name, included) if kind == '"' else None
            if kind == '"' and target is None:
                yield name, number, f"'{included}' is no header of ours"
            elif target is not None:
                below = layer_of(target)
                if below != layer and below not in LAYERS[layer]:
                    yield name, number, f"'{included}' is not below {layer}"


def rule_libraries(tree):
    """each library stands behind one folder or file"""
    curl = {}
    for name in tree.code():
        for number, kind, included in includes(tree, name):
            if kind != "<":
                continue
            for pattern, allowed in LIBRARIES:
                if re.fullmatch(pattern, included) and not name.startswith(
                        tuple(allowed) or ("\0",)):
                    where = ", ".join(allowed) or "nowhere"
                    yield name, number, f"<{included}> belongs in {where}"
            if name.startswith(CORE) and included not in CORE_HEADERS and \
                    not included.startswith("openssl/"):
                yield name, number, f"<{included}> has no place in core"
            if included.startswith("curl/"):
                curl.setdefault(layer_of(name), {})[name] = number
    for users in curl.values():
        for name, number in sorted(users.items())[1:]:
            yield name, number, "a second file of this program uses libcurl"


def rule_banned(tree):
    """functions that the style bans"""
    common = re.compile(r"\b(" + "|".join(BANNED) + r")\s*\(")
    core = re.compile(r"(?<![\w>.])(" + "|".join(CORE_BANNED) + r")\s*\(")
    compare = re.compile(r"\b(memcmp)\s*\([^;]*\b\w*(" + SECRET_WORDS + ")")
    for name in tree.code() + [name for name in tree.files(".c")
                               if name.startswith("tests/")]:
        code = without_comments(tree.text(name))
        for number, line in enumerate(code.splitlines(), 1):
            for match in common.finditer(line):
                yield name, number, f"{match[1]} is banned"
            if name.startswith("tests/"):
                continue
            if name.startswith(CORE):
                for match in core.finditer(line):
                    yield name, number, f"{match[1]} has no place in core"
            match = compare.search(line)
            if match and "_PREFIX" not in line:
                yield name, number, (f"{match[1]} on '{match[2]}': compare "
                                     "secrets with ea_ct_equal")


def rule_size(tree):
    """functions and files have a ceiling"""
    for name in tree.files(".c", ".h", ".py"):
        count = len(tree.lines(name))
        if count > FILE_LINES:
            yield name, 0, f"has {count} lines, more than {FILE_LINES}"
    for name in tree.files(".c"):
        limit = GLUE_FUNCTION_LINES if name.startswith(GLUE) else FUNCTION_LINES
        start = 0
        for number, line in enumerate(tree.lines(name), 1):
            if line.startswith("{"):
                start = number
            elif line.startswith("}") and start:
                if number - start > limit:
                    yield name, start, (f"function of {number - start} lines, "
                                        f"more than {limit}")
                start = 0


def rule_guards(tree):
    """header guards are named after the file"""
    for name in tree.code():
        if not name.endswith(".h") or name.startswith(GLUE):
            continue
        guard = re.sub(r"\W", "_", os.path.basename(name)).upper()
        text = tree.text(name)
        if f"#ifndef {guard}\n#define {guard}\n" not in text:
            yield name, 0, f"has no guard {guard}"
        elif re.match(r"/\*", text) is None:
            yield name, 1, "does not begin by saying what it is for"


def rule_exports(tree):
    """the module shows nginx its three names and nothing else"""
    path = tree.build / MODULE_SO
    if not path.is_file():
        yield MODULE_SO, 0, "is not built; run `make module` first"
        return
    done = run(tool("nm"), "-D", "--defined-only", "-f", "posix", str(path))
    found = {line.split()[0].split("@")[0]
             for line in done.stdout.splitlines() if line.strip()}
    for symbol in sorted(found - EXPORTS):
        yield MODULE_SO, 0, f"exports '{symbol}'"
    for symbol in sorted(EXPORTS - found):
        yield MODULE_SO, 0, f"does not export '{symbol}'"


def rule_names(tree):
    """external names carry their layer's prefix"""
    objects = {}
    for name in tree.files(".c"):
        path = tree.build / "obj" / (name[:-2] + ".o")
        prefix = next((value for folder, value in PREFIXES.items()
                       if name.startswith(folder)), None)
        if prefix and path.is_file():
            objects[str(path)] = (name, prefix)
    if not objects:
        yield "build", 0, "no object file is built; run `make` first"
        return
    done = run(tool("nm"), "-g", "-A", "--defined-only", "-f", "posix", *objects)
    for line in done.stdout.splitlines():
        path, symbol = line.split(": ", 1)
        name, prefix = objects[path]
        symbol = symbol.split()[0]
        if symbol != "main" and not re.match(f"({prefix})", symbol) and \
                not symbol.startswith(("__asan", "__odr", "_")):
            yield name, 0, f"exports '{symbol}' without its prefix {prefix}"


def rule_man(tree):
    """man pages are well formed"""
    mandoc = tool("mandoc")
    for name in tree.pages():
        done = run(mandoc, "-Tlint", "-W", "style", name, cwd=tree.root)
        for line in (done.stdout + done.stderr).splitlines():
            # Whether the machine's index of pages is fresh is not about ours.
            if "mandoc.db" in line or "referenced manual not found" in line:
                continue
            match = re.search(r":(\d+):\d+: (.*)", line)
            yield name, int(match[1]) if match else 0, \
                match[2] if match else line


def rendered(tree, page):
    done = run(tool("mandoc"), "-Tascii", "-Owidth=400", page, cwd=tree.root)
    return re.sub(r".\x08", "", done.stdout)


def mentions(text, word):
    return re.search(r"(?<![\w-])" + re.escape(word) + r"(?![\w-])", text)


def programs(tree):
    """Program and the man page it must have: those the makefiles build."""
    for name in tree.files("sources.mk"):
        for match in re.finditer(r"call program,([a-z-]+)", tree.text(name)):
            yield match[1]


def help_words(program):
    """Commands and options that --help of a program and its commands show."""
    top = run(program, "--help")
    if top.returncode != 0:
        return None
    commands = re.findall(r"^  ([a-z][a-z-]*(?: [a-z][a-z-]*)*)(?=\s{2}|\s+[A-Z<\[]|$)",
                          top.stdout, re.M)
    words = set(commands) | set(re.findall(r"--[a-z][a-z0-9-]*", top.stdout))
    for command in commands:
        done = run(program, *command.split(), "--help")
        if done.returncode != 0:
            return None
        words |= set(re.findall(r"--[a-z][a-z0-9-]*", done.stdout))
    return words


def rule_help(tree):
    """what --help shows stands in the man page"""
    found = sorted(set(programs(tree)))
    if not found:
        yield "Makefile", 0, "no program is named in a sources.mk"
    for program in found:
        path = tree.build / "bin" / program
        pages = [name for name in tree.pages()
                 if os.path.basename(name)[:-2] == program]
        if not path.is_file():
            yield program, 0, "is not built; run `make` first"
        elif not pages:
            yield program, 0, "has no man page"
        else:
            words = help_words(path)
            text = rendered(tree, pages[0])
            if not words:
                yield program, 0, "--help of it or of a command fails"
            for word in sorted(words or ()):
                if not mentions(text, word):
                    yield pages[0], 0, f"does not mention '{word}'"


def rule_directives(tree):
    """every directive stands in the module's man page"""
    words = set()
    for name in tree.code():
        if name.startswith(GLUE):
            words |= set(re.findall(
                r'\{\s*ngx_string\("(edge_auth\w*)"\),\s*NGX_', tree.text(name)))
    if not words:
        return
    pages = [name for name in tree.pages()
             if os.path.basename(name).startswith("ngx_http_edge_auth_module")]
    text = "".join(rendered(tree, page) for page in pages)
    for word in sorted(words):
        if not mentions(text, word):
            yield pages[0] if pages else GLUE, 0, \
                f"no man page mentions the directive '{word}'"


def rule_promises(tree):
    """nothing is left for later in a comment"""
    pattern = re.compile(PROMISES)
    for name in tree.names:
        if os.path.splitext(name)[1] in TEXT_ENDINGS:
            for number, line in enumerate(tree.lines(name), 1):
                match = pattern.search(line)
                if match:
                    yield name, number, f"promises something: '{match[0]}'"


RULES = {name[len("rule_"):]: rule for name, rule in list(globals().items())
         if name.startswith("rule_")}


def check(tree, names):
    """Prints the findings; how many rules passed and failed."""
    failed = 0
    for name in names:
        try:
            findings = list(RULES[name](tree))
        except LookupError as error:
            findings = [("tools", 0, str(error))]
        for where, line, message in findings:
            print(f"{where}:{line}: {message} [{name}]")
        failed += bool(findings)
    return len(names) - failed, failed


def main():
    here = pathlib.Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description="checks the house style")
    parser.add_argument("--root", type=pathlib.Path, default=here)
    parser.add_argument("--build", type=pathlib.Path)
    parser.add_argument("--only", default=",".join(RULES))
    parser.add_argument("--list", action="store_true", help="name the rules")
    args = parser.parse_args()

    if args.list:
        for name, rule in RULES.items():
            print(f"{name:<12}{rule.__doc__}")
        return 0
    names = args.only.split(",")
    unknown = [name for name in names if name not in RULES]
    if unknown:
        parser.error(f"no rule '{unknown[0]}'")
    build = args.build or args.root / "build" / os.environ.get("FLAVOUR", "plain")
    passed, failed = check(Tree(args.root.resolve(), build.resolve()), names)
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
