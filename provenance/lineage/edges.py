"""The edges of one story as they are drawn, and the names of nodes that nobody collected.

Each step of the drawing asks only what the earlier ones left open, so edges are only ever added.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import attrs

from provenance.model import ArticleId, Edge, Evidence, Mention

__all__ = ["Edges", "page_node", "said_by", "source_node", "wire_node"]


class Edges:
    """The edges drawn so far, with the questions that the next step asks of them."""

    def __init__(self) -> None:
        self.partial: set[tuple[str, str]] = set()
        """Parent and child where the parent gave a part, in the child's own words."""
        self._drawn: dict[tuple[str, str], Edge] = {}
        self._parents: dict[str, list[str]] = defaultdict(list)
        self._cited: dict[str, list[str]] = defaultdict(list)

    def __iter__(self) -> Iterator[Edge]:
        return iter(self._drawn.values())

    def add(self, edge: Edge) -> None:
        """Draw an edge."""
        self._drawn[edge.parent, edge.child] = edge
        if edge.kind == "cites":
            self._cited[edge.child].append(edge.parent)
        elif edge.directed:
            self._parents[edge.child].append(edge.parent)

    def parents(self, child: str) -> Sequence[str]:
        """Return what a node took from, in the order drawn."""
        return self._parents.get(child, ())

    def make_compilation(self, child: str) -> None:
        """Say of all parents of a document that it was compiled from them."""
        for parent in self._parents[child]:
            known = self._drawn[parent, child]
            self._drawn[parent, child] = attrs.evolve(known, kind="compilation")

    def above(self, node: str, *, cited: bool = False) -> set[str]:
        """Return everything a node comes from, itself left out; on request what it cites too."""
        found: set[str] = set()
        waiting = [node]
        while waiting:
            below = waiting.pop()
            steps = [*self.parents(below), *(self._cited.get(below, ()) if cited else ())]
            waiting += [parent for parent in steps if parent not in found]
            found.update(steps)
        return found


def wire_node(agency: str) -> str:
    """Return the name of an agency's uncollected item."""
    return f"wire:{agency}"


def page_node(member: ArticleId) -> str:
    """Return the name of the page that a document was scraped from."""
    return f"page:{member}"


def source_node(number: int) -> str:
    """Return the name of a common source that nothing names."""
    return f"source:{number}"


def said_by(type_: str, mention: Mention, toward: str) -> Evidence:
    """Return a mention as a reason for a parent; its place is given where it stands in the text."""
    return Evidence(
        type=type_,
        doc=mention.id,
        span=mention.span if mention.field == "text" else None,
        text=mention.text,
        weight=mention.weight,
        toward=toward,
    )
