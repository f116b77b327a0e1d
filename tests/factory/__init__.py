"""An Image Factory on this machine: the paths of the real one, made-up files,
and the ways in which servers and networks misbehave.

    with Factory() as factory:
        factory.know(text)                         # as a POST would
        factory.plan("kernel-amd64", status(500))  # its next answer
        ... factory.url, factory.requests
"""

from .behaviour import (change, claim_length, ignore_range, redirect, reset,
                        send_more, send_part, stall, status, wrong_range)
from .server import Factory, content_of

__all__ = ["Factory", "content_of", "change", "claim_length", "ignore_range",
           "redirect", "reset", "send_more", "send_part", "stall", "status", "wrong_range"]
