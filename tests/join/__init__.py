"""A real join: real Headscale, the programs of Talos' Tailscale extension, our
gate and edge-keyd, in a network namespace that this run makes itself.

    unshare -Urn python3 -m join       (make check-join)
"""
