"""PostgreSQL: the tables, the connection, its errors, and arrays in the form of the wire."""

from __future__ import annotations

import errno
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from provenance._extras import load_psycopg
from provenance.errors import SettingError, StoreDamaged, StoreUnreachable
from provenance.stores.contract import FULL

__all__ = ["LAST", "LOOK", "Words", "connect", "packed_rows", "register", "reporting", "tables"]

#: Identifiers are bytes, because texts hold no NUL here, and unique by digest, because an index takes
#: no more than 2.7 KB.  Contents are compressed already.  The last index finds the entries of a document
#: among those that came with it, and is a thousandth of the other's size.
_TABLES = """
CREATE TABLE {0}.meta (name text PRIMARY KEY, value text NOT NULL);
CREATE TABLE {0}.documents (
    number bigint PRIMARY KEY,
    id bytea NOT NULL,
    digest bytea NOT NULL,
    observed bigint NOT NULL,
    story bigint NOT NULL,
    traits bytea NOT NULL,
    content bytea NOT NULL
);
ALTER TABLE {0}.documents ALTER COLUMN content SET STORAGE EXTERNAL;
CREATE UNIQUE INDEX ON {0}.documents (sha256(id));
CREATE INDEX ON {0}.documents (story);
CREATE INDEX ON {0}.documents (observed);
CREATE TABLE {0}.superseded (id bytea, digest bytea, PRIMARY KEY (id, digest));
CREATE TABLE {0}.links (
    late bigint, early bigint, kind text NOT NULL, record bytea NOT NULL, PRIMARY KEY (late, early)
);
CREATE INDEX ON {0}.links (early);
CREATE TABLE {0}.entries (key bigint, document bigint, PRIMARY KEY (key, document));
CREATE INDEX ON {0}.entries USING brin (document);
CREATE TABLE {0}.states (name text PRIMARY KEY, state bytea NOT NULL);
"""

#: Answers come as two strings of bytes in one row: rows of numbers would be taken apart one by one.
LOOK = f"""
SELECT string_agg(int4send(probe.place::integer), ''), string_agg(int8send(held.document), '')
FROM unnest(%s) WITH ORDINALITY AS probe (key, place)
CROSS JOIN LATERAL (
    SELECT document FROM {{0}}.entries WHERE key = probe.key ORDER BY document LIMIT {FULL + 1}
) AS held
"""
LAST = """
SELECT int8send(held.document)
FROM unnest(%s) WITH ORDINALITY AS probe (key, place)
CROSS JOIN LATERAL (
    SELECT document FROM {0}.entries WHERE key = probe.key ORDER BY document DESC LIMIT 1
) AS held
ORDER BY probe.place
"""

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_PATIENCE = 10  # seconds until a server that says nothing is called unreachable
_INT8_ARRAY = 1016  # the number of the type, the same in every server

_ELEMENT = np.dtype([("length", ">i4"), ("value", ">i8")])
_ROW = np.dtype(
    [("fields", ">i2"), ("one", ">i4"), ("key", ">i8"), ("two", ">i4"), ("document", ">i8")]
)
_COPY_BEGIN = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_END = b"\xff\xff"


def tables(namespace: str) -> str:
    """Return the statements that make the tables.

    Raises:
        SettingError: `namespace` is no name.
    """
    if not _NAME.fullmatch(namespace):
        msg = f"a namespace is written with a-z, 0-9 and _, up to 63 of them; {namespace!r} is not"
        raise SettingError(msg)
    return _TABLES.format(namespace)


def connect(url: str, *, readonly: bool, sync: bool) -> Any:
    """Open a connection; each statement is a transaction unless it is in one."""
    psycopg = load_psycopg()
    # Compiling a look-up takes longer than answering it.
    options = ["-c jit=off", f"-c default_transaction_read_only={'on' if readonly else 'off'}"]
    if not sync:
        options.append("-c synchronous_commit=off")
    given = psycopg.conninfo.conninfo_to_dict(url)
    if given.get("options"):
        options.insert(0, given["options"])
    return psycopg.connect(
        url,
        autocommit=True,
        connect_timeout=given.get("connect_timeout", _PATIENCE),
        options=" ".join(options),
        application_name=given.get("application_name", "provenance"),
    )


@contextmanager
def reporting(where: str) -> Iterator[None]:
    """Say what failed in terms of the store."""
    psycopg = load_psycopg()
    try:
        yield
    except psycopg.Error as cause:
        raise _translated(where, cause) from cause


def _translated(where: str, cause: Any) -> Exception:
    state = cause.sqlstate or ""
    said = " ".join(str(cause.diag.message_primary or cause).split())
    if state == "42501":
        return SettingError(
            f"{where}: {said}; a writer owns the schema (ALTER SCHEMA ... OWNER TO), or may create it "
            "(GRANT CREATE ON DATABASE); a reader needs GRANT USAGE ON SCHEMA and GRANT SELECT ON "
            "ALL TABLES IN SCHEMA"
        )
    if state == "25006":
        return SettingError(
            f"{where}: {said}; it was opened read-only, or the server is a standby: write to its primary"
        )
    if state in ("42P01", "42703", "3F000"):
        return StoreDamaged(where, f"a table is missing or altered ({said})")
    if state in ("XX001", "XX002"):
        return StoreDamaged(where, said)
    if state == "53100":
        return OSError(
            errno.ENOSPC, "the disk of the server is full; nothing of it was kept", where
        )
    lost = state[:2] in ("08", "28", "3D") or state[:3] == "57P" or state == "53300"
    if lost or (isinstance(cause, load_psycopg().OperationalError) and not state):
        return StoreUnreachable(where, said)
    return OSError(errno.EIO, f"the database failed ({said})", where)


class Words:
    """Whole numbers on their way to the server, as an array of ``bigint``.

    Args:
        values: int64 or uint64[N]; of the latter the same bits arrive.
    """

    def __init__(self, values: Any) -> None:
        array = np.asarray(values)
        self.values: NDArray[np.int64] = (
            array.view(np.int64) if array.dtype == np.uint64 else array.astype(np.int64)
        )

    def to_bytes(self) -> bytes:
        """Return them as the wire has them: dimensions, no nulls, type, size, lower bound, values."""
        if not self.values.size:
            return np.array([0, 0, 20], ">i4").tobytes()
        head = np.array([1, 0, 20, self.values.size, 1], ">i4")
        body = np.empty(self.values.size, _ELEMENT)
        body["length"], body["value"] = 8, self.values
        return head.tobytes() + body.tobytes()


def register(connection: Any) -> None:
    """Let a connection take :class:`Words`."""
    psycopg = load_psycopg()

    class WordsDumper(psycopg.adapt.Dumper):  # type: ignore[misc, name-defined]
        format = psycopg.pq.Format.BINARY
        oid = _INT8_ARRAY

        def dump(self, obj: Words) -> bytes:
            return obj.to_bytes()

    connection.adapters.register_dumper(Words, WordsDumper)


def packed_rows(keys: NDArray[np.uint64], documents: NDArray[np.int64]) -> bytes:
    """Return rows of two ``bigint`` as binary ``COPY`` takes them."""
    rows = np.empty(keys.size, _ROW)
    rows["fields"], rows["one"], rows["two"] = 2, 8, 8
    rows["key"], rows["document"] = keys.view(np.int64), documents
    return _COPY_BEGIN + rows.tobytes() + _COPY_END
