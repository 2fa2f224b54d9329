"""Texts that are nothing but names: read at both ends, and in time."""

import time

import pytest

from provenance.engine.crediting import attribute


@pytest.mark.parametrize("unit", ["(AFP)", "AFP/", "[ad_1]", "رويترز ", "新华社", "المصدر: \n"])
def test_a_text_of_names_alone_is_read_in_time(unit):
    """A hundred thousand characters of one name take seconds, where their square would take minutes."""
    begun = time.process_time()
    attribute(unit * (100_000 // len(unit)))
    assert time.process_time() - begun < 20


def test_the_credit_below_a_flood_of_names_is_read():
    """However many names stand above it, the last line is looked at."""
    flood = "The word AFP stands here again and again. " * 3000
    mentions = attribute(flood + "\n\nThe Associated Press contributed to this report.")
    assert ("ap", "contribution") in {(m.agency, m.role) for m in mentions}
