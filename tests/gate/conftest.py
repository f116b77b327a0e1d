"""The fixtures that all tests of this folder share."""

from gate_fixtures import address, certificates, make_gate, upstream

__all__ = ["address", "certificates", "make_gate", "upstream"]
