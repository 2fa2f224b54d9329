"""The drawing of one story: nodes, arrows, origins, and how many sources there really are.

Most parents were never collected, so they are nodes too: ``wire:reuters`` for an agency's item that
the texts themselves or their credited copies name, ``page:ID`` for what a scraper's wrapper stood
around, ``source:N`` for a common source that nothing names.  A lineage that may point only at
collected documents invents parents.

The steps, each asking only what the earlier ones left open: collected parents from explicit evidence
(:mod:`.collected`); wires and pages that nobody collected (:mod:`.uncollected`); further collected
parents of what is still unexplained; texts that match without a known way, and reports only cited
(:mod:`.undecided`).

Limits: the count of sources is of texts, not of facts: two agencies may have asked the same police
officer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_

from provenance.config import LineageSpec
from provenance.lineage.collected import draw_collected, draw_further
from provenance.lineage.edges import Edges
from provenance.lineage.origins import join_origins
from provenance.lineage.scene import Scene, set_scene
from provenance.lineage.uncollected import draw_uncollected
from provenance.lineage.undecided import draw_cited, draw_undecided, draw_unnamed
from provenance.lineage.weighing import weigh_parents
from provenance.model import (
    Article,
    ArticleId,
    Dates,
    DocumentOrigins,
    Link,
    Mask,
    Mention,
    Node,
    Origin,
    Story,
)

__all__ = ["draw_story"]

_DEFAULT = LineageSpec()

#: From this share on two texts are one source; below it they share a passage and each has its own.
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
    edges = _draw_edges(scene)
    origins = _inherit_origins(scene, edges)
    return Story(
        story=story_id,
        members=tuple(scene.articles),
        interval=_interval(scene),
        nodes=_nodes(scene, edges),
        edges=tuple(sorted(edges, key=lambda edge: (edge.child, edge.parent, edge.kind))),
        documents=tuple(_document(scene, member, origins[member]) for member in scene.articles),
        independent_sources=_count_sources(scene, edges),
    )


def _draw_edges(scene: Scene) -> Edges:
    edges = Edges()
    ancestry = weigh_parents(scene)
    draw_collected(scene, edges, ancestry)
    for member in scene.articles:
        draw_further(scene, edges, member)
    draw_uncollected(scene, edges)
    for member in scene.articles:
        draw_further(scene, edges, member)
    draw_unnamed(scene, edges, ancestry)
    draw_undecided(scene, edges)
    for member in scene.articles:
        draw_cited(scene, edges, member)
    return edges


def _inherit_origins(scene: Scene, edges: Edges) -> dict[ArticleId, tuple[Origin, ...]]:
    """Every document's origins, with those that its collected parents bring.

    The parent's own credit is for the child the credit of a copy, less sure by the edge between
    them and by what the child's own credit leaves.
    """
    drawn = {(edge.parent, edge.child): edge for edge in edges}
    origins: dict[ArticleId, tuple[Origin, ...]] = {}
    for member in map(ArticleId, edges.parents_first(scene.articles)):
        own = scene.origins[member]
        named = scene.credits[member].agencies
        left = 1.0 - max((o.probability for o in own if o.agency in named), default=0.0)
        brought = []
        for parent in edges.parents(member):
            taken = drawn[parent, member].probability
            for origin in origins.get(ArticleId(parent), ()):
                if origin.agency is None or origin.probability < scene.spec.min_probability:
                    continue
                share = 1.0 if origin.agency in named else left
                brought.append(
                    Origin(
                        agency=origin.agency,
                        probability=origin.probability * taken * share,
                        basis="told" if origin.basis == "told" else "credited copy",
                    )
                )
        origins[member] = join_origins([*(o for o in own if o.basis != "none"), *brought])
    return origins


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
                agency=scene.hidden.agency(name),
            )
            for name in hidden
        ),
    )


def _document(scene: Scene, member: ArticleId, origins: tuple[Origin, ...]) -> DocumentOrigins:
    dates = scene.dates[member]
    return DocumentOrigins(
        id=member,
        origins=origins,
        published=(dates.earliest, dates.latest),
        own_share=_own_share(scene, member),
    )


def _own_share(scene: Scene, member: ArticleId) -> float:
    """The share of words that stand in no other document; a translation's words are its own."""
    shared = 0
    inside = 0.0
    for other, link in scene.near[member].items():
        shared |= scene.passages.common(member, other, verbatim=True)
        if not link.spans:
            inside = max(inside, scene.passages.covered(member, other))
    return 1.0 - max(inside, scene.passages.words(member).share(shared) if shared else 0.0)


def _count_sources(scene: Scene, edges: Edges) -> int:
    """Count the texts that nothing in the story feeds, collected or not.

    A document that took less than half of its words is a source beside those it took them from.  A page that nobody
    collected stands for its document, and counts unless that is a wire's.  Texts that match
    without a known way are one.
    """
    nodes = {*scene.articles, *(edge.parent for edge in edges)}
    own = {node: edges.mask([node]) for node in nodes if _is_source(scene, edges, node)}
    standing = edges.mask(own)
    # Itself where a document stands on its own, else the sources that it goes back to: an agency
    # that only gave a part to a text of somebody's own is no further report of the event.
    sources = {
        member: own.get(member) or edges.above(member) & standing for member in scene.articles
    }
    return reduce(or_, sources.values(), 0).bit_count() - _merged(scene, edges, sources)


def _is_source(scene: Scene, edges: Edges, node: str) -> bool:
    member = ArticleId(scene.hidden.scraped(node))
    if member not in scene.articles:
        return True
    whole = [p for p in edges.parents(member) if (p, member) not in edges.partial]
    if node != member:
        return whole == [scene.hidden.page(member)]
    return all(p in scene.articles for p in whole) and _mostly_own(scene, member, whole)


def _mostly_own(scene: Scene, member: ArticleId, parents: Sequence[str]) -> bool:
    """Say whether most words of a document come from none of its collected parents."""
    taken = 0
    for parent in parents:
        link = scene.near[member].get(ArticleId(parent))
        if link is None or link.kind != "excerpt":
            return False
        taken |= scene.passages.common(member, ArticleId(parent))
    return not parents or scene.passages.words(member).share(taken) < _ONE_TEXT


def _merged(scene: Scene, edges: Edges, sources: Mapping[ArticleId, int]) -> int:
    """How many sources undirected edges make one with another."""
    leader: dict[str, str] = {}

    def find(name: str) -> str:
        while (above := leader.get(name, name)) != name:
            leader[name] = leader.get(above, above)
            name = above
        return name

    merged = 0
    for edge in edges:
        if edge.directed:
            continue
        a, b = ArticleId(edge.parent), ArticleId(edge.child)
        if max(scene.passages.covered(a, b), scene.passages.covered(b, a)) < _ONE_TEXT:
            continue
        first, second = sorted(find(edges.named(sources[end])[0]) for end in (a, b))
        if first != second:
            leader[second] = first
            merged += 1
    return merged
