"""The HTTP service, through its front door."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra service is not installed")
pytest.importorskip("httpx2", reason="httpx2, with which Starlette tests, is not installed")

from starlette.testclient import TestClient

from provenance.engine.tracking import Tracker
from provenance.errors import SettingError
from provenance.hooks.service import ServiceConfig, create_app

HARBOR = (
    "LONDON (Reuters) - The harbor of Qasr opened again on Monday after three weeks of repairs, "
    "the port authority said, and the first four ships with wheat were unloaded before noon."
)
TRAM = (
    "The council of Midan votes on Thursday on a tram line that would connect the old town with "
    "the hospital across the river; three earlier plans had failed for want of money."
)
BATCH = "/v1/documents:batch"
NDJSON = {"Content-Type": "application/x-ndjson"}


@pytest.fixture
def client(tmp_path):
    with TestClient(create_app(ServiceConfig(store=str(tmp_path / "news.db")))) as opened:
        yield opened


def test_a_batch_is_answered_in_order(client):
    """Every article has its answer in its place, and what is no article has the reason."""
    answered = client.post(
        BATCH, json=[{"id": "1", "text": HARBOR}, {"id": "2"}, 5, {"text": TRAM}]
    )
    assert answered.status_code == 200
    first, missing, wrong, unnamed = answered.json()
    assert (first["id"], first["verdict"], first["agencies"]) == ("1", "new", ["reuters"])
    assert missing["error"].startswith("no text")
    assert wrong["error"].startswith("not an object")
    assert unnamed["verdict"] == "new"


def test_lines_in_lines_out(client):
    """JSON Lines are answered with JSON Lines; a line that is none costs its neighbors nothing."""
    lines = [json.dumps({"id": str(n), "text": HARBOR}) for n in (1, 2)]
    answered = client.post(BATCH, content="\n".join([lines[0], "{", lines[1], ""]), headers=NDJSON)
    assert answered.headers["content-type"] == "application/x-ndjson"
    first, broken, copy = map(json.loads, answered.text.splitlines())
    assert first["verdict"] == "new"
    assert broken["error"].startswith("not JSON")
    assert copy["verdict"] == "exact"
    assert [link["id"] for link in copy["links"]] == ["1"]


def test_the_same_request_gets_the_same_answer(client):
    """A client that lost the answer may ask again."""
    request = [{"id": "1", "text": HARBOR}, {"id": "2", "text": HARBOR}]
    assert client.post(BATCH, json=request).content == client.post(BATCH, json=request).content


def test_what_is_known_can_be_asked_for(client):
    """By identifier, by story, by text; addresses are identifiers like others."""
    address = "https://a.example/x?n=1&m=/story"
    client.post(BATCH, json=[{"url": address, "text": HARBOR}, {"id": "2", "text": HARBOR}])
    found = client.get("/v1/documents", params={"id": address}).json()
    assert (found["id"], found["verdict"]) == (address, "new")
    assert [(link["a"], link["b"], link["kind"]) for link in found["links"]] == [
        ("2", address, "repost")
    ]
    assert [mention["agency"] for mention in found["mentions"]] == ["reuters"]
    story = client.get("/v1/stories", params={"document": "2"}).json()
    assert story["story"] == found["story"]
    assert story["members"] == ["2", address]
    asked = client.post("/v1/documents:query", json={"text": HARBOR}).json()
    assert asked["verdict"] == "exact"
    assert {link["kind"] for link in asked["links"]} == {"repost"}
    assert client.get("/v1/documents", params={"id": asked["id"]}).status_code == 404


def test_what_is_erased_is_gone(client):
    """An article that was erased is not found, and nothing is a copy of it."""
    client.post(BATCH, json=[{"id": "1", "text": HARBOR}])
    assert client.delete("/v1/documents", params={"id": "1"}).status_code == 204
    assert client.delete("/v1/documents", params={"id": "1"}).status_code == 404
    [answer] = client.post(BATCH, json=[{"id": "2", "text": HARBOR}]).json()
    assert answer["verdict"] == "new"


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("POST", BATCH, b"{", 400),
        ("POST", BATCH, b'{"text": "x"}', 400),
        ("POST", "/v1/documents:query", b"[]", 400),
        ("POST", "/v1/documents:query", b"{}", 400),
        ("GET", "/v1/documents", b"", 400),
        ("GET", "/v1/documents?id=nope", b"", 404),
        ("GET", "/v1/stories?document=nope", b"", 404),
        ("DELETE", "/v1/documents?id=nope", b"", 404),
    ],
)
def test_what_cannot_be_answered_says_why(client, method, path, content, status):
    """A request that makes no sense gets its status and a sentence."""
    answered = client.request(method, path, content=content)
    assert answered.status_code == status
    assert answered.json()["error"]


def test_other_keys_for_the_fields(tmp_path):
    """Clients send what they have; the service knows which key is what."""
    config = ServiceConfig(store=str(tmp_path / "news.db"), fields="text=content,id=uri")
    with TestClient(create_app(config)) as client:
        [answer] = client.post(BATCH, json=[{"uri": "u1", "content": HARBOR}]).json()
    assert answer["id"] == "u1"


def test_the_token_is_asked_for(tmp_path):
    """Nothing but health and description is told to those without it."""
    config = ServiceConfig(store=str(tmp_path / "news.db"), token="s3cret")
    assert "s3cret" not in repr(config)
    with TestClient(create_app(config)) as client:
        for headers in ({}, {"Authorization": "Bearer wrong"}, {"Authorization": "Basic s3cret"}):
            assert client.post(BATCH, json=[], headers=headers).status_code == 401
            assert client.get("/metrics", headers=headers).status_code == 401
        good = {"Authorization": "Bearer s3cret"}
        assert client.post(BATCH, json=[], headers=good).json() == []
        assert client.get("/healthz").status_code == 200
        assert client.get("/openapi.json").status_code == 200


def test_too_much_at_once_is_refused(tmp_path):
    """Neither more documents nor more bytes than agreed are taken."""
    config = ServiceConfig(store=str(tmp_path / "news.db"), most_documents=2, most_bytes=200)
    with TestClient(create_app(config)) as client:
        assert client.post(BATCH, json=[{}, {}, {}]).status_code == 413
        assert client.post(BATCH, json=[{"text": "x" * 200}]).status_code == 413
        assert client.post(BATCH, json=[{}, {}]).status_code == 200


class Slow:
    """A tracker that waits until it is let go."""

    def __init__(self, tracker):
        self.tracker, self.go, self.batches = tracker, threading.Event(), []

    def observe_many(self, articles):
        self.go.wait(20)
        self.batches.append(len(articles))
        return self.tracker.observe_many(articles)


def test_back_pressure(tmp_path):
    """When enough documents wait, more are refused, told when to come back, and not observed."""
    with Tracker.open(tmp_path / "news.db") as tracker, ThreadPoolExecutor(8) as pool:
        slow = Slow(tracker)
        config = ServiceConfig(store=slow, most_waiting=4)
        with TestClient(create_app(config)) as client:

            def post(number):
                return client.post(BATCH, json=[{"id": str(number), "text": f"{TRAM} {number}"}])

            accepted = [pool.submit(post, number) for number in range(4)]
            deadline = time.monotonic() + 10
            while "waiting_documents 4" not in client.get("/metrics").text:
                assert time.monotonic() < deadline
            refused = post(9)
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
            slow.go.set()
            assert [one.result().status_code for one in accepted] == [200] * 4
            assert post(9).status_code == 200
        assert tracker.info()["documents"] == 5
        assert len(slow.batches) < 5  # what waited came as batches, not one by one


class Full:
    """A tracker on a full disk."""

    def observe_many(self, articles):
        raise OSError(28, "No space left on device")


def test_a_store_that_fails_is_told(tmp_path):
    """The client hears that nothing was kept, and the service lives on."""
    with TestClient(create_app(ServiceConfig(store=Full()))) as client:
        answered = client.post(BATCH, json=[{"text": HARBOR}])
        assert answered.status_code == 503
        assert "No space left" in answered.json()["error"]
        assert client.get("/healthz").status_code == 200


def test_metrics_are_what_prometheus_reads(client):
    """Every line is a comment or a sample, and the counts are those of what was done."""
    client.post(BATCH, json=[{"id": "1", "text": HARBOR}, {"id": "2", "text": HARBOR}, {}])
    text = client.get("/metrics").text
    sample = re.compile(r'[a-z_]+(\{[a-z]+="[^"]+"(,[a-z]+="[^"]+")*\})? [0-9.]+')
    assert all(line.startswith("# ") or sample.fullmatch(line) for line in text.splitlines())
    for line in (
        'provenance_documents_total{verdict="new"} 1',
        'provenance_documents_total{verdict="exact"} 1',
        'provenance_documents_total{verdict="rejected"} 1',
        'provenance_requests_total{route="POST /v1/documents:batch",status="200"} 1',
        'provenance_request_seconds_count{route="POST /v1/documents:batch"} 1',
    ):
        assert line in text.splitlines()


def test_the_description_is_of_this_service(client):
    """OpenAPI names every route and no other, and every reference in it leads somewhere."""
    described = client.get("/openapi.json").json()
    routes = {
        (method, route.path) for route in client.app.routes for method in route.methods - {"HEAD"}
    }
    assert routes == {
        (method.upper(), path) for path, methods in described["paths"].items() for method in methods
    }
    for reference in re.findall(r'"\$ref": "#/components/schemas/(\w+)"', json.dumps(described)):
        assert reference in described["components"]["schemas"]


def test_a_service_without_a_store_does_not_start(monkeypatch):
    """The factory says which variable is missing."""
    monkeypatch.delenv("PROVENANCE_STORE", raising=False)
    with pytest.raises(SettingError, match="PROVENANCE_STORE"):
        create_app()


# -- the command ----------------------------------------------------------------------------------


def serve(arguments, **environment):
    return subprocess.Popen(
        [sys.executable, "-m", "provenance", "serve", *arguments],
        env={**os.environ, **environment},
        stderr=subprocess.PIPE,
        text=True,
    )


def request_of_a_patient_client(server, port, body):
    """Send a batch as soon as the server listens."""
    deadline = time.monotonic() + 60
    while True:
        with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
            try:
                connection.request("POST", BATCH, body, {"Authorization": "Bearer s3cret"})
                return connection.getresponse().read()
            except ConnectionRefusedError:
                assert server.poll() is None, server.stderr.read()
                assert time.monotonic() < deadline
                time.sleep(0.1)


def test_the_command_serves_until_it_is_told_to_stop(tmp_path):
    """It answers as its page says; SIGTERM ends it well, and what was answered is in the store."""
    pytest.importorskip("uvicorn")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    store = tmp_path / "news.db"
    page = (Path(__file__).parent.parent / "docs" / "service.md").read_text("utf-8")
    [(articles, printed)] = re.findall(
        r"^curl [^']*'(.*?)'\n```\n\n```json\n(.*?)^```", page, re.M | re.S
    )
    server = serve([str(store), "--port", str(port)], PROVENANCE_SERVE_TOKEN="s3cret")
    try:
        answered = request_of_a_patient_client(server, port, articles)
        assert json.loads(answered) == json.loads(printed)
        locked = serve([str(store), "--port", "0"])
        assert locked.communicate(timeout=60)[1].startswith("error: ")
        assert locked.returncode == 5
    finally:
        server.send_signal(signal.SIGTERM)
        told = server.communicate(timeout=60)[1]
    assert server.returncode == 0, told
    with Tracker.open(store) as tracker:
        assert tracker.get("b").verdict == "exact"


def test_the_command_does_not_open_itself_to_the_world(tmp_path):
    """Listening beyond this machine needs a token."""
    refused = serve([str(tmp_path / "news.db"), "--host", "0.0.0.0"])
    told = refused.communicate(timeout=60)[1]
    assert (refused.returncode, "PROVENANCE_SERVE_TOKEN" in told) == (2, True)
