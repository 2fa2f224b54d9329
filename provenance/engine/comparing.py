"""Two articles side by side: how they relate, why, and where."""

from __future__ import annotations

import attrs
import numpy as np

from provenance.config import Profile
from provenance.engine.crediting import Reading, as_article, read_article
from provenance.engine.linking import agencies_among, link_matches
from provenance.engine.rewording import match_wording
from provenance.engine.translating import match_translations
from provenance.errors import DuplicateId
from provenance.model import Article, Link
from provenance.sketch.anchoring import anchors_of
from provenance.sketch.signatures import sketch_columns
from provenance.sketch.wording import wording_of
from provenance.text.columns import columns_of
from provenance.verify.matching import match_pairs

__all__ = ["compare"]


def compare(a: Article | str, b: Article | str, *, profile: Profile | None = None) -> Link | None:
    """Say how two articles relate, or ``None`` where nothing ties them.

    Args:
        a: An article, or a bare text (which gets the identifier ``a``).
        b: The other one (``b``).
        profile: Settings; the defaults where left out.

    Returns:
        The link, `a` and `b` in identifier order, with direction and evidence.

    Raises:
        DuplicateId: Both articles carry the same identifier.
    """
    settings = profile or Profile()
    pair = sorted((as_article(a, name="a"), as_article(b, name="b")), key=lambda item: item.id)
    if pair[0].id == pair[1].id:
        msg = f"both articles have the identifier {pair[0].id!r}; give them different ones"
        raise DuplicateId(msg)
    readings: list[Reading] = [read_article(article) for article in pair]
    articles = [
        attrs.evolve(article, language=reading.language)
        for article, reading in zip(pair, readings, strict=True)
    ]
    columns = columns_of([item.text for item in articles], [r.masks for r in readings])
    sketches = sketch_columns(columns, settings.sketch)
    matches = match_pairs(
        np.array([[0, 1]], dtype=np.uint32),
        sketches,
        columns,
        settings.verify,
        texts=[item.text for item in articles],
        publishers=[item.publisher for item in articles],
        published=[item.published for item in articles],
    )
    if not matches:
        texts, languages = zip(*((item.text, item.language) for item in articles), strict=True)
        if languages[0] == languages[1]:
            wording = wording_of(columns, texts, languages)
            matches = list(match_wording(wording, sketches, articles, (), settings).sure)
        else:
            anchors = anchors_of(columns, texts, languages)
            matches = list(match_translations(anchors, articles, (), settings).sure)
    agencies = agencies_among(article.publisher for article in articles)
    links = link_matches(matches, articles, readings, agencies)
    return links[0] if links else None
