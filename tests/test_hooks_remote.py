"""A tracker behind HTTP is a tracker."""

import http.client
import json
import socket
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

pytest.importorskip("starlette", reason="the extra service is not installed")
pytest.importorskip("uvicorn", reason="the extra service is not installed")

import uvicorn

from provenance.codec import link_to_record, mention_to_record
from provenance.engine.tracking import Tracker
from provenance.errors import InputError, SettingError, StoreUnreachable
from provenance.hooks.annotating import opener_of
from provenance.hooks.remote import RemoteTracker
from provenance.hooks.service import ServiceConfig, create_app
from provenance.model import Article, ArticleId

HARBOR = (
    "LONDON (Reuters) - The harbor of Qasr opened again on Monday after three weeks of repairs, "
    "the port authority said, and the first four ships with wheat were unloaded before noon."
)


def article(name, text=HARBOR, **more):
    return Article(id=ArticleId(name), text=text, **more)


ARTICLES = [
    article("1", title="Harbor", publisher="a.example", published="2025-05-21"),
    article("2"),
    article("3", "Nothing of the kind."),
    article("4", HARBOR[:120]),
]


@contextmanager
def served(config, port=0):
    """A service on a thread, and its address."""
    bound = socket.create_server(("127.0.0.1", port))
    server = uvicorn.Server(uvicorn.Config(create_app(config), log_level="error", lifespan="on"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(20)
        bound.close()


def told(seen):
    return [
        (
            one.id,
            one.verdict,
            one.story,
            list(map(link_to_record, one.links)),
            list(map(mention_to_record, one.mentions)),
        )
        for one in seen
    ]


def test_it_says_what_a_tracker_says(tmp_path):
    """Verdicts, stories, links with passages and evidence, mentions: all as from a store of one's own."""
    with (
        Tracker.open(tmp_path / "own.db") as own,
        served(ServiceConfig(store=str(tmp_path / "far.db"))) as address,
        opener_of(address)() as far,
    ):
        assert told(far.observe_many(ARTICLES)) == told(own.observe_many(ARTICLES))
        assert far.observe_many([]) == []


def test_several_write_at_once(tmp_path):
    """What one process alone may do with a store, any number may with a service."""
    with (
        served(ServiceConfig(store=str(tmp_path / "news.db"))) as address,
        opener_of(address)() as one,
        opener_of(address)() as other,
    ):
        [first] = one.observe_many([article("1")])
        [second] = other.observe_many([article("2")])
    assert (first.verdict, second.verdict) == ("new", "exact")


def test_the_token_is_sent(tmp_path, monkeypatch):
    """It comes from the environment; without it the error says so."""
    config = ServiceConfig(store=str(tmp_path / "news.db"), token="s3cret")
    with served(config) as address:
        monkeypatch.setenv("PROVENANCE_TOKEN", "s3cret")
        with opener_of(address)() as far:
            assert far.observe_many([article("1")])[0].verdict == "new"
        monkeypatch.delenv("PROVENANCE_TOKEN")
        with opener_of(address)() as far, pytest.raises(SettingError, match="PROVENANCE_TOKEN"):
            far.observe_many([article("1")])


def test_a_service_that_restarts_is_waited_for(tmp_path):
    """Articles observed meanwhile arrive when it is back, and once."""
    config = ServiceConfig(store=str(tmp_path / "news.db"))
    with served(config) as address:
        far = RemoteTracker(address)
        far.observe_many([article("1")])
    seen = []
    waiting = threading.Thread(target=lambda: seen.extend(far.observe_many([article("2")])))
    waiting.start()
    time.sleep(0.3)
    assert seen == []
    with served(config, port=int(address.rpartition(":")[2])):
        waiting.join(20)
    far.close()
    assert [one.verdict for one in seen] == ["exact"]


def test_patience_ends(tmp_path):
    """What is not there after the time agreed on is an error that names the address."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    far = RemoteTracker(f"http://127.0.0.1:{port}", patience=0.3)
    with pytest.raises(StoreUnreachable, match=str(port)):
        far.observe_many([article("1")])
    far.close()


class Busy(BaseHTTPRequestHandler):
    """Answers 429 twice, then takes everything for broken."""

    answers = iter([429, 429, 200])

    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = json.dumps({"error": "so it is"}).encode()
        self.send_response(next(self.answers))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def test_a_busy_service_is_asked_again():
    """429 means later; an article that the service refuses is an error of that article."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Busy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        far = RemoteTracker(f"http://127.0.0.1:{server.server_port}")
        with pytest.raises(InputError, match="so it is"):
            far.observe_many([article("1")])
        far.close()
        server.shutdown()


@pytest.mark.parametrize("address", ["http://", "ftp://host", "host:80"])
def test_what_is_no_address_is_refused(address):
    """At once, with an example."""
    with pytest.raises(SettingError, match="http://localhost:8377"):
        RemoteTracker(address)


def test_many_tasks_of_datatrove_share_a_service(tmp_path):
    """The step that refuses several tasks on one store takes the address of a service."""
    pytest.importorskip("datatrove")
    from datatrove.data import Document

    from provenance.hooks.datatrove import ProvenanceStep

    with served(ServiceConfig(store=str(tmp_path / "news.db"))) as address:
        verdicts = [
            document.metadata["_prov"]["verdict"]
            for rank in range(2)
            for document in ProvenanceStep(address).run(
                [Document(text=HARBOR, id=str(rank))], rank=rank, world_size=2
            )
        ]
    assert verdicts == ["new", "exact"]


def test_the_connection_is_an_ordinary_one(tmp_path):
    """Long articles and many of them go in several requests, each within what a service takes."""
    config = ServiceConfig(store=str(tmp_path / "news.db"), most_documents=256)
    with served(config) as address, opener_of(address)() as far:
        seen = far.observe_many(
            [article(str(number), f"{number} {number}") for number in range(600)]
        )
        assert [one.id for one in seen] == [str(number) for number in range(600)]
        host = address.removeprefix("http://")
        connection = http.client.HTTPConnection(host)
        connection.request("GET", "/metrics")
        metrics = connection.getresponse().read().decode()
        connection.close()
    assert 'requests_total{route="POST /v1/documents:batch",status="200"} 3' in metrics
