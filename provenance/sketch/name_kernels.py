"""Names as machine code: the forms of a word, and the consonants of each.

A *form* is a folded word, or what remains of it without a conjunction, a preposition or an ending.  A
*skeleton* is the sequence of consonant classes of a form, four bits a class, the first in the highest
place that is used; eleven classes, so no class is zero.  A letter with two readings doubles the
skeletons of a form, up to :data:`READINGS`.
"""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["CLASSES", "COARSE_CLASSES", "FORMS", "READINGS", "coarsened", "read_names"]

CLASSES = " PTDKGSFRLMN"
COARSE_CLASSES = {"P": 1, "T": 2, "K": 3, "S": 5, "F": 6, "L": 8, "N": 10}
FORMS = 3  # a word as it stands and two cut forms
READINGS = 6  # two doubtful letters, of three readings and of two; names with more are rare
_LONGEST = 12  # classes of a skeleton; four bits each in 64, with room for the kind of a key
_GROUP = 4  # letters of the longest group with a reading of its own, sixteen bits each in 64
_REMAINDER = 3  # letters that a cut form must keep...
_SYLLABLES, _HANGUL = 2, 0xAC00  # ...but two syllables of Hangul, the first of which is this
_T, _D, _G, _S = (CLASSES.index(c) for c in "TDGS")

_u64 = numba.uint64


@numba.njit
def _grown(skeleton, consonant):  # type: ignore[no-untyped-def]
    """Append a class: doubles are one, and a stop melts into the sibilant behind it (ts, dj)."""
    last = skeleton & _u64(15)
    if last == consonant:
        return skeleton
    if (consonant == _S and last == _T) or (consonant == _G and last in (_T, _D)):
        skeleton >>= _u64(4)
        if skeleton & _u64(15) == consonant:
            return skeleton
    if skeleton >> _u64(4 * (_LONGEST - 1)):
        return skeleton
    return skeleton << _u64(4) | consonant


@numba.njit
def _found(groups, group):  # type: ignore[no-untyped-def]
    """Place of a group of letters in the sorted table, -1 where it is not listed."""
    low, high = 0, groups.size
    while low < high:
        middle = (low + high) >> 1
        if groups[middle] < group:
            low = middle + 1
        else:
            high = middle
    return low if low < groups.size and groups[low] == group else -1


@numba.njit
def _skeletons(points, begin, end, groups, readings, counts, states):  # type: ignore[no-untyped-def]
    """Write the skeletons of the letters from `begin` to `end` into `states`; return how many."""
    states[0] = 0
    size = 1
    at = begin
    while at < end:
        length, place = min(_GROUP, end - at), -1
        while length:
            group = _u64(0)
            for letter in points[at : at + length]:
                group = group << _u64(16) | _u64(letter)
            place = _found(groups, group)
            if place >= 0:
                break
            length -= 1
        at += max(1, length)
        if place < 0:
            continue  # a vowel, or no letter of a name
        choices = counts[place] if size * counts[place] <= READINGS else 1
        for choice in range(choices - 1, -1, -1):
            for state in range(size):
                skeleton = states[state]
                for consonant in readings[place, choice]:
                    if consonant:
                        skeleton = _grown(skeleton, _u64(consonant))
                states[choice * size + state] = skeleton
        size *= choices
    return size


@numba.njit
def _remains(points, begin, end, affix):  # type: ignore[no-untyped-def]
    least = _SYLLABLES if points[begin] >= _HANGUL else _REMAINDER
    return end - begin - affix.size >= least


@numba.njit
def _ends_with(points, begin, end, affix):  # type: ignore[no-untyped-def]
    if not _remains(points, begin, end, affix):
        return False
    return np.array_equal(points[end - affix.size : end], affix)


@numba.njit
def _begins_with(points, begin, end, affix):  # type: ignore[no-untyped-def]
    if not _remains(points, begin, end, affix):
        return False
    return np.array_equal(points[begin : begin + affix.size], affix)


@numba.njit(nogil=True, cache=True)
def read_names(  # type: ignore[no-untyped-def]
    points,
    offsets,
    tongues,
    affixes,
    edges,
    beginnings,
    endings,
    groups,
    readings,
    counts,
    forms,
    skeletons,
    owners,
):
    """Find the forms of many words and their skeletons.

    Args:
        points: uint16[L], letters of W folded words.
        offsets: int64[W + 1] into `points`.
        tongues: int64[W], number of each word's language.
        affixes: uint16[A], letters of all beginnings and endings, longest first in each list.
        edges: int64[B + 1] into `affixes`.
        beginnings: int64[G + 1], the beginnings of language g are affixes ``beginnings[g]`` to
            ``beginnings[g + 1]``.
        endings: int64[G + 1], likewise.
        groups: uint64[M], groups of letters that have a reading, sorted.
        readings: uint8[M, 3, 2], up to three readings of up to two classes, zero for none.
        counts: int64[M], how many readings.
        forms: int64[W, FORMS, 2], filled with begin and end of each form in `points`, -1 for none.
        skeletons: uint64[R], filled.
        owners: int64[R], filled with the number of each skeleton's word.

    Returns:
        Skeletons found; no word has one twice.  R must be ``W * FORMS * READINGS``.
    """
    states = np.empty(READINGS, np.uint64)
    count = 0
    for word in range(tongues.size):
        begin, end, tongue = offsets[word], offsets[word + 1], tongues[word]
        forms[word] = -1
        forms[word, 0, 0], forms[word, 0, 1] = begin, end
        used = 1
        # The longest beginnings leave the shortest forms, the ones that are likeliest bare.
        for number in range(beginnings[tongue], beginnings[tongue + 1]):
            affix = affixes[edges[number] : edges[number + 1]]
            if used < FORMS and _begins_with(points, begin, end, affix):
                forms[word, used, 0], forms[word, used, 1] = begin + affix.size, end
                used += 1
        for number in range(endings[tongue], endings[tongue + 1]):
            affix = affixes[edges[number] : edges[number + 1]]
            if used < FORMS and _ends_with(points, begin, end, affix):
                forms[word, used, 0], forms[word, used, 1] = begin, end - affix.size
                used += 1
                break
        first = count
        for form in range(used):
            size = _skeletons(
                points, forms[word, form, 0], forms[word, form, 1], groups, readings, counts, states
            )
            for skeleton in states[:size]:
                known = False
                for place in range(first, count):
                    known |= skeletons[place] == skeleton
                if not known:
                    skeletons[count], owners[count] = skeleton, word
                    count += 1
    return count


_COARSE = np.array([0, 1, 2, 2, 3, 5, 5, 6, 8, 8, 10, 10, 0, 0, 0, 0], np.uint64)


@numba.njit(nogil=True, cache=True)
def coarsened(skeletons):  # type: ignore[no-untyped-def]
    """Map skeletons to the seven classes that Chinese and kana tell apart; doubles are one."""
    out = np.empty_like(skeletons)
    for i in range(skeletons.size):
        coarse = np.uint64(0)
        rest = np.uint64(0)
        skeleton = skeletons[i]
        while skeleton:
            rest = rest << np.uint64(4) | (skeleton & np.uint64(15))
            skeleton >>= np.uint64(4)
        last = np.uint64(0)
        while rest:
            value = _COARSE[np.int64(rest & np.uint64(15))]
            rest >>= np.uint64(4)
            if value != last:
                coarse = coarse << np.uint64(4) | value
            last = value
        out[i] = coarse
    return out
