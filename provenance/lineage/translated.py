"""What a translator left standing: words in the script of the original.

A text in Arabic letters that prints ``(Associated Press)`` or ``[U.S.]``, which stands letter by letter in the
English text it goes with, was written with some text in Latin letters at hand; hardly ever does a translator
into English put such words into brackets for the reader.  So they speak for this way, and a little more if
there are several.

Limits: nothing is found between languages of one script.  Two translations of one text leave the same words
standing, so a text in a third language may get them too.  Acronyms and brands in running text tell nothing.
"""

from __future__ import annotations

import re
import unicodedata

from provenance.model import Span

__all__ = ["leftovers"]

#: Words of another script in brackets, of three letters at least; what is longer is a sentence.
_BRACKETED = re.compile(r"[(\[]\s*([^\W\d_][^()\[\]\n]{1,60}?)\s*[)\]]")

#: Letters that a script is told by.
_ENOUGH = 200


def leftovers(original: str, translation: str) -> tuple[Span, ...]:
    """Find the bracketed words of a text that are in the script of another one, and stand in it too.

    Args:
        original: The text that may be the original.
        translation: The text that may be its translation.

    Returns:
        Code points of `translation`; empty if both are in one script.
    """
    script = _script_of(original)
    if script == _script_of(translation):
        return ()
    known = original.casefold()
    return tuple(
        match.span(1)
        for match in _BRACKETED.finditer(translation)
        if _script_of(match[1]) == script
        and re.search(rf"(?<!\w){re.escape(match[1].casefold())}(?!\w)", known)
    )


def _script_of(text: str) -> str:
    """The script of most of the first letters, by the first word of their names."""
    letters = [letter for letter in text[: 4 * _ENOUGH] if letter.isalpha()][:_ENOUGH]
    names = [unicodedata.name(letter, "").partition(" ")[0] for letter in letters]
    return max(sorted(set(names)), key=names.count, default="")
