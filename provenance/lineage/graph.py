"""The drawing of one story: nodes, arrows, origins, and how many sources there really are.

Most parents were never collected, so they are nodes too: ``wire:reuters`` for an agency's item that
the texts themselves or their credited copies name, ``page:ID`` for what a scraper's wrapper stood
around, ``source:N`` for a common source that nothing names.  A lineage that may point only at
collected documents invents parents.

How edges come about is told in :mod:`.edges`.

Limits: the count of sources is of texts, not of facts: two agencies may have asked the same police
officer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provenance.config import LineageSpec
from provenance.lineage.edges import Edges, draw_edges, is_partial, page_node
from provenance.lineage.scene import Scene, set_scene
from provenance.model import (
    Article,
    ArticleId,
    Dates,
    DocumentOrigins,
    Link,
    Mask,
    Mention,
    Node,
    Story,
)

__all__ = ["draw_story"]

_DEFAULT = LineageSpec()

#: Two texts joined by an undirected edge are one source if this much of one stands in the other;
#: below it they share a passage.
_ONE_TEXT = 0.5


def draw_story(
    story_id: str,
    members: Sequence[Article],
    links: Sequence[Link],
    mentions: Mapping[ArticleId, Sequence[Mention]],
    dates: Mapping[ArticleId, Dates],
    spec: LineageSpec = _DEFAULT,
    *,
    masks: Mapping[ArticleId, Sequence[Mask]] | None = None,
    agencies: Mapping[str, str] | None = None,
) -> Story:
    """Draw who took what from whom in one story.

    Args:
        story_id: Name of the story.
        members: Its articles.
        links: Judged pairs; those that leave the story or claim no reuse are passed over.
        mentions: Sources named, by article.
        dates: When each can have been written.
        spec: Settings.
        masks: Spans that are no words of the text (furniture), by article.
        agencies: Outlet names that are agencies, to catalogue identifiers.

    Returns:
        The story; the same for the same input in any order.  No edge leads back in trusted time and
        no chain of edges leads back to where it began.
    """
    scene = set_scene(members, links, mentions, dates, spec, masks=masks or {}, agencies=agencies)
    edges = draw_edges(scene)
    return Story(
        story=story_id,
        members=tuple(scene.articles),
        interval=_interval(scene),
        nodes=_nodes(scene, edges),
        edges=tuple(sorted(edges, key=lambda edge: (edge.child, edge.parent, edge.kind))),
        documents=tuple(_document(scene, member) for member in scene.articles),
        independent_sources=_count_sources(scene, edges),
    )


def _interval(scene: Scene) -> tuple[str, str]:
    """From the first day to the last that any member can have been written on."""
    first = [dates.earliest for dates in scene.dates.values() if dates.earliest]
    last = [dates.latest for dates in scene.dates.values() if dates.latest]
    return (min(first, default=""), max(last, default=""))


def _nodes(scene: Scene, edges: Edges) -> tuple[Node, ...]:
    """Documents in identifier order, then what nobody collected, by name."""
    hidden = sorted({edge.parent for edge in edges} - set(scene.articles))
    return (
        *(Node(node=member, type="document") for member in scene.articles),
        *(
            Node(
                node=name,
                type="unobserved",
                agency=name.removeprefix("wire:") if name.startswith("wire:") else None,
            )
            for name in hidden
        ),
    )


def _document(scene: Scene, member: ArticleId) -> DocumentOrigins:
    dates = scene.dates[member]
    return DocumentOrigins(
        id=member,
        origins=tuple(scene.origins[member]),
        published=(dates.earliest, dates.latest),
        own_share=_own_share(scene, member),
    )


def _own_share(scene: Scene, member: ArticleId) -> float:
    """The share of words in no passage that another document of the story has."""
    shared = 0
    for other in scene.near[member]:
        shared |= scene.common(member, other)
    if shared:
        return 1.0 - scene.words(member).share(shared)
    return 1.0 - max(
        (scene.covered(member, other) for other in scene.near[member]),
        default=0.0,
    )


def _count_sources(scene: Scene, edges: Edges) -> int:
    """Count the texts that nothing in the story feeds, collected or not.

    A document to which its wires gave only a part is a source beside them.  A page that nobody
    collected stands for its document, and counts unless that is a wire's.  Texts that match
    without a known way are one.
    """
    sources = {member: _sources_of(scene, edges, member) for member in scene.articles}
    return len(set().union(*sources.values())) - _merged(scene, edges, sources)


def _sources_of(scene: Scene, edges: Edges, member: ArticleId) -> set[str]:
    """The sources that a document goes back to, itself where it is one."""
    return {node for node in {member, *edges.above(member)} if _is_source(scene, edges, node)}


def _is_source(scene: Scene, edges: Edges, node: str) -> bool:
    member = ArticleId(node.removeprefix("page:"))
    if member not in scene.articles:
        return True
    whole = [p for p in edges.parents(member) if not is_partial(scene, p, member)]
    page = page_node(member)
    return not whole if node == member else whole == [page]


def _merged(scene: Scene, edges: Edges, sources: Mapping[ArticleId, set[str]]) -> int:
    """How many sources undirected edges make one with another."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while leader.get(name, name) != name:
            name = leader[name]
        return name

    merged = 0
    for edge in edges:
        if edge.directed:
            continue
        a, b = ArticleId(edge.parent), ArticleId(edge.child)
        if max(scene.covered(a, b), scene.covered(b, a)) < _ONE_TEXT:
            continue
        first, second = sorted((find(min(sources[a])), find(min(sources[b]))))
        if first != second:
            leader[second] = first
            merged += 1
    return merged
