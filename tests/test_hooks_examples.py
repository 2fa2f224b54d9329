"""The examples of the page about hooks, run as they stand against the real frameworks."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

PAGE = (Path(__file__).parent.parent / "docs" / "hooks.md").read_text("utf-8")
EXAMPLES = re.findall(r"^```python\n(.*?)^```\n\n```text\n(.*?)^```", PAGE, re.M | re.S)

#: What the examples import, and where it is: what is not installed is skipped with its name.
FRAMEWORKS = (
    "datasets",
    "datatrove",
    "haystack",
    "langchain_core",
    "llama_index",
    "pandas",
    "polars",
    "pyarrow",
    "redis",
    "scrapy",
)


def used(code):
    imported = set(re.findall(r"^(?:import|from) (\w+)", code, re.M))
    return [name for name in FRAMEWORKS if name in imported]


def test_every_example_says_what_it_prints():
    """No example on the page escapes the tests below."""
    assert len(EXAMPLES) == PAGE.count("```python\n") > 0


@pytest.fixture
def redis_url(tmp_path):
    binary = shutil.which("redis-server")
    if not binary:
        pytest.skip("redis-server is not installed")
    socket = tmp_path / "redis.sock"
    server = subprocess.Popen(
        [binary, "--port", "0", "--unixsocket", str(socket), "--save", ""],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 20
    while not socket.exists():
        assert time.monotonic() < deadline, "the server does not answer"
        time.sleep(0.05)
    yield f"unix://{socket}"
    server.terminate()
    server.wait(20)


@pytest.mark.slow  # each loads a framework: a minute for all
@pytest.mark.parametrize(
    ("code", "printed"), EXAMPLES, ids=["-".join(used(code)) for code, _ in EXAMPLES]
)
def test_example(code, printed, tmp_path, request):
    """The example prints what the page says."""
    for name in used(code):
        if importlib.util.find_spec(name) is None:
            pytest.skip(f"{name} is not installed")
    url = request.getfixturevalue("redis_url") if "redis" in used(code) else ""
    work = tmp_path / "work"
    work.mkdir()
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=work,
        env={
            **os.environ,
            "REDIS_URL": url,
            "HF_HUB_OFFLINE": "1",
            "HAYSTACK_TELEMETRY_ENABLED": "0",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == printed
