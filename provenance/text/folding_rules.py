"""The rules behind ``data/folding.tsv``, and the program that writes it.

Folding forgets what a re-typing changes and keeps what a reader reads: compatibility forms are spelled
out (NFKD), marks and invisible characters go, case goes, the Arabic letters that writers and keyboards
interchange become one, every decimal digit becomes ASCII, and whatever is neither letter nor number
separates words.

The rules are applied once, here, and frozen into a table: Unicode grows with every Python release, and
a stored signature must not change under its owner.  Run after a change of the rules::

    python -m provenance.text.folding_rules

and then raise ``FOLDING_VERSION`` in :mod:`provenance.text.folding`.

Limits.  A rule sees one character, never its neighbors.  Khmer, Burmese and other scripts without
blanks that are not named below are cut at blanks, punctuation and zero width spaces only.
"""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterator

__all__ = ["SEPARATOR", "action", "fold_character", "runs"]

SEPARATOR = " "

# Letters that Arabic, Persian, Urdu and Kurdish keyboards and habits interchange.  Hamza on a carrier
# needs no rule: it decomposes into the carrier and a mark, so that the composed letter, the decomposed
# one and the carrier typed without hamza are one.  A hamza on the line is a letter and stays.
_ARABIC = {
    "\N{ARABIC LETTER ALEF WASLA}": "\N{ARABIC LETTER ALEF}",
    "\N{ARABIC LETTER ALEF WITH WAVY HAMZA ABOVE}": "\N{ARABIC LETTER ALEF}",
    "\N{ARABIC LETTER ALEF WITH WAVY HAMZA BELOW}": "\N{ARABIC LETTER ALEF}",
    "\N{ARABIC LETTER TEH MARBUTA}": "\N{ARABIC LETTER HEH}",
    "\N{ARABIC LETTER TEH MARBUTA GOAL}": "\N{ARABIC LETTER HEH}",
    "\N{ARABIC LETTER HEH GOAL}": "\N{ARABIC LETTER HEH}",
    "\N{ARABIC LETTER HEH DOACHASHMEE}": "\N{ARABIC LETTER HEH}",
    "\N{ARABIC LETTER AE}": "\N{ARABIC LETTER HEH}",
    "\N{ARABIC LETTER ALEF MAKSURA}": "\N{ARABIC LETTER YEH}",
    "\N{ARABIC LETTER FARSI YEH}": "\N{ARABIC LETTER YEH}",
    "\N{ARABIC LETTER KEHEH}": "\N{ARABIC LETTER KAF}",
    "\N{ARABIC LETTER SWASH KAF}": "\N{ARABIC LETTER KAF}",
    "\N{ARABIC TATWEEL}": "",
    "\N{ARABIC SMALL WAW}": "",  # Quranic, like the small alef, which is a mark
    "\N{ARABIC SMALL YEH}": "",
}

_OTHERS = {
    # A capital I of a Turkish headline folds to i; the same word in the body is spelled without dot.
    "\N{LATIN SMALL LETTER DOTLESS I}": "i",
    # Beside a word, not in it; its decomposition is letters.
    "\N{TRADE MARK SIGN}": SEPARATOR,
    "\N{SERVICE MARK}": SEPARATOR,
    # A letter by category, an apostrophe by use; the other apostrophes are punctuation.
    "\N{MODIFIER LETTER APOSTROPHE}": SEPARATOR,
    # A format character by category; writers of Khmer and Thai put it between words.
    "\N{ZERO WIDTH SPACE}": SEPARATOR,
    # Letters by category that show nothing.
    "\N{HANGUL CHOSEONG FILLER}": "",
    "\N{HANGUL JUNGSEONG FILLER}": "",
}

# Vowels and diacritics of presentation-form text.  Their decomposition begins with the blank that
# carries an isolated mark, which would cut the word they stand in.
_ISOLATED_MARKS = ((0xFC5E, 0xFC63), (0xFE70, 0xFE7F))

# One token each: neither blanks nor any other local sign tells where a word of these ends.  Planes 2
# and 3 hold nothing else, now or later.
_IDEOGRAPHS = (
    (0x3005, 0x3005),
    (0x3007, 0x3007),
    (0x3400, 0x4DBF),
    (0x4E00, 0x9FFF),
    (0x20000, 0x3FFFD),
)

# Thai and Lao write no blanks between words.  A vowel that is written before its consonant begins a
# syllable, and a short final vowel or an abbreviation mark ends one: cutting there gives tokens of a
# few letters, each decided by one character, so that an edit spoils one token and no more.
_OPENING = ((0x0E40, 0x0E44), (0x0EC0, 0x0EC4))
_CLOSING = ((0x0E2F, 0x0E30), (0x0E46, 0x0E46), (0x0EAF, 0x0EB0), (0x0EC6, 0x0EC6))

# Vowels and finals that compose with the letter before them; the word fold composes Hangul syllables.
_JOINING_JAMO = ((0x1161, 0x1175), (0x11A8, 0x11C2))
_SYLLABLES = (0xAC00, 0xD7A3)  # precomposed; their decomposition would be undone again


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)


def _without_marks(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(c for c in decomposed if not unicodedata.category(c).startswith("M"))


def _fold_letter(char: str) -> str:
    code = ord(char)
    if char in _ARABIC:
        return _ARABIC[char]
    if char in _OTHERS:
        return _OTHERS[char]
    if _within(code, _IDEOGRAPHS):
        return char  # unassigned ones too: a later Unicode must not change them
    category = unicodedata.category(char)
    if category == "Nd":
        return str(unicodedata.digit(char))
    if category[0] in "LN":
        return char
    return "" if category[0] == "M" or category == "Cf" else SEPARATOR


def fold_character(char: str) -> str:
    """Return what one character contributes to a folded text.

    Args:
        char: One code point, surrogates included.

    Returns:
        Letters and digits, each of which folds to itself, and separators; empty for a character that
        vanishes inside its word.  A character that spells several words (a vulgar fraction, the
        honorific ligature of four words) has a separator at both ends.
    """
    code = ord(char)
    if _within(code, _ISOLATED_MARKS):
        return ""
    if _SYLLABLES[0] <= code <= _SYLLABLES[1] or char in _OTHERS:
        return _fold_letter(char)
    text, before = _without_marks(char), ""
    while text != before:
        before, text = text, _without_marks(text.casefold())
    folded = "".join(map(_fold_letter, text))
    words = folded.split(SEPARATOR)
    inner = SEPARATOR.join(word for word in words if word)
    if not inner:
        return SEPARATOR if SEPARATOR in folded else ""
    if SEPARATOR in inner:
        return SEPARATOR + inner + SEPARATOR
    return SEPARATOR * (not words[0]) + inner + SEPARATOR * (not words[-1])


def action(code: int) -> str:
    """Return the entry of a code point in the table's own words.

    Returns:
        ``drop``, ``separate``, ``keep``, ``solo`` (a token of its own), ``open`` (begins a token),
        ``close`` (ends one), ``join`` (composes with the letter before), or what the character becomes:
        ``+n`` or ``-n`` for the letter so many code points away, else ``=`` and code points in
        hexadecimal with ``_`` for a separator.
    """
    folded = fold_character(chr(code))
    if folded in ("", SEPARATOR):
        return "separate" if folded else "drop"
    if folded == chr(code):
        if _within(code, _IDEOGRAPHS):
            return "solo"
        if _within(code, _OPENING):
            return "open"
        if _within(code, _CLOSING):
            return "close"
        return "join" if _within(code, _JOINING_JAMO) else "keep"
    if len(folded) == 1:
        return f"{ord(folded) - code:+d}"
    return "=" + " ".join("_" if c == SEPARATOR else f"{ord(c):04X}" for c in folded)


def runs() -> Iterator[tuple[int, int, str]]:
    """Yield ``(first, last, action)`` in code-point order; what is not named separates words."""
    first, current = 0, action(0)
    for code in range(1, sys.maxunicode + 2):
        following = action(code) if code <= sys.maxunicode else ""
        if following == current and not following.startswith("="):
            continue
        if current != "separate":
            yield first, code - 1, current
        first, current = code, following


def _main() -> None:
    from pathlib import Path

    lines = [f"# Unicode {unicodedata.unidata_version}; written by provenance.text.folding_rules"]
    lines += [f"{first:04X}\t{last:04X}\t{entry}" for first, last, entry in runs()]
    target = Path(__file__).with_name("data") / "folding.tsv"
    target.write_text("\n".join(lines) + "\n", encoding="ascii")


if __name__ == "__main__":
    _main()
