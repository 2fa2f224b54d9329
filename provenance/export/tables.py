"""Edges, mentions and habits of outlets as tables, one row each, for spreadsheets and statistics.

Limits: of the reasons for an edge only their kinds are told; the records have them with their places.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator

from provenance.lineage.habits import Habit
from provenance.model import Mention, Story

__all__ = ["render_edges", "render_habits", "render_mentions"]

_EDGE = ("story", "parent", "child", "kind", "probability", "directed", "for", "against")
_HABIT = ("publisher", "agency", "kept", "unnamed", "replaced", "dropped")
_MENTION = ("id", "field", "start", "end", "text", "agency", "role", "zone", "rule", "weight")


def render_edges(stories: Iterable[Story]) -> Iterator[str]:
    """Yield the lines of a CSV table (RFC 4180) of all edges, the heading first.

    Args:
        stories: In the order in which they are to stand.
    """
    yield from _lines([_EDGE])
    for story in stories:
        for edge in story.edges:
            reasons = [item for item in edge.evidence if item.weight]
            ahead = {i.type for i in reasons if (i.weight > 0) == (i.toward == edge.parent)}
            behind = {i.type for i in reasons} - ahead
            yield from _lines(
                [
                    (
                        story.story,
                        edge.parent,
                        edge.child,
                        edge.kind,
                        f"{edge.probability:.4f}",
                        "yes" if edge.directed else "no",
                        " ".join(sorted(ahead)),
                        " ".join(sorted(behind)),
                    )
                ]
            )


def render_mentions(mentions: Iterable[Mention]) -> Iterator[str]:
    """Yield the lines of a CSV table (RFC 4180) of all mentions, the heading first."""
    yield from _lines([_MENTION])
    for m in mentions:
        row = (m.id, m.field, *m.span, m.text, m.agency or "", m.role, m.zone, m.rule, m.weight)
        yield from _lines([row])


def render_habits(habits: Iterable[Habit]) -> Iterator[str]:
    """Yield the lines of a CSV table (RFC 4180) of what outlets do with credits, the heading first."""
    yield from _lines([_HABIT])
    for h in habits:
        yield from _lines([(h.publisher, h.agency, h.kept, h.unnamed, h.replaced, h.dropped)])


def _lines(rows: Iterable[Iterable[object]]) -> Iterator[str]:
    for row in rows:
        cells = io.StringIO()
        csv.writer(cells).writerow(row)
        yield cells.getvalue()
