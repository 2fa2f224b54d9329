"""The catalogue of agencies: look-ups, a user's own file, and what is wrong with it."""

from __future__ import annotations

from pathlib import Path

import pytest

from provenance.attribution.catalogue import load_catalogue
from provenance.attribution.reading import reader_for
from provenance.cli.main import main
from provenance.errors import SettingError
from provenance.model import Article, ArticleId

OWN = """
[[agency]]
id = "harbour"
name = "Harbour Wire"
country = "XX"
aliases = [{text = "Harbour Wire"}, {text = "HBW", needs = "verb"}]

[[agency]]
id = "reuters"
aliases = [{text = "Rtrs News", language = "en"}]
"""


@pytest.mark.parametrize(
    ("name", "agency"),
    [
        ("Reuters", "reuters"),
        ("REUTERS", "reuters"),
        ("رويترز", "reuters"),
        ("أ. ف. ب.", "afp"),
        ("ا ف ب", "afp"),
        ("ТАСС", "tass"),
        ("新华社", "xinhua"),
        ("Télam", "telam"),
    ],
)
def test_an_agency_is_found_by_any_spelling_of_its_name(name: str, agency: str) -> None:
    """Case, dots, blanks, hamza and accents do not matter."""
    assert agency in {found.id for found in load_catalogue().named(name)}


def test_a_name_of_nobody_finds_nobody() -> None:
    """A name that no agency has is an empty answer, not an error."""
    assert load_catalogue().named("Nobody's Wire") == ()


def test_every_alias_belongs_to_an_agency_of_the_catalogue() -> None:
    """No name points at an agency that is not there, and none is shorter than two letters."""
    catalogue = load_catalogue()
    for alias in catalogue.aliases:
        assert alias.agency in catalogue.agencies
        assert sum(letter.isalnum() for letter in alias.text) >= 2


def test_an_own_file_adds_agencies_and_names(tmp_path: Path) -> None:
    """What a user adds is read like the packaged names, which stay."""
    path = tmp_path / "own.toml"
    path.write_text(OWN, "utf-8")
    read = reader_for(path).read
    for text, agency in (
        ("The bridge was closed on Monday, a witness told Harbour Wire.", "harbour"),
        ("The bridge was closed, a witness told Rtrs News.", "reuters"),
        ("The bridge was closed, a witness told AFP.", "afp"),
    ):
        mentions = read(Article(id=ArticleId("a"), text=text))
        assert [(m.agency, m.role) for m in mentions] == [(agency, "told_outlet")]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("", "no \\[\\[agency\\]\\]"),
        ("agency = 3", "no \\[\\[agency\\]\\]"),
        ("[[agency]\n", "catalogue"),
        ('[[agency]]\nname = "X"', '"id" is missing'),
        ('[[agency]]\nid = "x"', '"name" is missing'),
        ('[[agency]]\nid = "x"\nname = "Xx"\nkind = "paper"', "kind 'paper' is none of"),
        ('[[agency]]\nid = "x"\nname = "Xx"\ncolour = "red"', "unknown key 'colour'"),
        ('[[agency]]\nid = "x"\nname = "Xx"\naliases = ["Xx"]', 'every alias needs a "text"'),
        ('[[agency]]\nid = "x"\nname = "Xx"\naliases = "Xx"', '"aliases" must be a list'),
        ('[[agency]]\nid = "x"\nname = "Xx"\naliases = [{text = "."}]', "fewer than two letters"),
        (
            '[[agency]]\nid = "x"\nname = "Xx"\naliases = [{text = "Xx", needs = "luck"}]',
            "needs 'luck' is none of",
        ),
    ],
)
def test_a_faulty_file_is_refused_with_its_reason(
    tmp_path: Path, content: str, reason: str
) -> None:
    """The message names the file, the entry and what is allowed."""
    path = tmp_path / "own.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(SettingError, match=reason) as caught:
        load_catalogue(path)
    assert str(path) in str(caught.value)


def test_a_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """A missing file is a setting that makes no sense."""
    with pytest.raises(SettingError, match=r"missing\.toml"):
        load_catalogue(tmp_path / "missing.toml")


def test_the_command_line_takes_a_catalogue(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """``--catalogue`` adds names; a file that makes no sense is a wrong setting, named in one line."""
    path = tmp_path / "own.toml"
    path.write_text(OWN, "utf-8")
    text = "LISBON, May 3 (Harbour Wire) - The bridge was opened on Monday."
    with pytest.raises(SystemExit) as left:
        main(["attribute", "--catalogue", str(path), "--text", text])
    assert left.value.code == 0
    assert "syndicated_copy: harbour, dateline" in capsys.readouterr().out
    path.write_text('[[agency]]\nid = "x"\nname = "Xx"\nkind = "paper"', "utf-8")
    with pytest.raises(SystemExit) as left:
        main(["attribute", "--catalogue", str(path), "--text", text])
    assert left.value.code == 2
    message = capsys.readouterr().err
    assert str(path) in message
    assert "kind 'paper' is none of wire" in message
