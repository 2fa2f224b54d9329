"""The stream consumer: what is promised, against real brokers where they can be started."""

import json
import shutil
import socket
import subprocess
import threading
import time

import attrs
import pytest

from provenance.engine.tracking import Tracker
from provenance.errors import SettingError, StoreUnreachable
from provenance.hooks.streams import Delivery, Handler, consume

HARBOR = (
    "LONDON (Reuters) - The harbor of Qasr opened again on Monday after three weeks of repairs, "
    "the port authority said, and the first four ships with wheat were unloaded before noon."
)
TRAM = (
    "The council of Midan votes on Thursday on a tram line that would connect the old town with "
    "the hospital across the river; three earlier plans had failed for want of money."
)


def message(identifier, text, **more):
    return json.dumps({"id": identifier, "text": text, **more}).encode()


@pytest.fixture
def tracker(tmp_path):
    with Tracker.open(tmp_path / "news.db") as opened:
        yield opened


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server of this test, on a port of its own, that can be killed and started again."""

    def __init__(self, command, port):
        self.command, self.port, self.process = command, port, None

    def start(self):
        self.process = subprocess.Popen(
            self.command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 20
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), 0.2).close()
            except OSError:
                assert self.process.poll() is None, "the server did not start"
                assert time.monotonic() < deadline, "the server does not answer"
                time.sleep(0.05)
            else:
                return

    def stop(self, *, kill=False):
        if kill:
            self.process.kill()
        else:
            self.process.terminate()
        self.process.wait(20)


def server_of(binary, arguments):
    found = shutil.which(binary)
    if not found:
        pytest.skip(f"{binary} is not installed")
    port = free_port()
    server = Server([found, *(one.format(port=port) for one in arguments)], port)
    server.start()
    return server


def run_until(broker, handler, done, **settings):
    """Consume in this thread until `done` says so."""
    stop = threading.Event()

    def look(_handled):
        if done():
            stop.set()

    timer = threading.Timer(30, stop.set)
    timer.start()
    try:
        return consume(broker, handler, stop=stop, on_batch=look, **settings)
    finally:
        timer.cancel()


# -- the handler, without a broker ----------------------------------------------------------------


def test_messages_go_on_with_what_is_known_of_them(tracker):
    """A copy is annotated with its original, its credit and its verdict; the message stays whole."""
    first, second = Handler(tracker).handle_batch(
        [message("1", HARBOR, rank=7), message("2", HARBOR)]
    )
    found = json.loads(first)
    assert (found["rank"], found["text"]) == (7, HARBOR)
    assert (found["_prov"]["verdict"], found["_prov"]["agencies"]) == ("new", ["reuters"])
    copy = json.loads(second)["_prov"]
    assert copy["verdict"] == "exact"
    assert [(link["id"], link["kind"]) for link in copy["links"]] == [("1", "repost")]
    assert copy["story"] == found["_prov"]["story"]


def test_a_second_delivery_gets_the_first_answer(tracker):
    """What is delivered again is answered with the same bytes, and is no copy of itself."""
    messages = [message("1", HARBOR), message("2", HARBOR), message("3", TRAM)]
    handler = Handler(tracker)
    assert handler.handle_batch(messages) == handler.handle_batch(messages)
    assert tracker.info()["documents"] == 3


def test_messages_without_a_name_are_called_as_the_broker_calls_them(tracker):
    """Two deliveries of one text are two articles, and one delivered twice is one."""
    handler = Handler(tracker)
    body = json.dumps({"text": HARBOR}).encode()
    first, second = handler.handle([Delivery(body=body, name="a"), Delivery(body=body, name="b")])
    assert [json.loads(one.body)["_prov"]["verdict"] for one in (first, second)] == ["new", "exact"]
    assert handler.handle([Delivery(body=body, name="a")]) == [first]


@pytest.mark.parametrize(
    ("action", "outlets"),
    [
        ("annotate", ["out", "out", "out"]),
        ("drop", ["out", "none", "out"]),
        ("route", ["out", "copies", "out"]),
    ],
)
def test_copies_go_where_the_action_says(tracker, action, outlets):
    """Only what is a whole copy of an earlier article is taken out, and only if asked for."""
    messages = [message("1", HARBOR), message("2", HARBOR), message("3", TRAM)]
    handled = Handler(tracker, action=action).handle([Delivery(body=one) for one in messages])
    assert [one.outlet for one in handled] == outlets


POISON = {
    b"": "empty message",
    b"{": "not JSON",
    b"[1]": "not an object",
    b'{"id": "1"}': "no text",
    b'{"id": "1", "text": 5}': "wrong type",
    b'{"id": "1", "text": "\xff"}': "invalid UTF-8",
}


@pytest.mark.parametrize(("body", "reason"), POISON.items())
def test_poison_goes_to_the_dead_letters_as_it_came(tracker, body, reason):
    """A message that cannot be read is handed out with the reason, and its neighbors are handled."""
    handled = Handler(tracker).handle(
        [Delivery(body=one) for one in (message("8", TRAM), body, message("9", HARBOR))]
    )
    assert [one.outlet for one in handled] == ["out", "dead", "out"]
    assert handled[1].body == body
    assert handled[1].reason.startswith(reason)


class Failing:
    """A tracker that fails on articles with a certain word."""

    def __init__(self, tracker, error):
        self.tracker, self.error = tracker, error

    def observe_many(self, articles):
        if any("tram" in article.text for article in articles):
            raise self.error
        return self.tracker.observe_many(articles)


def test_an_article_that_breaks_the_tracker_goes_to_the_dead_letters(tracker):
    """Only the one that does, with what it did; the rest of its batch is handled."""
    handler = Handler(Failing(tracker, ZeroDivisionError("by\nzero")))
    handled = handler.handle(
        [Delivery(body=one) for one in (message("1", TRAM), message("2", HARBOR))]
    )
    assert [one.outlet for one in handled] == ["dead", "out"]
    assert handled[0].reason == "ZeroDivisionError: by zero"


def test_a_tracker_that_takes_no_article_ends_the_loop(tracker):
    """Then the articles are not to blame, and a whole stream is not moved to the dead letters."""
    handler = Handler(Failing(tracker, ZeroDivisionError()))
    with pytest.raises(ZeroDivisionError):
        handler.handle([Delivery(body=message(str(number), TRAM)) for number in range(3)])


@pytest.mark.parametrize(
    "error",
    [
        OSError(28, "No space left on device"),
        StoreUnreachable("server", "gone"),
        SettingError("wrong token"),
        MemoryError(),
    ],
    ids=lambda error: type(error).__name__,
)
def test_a_store_that_fails_ends_the_loop(tracker, error):
    """A full disk is no fault of a message: nothing is sent to the dead letters."""
    handler = Handler(Failing(tracker, error))
    with pytest.raises(type(error)):
        handler.handle([Delivery(body=one) for one in (message("1", TRAM), message("2", HARBOR))])


# -- Redis ----------------------------------------------------------------------------------------


@pytest.fixture
def redis_server(tmp_path):
    pytest.importorskip("redis")
    server = server_of(
        "redis-server",
        [
            "--port",
            "{port}",
            "--dir",
            str(tmp_path),
            "--appendonly",
            "yes",
            "--appendfsync",
            "always",
        ],
    )
    yield server
    server.stop()


def redis_stream(server, **settings):
    from provenance.hooks.redis import RedisStream

    url = f"redis://127.0.0.1:{server.port}"
    return RedisStream(url, source="articles", out="annotated", **settings)


def redis_client(server):
    import redis

    return redis.Redis(port=server.port)


def texts(client, name):
    return [values for _, values in client.xrange(name)]


def test_redis_from_one_stream_to_the_next(redis_server, tracker):
    """Articles are annotated, poison is set apart with its reason, and all is acknowledged."""
    client = redis_client(redis_server)
    for body in (message("1", HARBOR), b"{", message("2", HARBOR), message("3", TRAM)):
        client.xadd("articles", {"body": body})
    broker = redis_stream(redis_server)
    total = run_until(broker, Handler(tracker), lambda: client.xlen("annotated") == 3)
    broker.close()
    assert total == 4
    found = [json.loads(values[b"body"])["_prov"] for values in texts(client, "annotated")]
    assert [one["verdict"] for one in found] == ["new", "exact", "new"]
    [dead] = texts(client, "dead")
    assert dead[b"body"] == b"{"
    assert dead[b"reason"].startswith(b"not JSON")
    assert client.xpending("articles", "provenance")["pending"] == 0
    client.close()


def test_redis_batches_by_count_and_by_time(redis_server, tracker):
    """A batch is full, or as large as what came in the time; a lone article does not wait for more."""
    client = redis_client(redis_server)
    broker = redis_stream(redis_server)
    for number in range(5):
        client.xadd("articles", {"body": message(str(number), f"{TRAM} {number}")})
    assert [len(broker.take(3, 0.5)), len(broker.take(3, 0.2))] == [3, 2]
    started = time.monotonic()
    assert broker.take(3, 0.2) == []
    assert time.monotonic() - started < 5
    broker.close()
    client.close()


def test_redis_delivers_again_what_was_not_acknowledged(redis_server, tracker):
    """A consumer that died after the commit and before the acknowledgement costs nothing."""
    client = redis_client(redis_server)
    for number in range(4):
        client.xadd("articles", {"body": message(str(number), HARBOR)})
    handler = Handler(tracker)
    first = redis_stream(redis_server)
    taken = first.take(4, 0.2)
    answered = handler.handle(taken)  # committed; and here it dies
    first.close()
    again = redis_stream(redis_server)
    run_until(again, handler, lambda: client.xlen("annotated") == 4)
    again.close()
    sent = [values[b"body"] for values in texts(client, "annotated")]
    assert sent == [one.body for one in answered]
    assert tracker.info()["documents"] == 4
    client.close()


def test_redis_takes_over_from_a_dead_consumer(redis_server, tracker):
    """What another consumer took and left is claimed when its time is over."""
    client = redis_client(redis_server)
    client.xadd("articles", {"body": message("1", HARBOR)})
    dead = redis_stream(redis_server, consumer="dead")
    assert len(dead.take(1, 0.2)) == 1
    dead.close()
    heir = redis_stream(redis_server, consumer="heir", idle=0.2)
    run_until(heir, Handler(tracker), lambda: client.xlen("annotated") == 1)
    heir.close()
    assert client.xpending("articles", "provenance")["pending"] == 0
    client.close()


def test_redis_killed_under_load_loses_nothing(redis_server, tracker):
    """The server is killed and started again while a consumer runs: every article arrives once."""
    import redis

    client = redis_client(redis_server)
    for number in range(300):
        client.xadd("articles", {"body": message(str(number), f"{number} {TRAM} {number * 7919}")})
    handler = Handler(tracker)
    killed = threading.Event()

    def kill():
        redis_server.stop(kill=True)
        redis_server.start()

    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            broker = redis_stream(redis_server)
            stop = threading.Event()

            def look(_handled, stop=stop):
                if not killed.is_set():
                    killed.set()
                    kill()
                if client.xlen("annotated") >= 300:
                    stop.set()

            consume(broker, handler, count=50, stop=stop, on_batch=look)
            broker.close()
            break
        except redis.ConnectionError:
            continue
    sent = [json.loads(values[b"body"])["id"] for values in texts(client, "annotated")]
    assert sorted(sent, key=int) == [str(number) for number in range(300)]
    assert tracker.info()["documents"] == 300
    client.close()


# -- NATS -----------------------------------------------------------------------------------------


@pytest.fixture
def nats_server(tmp_path):
    pytest.importorskip("nats")
    server = server_of(
        "nats-server", ["-a", "127.0.0.1", "-p", "{port}", "-js", "-sd", str(tmp_path / "nats")]
    )
    yield server
    server.stop()


def nats_run(server, work):
    """Do something with a client's JetStream context."""
    import asyncio

    import nats

    async def run():
        client = await nats.connect(f"nats://127.0.0.1:{server.port}")
        try:
            return await work(client.jetstream())
        finally:
            await client.close()

    return asyncio.run(run())


class Unheard:
    """A delivery whose acknowledgement is lost on the way."""

    async def ack(self):
        pass


def test_nats_from_one_subject_to_the_next(nats_server, tracker):
    """Articles are annotated, poison is set apart; a second delivery is sent on only once."""
    from provenance.hooks.nats import NatsSubject

    async def fill(stream):
        await stream.add_stream(name="news", subjects=["articles", "annotated", "copies", "dead"])
        for body in (message("1", HARBOR), b"{", message("2", HARBOR)):
            await stream.publish("articles", body)

    async def read(stream):
        info = await stream.consumer_info("news", "provenance")
        found = {}
        for name in ("annotated", "dead"):
            consumer = await stream.pull_subscribe(name, f"test-{name}")
            found[name] = await consumer.fetch(10, 0.5)
        return found, info

    nats_run(nats_server, fill)
    url = f"nats://127.0.0.1:{nats_server.port}"
    broker = NatsSubject(url, source="articles", out="annotated")
    handler = Handler(tracker)
    deliveries = broker.take(10, 0.5)
    handled = handler.handle(deliveries)
    lost = [attrs.evolve(one, tag=Unheard()) for one in deliveries]
    broker.settle(lost, handled)
    broker.settle(deliveries, handled)
    assert broker.take(10, 0.2) == []
    broker.close()
    found, info = nats_run(nats_server, read)
    sent = [json.loads(one.data)["_prov"]["verdict"] for one in found["annotated"]]
    assert sent == ["new", "exact"]
    [dead] = found["dead"]
    assert (dead.data, dead.headers["reason"][:8]) == (b"{", "not JSON")
    assert info.num_ack_pending == 0


# -- Kafka ----------------------------------------------------------------------------------------


def test_kafka_from_one_topic_to_the_next(tracker):
    """Articles are annotated, poison is set apart, offsets are committed after that.

    Against the cluster that librdkafka brings for tests: the real client and protocol, no real broker.
    """
    kafka = pytest.importorskip("confluent_kafka")
    from provenance.hooks.kafka import KafkaTopic

    cluster = kafka.Producer({"test.mock.num.brokers": 1})
    [broker] = cluster.list_topics(timeout=10).brokers.values()
    servers = f"{broker.host}:{broker.port}"
    for name in ("articles", "annotated", "dead"):
        cluster.list_topics(name, timeout=10)
    for key, body in ((b"k1", message("1", HARBOR)), (b"k2", b"{"), (b"k3", message("2", HARBOR))):
        cluster.produce("articles", body, key=key, partition=0)
    assert cluster.flush(10) == 0

    def reader(group, name):
        consumer = kafka.Consumer(
            {"bootstrap.servers": servers, "group.id": group, "auto.offset.reset": "earliest"}
        )
        consumer.subscribe([name])
        return consumer

    seen = []
    topic = KafkaTopic(servers, source="articles", out="annotated")
    stop = threading.Event()
    timer = threading.Timer(30, stop.set)
    timer.start()

    def look(handled):
        seen.extend(handled)
        if len(seen) == 3:
            stop.set()

    consume(topic, Handler(tracker), stop=stop, on_batch=look)
    timer.cancel()
    committed = topic._consumer.committed([kafka.TopicPartition("articles", 0)], timeout=10)
    topic.close()
    assert committed[0].offset == 3
    found = {}
    for name, count in (("annotated", 2), ("dead", 1)):
        consumer = reader(f"test-{name}", name)
        found[name] = consumer.consume(count, 20)
        consumer.close()
    verdicts = [json.loads(one.value())["_prov"]["verdict"] for one in found["annotated"]]
    assert verdicts == ["new", "exact"]
    assert [one.key() for one in found["annotated"]] == [b"k1", b"k3"]
    [dead] = found["dead"]
    assert dead.value() == b"{"
    assert dict(dead.headers())["reason"].startswith(b"not JSON")
