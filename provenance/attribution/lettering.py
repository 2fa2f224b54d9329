"""Letters as the credit reader compares them: one character to one character, or to nothing.

Unlike the folding of :mod:`provenance.text`, punctuation survives, in one form per kind, because a
credit is recognized by its delimiters as much as by its words.  Rules and names are compiled through
the same function as the texts, so that whatever it does to a letter it does on both sides.

Hamza on waw and ya is kept: decomposing it would turn one common word into another.
"""

from __future__ import annotations

import html
import re
import sys
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = [
    "NOTHING",
    "TATWEEL",
    "fold_in_place",
    "fold_letter",
    "fold_letters",
    "open_entities",
    "part_footer",
]

TATWEEL = "\N{ARABIC TATWEEL}"

#: Stands for a letter that folds to nothing where places must be kept.
NOTHING = "\0"

_QUOTES = (
    "\N{QUOTATION MARK}\N{LEFT DOUBLE QUOTATION MARK}\N{RIGHT DOUBLE QUOTATION MARK}"
    "\N{DOUBLE LOW-9 QUOTATION MARK}\N{DOUBLE HIGH-REVERSED-9 QUOTATION MARK}"
    "\N{LEFT-POINTING DOUBLE ANGLE QUOTATION MARK}\N{RIGHT-POINTING DOUBLE ANGLE QUOTATION MARK}"
    "\N{SINGLE LEFT-POINTING ANGLE QUOTATION MARK}\N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK}"
    "\N{LEFT CURLY BRACKET}\N{RIGHT CURLY BRACKET}\N{DOUBLE PRIME}\N{FULLWIDTH QUOTATION MARK}"
    "\N{LEFT CORNER BRACKET}\N{RIGHT CORNER BRACKET}"
    "\N{LEFT WHITE CORNER BRACKET}\N{RIGHT WHITE CORNER BRACKET}"
    "\N{LEFT DOUBLE ANGLE BRACKET}\N{RIGHT DOUBLE ANGLE BRACKET}"
)
_APOSTROPHES = (
    "\N{LEFT SINGLE QUOTATION MARK}\N{RIGHT SINGLE QUOTATION MARK}"
    "\N{SINGLE LOW-9 QUOTATION MARK}\N{SINGLE HIGH-REVERSED-9 QUOTATION MARK}"
    "\N{GRAVE ACCENT}\N{ACUTE ACCENT}\N{MODIFIER LETTER APOSTROPHE}\N{FULLWIDTH APOSTROPHE}"
    "\N{MODIFIER LETTER TURNED COMMA}"
)
_ONE_FOR_MANY = {
    '"': _QUOTES,
    "'": _APOSTROPHES,
    ",": "\N{ARABIC COMMA}\N{IDEOGRAPHIC COMMA}\N{FULLWIDTH COMMA}",
    ":": "\N{FULLWIDTH COLON}\N{SMALL COLON}",
    ";": "\N{ARABIC SEMICOLON}\N{FULLWIDTH SEMICOLON}",
    "?": "\N{ARABIC QUESTION MARK}\N{FULLWIDTH QUESTION MARK}",
    ".": "\N{DEVANAGARI DANDA}\N{ARABIC FULL STOP}\N{IDEOGRAPHIC FULL STOP}\N{FULLWIDTH FULL STOP}",
    "/": "\N{FULLWIDTH SOLIDUS}",
    "(": (
        "\N{FULLWIDTH LEFT PARENTHESIS}\N{ORNATE LEFT PARENTHESIS}\N{LEFT SQUARE BRACKET}"
        "\N{LEFT BLACK LENTICULAR BRACKET}\N{FULLWIDTH LEFT SQUARE BRACKET}"
    ),
    ")": (
        "\N{FULLWIDTH RIGHT PARENTHESIS}\N{ORNATE RIGHT PARENTHESIS}\N{RIGHT SQUARE BRACKET}"
        "\N{RIGHT BLACK LENTICULAR BRACKET}\N{FULLWIDTH RIGHT SQUARE BRACKET}"
    ),
    "-": TATWEEL,
    "\n": "\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}\N{NEXT LINE}",
    "\N{ARABIC LETTER ALEF}": (
        "\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}\N{ARABIC LETTER ALEF WITH HAMZA BELOW}"
        "\N{ARABIC LETTER ALEF WITH MADDA ABOVE}\N{ARABIC LETTER ALEF WASLA}"
    ),
    "\N{ARABIC LETTER YEH}": (
        "\N{ARABIC LETTER ALEF MAKSURA}\N{ARABIC LETTER FARSI YEH}\N{ARABIC LETTER YEH BARREE}"
        "\N{ARABIC LETTER YEH BARREE WITH HAMZA ABOVE}"
    ),
    "\N{ARABIC LETTER HEH}": (
        "\N{ARABIC LETTER TEH MARBUTA}\N{ARABIC LETTER HEH GOAL}\N{ARABIC LETTER TEH MARBUTA GOAL}"
        "\N{ARABIC LETTER HEH DOACHASHMEE}\N{ARABIC LETTER HEH WITH YEH ABOVE}"
    ),
    "\N{ARABIC LETTER KAF}": "\N{ARABIC LETTER KEHEH}",
    "i": "\N{LATIN SMALL LETTER DOTLESS I}",
}
_TABLE = {ord(many): one for one, group in _ONE_FOR_MANY.items() for many in group}
_KEEP = "\N{ARABIC LETTER WAW WITH HAMZA ABOVE}\N{ARABIC LETTER YEH WITH HAMZA ABOVE}"
_GONE = frozenset({"Mn", "Me", "Cf", "Cc"})
_INDIC = range(0x0900, 0x0DFF)
_HANGUL = range(0xAC00, 0xD7A4)  # decomposes into letters of which the first means nothing

_ENTITY = re.compile(r"&(?:#\d{1,6}|#x[0-9a-fA-F]{1,5}|[a-zA-Z]{2,8}\d{0,2});")


class _Letters(dict[int, str]):
    """The table, filled as letters are met."""

    def __missing__(self, code: int) -> str:
        letter = _fold(chr(code))
        self[code] = letter
        return letter


def _fold(letter: str) -> str:
    code = ord(letter)
    if letter == "\n" or letter in _KEEP or code in _HANGUL:
        return letter
    if letter == "\t":
        return " "
    if code in _TABLE:
        return _TABLE[code]
    category = unicodedata.category(letter)
    if category in ("Mc", "Mn") and code in _INDIC:
        # a vowel sign is a letter of its word, and told apart from the next
        name = unicodedata.name(letter, "").replace("VOWEL SIGN", "LETTER")
        try:
            return unicodedata.lookup(name) if "LETTER" in name else ""
        except KeyError:
            return ""
    if category in _GONE:
        return ""
    if category == "Pd":
        return "-"
    if category[0] == "Z":
        return " "
    if category == "Nd":
        return str(unicodedata.digit(letter))
    parts = unicodedata.normalize("NFKD", letter)
    if len(parts) > 1 and any(unicodedata.category(mark) != "Mn" for mark in parts[1:]):
        parts = letter
    base = parts[:1].lower()[:1] or letter
    return _TABLE.get(ord(base), base)


_LETTERS = _Letters()


class _Places(dict[int, str]):
    """The same table with a sign for letters that carry no meaning."""

    def __missing__(self, code: int) -> str:
        letter = self[code] = _LETTERS[code] or NOTHING
        return letter


_PLACES = _Places()
_UNSEEN = b"\xff\xff"  # U+FFFF in the table of folded letters, which is none


def fold_letter(letter: str) -> str:
    """Return the one character that stands for `letter`, or nothing where it carries no meaning."""
    return _LETTERS[ord(letter)]


def fold_letters(text: str) -> str:
    """Return `text` letter by letter; a tatweel that lengthens a word is gone, a lone one a dash."""
    if TATWEEL in text:
        text = _LENGTHENING.sub("", text)
    return text.translate(_LETTERS)


_LENGTHENING = re.compile(rf"(?<=[^\W\d_{TATWEEL}]){TATWEEL}+")


def fold_in_place(text: str) -> str:
    """Return `text` letter by letter, as long as it is; `NOTHING` where nothing is left.

    A tatweel is gone after a letter, also where marks stand between the two.
    """
    folded = _look_up(text) if "numpy" in sys.modules else text.translate(_PLACES)
    if TATWEEL not in text:
        return folded
    letters = list(folded)
    last, place = -1, text.find(TATWEEL)
    while place >= 0:
        before = place - 1
        while before > last and letters[before] == NOTHING:
            before -= 1
        # where it follows a lengthening one it lengthens as well
        if before >= 0 and (letters[before].isalpha() or letters[before] == NOTHING):
            letters[place] = NOTHING
        last, place = place, text.find(TATWEEL, place + 1)
    return "".join(letters)


def _look_up(text: str) -> str:
    """Fold every letter by a table of the first plane, which is quicker than a dictionary."""
    import numpy as np

    units = text.encode("utf-16-le", "surrogatepass")
    if len(units) != 2 * len(text):
        return text.translate(_PLACES)
    table = _table()
    letters = table[np.frombuffer(units, np.uint16)].tobytes()
    if _UNSEEN in letters:
        for letter in set(text):
            table[ord(letter)] = ord(_PLACES[ord(letter)])
        letters = table[np.frombuffer(units, np.uint16)].tobytes()
    return letters.decode("utf-16-le", "surrogatepass")


@cache
def _table() -> npt.NDArray[np.uint16]:
    """The folded letter of each code point, `_UNSEEN` where none has asked for it so far."""
    import numpy as np

    return np.full(1 << 16, int.from_bytes(_UNSEEN, "little"), np.uint16)


def open_entities(text: str) -> str:
    """Replace character references by their character and fillers, keeping every offset.

    The fillers have no width and no meaning; folding drops them.
    """
    if "&" not in text:
        return text
    return _ENTITY.sub(_open_entity, text)


def part_footer(text: str, buttons: re.Pattern[str], words: tuple[str, ...]) -> str:
    """Take a footer from what scraping has glued to it, keeping every offset.

    Only near the end of the text.  Before the footer, the break takes the place of a full stop without
    a blank, between Arabic words or between a small letter or bracket and a capital.  A button
    ("Share") that ends the text without a blank before it becomes blanks.

    Args:
        text: The article, entities opened.
        buttons: Matches a button at the text's end with no blank before it.
        words: The buttons; asking whether the text ends with one of them is ten times as fast.
    """
    end = len(text)
    while end and not (text[end - 1].isalnum() or text[end - 1] == "_"):
        end -= 1
    floor = max(0, len(text) - _LONGEST_BUTTON)
    button = buttons.search(text, floor) if text.endswith(words, floor, end) else None
    if button:
        text = text[: button.start()] + " " * (len(text) - button.start())
    floor = max(0, len(text) - _FOOTER)
    for match in _GLUED.finditer(text, floor):
        at = match.start()
        text = f"{text[:at]}\n{text[at + 1 :]}"
    return text


_LONGEST_BUTTON = 24  # characters, with what scraping leaves behind it
_FOOTER = 300  # characters in which footers stand
_ARABIC = "[\N{ARABIC LETTER HAMZA}-\N{ARABIC LETTER YEH}]"
_GLUED = re.compile(
    rf"[.!\u061f](?:(?<={_ARABIC}{{3}}.)(?={_ARABIC}{{3}}|{_ARABIC}[.]{_ARABIC}|[(-]|[A-Z])"
    r"|(?<=[a-z\u00df-\u00ff]{3}.)(?=[A-Z\u00c0-\u00dd(][a-z\u00df-\u00ff]))"
)


def _open_entity(match: re.Match[str]) -> str:
    opened = html.unescape(match[0])
    if len(opened) != 1:
        return match[0]
    return opened + "\N{ZERO WIDTH SPACE}" * (len(match[0]) - 1)
