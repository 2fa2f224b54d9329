"""Rows of weighed keys, and what two texts share of them, as machine code."""

# mypy: allow-untyped-decorators

from __future__ import annotations

import numba
import numpy as np

__all__ = [
    "best_partners",
    "best_probes",
    "compare_values",
    "compare_words",
    "cosines",
    "count_texts",
    "gather_keys",
    "gather_names",
    "most_salient",
]

_HEAVIEST = 8  # matches that are summed


@numba.njit(nogil=True, cache=True)
def gather_keys(stems, starts, offsets, weights, limit, least):  # type: ignore[no-untyped-def]
    """Gather the distinct stems of each text, those that weigh least left out.

    Returns:
        Rows of each text as offsets; the keys of a text in ascending order, and which of its words, in
        order of appearance, each belongs to; place of the first occurrence and count of each word;
        tokens read of each text.
    """
    texts = offsets.size - 1
    sizes, lengths = np.zeros(texts + 1, np.int64), np.zeros(texts, np.int64)
    seen = np.full(weights.size, -1, np.int64)
    room = 0
    for d in range(texts):
        for t in range(offsets[d], offsets[d + 1]):
            if starts[t] - starts[offsets[d]] >= limit:
                break
            lengths[d] += 1
            if seen[stems[t]] != d and weights[stems[t]] >= least:
                seen[stems[t]] = d
                room += 1
        sizes[d + 1] = room
    keys, words = np.empty(room, np.uint32), np.empty(room, np.int32)
    places, counts = np.empty(room, np.float32), np.zeros(room, np.float32)
    seen[:] = -1
    for d in range(texts):
        begin, word = sizes[d], sizes[d]
        for t in range(offsets[d], offsets[d] + lengths[d]):
            key = stems[t]
            if weights[key] >= least:
                if seen[key] < begin:
                    seen[key] = word
                    keys[word], places[word] = key, starts[t] - starts[offsets[d]]
                    word += 1
                counts[seen[key]] += 1
        order = np.argsort(keys[begin:word])
        words[begin:word] = order
        keys[begin:word] = keys[begin:word][order]
    return sizes, keys, words, places, counts, lengths


@numba.njit(nogil=True, cache=True)
def count_texts(offsets, keys, pools, held):  # type: ignore[no-untyped-def]
    """Count the texts of each pool that hold each key, in int32[pools, keys]."""
    last = np.full(held.shape[1], -1, np.int64)
    for d in range(offsets.size - 1):
        for row in range(offsets[d], offsets[d + 1]):
            if last[keys[row]] != d:
                last[keys[row]] = d
                held[pools[d], keys[row]] += 1


@numba.njit(nogil=True, cache=True)
def gather_names(offsets, keys, weights, places, ordinals, limit, spare):  # type: ignore[no-untyped-def]
    """Gather the distinct words of each text and their keys.

    Occurrences whose heaviest key is the same are one word; it has the keys of all of them.

    Args:
        offsets: Rows of each text.
        keys: Of each row.
        weights: Of each row; those of 0 are left out.
        places: Of each row.
        ordinals: Occurrence of each row in its text.
        limit: Code points read.
        spare: int64[K] of -1 to work in, K the number of keys.

    Returns:
        As :func:`gather_keys`, with the weight of each row, but for the tokens read; words come with
        offsets of their own.
    """
    texts = offsets.size - 1
    sizes, word_sizes = np.zeros(texts + 1, np.int64), np.zeros(texts + 1, np.int64)
    out_keys, out_words = np.empty(keys.size, np.uint32), np.empty(keys.size, np.int32)
    out_weights = np.empty(keys.size, np.float32)
    first, counts = np.empty(keys.size, np.float32), np.empty(keys.size, np.float32)
    total = count = 0
    for d in range(texts):
        order = offsets[d] + np.argsort(ordinals[offsets[d] : offsets[d + 1]], kind="mergesort")
        begin, words, at = count, 0, 0
        while at < order.size:
            stop, best = at, order[at]
            while stop < order.size and ordinals[order[stop]] == ordinals[order[at]]:
                if weights[order[stop]] > weights[best]:
                    best = order[stop]
                stop += 1
            if weights[best] > 0 and places[best] < limit:
                word = spare[keys[best]]
                if word < total:
                    word = total + words
                    spare[keys[best]] = word
                    first[word], counts[word] = places[best], 0
                    words += 1
                counts[word] += 1
                for row in order[at:stop]:
                    if weights[row] > 0:
                        out_keys[count], out_words[count] = keys[row], word - total
                        out_weights[count] = weights[row]
                        count += 1
            at = stop
        order = begin + np.argsort(out_words[begin:count], kind="mergesort")
        order = order[np.argsort(out_keys[order], kind="mergesort")]
        own = out_keys[order], out_words[order], out_weights[order]
        count = begin
        for row in range(order.size):
            repeated = (
                count > begin
                and out_keys[count - 1] == own[0][row]
                and out_words[count - 1] == own[1][row]
            )
            if repeated:
                out_weights[count - 1] = max(out_weights[count - 1], own[2][row])
            else:
                out_keys[count], out_words[count], out_weights[count] = (
                    own[0][row],
                    own[1][row],
                    own[2][row],
                )
                count += 1
        total += words
        sizes[d + 1], word_sizes[d + 1] = count, total
    return (
        sizes,
        out_keys[:count].copy(),
        out_words[:count].copy(),
        out_weights[:count].copy(),
        word_sizes,
        first[:total].copy(),
        counts[:total].copy(),
    )


@numba.njit(nogil=True, cache=True)
def most_salient(offsets, salience, places, count):  # type: ignore[no-untyped-def]
    """Return bool[W]: whether a word is among the `count` most salient of its text; ties by place."""
    found = np.zeros(salience.size, np.bool_)
    for d in range(offsets.size - 1):
        own = salience[offsets[d] : offsets[d + 1]]
        order = np.argsort(places[offsets[d] : offsets[d + 1]], kind="mergesort")
        order = order[np.argsort(-own[order], kind="mergesort")]
        for word in order[:count]:
            found[offsets[d] + word] = own[word] > 0
    return found


@numba.njit(nogil=True, cache=True)
def compare_words(  # type: ignore[no-untyped-def]  # noqa: C901
    pairs,
    starts,
    keys,
    weights,
    words,
    word_starts,
    masses,
    salience,
    salient,
    places,
    salient_totals,
    norms,
    head_totals,
    lead_totals,
    head,
    lead,
    least,
    out,
):
    """Write what two texts share: see :mod:`provenance.lineage._salience` for the columns."""
    widest = 0
    for d in range(starts.size - 1):
        widest = max(widest, starts[d + 1] - starts[d])
    one, two = np.empty(widest, np.int64), np.empty(widest, np.int64)
    shared = np.empty(widest, np.float64)
    used = np.zeros(word_starts[-1], np.int64)
    for p in range(pairs.shape[0]):
        a, b = pairs[p, 0], pairs[p, 1]
        i, j, size = starts[a], starts[b], 0
        while i < starts[a + 1] and j < starts[b + 1]:
            if keys[i] < keys[j]:
                i += 1
            elif keys[i] > keys[j]:
                j += 1
            else:
                weight = min(weights[i], weights[j])
                if weight >= least and size < widest:
                    one[size], two[size] = word_starts[a] + words[i], word_starts[b] + words[j]
                    shared[size] = weight
                    size += 1
                # Two words of one text may have the key: each is tried with the next of the other.
                if i + 1 < starts[a + 1] and keys[i + 1] == keys[i]:
                    i += 1
                else:
                    j += 1
        found_a, found_b, product = 0.0, 0.0, 0.0
        heads_a, heads_b, leads_a, leads_b, heavy = 0.0, 0.0, 0.0, 0.0, 0.0
        matches = 0
        # Ties in the order of the words: sums must not depend on how keys are numbered.
        order = np.argsort(one[:size], kind="mergesort")
        for row in order[np.argsort(-shared[order], kind="mergesort")]:
            x, y = one[row], two[row]
            if used[x] == p + 1 or used[y] == p + 1:
                continue
            used[x] = used[y] = p + 1
            if matches < _HEAVIEST:
                heavy += shared[row]
            matches += 1
            product += salience[x] * salience[y]
            if salient[x]:
                found_a += salience[x]
            if salient[y]:
                found_b += salience[y]
            if places[x] < lead:
                leads_a += masses[x]
                if places[x] < head:
                    heads_a += masses[x]
            if places[y] < lead:
                leads_b += masses[y]
                if places[y] < head:
                    heads_b += masses[y]
        of_a, of_b = salient_totals[a] + 1e-9, salient_totals[b] + 1e-9
        out[p, 0] = (found_a + found_b) / (of_a + of_b)
        out[p, 1] = max(found_a / of_a, found_b / of_b)
        out[p, 2] = min(found_a / of_a, found_b / of_b)
        out[p, 3] = product / (norms[a] * norms[b] + 1e-9)
        out[p, 4] = max(heads_a / (head_totals[a] + 3.0), heads_b / (head_totals[b] + 3.0))
        out[p, 5] = max(leads_a / (lead_totals[a] + 3.0), leads_b / (lead_totals[b] + 3.0))
        out[p, 6] = heavy


@numba.njit(nogil=True, cache=True)
def cosines(pairs, starts, keys, weights, norms, out):  # type: ignore[no-untyped-def]
    """Write the cosine of the weights of each pair; keys are sorted within a text."""
    for p in range(pairs.shape[0]):
        a, b = pairs[p, 0], pairs[p, 1]
        i, j, total = starts[a], starts[b], 0.0
        while i < starts[a + 1] and j < starts[b + 1]:
            if keys[i] < keys[j]:
                i += 1
            elif keys[i] > keys[j]:
                j += 1
            else:
                total += weights[i] * weights[j]
                i += 1
                j += 1
        out[p] = total / (norms[a] * norms[b] + 1e-9)


@numba.njit(nogil=True, cache=True)
def compare_values(pairs, starts, values, out):  # type: ignore[no-untyped-def]
    """Write, for each pair and kind of value: how many only one has, only the other, both."""
    kinds = out.shape[1]
    for p in range(pairs.shape[0]):
        i, j = starts[pairs[p, 0]], starts[pairs[p, 1]]
        end, stop = starts[pairs[p, 0] + 1], starts[pairs[p, 1] + 1]
        while i < end or j < stop:
            if j >= stop or (i < end and values[i] < values[j]):
                value, which = values[i], 0
                i += 1
            elif i >= end or values[j] < values[i]:
                value, which = values[j], 1
                j += 1
            else:
                value, which = values[i], 2
                i += 1
                j += 1
            if value >> 16 >= kinds:
                break  # what follows is not asked for
            out[p, value >> 16, which] += 1


@numba.njit(nogil=True, cache=True)
def best_probes(usable, starts, keys, weights, mass, key_count, least, hot, probes):  # type: ignore[no-untyped-def]
    """Choose the keys of each text that look for partners: salient ones that a few texts share.

    Returns:
        Probes of each text as offsets, key and mass of each; the masses of a text have norm 1.
    """
    held = np.zeros(key_count, np.int64)
    last = np.full(key_count, -1, np.int64)
    for d in range(usable.size):
        if usable[d]:
            for row in range(starts[d], starts[d + 1]):
                if last[keys[row]] != d:
                    last[keys[row]] = d
                    held[keys[row]] += 1
    offsets = np.zeros(usable.size + 1, np.int64)
    out_keys = np.empty(usable.sum() * probes, keys.dtype)
    out_mass = np.empty(out_keys.size, np.float64)
    chosen = np.empty(starts.size and (starts[1:] - starts[:-1]).max(), np.int64)
    count = 0
    for d in range(usable.size):
        size = 0
        if usable[d]:
            for row in range(starts[d], starts[d + 1]):
                fit = weights[row] > least and 2 <= held[keys[row]] <= hot
                if fit and (size == 0 or keys[chosen[size - 1]] != keys[row]):
                    chosen[size] = row
                    size += 1
        order = np.argsort(-mass[chosen[:size]], kind="mergesort")[:probes]
        norm = 1e-9
        for row in chosen[:size][order]:
            norm += mass[row] ** 2
        for row in chosen[:size][order]:
            out_keys[count], out_mass[count] = keys[row], mass[row] / np.sqrt(norm)
            count += 1
        offsets[d + 1] = count
    return offsets, out_keys[:count].copy(), out_mass[:count].copy()


@numba.njit(nogil=True, cache=True)
def best_partners(  # type: ignore[no-untyped-def]
    offsets, keys, mass, key_count, languages, within, spans, max_days, partners
):
    """Return the pairs of which one has the other among its best partners, some of them twice."""
    texts = offsets.size - 1
    begins = np.zeros(key_count + 1, np.int64)
    for key in keys:
        begins[key + 1] += 1
    begins = np.cumsum(begins)
    filled = begins[:-1].copy()
    holders, shares = np.empty(keys.size, np.int64), np.empty(keys.size, np.float64)
    for d in range(texts):
        for row in range(offsets[d], offsets[d + 1]):
            at = filled[keys[row]]
            filled[keys[row]] += 1
            holders[at], shares[at] = d, mass[row]
    left, right = np.empty(texts * partners, np.int64), np.empty(texts * partners, np.int64)
    score, met = np.zeros(texts), np.empty(texts, np.int64)
    count = 0
    for d in range(texts):
        size = 0
        for row in range(offsets[d], offsets[d + 1]):
            for at in range(begins[keys[row]], begins[keys[row] + 1]):
                other = holders[at]
                if score[other] == 0:
                    met[size] = other
                    size += 1
                score[other] += mass[row] * shares[at]
        kept = 0
        for other in np.sort(met[:size]):
            same = languages[d] == languages[other] and languages[d] >= 0
            gap = max(spans[other, 0] - spans[d, 1], spans[d, 0] - spans[other, 1])
            if other != d and same == within and gap <= max_days:
                met[kept] = other
                kept += 1
            else:
                score[other] = 0
        order = np.argsort(-score[met[:kept]], kind="mergesort")
        for place in order[:partners]:
            left[count], right[count] = min(d, met[place]), max(d, met[place])
            count += 1
        score[met[:kept]] = 0
    return left[:count].copy(), right[:count].copy()
