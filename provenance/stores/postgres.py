"""A store in PostgreSQL, for newsrooms and archives that run one: many machines read, one process writes.

Documents, links, stories and keys are tables of a schema of their own, the *namespace*, so that several
stores fit in one database, beside the tables of others.  A batch is looked up in one round trip, and in
a second one where a key is crowded; it is written with ``COPY`` in one transaction.

Who writes holds an advisory lock of the session, which the server lets go of when the session ends.  A
commit locks and reads the row of the next number besides: a writer whose session was lost, and whose
place another took, is refused.

Given a connection instead of an address, the store does its work there: inside the transaction that is
open, or else in one of its own.  What it wrote then comes and goes with what its owner wrote.

Limits: connections must be to the server itself, or through a pool that keeps sessions (not
transactions) together, for the lock's sake.  The keys of a document that a new version replaced stay
until the store is compacted; those of one that was removed or expired go with it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from provenance.closing import Closing
from provenance.errors import SettingError, StoreDamaged, StoreLocked
from provenance.stores._postgres_wire import (
    LAST,
    LOOK,
    Words,
    connect,
    packed_rows,
    register,
    reporting,
    tables,
)
from provenance.stores.addresses import split_namespace
from provenance.stores.contract import (
    FORMAT,
    Batch,
    Document,
    Entries,
    Found,
    Manifest,
    StoredLink,
)
from provenance.stores.found import few_of_crowded, spread
from provenance.stores.manifests import check_stated, stated

__all__ = ["PostgresStore", "stored_settings"]

_DOCUMENT = "number, id, digest, observed, story, content"


class PostgresStore(Closing):
    """A store in a database; see :class:`provenance.stores.contract.Store`.

    Args:
        target: Address, ``postgresql://user@host/database?namespace=news``, or a connection of
            psycopg 3, which stays its owner's to commit and to close.
        manifest: What this program writes.
        namespace: Schema of the tables, made where there is none; ``provenance`` if neither this nor
            the address names one.
        readonly: Look, and let another process write.
        sync: Wait until a commit is on the server's disk.  Has no effect on a connection that is given.

    Raises:
        StoreUnreachable: The server does not answer.
        StoreLocked: Another session writes to it.
        FormatMismatch: It was made by a program that writes another format, or with other settings.
        SettingError: There is no such store to read, or the role may not do this.
    """

    def __init__(
        self,
        target: Any,
        manifest: Manifest,
        *,
        namespace: str = "",
        readonly: bool = False,
        sync: bool = True,
    ) -> None:
        self.manifest = manifest
        self._readonly = readonly
        self._sync = sync
        self._url = ""
        self._connection: Any = None if isinstance(target, str) else target
        self._own = self._connection is None
        if self._own:
            self._url, named = split_namespace(target)
            namespace = namespace or named
        self._namespace = namespace or "provenance"
        self._tables = tables(self._namespace)
        self._where = f"PostgreSQL namespace {self._namespace}"
        self._lock = xxhash.xxh3_64_intdigest(b"provenance " + self._namespace.encode()) - (1 << 63)
        self._locked = False
        self._next_number = self._last_observed = 0
        try:
            with reporting(self._where):
                self._begin()
        except BaseException:
            self.close()
            raise

    # -- opening ----------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self._own:
            self._connection = connect(self._url, readonly=self._readonly, sync=self._sync)
        register(self._connection)
        if not self._readonly:
            self._take_lock()
        if not self._exists():
            if self._readonly:
                msg = f"there is no store in {self._where}"
                raise SettingError(msg)
            self._create()
        check_stated(self._where, self._meta(), self.manifest)
        self._next_number, self._last_observed = self._read_figures()

    def _take_lock(self) -> None:
        self._locked = self._run("SELECT pg_try_advisory_lock(%s)", [self._lock])[0][0]
        if self._locked:
            return
        holders = self._run(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND objsubid = 1 "
            "AND classid::bigint = %s AND objid::bigint = %s",
            [(self._lock >> 32) & 0xFFFFFFFF, self._lock & 0xFFFFFFFF],
        )
        who = f"the session with pid {holders[0][0]}" if holders else "another session"
        msg = f"{self._where} is being written by {who}; wait for it, read only, or send it the articles"
        raise StoreLocked(msg)

    def _exists(self) -> bool:
        return bool(
            self._run(
                "SELECT 1 FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace "
                "WHERE n.nspname = %s AND c.relname = 'meta'",
                [self._namespace],
            )
        )

    def _create(self) -> None:
        with self._connection.transaction():
            there = self._run("SELECT 1 FROM pg_namespace WHERE nspname = %s", [self._namespace])
            if not there:
                self._run(f"CREATE SCHEMA {self._namespace}")
            for statement in self._tables.split(";"):
                if statement.strip():
                    self._run(statement)
            meta = {**stated(self.manifest), "next_number": "0", "last_observed": "0"}
            self._run(
                f"INSERT INTO {self._namespace}.meta SELECT * FROM unnest(%s::text[], %s::text[])",
                [list(meta), list(meta.values())],
            )

    def _meta(self, suffix: str = "") -> dict[str, str]:
        return dict(self._run(f"SELECT name, value FROM {self._namespace}.meta {suffix}"))

    def _read_figures(self, suffix: str = "") -> tuple[int, int]:
        meta = self._meta(f"WHERE name IN ('next_number', 'last_observed') ORDER BY name {suffix}")
        return int(meta["next_number"]), int(meta["last_observed"])

    # -- talking ----------------------------------------------------------------------------------

    def _run(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._connection.cursor(binary=True) as cursor:
            # A plan for all values alike would not know how many there are.
            cursor.execute(statement, values or None, prepare=False)
            rows: list[tuple[Any, ...]] = cursor.fetchall() if cursor.description else []
            return rows

    @contextmanager
    def _talking(self) -> Iterator[None]:
        """Report what fails; connect again where the connection was lost before."""
        with reporting(self._where):
            if self._own and self._connection.closed:
                self._begin()
            yield

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Do all of it or nothing, if nobody else has written."""
        with self._talking(), self._connection.transaction():
            stands = self._read_figures("FOR UPDATE")
            if not self._own:
                self._next_number, self._last_observed = stands
            elif stands[0] != self._next_number:
                msg = (
                    f"{self._where} was written by another session while this one had lost its "
                    "connection; open it again"
                )
                raise StoreLocked(msg)
            yield

    def _asked(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._talking():
            return self._run(statement.format(self._namespace), values)

    @property
    def next_number(self) -> int:
        """The number that the next document gets."""
        return self._figures()[0]

    @property
    def last_observed(self) -> int:
        """When the last document came, in milliseconds since 1970; 0 if none did."""
        return self._figures()[1]

    def _figures(self) -> tuple[int, int]:
        with self._talking():
            # Others write, or the owner of the connection may have taken back what was written.
            if self._readonly or not self._own:
                return self._read_figures()
            return self._next_number, self._last_observed

    # -- looking ----------------------------------------------------------------------------------

    def lookup(self, probes: NDArray[np.uint64]) -> Found:
        """Return the documents that hold each probe."""
        asked, place = np.unique(probes, return_inverse=True)  # sorted, as the index is
        ((rows, held),) = self._asked(LOOK, [Words(asked)])
        found = Found(
            rows=np.frombuffer(rows or b"", ">i4").astype(np.int64) - 1,
            documents=np.frombuffer(held or b"", ">i8").astype(np.uint32),
        )
        full, found = few_of_crowded(found)
        if full.size:
            last = self._asked(LAST, [Words(asked[full])])
            held = np.frombuffer(b"".join(row for (row,) in last), ">i8").astype(np.uint32)
            found = Found(
                rows=np.concatenate([found.rows, full]),
                documents=np.concatenate([found.documents, held]),
            )
        return spread(found, place)

    def traits(self, numbers: NDArray[np.uint32]) -> NDArray[np.uint64]:
        """Return the traits of documents that a look-up found; zeros of those that are gone."""
        asked, places = np.unique(numbers, return_inverse=True)
        found = self._asked(
            "SELECT number, traits FROM {0}.documents WHERE number = ANY(%s)", [Words(asked)]
        )
        width = len(found[0][1]) // 8 if found else 1
        rows = np.zeros((asked.size, width), np.uint64)
        held = np.frombuffer(b"".join(traits for _, traits in found), "<u8").reshape(-1, width)
        rows[np.searchsorted(asked, [number for number, _ in found])] = held
        return rows[places]

    def find(self, ids: Sequence[str]) -> list[Document | None]:
        """Return the document of each identifier."""
        rows = self._asked(
            f"SELECT {_DOCUMENT} FROM {{0}}.documents WHERE sha256(id) = ANY(%s::bytea[])",
            [[_hashed(one) for one in ids]],
        )
        found = {document.id: document for document in map(_document, rows)}
        return [found.get(one) for one in ids]

    def superseded(self, versions: Sequence[tuple[str, bytes]]) -> list[bool]:
        """Return for each identifier and digest whether a newer version has replaced it."""
        hashed = [(_hashed(one), digest) for one, digest in versions]
        known = set(
            self._asked(
                "SELECT id, digest FROM {0}.superseded WHERE id = ANY(%s::bytea[])",
                [[one for one, _ in hashed]],
            )
        )
        return [version in known for version in hashed]

    def documents(self, numbers: Sequence[int]) -> list[Document | None]:
        """Return the document of each number."""
        rows = self._asked(
            f"SELECT {_DOCUMENT} FROM {{0}}.documents WHERE number = ANY(%s)", [Words(numbers)]
        )
        found = {document.number: document for document in map(_document, rows)}
        return [found.get(number) for number in numbers]

    def links(self, numbers: Sequence[int]) -> list[StoredLink]:
        """Return all pairs that one of the documents is in, sorted, none twice."""
        rows = self._asked(
            "SELECT late, early, kind, record FROM {0}.links "
            "WHERE late = ANY(%s) OR early = ANY(%s) ORDER BY late, early",
            [Words(numbers), Words(numbers)],
        )
        return [
            StoredLink(late=late, early=early, kind=kind, record=record)
            for late, early, kind, record in rows
        ]

    def members(self, stories: Sequence[int]) -> list[list[int]]:
        """Return the numbers of the documents of each story, rising."""
        rows = self._asked(
            "SELECT story, array_agg(number ORDER BY number) FROM {0}.documents "
            "WHERE story = ANY(%s) GROUP BY story",
            [Words(stories)],
        )
        of_story = dict(rows)
        return [list(of_story.get(story, ())) for story in stories]

    def numbers(self) -> NDArray[np.uint32]:
        """Return the numbers of all documents, rising."""
        rows = self._asked("SELECT string_agg(int8send(number), '') FROM {0}.documents")
        found: NDArray[np.uint32] = np.frombuffer(rows[0][0] or b"", ">i8").astype(np.uint32)
        found.sort()
        return found

    # -- writing ----------------------------------------------------------------------------------

    def commit(self, batch: Batch) -> None:
        """Write a batch, all of it or nothing."""
        last = batch.documents[-1] if batch.documents else None
        with self._writing():
            if batch.superseded:
                self._execute(
                    "INSERT INTO {0}.superseded SELECT sha256(id), digest FROM {0}.documents "
                    "WHERE number = ANY(%s) ON CONFLICT DO NOTHING",
                    Words(batch.superseded),
                )
                self._erase(batch.superseded)
            if last:
                self._write_documents(batch.documents, batch.entries.traits)
                self._write_entries(batch.documents[0].number, batch.entries)
                self._execute(
                    "UPDATE {0}.meta AS m SET value = n.value "
                    "FROM (VALUES ('next_number', %s), ('last_observed', %s)) AS n (name, value) "
                    "WHERE m.name = n.name",
                    str(last.number + 1),
                    str(last.observed),
                )
            self._write_links(batch.links)
            if batch.stories:
                self._execute(
                    "UPDATE {0}.documents AS d SET story = m.new "
                    "FROM unnest(%s, %s) AS m (old, new) WHERE d.story = m.old",
                    Words(list(batch.stories)),
                    Words(list(batch.stories.values())),
                )
            self._rename_stories(batch.superseded)
        if last:
            self._next_number, self._last_observed = last.number + 1, last.observed

    def rejudge(self, links: Sequence[StoredLink], stories: Mapping[int, int]) -> None:
        """Replace links that are there, and the stories of documents (by number), all or nothing."""
        with self._writing():
            self._write_links(links)
            self._move(stories)

    def remove(self, numbers: Sequence[int], stories: Mapping[int, int]) -> int:
        """Erase documents and all that hangs on them, their remembered older versions as well."""
        with self._writing():
            return self._remove(numbers, stories)

    def expire(self, before: int) -> int:
        """Erase what was observed before a time in milliseconds since 1970; return how many."""
        with self._writing():
            rows = self._run(
                f"SELECT number FROM {self._namespace}.documents WHERE observed < %s", [before]
            )
            return self._remove([number for (number,) in rows], {}) if rows else 0

    def _execute(self, statement: str, *values: Any) -> None:
        self._run(statement.format(self._namespace), values)

    def _write_documents(self, documents: Sequence[Document], traits: NDArray[np.uint64]) -> None:
        columns = "number, id, digest, observed, story, traits, content"
        copying = f"COPY {self._namespace}.documents ({columns}) FROM STDIN (FORMAT binary)"
        with self._connection.cursor() as cursor, cursor.copy(copying) as copy:
            copy.set_types(["int8", "bytea", "bytea", "int8", "int8", "bytea", "bytea"])
            for d, own in zip(documents, traits.astype("<u8", copy=False), strict=True):
                copy.write_row(
                    (
                        d.number,
                        d.id.encode(),
                        d.digest,
                        d.observed,
                        d.story,
                        own.tobytes(),
                        d.content,
                    )
                )

    def _write_entries(self, first: int, entries: Entries) -> None:
        documents = np.repeat(
            np.arange(first, first + entries.offsets.size - 1), np.diff(entries.offsets)
        )
        order = np.argsort(entries.keys)  # the index takes them in its own order fastest
        copying = f"COPY {self._namespace}.entries (key, document) FROM STDIN (FORMAT binary)"
        with self._connection.cursor() as cursor, cursor.copy(copying) as copy:
            copy.write(packed_rows(entries.keys[order], documents[order]))

    def _write_links(self, links: Sequence[StoredLink]) -> None:
        if not links:
            return
        last = list({(link.late, link.early): link for link in links}.values())
        self._execute(
            "INSERT INTO {0}.links SELECT * FROM unnest(%s, %s, %s::text[], %s::bytea[]) "
            "ON CONFLICT (late, early) DO UPDATE SET kind = excluded.kind, record = excluded.record",
            Words([link.late for link in last]),
            Words([link.early for link in last]),
            [link.kind for link in last],
            [link.record for link in last],
        )

    def _move(self, stories: Mapping[int, int]) -> None:
        if stories:
            self._execute(
                "UPDATE {0}.documents AS d SET story = m.story "
                "FROM unnest(%s, %s) AS m (number, story) WHERE d.number = m.number",
                Words(list(stories)),
                Words(list(stories.values())),
            )

    def _remove(self, numbers: Sequence[int], stories: Mapping[int, int]) -> int:
        self._execute(
            "DELETE FROM {0}.superseded WHERE id IN "
            "(SELECT sha256(id) FROM {0}.documents WHERE number = ANY(%s))",
            Words(numbers),
        )
        gone = self._erase(numbers)
        self._execute("DELETE FROM {0}.entries WHERE document = ANY(%s)", Words(gone))
        self._move(stories)
        self._rename_stories(gone)
        return len(gone)

    def _erase(self, numbers: Sequence[int]) -> list[int]:
        self._execute(
            "DELETE FROM {0}.links WHERE late = ANY(%s) OR early = ANY(%s)",
            Words(numbers),
            Words(numbers),
        )
        rows = self._run(
            f"DELETE FROM {self._namespace}.documents WHERE number = ANY(%s) RETURNING number",
            [Words(numbers)],
        )
        return [number for (number,) in rows]

    def _rename_stories(self, gone: Sequence[int]) -> None:
        """Call every story whose first document has gone by the first that is left."""
        if gone:
            self._execute(
                "UPDATE {0}.documents AS d SET story = f.first FROM ("
                "SELECT story, min(number) AS first FROM {0}.documents "
                "WHERE story = ANY(%s) GROUP BY story) AS f WHERE d.story = f.story",
                Words(gone),
            )

    # -- the rest ---------------------------------------------------------------------------------

    def compact(self) -> None:
        """Drop the keys of documents that are gone, and give their room to new ones.

        What the tables have given up is used again, not given back: that needs ``VACUUM FULL``, which
        keeps readers out and is for the keeper of the database to decide.  In a transaction that was
        open already no room is given up before the server does it of itself.
        """
        with self._writing():
            self._execute(
                "DELETE FROM {0}.entries AS e WHERE NOT EXISTS "
                "(SELECT 1 FROM {0}.documents WHERE number = e.document)"
            )
        if self._own:
            for name in ("documents", "entries", "links"):
                self._asked(f"VACUUM (ANALYZE) {{0}}.{name}")

    def replace_entries(self, parts: Iterable[tuple[int, Entries]]) -> None:
        """Throw all entries away and take these."""
        with self._writing():
            self._execute("DELETE FROM {0}.entries")
            for first, entries in parts:
                self._write_entries(first, entries)
                self._execute(
                    "UPDATE {0}.documents AS d SET traits = t.traits "
                    "FROM unnest(%s, %s::bytea[]) AS t (number, traits) WHERE d.number = t.number",
                    Words(np.arange(first, first + len(entries.traits))),
                    [own.tobytes() for own in entries.traits.astype("<u8", copy=False)],
                )

    def save_state(self, name: str, state: bytes) -> None:
        """Keep something that can be made anew from the documents."""
        self._asked(
            "INSERT INTO {0}.states VALUES (%s, %s) "
            "ON CONFLICT (name) DO UPDATE SET state = excluded.state",
            [name, xxhash.xxh3_128_digest(state) + state],
        )

    def load_state(self, name: str) -> bytes | None:
        """Return what was kept, or ``None`` if it is not there or not sound."""
        rows = self._asked("SELECT state FROM {0}.states WHERE name = %s", [name])
        kept = rows[0][0] if rows else b""
        return kept[16:] if kept and xxhash.xxh3_128_digest(kept[16:]) == kept[:16] else None

    def check(self) -> None:
        """Read all that is there; a server whose pages have checksums compares them, too.

        Raises:
            StoreDamaged: Something is not what was written.
        """
        ((_, widths, last),) = self._asked(
            "SELECT count(md5(content)), count(DISTINCT length(traits)), max(number) FROM {0}.documents"
        )
        self._asked("SELECT count(md5(record)) FROM {0}.links")
        self._asked("SELECT count(key) FROM {0}.entries")
        if widths > 1:
            raise StoreDamaged(self._where, "documents have traits of different widths")
        if last is not None and last >= self._figures()[0]:
            raise StoreDamaged(self._where, "the number of the next document is taken")

    def info(self) -> Mapping[str, Any]:
        """Return figures to be shown."""
        size = (
            "(SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class AS c "
            f"JOIN pg_namespace AS n ON n.oid = c.relnamespace WHERE n.nspname = '{self._namespace}' "
            "AND c.relkind = 'r' AND c.relname LIKE "
        )
        names = ("documents", "stories", "first_observed", "last_observed", "content_bytes")
        figures = self._asked(
            "SELECT count(*), count(DISTINCT story), coalesce(min(observed), 0), "
            "coalesce(max(observed), 0), coalesce(sum(length(content)), 0)::bigint "
            "FROM {0}.documents"
        )[0]
        ((links, pairs, whole, entries),) = self._asked(
            "SELECT (SELECT count(*) FROM {0}.links WHERE kind <> ''), "
            f"(SELECT count(*) FROM {{0}}.links), {size} '%'), {size} 'entries')"
        )
        return {
            "path": self._where,
            **dict(zip(names, figures, strict=True)),
            "links": links,
            "pairs": pairs,
            "bytes": whole,
            "run_bytes": entries,
            "runs": 1,
            "format": FORMAT,
            "settings": dict(self.manifest.settings),
        }

    def close(self) -> None:
        """Let go of everything; what was committed stays, and a connection that was given is open."""
        if self._connection is None:
            return
        if self._own:
            self._connection.close()
        elif self._locked and not self._connection.closed:
            with reporting(self._where):
                self._run("SELECT pg_advisory_unlock(%s)", [self._lock])
        self._locked, self._connection = False, None


def stored_settings(url: str) -> Mapping[str, Any] | None:
    """Return the settings that the store at an address was made with; ``None`` where there is none."""
    address, namespace = split_namespace(url)
    tables(namespace)
    where = f"PostgreSQL namespace {namespace}"
    with reporting(where), connect(address, readonly=True, sync=True) as connection:
        there = connection.execute("SELECT to_regclass(%s)", [f"{namespace}.meta"]).fetchone()[0]
        if there is None:
            return None
        row = connection.execute(
            f"SELECT value FROM {namespace}.meta WHERE name = 'settings'"
        ).fetchone()
        return dict(json.loads(row[0])) if row else None


def _hashed(identifier: str) -> bytes:
    return hashlib.sha256(identifier.encode()).digest()


def _document(row: tuple[Any, ...]) -> Document:
    number, identifier, digest, observed, story, content = row
    return Document(
        number=number,
        id=identifier.decode(),
        digest=digest,
        observed=observed,
        story=story,
        content=content,
    )
