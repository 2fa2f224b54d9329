"""Lines that an outlet prints under articles which are otherwise different.

A line is held against all documents of its publisher, letters lower-cased, digits taken as one, signs
dropped.  It is furniture if enough *different* articles carry it.  Different is the point: outlets post
one article several times, update it, or fill a form every day (prayer times, exchange rates), and then
every line of the body repeats.  So documents that share half of their text with an earlier one are
counted as one article.

Time and memory are linear: a document is held against at most three earlier ones, found by its longest
lines.

Limits: furniture that changes from page to page is not seen, nor is any in the first two documents of
an outlet.
"""

from __future__ import annotations

import re
from array import array
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from math import ceil
from typing import TYPE_CHECKING

from xxhash import xxh3_64_intdigest

from provenance.model import Mask, Span
from provenance.text.layout import Line, lines_of

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

__all__ = ["find_repeated_lines"]

# Under three articles nothing repeats; in a large outlet 1 % keeps formulae of the body ("he added")
# from counting, while what a template prints stands under far more.
_AT_LEAST = 3
_SHARE = 0.01
# Documents without a publisher may come from anywhere: what repeats among them must do so more often.
_UNKNOWN_AT_LEAST = 10
_UNKNOWN_SHARE = 0.02

# Longer lines are paragraphs of articles; disclaimers stay below.
_LONGEST = 500
# A document that shares half of its text with an earlier one is the same article.
_SAME = 0.5
_PROBES = 3

_NOISE = re.compile(r"[\W_]+")
_DIGITS = re.compile(r"\d+")


def find_repeated_lines(
    texts: Sequence[str],
    publishers: Sequence[str],
    keeps: Sequence[Sequence[Span]] = (),
) -> list[tuple[Mask, ...]]:
    """Find the lines that repeat under different articles of one publisher.

    Args:
        texts: The articles of a corpus.
        publishers: One name each; articles with an empty one are held together against a higher bar.
        keeps: For each article, spans that no mask may touch; none where left out.

    Returns:
        For each article its masks, reason ``repeated_line``, sorted, not overlapping.
    """
    groups: defaultdict[str, list[int]] = defaultdict(list)
    for number, publisher in enumerate(publishers):
        groups[publisher].append(number)
    masks: list[tuple[Mask, ...]] = [()] * len(texts)
    for publisher, numbers in groups.items():
        at_least, share = (_AT_LEAST, _SHARE) if publisher else (_UNKNOWN_AT_LEAST, _UNKNOWN_SHARE)
        bar = max(at_least, ceil(share * len(numbers)))
        if len(numbers) < bar:
            continue
        repeated = _repeated_keys([texts[number] for number in numbers], bar)
        if not repeated:
            continue
        for number in numbers:
            kept = keeps[number] if keeps else ()
            masks[number] = tuple(
                Mask(span=line.span, reason="repeated_line")
                for line, key in _keyed(texts[number])
                if key in repeated and not any(a < line.end and line.start < b for a, b in kept)
            )
    return masks


def _keyed(text: str) -> Iterator[tuple[Line, int]]:
    """Yield the lines of a text with a digest of what they say."""
    for line in lines_of(text):
        said = _DIGITS.sub("0", _NOISE.sub("", line.text.lower()))
        if said:
            yield line, xxh3_64_intdigest(said.encode("utf-8", "surrogatepass"))


def _repeated_keys(texts: Sequence[str], bar: int) -> frozenset[int]:
    """Return the digests of lines that at least `bar` different articles carry."""
    import numpy as np

    digests, sizes, offsets = array("Q"), array("L"), array("Q", [0])
    for text in texts:
        for line, key in _keyed(text):
            digests.append(key)
            sizes.append(len(line.text))
        offsets.append(len(digests))
    keys, lengths = np.asarray(digests, np.uint64), np.asarray(sizes, np.uint32)
    _, places, counts = np.unique(keys, return_inverse=True, return_counts=True)
    frequency = counts[places]
    if not (frequency >= bar).any():
        return frozenset()
    lines_of_document = [end - start for start, end in pairwise(offsets)]
    articles = np.repeat(_articles(keys, lengths, frequency, offsets), lines_of_document)
    chosen = (frequency >= bar) & (lengths <= _LONGEST)
    carried = np.unique(np.stack([keys[chosen], articles[chosen]]), axis=1)[0]
    candidates, different = np.unique(carried, return_counts=True)
    return frozenset(candidates[different >= bar].tolist())


def _articles(
    keys: npt.NDArray[np.uint64],
    lengths: npt.NDArray[np.uint32],
    frequency: npt.NDArray[np.intp],
    offsets: Sequence[int],
) -> npt.NDArray[np.uint64]:
    """Number the articles that documents carry: a copy has the number of the first document.

    Args:
        keys: Digest of every line of every document.
        lengths: Code points of each line.
        frequency: How often each line's digest occurs at all.
        offsets: Where the lines of each document begin and end, one more than documents.

    Returns:
        uint64[documents], the number of the document that first carried the article.
    """
    import numpy as np

    found = np.arange(len(offsets) - 1, dtype=np.uint64)
    first: dict[int, int] = {}
    for document, (start, end) in enumerate(pairwise(offsets)):
        # The rarest lines that repeat at all: furniture repeats more often than copies do.
        probes = sorted(
            (line for line in range(start, end) if frequency[line] > 1),
            key=lambda line: (frequency[line], -int(lengths[line]), line),
        )[:_PROBES]
        for probe in probes:
            earlier = first.setdefault(int(keys[probe]), document)
            if earlier == document:
                continue
            other = slice(offsets[earlier], offsets[earlier + 1])
            shared = lengths[start:end][np.isin(keys[start:end], keys[other])].sum()
            if shared >= _SAME * min(lengths[start:end].sum(), lengths[other].sum()):
                found[document] = found[earlier]
                break
    return found
