"""A stand-in for Tailscale's API v2, with its shapes, its errors, and on demand
its bad days. `python3 -m tailapi --help` starts one by hand."""

from .faults import CHANCES, Options
from .server import CLIENT_ID, CLIENT_SECRET, TailApi
from .state import JoinError, Tailnet, rfc3339

__all__ = ["CHANCES", "CLIENT_ID", "CLIENT_SECRET", "JoinError", "Options",
           "TailApi", "Tailnet", "rfc3339"]
