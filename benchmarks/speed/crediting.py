"""What reading one article on its own costs, stage by stage.

    python benchmarks/speed/crediting.py DATA [--repeat 5]

DATA is the folder of the shared data sets, or set PROVENANCE_DATA.  Microseconds of CPU for an article,
one core, each stage alone over the whole set and the best of several runs.  ``whole`` is
:func:`provenance.engine.crediting.read_article`, the others are its stages.

The first set is the one of the requirement: Arabic articles of 2.5 to 5.5 KB.  One in six names an
agency; the second line has only those that do not.  The machine code of the screen is loaded, as it is
in every run over a corpus.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from itertools import islice
from pathlib import Path

from provenance.attribution.dating import date_interval
from provenance.attribution.reading import reader_for
from provenance.engine.crediting import read_article
from provenance.model import Article, ArticleId
from provenance.text.furniture import find_furniture
from provenance.text.language import detect_language
from provenance.text.repair import repair_article

import_module("provenance.attribution.kernels")

#: Bytes of the articles that the requirement speaks of.
_SIZES = range(2500, 5500)
_ARTICLES = 1500


def articles_of(folder: Path, name: str, sizes: range | None = None) -> list[Article]:
    """Read the first articles of a data set, of some sizes."""

    def texts() -> Iterator[str]:
        with gzip.open(folder / name / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                text = json.loads(line)["text"]
                if sizes is None or len(text.encode()) in sizes:
                    yield text

    return [
        Article(id=ArticleId(str(number)), text=text)
        for number, text in enumerate(islice(texts(), _ARTICLES))
    ]


def stages_of(articles: Sequence[Article]) -> Iterator[tuple[str, Callable[[int], object]]]:
    """Give each stage as a function of an article's number, what comes before it done already."""
    reader = reader_for(None)
    languages = [detect_language(article.text) for article in articles]
    mentions = [
        reader.read_meant(article, language=language)
        for article, language in zip(articles, languages, strict=True)
    ]
    credited = [tuple(m.span for m in found if m.field == "text") for found in mentions]
    yield "repair", lambda n: repair_article(articles[n])
    yield "language", lambda n: detect_language(articles[n].text)
    yield "credits", lambda n: reader.read_meant(articles[n], language=languages[n])
    yield "furniture", lambda n: find_furniture(articles[n].text, credits=credited[n])
    yield "dates", lambda n: date_interval(articles[n], mentions[n])
    yield "whole", lambda n: read_article(articles[n])


def measure(articles: Sequence[Article], repeat: int) -> dict[str, float]:
    """Return the microseconds of an article for each stage."""
    best = {}
    for name, run in stages_of(articles):
        taken = []
        for _ in range(repeat):
            begun = time.process_time()
            for number in range(len(articles)):
                run(number)
            taken.append(time.process_time() - begun)
        best[name] = min(taken) / len(articles) * 1e6
    return best


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("data", type=Path, nargs="?", default=os.environ.get("PROVENANCE_DATA"))
    parser.add_argument("--repeat", type=int, default=5)
    options = parser.parse_args()
    if options.data is None:
        parser.error("name the data folder, or set PROVENANCE_DATA")
    folder = Path(options.data)
    long = articles_of(folder, "reprints", _SIZES)
    sets = {
        "Arabic, 4 KB": long,
        "... naming nobody": [a for a in long if not read_article(a).mentions],
        "haystack": articles_of(folder, "haystack"),
        "translations": articles_of(folder, "translations"),
    }
    headed = False
    for name, articles in sets.items():
        best = measure(articles, options.repeat)
        if not headed:
            print(f"{'':20}{'texts':>7}{'chars':>7}" + "".join(f"{key:>11}" for key in best))
            headed = True
        size = sum(len(article.text) for article in articles) / len(articles)
        figures = "".join(f"{figure:11.1f}" for figure in best.values())
        print(f"{name:20}{len(articles):7}{size:7.0f}{figures}", flush=True)


if __name__ == "__main__":
    main()
