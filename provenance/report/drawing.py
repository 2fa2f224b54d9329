"""Where the nodes of a lineage stand on the page: columns by distance from a root, rows by parent.

A layered drawing small enough to read as a table.  The page draws it as SVG; nothing here knows of
HTML.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import attrs

from provenance.model import Edge, Node

__all__ = ["Arrow", "Box", "Drawing", "lay_out"]

_BOX_WIDTH, _BOX_HEIGHT = 190, 44
_GAP_X, _GAP_Y = 110, 16
_MARGIN = 12


@attrs.frozen(kw_only=True)
class Box:
    """A node, placed; pixels from the upper left corner."""

    node: Node
    x: int
    y: int
    width: int = _BOX_WIDTH
    height: int = _BOX_HEIGHT


@attrs.frozen(kw_only=True)
class Arrow:
    """An edge as a curve, with the place of its label."""

    edge: Edge
    path: str
    label_x: int
    label_y: int


@attrs.frozen(kw_only=True)
class Drawing:
    """All of it, and how large it is."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    width: int
    height: int


def lay_out(nodes: Sequence[Node], edges: Sequence[Edge]) -> Drawing:
    """Place `nodes` in columns so that every directed edge points to the right."""
    columns = _columns(nodes, edges)
    rows = _rows(nodes, edges, columns)
    boxes = {
        node.node: Box(
            node=node,
            x=_MARGIN + columns[node.node] * (_BOX_WIDTH + _GAP_X),
            y=_MARGIN + rows[node.node] * (_BOX_HEIGHT + _GAP_Y),
        )
        for node in nodes
    }
    arrows = tuple(_arrow(edge, boxes[edge.parent], boxes[edge.child]) for edge in edges)
    return Drawing(
        boxes=tuple(boxes.values()),
        arrows=arrows,
        width=max((box.x + box.width for box in boxes.values()), default=0) + _MARGIN + 60,
        height=max((box.y + box.height for box in boxes.values()), default=0) + _MARGIN,
    )


def _columns(nodes: Sequence[Node], edges: Sequence[Edge]) -> dict[str, int]:
    """The longest way from a root, by relaxing as often as there are nodes at most."""
    column = {node.node: 0 for node in nodes}
    for _ in nodes:
        moved = False
        for edge in edges:
            if edge.directed and column[edge.child] <= column[edge.parent] < len(nodes):
                column[edge.child] = column[edge.parent] + 1
                moved = True
        if not moved:
            break
    return column


def _rows(
    nodes: Sequence[Node], edges: Sequence[Edge], columns: Mapping[str, int]
) -> dict[str, int]:
    """Rows column by column, in the order of the middles of their parents."""
    parents: dict[str, list[str]] = {node.node: [] for node in nodes}
    for edge in edges:
        if edge.directed:
            parents[edge.child].append(edge.parent)
    rows: dict[str, int] = {}
    for column in sorted(set(columns.values())):
        standing = [node.node for node in nodes if columns[node.node] == column]
        wish = {
            name: sum(rows.get(p, 0) for p in parents[name]) / len(parents[name])
            if parents[name]
            else float(place)
            for place, name in enumerate(standing)
        }
        ordered = sorted(standing, key=lambda name: (wish[name], name))
        rows.update((name, row) for row, name in enumerate(ordered))
    return rows


def _arrow(edge: Edge, parent: Box, child: Box) -> Arrow:
    start_y = parent.y + parent.height // 2
    end_y = child.y + child.height // 2
    start_x = parent.x + parent.width
    if child.x > parent.x:
        end_x = child.x
        bend = (start_x + end_x) // 2
    else:
        end_x = child.x + child.width
        bend = max(start_x, end_x) + 50
    return Arrow(
        edge=edge,
        path=f"M{start_x},{start_y} C{bend},{start_y} {bend},{end_y} {end_x},{end_y}",
        label_x=end_x - 6 if child.x > parent.x else bend - 10,
        label_y=end_y - 5 if child.x > parent.x else (start_y + end_y) // 2,
    )
