"""The command line as a program: how it starts, how it ends, what it says on the way."""

from __future__ import annotations

import io
import json
import os
import pty
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

import pytest

from provenance import errors
from provenance.attribution.sources import Standing
from provenance.cli.main import main
from provenance.engine.crediting import Credits

COMMANDS = (
    "trace",
    "dedupe",
    "attribute",
    "compare",
    "store",
    "story",
    "explain",
    "export",
    "serve",
)

#: Libraries that take long to load, and have no part in a question for help.
HEAVY = {"numpy", "numba", "datasketch", "networkx", "scipy", "rich", "pyarrow", "orjson"}


@pytest.fixture(autouse=True)
def _own_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """An engine that finds nothing, for tests to put their own behaviour into."""
    module = ModuleType("provenance.engine.crediting")
    found = Credits(mentions=(), standing=Standing())
    module.read_credits = lambda *_, **__: found  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return module


def run(*arguments: str | Path) -> int:
    with pytest.raises(SystemExit) as left:
        main([str(argument) for argument in arguments])
    assert isinstance(left.value.code, int)
    return left.value.code


def loaded_by(code: str) -> set[str]:
    """Names of the modules that a fresh interpreter has loaded after `code`."""
    script = f"import sys\n{code}\nprint(' '.join(sys.modules), file=sys.stderr)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    return {name.partition(".")[0] for name in done.stderr.split()}


def test_import_loads_nothing_heavy() -> None:
    """``import provenance`` loads no numeric library, and no command line."""
    assert not loaded_by("import provenance") & (HEAVY | {"click"})


@pytest.mark.parametrize("arguments", [["--help"], *([name, "-h"] for name in COMMANDS)])
def test_help_loads_nothing_heavy(arguments: Sequence[str]) -> None:
    """Help of any command loads no numeric library."""
    code = f"from provenance.cli.main import main\ntry: main({list(arguments)!r})\nexcept SystemExit: 0"
    assert not loaded_by(code) & HEAVY


def test_help_is_quick() -> None:
    """``provenance --help`` answers in 0.2 seconds of processor time."""
    before = os.times()
    subprocess.run(
        [sys.executable, "-m", "provenance", "--help"], stdout=subprocess.DEVNULL, check=True
    )
    after = os.times()
    spent = after.children_user + after.children_system
    assert spent - before.children_user - before.children_system < 0.2


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    """``--version`` says the version of the package."""
    import provenance

    assert run("--version") == 0
    assert capsys.readouterr().out == f"provenance {provenance.__version__}\n"


@pytest.mark.parametrize("arguments", [["nothing"], [], ["dedupe"], ["dedupe", "--nothing", "x"]])
def test_wrong_usage(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Wrong usage is status 2, with nothing on standard output."""
    assert run(*arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "Usage: provenance" in err


def test_missing_input(capsys: pytest.CaptureFixture[str], engine: ModuleType) -> None:
    """An input that is not there is wrong usage, and is named."""
    assert run("attribute", "missing.jsonl") == 2
    assert "missing.jsonl: no such file or folder" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.InputError("bad"), 1),
        (errors.SettingError("bad"), 2),
        (errors.StoreLocked("bad"), 5),
        (errors.FormatMismatch("bad", found=1, expected=2), 6),
        (errors.MissingExtra("x", "y"), 1),
        (PermissionError("bad"), 1),
        (ZeroDivisionError("bad"), 1),
        (KeyboardInterrupt(), 130),
    ],
)
def test_status_of_errors(
    error: BaseException,
    status: int,
    engine: ModuleType,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Every kind of error has its exit status and one line, without a traceback."""

    def read_credits(*_: object, **__: object) -> Credits:
        raise error

    engine.read_credits = read_credits  # type: ignore[attr-defined]
    assert run("attribute", "--text", "x") == status
    out, err = capsys.readouterr()
    assert out == ""
    assert "Traceback" not in err
    assert err.strip().startswith("error: ")
    assert ("This should not happen" in err) == isinstance(error, ZeroDivisionError)


def test_traceback_when_verbose(engine: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """``-v`` shows where an error arose."""

    def read_credits(*_: object, **__: object) -> Credits:
        raise ZeroDivisionError

    engine.read_credits = read_credits  # type: ignore[attr-defined]
    assert run("attribute", "--text", "x", "-v") == 1
    assert "Traceback" in capsys.readouterr().err


def test_nothing_usable(engine: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """If not one record can be used the run has failed, and says what was missing."""
    Path("news.jsonl").write_text('{"content": "a"}\n' * 30)
    assert run("attribute", "news.jsonl", "--rejects", "bad.jsonl") == 1
    err = capsys.readouterr().err
    assert err.count("warning: ") == 10
    assert "none of 30 records can be used" in err
    assert "--map text=KEY" in err
    assert len(Path("bad.jsonl").read_text().splitlines()) == 30


def test_quiet(engine: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    """``-q`` tells nothing but errors."""
    Path("news.jsonl").write_text('{"text": "a"}\nbad\n')
    assert run("attribute", "news.jsonl", "-q", "--max-errors", "0") == 3
    assert capsys.readouterr().err == ""


def test_settings_file_in_the_way(capsys: pytest.CaptureFixture[str], engine: ModuleType) -> None:
    """A broken settings file stops a command, and does not keep anybody from its help."""
    Path("provenance.toml").write_text("[commands.attribute]\nnothing = 1")
    assert run("attribute", "--help") == 0
    assert run("attribute", "--text", "x") == 2
    assert "provenance.toml: commands.attribute: unknown name 'nothing'" in capsys.readouterr().err


def test_option_from_file_and_environment(
    engine: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Options come from the file, over it from the environment, over it from the flag."""
    seen = []

    def read_credits(*_: object, language: str, **__: object) -> Credits:
        seen.append(language)
        return Credits(mentions=(), standing=Standing())

    engine.read_credits = read_credits  # type: ignore[attr-defined]
    Path("provenance.toml").write_text("[commands.attribute]\nlanguage = 'fr'")
    run("attribute", "--text", "x")
    monkeypatch.setenv("PROVENANCE_ATTRIBUTE_LANGUAGE", "tr")
    run("attribute", "--text", "x")
    run("attribute", "--text", "x", "--language", "ar")
    assert seen == ["fr", "tr", "ar"]


def test_closed_pipe() -> None:
    """Whoever reads one line and leaves gets no complaint."""
    lines = [json.dumps({"id": str(n), "text": "x"}) for n in range(20_000)]
    Path("news.jsonl").write_text("\n".join(lines))
    code = (
        "import sys\nfrom types import ModuleType, SimpleNamespace\n"
        "module = ModuleType('provenance.engine.crediting')\n"
        "from provenance.attribution.sources import Standing\n"
        "found = SimpleNamespace(mentions=(), standing=Standing(), accidents=())\n"
        "module.read_credits = lambda article, **_: found\n"
        "sys.modules[module.__name__] = module\n"
        "from provenance.cli.main import main\nmain(['attribute', 'news.jsonl'])"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout
        assert process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 1


def test_interrupted() -> None:
    """Ctrl-C ends with status 130, one line, and no file, neither whole nor half."""
    code = (
        "import time\nfrom provenance.export.records import write_lines\n"
        "def slowly():\n"
        "    yield {}\n"
        "    open('started', 'w').close()\n"
        "    time.sleep(30)\n"
        "import click, provenance.cli.main as program\n"
        "@click.command('slow')\n"
        "def slow(): write_lines('out.jsonl', slowly())\n"
        "program.cli.get_command = lambda ctx, name: slow\n"
        "program.main(['slow'])"
    )
    Path("out.jsonl").write_text("the result of yesterday")
    with subprocess.Popen([sys.executable, "-c", code], stderr=subprocess.PIPE) as process:
        assert process.stderr
        while not Path("started").exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        err = process.stderr.read().decode()
    assert process.returncode == 130
    assert err.strip() == "error: interrupted; no file was left half written"
    assert Path("out.jsonl").read_text() == "the result of yesterday"
    assert sorted(path.name for path in Path().iterdir()) == ["out.jsonl", "started"]


PROGRESS = (
    "from provenance.cli.session import Session\n"
    "session = Session()\n"
    "session.quiet = {quiet}\n"
    "session.progress = {progress}\n"
    "session.advance('reading', 5, 5)\n"
    "session.note('done')\n"
)


def on_terminal(code: str, **environ: str) -> str:
    """What a person sees who runs `code`: its standard error on a terminal."""
    ours, theirs = pty.openpty()
    subprocess.run(
        [sys.executable, "-c", code],
        stderr=theirs,
        check=True,
        env={**os.environ, "TERM": "xterm", **environ},
    )
    os.close(theirs)
    try:
        return os.read(ours, 10_000).decode()
    except OSError:  # nothing was written
        return ""
    finally:
        os.close(ours)


def test_progress_on_a_terminal() -> None:
    """A terminal gets a progress line, which is gone before anything else is said."""
    seen = on_terminal(PROGRESS.format(quiet=False, progress=True))
    assert seen == "\r\x1b[Kreading: 5 of 5\r\x1b[Kdone\r\n"


def test_no_progress() -> None:
    """``--no-progress``, ``-q``, a dumb terminal and a pipe get no progress line."""
    assert on_terminal(PROGRESS.format(quiet=False, progress=False)) == "done\r\n"
    assert on_terminal(PROGRESS.format(quiet=True, progress=True)) == ""
    dumb = on_terminal(PROGRESS.format(quiet=False, progress=True), TERM="dumb")
    assert dumb == "done\r\n"
    code = PROGRESS.format(quiet=False, progress=True)
    piped = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True)
    assert piped.stderr == b"done\n"


@pytest.mark.parametrize("wanted", [True, False])
def test_no_color(wanted: bool) -> None:
    """Warnings have colors on a terminal, unless NO_COLOR asks for none."""
    code = "from provenance.cli.session import Session\nSession().warn('x')"
    seen = on_terminal(code, NO_COLOR="" if wanted else "1")
    assert ("\x1b[33m" in seen) == wanted


def test_completion(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """The shell can ask for the commands."""
    monkeypatch.setenv("_PROVENANCE_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "provenance ")
    monkeypatch.setenv("COMP_CWORD", "1")
    run()
    assert capsys.readouterr().out.split() == [f"plain,{name}" for name in COMMANDS]


def test_text_or_input(engine: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    """``attribute`` reads either files or a text, not both, not neither."""
    assert run("attribute") == 2
    assert run("attribute", "-", "--text", "x") == 2
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b'{"text": "a"}')))
    assert run("attribute", "-") == 0
