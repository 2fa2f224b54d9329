"""Two articles side by side: one HTML file, no network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from provenance.model import Article, ArticleId, Link, Mask, Mention
from provenance.report.templating import load_template
from provenance.report.views import view_pair

__all__ = ["render_pair"]


def render_pair(
    link: Link | None,
    a: Article,
    b: Article,
    mentions: Sequence[Mention] = (),
    masks: Mapping[ArticleId, Sequence[Mask]] | None = None,
) -> str:
    """Return a page with two articles and their common passages.

    Args:
        link: What ties them, its ends in the order of `a` and `b`; ``None`` where nothing does.
        a: The article on the left.
        b: The article on the right.
        mentions: Sources that either names.
        masks: Spans left out of comparison, by article.
    """
    page: str = load_template("pair.html").render(pair=view_pair(link, a, b, mentions, masks))
    return page
