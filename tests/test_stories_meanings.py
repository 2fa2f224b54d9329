"""Words that mean the same in many languages."""

from __future__ import annotations

import pytest

from provenance.sketch.meanings import meanings_of
from provenance.sketch.wording import wording_of
from provenance.text.columns import columns_of


def meant(text: str, language: str) -> set[int]:
    wording = wording_of(columns_of([text]), [text], [language])
    meanings = meanings_of(wording, [language])
    found = set()
    for stem in wording.stems.tolist():
        found.update(meanings.numbers[meanings.starts[stem] : meanings.starts[stem + 1]].tolist())
    assert all(number < meanings.count for number in found)
    return found


@pytest.mark.parametrize(
    ("a", "b"),
    [
        (("bridges", "en"), ("جسر", "ar")),
        (("grève", "fr"), ("grev", "tr")),
        (("Erdbeben", "de"), ("زلزال", "ar")),
        (("ships", "en"), ("سفينة", "ar")),
        (("police", "fr"), ("警察", "zh")),
        (("полиция", "ru"), ("policía", "es")),
    ],
)
def test_words_of_the_news_meet_by_meaning(a: tuple[str, str], b: tuple[str, str]) -> None:
    """Words of one row of a table share a meaning, inflected or not."""
    assert meant(*a) & meant(*b)


@pytest.mark.parametrize("language", ["en", "xx", ""])
def test_other_words_mean_nothing(language: str) -> None:
    """A word of no table, and any word of a language without one, has no meaning."""
    assert not meant("quillenish", language)
    assert not meant("ship", "xx")


def test_different_things_do_not_meet() -> None:
    """A ship is no ballot."""
    assert not meant("ship", "en") & meant("ballot", "en")
