"""Whose page a text stands on, as far as the text itself gives it away.

None of this says that the text is the page's own; it says who published this copy, which is needed to
tell "told us" from "told them" and to group the pages of one house.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from provenance.attribution.lettering import fold_letters
from provenance.model import Span

__all__ = ["find_own_handle", "find_own_line", "find_own_name", "find_site_name"]

_HANDLE = re.compile(r"@\w{2,30}")
_SITE_WORDS = 5  # longest site name behind a title
_OFTEN = 2  # embeds of one account, and of no other, before it is taken for the page's own
_OWN_LINE = 60  # longest line of a town and an outlet
_TOWN_WORDS = 4
_NAME = 3  # letters of the shortest publisher's name that is looked for
_MARKS = (
    ' -:/()"\N{EN DASH}\N{EM DASH}\N{ARABIC TATWEEL}'
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"
)
_HEAD = 600  # where a title and its repetition stand


def find_own_handle(text: str, embeds: Sequence[Span]) -> Iterator[Span]:
    """Yield the account all of whose posts a text embeds, once, if it embeds several of it only."""
    if len(embeds) < _OFTEN:
        return
    found = []
    for start, end in embeds:
        match = _HANDLE.search(text, start, end)
        if match:
            found.append(match)
    accounts = Counter(match[0].lower() for match in found)
    if len(accounts) == 1 and len(found) >= _OFTEN:
        yield found[0].span()


def find_site_name(text: str, title: str) -> Iterator[Span]:
    """Yield the site's name where a page's title is followed by it.

    A title is known as such because it is repeated in the lines below, or given.
    """
    head = text[:_HEAD]
    if "|" not in head:
        return
    lines = [line for line in head.split("\n") if line.strip()]
    first = lines[0]
    claim, bar, _ = first.rpartition("|")
    if not bar:
        return
    site = text.find("|", text.find(first) + len(claim)) + 1
    end = text.find("\n", site)
    end = len(text) if end < 0 else end
    name = text[site:end]
    known = fold_letters(claim).strip()
    repeated = any(known and known in fold_letters(line) for line in [*lines[1:3], title])
    if name.strip() and repeated and len(name.split()) <= _SITE_WORDS:
        yield (site + len(name) - len(name.lstrip()), site + len(name.rstrip()))


def find_own_line(text: str, publisher: str) -> Iterator[Span]:
    """Yield the publisher's name where a line at either end of the page is it and a word or two."""
    wanted = publisher.strip().lower()
    if len(wanted) < _NAME:
        return
    tail = max(0, len(text) - _HEAD)
    for begin, part in ((0, text[:_HEAD]), (tail, text[tail:])):
        if wanted not in part.lower():
            continue
        at = begin
        for line in part.splitlines(keepends=True):
            for start, end in find_own_name(line, publisher):
                around = (line[:start] + line[end:]).strip(_MARKS)
                if len(line) <= _OWN_LINE and len(around.split()) <= _TOWN_WORDS:
                    yield (at + start, at + end)
                    return
            at += len(line)


def find_own_name(byline: str, publisher: str) -> Iterator[Span]:
    """Yield the publisher's name where its author line names it."""
    wanted = publisher.strip()
    if len(wanted) < _NAME:
        return
    match = re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", byline, re.IGNORECASE)
    if match:
        yield match.span()
