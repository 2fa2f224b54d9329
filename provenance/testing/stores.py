"""What every store must do, as a suite of tests to be inherited.

Write a subclass whose :meth:`StoreContract.open_store` opens yours, name it ``Test...``, and let pytest
collect it::

    class TestMine(StoreContract):
        def open_store(self, place, *, readonly=False):
            return MyStore(f"mine://{place.name}", MANIFEST, readonly=readonly)

Every test gets an empty folder ``tmp_path``, whose name serves as the name of a fresh store on a server.
The oracle is :class:`provenance.stores.memory.MemoryStore`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs
import numpy as np
import pytest

from provenance.errors import FormatMismatch, StoreLocked
from provenance.stores.contract import (
    FEW,
    FORMAT,
    FULL,
    Batch,
    Document,
    Entries,
    Found,
    Manifest,
    Store,
    StoredLink,
)
from provenance.stores.memory import MemoryStore

__all__ = ["MANIFEST", "StoreContract", "make_batch"]

MANIFEST = Manifest(
    format=FORMAT, sketch="sketch", profile="profile", settings={"made": "by tests"}
)
"""What the stores of the suite are opened with."""

_LOCAL_BITS = 24
_FAMILIES = 4
_WIDTH = 3  # words of traits


def make_batch(
    first: int,
    keys: Sequence[Sequence[int]],
    *,
    ids: Sequence[str] = (),
    observed: int = 0,
    links: Sequence[tuple[int, int]] = (),
    stories: Mapping[int, int] | None = None,
    superseded: Sequence[int] = (),
    own_stories: Sequence[int] = (),
) -> Batch:
    """Make a batch of small documents.

    Args:
        first: Number of the first of them.
        keys: Of each document; small numbers, which are spread over families.
        ids: Theirs; made of their numbers where left out.
        observed: When they came.
        links: Pairs of numbers, the later one first.
        stories: Stories that become part of others.
        superseded: Documents that they replace.
        own_stories: Theirs; each its own where left out.
    """
    numbers = range(first, first + len(keys))
    return Batch(
        documents=[
            Document(
                number=number,
                id=ids[place] if ids else f"article {number}",
                digest=number.to_bytes(16, "little"),
                observed=observed,
                story=own_stories[place] if own_stories else number,
                content=b"text of %d" % number,
            )
            for place, number in enumerate(numbers)
        ],
        entries=Entries(
            keys=_as_keys([key for own in keys for key in sorted(set(own))]),
            offsets=np.cumsum([0, *(len(set(own)) for own in keys)]),
            traits=np.array([[n, n + 1, n + 2] for n in numbers], np.uint64).reshape(-1, _WIDTH),
        ),
        links=[
            StoredLink(
                late=late, early=early, kind="repost" if late % 2 else "", record=b"%d" % early
            )
            for late, early in links
        ],
        stories=stories or {},
        superseded=superseded,
    )


def _as_keys(values: Sequence[int]) -> np.ndarray[tuple[int], np.dtype[np.uint64]]:
    """Spread small numbers over the families and over the hashes of each."""
    small = np.array(values, np.uint64)
    hashes = (small * np.uint64(0x9E3779B97F4A7C15)) >> np.uint64(3)
    keys = (small % np.uint64(_FAMILIES)) << np.uint64(61) | hashes
    cleared: np.ndarray[tuple[int], np.dtype[np.uint64]] = (
        keys >> np.uint64(_LOCAL_BITS) << np.uint64(_LOCAL_BITS)
    )
    return cleared


def _answers(store: Store, keys: Sequence[int]) -> list[tuple[int, int, tuple[int, ...]]]:
    """What is found of documents that are there, in order."""
    found: Found = store.lookup(_as_keys(keys))
    there = {d.number for d in store.documents(sorted(set(found.documents.tolist()))) if d}
    traits = store.traits(found.documents).tolist()
    return sorted(
        (row, number, tuple(own))
        for row, number, own in zip(
            found.rows.tolist(), found.documents.tolist(), traits, strict=True
        )
        if number in there
    )


class StoreContract:
    """The tests; see the module.

    Attributes:
        survives: What was committed is there when the store is opened again.
        exclusive: A second writer is refused.
    """

    survives = True
    exclusive = True

    def open_store(self, place: Path, *, readonly: bool = False) -> Store:
        """Open the store called `place`, made where there is none, with ``MANIFEST``."""
        raise NotImplementedError

    def open_other(self, place: Path, manifest: Manifest) -> Store:
        """Open the store called `place` with another manifest."""
        raise NotImplementedError

    def test_an_empty_store_knows_nothing(self, tmp_path: Path) -> None:
        """Look-ups in an empty store are answered, by nothing."""
        with self.open_store(tmp_path / "s") as store:
            assert store.next_number == 0
            assert store.last_observed == 0
            assert store.numbers().size == 0
            assert _answers(store, [1, 2, 3]) == []
            assert store.find(["a"]) == [None]
            assert store.documents([0]) == [None]
            assert store.superseded([("a", b"digest")]) == [False]
            assert store.links([0]) == []
            assert store.members([0]) == [[]]
            assert store.load_state("any") is None

    def test_what_was_committed_is_found(self, tmp_path: Path) -> None:
        """Documents come back by key, identifier and number, with links and stories."""
        with self.open_store(tmp_path / "s") as store:
            store.commit(make_batch(0, [[1, 2], [2, 3]], observed=5))
            store.commit(
                make_batch(2, [[3, 4]], observed=7, links=[(2, 1)], own_stories=[1], stories={1: 0})
            )
            assert _answers(store, [2, 3, 9]) == [
                (0, 0, (0, 1, 2)),
                (0, 1, (1, 2, 3)),
                (1, 1, (1, 2, 3)),
                (1, 2, (2, 3, 4)),
            ]
            (second,) = store.documents([1])
            assert second
            assert (second.id, second.story, second.content) == ("article 1", 0, b"text of 1")
            assert store.find(["article 2", "none"])[1] is None
            assert [(link.late, link.early) for link in store.links([1])] == [(2, 1)]
            assert store.members([0, 1]) == [[0, 1, 2], []]
            assert (store.next_number, store.last_observed) == (3, 7)
            assert store.info()["documents"] == 3

    def test_a_crowded_key_gives_the_first_few_and_the_last(self, tmp_path: Path) -> None:
        """A key of more documents than are told gives a few; the others stay findable by their own."""
        with self.open_store(tmp_path / "s") as store:
            count = 3 * FULL
            store.commit(make_batch(0, [[7, 100 + n] for n in range(count)]))
            told = [number for _, number, _ in _answers(store, [7])]
            assert told == [*range(FEW), count - 1]
            assert [n for _, n, _ in _answers(store, [100 + FULL])] == [FULL]
            for first in range(count, 2 * count, 5):
                store.commit(make_batch(first, [[7, 8]] * 5))
            told = [number for _, number, _ in _answers(store, [7])]
            assert told == [*range(FEW), 2 * count - 1]
            told = [number for _, number, _ in _answers(store, [8])]
            assert told == [*range(count, count + FEW), 2 * count - 1]

    def test_a_new_version_replaces_the_old_one(self, tmp_path: Path) -> None:
        """The old document goes with its links; its digest is remembered."""
        with self.open_store(tmp_path / "s") as store:
            store.commit(make_batch(0, [[1], [1]], ids=["a", "b"], links=[(1, 0)]))
            old = store.find(["a"])[0]
            assert old
            store.commit(make_batch(2, [[2]], ids=["a"], superseded=[0]))
            new = store.find(["a"])[0]
            assert new
            assert new.number == 2
            assert store.superseded([("a", old.digest), ("a", new.digest)]) == [True, False]
            assert store.links([0, 1, 2]) == []
            assert [n for _, n, _ in _answers(store, [1])] == [1]

    def test_what_is_removed_is_gone(self, tmp_path: Path) -> None:
        """A removed document leaves neither links nor versions; its number is not used again."""
        with self.open_store(tmp_path / "s") as store:
            store.commit(
                make_batch(0, [[1], [1], [1]], links=[(1, 0), (2, 1)], own_stories=[0, 0, 0])
            )
            assert store.remove([1, 99], {0: 0, 2: 2}) == 1
            assert store.find(["article 1"]) == [None]
            assert store.links([0, 1, 2]) == []
            assert store.members([0, 2]) == [[0], [2]]
            store.compact()
            assert [n for _, n, _ in _answers(store, [1])] == [0, 2]
            assert store.next_number == 3

    def test_expiry_goes_by_time(self, tmp_path: Path) -> None:
        """What came before a time goes; a story goes on under its first document that is left."""
        with self.open_store(tmp_path / "s") as store:
            store.commit(make_batch(0, [[1]], observed=10))
            store.commit(make_batch(1, [[1], [2]], observed=20, own_stories=[0, 0]))
            assert store.expire(20) == 1
            assert store.numbers().tolist() == [1, 2]
            assert store.members([1]) == [[1, 2]]
            assert store.expire(20) == 0

    def test_links_and_stories_can_be_judged_again(self, tmp_path: Path) -> None:
        """A second judgement replaces the first."""
        with self.open_store(tmp_path / "s") as store:
            store.commit(make_batch(0, [[1], [1]], links=[(1, 0)], own_stories=[0, 0]))
            store.rejudge([StoredLink(late=1, early=0, kind="", record=b"")], {1: 1})
            assert store.links([0]) == [StoredLink(late=1, early=0, kind="", record=b"")]
            assert store.members([0, 1]) == [[0], [1]]

    def test_entries_can_be_made_anew(self, tmp_path: Path) -> None:
        """All entries are replaced at once, and new documents come behind them."""
        with self.open_store(tmp_path / "s") as store:
            store.commit(make_batch(0, [[1], [2]]))
            store.replace_entries([(0, make_batch(0, [[5], [6]]).entries)])
            store.commit(make_batch(2, [[5]]))
            assert [n for _, n, _ in _answers(store, [1, 2])] == []
            assert [n for _, n, _ in _answers(store, [5])] == [0, 2]

    def test_states_are_kept(self, tmp_path: Path) -> None:
        """The last state under a name is the one that is there."""
        with self.open_store(tmp_path / "s") as store:
            store.save_state("x", b"one")
            store.save_state("x", b"two")
            assert store.load_state("x") == b"two"
            assert store.load_state("y") is None

    def test_identifiers_may_be_anything(self, tmp_path: Path) -> None:
        """Quotes, other scripts, long and strange identifiers stay what they are."""
        ids = ["", "'; DROP TABLE documents", "\N{ARABIC LETTER ALEF}/1", "x" * 5000, "a\0b", "%_"]
        with self.open_store(tmp_path / "s") as store:
            store.commit(make_batch(0, [[n] for n in range(len(ids))], ids=ids))
            assert [d.id if d else None for d in store.find(ids)] == ids

    def test_a_second_writer_is_refused(self, tmp_path: Path) -> None:
        """Two processes do not write to one store; when the first has closed it, the next may."""
        if not self.exclusive:
            return
        with self.open_store(tmp_path / "s"), pytest.raises(StoreLocked):
            self.open_store(tmp_path / "s")
        self.open_store(tmp_path / "s").close()

    def test_a_reader_sees_whole_commits(self, tmp_path: Path) -> None:
        """Another process that reads sees what was committed since it opened the store."""
        if not self.survives:
            return
        with self.open_store(tmp_path / "s") as writer:
            writer.commit(make_batch(0, [[1]]))
            with self.open_store(tmp_path / "s", readonly=True) as reader:
                assert [n for _, n, _ in _answers(reader, [1])] == [0]
                writer.commit(make_batch(1, [[1]]))
                assert [n for _, n, _ in _answers(reader, [1])] == [0, 1]
                writer.compact()
                writer.commit(make_batch(2, [[1]]))
                assert [n for _, n, _ in _answers(reader, [1])] == [0, 1, 2]

    def test_another_format_is_refused(self, tmp_path: Path) -> None:
        """A store of other sketches, or of other settings, is not opened; the message says what to do."""
        if not self.survives:
            return
        with self.open_store(tmp_path / "s") as store:
            store.commit(make_batch(0, [[1]]))
        for other in (attrs.evolve(MANIFEST, sketch="x"), attrs.evolve(MANIFEST, profile="x")):
            with pytest.raises(FormatMismatch, match="to migrate"):
                self.open_other(tmp_path / "s", other)

    def test_it_does_what_the_oracle_does(self, tmp_path: Path) -> None:
        """Whatever is done in whatever order, the answers are those of a store in memory."""
        for seed in range(6):
            random = np.random.default_rng(seed)
            oracle, place = MemoryStore(MANIFEST), tmp_path / f"s{seed}"
            store = self.open_store(place)
            try:
                for _ in range(40):
                    store = self._step(random, store, oracle, place)
                    self._compare(store, oracle)
            finally:
                store.close()

    def _step(
        self, random: np.random.Generator, store: Store, oracle: MemoryStore, place: Path
    ) -> Store:
        numbers = oracle.numbers().tolist()
        choice = random.integers(0, 12)
        if choice == 0 and numbers:
            gone = random.choice(numbers, min(3, len(numbers)), replace=False).tolist()
            assert store.remove(gone, {}) == oracle.remove(gone, {})
        elif choice == 1 and numbers:
            before = int(random.integers(0, oracle.last_observed + 1))
            assert store.expire(before) == oracle.expire(before)
        elif choice == 2:
            store.compact()
            oracle.compact()
        elif choice == 3 and self.survives:
            store.close()
            return self.open_store(place)
        else:
            batch = _random_batch(random, oracle)
            store.commit(batch)
            oracle.commit(batch)
        return store

    def _compare(self, store: Store, oracle: MemoryStore) -> None:
        numbers = oracle.numbers().tolist()
        assert store.numbers().tolist() == numbers
        assert store.next_number == oracle.next_number
        assert store.documents(numbers) == oracle.documents(numbers)
        assert store.links(numbers) == oracle.links(numbers)
        assert store.members(numbers) == oracle.members(numbers)
        # Few enough hold a key that all are told, also of those that are gone.
        assert _answers(store, range(60)) == _answers(oracle, range(60))


def _random_batch(random: np.random.Generator, oracle: MemoryStore) -> Batch:
    first, numbers = oracle.next_number, oracle.numbers().tolist()
    count = int(random.integers(1, 5))
    replaced = numbers[-1:] if random.random() < 0.3 else []
    old_ids = [document.id for document in oracle.documents(replaced) if document]
    old = [number for number in numbers if number not in replaced]
    links = sorted(
        {
            (first + int(random.integers(0, count)), int(random.choice(old)))
            for _ in range(int(random.integers(0, 3)))
            if old
        }
    )
    stories = {}
    if old and random.random() < 0.3:
        one, other = sorted(d.story for d in oracle.documents(random.choice(old, 2).tolist()) if d)
        stories = {other: one} if one != other else {}
    return make_batch(
        first,
        [random.integers(0, 60, int(random.integers(0, 6))).tolist() for _ in range(count)],
        ids=[*old_ids, *(f"article {first + place}" for place in range(len(old_ids), count))],
        observed=oracle.last_observed + int(random.integers(0, 3)),
        links=links,
        stories=stories,
        superseded=replaced,
    )
