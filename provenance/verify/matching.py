"""Candidates in, verified matches out: the one door of verification.

Texts with fewer than :attr:`VerifySpec.exact_below` words are compared whole, and match only where all
their words are the same after folding; texts without any word match only where they are the same,
character by character, and not blank.  All others are measured exactly on their shingles, judged with
the rarity of these in the whole batch, and aligned; of those that are not whole copies, forms filled in
twice are dropped.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import attrs
import numpy as np
from numpy.typing import NDArray

from provenance.config import VerifySpec
from provenance.disjoint import smallest_members
from provenance.model import AlignedSpan, Evidence, LinkKind, Overlap
from provenance.sketch.signatures import Sketches
from provenance.text.columns import Columns
from provenance.verify.alignment import equal_runs, passages_of
from provenance.verify.forms import find_forms
from provenance.verify.kinds import decide_kind, find_copies, related_by, related_probability
from provenance.verify.overlap import Measures, measure_pairs, measure_spread

__all__ = ["Match", "match_pairs"]

#: Texts without words that are the same are listed pair by pair up to this many; beyond, each is
#: tied to the first few.  As in the index, whose groups these texts never reach.
_FULL_GROUP, _ANCHORS = 50, 3


@attrs.frozen(kw_only=True)
class Match:
    """A verified pair of copies.

    Attributes:
        a: Number of the first text.
        b: Number of the second, larger than `a`.
        kind: ``repost``, ``excerpt`` or ``update``.
        overlap: On sets of shingles, every shingle counted.
        spans: Passages in common, as code points of both originals.
        shared: Different shingles in common.
        related: Probability that what they share comes from one hand.
        evidence: What the probability rests on, where that is not the overlap alone.
    """

    a: int
    b: int
    kind: LinkKind
    overlap: Overlap
    spans: tuple[AlignedSpan, ...]
    shared: int
    related: float
    evidence: tuple[Evidence, ...] = ()


def match_pairs(
    pairs: NDArray[np.uint32],
    sketches: Sketches,
    columns: Columns,
    spec: VerifySpec | None = None,
    *,
    texts: Sequence[str] = (),
    publishers: Sequence[str] = (),
    published: Sequence[str] = (),
    spread: NDArray[np.uint8] | None = None,
) -> list[Match]:
    """Verify candidates.

    Args:
        pairs: ``uint32[P, 2]`` document numbers, the smaller first, sorted, no pair twice.
        sketches: Shingles of all documents.
        columns: Words of all documents, the ones that were sketched.
        spec: Settings; the defaults where left out.
        texts: The originals; where given, equal texts without any word match too, unless blank.
        publishers: Outlet of each document, empty if unknown; none known where left out.
        published: ISO 8601 of each document, empty if unknown; none known where left out.
        spread: For each shingle how many texts hold it, from
            :class:`provenance.verify.rarity.Rarity`; counted in these documents where left out.

    Returns:
        The matches, sorted by both numbers.
    """
    settings = spec or VerifySpec()
    words = np.diff(columns.offsets)
    fewest = words[pairs].min(axis=1)
    tiny = pairs[(fewest < settings.exact_below) & (fewest > 0)]
    long = np.ascontiguousarray(pairs[fewest >= settings.exact_below])

    if spread is None:
        plain = measure_pairs(long, sketches, settings)
        spread = measure_spread(sketches, _copies_of(long, plain, words.size, settings))
    measures = measure_pairs(long, sketches, settings, spread=spread)
    related = related_probability(measures)
    copies = find_copies(measures, settings)
    # The same shingles may stand in another order; the same words are a copy, formula or not.
    for number in np.flatnonzero(~copies & (measures.jaccard == 1)).tolist():
        copies[number] = _same_words(columns, *long[number].tolist())

    matches = [_same_text(columns, a, b) for a, b in tiny.tolist() if _same_words(columns, a, b)]
    matches += [
        _same_text(columns, a, b) for a, b in _wordless_pairs(np.flatnonzero(words == 0), texts)
    ]
    numbers = np.flatnonzero(copies)
    found = long[numbers]
    aligned = [equal_runs(columns, a, b, settings) for a, b in found.tolist()]
    same_outlet = _same_outlet(found, publishers)
    # Whole copies leave no room for a filling.
    partly = np.flatnonzero((_both_ways(measures)[numbers] < settings.whole) & settings.drop_forms)
    forms = find_forms(
        found[partly],
        [aligned[row] for row in partly.tolist()],
        columns,
        sketches,
        same_outlet=same_outlet[partly],
    )
    for row in np.setdiff1d(np.arange(numbers.size), partly[forms]).tolist():
        number, runs = int(numbers[row]), aligned[row]
        a, b = found[row].tolist()
        equal = int(runs[:, 2].sum())
        matches.append(
            Match(
                a=a,
                b=b,
                kind=decide_kind(
                    equal / int(words[a]),
                    equal / int(words[b]),
                    same_publisher=bool(same_outlet[row]),
                    ordered_in_time=bool(published) and _differ(published[a], published[b]),
                    spec=settings,
                ),
                overlap=Overlap(
                    jaccard=float(measures.jaccard[number]),
                    containment_a=float(measures.containment_a[number]),
                    containment_b=float(measures.containment_b[number]),
                ),
                spans=passages_of(columns, a, b, runs, settings),
                shared=int(measures.shared[number]),
                related=float(related[number]),
            )
        )
    return sorted(matches, key=lambda match: (match.a, match.b))


def _copies_of(
    pairs: NDArray[np.uint32], measures: Measures, count: int, spec: VerifySpec
) -> NDArray[np.int64]:
    """Give chains of near-identical texts one number, the smallest of theirs."""
    return smallest_members(pairs[_both_ways(measures) >= spec.whole], count)


def _both_ways(measures: Measures) -> NDArray[np.float64]:
    """The smaller containment: the share of each text that the other one has too."""
    both: NDArray[np.float64] = np.minimum(measures.containment_a, measures.containment_b)
    return both


def _same_outlet(pairs: NDArray[np.uint32], publishers: Sequence[str]) -> NDArray[np.bool_]:
    """Mark the pairs whose texts are known to come from one outlet."""
    known = ("" != publishers[a] == publishers[b] for a, b in pairs.tolist() if publishers)
    return np.fromiter(known, np.bool_) if publishers else np.zeros(len(pairs), dtype=np.bool_)


def _same_words(columns: Columns, a: int, b: int) -> bool:
    return bool(
        np.array_equal(
            columns.tokens[columns.offsets[a] : columns.offsets[a + 1]],
            columns.tokens[columns.offsets[b] : columns.offsets[b + 1]],
        )
    )


def _same_text(columns: Columns, a: int, b: int) -> Match:
    """Match two texts that were compared whole; each word counts like a telling shingle."""
    first, stop = columns.offsets[[a, b]], columns.offsets[[a + 1, b + 1]]
    words = int(stop[0] - first[0])
    ends = [
        (int(columns.starts[one]), int(columns.ends[end - 1]))
        for one, end in zip(first, stop, strict=True)
        if words
    ]
    strength = np.array([float(max(1, words))])
    return Match(
        a=a,
        b=b,
        kind="repost",
        overlap=Overlap(jaccard=1.0, containment_a=1.0, containment_b=1.0),
        spans=(AlignedSpan(a=ends[0], b=ends[1]),) if words else (),
        shared=words,
        related=float(related_by(strength, np.ones(1))[0]),
    )


def _wordless_pairs(numbers: NDArray[np.int64], texts: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Pair the texts without words that are the same, character by character, unless blank."""
    groups: dict[str, list[int]] = {}
    for number in numbers.tolist() if texts else ():
        if texts[number].strip():
            groups.setdefault(texts[number], []).append(number)
    for group in groups.values():
        for late, b in enumerate(group):
            upto = late if len(group) <= _FULL_GROUP else min(late, _ANCHORS)
            for a in group[:upto]:
                yield a, b


def _differ(one: str, other: str) -> bool:
    """Whether two ISO 8601 times are known and differ in what both of them state."""
    common = min(len(one), len(other))
    return common > 0 and one[:common] != other[:common]
