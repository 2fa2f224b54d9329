"""Probabilities from log-odds, and of directions."""

from __future__ import annotations

from math import exp

__all__ = ["logistic", "taken_odds"]


def logistic(log_odds: float) -> float:
    """Return the probability that log-odds stand for."""
    return 1.0 / (1.0 + exp(-log_odds))


def taken_odds(taken: float, common: float) -> float:
    """Return how likely one text took from the other, where the reverse is out of the question."""
    return taken / (taken + common) if taken + common else 0.0
