"""The verbatim sketch: shingles of consecutive words, and MinHash signatures of them.

Two texts that share words in the same order share shingles.  The share of equal slots of two
signatures estimates the Jaccard similarity of their shingle sets, with a standard deviation of
``sqrt(J * (1 - J) / permutations)``: at most 0.044 for 128.

Signatures are those of ``datasketch.MinHash(num_perm, seed, scheme="affine32")`` over the same 32-bit
shingle hashes, bit for bit; ``docs/sketch.md`` describes the format and how to exchange them.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

import attrs
import numpy as np
import numpy.typing as npt

from provenance.config import SketchSpec
from provenance.errors import FormatMismatch, SettingError
from provenance.text.columns import enlarged, packed
from provenance.text.folding import FOLDING_VERSION, fold_tables

if TYPE_CHECKING:
    from provenance.text.columns import Columns

__all__ = [
    "EMPTY_SLOT",
    "Sketches",
    "estimate_jaccard",
    "sketch_buffers",
    "sketch_columns",
    "sketch_texts",
]

EMPTY_SLOT = 0xFFFFFFFF
"""Every slot of the signature of a text without words."""

_SCHEME = "affine32"
_LANES = 16  # permutations that the kernel takes at once
_ROOM = 1 << 15  # tokens of one call, unless a single text has more: 256 KB stay in cache


@attrs.frozen(kw_only=True, eq=False)
class Sketches:
    """Signatures and shingles of N texts.

    Shingle q of a text covers its words q to q + width - 1.  A text of fewer words than `width` has one
    shingle of all of them; a text without words has none, and a signature of ``EMPTY_SLOT``.

    Attributes:
        spec: What the values mean; sketches of different specs do not compare.
        signatures: uint32[N, P].
        shingles: uint32[S], hashes in text order, repetitions included; empty if not kept.
        offsets: int64[N + 1]; the shingles of text d are ``offsets[d]`` to ``offsets[d + 1]``, and
            count them even where the hashes were not kept.
    """

    spec: SketchSpec
    signatures: npt.NDArray[np.uint32]
    shingles: npt.NDArray[np.uint32]
    offsets: npt.NDArray[np.int64]


def _check(spec: SketchSpec) -> None:
    if spec.scheme != _SCHEME:
        msg = f"sketch scheme {spec.scheme!r} is unknown; the only one is {_SCHEME!r}"
        raise SettingError(msg)
    if spec.permutations < 1 or spec.width < 1 or not 0 <= spec.seed < 1 << 32:
        msg = (
            "a sketch needs at least 1 permutation, a width of at least 1 and a seed of 32 bits; "
            f"got {spec.permutations}, {spec.width} and {spec.seed}"
        )
        raise SettingError(msg)
    if spec.folding != FOLDING_VERSION:
        raise FormatMismatch(what="folding version", found=spec.folding, expected=FOLDING_VERSION)


@cache
def _permutations(spec: SketchSpec) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Return multipliers and increments as ``datasketch`` draws them, padded for the kernel.

    NumPy has frozen the stream.
    """
    stream = np.random.RandomState(spec.seed)
    halves = stream.randint(0, 1 << 31, spec.permutations, dtype=np.uint32)
    increments = stream.randint(0, 1 << 32, spec.permutations, dtype=np.uint32)
    multipliers = halves * np.uint32(2) + np.uint32(1)  # odd, so that no two hashes become one
    padding = (0, -spec.permutations % _LANES)
    multipliers, increments = np.pad(multipliers, padding), np.pad(increments, padding)
    multipliers.flags.writeable = increments.flags.writeable = False
    return multipliers, increments


def _shingle_counts(words: npt.NDArray[np.int64], width: int) -> npt.NDArray[np.int64]:
    return np.maximum(words - width + 1, np.minimum(words, 1))


def _offsets(counts: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    return np.concatenate([np.zeros(1, np.int64), np.cumsum(counts)])


def sketch_columns(columns: Columns, spec: SketchSpec) -> Sketches:
    """Sketch texts that are columns already, masked or not.

    Args:
        columns: The words of the texts; a masked word is not there, and shingles bridge the gap.
        spec: The format.

    Returns:
        The sketches, shingles kept.

    Raises:
        SettingError: `spec` makes no sense.
        FormatMismatch: `spec` asks for another folding than this version's.
    """
    from provenance.sketch.kernels import sketch_tokens

    _check(spec)
    words = np.diff(columns.offsets)
    offsets = _offsets(_shingle_counts(words, spec.width))
    signatures = np.empty((words.size, spec.permutations), np.uint32)
    shingles = np.empty(int(offsets[-1]), np.uint32)
    sketch_tokens(
        columns.tokens, columns.offsets, spec.width, *_permutations(spec), signatures, shingles
    )
    return Sketches(spec=spec, signatures=signatures, shingles=shingles, offsets=offsets)


def sketch_texts(
    texts: Sequence[str], spec: SketchSpec | None = None, *, keep_shingles: bool = True
) -> Sketches:
    """Sketch whole texts: the fast road, equal to ``sketch_columns(columns_of(texts), spec)``.

    Args:
        texts: Any strings.
        spec: The format; the default one if not given.
        keep_shingles: Whether to keep the hashes of the shingles, four bytes each, that exact
            comparison needs.

    Returns:
        The sketches.

    Raises:
        SettingError: `spec` makes no sense.
        FormatMismatch: `spec` asks for another folding than this version's.
    """
    sketching = _Sketching(len(texts), spec or SketchSpec(), keep_shingles)
    for first, data, offsets in packed(texts):
        sketching.add(first, data, offsets)
    return sketching.result()


def sketch_buffers(
    data: npt.NDArray[np.uint8],
    offsets: npt.NDArray[np.int64],
    spec: SketchSpec | None = None,
    *,
    keep_shingles: bool = True,
) -> Sketches:
    """Sketch texts that lie in one buffer, as in an Arrow ``large_string`` column.

    Args:
        data: uint8, UTF-8.  It is not validated: bytes that are not UTF-8 do no harm and give a sketch
            without meaning.
        offsets: int64[N + 1], rising; text d is ``data[offsets[d]:offsets[d + 1]]``.
        spec: The format; the default one if not given.
        keep_shingles: As in :func:`sketch_texts`.

    Returns:
        The sketches.

    Raises:
        ValueError: The offsets do not rise, or leave the buffer.
        SettingError: `spec` makes no sense.
        FormatMismatch: `spec` asks for another folding than this version's.
    """
    data = np.ascontiguousarray(data, np.uint8)
    offsets = np.ascontiguousarray(offsets, np.int64)
    if (
        offsets.size == 0
        or offsets[0] < 0
        or offsets[-1] > data.size
        or (np.diff(offsets) < 0).any()
    ):
        msg = f"offsets must rise from 0 or more to at most {data.size}, the size of the buffer"
        raise ValueError(msg)
    sketching = _Sketching(offsets.size - 1, spec or SketchSpec(), keep_shingles)
    sketching.add(0, data, offsets)
    return sketching.result()


class _Sketching:
    """Sketches under way: token and shingle buffers small enough for the cache, used again and again."""

    def __init__(self, texts: int, spec: SketchSpec, keep_shingles: bool) -> None:
        _check(spec)
        self._spec = spec
        self._keep = keep_shingles
        self._permutations = _permutations(spec)
        self._signatures = np.empty((texts, spec.permutations), np.uint32)
        self._words = np.zeros(texts, np.int64)
        self._tokens = np.empty(_ROOM, np.uint64)
        self._shingles = np.empty(_ROOM, np.uint32)
        self._count = 0  # of shingles kept

    def add(
        self,
        first: int,
        data: npt.NDArray[np.uint8] | npt.NDArray[np.uint16],
        offsets: npt.NDArray[np.int64],
    ) -> None:
        """Sketch the texts of a buffer of UTF-8 or UTF-16; `first` is the number of the first."""
        from provenance.sketch.kernels import sketch_tokens
        from provenance.text.kernels import POWERS, fold_utf8, utf16_folder

        spec = self._spec
        texts = offsets.size - 1
        words = self._words[first : first + texts]
        tables = (*fold_tables(), *POWERS)
        done = 0
        while done < texts:
            stop = (
                fold_utf8(data, offsets, done, *tables, self._tokens, words)
                if data.itemsize == 1
                else utf16_folder()(data, offsets, done, *tables, self._tokens, None, None, words)
            )
            if stop == done:
                self._tokens = enlarged(self._tokens, 0)
            limits = _offsets(words[done:stop])
            if self._shingles.size - self._count < limits[-1]:
                self._shingles = enlarged(self._shingles, self._count, int(limits[-1]))
            sketch_tokens(
                self._tokens,
                limits,
                spec.width,
                *self._permutations,
                self._signatures[first + done : first + stop],
                self._shingles[self._count :],
            )
            if self._keep:
                self._count += int(_shingle_counts(words[done:stop], spec.width).sum())
            done = stop

    def result(self) -> Sketches:
        return Sketches(
            spec=self._spec,
            signatures=self._signatures,
            shingles=self._shingles[: self._count],
            offsets=_offsets(_shingle_counts(self._words, self._spec.width)),
        )


def estimate_jaccard(a: npt.NDArray[np.uint32], b: npt.NDArray[np.uint32]) -> float:
    """Return the share of equal slots of two signatures, an estimate of their Jaccard similarity.

    Two texts without words agree in every slot; ask for their words before asking for their likeness.

    Raises:
        FormatMismatch: The signatures differ in length.
    """
    if a.size != b.size:
        raise FormatMismatch(what="signature slots", found=b.size, expected=a.size)
    return float(np.mean(a == b))
