"""What two writers of one word have in common: the folded form, and the table behind it.

A folded word is what remains when marks, case, compatibility forms, invisible characters and the
interchangeable Arabic letters are forgotten; :mod:`provenance.text.folding_rules` states the rules.
Words are cut at whatever is neither letter nor number; an ideograph is a word of its own.

Two things look beyond one character.  A waw standing alone belongs to the next word, because Arabic
writes the conjunction onto it and some typists do not; at the end of a text it stays alone.  Hangul
letters compose into syllables.

:func:`fold_text` is the reference for the kernels of :mod:`provenance.text.kernels`, which must find
the same words.  It is plain Python and loads no numeric library.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cache
from operator import itemgetter
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = [
    "CLOSES",
    "DROP",
    "FOLDING_VERSION",
    "JOINS",
    "OPENS",
    "SEPARATE",
    "SPELLED",
    "WAW",
    "fold_tables",
    "fold_text",
]

FOLDING_VERSION = 1
"""Part of every stored sketch; raised whenever the table, the words or a hash of them changes."""

WAW = 0x0648

# Values of the table that the kernels read.  A folded letter is its code point; the flags lie above
# 16 bits, so that one comparison tells whether a text needs more than a look-up per character.
DROP = 0
SEPARATE = 0xFFFF  # no character: all plain letters lie below
OPENS = 1 << 24  # begins a token
CLOSES = 1 << 25  # ends a token
JOINS = 1 << 26  # a Hangul vowel or final, to be composed
SPELLED = 1 << 27  # low bits: where its letters stand in the second table

_FLAGS = {"keep": 0, "solo": OPENS | CLOSES, "open": OPENS, "close": CLOSES, "join": JOINS}
_CODE_POINTS = 0x110000
_SURROGATES = slice(0xD800, 0xE000)

_LEADING_JAMO, _VOWEL_JAMO, _FINAL_JAMO, _SYLLABLE = 0x1100, 0x1161, 0x11A7, 0xAC00
_JOINING = re.compile("[\u1161-\u1175\u11a8-\u11c2]")
_VOWELS, _FINALS = 21, 28  # per leading consonant, per vowel; "no final" counts


@cache
def _table() -> list[tuple[int, int, str]]:
    text = (Path(__file__).with_name("data") / "folding.tsv").read_text(encoding="ascii")
    rows = (line.split("\t") for line in text.splitlines() if not line.startswith("#"))
    return [(int(first, 16), int(last, 16), entry) for first, last, entry in rows]


def _entry(code: int) -> str:
    rows = _table()
    first, last, entry = rows[bisect_right(rows, code, key=itemgetter(0)) - 1]
    return entry if first <= code <= last else "separate"


def _spelling(code: int, entry: str) -> str:
    """Return what the table makes of a character, a blank for each separator."""
    if entry in ("drop", "separate"):
        return "" if entry == "drop" else " "
    if entry.startswith("="):
        return "".join(" " if c == "_" else chr(int(c, 16)) for c in entry[1:].split())
    return chr(code if entry in _FLAGS else code + int(entry))


class _Translation(dict[int, str]):
    """The table for ``str.translate``, filled as texts ask; a cut is a blank like a separator."""

    def __missing__(self, code: int) -> str:
        spaced = []
        for char in _spelling(code, _entry(code)):
            flag = _FLAGS.get(_entry(ord(char)), 0)
            spaced.append(" " * bool(flag & OPENS) + char + " " * bool(flag & CLOSES))
        self[code] = "".join(spaced)
        return self[code]


_TRANSLATION = _Translation()


def _composed(left: str, right: str) -> str:
    """Return the Hangul syllable of two letters, empty if they form none."""
    first, second = ord(left) - _LEADING_JAMO, ord(right) - _VOWEL_JAMO
    if 0 <= first < 19 and 0 <= second < _VOWELS:  # 19 leading consonants
        return chr(_SYLLABLE + (first * _VOWELS + second) * _FINALS)
    first, second = ord(left) - _SYLLABLE, ord(right) - _FINAL_JAMO
    if 0 <= first < 11172 and first % _FINALS == 0 and 0 < second < _FINALS:  # 11,172 syllables
        return chr(ord(left) + second)
    return ""


def _compose(word: str) -> str:
    letters: list[str] = []
    for letter in word:
        syllable = _composed(letters[-1], letter) if letters else ""
        if syllable:
            letters[-1] = syllable
        else:
            letters.append(letter)
    return "".join(letters)


def fold_text(text: str) -> str:
    """Return the folded words of a text, joined by one blank.

    Args:
        text: Any string; lone surrogates separate words.

    Returns:
        The words in order; empty if there is none.  Folding the result again changes nothing.
    """
    words: list[str] = []
    waw = ""
    letters = text.translate(_TRANSLATION)
    compose = _compose if _JOINING.search(letters) else str
    for word in letters.split(" "):
        if not word:
            continue
        if word == chr(WAW) and not waw:
            waw = word
            continue
        words.append(waw + compose(word))
        waw = ""
    return " ".join([*words, waw] if waw else words)


@cache
def fold_tables() -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Return the table in the form that the kernels read; both arrays are read-only.

    Returns:
        ``fold``, uint32[0x110000]: ``DROP``, ``SEPARATE``, or a folded code point with flags, or
        ``SPELLED`` and an index.  ``spellings``, uint32: at each such index the number of values
        that follow, then the values, each of them ``SEPARATE`` or a folded code point with flags.
    """
    import numpy as np

    fold = np.full(_CODE_POINTS, SEPARATE, np.uint32)
    spellings: list[int] = []
    rows = _table()
    for first, last, entry in rows:
        if entry == "drop":
            fold[first : last + 1] = DROP
        elif entry in _FLAGS:
            fold[first : last + 1] = np.arange(first, last + 1, dtype=np.uint32) | _FLAGS[entry]
    for first, last, entry in rows:  # what characters become is known now
        if entry.startswith("="):
            letters = [SEPARATE if c == " " else int(fold[ord(c)]) for c in _spelling(first, entry)]
            fold[first] = SPELLED | len(spellings)
            spellings += [len(letters), *letters]
        elif entry != "drop" and entry not in _FLAGS:
            shift = int(entry)
            fold[first : last + 1] = fold[first + shift : last + 1 + shift]
    # A unit of this range may be half of a character: for the long road to decide.
    fold[_SURROGATES] = SPELLED | len(spellings)
    spellings += [1, SEPARATE]
    tails = np.array(spellings, np.uint32)
    fold.flags.writeable = tails.flags.writeable = False
    return fold, tails
