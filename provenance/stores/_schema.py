"""The tables of an embedded store."""

from __future__ import annotations

import errno
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from provenance.errors import StoreDamaged, StoreLocked

__all__ = ["DATABASE", "TABLES", "connect", "reporting", "transaction"]

#: Name of the file.
DATABASE = "meta.db"

#: ``tail`` holds the entries of what came since the last run was written, one row a commit.
TABLES = """
CREATE TABLE meta (name TEXT PRIMARY KEY, value) WITHOUT ROWID;
CREATE TABLE documents (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    digest BLOB NOT NULL,
    observed INTEGER NOT NULL,
    story INTEGER NOT NULL,
    content BLOB NOT NULL
);
CREATE INDEX documents_story ON documents (story);
CREATE TABLE superseded (id TEXT, digest BLOB, PRIMARY KEY (id, digest)) WITHOUT ROWID;
CREATE TABLE links (
    late INTEGER, early INTEGER, kind TEXT NOT NULL, record BLOB NOT NULL, PRIMARY KEY (late, early)
) WITHOUT ROWID;
CREATE INDEX links_early ON links (early, late);
CREATE TABLE runs (
    name TEXT PRIMARY KEY,
    first INTEGER NOT NULL,
    documents INTEGER NOT NULL,
    size INTEGER NOT NULL,
    digest TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE tail (
    first INTEGER PRIMARY KEY,
    documents INTEGER NOT NULL,
    entries BLOB NOT NULL,
    traits BLOB NOT NULL,
    sum BLOB NOT NULL
);
"""

#: Pages in memory, in KB: the inner pages of the identifiers of some million articles.
_CACHE = 32 << 10

#: Bytes of a page.  In pages of the usual 4 KB a packed article wastes a fifth of its room.
_PAGE = 16 << 10

#: Seconds that a reader waits for a writer's moment of exclusion, and the other way round.
_PATIENCE = 10.0


def connect(path: Path, *, readonly: bool, sync: bool) -> sqlite3.Connection:
    """Open the database of a store."""
    with reporting(path):
        # Readers, too, must be allowed to write: the shared memory of the log is a file.
        connection = sqlite3.connect(
            path, timeout=_PATIENCE, isolation_level=None, check_same_thread=False
        )
        try:
            if readonly:
                connection.execute("PRAGMA query_only = on")
            else:
                connection.execute(f"PRAGMA page_size = {_PAGE}")
                connection.execute("PRAGMA journal_mode = wal")
                connection.execute(f"PRAGMA synchronous = {'full' if sync else 'normal'}")
                connection.execute("PRAGMA secure_delete = on")
            connection.execute(f"PRAGMA cache_size = -{_CACHE}")
        except sqlite3.Error:
            connection.close()
            raise
    return connection


@contextmanager
def reporting(path: Path) -> Iterator[None]:
    """Say what failed in terms of the store."""
    try:
        yield
    except sqlite3.Error as cause:
        code = getattr(cause, "sqlite_errorcode", None)
        primary = code & 0xFF if code is not None else None
        if primary in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            msg = f"{path} is held by another process"
            raise StoreLocked(msg) from cause
        if primary == sqlite3.SQLITE_FULL:
            raise OSError(
                errno.ENOSPC, "the disk is full; nothing of it was kept", str(path)
            ) from cause
        if primary in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            raise StoreDamaged(path, f"it is no sound database ({cause})") from cause
        raise OSError(errno.EIO, f"the database failed ({cause})", str(path)) from cause


@contextmanager
def transaction(connection: sqlite3.Connection, path: Path) -> Iterator[None]:
    """Do all of it or nothing."""
    with reporting(path):
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
