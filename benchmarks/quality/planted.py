"""Are all planted near-duplicates found, and nothing else?

    python benchmarks/quality/planted.py [DATA]

DATA (or the environment variable PROVENANCE_DATA) is the folder of the evaluation sets.
"""

from __future__ import annotations

import csv
import gzip
import json
import os
import sys
from pathlib import Path

from provenance.config import Profile
from provenance.index.candidates import candidate_pairs
from provenance.sketch.signatures import sketch_columns
from provenance.text.columns import columns_of
from provenance.verify.matching import match_pairs


def main() -> None:
    root = Path(sys.argv[1] if len(sys.argv) > 1 else os.environ["PROVENANCE_DATA"]) / "planted"
    with gzip.open(root / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
        records = [json.loads(line) for line in lines]
    with (root / "pairs.tsv").open(encoding="utf-8", newline="") as lines:
        labels = {frozenset((row["a"], row["b"])) for row in csv.DictReader(lines, delimiter="\t")}
    profile = Profile()
    texts = [record["text"] for record in records]
    columns = columns_of(texts)
    sketches = sketch_columns(columns, profile.sketch)
    pairs = candidate_pairs(sketches, profile.index)
    matches = match_pairs(pairs, sketches, columns, profile.verify, texts=texts)
    found = {frozenset((records[m.a]["id"], records[m.b]["id"])) for m in matches}
    print(f"articles     {len(texts):6}")
    print(f"candidates   {len(pairs):6}")
    print(f"planted      {len(labels):6}")
    print(f"found        {len(labels & found):6}")
    print(f"nothing else {len(found - labels):6}")


if __name__ == "__main__":
    main()
