"""Furniture recognized by its form, not by its words: one rule, one generator of masks.

Each rule states what it takes for what and how far it reaches.  Where a rule must choose between leaving
furniture in and taking an article's own words out, it leaves furniture in: two copies that share a
button still match, an article without its second paragraph may not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import groupby

from provenance.model import Mask, Span
from provenance.text.calendars import clock_words, month_numbers, weekday_numbers
from provenance.text.folding import fold_text
from provenance.text.layout import Line, first_body_line, line_number

__all__ = [
    "credit_spans",
    "embed_spans",
    "hidden_spans",
    "small_line_spans",
    "ticker_spans",
    "title_spans",
    "wrapper_spans",
]

Masks = Iterator[Mask]

# C2PA hides a manifest in text as variation selectors after U+FEFF, one per byte.  Emoji and Mongolian
# use single selectors; eight in a row are a message.
_SELECTOR = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]")
# One of them is in every selector of UTF-16; to look for a byte takes next to no time.
_BYTES_OF_SELECTORS = (b"\xfe", b"\xdb")
_HIDDEN = re.compile("\ufeff?[\ufe00-\ufe0f\U000e0100-\U000e01ef]{8,}")

_WRAPPER = re.compile(
    r"\[/?ad_\d+\]"
    r"|\[/?(?:caption|embed|gallery|audio|video|playlist|vc_\w+|su_\w+|et_pb_\w+)\b[^\]\n]{0,300}\]"
)

_MEDIA_LINK = re.compile(r"(?:https?://)?(?:pic\.twitter\.com|t\.co)/[A-Za-z0-9]+")
# "— name (@handle) September 14, 2023", or with the day first: what an embedded post ends with.
_MONTH = r"[^\W\d_]{3,12}\.?"
_SIGNATURE = re.compile(
    r"(?:[-\N{EN DASH}\N{EM DASH}\N{HORIZONTAL BAR}]+|&mdash;)[^\S\n]*[^\n()]{0,80}"
    r"\(@[A-Za-z0-9_]{1,30}\)[^\S\n]*"
    rf"(?:{_MONTH}[^\S\n]+\d{{1,2}},?[^\S\n]+\d{{4}}"
    rf"|\d{{1,2}}\.?[^\S\n]+(?:de[^\S\n]+)?{_MONTH},?[^\S\n]+(?:de[^\S\n]+)?\d{{4}}"
    r"|\d{4}\s?\N{CJK UNIFIED IDEOGRAPH-5E74}\s?\d{1,2}\s?\N{CJK UNIFIED IDEOGRAPH-6708}"
    r"\s?\d{1,2}\s?\N{CJK UNIFIED IDEOGRAPH-65E5})?"
)
# The longest ordinary post has 280 code points; a link and a line break come on top.
_POST = 320
_POST_SIGN = re.compile(r"[#@]\w|https?://|pic\.twitter\.com")
_SENTENCE_BREAK = re.compile(
    r"[.!?\N{ARABIC QUESTION MARK}][\"\N{RIGHT DOUBLE QUOTATION MARK})]*\s+"
)

_SITE = re.compile(
    r"\s*\|\s*(?=[^|]*$)|\s+[\N{EN DASH}\N{EM DASH}-]\s+(?=[^|\N{EN DASH}\N{EM DASH}]*$)"
)
# Page title, headline, kicker, share row and caption stand within so many lines.
_HEAD = 8
# A button, a code, a time: what may stand below the last date of a page.
_STUB = 40
# "The Daily Horizon | World news"; a longer tail is a second half of the headline.
_SITE_NAME = 40
# What is longer is no headline, but a text in the wrong field.
_HEADLINE = 500
# A shorter line may be repeated by chance (a name, a city).
_TITLE_WORDS = 3

# "Business", "World news": a longer first line is a kicker that belongs to the story.
_SECTION = 3

# "Last updated: Wednesday 30 October 2024, 17:51 Mecca time (14:51 GMT)" and its likes.
_DATE_WORDS = 24
_NUMERIC_DATE = re.compile(
    r"\b\d{1,2}([/.-])\d{1,2}\1(?:19|20)?\d\d\b|\b\d{4}([/-])\d{1,2}\2\d{1,2}\b|\d:\d\d"
)

_ADDRESS = r"[\w.+-]{1,64}@[\w-]+(?:\.[\w-]{2,})+"
_CONTACT = re.compile(
    rf"\W*(?:[^\W\d_]+\W+){{0,3}}?(?:{_ADDRESS}|(?<![\w.])@[A-Za-z0-9_]{{2,30}}|https?://\S+|www\.\S+)\W*"
)
_ADDRESS_AT_EDGE = re.compile(rf"^{_ADDRESS}|{_ADDRESS}\W*$", re.ASCII)
_COPYRIGHT = re.compile(r"\N{COPYRIGHT SIGN}|\([cC]\)\s*(?:19|20)\d\d\b")

_DIGIT = re.compile(r"\d")
_WIDE_GAP = re.compile(r"[ \t]{3,}")
_GAPS = 3
_TICKER_LINES = 3
_TICKER_WORDS = 4
_DIGITS = 0.04  # tables of results have more
_HEADLINES = 6
_HEADLINE_WORDS = range(6, 15)

# What may stand between a credit and the edge of its line or sentence.
_EDGE = frozenset(
    " \t\N{NO-BREAK SPACE}()[]{}<>\"'/\\|-*:,;._=~"
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"
    "\N{EN DASH}\N{EM DASH}\N{ARABIC TATWEEL}\N{BULLET}\N{MIDDLE DOT}\N{ARABIC COMMA}"
    "\N{ARABIC SEMICOLON}\N{HORIZONTAL ELLIPSIS}\N{RIGHT-TO-LEFT MARK}\N{LEFT-TO-RIGHT MARK}"
)
_ENDS = frozenset(".)]!\N{HORIZONTAL ELLIPSIS}")
_OPENS = frozenset(".([!\N{HORIZONTAL ELLIPSIS}")
_BRACKETS = frozenset(
    '(["\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{LEFT DOUBLE QUOTATION MARK}'
)
# The longest of 3,500 printed agency bylines has 58 code points; so have datelines.
_CREDIT = 60
_DATELINE_END = re.compile(
    r"[^\n.]{0,25}?[)\]/]?[^\S\n]*(?:[-\N{EN DASH}\N{EM DASH}\N{ARABIC TATWEEL}:]|(?<=\s)/(?=\s))+\s*"
)


def hidden_spans(text: str) -> Masks:
    """Mask messages written in characters that nobody sees."""
    units = text.encode("utf-16-le", "surrogatepass")
    if any(byte in units for byte in _BYTES_OF_SELECTORS) and _SELECTOR.search(text):
        for match in _HIDDEN.finditer(text):
            yield Mask(span=match.span(), reason="hidden_characters")


def wrapper_spans(text: str) -> Masks:
    """Mask the short codes that plugins of content systems leave in text."""
    if "[" in text:
        for match in _WRAPPER.finditer(text):
            yield Mask(span=match.span(), reason="wrapper")


def credit_spans(text: str, lines: Sequence[Line], credits: Sequence[Span]) -> Masks:  # noqa: A002
    """Mask the credits that stand on their own; widen them to what they fill."""
    for span in credits:
        number = line_number(lines, span[0])
        inside = number >= 0 and span[0] < lines[number].end
        place = _credit_place(text, lines[number], span) if inside else None
        if place:
            yield Mask(span=place, reason="credit")


def _credit_place(text: str, line: Line, span: Span) -> Span | None:
    """Return the lines, dateline, bracket or sentence that a credit fills; None if it fills none."""
    start, end = span
    left, right = start, min(end, line.end)
    while left > line.start and text[left - 1] in _EDGE:
        left -= 1
    while right < line.end and text[right] in _EDGE:
        right += 1
    if left == line.start and right == line.end:
        return line.start, max(end, line.end)
    if len(line.text) <= _CREDIT:
        return line.span
    if end - line.start <= _CREDIT and not _SENTENCE_BREAK.search(text, line.start, start):
        dash = _DATELINE_END.match(text, end, line.end)
        if dash or _DATELINE_END.fullmatch(text, end - 3, end):
            return line.start, dash.end() if dash else right
    begins = left == line.start or not _OPENS.isdisjoint(text[left:start]) or text[start] in "(["
    closes = right == line.end or not _ENDS.isdisjoint(text[end - 1 : right])
    if begins and closes:
        return (start - 1 if start > line.start and text[start - 1] in _BRACKETS else start), right
    return None


def embed_spans(text: str, lines: Sequence[Line]) -> Masks:
    """Mask embedded posts, from the paragraph they begin with to their signature, and media links."""
    if "@" in text and "(@" in text:
        floor = 0
        for match in _SIGNATURE.finditer(text):
            start = max(floor, _post_start(text, lines, match.start()))
            yield Mask(span=(start, match.end()), reason="embed")
            floor = match.end()
    if "/" in text and ("t.co/" in text or "twitter.com/" in text):
        for match in _MEDIA_LINK.finditer(text):
            yield Mask(span=match.span(), reason="embed")


def _post_start(text: str, lines: Sequence[Line], end: int) -> int:
    """Return where the post that is signed at `end` begins: a line, or a sentence of a long one."""
    number = line_number(lines, end)
    start = lines[number].start
    if end - start > _POST:
        breaks = [found.end() for found in _SENTENCE_BREAK.finditer(text, end - _POST, end)]
        return breaks[-1] if breaks else end
    bare = start == end  # the signature has a line of its own, the post stands before it
    for above in range(number - 1, -1, -1):
        before = lines[above]
        if end - before.start > _POST or not (bare or _POST_SIGN.search(before.text)):
            break
        start, bare = before.start, False
    return start


def title_spans(lines: Sequence[Line], title: str) -> Masks:
    """Mask copies of the title among the first lines, and site names behind it.

    Without a given title, a line that stands there twice is one, and its first copy stays.
    """
    # Looking for a site name in a title that is no headline may take time by the square of its length.
    site = _SITE.search(title) if len(title) <= _HEADLINE else None
    given = {fold_text(title), fold_text(title[: site.start()]) if site else ""} - {""}
    first_body = first_body_line(lines)
    head = [line for line in lines[: _HEAD if given else min(_HEAD, first_body)] if line.is_short]
    if len(head) < 2 and not given:
        return
    seen: set[str] = set()
    for number, line in enumerate(head):
        site = _SITE.search(line.text)
        forms = {fold_text(line.text)} | ({fold_text(line.text[: site.start()])} if site else set())
        if given & forms or (number < first_body and any(map(_is_title, seen & forms))):
            yield Mask(span=line.span, reason="repeated_title")
            yield from _site_names(head, forms)
        seen |= forms


def _is_title(folded: str) -> bool:
    return folded.count(" ") >= _TITLE_WORDS - 1


def _site_names(head: Sequence[Line], titles: set[str]) -> Masks:
    for line in head:
        site = _SITE.search(line.text)
        if not site or len(line.text) - site.end() > _SITE_NAME:
            continue
        if fold_text(line.text[: site.start()]) in titles:
            yield Mask(span=(line.start + site.start(), line.end), reason="site_name")


def small_line_spans(lines: Sequence[Line]) -> Masks:
    """Mask lines that are only a section name, a date, an address or a copyright notice."""
    first_body = first_body_line(lines)
    if first_body > 1 and _is_section(lines[0], lines[1]):
        yield Mask(span=lines[0].span, reason="masthead")
    last = len(lines)
    while last and len(lines[last - 1].text) <= _STUB:
        last -= 1
    for number, line in enumerate(lines):
        if not line.is_short:
            continue
        if (number < first_body or number >= last - 1) and _is_date(line):
            yield Mask(span=line.span, reason="date_line")
        elif ("@" in line.text or "www." in line.text or "//" in line.text) and _CONTACT.fullmatch(
            line.text
        ):
            yield Mask(span=line.span, reason="contact")
        elif number > first_body and _COPYRIGHT.match(line.text):
            yield Mask(span=line.span, reason="copyright")
    for line in lines[-_HEAD:]:
        address = _ADDRESS_AT_EDGE.search(line.text) if "@" in line.text else None
        if address:
            start, end = address.span()
            yield Mask(span=(line.start + start, line.start + end), reason="contact")


def _is_section(line: Line, headline: Line) -> bool:
    """Whether a line over the headline names a section of the site."""
    return (
        len(line.words) <= _SECTION
        and all(char.isalpha() or char.isspace() for char in line.text)
        and headline.start - line.end > 1  # an empty line, which a title and its author do not have
        and len(headline.words) in _HEADLINE_WORDS
        and not headline.ends_sentence
    )


def _is_date(line: Line) -> bool:
    """Whether a line holds numbers, names of months and days, words of clocks, and nothing else."""
    if not _DIGIT.search(line.text):
        return False
    words = line.words
    if len(words) > _DATE_WORDS or line.text.endswith(":"):
        return False
    names = 0
    after = ""
    for word in words:
        pair = f"{after} {word}"
        if word in month_numbers() or word in weekday_numbers() or pair in month_numbers():
            names += 1
        elif word not in clock_words() and word not in _month_parts() and word != "0":
            return False
        after = word
    return names > 0 or _NUMERIC_DATE.search(line.text) is not None


@cache
def _month_parts() -> frozenset[str]:
    """Words of the names that have two, such as the months of the Levant."""
    return frozenset(part for name in month_numbers() if " " in name for part in name.split())


def ticker_spans(lines: Sequence[Line]) -> Masks:
    """Mask headlines of other articles that stand before this one.

    Either one line of headlines between wide gaps, or six and more headlines under each other.
    """
    first_body = first_body_line(lines)
    if first_body == len(lines):
        return
    for line in lines[:_TICKER_LINES]:
        if "   " not in line.text and "\t" not in line.text:
            continue
        parts = [part for part in _WIDE_GAP.split(line.text) if len(part.split()) >= _TICKER_WORDS]
        if len(parts) > _GAPS and sum(map(str.isdigit, line.text)) < _DIGITS * len(line.text):
            yield Mask(span=line.span, reason="ticker")
    if first_body < _HEADLINES:
        return
    headlines = [
        len(line.words) in _HEADLINE_WORDS and not line.ends_sentence for line in lines[:first_body]
    ]
    start = 0
    for is_headline, run in groupby(headlines):
        end = start + len(list(run))
        if is_headline and end - start >= _HEADLINES:
            yield from (Mask(span=line.span, reason="ticker") for line in lines[start:end])
        start = end
