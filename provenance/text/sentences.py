"""Where the sentences of texts stand, and on which line.

A sentence ends at the punctuation that ends sentences in its script, if a blank follows (ideographic
punctuation needs none), and at the end of a line.  A full stop behind a single letter belongs to an initial
or to an abbreviation (``U.S. officials``).

Limits: other abbreviations end a sentence; headlines and captions count as sentences.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import attrs
import numpy as np
import numpy.typing as npt

__all__ = ["Sentences", "sentences_of"]

_CLOSING = (
    "\"'\N{RIGHT DOUBLE QUOTATION MARK}\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
    "\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK})\\]\N{RIGHT CORNER BRACKET}"
    "\N{RIGHT WHITE CORNER BRACKET}\N{FULLWIDTH RIGHT PARENTHESIS}"
)
_ENDING = (
    "!?\N{HORIZONTAL ELLIPSIS}\N{ARABIC QUESTION MARK}\N{ARABIC FULL STOP}\N{DEVANAGARI DANDA}"
    "\N{DEVANAGARI DOUBLE DANDA}"
)
_WIDE = "\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH EXCLAMATION MARK}\N{FULLWIDTH QUESTION MARK}"
_LINE = "\n\r\v\f\x85\u2028\u2029"
_END = re.compile(
    rf"(?P<line>[{_LINE}]\s*)"
    rf"|(?:(?<!\b[^\W\d_])\.|[{_ENDING}])[.{_ENDING}]*[{_CLOSING}]*(?=\s)"
    rf"|[{_WIDE}]+[{_CLOSING}]*"
)


@attrs.frozen(kw_only=True, eq=False)
class Sentences:
    """The sentences of N texts, S in all.

    Attributes:
        starts: int64[S], code point at which the sentence begins in its text.
        ends: int64[S], code point after its last that is not blank.
        lines: int64[S], number of its line in the text.
        offsets: int64[N + 1]; the sentences of text d are ``offsets[d]`` to ``offsets[d + 1]``.
    """

    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    lines: npt.NDArray[np.int64]
    offsets: npt.NDArray[np.int64]


def sentences_of(texts: Sequence[str]) -> Sentences:
    r"""Find the sentences of texts.

    >>> found = sentences_of(["The U.S. agreed. Iran did not.\nMore soon"])
    >>> found.starts.tolist(), found.lines.tolist()
    ([0, 17, 31], [0, 0, 1])
    """
    starts: list[int] = []
    ends: list[int] = []
    lines: list[int] = []
    offsets = [0]
    for text in texts:
        begin = line = 0
        stops = [(match.end(), match["line"] is not None) for match in _END.finditer(text)]
        for stop, breaks in (*stops, (len(text), False)):
            sentence = text[begin:stop]
            if bare := sentence.strip():
                start = begin + sentence.index(bare[0])
                starts.append(start)
                ends.append(start + len(bare))
                lines.append(line)
            line += breaks
            begin = stop
        offsets.append(len(starts))
    return Sentences(
        starts=np.array(starts, np.int64),
        ends=np.array(ends, np.int64),
        lines=np.array(lines, np.int64),
        offsets=np.array(offsets, np.int64),
    )
