"""Fifteen ways to type an Arabic text again without changing a word of it.

Each is something that an editor, a keyboard, a font or a scraper does to a text every day.  A method
that finds copies should hardly notice: ``RETYPINGS`` is the list to measure it with.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from functools import cache
from itertools import cycle

__all__ = ["RETYPINGS"]

_VOWELS = (
    "\N{ARABIC FATHA}",
    "\N{ARABIC DAMMA}",
    "\N{ARABIC KASRA}",
    "\N{ARABIC SHADDA}",
    "\N{ARABIC SUKUN}",
)
_WORD = re.compile(r"[\u0621-\u063a\u0641-\u064a]{3,}")
_PUNCTUATION = r"""(?<!\d)[.,:;!?"()\u060c\u061b\u061f«»]|[.,:;!?"()\u060c\u061b\u061f«»](?!\d)"""
_WAW = "\N{ARABIC LETTER WAW}"
_LAM = "\N{ARABIC LETTER LAM}"
_POSITIONS = {"<isolated>": 0, "<final>": 1, "<initial>": 2, "<medial>": 3}


def _each(text: str, change: Callable[[str], str], step: int = 1) -> str:
    """Change one Arabic word of three letters or more in `step`."""
    turns = cycle(range(step))
    return _WORD.sub(lambda match: change(match[0]) if next(turns) == 0 else match[0], text)


def _vocalized(text: str, step: int) -> str:
    marks = cycle(_VOWELS)
    return _each(text, lambda word: word[:2] + next(marks) + word[2:], step)


def _stretched(text: str) -> str:
    return _each(text, lambda word: word[:1] + "\N{ARABIC TATWEEL}" * 2 + word[1:], 4)


def _translated(frm: str, to: str) -> Callable[[str], str]:
    return lambda text: text.translate(str.maketrans(frm, to))


def _digits(text: str) -> str:
    zero = ord("\N{ARABIC-INDIC DIGIT ZERO}")
    return re.sub("[0-9]", lambda match: chr(zero + int(match[0])), text)


@cache
def _forms() -> Mapping[str, tuple[str, ...]]:
    """Return the isolated, final, initial and medial form of each letter; empty where there is none."""
    forms: dict[str, list[str]] = {}
    for code in range(0xFE80, 0xFEFD):
        position, *letters = unicodedata.decomposition(chr(code)).split()
        base = "".join(chr(int(letter, 16)) for letter in letters)
        forms.setdefault(base, ["", "", "", ""])[_POSITIONS[position]] = chr(code)
    return {base: tuple(of_base) for base, of_base in forms.items()}


def _shaped(word: str) -> str:
    """Write a word with the characters of its glyphs, as old typesetting and some PDF files do."""
    forms = _forms()
    units = re.findall(f"{_LAM}[\\u0622\\u0623\\u0625\\u0627]|.", word)
    shaped, joined = "", False
    for number, unit in enumerate(units):
        isolated, final, initial, medial = forms.get(unit, ("", "", "", ""))
        follower = forms.get(units[number + 1], ("", "", "", "")) if number + 1 < len(units) else ()
        onward = bool(initial and follower and follower[1])
        shaped += (medial if onward else final) if joined else (initial if onward else isolated)
        joined = onward
    return shaped


RETYPINGS: Mapping[str, Callable[[str], str]] = {
    "vowel marks, every word": lambda text: _vocalized(text, 1),
    "vowel marks, one word in five": lambda text: _vocalized(text, 5),
    "tatweel, one word in four": _stretched,
    "hamza forms of alef": _translated(
        "\N{ARABIC LETTER ALEF WITH HAMZA ABOVE}\N{ARABIC LETTER ALEF WITH HAMZA BELOW}"
        "\N{ARABIC LETTER ALEF WITH MADDA ABOVE}",
        "\N{ARABIC LETTER ALEF}" * 3,
    ),
    "final ya": lambda text: re.sub(
        "\N{ARABIC LETTER YEH}\\b", "\N{ARABIC LETTER ALEF MAKSURA}", text
    ),
    "ta marbuta": _translated("\N{ARABIC LETTER TEH MARBUTA}", "\N{ARABIC LETTER HEH}"),
    "decomposed (NFD)": lambda text: unicodedata.normalize("NFD", text),
    "Arabic-Indic digits": _digits,
    "Farsi ya and kaf": _translated(
        "\N{ARABIC LETTER YEH}\N{ARABIC LETTER KAF}",
        "\N{ARABIC LETTER FARSI YEH}\N{ARABIC LETTER KEHEH}",
    ),
    "right-to-left marks": lambda text: _each(
        text, lambda word: "\N{RIGHT-TO-LEFT MARK}" + word, 4
    ),
    "no-break spaces": lambda text: text.replace(" ", "\N{NO-BREAK SPACE}"),
    "punctuation dropped": lambda text: re.sub(_PUNCTUATION, "", text),
    "Latin commas": lambda text: text.replace("\N{ARABIC COMMA}", ","),
    "conjunction split off": lambda text: re.sub(f"\\b{_WAW}(?=\\w{{3}})", _WAW + " ", text),
    "presentation forms": lambda text: _each(text, _shaped),
}
"""Name of each re-typing, and the function that does it."""
