"""Where things are in the tree, and which programs the lab runs."""

import os
import pathlib

TREE = pathlib.Path(__file__).resolve().parents[2]
FIXTURES = pathlib.Path(__file__).resolve().parent / "fixtures"
TOOLS = TREE / "build" / "tools"
PROGRAMS = TREE / "build" / os.environ.get("FLAVOUR", "plain") / "bin"

DEFAULT_LAB_DIR = TREE / "build" / "lab"


def lab_dir():
    """$LAB_DIR, absolute, or the default."""
    return pathlib.Path(os.environ.get("LAB_DIR") or DEFAULT_LAB_DIR).absolute()


def matchbox():
    """The unmodified upstream: $MATCHBOX, or ours built from its module."""
    given = os.environ.get("MATCHBOX")
    return TREE / given if given else TOOLS / "matchbox"


def talos_oracle():
    return TOOLS / "talos-oracle"


def nginx():
    """nginx, which is not on an ordinary user's PATH in Debian."""
    return os.environ.get("NGINX") or "/usr/sbin/nginx"
