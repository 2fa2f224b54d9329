"""How many of a text's words stand in passages that others have too.

Words are counted, not code points, so that "25 words" means the same in every script that has
spaces.  A set of words is an integer with one bit a word: union, difference and size of passages are
single operations on it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence

from provenance.model import Article, ArticleId, Link, Mask, Span

__all__ = ["Passages", "Words"]

#: A run of letters and digits with the marks written on them (Arabic vowel signs, accents).
_WORD = re.compile(
    r"[^\W_](?:[^\W_]|["
    "\N{COMBINING GRAVE ACCENT}-\N{COMBINING LATIN SMALL LETTER X}"
    "\N{ARABIC FATHATAN}-\N{ARABIC WAVY HAMZA BELOW}"
    "\N{ARABIC LETTER SUPERSCRIPT ALEF}"
    "])*"
)


class Words:
    """The words of one text, and sets of them."""

    def __init__(self, text: str, masks: Sequence[Mask] = ()) -> None:
        self._starts = [match.start() for match in _WORD.finditer(text)]
        self._all = (1 << len(self._starts)) - 1
        self._all &= ~self.inside(mask.span for mask in masks)

    def __len__(self) -> int:
        """Return the number of words that are not masked."""
        return self._all.bit_count()

    def inside(self, spans: Iterable[Span]) -> int:
        """Return the set of words that begin inside any of the spans, masked ones left out."""
        found = 0
        for start, end in spans:
            first = bisect_left(self._starts, start)
            count = bisect_left(self._starts, end) - first
            found |= ((1 << count) - 1) << first
        return found & self._all

    def share(self, words: int) -> float:
        """Return how much of the text a set of words is, 0 to 1; 0 for a text without words."""
        return words.bit_count() / self._all.bit_count() if self._all else 0.0


class Passages:
    """What the texts of one story share, pair by pair; worked out when asked, and once."""

    def __init__(
        self,
        articles: Mapping[ArticleId, Article],
        near: Mapping[ArticleId, Mapping[ArticleId, Link]],
        masks: Mapping[ArticleId, Sequence[Mask]],
    ) -> None:
        self._articles = articles
        self._near = near
        self._masks = masks
        self._words: dict[ArticleId, Words] = {}
        self._common: dict[tuple[ArticleId, ArticleId, bool], int] = {}

    def words(self, member: ArticleId) -> Words:
        """Return the words of a text."""
        if member not in self._words:
            masks = self._masks.get(member, ())
            self._words[member] = Words(self._articles[member].text, masks)
        return self._words[member]

    def common(self, member: ArticleId, other: ArticleId, *, verbatim: bool = False) -> int:
        """Return the set of `member`'s words that stand in passages shared with `other`.

        With `verbatim`, passages that are only reworded or translated are left out.
        """
        key = (member, other, verbatim)
        known = self._common.get(key)
        if known is None:
            link = self._near[member].get(other)
            spans: list[Span] = []
            if link is not None:
                spans = [
                    span.a if link.a == member else span.b
                    for span in link.spans
                    if span.view == "verbatim" or not verbatim
                ]
            known = self._common[key] = self.words(member).inside(spans) if spans else 0
        return known

    def covered(self, member: ArticleId, other: ArticleId) -> float:
        """Return how much of `member` stands in `other`, 0 to 1, by passages or by shingles."""
        link = self._near[member][other]
        own = link.overlap.containment_a if link.a == member else link.overlap.containment_b
        return max(own, self.words(member).share(self.common(member, other)) if link.spans else 0)
