"""Scripts that names are carried between, and the tables of this package.

A name that is carried from one script to another keeps, roughly, the order of its consonants; vowels are
dropped, doubled, guessed.  ``data/letters.tsv`` sorts the consonants of the scripts told apart here into
eleven classes; :mod:`provenance.sketch.name_kernels` reads names by them.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Final

__all__ = ["LATIN_LANGUAGES", "rows_of", "script_of"]

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


def rows_of(name: str) -> list[list[str]]:
    """Return the cells of a table of this package, comments left out."""
    text = files("provenance.sketch").joinpath("data", name).read_text(encoding="utf-8")
    return [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
