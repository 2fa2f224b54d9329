"""From the sketches of a corpus to its groups of copies, in memory that does not grow with the text.

1. *Join.*  Texts whose signatures agree in a band are candidates (:mod:`provenance.index`).  Texts of a
   few words are candidates if all their words are the same.
2. *Verify.*  Every candidate is measured exactly, on the shingles read back from disk.
3. *Rejoin.*  In a large bucket a text is compared with a few others only.  If none of them turns out to
   be its copy, as happens where a hundred reports are filled into one form, its real copy may be among
   the rest: such texts are joined again among themselves, with longer and longer bands.
4. *Group.*  What a chain of verified pairs ties is one group.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import xxhash
from numpy.typing import NDArray

from provenance.closing import Closing
from provenance.config import IndexSpec, Profile
from provenance.disjoint import smallest_members
from provenance.engine.spilling import Spill
from provenance.engine.threads import Threads
from provenance.index.candidates import equal_sequences, plan_bands, rare_pairs, similar_pairs
from provenance.sketch.signatures import Sketches
from provenance.verify.mutual import measure_mutual

__all__ = ["CopyFinder", "OnStage", "wordless_of"]

Pairs = NDArray[np.uint32]
OnStage = Callable[[str, int, int], None]

#: Pairs verified in one go.  A system that reads a page of a file may map sixteen, so that these take
#: 128 MB in the worst case, which are let go of before the next ones.
_SLICE = 1024


class CopyFinder(Closing):
    """Takes the sketches of a corpus as they come, and tells which texts are copies of each other.

    Args:
        profile: Settings; ``profile.verify.whole`` is the overlap from which two texts are copies.
        threads: To join and verify in; the result does not depend on how many there are.
    """

    def __init__(self, profile: Profile, threads: Threads) -> None:
        self._whole = profile.verify.whole
        self._spec = plan_bands(self._whole, profile.sketch.permutations, profile.index)
        # A text of w words has w - width + 1 shingles, and one if it has `width` words or fewer.
        self._tiny = max(1, profile.verify.exact_below - profile.sketch.width)
        self._threads = threads
        self._permutations = profile.sketch.permutations
        self._signatures = Spill(np.uint32, (self._permutations,))
        self._shingles = Spill(np.uint32)
        self._counts = Spill(np.int64)
        self._texts = 0
        self._wordless: dict[bytes, int] = {}
        self._same: list[tuple[int, int]] = []
        self._known = 0

    def close(self) -> None:
        """Give the files back to the system."""
        for spill in (self._signatures, self._shingles, self._counts):
            spill.close()

    def __len__(self) -> int:
        """Return the number of texts so far."""
        return self._texts

    def add(self, sketches: Sketches, wordless: Mapping[int, bytes]) -> None:
        """Take the next texts of the corpus.

        Args:
            sketches: With their shingles.
            wordless: Digests of those texts that have no word and are not blank, by their place in
                `sketches`; they are copies if the digests are equal.
        """
        self._signatures.append(sketches.signatures)
        self._shingles.append(sketches.shingles)
        self._counts.append(np.diff(sketches.offsets))
        for place, digest in wordless.items():
            number = self._texts + place
            first = self._wordless.setdefault(digest, number)
            if first != number:
                self._same.append((first, number))
        self._texts += sketches.offsets.size - 1

    def mark_known(self) -> None:
        """Declare the texts so far to be known: which of them are copies of each other is not asked."""
        self._known = self._texts

    def groups(self, on_stage: OnStage = lambda _stage, _done, _total: None) -> NDArray[np.int64]:
        """Return for every text the number of the first text of its group.

        Args:
            on_stage: Called with the name of a stage, and how much of it is done of how much.
        """
        counts = self._counts.view()
        offsets = np.zeros(counts.size + 1, np.int64)
        np.cumsum(counts, out=offsets[1:])
        tiny = np.flatnonzero((counts > 0) & (counts <= self._tiny)).astype(np.uint32)
        members = np.flatnonzero(counts > self._tiny).astype(np.uint32)
        del counts

        on_stage("joining", 0, 1)
        candidates = np.concatenate(
            [
                equal_sequences(self._shingles.view(), offsets, tiny, self._spec),
                self._similar(members, self._spec),
            ]
        )
        candidates = candidates[candidates[:, 1] >= self._known]
        on_stage("joining", 1, 1)
        shares = self._verified(candidates, offsets, on_stage)
        alone = self._orphans(candidates[shares < self._whole])
        again = rare_pairs(self._shingles.view(), offsets, alone, self._spec)
        again = again[again[:, 1] >= self._known]
        shares_again = self._verified(again, offsets, on_stage)
        copies = [
            np.array(self._same, np.uint32).reshape(-1, 2),
            candidates[shares >= self._whole],
            again[shares_again >= self._whole],
        ]
        return smallest_members(np.concatenate(copies), self._texts)

    def _similar(self, members: NDArray[np.uint32], spec: IndexSpec) -> Pairs:
        pairs = similar_pairs(self._signatures.view(), members, spec, run=self._threads.in_order)
        self._signatures.forget()
        return pairs

    def _verified(
        self, pairs: Pairs, offsets: NDArray[np.int64], on_stage: OnStage
    ) -> NDArray[np.float64]:
        """Return what the texts of each pair share."""
        shingles = self._shingles.view()
        shares = np.empty(len(pairs), np.float64)

        def measure(first: int) -> int:
            some = slice(first, first + _SLICE)
            shares[some] = measure_mutual(pairs[some], shingles, offsets)
            self._shingles.forget()
            return first + _SLICE

        on_stage("verifying", 0, len(pairs))
        for done in self._threads.in_order(measure, range(0, len(pairs), _SLICE)):
            on_stage("verifying", min(done, len(pairs)), len(pairs))
        return shares

    def _orphans(self, failed: Pairs) -> NDArray[np.uint32]:
        """Return the texts that as many others were no copy of as a text is compared with."""
        times = np.bincount(failed.ravel(), minlength=self._texts)
        return np.flatnonzero(times >= self._spec.anchors).astype(np.uint32)


def wordless_of(sketches: Sketches, text: Callable[[int], str]) -> Mapping[int, bytes]:
    """Return digests of the texts that have no word and are not blank, by their number.

    Args:
        sketches: Of the texts.
        text: Gives the text of a number.
    """
    numbers = np.flatnonzero(np.diff(sketches.offsets) == 0).tolist()
    found = ((number, text(number)) for number in numbers)
    return {
        number: xxhash.xxh3_128_digest(value.encode(errors="surrogatepass"))
        for number, value in found
        if value.strip()
    }
