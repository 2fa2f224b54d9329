"""Stores on servers do what every store promises; the servers are real and started here."""

import importlib.util
import hashlib

import attrs
import numpy as np
import pytest

from provenance.errors import FormatMismatch, SettingError, StoreLocked, StoreUnreachable
from provenance.testing.servers import PostgresServer, find_postgres
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
