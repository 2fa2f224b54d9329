"""Which language is this text in?  By script, function words and tell-tale letters.

The script of most letters decides between families; within a script, every function word and every
letter that few sister languages share votes with the logarithm of its rarity among them.  A few
hundred characters of running text are enough; a name, a number or a three-word flash is not, and
then the answer is the commonest language of the script, or nothing.

Limits: a text in two languages is given the one with more letters at its beginning; Dari is called
Persian, Bosnian and Croatian one language, and dialects their standard language.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from importlib import resources
from math import log

import attrs
import orjson

__all__ = ["detect_language"]

# Function words make up 40 % of running text: 600 code points hold about 40 of them.
_SAMPLE = 600

# Japanese runs at a third to a half of kana; a Chinese text quoting a Japanese name stays below.
_KANA_SHARE = 0.1

# A letter says less than a word, for names carry foreign letters: four of them make one word's vote,
# and no letter more than two, or a text in broken encoding is whatever its debris looks like.
_LETTER_CAP = 8

# First and last code point of the letters of a script (Unicode blocks, the common ones).
_BLOCKS: tuple[tuple[int, int, str], ...] = (
    (0x0041, 0x024F, "Latin"),
    (0x0370, 0x03FF, "Greek"),
    (0x0400, 0x052F, "Cyrillic"),
    (0x0531, 0x058F, "Armenian"),
    (0x0590, 0x05FF, "Hebrew"),
    (0x0600, 0x06FF, "Arabic"),
    (0x0750, 0x077F, "Arabic"),
    (0x08A0, 0x08FF, "Arabic"),
    (0x0900, 0x097F, "Devanagari"),
    (0x0980, 0x09FF, "Bengali"),
    (0x0A00, 0x0A7F, "Gurmukhi"),
    (0x0A80, 0x0AFF, "Gujarati"),
    (0x0B00, 0x0B7F, "Oriya"),
    (0x0B80, 0x0BFF, "Tamil"),
    (0x0C00, 0x0C7F, "Telugu"),
    (0x0C80, 0x0CFF, "Kannada"),
    (0x0D00, 0x0D7F, "Malayalam"),
    (0x0D80, 0x0DFF, "Sinhala"),
    (0x0E00, 0x0E7F, "Thai"),
    (0x0E80, 0x0EFF, "Lao"),
    (0x0F00, 0x0FFF, "Tibetan"),
    (0x1000, 0x109F, "Myanmar"),
    (0x10A0, 0x10FF, "Georgian"),
    (0x1100, 0x11FF, "Hangul"),
    (0x1200, 0x139F, "Ethiopic"),
    (0x1780, 0x17FF, "Khmer"),
    (0x1E00, 0x1EFF, "Latin"),
    (0x1F00, 0x1FFF, "Greek"),
    (0x3040, 0x30FF, "Kana"),
    (0x3130, 0x318F, "Hangul"),
    (0x3400, 0x9FFF, "Han"),
    (0xAC00, 0xD7AF, "Hangul"),
    (0xF900, 0xFAFF, "Han"),
    (0xFB50, 0xFDFF, "Arabic"),
    (0xFE70, 0xFEFC, "Arabic"),
    (0x20000, 0x2FFFF, "Han"),
)
_STARTS = tuple(first for first, _, _ in _BLOCKS)

# A run of letters and of the marks inside words; an apostrophe ends a word (l'agence: l, agence).
_WORD = re.compile(r"[^\W\d_]+(?:[\u064B-\u0652\u0670\u0900-\u0963][^\W\d_]*)*")
_KANA = re.compile("[\u3040-\u30ff]")


@attrs.frozen(kw_only=True)
class _Family:
    """The languages of one script and the votes of their words and letters."""

    languages: tuple[str, ...]
    words: Mapping[str, tuple[tuple[str, float], ...]]
    letters: Mapping[str, tuple[tuple[str, float], ...]]


def _votes(lists: Mapping[str, set[str]]) -> dict[str, tuple[tuple[str, float], ...]]:
    """Give each item a vote for every language that lists it: log(1 + languages / listing)."""
    holders: defaultdict[str, list[str]] = defaultdict(list)
    for language, items in lists.items():
        for item in sorted(items):
            holders[item].append(language)
    return {
        item: tuple((language, log(1 + len(lists) / len(listing))) for language in listing)
        for item, listing in holders.items()
        if len(listing) < len(lists)
    }


@cache
def _tables() -> tuple[dict[str, _Family], dict[str, str]]:
    source = resources.files("provenance.text").joinpath("data/languages.json")
    table = orjson.loads(source.read_bytes())
    families = {
        script: _Family(
            languages=tuple(entries),
            words=_votes({tag: set(entry["words"].split()) for tag, entry in entries.items()}),
            letters=dict(
                sorted(
                    _votes({tag: set(entry["letters"]) for tag, entry in entries.items()}).items()
                )
            ),
        )
        for script, entries in table["scripts"].items()
    }
    return families, table["alone"]


@cache
def _script_of(character: str) -> str:
    point = ord(character)
    block = bisect_right(_STARTS, point) - 1
    if block < 0 or point > _BLOCKS[block][1]:
        return ""
    return _BLOCKS[block][2]


@cache
def _beyond(script: str) -> re.Pattern[str]:
    """Return an expression for a character of no block of a script."""
    blocks = "".join(f"{chr(a)}-{chr(b)}" for a, b, name in _BLOCKS if name == script)
    return re.compile(f"[^{blocks}]")


def _best_language(family: _Family, words: list[str]) -> str:
    score = dict.fromkeys(family.languages, 0.0)
    table = family.words
    for word in words:
        if word in table:
            for language, vote in table[word]:
                score[language] += vote
    run = "".join(words)
    for letter, votes in family.letters.items():
        if letter in run:
            weight = min(run.count(letter), _LETTER_CAP) / 4
            for language, vote in votes:
                score[language] += weight * vote
    return max(family.languages, key=score.__getitem__)


def _words_of(sample: str) -> list[str]:
    """Cut a text into words; most stand between blanks and need no expression."""
    words = []
    for piece in sample.split():
        if piece.isalpha():
            words.append(piece)
        else:
            words += _WORD.findall(piece)
    return words


def _by_script(words: list[str]) -> dict[str, list[str]]:
    script = _script_of(words[0][0]) if words else ""
    if script and not _beyond(script).search("".join(words)):
        return {script: words}
    found: defaultdict[str, list[str]] = defaultdict(list)
    for word in words:
        found[_script_of(word[0])].append(word)
    found.pop("", None)
    return found


def detect_language(text: str) -> str:
    """Return the BCP 47 tag of the language most of the text's beginning is written in.

    Args:
        text: Any text; its first 600 code points are read.

    Returns:
        A primary language tag such as ``ar`` or ``pt``; empty if the text has no letters of a
        known script.

    >>> detect_language("The minister said that the talks will go on for a week.")
    'en'
    """
    by_script = _by_script(_words_of(text[:_SAMPLE].lower()))
    if not by_script:
        return ""
    # Chinese and Japanese write about two letters where others write six: count them thrice.
    size = {
        script: sum(map(len, found)) * (3 if script in {"Han", "Kana"} else 1)
        for script, found in by_script.items()
    }
    east = size.pop("Han", 0) + size.pop("Kana", 0)
    if east:
        size["Han"] = east
    script = max(sorted(size), key=size.__getitem__)
    if script == "Han":
        run = "".join(by_script.get("Han", []) + by_script.get("Kana", []))
        return "ja" if len(_KANA.findall(run)) >= _KANA_SHARE * len(run) else "zh"
    families, alone = _tables()
    if script in alone:
        return alone[script]
    return _best_language(families[script], by_script[script])
