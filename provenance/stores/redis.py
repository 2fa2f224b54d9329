"""A store in Redis or Valkey, for fleets of crawlers that share one: everything is in its memory.

All names begin with the *namespace* in braces, so that one server holds several stores.  A batch is
looked up in one round trip by a script on the server (:mod:`._redis_scripts`), and written in one
``MULTI``: documents with their traits beside them, keys, links and stories, all or nothing.

Who writes holds a lease, which each write renews and which ends by itself half a minute after its holder
died.  A writer that was silent for longer goes on if nobody else wrote meanwhile, and is refused if
somebody did.

Limits: what a commit survives is for the server to say: with ``appendonly yes`` and ``appendfsync
always`` the death of its machine, with ``everysec`` that of the process and all but the last second.  A
server that may throw keys away when memory is short is refused.  One server, not a cluster.  While a
batch is looked up or written, others wait: some milliseconds at a time for look-ups, a tenth of a second
and more for a commit of a thousand articles.  Keys of documents that are gone stay until the store is
compacted; of a key with very many documents only the first ones and the last are kept.
"""

from __future__ import annotations

import json
import secrets
import struct
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from provenance._extras import load_redis
from provenance.closing import Closing
from provenance.errors import SettingError, StoreDamaged, StoreLocked
from provenance.stores._redis_draft import Draft
from provenance.stores._redis_scripts import ADD, CLEAR, COMPACT, LOOK, TRAITS
from provenance.stores._redis_wire import (
    FIELD,
    fields,
    hashed,
    packed,
    pieces,
    reporting,
    texts,
    unpacked,
    with_traits,
)
from provenance.stores.addresses import split_namespace
from provenance.stores.contract import FORMAT, Batch, Document, Entries, Found, Manifest, StoredLink
from provenance.stores.found import spread
from provenance.stores.manifests import check_stated, stated

__all__ = ["RedisStore", "stored_settings"]

#: Milliseconds after its last write in which nobody else may take a writer's place.
_LEASE = 30_000

#: Seconds until a server that says nothing is called unreachable; large commits take some.
_PATIENCE = 60

#: Keys that a script looks up before it lets others have their turn, and that one adds.
_LOOKS, _ADDS = 10_000, 100_000

#: Buckets that are gone through at once when the store is compacted.
_BUCKETS = 200


class RedisStore(Closing):
    """A store on a server; see :class:`provenance.stores.contract.Store`.

    Args:
        url: Address, ``redis://host:6379/0?namespace=news``, also ``rediss://`` and ``unix://``.
        manifest: What this program writes.
        namespace: Beginning of all names; ``provenance`` if neither this nor the address has one.
        readonly: Look, and let another process write.

    Raises:
        StoreUnreachable: The server does not answer.
        StoreLocked: Another process writes to it.
        FormatMismatch: It was made by a program that writes another format, or with other settings.
        SettingError: There is no such store to read, or the server may throw keys away.
    """

    def __init__(
        self, url: str, manifest: Manifest, *, namespace: str = "", readonly: bool = False
    ) -> None:
        self.manifest = manifest
        self._readonly = readonly
        address, named = _address(url)
        self._namespace = namespace or named
        self._prefix = f"{{{self._namespace}}}:"
        self._where = f"Redis namespace {self._namespace}"
        self._token = secrets.token_hex(8).encode()
        self._next_number = self._last_observed = 0
        self._unsure = False
        with reporting(self._where):
            self._client: Any = load_redis().Redis.from_url(address, socket_timeout=_PATIENCE)
            try:
                self._begin()
            except BaseException:
                self._client.close()
                raise

    # -- opening ----------------------------------------------------------------------------------

    def _begin(self) -> None:
        client = self._client
        policy = client.info("memory").get("maxmemory_policy", "noeviction")
        if policy != "noeviction":
            msg = (
                f"the server throws keys away when its memory is full (maxmemory-policy {policy}), "
                "which would tear the store; set it to noeviction"
            )
            raise SettingError(msg)
        self._scripts = {
            text: client.register_script(text) for text in (LOOK, ADD, COMPACT, CLEAR, TRAITS)
        }
        if not self._readonly:
            if not client.set(self._name("lock"), self._token, nx=True, px=_LEASE):
                raise self._held()
            if not client.exists(self._name("meta")):
                figures = {"next_number": 0, "last_observed": 0, "buckets": 1, "fields": 0}
                client.hset(self._name("meta"), mapping={**stated(self.manifest), **figures})
        meta = texts(client.hgetall(self._name("meta")))
        if not meta:
            msg = f"there is no store in {self._where}"
            raise SettingError(msg)
        try:
            check_stated(self._where, meta, self.manifest)
        except BaseException:
            self._let_go()
            raise
        self._next_number = int(meta["next_number"])
        self._last_observed = int(meta["last_observed"])

    def _held(self) -> StoreLocked:
        return StoreLocked(
            f"{self._where} is being written by another process; wait for it (if it died, "
            f"{_LEASE // 1000} seconds), read only, or send it the articles"
        )

    def _let_go(self) -> None:
        if not self._readonly and self._client.get(self._name("lock")) == self._token:
            self._client.delete(self._name("lock"))

    def _name(self, part: str) -> str:
        return self._prefix + part

    # -- talking ----------------------------------------------------------------------------------

    @contextmanager
    def _writing(self) -> Iterator[tuple[Any, Draft]]:
        """Do all that is put into a pipeline or nothing, if nobody else has written."""
        if self._readonly:
            msg = f"{self._where} was opened read-only"
            raise SettingError(msg)
        redis = load_redis()
        lock, meta = self._name("lock"), self._name("meta")
        with reporting(self._where), self._client.pipeline(transaction=True) as pipe:
            pipe.watch(lock, meta)
            holder = pipe.get(lock)
            if holder not in (None, self._token):
                raise self._held()
            if int(pipe.hget(meta, "next_number")) != self.next_number:
                msg = f"{self._where} was written by another process; open it again"
                raise StoreLocked(msg)
            draft = Draft(self._client, self._prefix)
            pipe.multi()
            yield pipe, draft
            draft.write_to(pipe)
            pipe.set(lock, self._token, px=_LEASE)
            try:
                pipe.execute()
            except redis.WatchError as cause:
                lost = cause.__context__
                if isinstance(lost, (redis.ConnectionError, redis.TimeoutError)):
                    self._unsure = True  # it may have been done all the same
                    raise lost from cause
                raise self._held() from cause

    @property
    def next_number(self) -> int:
        """The number that the next document gets."""
        return self._figures()[0]

    @property
    def last_observed(self) -> int:
        """When the last document came, in milliseconds since 1970; 0 if none did."""
        return self._figures()[1]

    def _figures(self) -> tuple[int, int]:
        if self._readonly or self._unsure:
            with reporting(self._where):
                found = self._client.hmget(self._name("meta"), "next_number", "last_observed")
            self._next_number, self._last_observed = map(int, found)
            self._unsure = False
        return self._next_number, self._last_observed

    # -- looking ----------------------------------------------------------------------------------

    def lookup(self, probes: NDArray[np.uint64]) -> Found:
        """Return the documents that hold each probe."""
        asked, place = np.unique(probes, return_inverse=True)
        words = fields(asked)
        step = _LOOKS * FIELD
        with reporting(self._where), self._client.pipeline(transaction=False) as pipe:
            for start in range(0, len(words), step):
                some = words[start : start + step]
                self._scripts[LOOK](keys=[self._prefix], args=[some], client=pipe)
            answers = pipe.execute()
        counts = np.frombuffer(b"".join(count for count, _ in answers), np.uint8)
        held = np.frombuffer(b"".join(held for _, held in answers), "<u4")
        rows = np.repeat(np.arange(counts.size), counts)
        return spread(Found(rows=rows, documents=held.astype(np.uint32)), place)

    def traits(self, numbers: NDArray[np.uint32]) -> NDArray[np.uint64]:
        """Return the traits of documents that a look-up found; zeros of those that are gone."""
        asked, places = np.unique(numbers, return_inverse=True)
        if not asked.size:
            return np.empty((0, 1), np.uint64)
        with reporting(self._where):
            found = self._scripts[TRAITS](keys=[self._prefix], args=asked.tolist())
        width = max(map(len, found))
        rows = np.frombuffer(b"".join(one or bytes(width) for one in found), "<u8")
        return rows.reshape(asked.size, -1)[places].astype(np.uint64)

    def find(self, ids: Sequence[str]) -> list[Document | None]:
        """Return the document of each identifier."""
        if not ids:
            return []
        with reporting(self._where):
            found = self._client.hmget(self._name("ids"), [hashed(one) for one in ids])
        return self.documents([-1 if number is None else int(number) for number in found])

    def superseded(self, versions: Sequence[tuple[str, bytes]]) -> list[bool]:
        """Return for each identifier and digest whether a newer version has replaced it."""
        if not versions:
            return []
        with reporting(self._where):
            known = self._client.hmget(
                self._name("superseded"), [hashed(one) for one, _ in versions]
            )
        return [
            digest in pieces(digests or b"", len(digest))
            for (_, digest), digests in zip(versions, known, strict=True)
        ]

    def documents(self, numbers: Sequence[int]) -> list[Document | None]:
        """Return the document of each number."""
        if not numbers:
            return []
        with reporting(self._where), self._client.pipeline(transaction=True) as pipe:
            pipe.hmget(self._name("documents"), numbers)
            pipe.hmget(self._name("stories"), numbers)
            values, stories = pipe.execute()
        return [
            unpacked(number, int(story or number), value) if value is not None else None
            for number, value, story in zip(numbers, values, stories, strict=True)
        ]

    def links(self, numbers: Sequence[int]) -> list[StoredLink]:
        """Return all pairs that one of the documents is in, sorted, none twice."""
        with reporting(self._where):
            draft = Draft(self._client, self._prefix)
            draft.load_neighbors(numbers)
            pairs = sorted(
                {
                    (max(number, other), min(number, other))
                    for number in numbers
                    for other in draft.neighbors(number)
                }
            )
            if not pairs:
                return []
            asked = [struct.pack(">II", *pair) for pair in pairs]
            values = self._client.hmget(self._name("links"), asked)
        found = []
        for (late, early), value in zip(pairs, values, strict=True):
            if value is not None:  # taken away since
                kind, _, record = value.partition(b"\0")
                found.append(StoredLink(late=late, early=early, kind=kind.decode(), record=record))
        return found

    def members(self, stories: Sequence[int]) -> list[list[int]]:
        """Return the numbers of the documents of each story, rising."""
        with reporting(self._where):
            draft = Draft(self._client, self._prefix)
            draft.load_stories(stories)
            return [sorted(draft.members(story)) for story in stories]

    def numbers(self) -> NDArray[np.uint32]:
        """Return the numbers of all documents, rising."""
        with reporting(self._where):
            found = self._client.hkeys(self._name("documents"))
        return np.sort(np.array([int(number) for number in found], np.uint32))

    # -- writing ----------------------------------------------------------------------------------

    def commit(self, batch: Batch) -> None:
        """Write a batch, all of it or nothing."""
        last = batch.documents[-1] if batch.documents else None
        old = self.documents(batch.superseded)
        with self._writing() as (pipe, draft):
            self._load(draft, batch)
            replaced: dict[bytes, bytes] = {}
            for document in old:
                if document:
                    name = hashed(document.id)
                    kept = replaced.get(name)
                    if kept is None:
                        kept = self._client.hget(self._name("superseded"), name) or b""
                    replaced[name] = kept + document.digest
            if replaced:
                pipe.hset(self._name("superseded"), mapping=replaced)
            self._erase(pipe, draft, [document for document in old if document])
            self._put_documents(pipe, draft, batch)
            self._put_links(pipe, draft, batch.links)
            for before, after in batch.stories.items():
                for number in sorted(draft.members(before)):
                    draft.move(number, after)
            draft.rename(batch.superseded)
        if last:
            self._next_number, self._last_observed = last.number + 1, last.observed

    def _load(self, draft: Draft, batch: Batch) -> None:
        """Read what will change, at once."""
        draft.load_stories(
            {
                *(document.story for document in batch.documents),
                *batch.stories,
                *batch.stories.values(),
                *batch.superseded,
            }
        )
        draft.load_neighbors(
            {*(n for link in batch.links for n in (link.late, link.early)), *batch.superseded}
        )

    def _put_documents(self, pipe: Any, draft: Draft, batch: Batch) -> None:
        if not batch.documents:
            return
        last = batch.documents[-1]
        figures = {"next_number": last.number + 1, "last_observed": last.observed}
        pipe.hset(self._name("meta"), mapping=figures)
        traits = batch.entries.traits.astype("<u8", copy=False)
        pipe.hset(
            self._name("documents"),
            mapping={
                str(d.number): packed(d, own.tobytes())
                for d, own in zip(batch.documents, traits, strict=True)
            },
        )
        pipe.hset(self._name("ids"), mapping={hashed(d.id): d.number for d in batch.documents})
        for document in batch.documents:
            draft.add(document.number, document.story)
        self._put_entries(pipe, batch.documents[0].number, batch.entries)

    def _put_entries(self, pipe: Any, first: int, entries: Entries) -> None:
        sizes = np.diff(entries.offsets)
        holders = np.repeat(np.arange(first, first + sizes.size, dtype="<u4"), sizes)
        order = np.argsort(entries.keys, kind="stable")
        keys, holders = entries.keys[order], holders[order]
        begins = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1]])[: keys.size])
        # A byte counts them; keys of more are written in several goes.
        ends = np.append(begins[1:], keys.size)
        starts = np.concatenate(
            [np.zeros(0, np.int64), *(np.arange(b, e, 255) for b, e in zip(begins, ends, strict=True))]
        ) if (ends - begins).max(initial=0) > 255 else begins  # fmt: skip
        counts = np.diff(np.append(starts, keys.size))
        for at in range(0, starts.size, _ADDS):
            some = starts[at : at + _ADDS]
            stop = some[-1] + counts[at + some.size - 1]
            values = [
                fields(keys[some]),
                counts[at : at + _ADDS].astype(np.uint8).tobytes(),
                holders[some[0] : stop].tobytes(),
            ]
            self._scripts[ADD](keys=[self._prefix], args=values, client=pipe)

    def _put_links(self, pipe: Any, draft: Draft, links: Sequence[StoredLink]) -> None:
        for link in links:
            draft.connect(link.late, link.early)
        if links:
            pipe.hset(
                self._name("links"),
                mapping={
                    struct.pack(">II", link.late, link.early): link.kind.encode()
                    + b"\0"
                    + link.record
                    for link in links
                },
            )

    def rejudge(self, links: Sequence[StoredLink], stories: Mapping[int, int]) -> None:
        """Replace links that are there, and the stories of documents (by number), all or nothing."""
        with self._writing() as (pipe, draft):
            self._put_links(pipe, draft, links)
            draft.load_stories({*stories, *stories.values()})
            for number, story in stories.items():
                draft.move(number, story)

    def remove(self, numbers: Sequence[int], stories: Mapping[int, int]) -> int:
        """Erase documents and all that hangs on them, their remembered older versions as well."""
        gone = [document for document in self.documents(sorted(set(numbers))) if document]
        there = [document.number for document in self.documents(list(stories)) if document]
        with self._writing() as (pipe, draft):
            if gone:
                pipe.hdel(self._name("superseded"), *(hashed(document.id) for document in gone))
            self._erase(pipe, draft, gone)
            for number in set(there) - {document.number for document in gone}:
                draft.move(number, stories[number])
            draft.rename([document.number for document in gone])
        return len(gone)

    def expire(self, before: int) -> int:
        """Erase what was observed before a time in milliseconds since 1970; return how many."""
        old: list[int] = []
        numbers = self.numbers().tolist()
        for start in range(0, len(numbers), 1000):  # times rise with the numbers
            some = self.documents(numbers[start : start + 1000])
            early = [d.number for d in some if d and d.observed < before]
            old += early
            if len(early) < len(some):
                break
        return self.remove(old, {}) if old else 0

    def _erase(self, pipe: Any, draft: Draft, gone: Sequence[Document]) -> None:
        if not gone:
            return
        numbers = [document.number for document in gone]
        draft.load_stories({*numbers, *(document.story for document in gone)})
        draft.load_neighbors(numbers)
        draft.load_neighbors({other for number in numbers for other in draft.neighbors(number)})
        pairs = []
        for document in gone:
            pairs += draft.erase(document.number)
        pipe.hdel(self._name("documents"), *numbers)
        pipe.hdel(self._name("ids"), *(hashed(document.id) for document in gone))
        if pairs:
            ends = {struct.pack(">II", max(pair), min(pair)) for pair in pairs}
            pipe.hdel(self._name("links"), *ends)

    # -- the rest ---------------------------------------------------------------------------------

    def compact(self) -> None:
        """Take documents that are gone out of the keys, some buckets at a time."""
        with self._writing():
            pass  # nobody else writes
        with reporting(self._where):
            buckets = int(self._client.hget(self._name("meta"), "buckets"))
            for first in range(0, buckets, _BUCKETS):
                last = min(buckets, first + _BUCKETS) - 1
                self._scripts[COMPACT](keys=[self._prefix], args=[first, last])

    def replace_entries(self, parts: Iterable[tuple[int, Entries]]) -> None:
        """Throw all entries away and take these; the server does nothing else meanwhile."""
        with self._writing() as (pipe, _):
            self._scripts[CLEAR](keys=[self._prefix], args=[], client=pipe)
            for first, entries in parts:
                self._put_entries(pipe, first, entries)
                numbers = range(first, first + len(entries.traits))
                values = self._client.hmget(self._name("documents"), list(numbers))
                traits = entries.traits.astype("<u8", copy=False)
                changed = {
                    str(number): with_traits(value, own.tobytes())
                    for number, value, own in zip(numbers, values, traits, strict=True)
                    if value is not None
                }
                if changed:
                    pipe.hset(self._name("documents"), mapping=changed)

    def save_state(self, name: str, state: bytes) -> None:
        """Keep something that can be made anew from the documents."""
        with reporting(self._where):
            self._client.hset(self._name("states"), name, xxhash.xxh3_128_digest(state) + state)

    def load_state(self, name: str) -> bytes | None:
        """Return what was kept, or ``None`` if it is not there or not sound."""
        with reporting(self._where):
            kept = self._client.hget(self._name("states"), name) or b""
        return kept[16:] if kept and xxhash.xxh3_128_digest(kept[16:]) == kept[:16] else None

    def check(self) -> None:
        """Read all documents.

        Raises:
            StoreDamaged: Something is not what was written.
        """
        numbers = self.numbers().tolist()
        if numbers and numbers[-1] >= self.next_number:
            raise StoreDamaged(self._where, "the number of the next document is taken")
        for start in range(0, len(numbers), 1000):
            some = [d for d in self.documents(numbers[start : start + 1000]) if d]
            for document, found in zip(some, self.find([d.id for d in some]), strict=True):
                if found is None or found.number != document.number:
                    reason = f"document {document.number} is not found by its name"
                    raise StoreDamaged(self._where, reason)

    def info(self) -> Mapping[str, Any]:
        """Return figures to be shown; bytes are those of the whole server."""
        numbers = self.numbers().tolist()
        stories: set[int] = set()
        times: list[int] = []
        content = 0
        for start in range(0, len(numbers), 1000):
            for document in self.documents(numbers[start : start + 1000]):
                if document:
                    stories.add(document.story)
                    times.append(document.observed)
                    content += len(document.content)
        with reporting(self._where):
            links = self._client.hvals(self._name("links"))
            memory = self._client.info("memory")["used_memory"]
        return {
            "path": self._where,
            "documents": len(times),
            "stories": len(stories),
            "links": sum(not value.startswith(b"\0") for value in links),
            "pairs": len(links),
            "first_observed": min(times, default=0),
            "last_observed": max(times, default=0),
            "content_bytes": content,
            "bytes": memory,
            "run_bytes": max(0, memory - content),
            "runs": 1,
            "format": FORMAT,
            "settings": dict(self.manifest.settings),
        }

    def close(self) -> None:
        """Let go of everything; what was committed stays."""
        redis = load_redis()
        try:
            self._let_go()
        except redis.RedisError:
            pass  # the lease ends by itself
        finally:
            self._client.close()


def stored_settings(url: str) -> Mapping[str, Any] | None:
    """Return the settings that the store at an address was made with; ``None`` where there is none."""
    address, namespace = _address(url)
    with (
        reporting(f"Redis namespace {namespace}"),
        load_redis().Redis.from_url(address) as client,
    ):
        kept = client.hget(f"{{{namespace}}}:meta", "settings")
    return dict(json.loads(kept)) if kept else None


def _address(url: str) -> tuple[str, str]:
    """Return an address as redis-py takes it, and the namespace."""
    address, namespace = split_namespace(url)
    scheme, mark, rest = address.partition("://")
    return {"valkey": "redis", "valkeys": "rediss"}.get(scheme, scheme) + mark + rest, namespace
