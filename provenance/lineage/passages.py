"""How many of a text's words stand in passages that others have too.

Words are counted, not code points, so that "25 words" means the same in every script that has
spaces.  A set of words is an integer with one bit a word: union, difference and size of passages are
single operations on it.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence

from provenance.model import Mask, Span

__all__ = ["Words"]

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
