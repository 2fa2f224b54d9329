"""Where two texts share a passage that somebody may have shuffled, shortened or reworded.

A passage is a stretch of one text and a stretch of the other whose words agree more than chance
explains.  Words are stems, and each weighs by how unlikely it is to stand in a stretch of that length:
names and rare words a lot, words of grammar nothing.  The steps, for one pair:

1. *Boxes.*  Blocks of the second text are looked for in the first, what is found there in the block,
   and so on to and fro until a box of two stretches rests (:mod:`provenance.verify.passage_boxes`).
   Order plays no part, so a shuffled passage scores like a verbatim one, and a block is short, so
   that a flash of 60 words scores the same in 300 words and in 5,000.
2. *Passages.*  Boxes that follow each other in both texts are one passage; so are three and more that
   fill a stretch in another order.
3. *Ends.*  Where the words stand in order, the heaviest chain of them tells where a passage begins and
   ends; from there it grows while both texts agree word by word.
4. *Judgement.*  Two texts on one subject share words by the dozen.  A passage shares them densely or in
   order: ``coverage + order`` separates the two.

Strength is in nats: the log of how much likelier the common words are if the passage was reused.  A word
is worth at most ``cap``, so 80 nats are a dozen rare words, 25 to 30 of running text.

Limits: a paraphrase that keeps fewer than a dozen words of 30 is not seen, nor a quotation of a line
(the verbatim view finds that).  A stretch of the first text is explained once by the second, even if it
stands there twice.  What stands in many texts - scripture, titles, templates - is found like anything
else.  So a link needs more than a passage: :func:`link_passages` asks how many texts hold its runs of three
words.
"""

from __future__ import annotations

import attrs
import numpy as np
import numpy.typing as npt

from provenance.config import PassageSpec, SketchSpec
from provenance.model import AlignedSpan
from provenance.sketch.signatures import Sketches
from provenance.sketch.wording import COUNTED_FROM, Wording
from provenance.verify.overlap import count_holders, measure_pairs

__all__ = [
    "PassageLinks",
    "Passages",
    "Rates",
    "align_passages",
    "find_passages",
    "link_passages",
    "measure_rates",
    "spans_of",
]

#: Rows of results that are held while pairs are worked on; more come in another round.
_ROWS = 1 << 14

#: Words of a run, as in the shingles of the verbatim view.
_RUN = 3

#: 2**64 over the golden ratio, made odd (Knuth, TAOCP 3, 6.4).
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)

#: A type that this share of texts is expected to hold is grammar: counted as it stands, even in two texts.
_GRAMMAR = 0.25

#: Texts from which a type's own count weighs as much as what its weight lets expect.
_PRIOR_TEXTS = 100


@attrs.frozen(kw_only=True, eq=False)
class Passages:
    """R passages of many pairs of texts, pair after pair.

    Attributes:
        pairs: int64[R], the row of the pair in what was asked for.
        words_a: int64[R, 2], first word in the first text and the one behind the last, counted from the
            text's first.
        words_b: int64[R, 2], the same in the second.
        strength: float64[R], nats.
        coverage: float64[R], the common words' share of the weight of the heavier stretch, 0 to 1.
        order: float64[R], what part of the common weight stands in the same order in both.
    """

    pairs: npt.NDArray[np.int64]
    words_a: npt.NDArray[np.int64]
    words_b: npt.NDArray[np.int64]
    strength: npt.NDArray[np.float64]
    coverage: npt.NDArray[np.float64]
    order: npt.NDArray[np.float64]


@attrs.frozen(kw_only=True, eq=False)
class Rates:
    """How often stems and words occur, as shares of all words of their language, above 0.

    Attributes:
        stems: float64[V, 2], share of each stem, and the logarithm of that.
        words: float64[D, 2], the same for each word as it is written.
    """

    stems: npt.NDArray[np.float64]
    words: npt.NDArray[np.float64]


def align_passages(
    wording: Wording, a: int, b: int, spec: PassageSpec | None = None
) -> tuple[AlignedSpan, ...]:
    """Return the passages that two texts have in common, in whatever order of words.

    For many pairs, :func:`find_passages` prepares the corpus once.

    Args:
        wording: Stems of all texts.
        a: Number of the first text.
        b: Number of the second.
        spec: Settings; the defaults where left out.

    Returns:
        Spans of both texts, sorted by place in the first, each from the beginning of a word to the end
        of one.  Those of the first text overlap by less than half; those of the second may be the same
        where the first repeats itself.  Empty if the texts are in two languages.
    """
    pairs = np.array([[a, b]], np.uint32)
    return spans_of(find_passages(pairs, wording, spec), pairs, wording)[0]


def spans_of(
    passages: Passages, pairs: npt.NDArray[np.uint32], wording: Wording
) -> list[tuple[AlignedSpan, ...]]:
    """Return the passages of each pair as spans of both texts, in code points."""
    spans: list[list[AlignedSpan]] = [[] for _ in pairs]
    sides = []
    for side, words in enumerate((passages.words_a, passages.words_b)):
        places = words + wording.offsets[pairs[passages.pairs, side]][:, None]
        sides.append(
            zip(
                wording.starts[places[:, 0]].tolist(),
                wording.ends[places[:, 1] - 1].tolist(),
                strict=True,
            )
        )
    for pair, of_a, of_b in zip(passages.pairs.tolist(), *sides, strict=True):
        spans[pair].append(AlignedSpan(a=of_a, b=of_b, view="wording"))
    return [tuple(found) for found in spans]


def find_passages(
    pairs: npt.NDArray[np.uint32],
    wording: Wording,
    spec: PassageSpec | None = None,
    *,
    rates: Rates | None = None,
) -> Passages:
    """Find the passages of many pairs of texts; other threads run meanwhile.

    Args:
        pairs: ``uint32[P, 2]``, document numbers.
        wording: Stems of all texts.
        spec: Settings; the defaults where left out.
        rates: From :func:`measure_rates`; give them where one corpus is asked about in parts.

    Returns:
        The passages of each pair, sorted by place in its first text.
    """
    from provenance.verify.passage_kernels import COLUMNS, find_rows
    from provenance.verify.passage_scores import SETTINGS

    values = attrs.asdict(spec or PassageSpec())
    settings = np.array([values[name] for name in SETTINGS], np.float64)
    known = measure_rates(wording) if rates is None else rates
    wanted = np.ascontiguousarray(pairs, np.uint32)
    room = np.empty((_ROWS, len(COLUMNS)), np.float64)
    parts = [room[:0].copy()]
    done = 0
    while done < len(wanted):
        done, count = find_rows(
            wanted,
            done,
            wording.stems,
            wording.words,
            wording.offsets,
            known.stems,
            known.words,
            settings,
            room,
        )
        parts.append(room[:count].copy())
    rows = np.concatenate(parts)
    whole = rows[:, :5].astype(np.int64)
    return Passages(
        pairs=whole[:, 0],
        words_a=whole[:, 1:3],
        words_b=whole[:, 3:5],
        strength=rows[:, 5],
        coverage=rows[:, 6],
        order=rows[:, 7],
    )


def measure_rates(wording: Wording) -> Rates:
    """Count how often stems and words occur in the texts of their language.

    A few texts know little about that, so their counts are mixed with what the weights expect, which
    rest on a prior; else every word that two texts share would look common.
    """
    sizes = np.diff(wording.offsets)
    texts_of = np.bincount(wording.groups, minlength=1)
    words_of = np.bincount(wording.groups, sizes, minlength=1)

    group = np.zeros(wording.weights.size, wording.groups.dtype)
    group[wording.stems] = np.repeat(wording.groups, sizes)
    texts, words = texts_of[group], words_of[group]
    held = np.exp(-wording.weights.astype(np.float64))  # share of texts, below 1
    expected = -np.log1p(-held) * texts / words
    counted = (texts >= COUNTED_FROM) * texts / (texts + _PRIOR_TEXTS)
    own = np.where(held >= _GRAMMAR, 1.0, counted)
    stems = own * wording.occurrences / words + (1 - own) * expected

    # A word has what its stem has, in proportion to its occurrences.
    stem_of = np.zeros(wording.word_holders.size, np.uint32)
    stem_of[wording.words] = wording.stems
    counts = np.bincount(wording.words, minlength=stem_of.size)
    forms = stems[stem_of] * counts / wording.occurrences[stem_of]
    return Rates(stems=_with_logarithms(stems), words=_with_logarithms(forms))


def _with_logarithms(rates: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return np.ascontiguousarray(np.column_stack([rates, np.log(rates)]))


@attrs.frozen(kw_only=True, eq=False)
class PassageLinks:
    """What the passages of P pairs of texts prove.

    Attributes:
        linked: bool[P], whether one text took them from the other, or both from a third.
        telling: float64[P], different runs of three words that the passages share, each weighed by how
            few texts hold it.
        telling_share: float64[P], that over the number of these runs; 0 where there is none.
        covered_a: float64[P], share of the first text's words that stand in passages.
        covered_b: float64[P], the same for the second.
    """

    linked: npt.NDArray[np.bool_]
    telling: npt.NDArray[np.float64]
    telling_share: npt.NDArray[np.float64]
    covered_a: npt.NDArray[np.float64]
    covered_b: npt.NDArray[np.float64]


def link_passages(
    passages: Passages,
    pairs: npt.NDArray[np.uint32],
    wording: Wording,
    spec: PassageSpec | None = None,
    *,
    owners: npt.NDArray[np.int64] | None = None,
) -> PassageLinks:
    """Say between which texts the passages make a link.

    Weather reports and court circulars share hundreds of words every day, but of their runs of three
    words many texts are holders; of an item that somebody took, few are.

    Args:
        passages: Of the pairs, from :func:`find_passages`.
        pairs: ``uint32[P, 2]``, document numbers.
        wording: Stems of all texts.
        spec: Settings; the defaults where left out.
        owners: int64[N], a number below N for each text; texts with the same one are copies and count as
            one holder.  Every text counts for itself where left out.
    """
    settings = spec or PassageSpec()
    sizes = np.diff(wording.offsets)
    runs, behind = _runs(wording, sizes)
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(np.maximum(0, sizes - _RUN + 1))])
    spread = count_holders(runs, offsets, np.arange(sizes.size) if owners is None else owners)

    # Each side of a passage is measured as if it were a text.
    documents = pairs[passages.pairs].astype(np.int64)
    words = np.stack([passages.words_a, passages.words_b], axis=1)
    firsts = behind[wording.offsets[documents] + words[:, :, 0]].ravel()
    lengths = (words[:, :, 1] - words[:, :, 0]).ravel() - _RUN + 1
    bounds = np.concatenate([np.zeros(1, np.int64), np.cumsum(lengths)])
    places = np.arange(bounds[-1]) + np.repeat(firsts - bounds[:-1], lengths)
    sides = Sketches(
        spec=SketchSpec(width=_RUN),
        signatures=np.empty((lengths.size, 0), np.uint32),
        shingles=runs[places],
        offsets=bounds,
    )
    both = np.arange(lengths.size, dtype=np.uint32).reshape(-1, 2)
    measures = measure_pairs(both, sides, spread=spread[places])

    telling, shared, in_a, in_b = (
        np.bincount(passages.pairs, values, len(pairs)).astype(np.float64)
        for values in (measures.telling, measures.shared, *np.diff(words, axis=2)[:, :, 0].T)
    )
    share = telling / np.maximum(shared, 1)
    covered_a, covered_b = (
        np.minimum(1, inside / np.maximum(sizes[pairs[:, side]], 1))
        for side, inside in enumerate((in_a, in_b))
    )
    part = np.maximum(covered_a, covered_b) >= settings.min_covered
    return PassageLinks(
        linked=(telling >= settings.min_telling)
        & (share >= settings.telling_share)
        & (part | (telling >= settings.telling_alone)),
        telling=telling,
        telling_share=share,
        covered_a=covered_a,
        covered_b=covered_b,
    )


def _runs(
    wording: Wording, sizes: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Return the hash of every run of words, text after text, and the run that begins at each word."""
    words = np.append(wording.words, np.zeros(_RUN, np.uint32)).astype(np.uint64)
    mixed = np.zeros(wording.words.size, np.uint64)
    for step in range(_RUN):
        mixed = (mixed ^ words[step : step + mixed.size]) * _GOLDEN
        mixed ^= mixed >> np.uint64(32)
    whole = np.ones(mixed.size, np.bool_)
    for step in range(1, _RUN):  # a run does not reach into the next text
        ends = wording.offsets[1:] - step
        whole[ends[sizes >= step]] = False
    return mixed[whole].astype(np.uint32), np.cumsum(whole) - 1
