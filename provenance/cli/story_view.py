"""Stories and explanations as a person reads them in a terminal.

A lineage is printed as a tree below the texts that nobody is known to have supplied.  A text with
several parents stands below each, and its own children only below the first.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from provenance.cli.views import isolate, link_view, mention_line, weight_in_brackets
from provenance.model import Edge, Link, Mention, Origin, Story

__all__ = ["explanation_view", "story_view"]

_NO_CREDIT = "no credit found in the supplied text"


def story_view(story: Story) -> str:
    """Return the story's lineage, and the origins of each of its articles."""
    count, sources = len(story.members), story.independent_sources
    lines = [
        f"{click.style(story.story, bold=True)}  {_interval(story.interval)}",
        f"{count:,} article{'s' * (count != 1)}, {sources:,} independent source{'s' * (sources != 1)}",
        "",
        *_tree(story),
        "",
        "whose text each is:",
    ]
    for document in story.documents:
        said = "; ".join(map(_origin, document.origins)) or _NO_CREDIT
        own = f", {document.own_share:.0%} its own words" if len(story.members) > 1 else ""
        lines.append(f"  {isolate(document.id)}: {said}{own}")
    return "\n".join(lines)


def explanation_view(
    a: str,
    b: str,
    link: Link | None,
    stories: Sequence[Story],
    mentions: Sequence[Mention],
    *,
    possible: Link | None = None,
) -> str:
    """Return what ties `a` and `b`: the link, the edges of the lineage, and the credits of both."""
    lines = []
    if link is not None:
        lines.append(link_view(link))
    elif possible is not None:
        lines += [link_view(possible), "  only possible, so no part of any story"]
    else:
        lines.append(f"{isolate(a)}  {isolate(b)}\n  no link of their own")
    first, second = stories
    if first.story == second.story:
        edges = [edge for edge in first.edges if {edge.parent, edge.child} == {a, b}]
        lines.append(f"  both in story {first.story}")
        lines += [f"    {_edge(edge)}" for edge in edges]
        shared = _parents(first, a) & _parents(first, b)
        lines += [f"    both from {isolate(parent)}" for parent in sorted(shared)]
    else:
        lines.append(f"  in different stories: {first.story}, {second.story}")
    for name in (a, b):
        found = [mention for mention in mentions if mention.id == name]
        lines.append(f"  {isolate(name)} names {'these sources:' if found else 'no source'}")
        lines += [f"    {isolate(mention.text)}  {mention_line(mention)}" for mention in found]
    return "\n".join(lines)


def _tree(story: Story) -> Iterator[str]:
    children: dict[str, list[Edge]] = {}
    for edge in story.edges:
        children.setdefault(edge.parent, []).append(edge)
    below = {edge.child for edge in story.edges}
    unseen = {node.node for node in story.nodes if node.type == "unobserved"}
    told: set[str] = set()
    for node in story.nodes:
        if node.node not in below and (node.node in children or node.type == "document"):
            mark = " (not collected)" if node.node in unseen else ""
            yield isolate(node.node) + mark
            yield from _branch(node.node, children, told, "")


def _branch(
    parent: str, children: dict[str, list[Edge]], told: set[str], indent: str
) -> Iterator[str]:
    """The lines below a node; the graph may be as deep as it has nodes, so no recursion."""
    pending = [(edge, indent) for edge in reversed(children.get(parent, ()))]
    while pending:
        edge, before = pending.pop()
        again = edge.child in told and edge.child in children
        yield f"{before}  {_edge(edge)}{' (see above)' if again else ''}"
        for item in edge.evidence:
            yield f"{before}      {item.type}: {isolate(item.text)}{weight_in_brackets(item)}"
        if edge.child not in told:
            told.add(edge.child)
            pending += [(below, before + "  ") for below in reversed(children.get(edge.child, ()))]


#: How an edge reads between its child and its parent, where it is not "KIND of".
_READS = {
    "cites": "cites",
    "compilation": "compilation from",
    "common_source": "common source with",
}


def _edge(edge: Edge) -> str:
    reads = _READS.get(edge.kind, f"{edge.kind} of")
    if not edge.directed:
        reads = f"{edge.kind}, either way, with"
    relation = click.style(reads, fg="cyan")
    return f"{isolate(edge.child)}  {relation} {isolate(edge.parent)}, {edge.probability:.2f}"


def _parents(story: Story, name: str) -> set[str]:
    return {edge.parent for edge in story.edges if edge.child == name}


def _origin(origin: Origin) -> str:
    if origin.basis == "none":
        return _NO_CREDIT
    return f"{origin.agency or 'unnamed source'} {origin.probability:.2f} ({origin.basis})"


def _interval(interval: tuple[str, str]) -> str:
    first, last = interval
    if not (first or last):
        return "date unknown"
    return first if first == last else f"{first or '?'} to {last or '?'}"
