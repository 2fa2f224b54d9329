"""Texts as columns: one hash per word and the span of the original it came from.

Every later stage reads columns and never strings, so it is fast; every result is a span of the
original, so it can be shown.  Columns of many texts are flat arrays with offsets.
"""

from __future__ import annotations

import codecs
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import attrs
import numpy as np
import numpy.typing as npt

from provenance.text.folding import fold_tables

if TYPE_CHECKING:
    from provenance.model import Mask

__all__ = ["Columns", "columns_of", "enlarged", "packed"]

_SLICE = 1 << 17  # units packed at once, unless a single text has more: they stay in cache
_SLACK = 1 << 13  # words: room for a piece of text, and for small batches of short words
# In the order of the machine; the codec itself, because finding it by name takes as long as encoding.
_encode = codecs.utf_16_le_encode if sys.byteorder == "little" else codecs.utf_16_be_encode


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
) -> Iterator[tuple[int, npt.NDArray[np.uint16], npt.NDArray[np.int64]]]:
    """Yield texts as UTF-16, many at a time, in one buffer that is overwritten when the next come.

    UTF-16 because that is how Python holds most texts that are not ASCII: it is copied, where UTF-8
    would have to be encoded at six times the cost.  One buffer because memory that is fresh each time
    costs more than the copy.  A lone surrogate becomes a question mark, which separates words as it
    does.

    Args:
        texts: Any strings.

    Yields:
        Number of the first text, the units, and the offsets of the texts in them.
    """
    units = np.empty(_SLICE, np.uint16)
    octets = units.view(np.uint8).data
    first, ends, end = 0, [0], 0
    for text in texts:
        encoded, _ = _encode(text, "replace")
        begin, end = end, end + len(encoded)
        if end > len(octets):
            if begin:
                yield first, *_filled(units, ends)
            first += len(ends) - 1
            ends, begin, end = [0], 0, len(encoded)
            if end > len(octets):
                units = np.empty(end // 2, np.uint16)
                octets = units.view(np.uint8).data
        octets[begin:end] = encoded
        ends.append(end)
    yield first, *_filled(units, ends)


def _filled(
    units: npt.NDArray[np.uint16], ends: list[int]
) -> tuple[npt.NDArray[np.uint16], npt.NDArray[np.int64]]:
    return units[: ends[-1] // 2], np.array(ends, np.int64) // 2


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
    from provenance.text.kernels import POWERS, utf16_folder

    if masks and len(masks) != len(texts):
        msg = f"{len(texts)} texts and masks for {len(masks)}"
        raise ValueError(msg)
    tables, fold = (*fold_tables(), *POWERS), utf16_folder()
    counts = np.zeros(len(texts), np.int64)
    room = sum(map(len, texts)) // 4 + _SLACK  # what is not written takes no memory
    tokens, spans = np.empty(room, np.uint64), np.empty((2, room), np.uint32)
    count = 0
    for first, data, offsets in packed(texts):
        part = counts[first : first + offsets.size - 1]
        done = 0
        while done < part.size:
            starts, ends = spans[:, count:]
            stop = fold(data, offsets, done, *tables, tokens[count:], starts, ends, part)
            if stop == done:
                tokens, spans = enlarged(tokens, count), enlarged(spans, count)
            count += int(part[done:stop].sum())
            done = stop
    columns = Columns(
        tokens=tokens[:count],
        starts=spans[0, :count],
        ends=spans[1, :count],
        offsets=np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)]),
    )
    return _unmasked(columns, texts, masks) if any(masks) else columns


def enlarged(array: npt.NDArray[Any], count: int, more: int = 0) -> npt.NDArray[Any]:
    """Return an array of more than twice the room, with the first `count` columns of this one."""
    larger = np.empty((*array.shape[:-1], 2 * array.shape[-1] + more), array.dtype)
    larger[..., :count] = array[..., :count]
    return larger


def _unmasked(columns: Columns, texts: Sequence[str], masks: Sequence[Sequence[Mask]]) -> Columns:
    """Leave out words that touch a mask, all texts at once on one axis of code points."""
    bases = np.cumsum([0, *(len(text) + 1 for text in texts)])
    spans = sorted(
        (base + mask.span[0], base + min(mask.span[1], len(text)))
        for base, text, of_text in zip(bases.tolist(), texts, masks, strict=False)
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
