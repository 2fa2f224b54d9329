"""Text that was decoded with the wrong table, and the way back.

Three accidents happen to news on the web: bytes of UTF-8 are read as a Windows table (each letter
becomes two to four signs), bytes of the Arabic Windows table are read as the Western one (each letter
becomes another), and quotes and dashes of the Western table are read as controls.  All of them happen to
a part of a page only, such as an author line.

A repair is made only where it is certain.  Signs that form well-formed UTF-8 by chance are rare, and a
stretch whose signs nearly all do so is no accident; words of three and more accented letters in a row,
all of which are Arabic letters in the other table, exist in no language.  What is doubtful stays as it
is.

Limits: signs that were lost on the way are not guessed; text broken twice is repaired once.
"""

from __future__ import annotations

import re
from functools import cache
from itertools import accumulate

import attrs

from provenance.model import Article, Field, Span

__all__ = ["Repair", "repair_article", "repair_text"]

# Share of the signs beyond ASCII that must be well-formed UTF-8, and how many letters at least.
_WELL_FORMED = 0.9
_AT_LEAST = 2
_SURE = ("\u00e2\u20ac", "\u00e2\u0080", "\u00c3", "\u00c2")  # as a dash, a quote, an accent begin
# Arabic read as Western: accented letters in a row, their share of such words' letters, Arabic among them.
_IN_A_ROW = re.compile("[\u00c0-\u00ff]{3}")
_ACCENTED = re.compile("[^\\W\\d_]*[\u00c0-\u00ff][^\\W\\d_]*")
_ARABIC_SHARE = 0.95
_MOSTLY = 0.6
# What second bytes of Arabic and accented letters look like in the Arabic table; Arabic texts use none of it.
_SECOND = (
    "\u00a7\u201e\u02c6\u2020\u2021\u00b1\u00a8\u00af\u00b9\u00b3\u0192\u201a\u00a9\u20ac\u00b6\u00bc"
    "\u00b0\u00b2\u00b4\u00b5\u00b8\u00be\u00a4\u00a5\u00a6\u00ac\u00ae\u2030\u2122"
)
_SHORT = 400  # a field so short is looked at sign by sign
# What the commonest letters look like in the wrong table; one of them is in every such text.
_SIGNS_OF_UTF8 = {
    "cp1256": ("\u00a7",),
    "cp1252": tuple("\u00c3\u00c4\u00c5\u00ce\u00d0\u00d7\u00d8\u00e0\u00e2\u00e3\u00ec\u00ef"),
}
# Quotes and dashes of the Western table as Latin-1 has them: controls that no text means.
_CONTROLS = "\u0091\u0092\u0093\u0094\u0096\u0097"
_ARTICLE = "\u00c7\u00e1"  # alef and lam of cp1256 in cp1252


@attrs.frozen(kw_only=True)
class Repair:
    """A text as it was meant.

    Attributes:
        text: The letters.
        accident: What had happened, such as ``UTF-8 read as cp1256``.
    """

    text: str
    accident: str
    _starts: tuple[int, ...] = attrs.field(repr=False, alias="starts")

    def original(self, span: Span) -> Span:
        """Return where a stretch of the repaired text stands in the text as found."""
        if not self._starts:
            return span
        return self._starts[span[0]], self._starts[span[1]]


def repair_text(text: str) -> Repair | None:
    r"""Return `text` as it was meant, or nothing if no accident is certain.

    Args:
        text: Any text; a page of which only some lines are broken is repaired in those lines.

    Example:
        >>> repair_text("contribu\u00c3\u00a9 \u00c3\u00a0 cet article").text
        'contribu\xe9 \xe0 cet article'
    """
    if text.isascii():
        return None
    for table, signs in _SIGNS_OF_UTF8.items():
        brief = len(text) <= _SHORT and (table == "cp1252" or _may_be_utf8(text))
        if brief or any(sign in text for sign in signs):
            found = _from_utf8(text, table)
            if found is not None:
                return found
    if (_ARTICLE[0] in text and _ARTICLE in text) or (
        len(text) <= _SHORT and _IN_A_ROW.search(text)
    ):
        found = _from_arabic_table(text)
        if found is not None:
            return found
    if any(sign in text for sign in _CONTROLS) and not _sequence("cp1252").search(text):
        letters = text.translate(_controls())
        return Repair(text=letters, accident="cp1252 read as Latin-1", starts=())
    return None


def _may_be_utf8(text: str) -> bool:
    """Whether a text has one of the signs that second bytes look like and Arabic texts do not use."""
    return any(sign in text for sign in _SECOND)


def repair_article(article: Article) -> tuple[Article, dict[Field, Repair]]:
    """Return an article with its fields as they were meant, and what was repaired in which.

    Spans in the repaired article are no spans of the original; :meth:`Repair.original` leads back.
    """
    repairs: dict[Field, Repair] = {}
    meant: dict[Field, str] = {
        "byline": article.byline,
        "text": article.text,
        "title": article.title,
    }
    for field, text in meant.items():
        repair = repair_text(text)
        if repair is not None:
            repairs[field] = repair
            meant[field] = repair.text
    if not repairs:
        return article, repairs
    meant_article = attrs.evolve(
        article, byline=meant["byline"], text=meant["text"], title=meant["title"]
    )
    return meant_article, repairs


@cache
def _controls() -> dict[int, str]:
    """Return what the controls of Latin-1 are in the Western table, line ends apart."""
    return {
        byte: sign
        for sign, byte in _bytes_of("cp1252").items()
        if byte < 0xA0 and byte != 0x85 and ord(sign) > 0xFF
    }


@cache
def _bytes_of(table: str) -> dict[str, int]:
    """Return the byte of each character; in the Western table also of the controls of Latin-1."""
    found = {}
    for byte in range(0x80, 0x100):
        letter = bytes([byte]).decode(table, "replace")
        if letter != "\N{REPLACEMENT CHARACTER}":
            found[letter] = byte
        if table == "cp1252":
            found.setdefault(chr(byte), byte)
    return found


@cache
def _sequence(table: str) -> re.Pattern[str]:
    """Return an expression for one letter of UTF-8, as its bytes look in a table."""
    more = _signs(table, 0x80, 0xBF)
    two, three, four = ((0xC2, 0xDF), (0xE0, 0xEF), (0xF0, 0xF4))
    return re.compile(
        f"{_signs(table, *two)}{more}|{_signs(table, *three)}{more}{{2}}"
        f"|{_signs(table, *four)}{more}{{3}}"
    )


@cache
def _start(table: str) -> re.Pattern[str]:
    """Return an expression for the first two signs of such a letter, which is quick to look for."""
    return re.compile(_signs(table, 0xC2, 0xF4) + _signs(table, 0x80, 0xBF))


def _signs(table: str, first: int, last: int) -> str:
    """Return a class of the characters whose bytes lie in a range."""
    signs = [re.escape(sign) for sign, byte in _bytes_of(table).items() if first <= byte <= last]
    return f"[{''.join(signs)}]"


def _from_utf8(text: str, table: str) -> Repair | None:
    if not _start(table).search(text):
        return None
    blocks = [text] if _is_broken(text, table) else text.splitlines(keepends=True)
    letters: list[str] = []
    widths: list[int] = []
    repaired = False
    for block in blocks:
        if not _is_broken(block, table):
            letters.extend(block)
            widths.extend([1] * len(block))
            continue
        repaired = True
        place = 0
        for match in _sequence(table).finditer(block):
            start, end = match.span()
            letter = bytes(_bytes_of(table)[sign] for sign in match[0]).decode("utf-8", "replace")
            if len(letter) > 1 or letter == "\N{REPLACEMENT CHARACTER}":
                continue
            letters.extend((*block[place:start], letter))
            widths.extend([1] * (start - place))
            widths.append(end - start)
            place = end
        letters.extend(block[place:])
        widths.extend([1] * (len(block) - place))
    if not repaired:
        return None
    return Repair(
        text="".join(letters),
        accident=f"UTF-8 read as {table}",
        starts=tuple(accumulate(widths, initial=0)),
    )


def _is_broken(text: str, table: str) -> bool:
    """Whether nearly all that is not ASCII is well-formed UTF-8, and not once by chance."""
    found = _sequence(table).findall(text)
    beyond = len(text) - len(text.encode("ascii", "ignore"))
    enough = len(found) >= _AT_LEAST or (bool(found) and found[0].startswith(_SURE))
    return enough and sum(map(len, found)) >= _WELL_FORMED * beyond


def _from_arabic_table(text: str) -> Repair | None:
    """Repair Arabic of cp1256 that was read as cp1252: one letter for one letter, line by line."""
    lines = text.splitlines(keepends=True)
    meant = [_as_arabic(line) for line in lines]
    if not any(meant):
        return None
    return Repair(
        text="".join(new or line for new, line in zip(meant, lines, strict=True)),
        accident="cp1256 read as cp1252",
        starts=(),
    )


def _as_arabic(line: str) -> str:
    words = _ACCENTED.findall(line)
    letters = "".join(words)
    accented = sum(letter >= "\u00c0" for letter in letters)
    if not any(map(_IN_A_ROW.search, words)) or accented < _MOSTLY * len(letters):
        return ""
    read = "".join(_in_arabic_table(letter) for letter in letters)
    arabic = sum("\u0600" <= letter <= "\u06ff" for letter in read)
    if arabic < _ARABIC_SHARE * len(letters):
        return ""
    return "".join(map(_in_arabic_table, line))


def _in_arabic_table(letter: str) -> str:
    byte = _bytes_of("cp1252").get(letter)
    return letter if byte is None else bytes([byte]).decode("cp1256")
