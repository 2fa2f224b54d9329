"""How well are translations found, told from reports of the same event, and aligned?

    python benchmarks/quality/translations.py [DATA] [--fit [FILE]]

DATA (or the environment variable PROVENANCE_DATA) is the folder of the evaluation sets.  ``translations``
and ``multiref`` are poured into pools with ``haystack``; a link between two articles that are not versions
of each other is false.  Compared are all pairs of texts in two languages, and for each text the 50 best of
``haystack`` by common rare anchors.  Articles of six languages are degraded too: the first third, two
thirds of the sentences at random, the article with another one behind it, its paragraphs in another order,
its last line replaced by a credit.

With ``--fit``, weights are fitted first and each sixth of the articles is scored by weights of the other
five; with a FILE, weights of all are written there.  Without, the weights of the package are used, which
were fitted on these very articles.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import attrs
import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.sparse import csr_matrix

from provenance.config import TranslationSpec
from provenance.disjoint import smallest_members
from provenance.sketch.anchoring import anchors_of
from provenance.text.columns import columns_of
from provenance.verify import translation
from provenance.verify.translation import PARTS, Ground, Model, align_translations

WIDELY = ("ar", "en", "fr", "es", "de", "pt", "it", "ru", "uk", "tr", "fa", "ur", "he", "nl", "id")
DEGRADED_LANGUAGES = ("ar", "en", "fr", "ru", "de", "tr")
SEEN = "36 articles of NTREX-128 in 18 languages, degraded too; 31 documents of WMT22; SemEval-2022 Task 8"

#: Candidates of ``haystack`` for each text.
BEST = 50

FOLDS = 6

#: Which way each column may tell: a fit without bounds gives some the wrong sign to make up for others.
SIGNS = {
    "chain": 1, "order": 1, "gain": 1, "chained": 1, "span": 1, "jump": -1, "numbers": 1, "numbers_missed": -1,
    "numbers_lacking": -1, "places": 1, "sentences": 1, "beads": -1, "misfit": -1, "told": 1,
    "kept": 1, "named": 1, "anchors": -1, "length": 0,
}  # fmt: skip

#: Shares of the negative weight: reports of one event are few, and the hardest.
SAME_EVENT, RIDGE, HARDEST, OTHERS, ROUNDS = 0.4, 0.003, 4000, 2000, 3

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@attrs.define(kw_only=True)
class Pool:
    """Texts, and pairs of them that are compared.

    Attributes:
        records: Identifier, text, language and article of each text, for degraded ones of which kind.
        pairs: uint32[P, 2].
        right: bool[P].
        kinds: What is told apart in a table, per pair.
        folds: int64[P, 2], part of the articles that each text belongs to, -1 for none.
        parts, cut, odds: Of each pair, once it is scored.
    """

    name: str
    records: list[dict[str, Any]]
    pairs: NDArray[np.uint32]
    right: Bools
    kinds: NDArray[np.str_]
    folds: NDArray[np.int64]
    ground: Ground
    parts: Floats = attrs.field(factory=lambda: np.empty(0))
    cut: Bools = attrs.field(factory=lambda: np.empty(0, np.bool_))
    odds: Floats = attrs.field(factory=lambda: np.empty(0))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("data", nargs="?", default=os.environ.get("PROVENANCE_DATA"))
    parser.add_argument("--fit", nargs="?", const="", default=None, metavar="FILE")
    options = parser.parse_args()
    if not options.data:
        parser.error("name the data folder, or set PROVENANCE_DATA")
    root = Path(options.data)
    model = unfitted(root) if options.fit is not None else None
    makers = (whole_pool, degraded_pool, story_pool, versions_pool)
    pools = [maker(root, model) for maker in makers]
    if model is not None:
        model = with_usual(model, pools)
    for pool in pools:
        if model is not None:
            pool.ground = attrs.evolve(pool.ground, model=model)
        scores = translation.score_translations(pool.pairs, pool.ground)
        pool.parts, pool.cut, pool.odds = scores.parts, scores.cut, scores.log_odds
    if model is not None:
        weights = fit_all(pools)
        if options.fit:
            data = {"seen": SEEN, **attrs.asdict(model), **weights}
            Path(options.fit).write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", "utf-8")
    print_tables(*pools)
    print_tiers(pools[0], pools[1])
    print_languages(pools[0])
    print_alignment(pools[0])


def texts_of(root: Path, name: str) -> list[dict[str, Any]]:
    with gzip.open(root / name / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    groups = root / name / "groups.tsv"
    known = dict(row[:2] for row in rows(groups)) if groups.exists() else {}
    return [
        {"article": known.get(r["id"], f"{name}:{r['id']}"), "set": name, "kind": "whole", **r}
        for r in records
    ]


def rows(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def ground_of(records: Sequence[dict[str, Any]], model: Model | None = None) -> Ground:
    texts = [record["text"] for record in records]
    anchors = anchors_of(columns_of(texts), texts, [record["language"] for record in records])
    return translation.ground_of(anchors, texts, model)


def best_of(ground: Ground, asked: Sequence[int], among: Sequence[int]) -> NDArray[np.uint32]:
    """Pair each text with the best of others by the rare anchors they share."""
    anchors = ground.anchors
    telling = (anchors.weights > 1.2) & np.isin(ground.kinds[anchors.keys], (0, 1, 2, 4, 5))
    owners = np.repeat(np.arange(anchors.lengths.size), np.diff(anchors.offsets))
    worth = np.sqrt(anchors.weights * anchors.factors)[telling]
    table = csr_matrix(
        (worth, (owners[telling], anchors.keys[telling])),
        shape=(anchors.lengths.size, anchors.values.size),
    )
    sizes = np.maximum(np.diff(table.indptr), 1)[list(among)] ** 0.25
    turned = table[list(among)].T.tocsr()
    found = []
    for begin in range(0, len(asked), 200):
        some = list(asked[begin : begin + 200])
        common = (table[some] @ turned).toarray() / sizes
        best = np.argpartition(-common, BEST - 1, axis=1)[:, :BEST]
        found += [
            (one, among[other]) for one, others in zip(some, best, strict=True) for other in others
        ]
    return np.sort(np.array(found, np.uint32), axis=1)


def fold_of(articles: Sequence[str]) -> dict[str, int]:
    return {article: number % FOLDS for number, article in enumerate(sorted(set(articles)))}


def pool_of(
    name: str,
    records: list[dict[str, Any]],
    asked: Sequence[int],
    others: Sequence[int],
    haystack: Sequence[int],
    folds: dict[str, int],
    model: Model | None,
) -> Pool:
    """Compare each text asked about with all others in other languages, and the best of haystack."""
    ground = ground_of(records, model)
    own = np.isin(np.arange(len(records)), asked)
    pairs = [
        (min(a, b), max(a, b))
        for a in asked
        for b in others
        if records[a]["language"] != records[b]["language"] and not (own[b] and b <= a)
    ]
    foreign = [a for a in asked if records[a]["language"] != "ar"]
    every = np.concatenate([np.array(pairs, np.uint32), best_of(ground, foreign, haystack)])
    right = np.array(
        [
            not {records[a]["article"], records[a].get("also")}.isdisjoint(
                {records[b]["article"], records[b].get("also")} - {None}
            )
            for a, b in every.tolist()
        ]
    )
    kinds = np.where(
        np.isin(every, haystack).any(axis=1),
        "haystack",
        [
            next((records[n]["kind"] for n in pair if records[n]["kind"] != "whole"), "whole")
            for pair in every.tolist()
        ],
    )
    fold = np.array([folds.get(record["article"], -1) for record in records])
    return Pool(
        name=name,
        records=records,
        pairs=every,
        right=right,
        kinds=kinds,
        folds=fold[every],
        ground=ground,
    )


def whole_pool(root: Path, model: Model | None) -> Pool:
    texts, haystack = texts_of(root, "translations"), texts_of(root, "haystack")
    asked = range(len(texts))
    folds = fold_of([text["article"] for text in texts])
    return pool_of(
        "whole",
        texts + haystack,
        asked,
        asked,
        range(len(texts), len(texts) + len(haystack)),
        folds,
        model,
    )


def degraded_pool(root: Path, model: Model | None) -> Pool:
    texts, haystack = texts_of(root, "translations"), texts_of(root, "haystack")
    folds = fold_of([text["article"] for text in texts])
    chosen = [text for text in texts if text["language"] in DEGRADED_LANGUAGES]
    worse = list(degraded(chosen, random.Random(0)))
    records = chosen + worse + haystack
    first, last = len(chosen), len(chosen) + len(worse)
    return pool_of(
        "degraded",
        records,
        range(first, last),
        range(first),
        range(last, len(records)),
        folds,
        model,
    )


def degraded(texts: list[dict[str, Any]], chance: random.Random) -> Iterator[dict[str, Any]]:
    for one in texts:
        text = one["text"]
        sentences = [s for s in re.split(r"(?<=[.!?؟。۔])\s+|\n+", text) if s.strip()]
        kept = [s for s in sentences if chance.random() > 1 / 3] or sentences[:2]
        paragraphs = [p for p in text.split("\n") if p.strip()]
        other = chance.choice(
            [t for t in texts if t["language"] == one["language"] and t is not one]
        )
        chance.shuffle(paragraphs)
        for kind, changed, also in (
            ("third", text[: len(text) // 3], None),
            ("dropped", " ".join(kept), None),
            ("merged", f"{text}\n{other['text']}", other["article"]),
            ("reordered", "\n".join(paragraphs), None),
            ("credit", re.sub(r"[^\n]*\s*\Z", "\n(Reuters)", text), None),
        ):
            yield {**one, "id": f"{kind}:{one['id']}", "text": changed, "kind": kind, "also": also}


def story_pool(root: Path, model: Model | None) -> Pool:
    records = texts_of(root, "same_story") + texts_of(root, "haystack")
    number = {record["id"]: place for place, record in enumerate(records)}
    versions, judged = (
        rows(root / "same_story/variants.tsv")[1:],
        rows(root / "same_story/pairs.tsv")[1:],
    )
    variants = {frozenset(row[:2]) for row in versions}
    found = [(*row[:2], "translated") for row in versions if row[2] == "translated"]
    found += [
        (*row[:2], "same event" if float(row[2]) <= 2 else "other event")
        for row in judged
        if frozenset(row[:2]) not in variants
    ]
    kept = [
        (number[a], number[b], kind)
        for a, b, kind in found
        if a in number
        and b in number
        and records[number[a]]["language"] != records[number[b]]["language"]
    ]
    pairs = np.sort(np.array([row[:2] for row in kept], np.uint32), axis=1)
    kinds = np.array([row[2] for row in kept])
    members = smallest_members(pairs, len(records))[pairs[:, 0]]
    folds = np.repeat(np.unique(members, return_inverse=True)[1] % FOLDS, 2).reshape(-1, 2)
    return Pool(
        name="same_story",
        records=records,
        pairs=pairs,
        right=kinds == "translated",
        kinds=kinds,
        folds=folds,
        ground=ground_of(records, model),
    )


def versions_pool(root: Path, model: Model | None) -> Pool:
    texts = texts_of(root, "multiref")
    records = texts + texts_of(root, "haystack")
    chance = random.Random(0)
    every = [
        (a, b)
        for a in range(len(texts))
        for b in range(a + 1, len(texts))
        if texts[a]["language"] != texts[b]["language"]
    ]
    right = [pair for pair in every if texts[pair[0]]["article"] == texts[pair[1]]["article"]]
    wrong = [pair for pair in every if texts[pair[0]]["article"] != texts[pair[1]]["article"]]
    some = chance.sample(right, min(4000, len(right)))
    pairs = some + chance.sample(wrong, min(40000, len(wrong)))
    folds = fold_of([text["article"] for text in texts])
    return Pool(
        name="multiref",
        records=records,
        pairs=np.array(pairs, np.uint32),
        right=np.arange(len(pairs)) < len(some),
        kinds=np.full(len(pairs), "whole"),
        folds=np.array([[folds[texts[one]["article"]] for one in pair] for pair in pairs]),
        ground=ground_of(records, model),
    )


def unfitted(root: Path) -> Model:
    """Measure how many characters languages need for one of English; all weights are zero."""
    found = []
    for name in ("translations", "multiref"):
        lengths = defaultdict(lambda: defaultdict(list))
        for text in texts_of(root, name):
            lengths[text["article"]][text["language"]].append(np.log(len(text["text"])))
        for versions in lengths.values():
            mean = {language: float(np.mean(sizes)) for language, sizes in versions.items()}
            found += [(a, b, mean[a] - mean[b]) for a in mean for b in mean if a < b]
    languages = sorted({language for pair in found for language in pair[:2]})
    table = np.zeros((len(found) + 1, len(languages)))
    for row, (a, b, _) in enumerate(found):
        table[row, languages.index(a)], table[row, languages.index(b)] = 1, -1
    table[-1, languages.index("en")] = 1000  # English is what all are compared with
    sizes = np.exp(np.linalg.lstsq(table, np.array([f[2] for f in found] + [0.0]), rcond=None)[0])
    zero = dict.fromkeys((*PARTS, "constant"), 0.0)
    density = {name: round(float(size), 3) for name, size in zip(languages, sizes, strict=True)}
    return Model(density=density, usual={}, weights=zero, cut=zero)


def with_usual(model: Model, pools: Sequence[Pool]) -> Model:
    """Measure what comes through between two languages, as a sum of what each lets through."""
    names = ("told", "kept", "named")
    sums, languages = [], []
    for pool in (pools[0], pools[3]):
        pairs = pool.pairs[pool.right]
        scores = translation.score_translations(pairs, pool.ground)
        seen = scores.log_odds > -np.inf
        spoken = np.array([record["language"] for record in pool.records])
        sums.append(scores.parts[seen])
        languages.append(spoken[pairs[seen]])
    parts, spoken = np.concatenate(sums), np.concatenate(languages)
    known = np.unique(spoken)
    table = (spoken[:, :1] == known).astype(float) + (spoken[:, 1:] == known)
    usual = {}
    for name in names:
        right = table.T @ parts[:, PARTS.index(name)]
        # The equivalent of five pairs keeps languages near zero that were hardly seen.
        values = np.linalg.solve(table.T @ table + 5 * np.eye(known.size), right)
        usual[name] = {str(k): round(float(v), 3) for k, v in zip(known, values, strict=True)}
    return attrs.evolve(model, usual=usual)


def logistic_fit(
    parts: Floats, right: Bools, weights: Floats, signs: Sequence[int], ridge: float = RIDGE
) -> Floats:
    """Return weights of columns and a constant, bounded in sign."""
    mean, spread = parts.mean(axis=0), parts.std(axis=0) + 1e-9
    columns = (parts - mean) / spread
    weights = weights / weights.sum()

    def loss(at: Floats) -> tuple[float, Floats]:
        odds = columns @ at[:-1] + at[-1]
        off = weights * (1 / (1 + np.exp(-odds)) - right)
        value = (weights * (np.logaddexp(0, odds) - right * odds)).sum() + ridge * (
            at[:-1] ** 2
        ).sum()
        return float(value), np.append(columns.T @ off + 2 * ridge * at[:-1], off.sum())

    bounds = [{1: (0, None), -1: (None, 0), 0: (None, None)}[sign] for sign in (*signs, 0)]
    found = minimize(
        loss, np.zeros(parts.shape[1] + 1), jac=True, bounds=bounds, method="L-BFGS-B"
    ).x
    scaled = found[:-1] / spread
    return np.append(scaled, found[-1] - scaled @ mean)


def train(pools: Sequence[Pool], fold: int, *, cut: bool) -> Floats:
    """Fit weights on the articles outside a fold, for cut texts or for the others."""
    chance = np.random.default_rng(0)
    groups: dict[str, list[Floats]] = {"right": [], "wrong": [], "same event": []}
    for pool in pools:
        kept = (pool.folds != fold).all(axis=1) & (pool.odds > -np.inf) & (pool.cut == cut)
        kept &= (
            pool.kinds != "reordered"
        )  # a translation that changes the order is none that is looked for
        right, event = kept & pool.right, kept & (pool.name == "same_story") & ~pool.right
        every = np.flatnonzero(right)
        if pool.name == "multiref":
            every = every[:1500]
        elif pool.name == "degraded" and not cut:
            every = every[::5]
        groups["right"].append(pool.parts[every])
        groups["same event"].append(pool.parts[event])
        groups["wrong"].append(pool.parts[kept & ~pool.right & ~event])
    right, wrong, event = (
        np.concatenate(groups[name]) for name in ("right", "wrong", "same event")
    )
    hard = chance.choice(len(wrong), min(len(wrong), HARDEST), replace=False)
    share = SAME_EVENT if len(event) else 0.0
    for _ in range(ROUNDS):
        parts = np.concatenate([right, wrong[hard], event])
        weights = np.repeat(
            [1 / len(right), (1 - share) / len(hard), share / max(len(event), 1)],
            [len(right), len(hard), len(event)],
        )
        found = logistic_fit(
            parts, np.arange(len(parts)) < len(right), weights, list(SIGNS.values())
        )
        odds = wrong @ found[:-1] + found[-1]
        others = chance.choice(len(wrong), min(len(wrong), OTHERS), replace=False)
        hard = np.unique(np.append(np.argsort(-odds)[:HARDEST], others))
    return found


def fit_all(pools: Sequence[Pool]) -> dict[str, dict[str, float]]:
    """Score each fold by the others, and return the weights of all."""
    seen = [pool.odds > -np.inf for pool in pools]
    odds = [pool.odds.copy() for pool in pools]
    result = {}
    for name, cut in (("weights", False), ("cut", True)):
        for fold in range(FOLDS):
            found = train(pools, fold, cut=cut)
            for pool, its, known in zip(pools, odds, seen, strict=True):
                asked = (pool.folds == fold).any(axis=1) & known & (pool.cut == cut)
                its[asked] = pool.parts[asked] @ found[:-1] + found[-1]
        # How sure a score makes is read off the pool that the weights are for.
        pool, its, known = pools[cut], odds[cut], seen[cut]
        used = known & (pool.cut == cut)
        slope, constant = logistic_fit(
            its[used][:, None], pool.right[used], np.ones(used.sum()), [1], 0.0
        )
        for pool, its, known in zip(pools, odds, seen, strict=True):
            asked = known & (pool.cut == cut)
            its[asked] = slope * its[asked] + constant
        found = train(pools, -2, cut=cut) * slope
        found[-1] += constant
        result[name] = {
            k: round(float(v), 4) for k, v in zip((*PARTS, "constant"), found, strict=True)
        }
        print(name, json.dumps(result[name]))
    for pool, its in zip(pools, odds, strict=True):
        pool.odds = its
    return result


def print_tables(whole: Pool, degraded: Pool, stories: Pool, versions: Pool) -> None:
    spec = TranslationSpec()
    spoken = np.array([record["language"] for record in whole.records])[whole.pairs]
    its = spoken[whole.right]
    widely, arabic = np.isin(its, WIDELY).all(axis=1), np.isin(its, ("ar", "en")).all(axis=1)
    wrong = -np.sort(-whole.odds[~whole.right])
    ranked = np.argsort(-whole.odds)
    precision = np.cumsum(whole.right[ranked]) / np.arange(1, ranked.size + 1)
    at = whole.odds[ranked[np.flatnonzero(precision >= 0.995)[-1]]]
    event = stories.odds[stories.kinds == "same event"]
    quiet = -np.sort(-event)[int(0.03 * event.size)]
    bars = [("set", spec.bar, spec.cut_bar)]
    bars += [(name, bar, bar) for name, bar in ((".995", at), ("0.03", quiet), ("none", wrong[0]))]
    for name, bar, cut_bar in bars:
        called, of_event, of_versions, of_worse = (
            pool.odds > np.where(pool.cut, cut_bar, bar)
            for pool in (whole, stories, versions, degraded)
        )
        true = called[whole.right]
        print(
            f"bar {name:5}{bar:6.2f}{cut_bar:6.2f}  15 languages {true[widely].mean():.4f}"
            f"  zh sw ckb {true[~widely].mean():.4f}  ar-en {true[arabic].mean():.3f}"
            f"  false {(called & ~whole.right).sum()}"
            f" haystack {(called & (whole.kinds == 'haystack')).sum()}"
            f" | translated {of_event[stories.right].mean():.3f}"
            f"  same event {of_event[stories.kinds == 'same event'].mean():.3f}"
            f"  other {of_event[stories.kinds == 'other event'].mean():.3f}"
            f" | multiref {of_versions[versions.right].mean():.3f}"
            f"  false {(of_versions & ~versions.right).sum()}"
        )
        spoken_worse = np.array([record["language"] for record in degraded.records])[degraded.pairs]
        pair = np.isin(spoken_worse, ("ar", "en")).all(axis=1)
        print(
            "   ar-en",
            *(
                f"{kind} {of_worse[its & degraded.right & pair].mean():.3f}"
                f" ({of_worse[its & degraded.right].mean():.3f},"
                f" {(of_worse & its & ~degraded.right).sum()} false)"
                for kind in ("third", "dropped", "merged", "reordered", "credit")
                for its in [degraded.kinds == kind]
            ),
            f"haystack {(of_worse & (degraded.kinds == 'haystack')).sum()} false",
        )


def called_in(pool: Pool) -> Bools:
    """Mark the pairs that the package's bars call a translation."""
    spec = TranslationSpec()
    return np.where(pool.cut, pool.odds >= spec.cut_bar, pool.odds >= spec.bar)


def print_tiers(whole: Pool, degraded: Pool) -> None:
    """What the lower tier adds: pairs below the bar that are the best for both texts."""
    spec = TranslationSpec()
    for pool in (whole, degraded):
        articles = [record["article"] for record in pool.records]
        versions = np.unique(articles, return_inverse=True)[1]
        margins = translation.margins_of(pool.pairs, pool.odds, pool.ground, versions)
        called = called_in(pool)
        lower = ~called & (pool.odds >= spec.possible) & (margins >= spec.margin)
        spoken = np.array([record["language"] for record in pool.records])[pool.pairs]
        widely, arabic = (
            np.isin(spoken, WIDELY).all(axis=1),
            np.isin(spoken, ("ar", "en")).all(axis=1),
        )
        for kind in sorted(set(pool.kinds.tolist())):
            its = pool.kinds == kind
            wrong = (
                f"{(called & its & ~pool.right).sum()} + {(lower & its & ~pool.right).sum()} false"
            )
            if not (its & pool.right).any():
                print(f"tiers {kind:10} {wrong} of {its.sum()} pairs")
                continue
            shares = [
                f"{name} {called[some].mean():.4f} + {lower[some].mean():.4f}"
                for name, some in (
                    ("15 languages", its & pool.right & widely),
                    ("others", its & pool.right & ~widely),
                    ("ar-en", its & pool.right & arabic),
                )
                if some.any()
            ]
            print(f"tiers {kind:10} {'  '.join(shares)}  {wrong}")


def print_languages(pool: Pool) -> None:
    """Recall by pair of languages, and how often the right version comes first."""
    called = called_in(pool)
    spoken = np.array([record["language"] for record in pool.records])
    names = sorted(set(spoken[pool.pairs[pool.right]].ravel().tolist()))
    recall: dict[tuple[str, str], list[bool]] = defaultdict(list)
    best: dict[tuple[int, str], tuple[float, bool]] = {}
    columns = (pool.pairs.tolist(), pool.odds.tolist(), pool.right.tolist(), called.tolist())
    for (a, b), odds, right, yes in zip(*columns, strict=True):
        for one, other in ((a, b), (b, a)):
            if right:
                recall[spoken[one], spoken[other]].append(yes)
            place = (one, str(spoken[other]))
            if odds > best.get(place, (-np.inf, False))[0]:
                best[place] = (odds, right)
    print(
        "recall in hundredths; below, texts of the row whose right version in the column comes first"
    )
    print("     " + "".join(f"{name:>5}" for name in names))
    first: dict[tuple[str, str], int] = defaultdict(int)
    asked = {record["article"] for record in pool.records if record["set"] == "translations"}
    for (one, language), (_, right) in best.items():
        if pool.records[one]["set"] == "translations":
            first[spoken[one], language] += right
    for title, cell in (
        ("recall, in hundredths", lambda a, b: f"{100 * np.mean(recall[a, b]):5.0f}"),
        (
            f"texts of the row, of {len(asked)}, whose version in the column comes first",
            lambda a, b: f"{first[a, b]:5}",
        ),
    ):
        print(f"{title}\n     " + "".join(f"{name:>5}" for name in names))
        for a in names:
            print(f"{a:5}" + "".join("    -" if a == b else cell(a, b) for b in names))


def paragraphs_of(text: str) -> list[tuple[int, int]]:
    return [match.span() for match in re.finditer(r"[^\n]+", text) if match[0].strip()]


def print_alignment(pool: Pool) -> None:
    """Paragraph k of one language is paragraph k of every other: how many are found, how many mixed up?"""
    sums: dict[str, NDArray[np.int64]] = defaultdict(lambda: np.zeros(4, np.int64))
    pairs = pool.pairs[pool.right & called_in(pool)]
    for (a, b), spans in zip(pairs.tolist(), align_translations(pairs, pool.ground), strict=True):
        texts = [pool.records[number] for number in (a, b)]
        sides = [paragraphs_of(text["text"]) for text in texts]
        if len(sides[0]) != len(sides[1]):
            continue
        covered = np.zeros((2, len(sides[0])))
        wrong = 0
        for span in spans:
            homes = [home_of(one, side) for one, side in zip((span.a, span.b), sides, strict=True)]
            wrong += homes[0] != homes[1]
            if homes[0] == homes[1]:
                covered[:, homes[0]] += [span.a[1] - span.a[0], span.b[1] - span.b[0]]
        lengths = np.array([[end - start for start, end in side] for side in sides])
        found = (covered >= lengths / 2).all(axis=0).sum()
        counts = [len(sides[0]), found, len(spans), wrong]
        spoken = {text["language"] for text in texts}
        for name in (
            "all",
            *(n for n in ("ar", "zh") if n in spoken),
            *(["ar-en"] if spoken == {"ar", "en"} else []),
        ):
            sums[name] += counts
    for name, (paragraphs, found, spans, wrong) in sums.items():
        print(
            f"aligned {name:6} {found / paragraphs:.3f} of {paragraphs} paragraphs, {wrong / spans:.3f} of {spans} spans wrong"
        )


def home_of(span: tuple[int, int], paragraphs: list[tuple[int, int]]) -> int:
    """The paragraph that holds most of a span."""
    inside = [min(span[1], end) - max(span[0], start) for start, end in paragraphs]
    return int(np.argmax(inside))


if __name__ == "__main__":
    main()
