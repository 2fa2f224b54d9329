"""What a store promises, so that a tracker need not know where its articles rest.

A store keeps documents under numbers that rise with their arrival and are never used again, and finds
them by 64-bit *keys* that mean nothing to it.  Every method takes a batch, so that a server answers it
in one round trip; nothing is asked article by article.

What is promised:

* :meth:`Store.commit` does all of a batch or none of it, and what it did survives the death of the
  process; of a store on disk, that of the machine too, unless it was opened otherwise.
* What was committed is found by the next look-up.  Look-ups never invent an entry; they may name
  documents that have been removed, which :meth:`Store.documents` then does not have.
* One process writes; others may read meanwhile, and see whole commits.
* A store of another format is not opened.

:mod:`provenance.testing.stores` tests all of it.

Limits: a key with very many documents gives the first few and the last one, as the index does.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

import attrs
import numpy as np
from numpy.typing import NDArray

__all__ = [
    "FEW",
    "FORMAT",
    "FULL",
    "Batch",
    "Document",
    "Entries",
    "Found",
    "Manifest",
    "Store",
    "StoredLink",
]

#: Version of what rests on disk; raised when an older program could not read it, or would read it wrong.
FORMAT = 1

#: Documents up to which all that hold a key are told; of more...
FULL = 50

#: ...so many of the first, and the last.  As many as the index compares in a large bucket.
FEW = 8


@attrs.frozen(kw_only=True)
class Manifest:
    """What the contents of a store mean.

    Attributes:
        format: See ``FORMAT``.
        sketch: Digest of the :class:`~provenance.config.SketchSpec`: keys of others do not compare.
        profile: Digest of everything else that decides what is found, and how it is judged.
        settings: What the digests are made of, to be shown.
    """

    format: int
    sketch: str
    profile: str
    settings: Mapping[str, Any]


@attrs.frozen(kw_only=True)
class Document:
    """One version of one article.

    Attributes:
        number: Rises with arrival; never used again.
        id: Of the article.
        digest: 16 bytes, of its contents.
        observed: Milliseconds since 1970, never less than those of the document before.
        story: Number of the first document of its story.
        content: The article and what was read in it, packed; the store does not look inside.
    """

    number: int
    id: str
    digest: bytes
    observed: int
    story: int
    content: bytes


@attrs.frozen(kw_only=True)
class StoredLink:
    """A pair of documents that was measured.

    Attributes:
        late: Number of the document that came later.
        early: Number of the other one.
        kind: Of the link; empty where the pair shares much and is no link as things stand.
        record: The link, packed.
    """

    late: int
    early: int
    kind: str
    record: bytes


@attrs.frozen(kw_only=True, eq=False)
class Entries:
    """What N documents are found by.

    Attributes:
        keys: uint64, document after document; the last 24 bits are zero.
        offsets: int64[N + 1], where each document's keys begin.
        traits: uint64[N, W], a small sketch of each, of one width in a store.
    """

    keys: NDArray[np.uint64]
    offsets: NDArray[np.int64]
    traits: NDArray[np.uint64]


@attrs.frozen(kw_only=True, eq=False)
class Found:
    """Answers to a look-up, in no order.

    Attributes:
        rows: int64[H], the place of a probe.
        documents: uint32[H], number of a document that holds it.
    """

    rows: NDArray[np.int64]
    documents: NDArray[np.uint32]


@attrs.frozen(kw_only=True)
class Batch:
    """What is written at once.

    Attributes:
        documents: New ones, in rising order of number, without gaps.
        entries: What they are found by.
        links: Between them, and to older ones.
        stories: Stories that become part of another one: number of the old, number of the new.
        superseded: Numbers of documents that new versions replace; they go, and all that hangs on them,
            and their digests are remembered.
    """

    documents: Sequence[Document]
    entries: Entries
    links: Sequence[StoredLink] = ()
    stories: Mapping[int, int] = attrs.field(factory=dict)
    superseded: Sequence[int] = ()


class Store(Protocol):
    """Documents, found by keys."""

    @property
    def manifest(self) -> Manifest:
        """What the contents mean."""

    @property
    def next_number(self) -> int:
        """The number that the next document gets."""

    @property
    def last_observed(self) -> int:
        """When the last document came, in milliseconds since 1970; 0 if none did."""

    def lookup(self, probes: NDArray[np.uint64]) -> Found:
        """Return the documents that hold each probe."""

    def traits(self, numbers: NDArray[np.uint32]) -> NDArray[np.uint64]:
        """Return the traits of documents that a look-up found: uint64[N, W]."""

    def find(self, ids: Sequence[str]) -> list[Document | None]:
        """Return the document of each identifier."""

    def superseded(self, versions: Sequence[tuple[str, bytes]]) -> list[bool]:
        """Return for each identifier and digest whether a newer version has replaced it."""

    def documents(self, numbers: Sequence[int]) -> list[Document | None]:
        """Return the document of each number."""

    def links(self, numbers: Sequence[int]) -> list[StoredLink]:
        """Return all pairs that one of the documents is in, sorted, none twice."""

    def members(self, stories: Sequence[int]) -> list[list[int]]:
        """Return the numbers of the documents of each story, rising."""

    def numbers(self) -> NDArray[np.uint32]:
        """Return the numbers of all documents, rising."""

    def commit(self, batch: Batch) -> None:
        """Write a batch, all of it or nothing.

        Raises:
            OSError: It could not be written, and was not.
        """

    def rejudge(self, links: Sequence[StoredLink], stories: Mapping[int, int]) -> None:
        """Replace links that are there, and the stories of documents (by number), all or nothing."""

    def remove(self, numbers: Sequence[int], stories: Mapping[int, int]) -> int:
        """Erase documents and all that hangs on them, their remembered older versions as well.

        Args:
            numbers: Of the documents.
            stories: Stories of the documents (by number) whose story falls apart.

        Returns:
            How many there were.
        """

    def expire(self, before: int) -> int:
        """Erase what was observed before a time in milliseconds since 1970; return how many.

        What is left of a story is called by the first document that is left.
        """

    def compact(self) -> None:
        """Bring what is there into its smallest and fastest form."""

    def replace_entries(self, parts: Iterable[tuple[int, Entries]]) -> None:
        """Throw all entries away and take these: for each part the number of its first document."""

    def save_state(self, name: str, state: bytes) -> None:
        """Keep something that can be made anew from the documents, if at a cost."""

    def load_state(self, name: str) -> bytes | None:
        """Return what was kept, or ``None`` if it is not there or not sound."""

    def check(self) -> None:
        """Read all that is there.

        Raises:
            StoreDamaged: Something is not what was written.
        """

    def info(self) -> Mapping[str, Any]:
        """Return figures to be shown: documents, links, stories, bytes, and what the store adds."""

    def close(self) -> None:
        """Let go of everything; what was committed stays."""

    def __enter__(self) -> Self:
        """Return the store itself."""

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Close the store."""
