"""The written examples: those that rules may be tuned on one by one, the kept-out third as a share."""

from __future__ import annotations

import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from provenance.attribution.catalogue import load_catalogue
from provenance.attribution.reading import read_mentions
from provenance.model import Article, ArticleId

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks" / "quality"))

import credit_examples

EXAMPLES = credit_examples.read_examples()
SHARED = Path(__file__).parents[1] / "seeds" / "catalogue" / "markers"

#: Examples of the open part that are not read yet, by their text; a test fails once one is.
MISSED = frozenset(
    {
        # two agencies of one language share "APS"; only a gazetteer would know whose town it is
        "Dakar, 8 oct (APS) – L'hivernage s'annonce pluvieux, selon les prévisions.",
        # only the town says whose of two rival agencies it is
        "صنعاء - سبأ : ناقش اجتماع في وزارة الزراعة سير تنفيذ المشاريع.",
        # news about the agency in words that agencies use of others
        "أعلنت رويترز فوز مصورها بجائزة بوليتزر للتصوير الصحفي.",
        "L'AFP a nommé une nouvelle directrice de l'information.",
        # a given name that is also an agency's
        "Mitarbeit: Petra Klein, Rom",
        # a bar before the agency is taken for a chain of picture credits
        "Disclaimer: This post has been auto-published from an agency feed without any modifications to the text and has not been reviewed by an editor | ANI",
        # the copyright sign stands for the picture or for the text
        "（c）AFP",
        # the state is named two clauses before its agency
        "Das meldeten die nordkoreanischen Staatsmedien; die Agentur KCNA sprach von einem Erfolg.",
    }
)


def _open_part() -> list[object]:
    return [
        pytest.param(example, id=f"{example.language}-{example.role}-{number}")
        for number, example in enumerate(EXAMPLES)
        if not example.kept_out
    ]


@pytest.mark.parametrize("example", _open_part())
def test_an_example_in_an_article_is_read_and_a_trap_left_alone(
    example: credit_examples.Example,
) -> None:
    """Placed in an unrelated article, a credit says what it says and a trap says nothing."""
    mentions = read_mentions(credit_examples.place_in_article(example))
    right = credit_examples.is_right(example, mentions)
    assert right == (example.text not in MISSED), [(m.agency, m.role, m.rule) for m in mentions]


@pytest.mark.parametrize(("kind", "least"), [("agency", 0.85), ("notice", 0.75), ("trap", 0.95)])
def test_the_kept_out_third_is_read_as_a_whole(kind: str, least: float) -> None:
    """Of the examples that nobody tunes on, at least this share is read; single ones are not named."""
    right = [
        credit_examples.is_right(example, read_mentions(credit_examples.place_in_article(example)))
        for example in EXAMPLES
        if example.kept_out and example.kind == kind
    ]
    assert sum(right) / len(right) >= least


def test_the_examples_are_many_varied_and_name_known_agencies() -> None:
    """Every language has credits and traps, and every agency named is in the catalogue."""
    lines = Counter((example.language, example.trap) for example in EXAMPLES)
    languages = {example.language for example in EXAMPLES}
    assert sum(count for (_, trap), count in lines.items() if not trap) >= 450
    assert sum(count for (_, trap), count in lines.items() if trap) >= 200
    assert all(lines[language, trap] for language in languages for trap in (False, True))
    assert len({example.text for example in EXAMPLES}) == len(EXAMPLES)
    named = frozenset().union(*(example.agencies for example in EXAMPLES))
    assert named <= load_catalogue().agencies.keys()


def test_a_third_is_kept_out() -> None:
    """The digest of the text keeps out about a third of the credits and of the traps."""
    for trap in (False, True):
        part = [example.kept_out for example in EXAMPLES if example.trap == trap]
        assert 0.25 < sum(part) / len(part) < 0.4


@pytest.mark.parametrize("language", sorted({example.language for example in EXAMPLES}))
def test_the_articles_that_examples_are_placed_in_name_nobody(language: str) -> None:
    """What an example is placed into says nothing about sources by itself."""
    example = credit_examples.Example(
        language=language, role="none", agencies=frozenset(), position="footer", text=""
    )
    text = credit_examples.place_in_article(example).text
    assert not read_mentions(Article(id=ArticleId("context"), text=text))


def _shared_rules(key: str) -> list[object]:
    source = tomllib.loads((SHARED / "families.toml").read_text("utf-8"))
    return [
        pytest.param(rule["role"], text, id=f"{rule['id']}-{number}")
        for rule in source["rule"]
        for number, text in enumerate(rule[key])
    ]


@pytest.mark.parametrize(("role", "text"), _shared_rules("examples"))
def test_the_example_of_a_rule_that_languages_share_is_read(role: str, text: str) -> None:
    """The example of a shared rule, in one of its languages, is read as what the rule says."""
    assert role in {m.role for m in read_mentions(Article(id=ArticleId("a"), text=text))}


@pytest.mark.parametrize(("role", "text"), _shared_rules("counter_examples"))
def test_the_counter_example_of_a_shared_rule_is_not(role: str, text: str) -> None:
    """The counter-example of a shared rule is not read as what the rule says."""
    assert role not in {m.role for m in read_mentions(Article(id=ArticleId("a"), text=text))}


@pytest.mark.parametrize("path", sorted(SHARED.glob("*.toml")), ids=lambda path: path.stem)
def test_every_rule_shows_what_it_is_not(path: Path) -> None:
    """Each rule of each language has a counter-example beside it."""
    rules = tomllib.loads(path.read_text("utf-8")).get("rule", ())
    assert [rule["id"] for rule in rules if not rule.get("counter_examples")] == []
