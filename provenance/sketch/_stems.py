"""Words cut by rule of thumb: the forms a name may hide in, and the stem a word is counted under.

No dictionary and no stemmer: the commonest affixes of a language (``data/affixes.tsv``), and a limit on
length where inflection stands at the end.  A word loses at most one beginning and one ending.
"""

from __future__ import annotations

from functools import cache
from typing import Final

from provenance.sketch._rarity import fold_word
from provenance.sketch._skeletons import rows_of, script_of

__all__ = ["concepts_of", "forms_of", "stem_of"]

#: Letters that must remain of a word.
_REMAINDER: Final = 3

#: Letters of a stem in scripts whose words are inflected at the end.
_LONGEST: Final = 7

#: The longest one-letter conjunctions and prepositions are written onto a word: they are cut from a
#: name, where the uncut form is kept beside it, and not from a stem.
_ATTACHED: Final = 1


@cache
def _affixes(language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    for its_language, *cells in rows_of("affixes.tsv"):
        if its_language == language:
            beginnings, endings = (tuple(cell.split()) for cell in cells)
            return beginnings, endings
    return (), ()


def forms_of(word: str, language: str) -> tuple[str, ...]:
    """Return a folded word and at most two forms of it without a beginning, shortest first of these."""
    beginnings, _ = _affixes(language)
    cut = {
        word[len(beginning) :]
        for beginning in beginnings
        if word.startswith(beginning) and len(word) - len(beginning) >= _REMAINDER
    }
    return (word, *sorted(cut, key=lambda form: (len(form), form))[:2])


def stem_of(word: str, script: str, language: str) -> str:
    """Return the stem of a folded word."""
    beginnings, endings = _affixes(language)
    for beginning in beginnings:
        if (
            (len(beginning) > _ATTACHED or beginning == _AND.get(language))
            and word.startswith(beginning)
            and len(word) - len(beginning) >= _REMAINDER
        ):
            word = word[len(beginning) :]
            break
    for ending in endings:
        if word.endswith(ending) and len(word) - len(ending) >= _REMAINDER:
            word = word[: -len(ending)]
            break
    return word[:_LONGEST] if script in {"latin", "cyrillic", "greek"} else word


@cache
def concepts_of(language: str) -> dict[str, str]:
    """Return what stems of a language mean, as English words; empty for a language without a list."""
    if language not in _LISTED:
        return {}
    column = _LISTED.index(language)
    found: dict[str, str] = {}
    for cells in rows_of("concepts.tsv"):
        for form in cells[column].split("|"):
            word = fold_word(form)
            found.setdefault(stem_of(word, script_of(word), language), cells[0].partition("|")[0])
    return found


#: Languages of the columns of ``data/concepts.tsv``.
_LISTED: Final = ("en", "ar", "fr", "tr", "es", "de", "ru")

_AND: Final = {"ar": "\N{ARABIC LETTER WAW}", "he": "\N{HEBREW LETTER VAV}"}
