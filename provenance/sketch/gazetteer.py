"""What a language calls places, months, currencies, units and numbers: words that every language has.

The names come from the Unicode locale data (CLDR) by way of Babel, those of numbers from a table of
this package (``data/numbers.tsv``).  A name is a sequence of token hashes, so that it is compared as
texts are; it stands for an *anchor*, a key that is the same in all languages.

Peoples and their languages count as their country: ``Turkish`` is Turkey.  English and Arabic do not,
being spoken in too many.  A word that begins like a country's name and is little longer is taken for
its adjective.

Limits: cities are those that time zones are named after; a name that several things share is taken by
the first of country, language, currency, city, unit.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any, Final

import attrs
import numpy as np
import numpy.typing as npt
import xxhash

from provenance.sketch._skeletons import rows_of
from provenance.text.calendars import hijri_months, month_numbers, weekday_numbers
from provenance.text.columns import columns_of

__all__ = [
    "COARSE",
    "CONCEPT",
    "DATE",
    "DELETION",
    "KIND_BITS",
    "LONGEST",
    "MAGNITUDES",
    "NUMBER",
    "PLACE",
    "SKELETON",
    "WORD",
    "Gazetteer",
    "gazetteer_of",
    "key_of",
]

NUMBER: Final = 0  #: value of a number
PLACE: Final = 1  #: country or city, or what is of a country
DATE: Final = 2  #: month or weekday
CONCEPT: Final = 3  #: currency, unit, language, power of ten
WORD: Final = 4  #: Latin letters of a name
SKELETON: Final = 5  #: consonants of a word that may be a name
DELETION: Final = 6  #: the same with one left out
COARSE: Final = 7  #: the same in coarse classes

#: A key's kind stands above these bits.
KIND_BITS: Final = 56

LONGEST: Final = 8
"""Tokens of the longest name that is looked for."""

#: Languages of so many countries that a speaker is of none.
_WORLDWIDE: Final = frozenset({"en", "ar"})

#: Currencies whose everyday forms are looked for as well as their names.
_CURRENCIES: Final = ("USD", "EUR", "GBP", "JPY", "CNY", "RUB", "TRY", "INR", "SAR", "EGP")

#: Currencies that share a name, which is used alone: dollar, pound, riyal, dinar, rupee, crown, peso.
_NAMESAKES: Final = (
    ("USD", "CAD", "AUD"),
    ("GBP", "EGP", "SYP"),
    ("SAR", "QAR", "OMR"),
    ("KWD", "IQD", "JOD"),
    ("INR", "PKR", "LKR"),
    ("SEK", "NOK", "DKK"),
    ("MXN", "ARS", "CLP"),
)

#: Tags that Babel files under another name.
_LOCALES: Final = {"prs": "fa_AF", "zh": "zh", "no": "nb", "iw": "he", "tl": "fil"}

#: Tags of which the names of a language are known as well.
_WRITTEN_ALSO: Final = {"zh": ("zh_Hant",)}

#: Letters of the shortest word that is taken for an adjective of a country, of the prefix it must
#: share with the country's name, and that it may have more than the prefix.
_SHORTEST: Final = 5
_PREFIX: Final = 4
_SUFFIX: Final = 5

_PLACEHOLDER: Final = re.compile(r"\{\d\}")


@attrs.frozen(kw_only=True, eq=False)
class Gazetteer:
    """The names of one language.

    Attributes:
        words: Token hash of a name of one word, to its key.
        openers: First tokens of longer names.
        phrases: uint64[H], sorted hashes of longer names and of their beginnings.
        phrase_keys: uint64[H], key of each, 0 for a mere beginning.
        adjectives: Beginning of a country's name, to the country's key.
    """

    words: dict[int, int]
    openers: frozenset[int]
    phrases: npt.NDArray[np.uint64]
    phrase_keys: npt.NDArray[np.uint64]
    adjectives: dict[str, int]

    def adjective(self, word: str) -> int:
        """Return the country whose name a folded word continues, 0 for none."""
        if len(word) >= _SHORTEST:
            for size in range(len(word), _PREFIX - 1, -1):
                if len(word) - size > _SUFFIX:
                    break
                key = self.adjectives.get(word[:size])
                if key:
                    return key
        return 0


def key_of(kind: int, value: str) -> int:
    """Return the key of an anchor: kind in the upper byte, digest of the value below."""
    digest = xxhash.xxh3_64_intdigest(value.encode("utf-8", "surrogatepass"))
    return kind << KIND_BITS | digest & ((1 << KIND_BITS) - 1)


@cache
def gazetteer_of(language: str) -> Gazetteer:
    """Return the names of a language, by its primary subtag; empty for one that CLDR lacks."""
    tags = (language, *_WRITTEN_ALSO.get(language, ()))
    places = (place for tag in tags for place in _places(tag))
    names = [
        (name.replace("'", " "), key_of(kind, code))
        for name, kind, code in (*_numbers(language), *_dates(), *places)
    ]
    columns = columns_of([name for name, _ in names])
    words: dict[int, int] = {}
    phrases: dict[tuple[int, ...], int] = {}
    for row, (_, key) in enumerate(names):
        tokens = tuple(columns.tokens[columns.offsets[row] : columns.offsets[row + 1]].tolist())
        if len(tokens) == 1:
            words.setdefault(tokens[0], key)
        elif 1 < len(tokens) <= LONGEST:
            phrases.setdefault(tokens, key)
    hashes, keys = _hashed(phrases)
    return Gazetteer(
        words=words,
        openers=frozenset(tokens[0] for tokens in phrases),
        phrases=hashes,
        phrase_keys=keys,
        adjectives=_adjectives(language),
    )


def _hashed(
    phrases: dict[tuple[int, ...], int],
) -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint64]]:
    """Return the hashes of names and of their beginnings, sorted, and the key of each."""
    from provenance.sketch.anchor_kernels import mixed_sequences

    sizes = [len(tokens) for tokens in phrases]
    ends = np.cumsum(sizes, dtype=np.int64)
    flat = np.array([token for tokens in phrases for token in tokens], np.uint64)
    mixed = mixed_sequences(flat, np.concatenate([[0], ends]).astype(np.int64))
    keys = np.zeros(len(flat), np.uint64)
    keys[ends - 1] = list(phrases.values())
    # The key of a name before the zero of a longer one that begins like it.
    order = np.lexsort((keys == 0, mixed))
    hashes, first = np.unique(mixed[order], return_index=True)
    return hashes, keys[order][first]


def _numbers(language: str) -> Iterator[tuple[str, int, str]]:
    for its_language, word, value in rows_of("numbers.tsv"):
        if its_language == language:
            yield word, (NUMBER if value.isdigit() else CONCEPT), value


def _dates() -> Iterator[tuple[str, int, str]]:
    """Months and weekdays, in whatever language: their names hardly mean anything else elsewhere."""
    for name, number in month_numbers().items():
        yield name, DATE, f"month {number}"
    for name, number in hijri_months().items():
        yield name, DATE, f"hijri {number}"
    for name, number in weekday_numbers().items():
        yield name, DATE, f"weekday {number + 1}"


@cache
def _locale(language: str) -> Any:
    from babel import Locale, UnknownLocaleError

    try:
        return Locale.parse(_LOCALES.get(language, language))
    except (UnknownLocaleError, ValueError):
        return None


def _countries(language: str) -> Iterator[tuple[str, str]]:
    locale = _locale(language)
    for code, name in sorted(locale.territories.items()) if locale else ():
        if len(code) == 2 or code.isdigit():
            yield name, code


def _places(language: str) -> Iterator[tuple[str, int, str]]:
    """Countries, what is of a country, currencies, cities, units."""
    from babel.core import get_global

    locale = _locale(language)
    if locale is None:
        return
    for name, code in _countries(language):
        yield name, PLACE, code
    spoken_in = get_global("likely_subtags")
    for code, name in sorted(locale.languages.items()):
        country = spoken_in.get(code, "").rpartition("_")[2]
        if len(code) == 2 and len(country) == 2 and code not in _WORLDWIDE:
            yield name, PLACE, country
        elif len(code) == 2:
            yield name, CONCEPT, f"language {code}"
    for code, name in sorted(locale.currencies.items()):
        yield name, CONCEPT, code
    for code in _CURRENCIES:
        for name in _currency_names(locale, code):
            yield name, CONCEPT, code
    for codes in _NAMESAKES:
        words = (set(" ".join(_currency_names(locale, code)).split()) for code in codes)
        for word in sorted(set.intersection(*words)):
            yield word, CONCEPT, f"any {codes[0]}"
    # Of cities that are called as their zone is, the locale data say nothing.
    for zone in sorted({*get_global("zone_territories"), *locale.time_zones}):
        if "/" in zone:
            city = locale.time_zones.get(zone, {}).get("city")
            yield city or zone.rpartition("/")[2].replace("_", " "), PLACE, zone
    yield from _units(locale)


def _currency_names(locale: Any, code: str) -> list[str]:
    plurals = locale._data["currency_names_plural"].get(code, {})  # noqa: SLF001
    return [locale.currencies.get(code, ""), *dict(plurals).values()]


def _units(locale: Any) -> Iterator[tuple[str, int, str]]:
    for unit, styles in sorted(locale._data["unit_patterns"].items()):  # noqa: SLF001
        patterns = styles.get("long") if hasattr(styles, "get") else None
        for pattern in (patterns or {}).values():
            if isinstance(pattern, str):
                name = _PLACEHOLDER.sub("", pattern).strip()
                if len(name) > 2:
                    yield name, CONCEPT, unit


def _adjectives(language: str) -> dict[str, int]:
    from provenance.text.folding import fold_text

    found: dict[str, int] = {}
    for name, code in _countries(language):
        word = fold_text(name)
        if " " in word or len(word) < _PREFIX or len(code) != 2:
            continue
        key = key_of(PLACE, code)
        found.setdefault(word[: max(_PREFIX, len(word) - 2)], key)
        found.setdefault(word[:4] if len(word) <= 6 else word[:5], key)
    return found


MAGNITUDES: Final = {
    key_of(CONCEPT, word): value
    for word, value in (
        ("hundred", 100),
        ("thousand", 1_000),
        ("ten thousand", 10_000),
        ("million", 1_000_000),
        ("hundred million", 100_000_000),
        ("billion", 1_000_000_000),
    )
}
"""Powers of ten by their keys."""
