"""Which pairs worth comparing by their wording do the candidates miss, and how many are there?

    python benchmarks/quality/candidates.py [DATA] [--sample N] [--generated SIZE ...] [--handful]
        [--foreign [SIZE ...]]

DATA (or the environment variable PROVENANCE_DATA) is the folder of the evaluation sets.

1. Labeled pairs: versions and excerpts, in pools of growing size; pairs of ``reprints`` with one headline,
   by the share of word 5-grams of the shorter in the longer.  Below 0.1 these are two reports of one
   event rather than versions, and above 0.3 copies, which the verbatim view finds by itself.
2. All pairs: a sample of the pool's texts, each scored against every other text without candidates.  How
   many of the pairs that the score gives a chance of being a rewrite are candidates?
3. Growth, if asked for, and nothing else: SIZE articles of 200 words, generated from the word statistics
   of real ones, a tenth of them an earlier one with a third of its words replaced by others.

4. Small inputs, if asked for, and nothing else: 30 times two, five and fifteen articles of a language in
   up to three versions each.  The share of placed words (``WordingScores.placed``) of versions of one
   article, the least and the first percentile, and the greatest of any other pair; last, the same
   among all versions and the haystack.

5. Translations, if asked for (``--foreign``), and nothing else: pairs of two languages in ``translations``,
   ``multiref`` and the translated variants of ``same_story``, each poured into ``haystack``.  SIZE articles
   then, where given: generated as above and read as Arabic, Persian and Urdu in turn; a tenth of them an
   earlier one of another language with six tenths of its words replaced and the rest in another order.

Times are the best of three if they are short, on one thread, of the candidates alone.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import random
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from itertools import combinations
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "scale"))

from wording import generate_words, learn_words, read_texts

from provenance.index.anchored import anchor_candidates
from provenance.index.rare import rare_candidates
from provenance.sketch._numbering import count_holders
from provenance.sketch.anchoring import anchors_of
from provenance.sketch.wording import Wording, wording_of
from provenance.text.columns import columns_of
from provenance.text.folding import fold_text
from provenance.text.stems import language_group
from provenance.verify.wording import Tier, score_pairs

Pair = tuple[int, int]
Text = tuple[str, str]

RUNS, PATIENCE = 3, 30  # seconds
BANDS = (0.0, 0.1, 0.3, 0.6, 1.01)
LIKELY = (0.05, 0.1, 0.5, 0.82)
AT_ONCE = 25
WORDS, REPLACED, BATCH = 200, 1 / 3, 4096
# Of a translation: words exchanged, words that the others move, languages of one script.
EXCHANGED, MOVED, SCRIPT = 0.6, 6, ("ar", "fa", "ur")
VERSIONS = ("retranslations_ar", "retranslations_ntrex", "multiref")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", nargs="?", default=os.environ.get("PROVENANCE_DATA"), type=Path)
    parser.add_argument("--sample", type=int, default=1_000)
    parser.add_argument("--generated", nargs="+", type=int, default=[])
    parser.add_argument("--handful", action="store_true")
    parser.add_argument("--foreign", nargs="*", type=int)
    options = parser.parse_args()
    if options.foreign is not None:
        label_foreign(options.data)
        grow_foreign(options.data, options.foreign)
        return
    if options.handful:
        handful(options.data)
        return
    if options.generated:
        grow(options.data, options.generated)
        return
    haystack, reprints = (texts_of(options.data / name) for name in ("haystack", "reprints"))
    shuffled = list(haystack.values())
    random.Random(1).shuffle(shuffled)
    pools = (shuffled[:2_500], shuffled, [*shuffled, *reprints.values()])
    for name in VERSIONS:
        own = texts_of(options.data / name)
        for pool in ([], *pools) if name == VERSIONS[0] else pools[1:2]:
            label(name, [*own.values(), *pool], versions(options.data / name, own))
    own = texts_of(options.data / "excerpts")
    for pool in pools[1:]:
        label("excerpts", [*own.values(), *pool], excerpts(options.data / "excerpts", own))
    label_reprints(options.data / "reprints", reprints)
    own = texts_of(options.data / VERSIONS[0])
    exhaust(VERSIONS[0], [*own.values(), *shuffled], options.sample)
    exhaust("reprints", list(reprints.values()), options.sample)


def texts_of(folder: Path) -> dict[str, Text]:
    """Text and language of each document."""
    with gzip.open(folder / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = map(json.loads, lines)
        return {record["id"]: (record["text"], record["language"] or "ar") for record in records}


def rows_of(path: Path) -> Iterable[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def versions(folder: Path, own: dict[str, Text]) -> set[Pair]:
    """Pairs of one group and one language."""
    places = {name: place for place, name in enumerate(own)}
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for row in rows_of(folder / "groups.tsv"):
        if row["id"] in own:
            group = (row["group"], language_group(own[row["id"]][1]))
            groups[group].append(places[row["id"]])
    return {pair for members in groups.values() for pair in combinations(sorted(members), 2)}


def excerpts(folder: Path, own: dict[str, Text]) -> set[Pair]:
    places = {name: place for place, name in enumerate(own)}
    ends = ((places[row["id"]], places[row["source"]]) for row in rows_of(folder / "spans.tsv"))
    return {(min(a, b), max(a, b)) for a, b in ends}


def worded(texts: Sequence[Text]) -> Wording:
    contents, languages = map(list, zip(*texts, strict=True))
    return wording_of(columns_of(contents), contents, languages)


def found(wording: Wording) -> tuple[NDArray[np.uint32], float]:
    """The candidates, and microseconds a text."""
    seconds: list[float] = []
    while len(seconds) < RUNS and sum(seconds) < PATIENCE:
        start = time.perf_counter()
        pairs = rare_candidates(wording)
        seconds.append(time.perf_counter() - start)
    return pairs, 1e6 * min(seconds) / (wording.offsets.size - 1)


def label(name: str, texts: Sequence[Text], true: set[Pair]) -> None:
    pairs, cost = found(worded(texts))
    hit = len(true & set(map(tuple, pairs.tolist())))
    print(
        f"{name:20} {len(texts):7,} texts  recall {hit:5,} of {len(true):5,} = {hit / len(true):.4f}"
        f"  candidates a text {2 * len(pairs) / len(texts):5.1f}  {cost:4.0f} us a text",
        flush=True,
    )


def found_foreign(texts: Sequence[Text]) -> tuple[NDArray[np.uint32], float, float]:
    """The candidates for translations, and microseconds of the processor a text for them and for the anchors."""
    contents, languages = map(list, zip(*texts, strict=True))
    columns = columns_of(contents)
    start = time.process_time()
    anchors = anchors_of(columns, contents, languages)
    reading = time.process_time() - start
    seconds: list[float] = []
    while len(seconds) < RUNS and sum(seconds) < PATIENCE:
        start = time.process_time()
        pairs = anchor_candidates(anchors)
        seconds.append(time.process_time() - start)
    return pairs, 1e6 * min(seconds) / len(texts), 1e6 * reading / len(texts)


def label_foreign(data: Path) -> None:
    haystack = texts_of(data / "haystack")
    for name in ("translations", "multiref", "same_story"):
        own = texts_of(data / name)
        texts = [*own.values(), *haystack.values()]
        pairs, cost, reading = found_foreign(texts)
        proposed = set(map(tuple, pairs.tolist()))
        true = translated(data / name, own)
        of_set = int((pairs < len(own)).sum()) / len(own)
        hit = len(true & proposed)
        print(
            f"{name:20} {len(texts):7,} texts  recall {hit:5,} of {len(true):5,} = {hit / len(true):.4f}"
            f"  candidates a text {2 * len(pairs) / len(texts):5.1f}, of the set's {of_set:.0f}"
            f"  {cost:4.0f} us a text, reading {reading:.0f}",
            flush=True,
        )
        by_language: dict[str, list[bool]] = defaultdict(list)
        for pair in true:
            for place in pair:
                by_language[language_group(texts[place][1])].append(pair in proposed)
        shares = sorted((sum(hits) / len(hits), language) for language, hits in by_language.items())
        print("    " + "  ".join(f"{language} {share:.3f}" for share, language in shares))


def translated(folder: Path, own: dict[str, Text]) -> set[Pair]:
    """Pairs of one article in two languages."""
    places = {name: place for place, name in enumerate(own)}
    groups: dict[str, list[str]] = defaultdict(list)
    if (folder / "groups.tsv").exists():
        for row in rows_of(folder / "groups.tsv"):
            groups[row["group"]].append(row["id"])
    else:
        for number, row in enumerate(rows_of(folder / "variants.tsv")):
            if "translated" in row.values():
                groups[str(number)] = list(row.values())[:2]
    return {
        (min(places[a], places[b]), max(places[a], places[b]))
        for members in groups.values()
        for a, b in combinations([member for member in members if member in own], 2)
        if language_group(own[a][1]) != language_group(own[b][1])
    }


def grow_foreign(data: Path, sizes: Sequence[int]) -> None:
    """Generate articles in three languages, a tenth of them translations of earlier ones."""
    model = learn_words(read_texts(data, data)) if sizes else None
    for size in sizes:
        assert model
        draw = np.random.default_rng(5)
        texts: list[Text] = []
        true: set[Pair] = set()
        written: list[NDArray[np.uint32]] = []
        for start in range(0, size, BATCH):
            numbers = np.arange(start, min(start + BATCH, size))
            generated = generate_words(model, 1, numbers, np.full(numbers.size, WORDS))
            for number, words in zip(numbers.tolist(), generated, strict=True):
                language, said = number % len(SCRIPT), words
                if number % 10 == 9:
                    original = int(draw.integers(number))
                    if original % len(SCRIPT) == language:
                        original = (original + 1) % number
                    if original % len(SCRIPT) != language:
                        moved = np.argsort(np.arange(WORDS) + draw.uniform(0, MOVED, WORDS))
                        kept = draw.random(WORDS) >= EXCHANGED
                        said = np.where(kept, written[original][moved], words)
                        true.add((original, number))
                written.append(said)
                spelled = " ".join([model.vocabulary[word] for word in said.tolist()])
                texts.append((spelled, SCRIPT[language]))
        pairs, cost, reading = found_foreign(texts)
        hit = len(true & set(map(tuple, pairs.tolist())))
        print(
            f"generated {size:9,} texts  recall {hit:6,} of {len(true):6,} = {hit / len(true):.4f}"
            f"  candidates a text {2 * len(pairs) / size:5.1f}  {cost:4.0f} us a text, reading {reading:.0f}",
            flush=True,
        )


def label_reprints(folder: Path, own: dict[str, Text]) -> None:
    places = {name: place for place, name in enumerate(own)}
    pairs, cost = found(worded(list(own.values())))
    proposed = set(map(tuple, pairs.tolist()))
    print(
        f"{'reprints':20} {len(own):7,} texts  candidates a text {2 * len(pairs) / len(own):5.1f}"
        f"  {cost:4.0f} us a text"
    )
    bands: dict[int, list[bool]] = defaultdict(list)
    for row in rows_of(folder / "pairs.tsv"):
        a, b = sorted((places[row["a"]], places[row["b"]]))
        band = int(np.searchsorted(BANDS, float(row["containment5"]), side="right"))
        bands[band].append((a, b) in proposed)
    for band, hits in sorted(bands.items()):
        limits = f"{BANDS[band - 1]:.1f} to {min(1.0, BANDS[band]):.1f}"
        print(f"    one headline, {limits}: {sum(hits):4} of {len(hits):4} are candidates")


def exhaust(name: str, texts: Sequence[Text], sample: int) -> None:
    """Score a sample of the texts against all others, a few at a time."""
    wording = worded(texts)
    contents = [text for text, _ in texts]
    proposed = set(map(tuple, rare_candidates(wording).tolist()))
    chosen = random.Random(2).sample(range(len(texts)), min(sample, len(texts)))
    likely: dict[Pair, float] = {}
    scored = 0
    for start in range(0, len(chosen), AT_ONCE):
        ends = np.array(np.meshgrid(chosen[start : start + AT_ONCE], range(len(texts))))
        pairs = np.sort(ends.reshape(2, -1).T, axis=1).astype(np.uint32)
        pairs = np.unique(pairs[pairs[:, 0] < pairs[:, 1]], axis=0)
        scores = score_pairs(pairs, wording, contents)
        scored += len(pairs)
        kept = np.flatnonzero((scores.tiers > Tier.NONE) & (scores.probability >= LIKELY[0]))
        rows = zip(pairs[kept].tolist(), scores.probability[kept].tolist(), strict=True)
        likely |= {(a, b): probability for (a, b), probability in rows}
    print(f"{name:20} {len(texts):7,} texts, {scored:,} pairs scored")
    for bar in LIKELY:
        wanted = [pair for pair, probability in likely.items() if probability >= bar]
        hit = sum(pair in proposed for pair in wanted)
        print(
            f"    probability from {bar}: {hit} of {len(wanted)} are candidates, {hit / max(1, len(wanted)):.4f}",
            flush=True,
        )


def handful(data: Path) -> None:
    """Score versions of a few articles by themselves, and of all among the haystack."""
    texts: list[Text] = []
    groups: dict[str, list[list[int]]] = defaultdict(list)
    true: set[Pair] = set()
    for name in VERSIONS:
        own = texts_of(data / name)
        shifted = {(a + len(texts), b + len(texts)) for a, b in versions(data / name, own)}
        texts += own.values()
        true |= shifted
    partners: dict[int, set[int]] = defaultdict(set)
    for a, b in true:
        partners[a] |= {a, b}
    for first in sorted(partners.keys() - {b for _, b in true}):
        groups[language_group(texts[first][1])].append(sorted(partners[first]))
    draw = random.Random(3)
    for language, articles in sorted(groups.items()):
        for size in (2, 5, 15):
            same: list[float] = []
            other: list[float] = []
            for _ in range(30):
                chosen = [
                    (number, place)
                    for number, members in enumerate(
                        draw.sample(articles, min(size, len(articles)))
                    )
                    for place in draw.sample(members, min(3, len(members)))
                ]
                contents = [texts[place] for _, place in chosen]
                pairs = np.array(list(combinations(range(len(chosen)), 2)), np.uint32)
                scores = score_pairs(pairs, worded(contents), [text for text, _ in contents])
                for (a, b), placed in zip(pairs.tolist(), scores.placed.tolist(), strict=True):
                    (same if chosen[a][0] == chosen[b][0] else other).append(placed)
            spread(f"{language} {size:3} articles", same, other)
    labeled = len(texts)
    texts += texts_of(data / "haystack").values()
    wording = worded(texts)
    found_pairs = {(a, b) for a, b in rare_candidates(wording).tolist() if a < labeled}
    pairs = np.array(sorted(found_pairs | true), np.uint32)
    placed = score_pairs(pairs, wording, [text for text, _ in texts]).placed
    for language in sorted(groups):
        own_rows = [
            (tuple(pair) in true, value)
            for pair, value in zip(pairs.tolist(), placed.tolist(), strict=True)
            if language_group(texts[pair[0]][1]) == language
        ]
        spread(
            f"{language} among all",
            [value for is_true, value in own_rows if is_true],
            [value for is_true, value in own_rows if not is_true],
        )


def spread(name: str, same: Sequence[float], other: Sequence[float]) -> None:
    print(
        f"{name:18} versions {min(same):.3f} {np.quantile(same, 0.01):.3f}"
        f"  others {max(other, default=0):.3f}",
        flush=True,
    )


def grow(data: Path, sizes: Sequence[int]) -> None:
    """Generate articles of real words, a tenth of them earlier ones with a third of the words replaced."""
    model = learn_words(read_texts(data, data))
    folded = number_folded(model.vocabulary)
    for size in sizes:
        words = np.empty((size, WORDS), np.uint32)
        for start in range(0, size, BATCH):
            numbers = np.arange(start, min(start + BATCH, size))
            words[numbers] = generate_words(model, 1, numbers, np.full(numbers.size, WORDS))
        draw = np.random.default_rng(3)
        copies = np.arange(10, size, 10)
        originals = draw.integers(0, copies // 10) * 10 + 1
        kept = draw.random((copies.size, WORDS)) >= REPLACED
        words[copies] = np.where(kept, words[originals], words[copies])
        wording = bare_wording(folded[words])
        del words
        pairs, cost = found(wording)
        packed = pairs[:, 0].astype(np.uint64) << np.uint64(32) | pairs[:, 1]
        ends = np.sort([originals, copies], axis=0).astype(np.uint64)
        hits = np.isin(ends[0] << np.uint64(32) | ends[1], packed)
        print(
            f"generated {size:9,} texts  recall {hits.sum():6,} of {hits.size:6,} = {hits.mean():.4f}"
            f"  candidates a text {2 * len(pairs) / size:5.1f}  {cost:4.0f} us a text",
            flush=True,
        )


def number_folded(vocabulary: Sequence[str]) -> NDArray[np.uint32]:
    """The number of each word's folded form; what folds to nothing is a word as well."""
    numbers: dict[str, int] = {}
    return np.array([numbers.setdefault(fold_text(w), len(numbers)) for w in vocabulary], np.uint32)


def bare_wording(words: NDArray[np.uint32]) -> Wording:
    """Columns of texts of one length, of which only those are filled that candidates read."""
    texts, length = words.shape
    flat = words.ravel()
    offsets = np.arange(texts + 1, dtype=np.int64) * length
    _, holders = count_holders(flat, offsets, int(flat.max()) + 1)
    nothing = np.empty(0, np.uint32)
    return Wording(
        stems=nothing,
        words=flat,
        starts=nothing,
        ends=nothing,
        offsets=offsets,
        groups=np.zeros(texts, np.uint16),
        occurrences=nothing,
        holders=nothing,
        keys=np.empty(0, np.uint64),
        weights=np.empty(0, np.float32),
        word_holders=holders,
        word_groups=np.zeros(holders.size, np.uint16),
    )


if __name__ == "__main__":
    main()
