"""The default store: one folder, one process that writes, many that read.

``meta.db`` is a SQLite database: documents, links, stories and the manifest, all that cannot be made
anew.  ``run-N`` files hold entries, sorted and immutable (:mod:`.runs`).  New entries go to a table of
the database together with their documents, in one transaction, and stay in memory in sorted form; when
they are many, they are *folded*:

1. a new run is written beside the others and seen safely on the disk;
2. one transaction adds it to the table of runs and empties the table of new entries;
3. what it replaces is unlinked.

A process may die between any two steps.  Before 2 the new file is an orphan, after 2 the old ones are;
orphans are removed when the store is opened for writing next.  Runs of one size are merged into one of
the next, four by four, so that an entry is copied once for every fourfold growth.

Limits: a store is written on one machine.  Removing a document erases its row at once; its keys, which
are hashes, stay in a run until that is merged or the store is compacted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from provenance.closing import Closing
from provenance.errors import SettingError, StoreDamaged
from provenance.stores._schema import DATABASE, TABLES, connect, reporting, transaction
from provenance.stores._statement import check_manifest, read_state, stored_settings, write_state
from provenance.stores.contract import FORMAT, Batch, Document, Entries, Found, Manifest, StoredLink
from provenance.stores.guarding import WriterLock, refuse_network_folder
from provenance.stores.postings import LOCAL_LIMIT, Postings, joined, numbered, packed_entries
from provenance.stores.runs import Run, RunRecord, mergeable, merged_runs, new_name, write_run

__all__ = ["EmbeddedStore", "stored_settings"]

_DOCUMENT = "number, id, digest, observed, story, content"

#: Documents whose entries are folded into a run: 20 MB of memory, a quarter of a second of work.
_FOLD = 20_000

#: Values that one statement of SQLite takes.
_VARIABLES = 30_000


class EmbeddedStore(Closing):
    """A store in a folder; see :class:`provenance.stores.contract.Store`.

    Args:
        path: The folder; made where there is none.
        manifest: What this program writes.
        readonly: Look, and let another process write.
        sync: Wait until a commit is on the disk.  Without it a commit survives the death of the process,
            and the last ones may be lost if the machine dies.
        rebuild: Do not look at the entries that are there; :meth:`replace_entries` must come next.
        fold: Documents whose entries are folded into a run.

    Raises:
        StoreLocked: Another process writes to it.
        FormatMismatch: It was made by a program that writes another format, or with other settings.
        StoreDamaged: A file is missing or was altered.
        SettingError: `path` is something else, or lies on another machine.
    """

    def __init__(
        self,
        path: Path | str,
        manifest: Manifest,
        *,
        readonly: bool = False,
        sync: bool = True,
        rebuild: bool = False,
        fold: int = _FOLD,
    ) -> None:
        self._folder = Path(path)
        self._path = self._folder / DATABASE
        self._readonly = readonly
        self._fold_at = self._fold_next = fold
        self._ignore_entries = rebuild
        self.manifest = manifest
        refuse_network_folder(self._folder)
        if not self._path.exists():
            self._refuse_strange_folder()
            self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = None if readonly else WriterLock(self._folder / "lock")
        try:
            self._connection = connect(self._path, readonly=readonly, sync=sync)
        except BaseException:
            self._unlock()
            raise
        try:
            with reporting(self._path):
                if not readonly:
                    self._create()
                check_manifest(self._connection, self._folder, self.manifest)
                self._version = -1
                self._runs: dict[str, Run] = {}
                self._tail = Postings(0)
                self._read_entries()
                if not readonly:
                    self._remove_orphans()
        except BaseException:
            self.close()
            raise

    def _refuse_strange_folder(self) -> None:
        if self._readonly:
            msg = f"there is no store at {self._folder}"
            raise SettingError(msg)
        strange = (
            [entry.name for entry in self._folder.iterdir() if entry.name != "lock"]
            if self._folder.is_dir()
            else self._folder.exists()
        )
        if strange:
            msg = f"{self._folder} is no store, and not an empty folder that could become one"
            raise SettingError(msg)

    # -- opening ----------------------------------------------------------------------------------

    def _create(self) -> None:
        with transaction(self._connection, self._path):
            if self._connection.execute("SELECT 1 FROM sqlite_schema").fetchone():
                return
            for statement in TABLES.split(";"):
                self._connection.execute(statement)
            manifest = self.manifest
            meta = {
                "format": manifest.format,
                "sketch": manifest.sketch,
                "profile": manifest.profile,
                "settings": json.dumps(dict(manifest.settings)),
                "next_number": 0,
                "last_observed": 0,
            }
            self._connection.executemany("INSERT INTO meta VALUES (?, ?)", meta.items())

    def _read_entries(self) -> None:
        """Open the runs that the table names, and load what is in none of them."""
        execute = self._connection.execute
        execute("BEGIN")
        try:
            self._version = execute("PRAGMA data_version").fetchone()[0]
            meta = dict(
                execute(
                    "SELECT name, value FROM meta WHERE name IN ('next_number', 'last_observed')"
                )
            )
            records = [
                RunRecord(name=name, first=first, documents=documents, size=size, digest=digest)
                for name, first, documents, size, digest in execute(
                    "SELECT name, first, documents, size, digest FROM runs ORDER BY first"
                )
            ]
            known = self._tail.base + self._tail.documents
            covered = max((r.first + r.documents for r in records), default=0)
            if covered > self._tail.base:
                self._tail, known = Postings(covered), covered
            rows = execute(
                "SELECT first, documents, entries, traits, sum FROM tail WHERE first >= ? ORDER BY first",
                (known,),
            ).fetchall()
        finally:
            execute("COMMIT")
        self.next_number, self.last_observed = meta["next_number"], meta["last_observed"]
        if self._ignore_entries:
            return
        self._runs = {r.name: self._runs.get(r.name) or Run(self._folder, r) for r in records}
        for first, documents, entries, traits, total in rows:
            if xxhash.xxh3_64_digest(entries + traits) != total:
                raise StoreDamaged(self._path, f"the keys of document {first} were altered")
            if first != self._tail.base + self._tail.documents:
                if self._tail.documents:
                    reason = f"the keys before document {first} are missing"
                    raise StoreDamaged(self._path, reason)
                self._tail = Postings(first)
            packed = np.frombuffer(entries, "<u8")
            self._tail.add(packed, np.frombuffer(traits, "<u8").reshape(documents, -1))

    def _remove_orphans(self) -> None:
        if self._ignore_entries:
            return
        for path in self._folder.glob("run-*"):
            if path.name not in self._runs:
                path.unlink()

    def _refresh(self) -> None:
        """See what another process has written since."""
        if not self._readonly:
            return
        for attempt in range(4):
            if self._connection.execute("PRAGMA data_version").fetchone()[0] == self._version:
                return
            try:
                self._read_entries()
            except StoreDamaged:
                # A merge may have unlinked a run between the reading of the table and its opening.
                if attempt == 3:
                    raise

    # -- looking ----------------------------------------------------------------------------------

    def lookup(self, probes: NDArray[np.uint64]) -> Found:
        """Return the documents that hold each probe."""
        with reporting(self._path):
            self._refresh()
        probes = numbered(probes)
        parts = [run.lookup(probes) for run in self._runs.values()]
        if self._tail.documents or not parts:
            parts.append(self._tail.lookup(probes))
        return joined(parts)

    def traits(self, numbers: NDArray[np.uint32]) -> NDArray[np.uint64]:
        """Return the traits of documents that a look-up found."""
        in_tail = numbers >= self._tail.base
        parts = [(in_tail, self._tail.traits[numbers[in_tail] - self._tail.base])]
        for run in self._runs.values():
            first = run.record.first
            inside = (numbers >= first) & (numbers < first + run.record.documents)
            if inside.any():
                parts.append((inside, run.traits_of(numbers[inside])))
        found = np.zeros((numbers.size, max(part.shape[1] for _, part in parts)), np.uint64)
        for inside, part in parts:
            if part.size:
                found[inside] = part
        return found

    def find(self, ids: Sequence[str]) -> list[Document | None]:
        """Return the document of each identifier."""
        rows = self._rows(f"SELECT {_DOCUMENT} FROM documents WHERE id IN", ids)
        found = {document.id: document for document in map(_document, rows)}
        return [found.get(one) for one in ids]

    def superseded(self, versions: Sequence[tuple[str, bytes]]) -> list[bool]:
        """Return for each identifier and digest whether a newer version has replaced it."""
        rows = self._rows("SELECT id, digest FROM superseded WHERE id IN", [v[0] for v in versions])
        known = set(rows)
        return [version in known for version in versions]

    def documents(self, numbers: Sequence[int]) -> list[Document | None]:
        """Return the document of each number."""
        rows = self._rows(f"SELECT {_DOCUMENT} FROM documents WHERE number IN", numbers)
        found = {document.number: document for document in map(_document, rows)}
        return [found.get(number) for number in numbers]

    def links(self, numbers: Sequence[int]) -> list[StoredLink]:
        """Return all pairs that one of the documents is in, sorted, none twice."""
        columns = "SELECT late, early, kind, record FROM links WHERE"
        rows = {
            *self._rows(f"{columns} late IN", numbers),
            *self._rows(f"{columns} early IN", numbers),
        }
        return [
            StoredLink(late=late, early=early, kind=kind, record=record)
            for late, early, kind, record in sorted(rows)
        ]

    def members(self, stories: Sequence[int]) -> list[list[int]]:
        """Return the numbers of the documents of each story, rising."""
        rows = self._rows("SELECT story, number FROM documents WHERE story IN", stories)
        of_story: dict[int, list[int]] = {}
        for story, number in sorted(rows):
            of_story.setdefault(story, []).append(number)
        return [of_story.get(story, []) for story in stories]

    def numbers(self) -> NDArray[np.uint32]:
        """Return the numbers of all documents, rising."""
        with reporting(self._path):
            rows = self._connection.execute("SELECT number FROM documents ORDER BY number")
            return np.fromiter((number for (number,) in rows), np.uint32)

    def _rows(self, query: str, values: Sequence[Any]) -> list[tuple[Any, ...]]:
        """Run a query that ends in ``IN`` for any number of values."""
        found: list[tuple[Any, ...]] = []
        with reporting(self._path):
            for start in range(0, len(values), _VARIABLES):
                some = values[start : start + _VARIABLES]
                marks = ",".join("?" * len(some))
                found += self._connection.execute(f"{query} ({marks})", some).fetchall()
        return found

    # -- writing ----------------------------------------------------------------------------------

    def commit(self, batch: Batch) -> None:
        """Write a batch, all of it or nothing."""
        first = self.next_number
        packed = packed_entries(batch.entries)
        entries, traits = packed.tobytes(), batch.entries.traits.tobytes()
        many = self._connection.executemany
        with transaction(self._connection, self._path):
            if batch.superseded:
                many(
                    "INSERT OR IGNORE INTO superseded SELECT id, digest FROM documents WHERE number = ?",
                    [(number,) for number in batch.superseded],
                )
                self._erase(batch.superseded)
            many(
                "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)",
                [
                    (d.number, d.id, d.digest, d.observed, d.story, d.content)
                    for d in batch.documents
                ],
            )
            self._write_links(batch.links)
            if batch.documents:
                self._connection.execute(
                    "INSERT INTO tail VALUES (?, ?, ?, ?, ?)",
                    (
                        first,
                        len(batch.documents),
                        entries,
                        traits,
                        xxhash.xxh3_64_digest(entries + traits),
                    ),
                )
                last = batch.documents[-1]
                many(
                    "UPDATE meta SET value = ? WHERE name = ?",
                    [(last.number + 1, "next_number"), (last.observed, "last_observed")],
                )
            many(
                "UPDATE documents SET story = ? WHERE story = ?",
                [(new, old) for old, new in batch.stories.items()],
            )
            if batch.superseded:
                self._rename_stories()
        if batch.documents:
            self.next_number, self.last_observed = last.number + 1, last.observed
            if not self._tail.documents:
                self._tail = Postings(first)
            self._tail.add(packed, batch.entries.traits)
        if self._tail.documents >= self._fold_next:
            self._fold_if_possible()

    def rejudge(self, links: Sequence[StoredLink], stories: Mapping[int, int]) -> None:
        """Replace links that are there, and the stories of documents."""
        with transaction(self._connection, self._path):
            self._write_links(links)
            self._move(stories)

    def remove(self, numbers: Sequence[int], stories: Mapping[int, int]) -> int:
        """Erase documents and all that hangs on them, their remembered older versions as well."""
        with transaction(self._connection, self._path):
            self._connection.executemany(
                "DELETE FROM superseded WHERE id = (SELECT id FROM documents WHERE number = ?)",
                [(number,) for number in numbers],
            )
            gone = self._erase(numbers)
            self._move(stories)
            self._rename_stories()
        self._checkpoint()
        return gone

    def expire(self, before: int) -> int:
        """Erase what was observed before a time; runs of nothing else are unlinked."""
        execute = self._connection.execute
        with transaction(self._connection, self._path):
            (first,) = execute(
                "SELECT ifnull(max(number) + 1, 0) FROM documents WHERE observed < ?", (before,)
            ).fetchone()
            execute(
                "DELETE FROM superseded WHERE id IN (SELECT id FROM documents WHERE number < ?)",
                (first,),
            )
            execute("DELETE FROM links WHERE early < ?", (first,))
            gone = execute("DELETE FROM documents WHERE number < ?", (first,)).rowcount
            self._rename_stories()
            old = [r for r in self._runs.values() if r.record.first + r.record.documents <= first]
            execute_many = self._connection.executemany
            execute_many("DELETE FROM runs WHERE name = ?", [(run.record.name,) for run in old])
        self._unlink(old)
        self._checkpoint()
        return gone

    def _write_links(self, links: Sequence[StoredLink]) -> None:
        self._connection.executemany(
            "INSERT OR REPLACE INTO links VALUES (?, ?, ?, ?)",
            [(link.late, link.early, link.kind, link.record) for link in links],
        )

    def _move(self, stories: Mapping[int, int]) -> None:
        self._connection.executemany(
            "UPDATE documents SET story = ? WHERE number = ?",
            [(story, number) for number, story in stories.items()],
        )

    def _erase(self, numbers: Sequence[int]) -> int:
        gone = 0
        for number in numbers:
            execute = self._connection.execute
            execute("DELETE FROM links WHERE late = ? OR early = ?", (number, number))
            gone += execute("DELETE FROM documents WHERE number = ?", (number,)).rowcount
        return gone

    def _rename_stories(self) -> None:
        """Call every story whose first document has gone by the first that is left."""
        orphans = self._connection.execute(
            """
            SELECT min(number), story FROM documents
            WHERE story < number AND story NOT IN (SELECT number FROM documents) GROUP BY story
            """
        ).fetchall()
        self._connection.executemany("UPDATE documents SET story = ? WHERE story = ?", orphans)

    def _checkpoint(self) -> None:
        """Take what was erased out of the log, too."""
        with reporting(self._path):
            self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    # -- runs -------------------------------------------------------------------------------------

    def _fold_if_possible(self) -> None:
        """Fold, or let it be for now: what was committed is safe either way."""
        try:
            self._fold()
            self._fold_next = self._fold_at
        except StoreDamaged:
            raise
        except OSError:  # the disk is full
            self._fold_next = self._tail.documents + self._fold_at

    def _fold(self) -> None:
        """Write what is in memory to a run, and merge runs that have become many."""
        tail = self._tail
        self._replace([], tail.base, tail.entries(), tail.traits, clear_tail=True)
        while True:
            level = mergeable(list(self._runs.values()))
            if not level:
                return
            self._merge(level)

    def _merge(self, runs: Sequence[Run]) -> None:
        """Make one run of several that follow each other, without what has been removed."""
        first = runs[0].record.first
        stop = runs[-1].record.first + runs[-1].record.documents
        live = np.zeros(stop - first, np.uint8)
        with reporting(self._path):
            rows = self._connection.execute(
                "SELECT number FROM documents WHERE number >= ? AND number < ?", (first, stop)
            )
            live[np.fromiter((number for (number,) in rows), np.int64) - first] = 1
        merged, traits = merged_runs(runs, live)
        self._replace(runs, first, merged, traits)

    def _replace(
        self,
        old: Sequence[Run],
        first: int,
        entries: NDArray[np.uint64],
        traits: NDArray[np.uint64],
        *,
        clear_tail: bool = False,
    ) -> None:
        """Put one new run in the place of old ones, or of what is in memory."""
        record = write_run(self._folder, new_name(self._folder), first, entries, traits)
        with transaction(self._connection, self._path):
            self._forget(old)
            self._remember(record)
            if clear_tail:
                self._connection.execute("DELETE FROM tail")
        self._runs[record.name] = Run(self._folder, record)
        self._unlink(old)
        if clear_tail:
            self._tail = Postings(self.next_number)

    def _forget(self, runs: Sequence[Run]) -> None:
        names = [(run.record.name,) for run in runs]
        self._connection.executemany("DELETE FROM runs WHERE name = ?", names)

    def _remember(self, record: RunRecord) -> None:
        self._connection.execute(
            "INSERT INTO runs VALUES (?, ?, ?, ?, ?)",
            (record.name, record.first, record.documents, record.size, record.digest),
        )

    def _unlink(self, runs: Sequence[Run]) -> None:
        for run in runs:
            self._runs.pop(run.record.name, None)
            (self._folder / run.record.name).unlink(missing_ok=True)

    def compact(self) -> None:
        """Fold, merge everything into as few runs as can be, and give back the room of what is gone."""
        if self._tail.documents:
            tail = self._tail
            self._replace([], tail.base, tail.entries(), tail.traits, clear_tail=True)
        group: list[Run] = []
        for run in sorted(self._runs.values(), key=lambda run: run.record.first):
            begin = group[0].record.first if group else run.record.first
            if run.record.first + run.record.documents - begin > LOCAL_LIMIT:
                self._merge(group)
                group = []
            group.append(run)
        if group:
            self._merge(group)
        with reporting(self._path):
            self._connection.execute("VACUUM")
        self._checkpoint()

    def replace_entries(self, parts: Iterable[tuple[int, Entries]]) -> None:
        """Throw all entries away and take these."""
        records = [
            write_run(
                self._folder, new_name(self._folder), first, packed_entries(entries), entries.traits
            )
            for first, entries in parts
        ]
        with transaction(self._connection, self._path):
            self._connection.execute("DELETE FROM runs")
            self._connection.execute("DELETE FROM tail")
            for record in records:
                self._remember(record)
        self._ignore_entries = False
        self._runs = {record.name: Run(self._folder, record) for record in records}
        self._tail = Postings(self.next_number)
        self._remove_orphans()

    # -- the rest ---------------------------------------------------------------------------------

    def save_state(self, name: str, state: bytes) -> None:
        """Keep something that can be made anew from the documents; it is not waited for."""
        write_state(self._folder, name, state)

    def load_state(self, name: str) -> bytes | None:
        """Return what was kept, or ``None`` if it is not there or not sound."""
        return read_state(self._folder, name)

    def check(self) -> None:
        """Read all of it.

        Raises:
            StoreDamaged: Something is not what was written.
        """
        for run in self._runs.values():
            run.check()
        with reporting(self._path):
            said = self._connection.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if said != "ok":
            raise StoreDamaged(self._path, said)

    def info(self) -> Mapping[str, Any]:
        """Return figures to be shown."""
        with reporting(self._path):
            self._refresh()
            sizes = {path.name: path.stat().st_size for path in self._folder.iterdir()}
            return {
                "path": str(self._folder),
                "documents": self._figure("SELECT count(*) FROM documents"),
                "links": self._figure("SELECT count(*) FROM links WHERE kind <> ''"),
                "pairs": self._figure("SELECT count(*) FROM links"),
                "stories": self._figure("SELECT count(DISTINCT story) FROM documents"),
                "first_observed": self._figure("SELECT ifnull(min(observed), 0) FROM documents"),
                "last_observed": self._figure("SELECT ifnull(max(observed), 0) FROM documents"),
                "content_bytes": self._figure(
                    "SELECT ifnull(sum(length(content)), 0) FROM documents"
                ),
                "bytes": sum(sizes.values()),
                "run_bytes": sum(size for name, size in sizes.items() if name.startswith("run-")),
                "runs": len(self._runs),
                "unfolded": self._tail.documents,
                "format": FORMAT,
                "settings": dict(self.manifest.settings),
            }

    def _figure(self, query: str) -> int:
        (figure,) = self._connection.execute(query).fetchone()
        return int(figure)

    def close(self) -> None:
        """Let go of everything; what was committed stays."""
        self._connection.close()
        self._runs = {}
        self._unlock()

    def _unlock(self) -> None:
        if self._lock:
            self._lock.close()
            self._lock = None


def _document(row: tuple[Any, ...]) -> Document:
    number, identifier, digest, observed, story, content = row
    return Document(
        number=number, id=identifier, digest=digest, observed=observed, story=story, content=content
    )
