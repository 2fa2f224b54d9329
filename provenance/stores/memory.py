"""A store in the memory of one process: nothing survives, everything is simple.

It is what the others are tested against, and enough for whoever wants a tracker for an hour.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray

from provenance.closing import Closing
from provenance.stores.contract import (
    FEW,
    FULL,
    Batch,
    Document,
    Entries,
    Found,
    Manifest,
    StoredLink,
)

__all__ = ["MemoryStore"]


class MemoryStore(Closing):
    """A store in dictionaries; see :class:`provenance.stores.contract.Store`."""

    def __init__(self, manifest: Manifest) -> None:
        self.manifest = manifest
        self.next_number = 0
        self.last_observed = 0
        self._documents: dict[int, Document] = {}
        self._by_id: dict[str, int] = {}
        self._superseded: set[tuple[str, bytes]] = set()
        self._links: dict[tuple[int, int], StoredLink] = {}
        self._holders: dict[int, list[int]] = defaultdict(list)
        self._traits: dict[int, NDArray[np.uint64]] = {}
        self._states: dict[str, bytes] = {}

    def lookup(self, probes: NDArray[np.uint64]) -> Found:
        """Return the documents that hold each probe."""
        rows: list[int] = []
        documents: list[int] = []
        for row, probe in enumerate(probes.tolist()):
            holders = self._holders.get(probe, [])
            told = holders if len(holders) <= FULL else [*holders[:FEW], holders[-1]]
            documents.extend(told)
            rows.extend([row] * len(told))
        return Found(rows=np.array(rows, np.int64), documents=np.array(documents, np.uint32))

    def traits(self, numbers: NDArray[np.uint32]) -> NDArray[np.uint64]:
        """Return the traits of documents that a look-up found."""
        rows = [self._traits[number] for number in numbers.tolist()]
        if not rows:
            return np.empty((0, 1), np.uint64)
        return np.stack(rows)

    def find(self, ids: Sequence[str]) -> list[Document | None]:
        """Return the document of each identifier."""
        return self.documents([self._by_id.get(one, -1) for one in ids])

    def superseded(self, versions: Sequence[tuple[str, bytes]]) -> list[bool]:
        """Return for each identifier and digest whether a newer version has replaced it."""
        return [version in self._superseded for version in versions]

    def documents(self, numbers: Sequence[int]) -> list[Document | None]:
        """Return the document of each number."""
        return [self._documents.get(number) for number in numbers]

    def links(self, numbers: Sequence[int]) -> list[StoredLink]:
        """Return all pairs that one of the documents is in, sorted, none twice."""
        wanted = set(numbers)
        return [link for pair, link in sorted(self._links.items()) if wanted & set(pair)]

    def members(self, stories: Sequence[int]) -> list[list[int]]:
        """Return the numbers of the documents of each story, rising."""
        of_story: dict[int, list[int]] = defaultdict(list)
        for number, document in self._documents.items():
            of_story[document.story].append(number)
        return [sorted(of_story[story]) for story in stories]

    def numbers(self) -> NDArray[np.uint32]:
        """Return the numbers of all documents, rising."""
        return np.array(sorted(self._documents), np.uint32)

    def commit(self, batch: Batch) -> None:
        """Write a batch."""
        for number in batch.superseded:
            document = self._documents[number]
            self._superseded.add((document.id, document.digest))
        self._erase(batch.superseded)
        for place, document in enumerate(batch.documents):
            self._documents[document.number] = document
            self._by_id[document.id] = document.number
            self.next_number = document.number + 1
            self.last_observed = document.observed
            self._hold(document.number, batch.entries, place)
        self._links.update({(link.late, link.early): link for link in batch.links})
        for number, document in self._documents.items() if batch.stories else ():
            if document.story in batch.stories:
                story = batch.stories[document.story]
                self._documents[number] = attrs.evolve(document, story=story)
        if batch.superseded:
            self._rename()

    def rejudge(self, links: Sequence[StoredLink], stories: Mapping[int, int]) -> None:
        """Replace links that are there, and the stories of documents."""
        self._links.update({(link.late, link.early): link for link in links})
        for number, story in stories.items():
            self._documents[number] = attrs.evolve(self._documents[number], story=story)

    def remove(self, numbers: Sequence[int], stories: Mapping[int, int]) -> int:
        """Erase documents and all that hangs on them, their remembered older versions as well."""
        gone = [number for number in set(numbers) if number in self._documents]
        ids = {self._documents[number].id for number in gone}
        self._superseded = {version for version in self._superseded if version[0] not in ids}
        self._erase(gone)
        self.rejudge((), {n: story for n, story in stories.items() if n in self._documents})
        self._rename()
        return len(gone)

    def expire(self, before: int) -> int:
        """Erase what was observed before a time."""
        return self.remove([n for n, d in self._documents.items() if d.observed < before], {})

    def compact(self) -> None:
        """Forget the entries of documents that are gone."""
        for holders in self._holders.values():
            holders[:] = [number for number in holders if number in self._documents]

    def replace_entries(self, parts: Iterable[tuple[int, Entries]]) -> None:
        """Throw all entries away and take these."""
        self._holders.clear()
        self._traits.clear()
        for first, entries in parts:
            for place in range(entries.offsets.size - 1):
                self._hold(first + place, entries, place)

    def save_state(self, name: str, state: bytes) -> None:
        """Keep something that can be made anew from the documents."""
        self._states[name] = state

    def load_state(self, name: str) -> bytes | None:
        """Return what was kept, or ``None`` if it is not there."""
        return self._states.get(name)

    def check(self) -> None:
        """Do nothing: memory is what it is."""

    def info(self) -> Mapping[str, Any]:
        """Return figures to be shown."""
        return {
            "documents": len(self._documents),
            "links": sum(bool(link.kind) for link in self._links.values()),
            "pairs": len(self._links),
            "stories": len({document.story for document in self._documents.values()}),
        }

    def close(self) -> None:
        """Do nothing: the store lives as long as the object."""

    def _hold(self, number: int, entries: Entries, place: int) -> None:
        self._traits[number] = entries.traits[place]
        start, stop = entries.offsets[place : place + 2].tolist()
        for key in entries.keys[start:stop].tolist():
            self._holders[key].append(number)

    def _erase(self, numbers: Sequence[int]) -> None:
        gone = set(numbers)
        for number in gone:
            del self._by_id[self._documents.pop(number).id]
        self._links = {pair: link for pair, link in self._links.items() if not gone & set(pair)}

    def _rename(self) -> None:
        """Call every story by its first document that is left."""
        first: dict[int, int] = {}
        for number in sorted(self._documents):
            first.setdefault(self._documents[number].story, number)
        for number, document in self._documents.items():
            if document.story != first[document.story]:
                self._documents[number] = attrs.evolve(document, story=first[document.story])
