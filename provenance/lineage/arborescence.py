"""The heaviest way to give every node one parent without a cycle (Chu and Liu 1965, Edmonds 1967).

Every node takes its best parent; nodes that thereby stand in a cycle are contracted into one, and
the edges into it are charged with what breaking the cycle there would cost; this repeats until no
cycle is left.  All cycles of a round are contracted together.

Limits: a round costs one look at every edge and there may be as many rounds as nodes, though lineage
rarely needs two, because most of its edges follow time.  ``networkx`` gives the same weight (the
tests ask it) but takes 39 seconds for 600 nodes with twelve candidate parents each.
"""

from __future__ import annotations

from collections.abc import Sequence

import attrs

__all__ = ["Arc", "maximum_arborescence"]

Arc = tuple[int, int, float]


@attrs.frozen
class _Round:
    """One round: what every node chose, and which cycle (or none, -1) it stood in."""

    arcs: list[Arc]
    chosen: list[int]
    cycle: list[int]
    origin: list[int]


def maximum_arborescence(nodes: int, root: int, arcs: Sequence[Arc]) -> list[int]:
    """Return for every node the position in `arcs` of the arc that enters it, -1 for the root.

    Args:
        nodes: How many; they are numbered from 0.
        root: The node without a parent.
        arcs: ``(parent, child, weight)``; any weights.  Of equally heavy ways into a node the arc
            that stands first wins.

    Raises:
        ValueError: Some node cannot be reached from the root.
    """
    current = list(arcs)
    origin = list(range(len(arcs)))
    rounds: list[_Round] = []
    count, top = nodes, root
    while True:
        chosen = _best_entries(count, top, current)
        cycle, cycles = _find_cycles(count, top, current, chosen)
        rounds.append(_Round(current, chosen, cycle, origin))
        if not cycles:
            break
        label = _contract(count, cycle, cycles)
        contracted: list[Arc] = []
        origin = []
        for position, (parent, child, weight) in enumerate(current):
            if label[parent] == label[child]:
                continue
            lost = current[chosen[child]][2] if cycle[child] >= 0 else 0.0
            contracted.append((label[parent], label[child], weight - lost))
            origin.append(position)
        count, top, current = max(label) + 1, label[top], contracted
    return _expand(rounds)


def _best_entries(count: int, root: int, arcs: Sequence[Arc]) -> list[int]:
    best = [-1] * count
    for position, (_, child, weight) in enumerate(arcs):
        if child != root and (best[child] < 0 or weight > arcs[best[child]][2]):
            best[child] = position
    if any(entry < 0 for node, entry in enumerate(best) if node != root):
        msg = "some node cannot be reached from the root"
        raise ValueError(msg)
    return best


def _find_cycles(
    count: int, root: int, arcs: Sequence[Arc], chosen: Sequence[int]
) -> tuple[list[int], int]:
    """Number the cycles that the chosen arcs form; -1 for nodes outside."""
    cycle = [-1] * count
    seen = [-1] * count
    seen[root] = root
    cycles = 0
    for start in range(count):
        node = start
        while seen[node] < 0:
            seen[node] = start
            node = arcs[chosen[node]][0]
        if seen[node] == start and node != root:
            while cycle[node] < 0:
                cycle[node] = cycles
                node = arcs[chosen[node]][0]
            cycles += 1
    return cycle, cycles


def _contract(count: int, cycle: Sequence[int], cycles: int) -> list[int]:
    """New numbers: cycles first, then the nodes outside."""
    label = list(cycle)
    following = cycles
    for node in range(count):
        if label[node] < 0:
            label[node] = following
            following += 1
    return label


def _expand(rounds: Sequence[_Round]) -> list[int]:
    """Undo the contractions: an arc into a cycle replaces the choice of the node it enters."""
    entering = rounds[-1].chosen
    for inner, outer in zip(rounds[-2::-1], rounds[:0:-1], strict=True):
        taken = list(inner.chosen)
        for arc in entering:
            if arc >= 0:
                position = outer.origin[arc]
                taken[inner.arcs[position][1]] = position
        entering = taken
    return entering
