"""Where in an article a place lies: header, dateline, lead, body, caption or tail.

A scraped page is plain lines.  The first long line is where the story begins; what stands above it is
header.  The tail is counted after the widgets that a site hangs below its stories.  A text of a single
line has no header, and its tail is its end.
"""

from __future__ import annotations

import re
from bisect import bisect_right

import attrs

from provenance.attribution.lettering import fold_letters
from provenance.model import Zone

__all__ = ["Layout", "lay_out"]

_STORY = 80  # shortest line that is taken for the story itself; headlines are shorter
_LEAD = 300  # characters of a lead
_TAIL = 250  # characters of a tail ...
_TAIL_LINES = 3  # ... and lines of it
_WRAPPER = 70  # longest line of a site's widgets
#: What the buttons of a picture slider leave before the line below them.
_LINE = re.compile(r"(?:[ \t]*Next[ \t]+Previous(?=[ \t]+\S))?([^\n]*[^\s][^\n]*)")
DATELINE = 75  # longest dateline: place, date, agency


@attrs.frozen
class Layout:
    """The lines of a text, and where its parts begin.

    Attributes:
        starts: Start of every line that is not blank.
        ends: Their ends.
        story: Start of the first long line; the text's start where no line is long.
        tail: Start of the tail.
        end: End of the text without the widgets below it.
    """

    starts: tuple[int, ...]
    ends: tuple[int, ...]
    story: int
    tail: int
    end: int

    def zone(self, offset: int) -> Zone:
        """Return the zone of a place in the text, without regard to what it says."""
        if offset < self.story:
            return "header"
        if offset >= self.end > 0:
            return "wrapper"
        if offset >= self.tail and not (
            len(self.starts) > 1 and offset < self._line_end(self.story)
        ):
            return "tail"
        return "lead" if offset - self.story < _LEAD else "body"

    def line(self, offset: int) -> tuple[int, int]:
        """Return the span of the line around `offset`."""
        number = max(0, bisect_right(self.starts, offset) - 1)
        return self.starts[number], self.ends[number]

    def neighbors(self, offset: int, brief: int) -> tuple[int, int]:
        """Return the line around `offset` with the line before and after, where those are brief."""
        number = max(0, bisect_right(self.starts, offset) - 1)
        start, end = self.starts[number], self.ends[number]
        if number and self.ends[number - 1] - self.starts[number - 1] <= brief:
            start = self.starts[number - 1]
        if (
            number + 1 < len(self.starts)
            and self.ends[number + 1] - self.starts[number + 1] <= brief
        ):
            end = self.ends[number + 1]
        return start, end

    def _line_end(self, start: int) -> int:
        return self.line(start)[1]


def lay_out(text: str, widgets: re.Pattern[str]) -> Layout:
    """Return the layout of `text`.

    Args:
        text: The article.
        widgets: Matches the folded line of a widget.
    """
    starts, ends = [], []
    for match in _LINE.finditer(text):
        starts.append(match.start(1))
        ends.append(match.end())
    if not starts:
        return Layout((0,), (len(text),), 0, 0, len(text))
    long = [n for n, start in enumerate(starts) if ends[n] - start >= _STORY]
    story = starts[long[0]] if long else starts[0]
    last = len(starts)
    while last > 1 and ends[last - 1] - starts[last - 1] <= _WRAPPER:
        if not widgets.search(fold_letters(text[starts[last - 1] : ends[last - 1]])):
            break
        last -= 1
    end = ends[last - 1]
    tail = max(starts[max(0, last - _TAIL_LINES)], end - _TAIL)
    return Layout(tuple(starts), tuple(ends), story, tail, end)
