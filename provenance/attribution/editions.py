"""The language that a notice of translation, or of an agency's desk, says a text comes in or from.

Agencies sell the same news in several languages, and each edition is a text of its own: "Reuters" and
"the Spanish service of Reuters" are one agency and two texts.  The names of languages are data
(``data/languages.tsv``: tag, then its names in the languages of notices, beginnings of words marked
with ``*``).
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from provenance.attribution.lettering import fold_letters

__all__ = ["edition_of"]

_WORD = re.compile(r"\w+")


def edition_of(notice: str, *, own: str = "") -> str:
    """Return the language that a notice names, as BCP 47; empty if it names none or several.

    Args:
        notice: Its words.
        own: The text's own language, which "translated from Spanish into Arabic" names as well.

    Example:
        >>> edition_of("Machine-translated from Spanish")
        'es'
    """
    whole, beginnings = _names()
    found = set()
    for word in _WORD.findall(fold_letters(notice)):
        if word in whole:
            found.add(whole[word])
        else:
            found.update(tag for start, tag in beginnings if word.startswith(start))
    if len(found) > 1:
        found.discard(own)
    return found.pop() if len(found) == 1 else ""


@cache
def _names() -> tuple[dict[str, str], tuple[tuple[str, str], ...]]:
    table = files("provenance.attribution").joinpath("data/languages.tsv").read_text("utf-8")
    whole: dict[str, str] = {}
    beginnings: list[tuple[str, str]] = []
    for line in table.splitlines():
        tag, *names = line.split("\t")
        for name in names:
            folded = fold_letters(name)
            if name.endswith("*"):
                beginnings.append((folded.removesuffix("*"), tag))
            else:
                whole[folded] = tag
    return whole, tuple(beginnings)
