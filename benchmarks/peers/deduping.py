"""A file without its copies, end to end: ours against text-dedup and datatrove on the same file.

    python benchmarks/peers/deduping.py articles.jsonl [--articles 10000] [--without datatrove]

Pin it to one core (``taskset -c 1``).  The file is the output of ``benchmarks/scale/generate.py`` or any
JSON Lines with ``text``; its first articles are taken.  Each contender is the program that its
documentation shows, in a process of its own, in one worker process, with 128 slots over word 3-grams;
the time is that of the processor from start to exit, imports included, after a first run on a few
articles that compiles what there is to compile.  Only ours verifies every copy; that the others keep more or fewer articles is
not judged here.

    pip install text-dedup datatrove spacy orjson "xxhash<4"
"""

from __future__ import annotations

import argparse
import itertools
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

OURS = """
import sys
from provenance.cli.main import main
main(["dedupe", sys.argv[1], "-o", sys.argv[2] + "/kept.jsonl", "--jobs", "1"])
"""
TEXT_DEDUP = """
import sys
from text_dedup.minhash import main
main(["--path", "json", "--data_files", sys.argv[1], "--split", "train", "--column", "text",
      "--cache_dir", sys.argv[2] + "/cache", "--output", sys.argv[2] + "/kept", "--num_proc", "1",
      "--ngram", "3", "--num_perm", "128", "--hash_func", "xxh3", "--hash_bits", "32"])
"""
DATATROVE = """
import sys
from pathlib import Path
from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import (
    MinhashConfig, MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter
)
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers import JsonlWriter

if __name__ == "__main__":
    source, out = Path(sys.argv[1]), sys.argv[2]
    config = MinhashConfig(n_grams=3, num_buckets=16, hashes_per_bucket=8)
    read = lambda: JsonlReader(str(source.parent), glob_pattern=source.name)
    for number, (tasks, steps) in enumerate([
        (1, [read(), MinhashDedupSignature(out + "/signatures", config, language="arb_Arab")]),
        (16, [MinhashDedupBuckets(out + "/signatures", out + "/buckets", config=config)]),
        (1, [MinhashDedupCluster(out + "/buckets", out + "/removed", config=config)]),
        (1, [read(), MinhashDedupFilter(out + "/removed"), JsonlWriter(out + "/kept")]),
    ]):
        logs = f"{out}/logs{number}"
        LocalPipelineExecutor(steps, tasks=tasks, workers=1, logging_dir=logs).run()
"""
FEW = 100  # articles of the first run
CONTENDERS = {"ours": OURS, "text-dedup": TEXT_DEDUP, "datatrove": DATATROVE}


def run(program: str, source: Path, folder: str) -> float | None:
    """Return seconds of the processor, or ``None`` if a package is missing."""
    script = Path(folder, "run.py")
    script.write_text(program, encoding="utf-8")
    out = Path(folder, "out")
    out.mkdir()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, script, source, out], capture_output=True, text=True, check=False
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if "ImportError" in done.stderr or "ModuleNotFoundError" in done.stderr:
        print(done.stderr.splitlines()[-1], file=sys.stderr)
        return None
    if done.returncode:
        sys.exit(done.stderr)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--articles", type=int, default=10_000)
    parser.add_argument("--without", nargs="*", default=[], choices=CONTENDERS)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        few, source = Path(folder, "few.jsonl"), Path(folder, "articles.jsonl")
        for path, count in ((few, FEW), (source, options.articles)):
            with options.file.open("rb") as lines, path.open("wb") as taken:
                taken.writelines(itertools.islice(lines, count))
        print(f"{options.articles:,} articles, {source.stat().st_size / 1e6:,.1f} MB\n")
        ours = 0.0
        for name, program in CONTENDERS.items():
            if name in options.without:
                continue
            for path in (few, source):
                with tempfile.TemporaryDirectory(dir=folder) as own:
                    seconds = run(program, path, own)
            ours = ours or seconds or 0.0
            told = f"{seconds:8.2f} s {seconds / ours:8.1f} x" if seconds else "     not installed"
            print(f"{name:12} {told}")


if __name__ == "__main__":
    main()
