"""The fixtures that all tests of this folder share."""

import pytest

from edge_keyd import EdgeKeyd
from tailapi import TailApi


@pytest.fixture
def api():
    with TailApi() as made:
        yield made


@pytest.fixture
def keyd(api):
    """Not started yet: config may be changed."""
    made = EdgeKeyd(api.url, api.client_secret)
    yield made
    made.close()
