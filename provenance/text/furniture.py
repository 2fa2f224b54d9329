"""What a page puts around an article, found so that it can be left out of comparison.

Two views.  :func:`find_furniture` reads one document and knows what furniture looks like: phrases of
buttons and forms (:mod:`provenance.text.phrases`), and embedded posts, repeated titles, plugin wrappers,
date lines, headline tickers (:mod:`provenance.text.surroundings`).
:func:`~provenance.text.repetition.find_repeated_lines` reads a corpus and knows nothing but repetition:
a line that an outlet prints under articles that are otherwise different is furniture, whatever it says.

Furniture is masked, never deleted: every mask is a span of the original with a reason code, so that
users can see why two texts did or did not match.  Read credits before masking; those that stand on
their own are masked as well (``credit``), because a kept, replaced or lost credit must neither make nor
hide a copy.

Limits: a page flattened to one line keeps its furniture, apart from what is recognized anywhere; a
related headline inside the body is seen only after its label; photo captions stay.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence

from provenance.model import Mask, Span
from provenance.text.layout import Line, lines_of
from provenance.text.phrases import phrase_spans
from provenance.text.repetition import find_repeated_lines
from provenance.text.surroundings import (
    credit_spans,
    embed_spans,
    hidden_spans,
    small_line_spans,
    ticker_spans,
    title_spans,
    wrapper_spans,
)

__all__ = ["find_furniture", "find_repeated_lines", "merge_masks"]


def find_furniture(
    text: str,
    *,
    title: str = "",
    keep: Sequence[Span] = (),
    credits: Sequence[Span] = (),  # noqa: A002 - the word for it; the builtin is for consoles
    lines: Sequence[Line] | None = None,
) -> tuple[Mask, ...]:
    """Find the furniture of one document by what it looks like.

    Args:
        text: The article as found.
        title: Its headline as its carrier gave it; copies of it in the text are masked.
        keep: Spans that no mask may touch.
        credits: Spans of credits.  One that stands on its own (a line, a dateline, a bracket, a last
            sentence) is masked as ``credit``; one inside a running sentence is left alone.
        lines: The lines of the text, where they are at hand.

    Returns:
        Masks sorted by place, neither overlapping nor touching with the same reason; the reasons are
        listed in ``docs/furniture.md``.  A text that would be masked whole keeps its words: of it only
        hidden characters and wrappers are taken out.
    """
    lines = lines_of(text) if lines is None else lines
    always = [*hidden_spans(text), *wrapper_spans(text)]
    masks = _joined(
        text,
        merge_masks(
            [
                *always,
                *embed_spans(text, lines),
                *credit_spans(text, lines, credits),
                *title_spans(lines, title),
                *phrase_spans(text, lines),
                *small_line_spans(lines),
                *ticker_spans(lines),
            ]
        ),
    )
    if not _leaves_words(text, masks):
        masks = _joined(text, merge_masks(always))
    return _spare(masks, keep) if keep else masks


def merge_masks(masks: Iterable[Mask]) -> tuple[Mask, ...]:
    """Sort masks and make them disjoint.

    Args:
        masks: Any masks of one text; where two overlap, the earlier in this order holds.

    Returns:
        The same code points, sorted, not overlapping, touching masks of one reason joined.

    Example:
        >>> merge_masks([Mask(span=(4, 9), reason="share"), Mask(span=(0, 6), reason="theme")])
        (Mask(span=(0, 4), reason='theme'), Mask(span=(4, 9), reason='share'))
    """
    taken: list[Mask] = []
    covered = _Covered()
    for mask in masks:
        taken.extend(Mask(span=part, reason=mask.reason) for part in covered.left_of(mask.span))
        covered.add(mask.span)
    merged: list[Mask] = []
    for mask in sorted(taken, key=lambda m: m.span):
        if merged and merged[-1].span[1] == mask.span[0] and merged[-1].reason == mask.reason:
            merged[-1] = Mask(span=(merged[-1].span[0], mask.span[1]), reason=mask.reason)
        else:
            merged.append(mask)
    return tuple(merged)


class _Covered:
    """A set of code points, as sorted spans that neither overlap nor touch.

    A page may carry ten thousand masks; holding each against every other one took minutes.
    """

    def __init__(self, spans: Iterable[Span] = ()) -> None:
        self._starts: list[int] = []
        self._ends: list[int] = []
        for span in spans:
            self.add(span)

    def left_of(self, span: Span) -> list[Span]:
        """Return the parts of `span` that are not in the set, in order."""
        place, end = span
        parts = []
        for number in range(bisect_right(self._ends, place), len(self._starts)):
            if self._starts[number] >= end:
                break
            if place < self._starts[number]:
                parts.append((place, self._starts[number]))
            place = self._ends[number]
        return [*parts, (place, end)] if place < end else parts

    def add(self, span: Span) -> None:
        """Put the code points of `span` into the set."""
        start, end = span
        if start >= end:
            return
        first = bisect_left(self._ends, start)
        last = bisect_right(self._starts, end)
        if first < last:
            start, end = min(start, self._starts[first]), max(end, self._ends[last - 1])
        self._starts[first:last], self._ends[first:last] = [start], [end]


def _joined(text: str, masks: Sequence[Mask]) -> tuple[Mask, ...]:
    """Join masks of one reason that only white space keeps apart."""
    joined: list[Mask] = []
    for mask in masks:
        start, end = mask.span
        if (
            joined
            and joined[-1].reason == mask.reason
            and text[joined[-1].span[1] : start].isspace()
        ):
            joined[-1] = Mask(span=(joined[-1].span[0], end), reason=mask.reason)
        else:
            joined.append(mask)
    return tuple(joined)


def _spare(masks: Sequence[Mask], keep: Sequence[Span]) -> tuple[Mask, ...]:
    kept = _Covered(keep)
    return tuple(
        Mask(span=part, reason=mask.reason) for mask in masks for part in kept.left_of(mask.span)
    )


def _leaves_words(text: str, masks: Sequence[Mask]) -> bool:
    place = 0
    for mask in masks:
        if any(map(str.isalnum, text[place : mask.span[0]])):
            return True
        place = mask.span[1]
    return any(map(str.isalnum, text[place:]))
