"""Names as consonant classes: one spelling for what five scripts write differently.

A name that is carried from one script to another keeps, roughly, the order of its consonants; vowels
are dropped, doubled, guessed.  Eleven classes of consonants are told apart (``data/letters.tsv``),
coarse enough that the usual transliterations of a letter meet and fine enough that different names
rarely do.

A letter that transliterators treat in two ways has two readings, so a word has several skeletons.  A
short name (Obama, Kim) has too few consonants for one.  Scripts without letters in the table have no
skeletons; a further script, or a transliterator underneath, comes in through :func:`_letters`.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice, product
from typing import Final

__all__ = ["LATIN_LANGUAGES", "rows_of", "script_of", "skeletons"]

#: Skeletons of one word at most; beyond them, further letters take their first reading.  Names with
#: more than two doubtful letters are rare, and six cover two letters of three and two readings.
READINGS: Final = 6

#: Languages written in Latin letters; a Latin word in any other was kept as it is, and tells much.
LATIN_LANGUAGES: Final = frozenset(
    {
        *(
            "af",
            "az",
            "bs",
            "ca",
            "cs",
            "cy",
            "da",
            "de",
            "en",
            "es",
            "et",
            "eu",
            "fi",
            "fil",
            "fr",
            "ga",
        ),
        *(
            "gl",
            "hr",
            "hu",
            "id",
            "is",
            "it",
            "lt",
            "lv",
            "ms",
            "mt",
            "nb",
            "nl",
            "nn",
            "no",
            "pl",
            "pt",
        ),
        *("ro", "sk", "sl", "sq", "sv", "sw", "tl", "tr", "uz", "vi"),
    }
)

#: First code point of a block, code point after it, script.
_BLOCKS: Final = (
    (0x0041, 0x0250, "latin"),
    (0x0370, 0x0400, "greek"),
    (0x0400, 0x0530, "cyrillic"),
    (0x0590, 0x0600, "hebrew"),
    (0x0600, 0x0700, "arabic"),
    (0x0750, 0x0780, "arabic"),
    (0x1E00, 0x1F00, "latin"),
    (0x1F00, 0x2000, "greek"),
    (0xFB1D, 0xFB50, "hebrew"),
    (0xFB50, 0xFE00, "arabic"),
    (0xFE70, 0xFF00, "arabic"),
)

_DOUBLED: Final = re.compile(r"(.)\1+")


@lru_cache(maxsize=8_192)
def _script_of_letter(letter: str) -> str:
    point = ord(letter)
    for first, after, script in _BLOCKS:
        if first <= point < after:
            return script
    return ""


def script_of(word: str) -> str:
    """Return the script of a word's first letter, empty if it is none of the five known here."""
    return _script_of_letter(word[0]) if word else ""


def skeletons(word: str, script: str) -> tuple[str, ...]:
    """Return the consonant skeletons of a folded word.

    Args:
        word: Lower-case, without combining marks.
        script: As :func:`script_of` names it; one without letters in the table has no skeleton.

    Returns:
        Strings over ``PTDKGSFRLMN``, the likeliest reading first, none twice; one may be empty.
    """
    pattern, table = _letters(script)
    if pattern is None:
        return ()
    choices = []
    count = 1
    for letters in pattern.findall(word):
        readings = table[letters]
        if count * len(readings) > READINGS:
            readings = readings[:1]
        count *= len(readings)
        choices.append(readings)
    found = ("".join(choice) for choice in islice(product(*choices), READINGS))
    return tuple(dict.fromkeys(map(_settled, found)))


def _settled(skeleton: str) -> str:
    """A stop melts into the sibilant behind it (``ts``, ``tch``, ``dj``); double classes are one."""
    melted = skeleton.replace("TS", "S").replace("DG", "G").replace("TG", "G")
    return _DOUBLED.sub(r"\1", melted)


def rows_of(name: str) -> list[list[str]]:
    """Return the cells of a table of this package, comments left out."""
    text = files("provenance.sketch").joinpath("data", name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]


@cache
def _letters(script: str) -> tuple[re.Pattern[str] | None, dict[str, tuple[str, ...]]]:
    """The letters and groups of letters of a script, and what each may stand for."""
    table = {
        letters: tuple(reading.replace("-", "") for reading in readings.split("|"))
        for its_script, letters, readings in rows_of("letters.tsv")
        if its_script == script
    }
    if not table:
        return None, table
    longest_first = sorted(table, key=lambda letters: (-len(letters), letters))
    return re.compile("|".join(map(re.escape, longest_first))), table
