"""The edges of one story as they are drawn, and the names of nodes that nobody collected.

Each step of the drawing asks only what the earlier ones left open, so edges are only ever added.

What a node comes from is kept as a set of bits, one a node, because a chain of ten thousand copies has
fifty million pairs of a text and one it comes from.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

import attrs

from provenance.model import ArticleId, Edge, Evidence, Mention

__all__ = ["Edges", "HiddenNames", "said_by"]


class Edges:
    """The edges drawn so far, with the questions that the next step asks of them."""

    def __init__(self) -> None:
        self.partial: set[tuple[str, str]] = set()
        """Parent and child where the parent gave a part, in the child's own words."""
        self._drawn: dict[tuple[str, str], Edge] = {}
        self._parents: dict[str, list[str]] = defaultdict(list)
        self._children: dict[str, list[str]] = defaultdict(list)
        self._cited: dict[str, list[str]] = defaultdict(list)
        self._number: dict[str, int] = {}
        self._names: list[str] = []
        self._above: dict[str, int] = defaultdict(int)

    def __iter__(self) -> Iterator[Edge]:
        return iter(self._drawn.values())

    def add(self, edge: Edge) -> None:
        """Draw an edge."""
        self._drawn[edge.parent, edge.child] = edge
        if edge.kind == "cites":
            self._cited[edge.child].append(edge.parent)
        elif edge.directed:
            self._parents[edge.child].append(edge.parent)
            self._children[edge.parent].append(edge.child)
            self._spread(edge.child, self.mask([edge.parent]) | self._above[edge.parent])

    def parents(self, child: str) -> Sequence[str]:
        """Return what a node took from, in the order drawn."""
        return self._parents.get(child, ())

    def make_compilation(self, child: str) -> None:
        """Say of all parents of a document that it was compiled from them."""
        for parent in self._parents[child]:
            known = self._drawn[parent, child]
            self._drawn[parent, child] = attrs.evolve(known, kind="compilation")

    def mask(self, nodes: Iterable[str]) -> int:
        """Return a set of nodes as bits, for :meth:`above`."""
        found = 0
        for node in nodes:
            if node not in self._number:
                self._number[node] = len(self._names)
                self._names.append(node)
            found |= 1 << self._number[node]
        return found

    def named(self, mask: int) -> list[str]:
        """Return the nodes of a set of bits, by name."""
        found = []
        while mask:
            last = mask & -mask
            found.append(self._names[last.bit_length() - 1])
            mask ^= last
        return sorted(found)

    def above(self, node: str) -> int:
        """Return everything a node comes from, as bits."""
        return self._above.get(node, 0)

    def comes_from(self, node: str, other: str) -> bool:
        """Say whether a node took from another, itself or through others."""
        number = self._number.get(other)
        return number is not None and bool(self.above(node) >> number & 1)

    def reaches(self, node: str, other: str) -> bool:
        """Say whether a way of taking and citing leads from a node up to another."""
        found = {node}
        waiting = [node]
        while waiting:
            below = waiting.pop()
            steps = {*self.parents(below), *self._cited.get(below, ())}
            if other in steps:
                return True
            waiting += steps - found
            found |= steps
        return False

    def parents_first(self, nodes: Iterable[str]) -> list[str]:
        """Return nodes so that each comes behind those it took from."""
        return sorted(nodes, key=lambda node: (self.above(node).bit_count(), node))

    def _spread(self, node: str, above: int) -> None:
        """Say of a node, and of all that comes from it, what it comes from too."""
        waiting = [node]
        while waiting:
            below = waiting.pop()
            if above & ~self._above[below]:
                self._above[below] |= above
                waiting += self._children.get(below, ())


@attrs.frozen
class HiddenNames:
    """The names of nodes that nobody collected: ``wire:reuters``, ``page:ID``, ``source:N``.

    An article may be called so itself; then the story's other names have another colon.

    Attributes:
        mark: What stands behind the colon of every name.
    """

    mark: str = ""

    @classmethod
    def beside(cls, members: Iterable[str]) -> HiddenNames:
        """Return names that no member's identifier begins with."""
        mark = ""
        taken = [name for name in members if name.startswith(("wire:", "page:", "source:"))]
        while any(
            name.startswith((f"wire:{mark}", f"page:{mark}", f"source:{mark}")) for name in taken
        ):
            mark += ":"
        return cls(mark)

    def wire(self, agency: str) -> str:
        """Return the name of an agency's uncollected item."""
        return f"wire:{self.mark}{agency}"

    def page(self, member: ArticleId) -> str:
        """Return the name of the page that a document was scraped from."""
        return f"page:{self.mark}{member}"

    def source(self, number: int) -> str:
        """Return the name of a common source that nothing names."""
        return f"source:{self.mark}{number}"

    def is_page(self, node: str) -> bool:
        """Say whether a node is a page."""
        return node.startswith(f"page:{self.mark}")

    def agency(self, node: str) -> str | None:
        """Return the agency whose item a node is."""
        prefix = f"wire:{self.mark}"
        return node.removeprefix(prefix) if node.startswith(prefix) else None

    def scraped(self, node: str) -> str:
        """Return the document that a page was scraped into; any other node itself."""
        return node.removeprefix(f"page:{self.mark}")


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
