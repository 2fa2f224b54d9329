"""Texts as columns: one hash per word and the span of the original it came from.

Every later stage reads columns and never strings, so it is fast; every result is a span of the
original, so it can be shown.  Columns of many texts are flat arrays with offsets.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import attrs
import numpy as np
import numpy.typing as npt

from provenance.text.folding import fold_tables

if TYPE_CHECKING:
    from provenance.model import Mask

__all__ = ["Columns", "columns_of", "packed"]

_SLICE = 1 << 20
"""Characters packed at once: fresh memory costs more than the copy, a slice this small is reused."""


@attrs.frozen(kw_only=True, eq=False)
class Columns:
    """The words of N texts, T in all.

    Attributes:
        tokens: uint64[T], hash of each folded word.
        starts: uint32[T], code point at which the word begins in its text.
        ends: uint32[T], code point after the word; marks and invisible characters behind its last
            letter are inside.
        offsets: int64[N + 1]; the words of text d are ``offsets[d]`` to ``offsets[d + 1]``.
    """

    tokens: npt.NDArray[np.uint64]
    starts: npt.NDArray[np.uint32]
    ends: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.int64]


def packed(
    texts: Sequence[str],
) -> Iterator[tuple[int, npt.NDArray[np.uint8], npt.NDArray[np.int64]]]:
    """Yield texts as UTF-8 in slices of a few megabytes.

    Lone surrogates are encoded like other characters of three bytes.

    Args:
        texts: Any strings.

    Yields:
        Number of the first text, the bytes, and the int64 offsets of the texts in them.
    """
    first, size = 0, 0
    for number, text in enumerate(texts):
        size += len(text)
        if size >= _SLICE or number == len(texts) - 1:
            yield first, *_encoded(texts[first : number + 1])
            first, size = number + 1, 0


def _encoded(texts: Sequence[str]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.int64]]:
    try:
        parts = [text.encode() for text in texts]
    except UnicodeEncodeError:
        parts = [text.encode("utf-8", "surrogatepass") for text in texts]
    offsets = np.zeros(len(parts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, parts), np.int64, len(parts)), out=offsets[1:])
    return np.frombuffer(b"".join(parts), np.uint8), offsets


def columns_of(texts: Sequence[str], masks: Sequence[Sequence[Mask]] = ()) -> Columns:
    """Cut texts into words.

    Args:
        texts: Any strings.
        masks: For each text the spans to leave out; empty for none at all.  A word that touches a mask
            is left out whole, and its neighbors become neighbors of each other.

    Returns:
        The words of all texts, in order.

    Raises:
        ValueError: There are masks, and not one sequence for each text.
    """
    from provenance.text.kernels import fold_columns, room_for

    counts = np.zeros(len(texts), np.int64)
    tokens, starts, ends = np.empty(0, np.uint64), np.empty(0, np.uint32), np.empty(0, np.uint32)
    parts = [(tokens, starts, ends)]
    for first, data, offsets in packed(texts):
        room = room_for(data.size) + offsets.size
        if tokens.size < room:
            tokens, starts, ends = np.empty(room, np.uint64), *np.empty((2, room), np.uint32)
        part = counts[first : first + offsets.size - 1]
        fold_columns(data, offsets, 0, *fold_tables(), tokens, starts, ends, part)
        size = int(part.sum())
        parts.append((tokens[:size].copy(), starts[:size].copy(), ends[:size].copy()))
    columns = Columns(
        tokens=np.concatenate([part[0] for part in parts]),
        starts=np.concatenate([part[1] for part in parts]),
        ends=np.concatenate([part[2] for part in parts]),
        offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
    )
    return _unmasked(columns, texts, masks) if any(masks) else columns


def _unmasked(columns: Columns, texts: Sequence[str], masks: Sequence[Sequence[Mask]]) -> Columns:
    """Leave out words that touch a mask, all texts at once on one axis of code points."""
    if len(masks) != len(texts):
        msg = f"{len(texts)} texts and masks for {len(masks)}"
        raise ValueError(msg)
    bases = np.cumsum([0, *(len(text) + 1 for text in texts)])
    spans = sorted(
        (base + mask.span[0], base + mask.span[1])
        for base, of_text in zip(bases.tolist(), masks, strict=False)
        for mask in of_text
        if mask.span[0] < mask.span[1]
    )
    edges = np.array(spans, np.int64).reshape(-1, 2)
    lower = edges[:, 0]
    reach = np.maximum.accumulate(edges[:, 1])  # masks may overlap
    sizes = np.diff(columns.offsets)
    base_of = np.repeat(bases[:-1], sizes)
    # Masks before the first that begins at or after the word's end: the farthest of them decides.
    before = np.searchsorted(lower, base_of + columns.ends, side="left")
    farthest = np.concatenate([np.full(1, -1, np.int64), reach])[before]
    kept = farthest <= base_of + columns.starts
    offsets = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept)])[columns.offsets]
    return Columns(
        tokens=columns.tokens[kept],
        starts=columns.starts[kept],
        ends=columns.ends[kept],
        offsets=offsets,
    )
