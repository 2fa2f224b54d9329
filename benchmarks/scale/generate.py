"""Write JSON Lines of generated news with planted copies, and the truth about them.

    python benchmarks/scale/generate.py 100000 articles.jsonl --truth truth.tsv [--data DATA]

Words and their order are learnt from the evaluation sets (DATA, or the environment variable
PROVENANCE_DATA), or from the sample articles where they are absent; the articles mean nothing.
Three in ten are copies of an earlier article, anywhere in the file and never right behind it, of each
kind of ``edits.py`` alike.  ``--cluster N`` scatters N further near-copies of one article through the
file and changes nothing else in it.

The truth is a table with a header: copy, original, kind, and their Jaccard similarity and containment
in shingles of three words as planted.  Copies of one original overlap each other as well.

The same arguments and the same data give the same bytes.  Memory does not grow with the file, except
for the 17 bytes an article of the plan.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import attrs
import numpy as np
import orjson
from edits import CLUSTER, KINDS, RETYPED, measure_overlap, retype_arabic
from numpy.typing import NDArray
from wording import Model, draw_numbers, generate_words, learn_words, read_texts

__all__ = ["Corpus", "Plan", "draw_plan", "learn_model", "write_corpus"]

_SAMPLE = Path(__file__).parents[2] / "seeds" / "articles.jsonl"

_BATCH = 4096  # articles generated at once: enough to make NumPy's own cost small, 20 MB of words
_TITLE = 8  # words
_FEW = 8  # fresh words every copy may take, whatever its length
_SHORTEST = 60  # words: a passage of it is still an article
_LONGEST = 5  # times the mean: one real article in a hundred is longer
_OUTLETS = 60
_FIRST_DAY = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)
_PERIOD = 90 * 86400  # seconds in which originals appear
_DELAY = 2 * 86400  # seconds until the last of their copies
_CLUSTER_NUMBERS = 1 << 40  # beyond every article, so that a cluster takes nobody's number

# What is drawn for an article, each independent of the others.
_ROLE, _ORIGINAL, _KIND, _LENGTH, _ANGLE, _OUTLET, _TIME, _EDIT, _PLACE = range(9)

_ORDINARY = tuple(kind for kind in KINDS if kind != CLUSTER)


@attrs.frozen(kw_only=True)
class Corpus:
    """What to generate.

    Attributes:
        articles: How many, the cluster's members not counted.
        seed: Another seed, another corpus.
        copies: Share of articles that are copies.
        words: Mean words of an original.
        spread: Standard deviation of the logarithm of the words; 0 makes all alike.  Real news has 0.8.
        cluster: Near-copies of the first article.
    """

    articles: int
    seed: int = 1
    copies: float = 0.3
    words: int = 300
    spread: float = 0.8
    cluster: int = 0


@attrs.frozen(kw_only=True, eq=False)
class Plan:
    """Who is a copy of whom, in file order.

    Attributes:
        numbers: int64[N], the article of each line.
        originals: int64[N], the article it is a copy of; -1 for none.
        kinds: uint8[N], index into the names of ``KINDS``; of no meaning for an original.
    """

    numbers: NDArray[np.int64]
    originals: NDArray[np.int64]
    kinds: NDArray[np.uint8]


def learn_model(data: Path | None) -> Model:
    """Return the word statistics of the evaluation data, or of the sample articles."""
    return learn_words(read_texts(data, _SAMPLE))


def draw_plan(corpus: Corpus) -> Plan:
    """Decide who copies whom."""
    numbers = np.arange(corpus.articles)
    copies = _shares(corpus, _ROLE, numbers) < corpus.copies
    copies[:2] = False
    # Originals before the line above: nobody stands right behind its original.
    known = np.concatenate([np.zeros(2, np.int64), np.cumsum(~copies)])[: corpus.articles]
    chosen = (_shares(corpus, _ORIGINAL, numbers) * known).astype(np.int64)
    originals = np.where(copies, np.flatnonzero(~copies)[chosen], -1)
    kinds = (_shares(corpus, _KIND, numbers) * len(_ORDINARY)).astype(np.uint8)
    if not corpus.cluster:
        return Plan(numbers=numbers, originals=originals, kinds=kinds)
    members = np.arange(corpus.cluster) + _CLUSTER_NUMBERS
    places = 2 + (_shares(corpus, _PLACE, members) * (corpus.articles - 2)).astype(np.int64)
    order = np.argsort(np.concatenate([numbers, places]), kind="stable")
    kind = list(KINDS).index(CLUSTER)
    return Plan(
        numbers=np.concatenate([numbers, members])[order],
        originals=np.concatenate([originals, np.zeros(corpus.cluster, np.int64)])[order],
        kinds=np.concatenate([kinds, np.full(corpus.cluster, kind, np.uint8)])[order],
    )


def _shares(corpus: Corpus, what: int, numbers: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return a number from 0 to below 1 for each article."""
    return (draw_numbers(corpus.seed, what, numbers) >> np.uint64(11)) / 2.0**53


def _lengths(corpus: Corpus, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
    radius = np.sqrt(-2 * np.log1p(-_shares(corpus, _LENGTH, numbers)))
    normal = radius * np.cos(2 * np.pi * _shares(corpus, _ANGLE, numbers))  # Box and Muller
    words = corpus.words * np.exp(corpus.spread * normal - corpus.spread**2 / 2)
    return np.rint(np.clip(words, _SHORTEST, _LONGEST * corpus.words)).astype(np.int64)


def write_corpus(
    corpus: Corpus, model: Model, articles: IO[bytes], truth: IO[str] | None = None
) -> None:
    """Write the articles, and who is a copy of whom."""
    plan = draw_plan(corpus)
    if truth is not None:
        truth.write("copy\toriginal\tkind\tjaccard\tcontainment\n")
    for start in range(0, plan.numbers.size, _BATCH):
        batch = Plan(
            **{
                name: values[start : start + _BATCH]
                for name, values in attrs.asdict(plan, recurse=False).items()
            }
        )
        for record, row in _generate(corpus, model, batch):
            articles.write(orjson.dumps(record, option=orjson.OPT_APPEND_NEWLINE))
            if truth is not None and row:
                truth.write(row)


def _generate(corpus: Corpus, model: Model, plan: Plan) -> Iterator[tuple[dict[str, str], str]]:
    """Yield the records of some lines, and what the truth says of each, empty for an original."""
    copies = plan.originals >= 0
    sources = np.where(copies, plan.originals, plan.numbers)
    lengths = _lengths(corpus, sources)
    shares = np.array([kind.fresh for kind in KINDS.values()])[plan.kinds]
    # A copy needs its original's words and its own; one call makes both.
    wanted = np.concatenate([sources, plan.numbers[copies]])
    sizes = np.concatenate([_TITLE + lengths, (lengths * shares).astype(np.int64)[copies] + _FEW])
    words = generate_words(model, corpus.seed, wanted, sizes)
    fresh = iter(words[sources.size :])
    times = _times(corpus, plan)
    outlets = (_shares(corpus, _OUTLET, plan.numbers) * _OUTLETS).astype(int).tolist()
    names = list(KINDS)
    for line, (number, original) in enumerate(
        zip(plan.numbers.tolist(), plan.originals.tolist(), strict=True)
    ):
        title, body = words[line][:_TITLE], words[line][_TITLE:]
        identifier, row = _identifier(number), ""
        if original < 0:
            text = _spelled(model, body)
        else:
            kind = names[plan.kinds[line]]
            random = np.random.default_rng([corpus.seed, _EDIT, number])
            copied = KINDS[kind].edit(body, next(fresh), random)
            text = _spelled(model, copied)
            if kind == RETYPED:
                text = retype_arabic(text, random)
            overlap = "\t".join(f"{value:.4f}" for value in measure_overlap(copied, body))
            row = f"{identifier}\t{_identifier(original)}\t{kind}\t{overlap}\n"
        time, outlet = times[line], f"outlet-{outlets[line]:02d}"
        yield (
            {
                "id": identifier,
                "title": _spelled(model, title).replace("\n\n", " "),
                "publisher": outlet,
                "url": f"https://{outlet}.example/{time:%Y/%m/%d}/{identifier}",
                "published": time.isoformat(),
                "text": text,
            },
            row,
        )


def _times(corpus: Corpus, plan: Plan) -> list[dt.datetime]:
    """Copies appear between five minutes and two days after their originals."""
    copies = plan.originals >= 0
    sources = np.where(copies, plan.originals, plan.numbers)
    seconds = (_shares(corpus, _TIME, sources) * _PERIOD).astype(np.int64)
    seconds += copies * (300 + (_shares(corpus, _TIME, plan.numbers) * _DELAY).astype(np.int64))
    return [_FIRST_DAY + dt.timedelta(seconds=second) for second in seconds.tolist()]


def _identifier(number: int) -> str:
    if number >= _CLUSTER_NUMBERS:
        return f"c{number - _CLUSTER_NUMBERS:07d}"
    return f"n{number:07d}"


def _spelled(model: Model, words: NDArray[np.uint32]) -> str:
    joined = " ".join(map(model.vocabulary.__getitem__, words.tolist()))
    return joined.replace("\n\n ", "\n\n").rstrip()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("articles", type=int)
    parser.add_argument("output", type=Path)
    parser.add_argument("--truth", type=Path)
    parser.add_argument("--data", type=Path, default=os.environ.get("PROVENANCE_DATA"))
    for name in ("seed", "copies", "words", "spread", "cluster"):
        default = getattr(attrs.fields(Corpus), name).default
        parser.add_argument(f"--{name}", type=type(default), default=default)
    options = vars(parser.parse_args())
    output, truth = options.pop("output"), options.pop("truth")
    data = options.pop("data")
    model = learn_model(Path(data) if data else None)
    with output.open("wb") as articles, Path(truth or os.devnull).open("w") as rows:
        write_corpus(Corpus(**options), model, articles, rows)


if __name__ == "__main__":
    main()
