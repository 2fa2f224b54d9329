"""The one run that is slow says why."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

SEEDS = Path(__file__).parent.parent / "seeds"


@pytest.mark.slow
def test_the_first_run_says_that_it_compiles_and_the_second_does_not(tmp_path):
    """With an empty cache a line on standard error tells why it takes long; then it is silent."""
    command = [sys.executable, "-m", "provenance", "dedupe", str(SEEDS / "articles.jsonl")]
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    told = [
        subprocess.run(
            [*command, "-o", str(tmp_path / "out.jsonl")],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
        ).stderr
        for _ in range(2)
    ]
    assert "compiling for this machine" in told[0]
    assert "compiling" not in told[1]
