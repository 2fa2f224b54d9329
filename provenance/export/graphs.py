"""Lineage as graphs for other programs: GraphML (Gephi, yEd, networkx) and DOT (Graphviz).

All stories stand in one graph, each node with the name of its story; identifiers of nodes are
``STORY/NODE``, because ``wire:reuters`` may stand in many stories.  A pair without a known way is an
undirected edge in GraphML and an arrow without a head in DOT.

Limits: GraphML is XML, which has no place for most control characters; they are left out.  Reasons are not
exported; PROV-JSON has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from xml.sax.saxutils import escape, quoteattr

from provenance.model import Article, ArticleId, Edge, Node, Story

__all__ = ["render_dot", "render_graphml"]

#: What XML 1.0 (5th edition, production 2) has no place for.
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_NODE_KEYS = ("story", "type", "label", "agency", "publisher", "published", "language", "url")
_EDGE_KEYS = ("kind", "probability")


def render_graphml(stories: Iterable[Story], articles: Iterable[Article]) -> str:
    """Return stories as one GraphML document.

    Args:
        stories: In the order in which they are to stand.
        articles: Titles, outlets, dates and addresses of the members; others are passed over.
    """
    known = {article.id: article for article in articles}
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
    ]
    for what, keys in (("node", _NODE_KEYS), ("edge", _EDGE_KEYS)):
        for key in keys:
            type_ = "double" if key == "probability" else "string"
            lines.append(f'<key id="{key}" for="{what}" attr.name="{key}" attr.type="{type_}"/>')
    lines.append('<graph id="lineage" edgedefault="directed">')
    for story in stories:
        for node in story.nodes:
            lines.append(f"<node id={_attribute(_name(story, node.node))}>")
            lines += _data(_about(story, node, known))
            lines.append("</node>")
        for edge in story.edges:
            source, target = _name(story, edge.parent), _name(story, edge.child)
            directed = "" if edge.directed else ' directed="false"'
            lines.append(
                f"<edge source={_attribute(source)} target={_attribute(target)}{directed}>"
            )
            lines += _data({"kind": edge.kind, "probability": f"{edge.probability:.4f}"})
            lines.append("</edge>")
    lines += ["</graph>", "</graphml>"]
    return "\n".join(lines) + "\n"


def render_dot(stories: Iterable[Story], articles: Iterable[Article]) -> str:
    """Return stories as one Graphviz graph, each in a frame of its own.

    What nobody collected is drawn hollow and dashed; an arrow's line is solid from 0.9, dashed from 0.6,
    else dotted.

    Args:
        stories: In the order in which they are to stand.
        articles: Titles and outlets of the members; others are passed over.
    """
    known = {article.id: article for article in articles}
    lines = ["digraph lineage {", "  node [shape=box];"]
    for number, story in enumerate(stories):
        lines += [f"  subgraph cluster_{number} {{", f"    label={_quoted(story.story)};"]
        for node in story.nodes:
            about = _about(story, node, known)
            label = "\n".join(filter(None, (about["label"], about["publisher"])))
            style = "" if node.type == "document" else ", style=dashed, shape=ellipse"
            lines.append(f"    {_quoted(_name(story, node.node))} [label={_quoted(label)}{style}];")
        lines += [f"    {_arrow(story, edge)}" for edge in story.edges]
        lines.append("  }")
    lines.append("}")
    return "\n".join(lines) + "\n"


def _name(story: Story, node: str) -> str:
    return f"{story.story}/{node}"


def _about(story: Story, node: Node, known: Mapping[ArticleId, Article]) -> dict[str, str]:
    """What is told of a node; what is not known is empty."""
    article = known.get(ArticleId(node.node)) if node.type == "document" else None
    return {
        "story": story.story,
        "type": node.type,
        "label": (article.title if article else "") or node.node,
        "agency": node.agency or "",
        "publisher": article.publisher if article else "",
        "published": article.published if article else "",
        "language": article.language if article else "",
        "url": article.url if article else "",
    }


def _data(values: Mapping[str, str]) -> Iterator[str]:
    for key, value in values.items():
        if value:
            yield f'<data key="{key}">{escape(_NO_XML.sub("", value))}</data>'


def _attribute(value: str) -> str:
    return quoteattr(_NO_XML.sub("", value))


def _arrow(story: Story, edge: Edge) -> str:
    sure, likely = 0.9, 0.6  # the words "high" and "medium" begin here
    style = "solid" if edge.probability >= sure else "dashed" if edge.probability >= likely else "dotted"  # fmt: skip
    head = "" if edge.directed else ", dir=none"
    source, target = _quoted(_name(story, edge.parent)), _quoted(_name(story, edge.child))
    label = _quoted(f"{edge.kind} {edge.probability:.2f}")
    return f"{source} -> {target} [label={label}, style={style}{head}];"


def _quoted(text: str) -> str:
    """A quoted string of DOT: only the quotation mark and the backslash mean anything."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"').replace("\x00", "")
    return '"' + plain.replace("\n", "\\n") + '"'
