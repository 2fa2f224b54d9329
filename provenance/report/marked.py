"""A text cut into pieces, each knowing which marks lie on it.

Marks may overlap as they like: a credit inside a matched passage inside a masked line.  Pieces follow
each other, cover the text once, and are never empty.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import attrs

from provenance.model import Span

__all__ = ["Mark", "Piece", "cut_pieces"]


@attrs.frozen(kw_only=True)
class Mark:
    """Something to show on a span of the text.

    Attributes:
        span: Code points.
        style: Class of the page's style sheet: ``match``, ``credit``, ``mask``.
        note: Shown when the pointer rests on it.
        partner: Number shared by the two sides of a matched passage; 0 for none.
    """

    span: Span
    style: str
    note: str = ""
    partner: int = 0


@attrs.frozen(kw_only=True)
class Piece:
    """A stretch of text under one set of marks."""

    text: str
    styles: str = ""
    note: str = ""
    partner: int = 0


def cut_pieces(text: str, marks: Iterable[Mark]) -> list[Piece]:
    """Cut `text` wherever a mark begins or ends.

    Example:
        >>> [p.text for p in cut_pieces("abcd", [Mark(span=(1, 3), style="match")])]
        ['a', 'bc', 'd']
    """
    held = [m for m in marks if m.span[0] < m.span[1]]
    edges = sorted({0, len(text), *(edge for m in held for edge in m.span if edge <= len(text))})
    opening: dict[int, list[Mark]] = {}
    for mark in held:
        opening.setdefault(mark.span[0], []).append(mark)
    pieces = []
    alive: list[Mark] = []
    for start, end in pairwise(edges):
        alive = [mark for mark in alive if mark.span[1] > start] + opening.get(start, [])
        pieces.append(
            Piece(
                text=text[start:end],
                styles=" ".join(sorted({mark.style for mark in alive})),
                note="; ".join(dict.fromkeys(mark.note for mark in alive if mark.note)),
                partner=next((mark.partner for mark in alive if mark.partner), 0),
            )
        )
    return pieces
