"""How an answer goes wrong. Each is made with its settings and then called
with the request's handler and the file that was asked for."""

import socket
import struct


def status(code, body=b"no\n", **headers):
    """An error with a text; retry_after="3" becomes Retry-After: 3."""
    def answer(handler, _content):
        handler.reply(code, body, {name.replace("_", "-").title(): value
                                   for name, value in headers.items()})
    return answer


def redirect(to):
    """302: to a path of this server, or to a URL."""
    def answer(handler, _content):
        handler.reply(302, b"", {"Location": to})
    return answer


def send_part(size):
    """The whole file is announced, some of it comes, then the end."""
    def answer(handler, content):
        body, head = handler.select(content)
        handler.head(*head, length=len(body))
        handler.wfile.write(body[:size])
        handler.close_connection = True
    return answer


def claim_length(difference):
    """A Content-Length that is too long or too short."""
    def answer(handler, content):
        handler.head(200, {}, length=len(content) + difference)
        handler.wfile.write(content)
        handler.close_connection = True
    return answer


def stall(size):
    """Some of it comes, then nothing, until the client goes away."""
    def answer(handler, content):
        body, head = handler.select(content)
        handler.head(*head, length=len(body))
        handler.wfile.write(body[:size])
        handler.wfile.flush()
        handler.connection.settimeout(60)
        try:
            handler.connection.recv(1)
        except OSError:
            pass
        handler.close_connection = True
    return answer


def reset(size):
    """Some of it comes, then the connection is torn down."""
    def answer(handler, content):
        body, head = handler.select(content)
        handler.head(*head, length=len(body))
        handler.wfile.write(body[:size])
        handler.wfile.flush()
        handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                      struct.pack("ii", 1, 0))
        handler.drop()
    return answer


def change(content):
    """Other content under the same name, with an ETag of its own."""
    def answer(handler, _content):
        handler.serve(content)
    return answer


def ignore_range():
    """All of it, whatever part was asked for."""
    def answer(handler, content):
        handler.reply(200, content)
    return answer


def send_more(extra):
    """The file, of no announced length, and more behind it."""
    def answer(handler, content):
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(content + extra)
        handler.close_connection = True
    return answer


def wrong_range(shift=1):
    """206 with another part than the one that was asked for."""
    def answer(handler, content):
        first = handler.first_byte() + shift
        handler.reply(206, content[first:], {
            "Content-Range":
                f"bytes {first}-{len(content) - 1}/{len(content)}"})
    return answer
