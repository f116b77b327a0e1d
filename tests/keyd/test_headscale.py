"""The end of Headscale's API key. What else edge-keyd says to a Headscale, unit
tests have word by word, and tests/join against a real one."""

import http.server
import json
import threading

import pytest

from edge_keyd import EdgeKeyd, until

SECRET = "hskey-api-aB_-9zz-secretOfHeadscale"
FIGURE = "edge_keyd_credential_expiry_seconds"
KEYS = {"apiKeys": [
    {"id": "1", "prefix": "hskey-api-other-***",
     "expiration": "2026-01-01T00:00:00Z"},
    {"id": "2", "prefix": "hskey-api-aB_-9zz-***",
     "expiration": "2027-02-23T01:33:52.611272256Z"}]}
ENDS = 1803346432
DAY = ("2027-03-31", 1806451200)


class Headscale:
    """Answers everything in the same way."""

    def __init__(self):
        self.status, self.asked = 200, []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked.append((self.path,
                                    self.headers.get("Authorization")))
                body = json.dumps(KEYS if outer.status == 200 else {}).encode()
                self.send_response(outer.status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                       Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever,
                                        kwargs={"poll_interval": 0.05})
        self._thread.start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


@pytest.fixture
def headscale():
    made = Headscale()
    yield made
    made.stop()


@pytest.fixture
def keyd(headscale):
    made = EdgeKeyd(headscale.url, SECRET)
    made.config.update(provider="headscale", user="3")
    yield made
    made.close()


def answers(keyd):
    return keyd.metrics()["edge_keyd_api_requests_total"]


@pytest.mark.parametrize("told", [None, DAY])
def test_headscale_says_when(headscale, keyd, told):
    if told is not None:
        keyd.config["secret_expires"] = told[0]
    keyd.start()
    assert until(lambda: answers(keyd) and keyd.metrics().get(FIGURE),
                 "the figure") == ENDS
    assert headscale.asked == [("/api/v1/apikey", f"Bearer {SECRET}")]
    assert keyd.metrics()["edge_keyd_breaker_open"] == 0


@pytest.mark.parametrize("told", [None, DAY])
def test_headscale_does_not_say(headscale, keyd, told):
    headscale.status = 403
    if told is not None:
        keyd.config["secret_expires"] = told[0]
    keyd.start()
    until(lambda: answers(keyd), "the answer")
    assert keyd.metrics().get(FIGURE) == (told and told[1])
    assert keyd.metrics()["edge_keyd_breaker_open"] == 0
