"""Probabilities and their log-odds."""

from __future__ import annotations

from math import exp, log

__all__ = ["log_odds", "logistic", "taken_odds"]

#: Odds of anything certain are cut off here, at one in a million.
_LIMIT = 14.0


def logistic(log_odds: float) -> float:
    """Return the probability that log-odds stand for."""
    return 1.0 / (1.0 + exp(-log_odds))


def log_odds(probability: float) -> float:
    """Return the log-odds of a probability, cut off where they mean certainty."""
    if probability <= 0.0:
        return -_LIMIT
    if probability >= 1.0:
        return _LIMIT
    return max(-_LIMIT, min(_LIMIT, log(probability / (1.0 - probability))))


def taken_odds(taken: float, common: float) -> float:
    """Return how likely one text took from the other, where the reverse is out of the question."""
    return taken / (taken + common) if taken + common else 0.0
