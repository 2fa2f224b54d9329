"""How an article stands on its page: lines, and where the running text begins.

Scraped articles are paragraphs on lines; what is not a paragraph (headline, byline, caption, button)
is a shorter line without the punctuation of sentences.  That is all that plain text still knows about
the page, and the rules of :mod:`provenance.text.furniture` rest on it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence
from functools import cached_property, lru_cache

import attrs

from provenance.model import Span
from provenance.text.folding import fold_text

__all__ = ["Line", "first_body_line", "fold_line", "line_number", "lines_of"]

# What else str.splitlines, HTML and word processors call a line end.
_LINE_ENDS = "\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"
_DIGITS = re.compile(r"\d+")
_WORD = re.compile(r"\w{1,20}")
_SENTENCE_END = re.compile(
    r"[.!?\N{ARABIC QUESTION MARK}\N{ARABIC FULL STOP}\N{IDEOGRAPHIC FULL STOP}"
    r"\N{DEVANAGARI DANDA}\N{HORIZONTAL ELLIPSIS}]"
    r"[\"'\N{RIGHT DOUBLE QUOTATION MARK}\N{LEFT DOUBLE QUOTATION MARK}"
    r"\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK})\]\s]*$"
)

# A paragraph of running text: the shortest news paragraphs that carry a sentence have about twelve
# words, 80 code points in Arabic; headlines without a full stop reach 120.
_BODY_WITH_END = 80
_BODY_WITHOUT_END = 140

# Chinese and Japanese write in one letter what others write in three.
_WIDE = re.compile("[\u3040-\u30ff\u3400-\u9fff]")
_WIDE_LETTERS = 3

# Longer lines are paragraphs: only their beginning can say that they are furniture.
_WHOLE = 160
_BEGINNING = 60

# Words that lines begin with, remembered folded: a language has a few thousand that matter.
_KNOWN = 1 << 14


def fold_line(line: str) -> tuple[str, ...]:
    """Return the folded words of a line, every run of digits replaced by one zero."""
    return tuple(_DIGITS.sub("0", fold_text(line)).split())


@lru_cache(_KNOWN)
def _first_folded(word: str) -> str:
    return next(iter(fold_line(word)), "")


@attrs.frozen(kw_only=True, slots=False)
class Line:
    """A line that holds more than white space, without the white space around it.

    Attributes:
        start: First code point.
        end: Code point after the last.
        text: What stands between them.
        is_short: Whether the line is short enough to be a headline or a button.
    """

    start: int
    end: int
    text: str
    is_short: bool

    @property
    def span(self) -> Span:
        """Where the line stands."""
        return self.start, self.end

    @cached_property
    def words(self) -> tuple[str, ...]:
        """Folded words; of a long line only those of its first 60 code points."""
        return fold_line(self.text if self.is_short else self.text[:_BEGINNING])

    @property
    def first_word(self) -> str:
        """First folded word, or nothing; cheaper than all."""
        match = _WORD.search(self.text, 0, _BEGINNING)
        return _first_folded(match[0]) if match else ""

    @property
    def ends_sentence(self) -> bool:
        """Whether the line ends like a sentence."""
        return _SENTENCE_END.search(self.text, max(0, len(self.text) - 8)) is not None

    @property
    def is_body(self) -> bool:
        """Whether the line is a paragraph of running text, by length and last sign."""
        size = len(self.text)
        if size >= _BODY_WITHOUT_END:
            return True
        if _WIDE_LETTERS * size < _BODY_WITH_END:
            return False
        least = _BODY_WITH_END if self.ends_sentence else _BODY_WITHOUT_END
        return size >= least or size + (_WIDE_LETTERS - 1) * len(_WIDE.findall(self.text)) >= least


def lines_of(text: str) -> tuple[Line, ...]:
    """Cut a text into the lines that hold more than white space."""
    lines = []
    place = 0
    for line in _cut(text):
        bare = line.strip()
        size = len(bare)
        if size:
            start = place + line.index(bare[0])
            lines.append(Line(start=start, end=start + size, text=bare, is_short=size <= _WHOLE))
        place += len(line) + 1
    return tuple(lines)


def _cut(text: str) -> list[str]:
    """Cut a text at its line ends, each of one code point; that of Windows has an empty line in it."""
    for sign in _LINE_ENDS:
        if sign in text:
            text = text.replace(sign, "\n")
    return text.split("\n")


def line_number(lines: Sequence[Line], offset: int) -> int:
    """Return the number of the last line that begins at `offset` or before; -1 if none does."""
    return bisect_right(lines, offset, key=lambda line: line.start) - 1


def first_body_line(lines: Sequence[Line]) -> int:
    """Return the number of the first paragraph of running text, or the number of lines."""
    return next((number for number, line in enumerate(lines) if line.is_body), len(lines))
