"""New articles before they meet a store: read, packed, sketched and keyed.

Nothing here looks at a store, so that the next articles can be prepared while it takes these.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import attrs

from provenance.config import Profile
from provenance.engine.crediting import Reading, read_article
from provenance.engine.joining import wordless_of
from provenance.engine.meeting import entries_of
from provenance.engine.observing import plain_reading
from provenance.engine.packing import Packed, pack, rounded
from provenance.errors import InputError
from provenance.index.keys import DocumentKeys, document_keys
from provenance.model import Article
from provenance.sketch.signatures import Sketches, sketch_columns, sketch_texts
from provenance.stores.contract import Entries
from provenance.text.columns import columns_of

__all__ = ["Prepared", "key_articles", "prepare", "sketch_articles"]


@attrs.frozen(kw_only=True, eq=False)
class Prepared:
    """Articles with all that can be known of them without a store.

    Attributes:
        packed: Each article, its reading, and both as bytes.
        sketches: Of the articles, furniture left out.
        keys: What they are found by, and what they ask for.
        entries: The same for a store.
    """

    packed: Sequence[tuple[Article, Reading, Packed]]
    sketches: Sketches
    keys: DocumentKeys
    entries: Entries


def prepare(
    articles: Sequence[Article], settings: Profile, *, attribute: bool, catalogue: Path | None
) -> Prepared:
    """Read, pack, sketch and key articles.

    Args:
        articles: The articles.
        settings: All settings.
        attribute: Read credits, furniture and dates.
        catalogue: File with agencies and names beyond the packaged ones.

    Raises:
        InputError: An identifier is no text that can be stored.
    """
    return key_articles([_packed(item, attribute, catalogue) for item in articles], settings)


def key_articles(packed: Sequence[tuple[Article, Reading, Packed]], settings: Profile) -> Prepared:
    """Sketch and key articles that have been read."""
    sketches, keys = sketch_articles([a for a, _, _ in packed], [r for _, r, _ in packed], settings)
    return Prepared(packed=packed, sketches=sketches, keys=keys, entries=entries_of(sketches, keys))


def sketch_articles(
    articles: Sequence[Article], readings: Sequence[Reading], settings: Profile
) -> tuple[Sketches, DocumentKeys]:
    """Return the sketches of articles, furniture left out, and their keys."""
    texts = [article.text for article in articles]
    masks = [reading.masks for reading in readings]
    sketches = (
        sketch_columns(columns_of(texts, masks), settings.sketch)
        if any(masks)
        else sketch_texts(texts, settings.sketch)
    )
    return sketches, document_keys(
        sketches, settings.index, wordless_of(sketches, texts.__getitem__)
    )


def _packed(
    article: Article, attribute: bool, catalogue: Path | None
) -> tuple[Article, Reading, Packed]:
    try:
        article.id.encode()
    except UnicodeEncodeError as cause:
        reason = f"the identifier {article.id!r} holds half a character, which no store keeps"
        raise InputError(reason) from cause
    if not attribute:
        return article, plain_reading(article), pack(article, None)
    reading = rounded(read_article(article, catalogue=catalogue))
    return article, reading, pack(article, reading)
