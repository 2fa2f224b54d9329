"""A flag beats the environment, which beats the project's file, which beats the user's own."""

from __future__ import annotations

from pathlib import Path

import pytest

from provenance.cli.settings import build_profile, command_defaults
from provenance.config import Profile
from provenance.errors import SettingError


@pytest.fixture
def user(tmp_path: Path) -> Path:
    """The user's own settings file, to be written."""
    path = tmp_path / "xdg" / "provenance" / "config.toml"
    path.parent.mkdir(parents=True)
    return path


def build(tmp_path: Path, profile: str = "", *assignments: str, **environ: str) -> Profile:
    return build_profile(
        profile,
        assignments,
        environ={"XDG_CONFIG_HOME": str(tmp_path / "xdg"), **environ},
        folder=tmp_path,
    )


def test_defaults(tmp_path: Path) -> None:
    """Without any file or flag, the defaults hold."""
    assert build(tmp_path) == Profile()


def test_precedence(tmp_path: Path, user: Path) -> None:
    """Each level beats the ones below it, setting by setting."""
    user.write_text("[sketch]\nwidth = 11\nseed = 11\npermutations = 11\n[story]\nmax_days = 11")
    (tmp_path / "provenance.toml").write_text("[sketch]\nwidth = 12\nseed = 12\npermutations = 12")
    found = build(
        tmp_path,
        "",
        "sketch.permutations=14",
        PROVENANCE_SKETCH_PERMUTATIONS="13",
        PROVENANCE_SKETCH_SEED="13",
    )
    assert found.story.max_days == 11
    assert found.sketch.width == 12
    assert found.sketch.seed == 13
    assert found.sketch.permutations == 14
    assert found.sketch.scheme == Profile().sketch.scheme


def test_pyproject(tmp_path: Path) -> None:
    """``[tool.provenance]`` is read where there is no provenance.toml, and only there."""
    (tmp_path / "pyproject.toml").write_text(
        "[tool.provenance.story]\nmax_days = 3\n[tool.x]\ny = 1"
    )
    assert build(tmp_path).story.max_days == 3
    (tmp_path / "provenance.toml").write_text("")
    assert build(tmp_path).story.max_days == Profile().story.max_days


def test_named_profile(tmp_path: Path, user: Path) -> None:
    """A profile is weaker than the single settings beside it, and stronger than what is below."""
    user.write_text("[profiles.wide.sketch]\nwidth = 9\nseed = 9\n[sketch]\nwidth = 5")
    assert build(tmp_path).sketch.width == 5
    by_flag = build(tmp_path, "wide", "sketch.seed=2", PROVENANCE_SKETCH_WIDTH="6")
    assert (by_flag.name, by_flag.sketch.width, by_flag.sketch.seed) == ("wide", 9, 2)
    by_environment = build(tmp_path, PROVENANCE_PROFILE="wide", PROVENANCE_SKETCH_WIDTH="6")
    assert (by_environment.sketch.width, by_environment.sketch.seed) == (6, 9)
    (tmp_path / "provenance.toml").write_text('profile = "wide"\n[sketch]\nseed = 4')
    by_file = build(tmp_path)
    assert (by_file.sketch.width, by_file.sketch.seed) == (9, 4)
    assert build(tmp_path, "default") == Profile()


def test_profile_file(tmp_path: Path) -> None:
    """A profile may be a file of its own."""
    path = tmp_path / "mine.toml"
    path.write_text("[lineage]\nmin_probability = 1")
    found = build(tmp_path, str(path))
    assert (found.name, found.lineage.min_probability) == ("mine", 1.0)
    assert isinstance(found.lineage.min_probability, float)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        ("[verify]\nmin_jacard = 0.2", "unknown name 'min_jacard'; did you mean 'min_jaccard'"),
        ("[verfy]\nmin_jaccard = 0.2", "did you mean 'verify'"),
        ("[verify]\nmin_jaccard = 'high'", "'high' is not of the type float"),
        ("[sketch]\nwidth = 2.5", "2.5 is not of the type int"),
        ("[sketch]\nwidth = true", "True is not of the type int"),
        ("verify = 1", "expected a table"),
        ("profile = 'nowhere'", "no profile 'nowhere': known are default"),
        ("[verify", "cannot be read as settings"),
        ("\udcff", "cannot be read as settings"),
    ],
)
def test_mistakes(tmp_path: Path, content: str, complaint: str) -> None:
    """What makes no sense is an error that names the file and what was meant."""
    path = tmp_path / "provenance.toml"
    path.write_bytes(content.encode(errors="surrogateescape"))
    with pytest.raises(SettingError) as caught:
        build(tmp_path)
    assert complaint in str(caught.value)
    if "profile" not in content:
        assert str(path) in str(caught.value)


@pytest.mark.parametrize(
    "assignment", ["whole=1", "verify.whole", "verify.hole=1", "nothing.at=1", "verify.whole=x"]
)
def test_mistaken_assignments(tmp_path: Path, assignment: str) -> None:
    """``--set`` takes section.name=value of settings there are."""
    with pytest.raises(SettingError, match="--set"):
        build(tmp_path, "", assignment)


def test_command_defaults(tmp_path: Path, user: Path) -> None:
    """Options of a command have defaults in the files; options it does not have are errors."""
    user.write_text("[commands.dedupe]\nkeep = 'longest'\nexit-code = true\n[commands.x]\ny = 1")
    (tmp_path / "provenance.toml").write_text("[commands.dedupe]\nkeep = 'earliest'")
    environ = {"XDG_CONFIG_HOME": str(tmp_path / "xdg")}

    def defaults(*options: str) -> dict[str, object]:
        return command_defaults("dedupe", options, environ=environ, folder=tmp_path)

    assert defaults("keep", "exit_code") == {"keep": "earliest", "exit_code": True}
    with pytest.raises(SettingError, match="exit-code"):
        defaults("keep")
