"""Every threshold, with its reason; frozen, and digested into whatever rests on disk."""

from __future__ import annotations

import attrs

__all__ = [
    "IndexSpec",
    "LineageSpec",
    "Profile",
    "SketchSpec",
    "StorySpec",
    "VerifySpec",
]


@attrs.frozen(kw_only=True)
class SketchSpec:
    """What a stored signature means; two signatures compare only if their specs are equal.

    Attributes:
        scheme: The permutation family, ``h -> a*h + b mod 2**32`` as in ``datasketch``.
        seed: Seed of the permutations.
        permutations: Slots of a signature.
        width: Words of a shingle.  Three: agency copies overlap by 30 % on average, and every
            further word lowers that; two words drown in formulae.
        folding: Version of the folding table and of the token hash.
    """

    scheme: str = "affine32"
    seed: int = 1
    permutations: int = 128
    width: int = 3
    folding: int = 1


@attrs.frozen(kw_only=True)
class IndexSpec:
    """Which pairs deserve a look.

    Attributes:
        bands: Bands of a signature.
        rows: Slots of a band.  64 x 2 makes a candidate of 93 % of pairs at Jaccard 0.2 and of
            99.8 % at 0.3 (``1 - (1 - s**rows)**bands``); verification pays for the low bar.
        representatives: Members of a bucket that every further member is compared with, so that a
            bucket of boilerplate costs linear time.
        agreement: Slots of 128 that must agree before a pair is verified.  17 lies four standard
            deviations below Jaccard 0.3.
        sampling: One shingle hash in so many is a key of the containment join, which finds the
            short text inside the long one that bands cannot see.
    """

    bands: int = 64
    rows: int = 2
    representatives: int = 8
    agreement: int = 17
    sampling: int = 16


@attrs.frozen(kw_only=True)
class VerifySpec:
    """When two texts are called copies.

    Attributes:
        min_jaccard: Shared shingles over all; below it only containment can carry a link.
        min_containment: Share of the smaller text found in the other.
        min_shared: Shared shingles without which no link is made, however short the texts.
        whole: Containment both ways from which a copy is whole, a ``repost``.
    """

    min_jaccard: float = 0.15
    min_containment: float = 0.3
    min_shared: int = 8
    whole: float = 0.8


@attrs.frozen(kw_only=True)
class StorySpec:
    """When two articles report one event.

    Attributes:
        max_days: No story link across more days: the same event a month later is another story.
    """

    max_days: int = 7


@attrs.frozen(kw_only=True)
class LineageSpec:
    """How edges and origins are weighed.

    Attributes:
        min_probability: An edge below it is not drawn.
    """

    min_probability: float = 0.5


@attrs.frozen(kw_only=True)
class Profile:
    """All settings of a run."""

    name: str = "default"
    sketch: SketchSpec = SketchSpec()
    index: IndexSpec = IndexSpec()
    verify: VerifySpec = VerifySpec()
    story: StorySpec = StorySpec()
    lineage: LineageSpec = LineageSpec()
