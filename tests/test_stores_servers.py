"""Stores on servers do what every store promises; the servers are real and started here."""

import hashlib
import importlib.util

import pytest

from provenance.errors import SettingError, StoreDamaged, StoreLocked, StoreUnreachable
from provenance.testing.servers import PostgresServer, RedisServer, find_postgres, find_redis
from provenance.testing.stores import MANIFEST, StoreContract, make_batch


@pytest.fixture(scope="module")
def postgres():
    if importlib.util.find_spec("psycopg") is None:
        pytest.skip("psycopg is not installed")
    if find_postgres() is None:
        pytest.skip("PostgreSQL is not installed")
    server = PostgresServer()
    yield server
    server.close()


@pytest.fixture(scope="module")
def redis():
    if importlib.util.find_spec("redis") is None:
        pytest.skip("redis-py is not installed")
    if find_redis() is None:
        pytest.skip("neither redis-server nor valkey-server is installed")
    server = RedisServer()
    yield server
    server.close()


def named(place):
    """A namespace for a place on the disk."""
    return f"s{hashlib.md5(str(place).encode()).hexdigest()}"


class TestPostgres(StoreContract):
    @pytest.fixture(autouse=True)
    def _server(self, postgres):
        self.server = postgres

    def open_store(self, place, *, readonly=False):
        return self.open_other(place, MANIFEST, readonly=readonly)

    def open_other(self, place, manifest, *, readonly=False):
        from provenance.stores.postgres import PostgresStore

        url = f"{self.server.url}&namespace={named(place)}"
        return PostgresStore(url, manifest, readonly=readonly, sync=False)


class TestPostgresInTheConnectionOfAnother(TestPostgres):
    """Everything that is done is one transaction of the caller's."""

    exclusive = False  # the lock is the session's; one session is not kept out by itself
    survives = False

    def open_store(self, place, *, readonly=False):
        from provenance.stores.postgres import PostgresStore

        return PostgresStore(self.connection, MANIFEST, namespace=named(place), readonly=readonly)

    @pytest.fixture(autouse=True)
    def _connection(self, _server):
        import psycopg

        with psycopg.connect(self.server.url) as self.connection:
            yield
            self.connection.rollback()


class TestRedis(StoreContract):
    @pytest.fixture(autouse=True)
    def _server(self, redis):
        self.server = redis

    def open_store(self, place, *, readonly=False):
        return self.open_other(place, MANIFEST, readonly=readonly)

    def open_other(self, place, manifest, *, readonly=False):
        from provenance.stores.redis import RedisStore

        return RedisStore(self.server.url, manifest, namespace=named(place), readonly=readonly)


# -- what servers do to a store -------------------------------------------------------------------


def open_postgres(server, place, **options):
    from provenance.stores.postgres import PostgresStore

    return PostgresStore(server.url, MANIFEST, namespace=named(place), **options)


def open_redis(server, place, **options):
    from provenance.stores.redis import RedisStore

    return RedisStore(server.url, MANIFEST, namespace=named(place), **options)


OPENERS = {"postgres": open_postgres, "redis": open_redis}


@pytest.fixture(params=OPENERS)
def shared(request):
    """A server, and what opens a store there."""
    return request.getfixturevalue(request.param), OPENERS[request.param]


def test_a_server_that_is_not_there_is_named(shared, tmp_path):
    """An address where nothing listens gives an error that says what to look at."""
    server, opener = shared
    nowhere = type("Nowhere", (), {"url": server.url.replace(server.folder.name, "nowhere")})
    with pytest.raises(StoreUnreachable, match="see that the server runs"):
        opener(nowhere, tmp_path)


def test_a_restarted_server_is_found_again(shared, tmp_path):
    """What fails while the server is away fails by name; what was acknowledged is there afterwards."""
    server, opener = shared
    with opener(server, tmp_path) as store:
        store.commit(make_batch(0, [[1]], observed=5))
        server.stop()
        with pytest.raises(StoreUnreachable):
            store.commit(make_batch(1, [[1]]))
        server.start()
        assert (store.next_number, store.last_observed) == (1, 5)
        store.commit(make_batch(1, [[1]]))
        assert store.numbers().tolist() == [0, 1]


def test_there_is_nothing_to_read_where_nothing_was_written(shared, tmp_path):
    """A reader makes no store."""
    server, opener = shared
    with pytest.raises(SettingError, match="there is no store"):
        opener(server, tmp_path, readonly=True)


def test_a_reader_does_not_write(shared, tmp_path):
    """What was opened to be read takes nothing, and says why."""
    server, opener = shared
    with opener(server, tmp_path), opener(server, tmp_path, readonly=True) as reader:
        with pytest.raises(SettingError, match="read-only"):
            reader.commit(make_batch(0, [[1]]))
        assert reader.numbers().size == 0


def test_a_store_is_checked(shared, tmp_path):
    """A sound store passes."""
    server, opener = shared
    with opener(server, tmp_path) as store:
        store.commit(make_batch(0, [[1], [2]]))
        store.check()


def test_a_key_of_very_many_documents_in_one_batch(shared, tmp_path):
    """More documents of a key than a byte can count are told as few are."""
    server, opener = shared
    with opener(server, tmp_path) as store:
        store.commit(make_batch(0, [[7]] * 600))
        store.commit(make_batch(600, [[7]]))
        probes = make_batch(0, [[7]]).entries.keys
        assert sorted(store.lookup(probes).documents.tolist()) == [*range(8), 600]


def test_a_tracker_finds_what_it_finds_in_memory(shared, tmp_path):
    """Observations of articles, some of them copies and new versions, do not depend on the store."""
    from provenance.config import Profile
    from provenance.engine.tracking import Tracker, manifest_of
    from provenance.model import Article
    from provenance.stores.memory import MemoryStore

    server, _ = shared
    words = [f"word{n}" for n in range(400)]
    articles = [
        Article(id=f"a{n % 25}", text=" ".join(words[(7 * n) % 90 : (7 * n) % 90 + 60]))
        for n in range(40)
    ]
    mark = "&" if "?" in server.url else "?"
    url = f"{server.url}{mark}namespace={named(tmp_path)}"
    memory = Tracker(MemoryStore(manifest_of(Profile(), attribute=False)), attribute=False)
    with Tracker.open(url, attribute=False) as tracker:
        assert tracker.observe_many(articles[:20]) == memory.observe_many(articles[:20])
    with Tracker.open(url) as tracker:  # as it was made
        found = tracker.observe_many(articles[20:])
        assert found == memory.observe_many(articles[20:])
        assert {seen.verdict for seen in found} >= {"near", "revision"}
        assert tracker.remove(["a3"]) == memory.remove(["a3"]) == 1
        assert tracker.info()["documents"] == memory.info()["documents"]


def test_what_is_written_goes_with_the_transaction_of_the_caller(postgres, tmp_path):
    """Taken back by its owner, a commit was never there; kept, it is there with the owner's rows."""
    import psycopg

    from provenance.stores.postgres import PostgresStore

    with psycopg.connect(postgres.url) as connection:
        store = PostgresStore(connection, MANIFEST, namespace=named(tmp_path))
        connection.execute("CREATE TABLE own (id text)")
        connection.commit()
        connection.execute("INSERT INTO own VALUES ('gone')")
        store.commit(make_batch(0, [[1]]))
        connection.rollback()
        assert store.next_number == 0
        connection.execute("INSERT INTO own VALUES ('kept')")
        store.commit(make_batch(0, [[1]]))
        connection.commit()
        store.close()
        assert connection.execute("SELECT id FROM own").fetchall() == [("kept",)]
    with open_postgres(postgres, tmp_path) as store:
        assert store.numbers().tolist() == [0]


def test_a_role_without_rights_is_told_what_to_ask_for(postgres, tmp_path):
    """A role that may neither make the schema nor read it gets the words that grant it."""
    import psycopg

    role = named(tmp_path)
    open_postgres(postgres, tmp_path).close()
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(f"CREATE ROLE {role} LOGIN")
    poor = type("Poor", (), {"url": postgres.url.replace("keeper", role)})
    for place, options in ((tmp_path / "new", {}), (tmp_path, {"readonly": True})):
        with pytest.raises(SettingError, match="GRANT"):
            open_postgres(poor, place, readonly=options.get("readonly", False))


def test_a_missing_table_is_named(postgres, tmp_path):
    """A store that somebody took a table of is damaged, not empty."""
    import psycopg

    with open_postgres(postgres, tmp_path) as store:
        with psycopg.connect(postgres.url, autocommit=True) as connection:
            connection.execute(f"DROP TABLE {named(tmp_path)}.links")
        with pytest.raises(StoreDamaged, match="links"):
            store.links([0])


def test_a_namespace_is_a_name(postgres):
    """What would have to be quoted is refused."""
    from provenance.stores.postgres import PostgresStore

    with pytest.raises(SettingError, match="namespace"):
        PostgresStore(postgres.url, MANIFEST, namespace='x"; DROP SCHEMA public')


def test_a_writer_whose_place_was_taken_is_refused(redis, tmp_path):
    """After its lease ended and another wrote, a silent writer must not write over it."""
    import redis as library

    with open_redis(redis, tmp_path) as silent:
        silent.commit(make_batch(0, [[1]]))
        with library.Redis.from_url(redis.url) as client:
            client.delete(f"{{{named(tmp_path)}}}:lock")  # as time would
        with open_redis(redis, tmp_path) as other:
            other.commit(make_batch(1, [[1]]))
            with pytest.raises(StoreLocked):
                silent.commit(make_batch(1, [[2]]))
        with pytest.raises(StoreLocked):
            silent.commit(make_batch(1, [[2]]))


def test_a_server_that_throws_keys_away_is_refused(redis, tmp_path):
    """A store that loses entries when memory is short is no store."""
    import redis as library

    with library.Redis.from_url(redis.url) as client:
        client.config_set("maxmemory-policy", "allkeys-lru")
        try:
            with pytest.raises(SettingError, match="noeviction"):
                open_redis(redis, tmp_path)
        finally:
            client.config_set("maxmemory-policy", "noeviction")


def test_buckets_split_as_keys_come(redis, tmp_path):
    """Thousands of keys are spread over many small buckets, and each is found."""
    import redis as library

    with open_redis(redis, tmp_path) as store:
        for first in range(0, 60, 20):
            keys = [range(100 * n, 100 * n + 100) for n in range(first, first + 20)]
            store.commit(make_batch(first, keys))
        probes = make_batch(0, [range(6000)]).entries.keys
        found = store.lookup(probes)
        assert sorted(found.documents.tolist()) == [n for n in range(60) for _ in range(100)]
    prefix = f"{{{named(tmp_path)}}}:e"
    with library.Redis.from_url(redis.url) as client:
        names = list(client.scan_iter(f"{prefix}*"))
        assert 6000 / 128 < len(names) < 6000 / 16
        assert {client.object("encoding", name) for name in names} == {b"listpack"}
