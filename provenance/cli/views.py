"""Results as a person reads them in a terminal.

Text of articles runs in its own direction: every piece is isolated (FSI ... PDI), so that an Arabic
quotation cannot pull the numbers beside it to its other side.  Control characters are taken out first:
an article must not be able to move the cursor.  Where there is no color, marked words stand in white
square brackets.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from itertools import groupby

import click

from provenance.model import Article, Evidence, Link, Mention, Span

__all__ = ["isolate", "link_view", "mark", "mention_line", "mention_view", "weight_in_brackets"]

_FSI, _PDI = "\N{FIRST STRONG ISOLATE}", "\N{POP DIRECTIONAL ISOLATE}"

#: Controls of the terminal, and what could end the isolation that the view puts around a text: ends of
#: lines and paragraphs, embeddings, overrides, isolates.
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")

#: Code points shown before and after a marked place: about two lines of a terminal.
_AROUND = 80

#: Passages of a pair shown in full; the rest is counted.
_PASSAGES = 8

_PASSAGE_LENGTH = 160


def isolate(text: str) -> str:
    """Return `text` without controls, in an isolate of its own direction."""
    return f"{_FSI}{_CONTROLS.sub(' ', text)}{_PDI}"


def mark(text: str, spans: Sequence[Span]) -> str:
    """Return `text`, isolated and without controls, with the places of `spans` standing out."""
    opening, closing = _marks()
    pieces, position = [], 0
    for start, end in sorted(spans):
        if start < position:
            continue  # inside the one before
        pieces += [_clean(text[position:start]), opening, _clean(text[start:end]), closing]
        position = end
    return f"{_FSI}{''.join(pieces)}{_clean(text[position:])}{_PDI}"


def mention_view(article: Article, mentions: Sequence[Mention], remarks: Sequence[str] = ()) -> str:
    """Return the article's mentions, each under the words it stands in.

    Args:
        article: The article.
        mentions: What was found in it.
        remarks: Lines about the article as a whole, shown below its identifier.
    """
    lines = [click.style(isolate(article.id), bold=True), *(f"  {line}" for line in remarks)]
    if not mentions:
        return "\n".join([*lines, "  no credit found", ""])
    for field, group in groupby(mentions, key=lambda mention: mention.field):
        text = getattr(article, field)
        for cluster in _clusters(list(group)):
            window = _window(text, cluster)
            inside = [(m.span[0] - window[0], m.span[1] - window[0]) for m in cluster]
            lines.append(f"  {mark(text[slice(*window)], inside)}")
            lines += [f"    {mention_line(mention)}" for mention in cluster]
    return "\n".join([*lines, ""])


def link_view(link: Link, texts: tuple[str, str] = ("", "")) -> str:
    """Return how two articles relate, why, and where.

    Args:
        link: The link.
        texts: The texts of its first and second article, to quote from; empty if not at hand.
    """
    lines = [
        f"{isolate(link.a)}  {isolate(link.b)}",
        f"  {click.style(link.kind, bold=True)}, related {link.related:.3f}",
    ]
    if link.kind != "same_story":  # which says that no reuse was found, so nothing was measured
        first, second = link.overlap.containment_a, link.overlap.containment_b
        lines += [
            f"  shared: {first:.0%} of the first, {second:.0%} of the second",
            f"  direction: {_direction(link)}",
        ]
    if link.evidence:
        lines.append("  why:")
        for item in link.evidence:
            place = f" in {isolate(item.doc)}" if item.doc else ""
            reason = f"{item.type}{place}: {isolate(item.text)}"
            lines.append(f"    {reason}{weight_in_brackets(item)}")
    if link.spans:
        lines.append(f"  where: {len(link.spans)} shared passage{'s' * (len(link.spans) != 1)}")
        for span in link.spans[:_PASSAGES]:
            lines.append(f"    {_place(span.a)} = {_place(span.b)}  {span.view}")
            if texts[0]:
                lines.append(f"      {isolate(_shortened(texts[0][slice(*span.a)]))}")
        if len(link.spans) > _PASSAGES:
            lines.append(f"    and {len(link.spans) - _PASSAGES} more (--json has them all)")
    return "\n".join(lines)


def _direction(link: Link) -> str:
    said = {
        "first to second": link.direction.a_to_b,
        "second to first": link.direction.b_to_a,
        "common source": link.direction.common_source,
    }
    return ", ".join(f"{name} {probability:.2f}" for name, probability in said.items())


def weight_in_brackets(item: Evidence) -> str:
    """Return what a reason weighs and for what, or nothing where it weighs nothing."""
    return f" ({item.weight:+.1f} for {item.toward})" if item.weight else ""


def mention_line(mention: Mention) -> str:
    """Return what a mention means and which rule read it, without its words."""
    agency = mention.agency or "no single agency"
    weight = f", weight {mention.weight:+.1f}" if mention.weight else ""
    return (
        f"{click.style(mention.role, fg='cyan')}: {agency}, {mention.zone} {_place(mention.span)}, "
        f"{mention.rule}{weight}"
    )


def _clusters(mentions: Sequence[Mention]) -> list[list[Mention]]:
    """Mentions whose surroundings would overlap are shown in one piece of text."""
    clusters: list[list[Mention]] = []
    for mention in sorted(mentions, key=lambda item: item.span):
        if clusters and mention.span[0] - clusters[-1][-1].span[1] < _AROUND:
            clusters[-1].append(mention)
        else:
            clusters.append([mention])
    return clusters


def _window(text: str, cluster: Sequence[Mention]) -> Span:
    """The surroundings of a cluster, not beyond its lines, cut at blanks."""
    first, last = cluster[0].span[0], max(mention.span[1] for mention in cluster)
    start = max(text.rfind("\n", 0, first) + 1, first - _AROUND)
    end = text.find("\n", last)
    end = min(len(text) if end < 0 else end, last + _AROUND)
    if start and not text[start - 1].isspace():
        start = min(first, text.find(" ", start, first) + 1 or start)
    if end < len(text) and not text[end].isspace():
        blank = text.rfind(" ", last, end)
        end = end if blank < 0 else blank
    return start, end


def _shortened(text: str) -> str:
    if len(text) <= _PASSAGE_LENGTH:
        return text
    half = _PASSAGE_LENGTH // 2
    return f"{text[:half]} \N{HORIZONTAL ELLIPSIS} {text[-half:]}"


def _place(span: Span) -> str:
    return f"[{span[0]}, {span[1]}]"


def _clean(text: str) -> str:
    return _CONTROLS.sub(" ", text)


def _marks() -> tuple[str, str]:
    context = click.get_current_context(silent=True)
    colored = context.color if context else None
    if colored is None:
        colored = sys.stdout.isatty()
    if colored:
        return "\x1b[1;33m", "\x1b[0m"
    return (
        "\N{MATHEMATICAL LEFT WHITE SQUARE BRACKET}",
        "\N{MATHEMATICAL RIGHT WHITE SQUARE BRACKET}",
    )
