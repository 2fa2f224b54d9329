"""What outlets do with the credits of agencies is counted, never assumed."""

from __future__ import annotations

import pytest

from provenance.lineage.habits import Habit, count_habits
from provenance.model import (
    Article,
    ArticleId,
    Basis,
    DocumentOrigins,
    Mention,
    Origin,
    Role,
    Story,
)


def counted(
    role: Role | None, agency: str | None = None, basis: Basis = "credited copy"
) -> tuple[Habit, ...]:
    """Count the habits of one document of one outlet."""
    name = ArticleId("a")
    origin = Origin(agency="spa", probability=0.9, basis=basis)
    story = Story(
        story="s", members=(name,), documents=(DocumentOrigins(id=name, origins=(origin,)),)
    )
    said = [
        Mention(
            id=name, agency=agency, role=role, zone="tail", span=(0, 1), text="x", rule="t", weight=4.0
        )
    ] if role else []  # fmt: skip
    return count_habits([story], [Article(id=name, text="x", publisher="صحيفة المرسى")], said)


@pytest.mark.parametrize(
    ("role", "agency", "basis", "fate"),
    [
        ("syndicated_copy", "spa", "own credit", "kept"),
        ("generic_agencies", None, "credited copy", "unnamed"),
        ("publisher_self_credit", None, "credited copy", "replaced"),
        (None, None, "credited copy", "dropped"),
        ("syndicated_copy", "afp", "credited copy", "dropped"),
    ],
)
def test_fate_of_a_credit(role: Role | None, agency: str | None, basis: Basis, fate: str) -> None:
    """A credit is kept, made unnamed, replaced by the outlet's own, or dropped."""
    (habit,) = counted(role, agency, basis)
    assert (habit.publisher, habit.agency) == ("صحيفة المرسى", "spa")
    assert getattr(habit, fate) == habit.documents == 1


def test_own_item_of_an_agency_is_no_habit() -> None:
    """An agency that publishes its own item has nothing to keep or drop."""
    assert counted(None, basis="own credit") == ()
