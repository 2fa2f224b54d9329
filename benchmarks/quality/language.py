"""How often is the language right?  Over every text of the labelled sets that is long enough.

    python benchmarks/quality/language.py DATA [--show]

DATA (or the environment variable PROVENANCE_DATA) is the folder of the evaluation sets.
"""

from __future__ import annotations

import gzip
import json
import os
import sys
import time
from collections import Counter, defaultdict
from pathlib import Path

from provenance.text.language import detect_language

SETS = ("translations", "multiref", "same_story", "retranslations_ntrex", "planted", "haystack")
LENGTH = 200


def main() -> None:
    folder = next((a for a in sys.argv[1:] if not a.startswith("-")), "")
    root = Path(folder or os.environ["PROVENANCE_DATA"])
    right: Counter[str] = Counter()
    total: Counter[str] = Counter()
    wrong: defaultdict[str, Counter[str]] = defaultdict(Counter)
    seconds = 0.0
    for name in SETS:
        with gzip.open(root / name / "docs.jsonl.gz", "rt", encoding="utf-8") as lines:
            for line in lines:
                record = json.loads(line)
                text, language = record["text"], record["language"].split("-")[0]
                language = {"prs": "fa"}.get(language, language)
                if len(text) < LENGTH:
                    continue
                start = time.perf_counter()
                found = detect_language(text)
                seconds += time.perf_counter() - start
                total[language] += 1
                if found == language:
                    right[language] += 1
                else:
                    wrong[language][found] += 1
                    if "--show" in sys.argv:
                        print(name, record["id"], language, "->", found, repr(text[:160]))
    for language, count in total.most_common():
        others = ", ".join(f"{tag} {n}" for tag, n in wrong[language].most_common())
        print(
            f"{language:4} {right[language]:6} of {count:6}  {right[language] / count:.4f}  {others}"
        )
    everything = sum(total.values())
    print(f"all  {sum(right.values()):6} of {everything:6}  {sum(right.values()) / everything:.4f}")
    print(f"{seconds / everything * 1e6:.0f} microseconds a text")


if __name__ == "__main__":
    main()
