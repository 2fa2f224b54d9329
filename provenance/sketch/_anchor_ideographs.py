"""Names and numbers in Chinese characters and kana, where no blank says that one ends.

Chinese spells foreign names with a few hundred characters by their sound; whatever may be a name in a
run of such characters is taken for one, and compared in coarse classes.  Traditional characters are
read as simplified ones.

Limits: most of these characters also are words; Japanese names in characters are read by nobody here
but as places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final

from provenance.sketch._anchor_words import name_keys, number_key
from provenance.sketch._skeletons import rows_of
from provenance.sketch.gazetteer import COARSE, DATE, KIND_BITS, key_of
from provenance.text.stems import simplified_characters

__all__ = ["Row", "ideograph_rows"]

Row = tuple[int, float]

#: Characters of the longest name looked for in a run, and classes of the shortest.
_WINDOW, _NAME = 5, 3
_COARSENED = 0.7

#: Doubles the consonant behind it.
_DOUBLES: Final = "\N{KATAKANA LETTER SMALL TU}"

_DIGITS: Final = dict(
    zip("〇零一二三四五六七八九两", (0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 2), strict=True)
)
_UNITS: Final = {"十": 10, "百": 100, "千": 1_000}
_MYRIADS: Final = {"万": 10**4, "亿": 10**8, "兆": 10**12}
_NUMBERS: Final = "".join((*_DIGITS, *_UNITS, *_MYRIADS))
_NUMERAL: Final = re.compile(rf"(\d*)([{_NUMBERS}]{{2,}})|(\d{{1,2}})月")


def ideograph_rows(letters: str) -> Iterator[tuple[int, float, tuple[Row, ...]]]:
    """Yield where something stands in a text, its middle, and its keys.

    Args:
        letters: The text.
    """
    letters = letters.translate(_simplified())
    for match in _NUMERAL.finditer(letters):
        if match[3]:
            key = key_of(DATE, f"month {int(match[3])}")
        else:
            key = number_key(str(_number(match[1], match[2])))
        yield match.start(), (match.start() + match.end()) / 2, ((key, 1.0),)
    classes = _name_characters()
    for match in _name_runs().finditer(letters):
        run, start = match.group(), match.start()
        if run[0] not in classes:
            rows = _kana_keys(run)
            if rows:
                yield start, start + len(run) / 2, rows
            continue
        for at in range(len(run)):
            rows = _window_keys(run[at : at + _WINDOW])
            if rows:
                yield start + at, start + at + 1.0, rows


def _number(digits: str, characters: str) -> int:
    """The number that digits and characters say: 5 and 千万 are fifty million."""
    if not digits and not _UNITS.keys() & characters and not _MYRIADS.keys() & characters:
        return int("".join(str(_DIGITS[character]) for character in characters))
    total, section, number = 0, 0, int(digits or 0)
    for character in characters:
        if character in _DIGITS:
            number = _DIGITS[character]
        elif character in _UNITS:
            section += (number or 1) * _UNITS[character]
            number = 0
        else:
            total += max(1, section + number) * _MYRIADS[character]
            section = number = 0
    return total + section + number


@cache
def _simplified() -> dict[int, str]:
    return str.maketrans(simplified_characters())


@cache
def _name_characters() -> dict[str, tuple[int, ...]]:
    """Characters that Chinese spells foreign names with, and the coarse classes of their sounds."""
    from provenance.sketch.name_kernels import COARSE_CLASSES

    return {
        character: tuple(COARSE_CLASSES[c] for c in classes.replace("-", ""))
        for character, classes in rows_of("name_characters.tsv")
    }


@cache
def _name_runs() -> re.Pattern[str]:
    characters = "".join(_name_characters())
    kana = (
        "\N{KATAKANA LETTER SMALL A}-\N{KATAKANA LETTER VO}"
        "\N{KATAKANA-HIRAGANA PROLONGED SOUND MARK}"
    )
    return re.compile(f"[{characters}]{{2,}}|[{kana}]{{2,}}")


@lru_cache(maxsize=1 << 16)
def _window_keys(window: str) -> tuple[Row, ...]:
    """Keys of the names that may begin a window."""
    classes = _name_characters()
    rows: dict[int, float] = {}
    skeleton = size = last = 0
    for number, character in enumerate(window, 1):
        for value in classes[character]:
            if value != last:
                skeleton = skeleton << 4 | value
                size += 1
            last = value
        if number > 1 and size >= _NAME:
            rows.setdefault(COARSE << KIND_BITS | skeleton, _COARSENED)
    return tuple(rows.items())


@lru_cache(maxsize=1 << 16)
def _kana_keys(run: str) -> tuple[Row, ...]:
    from anyascii import anyascii

    spoken = run.replace(_DOUBLES, "")
    return name_keys(str(anyascii(spoken)).lower().replace("-", ""))
