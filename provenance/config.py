"""Every threshold, with its reason; frozen, and digested into whatever rests on disk."""

from __future__ import annotations

import attrs

__all__ = [
    "AnchorSpec",
    "IndexSpec",
    "LineageSpec",
    "PassageSpec",
    "Profile",
    "RareSpec",
    "SketchSpec",
    "StorySpec",
    "TranslationSpec",
    "VerifySpec",
    "WordingSpec",
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
        agreement: Slots of 128 that must agree before a pair is verified.  17 lies four standard
            deviations below Jaccard 0.3.
        full_bucket: Members up to which a bucket is paired all against all; as many as a group of
            copies may have with all its links listed.
        representatives: Members of a larger bucket that a further member is compared with, so that
            a bucket of boilerplate costs linear time.
        anchors: Members of a larger bucket that a copy is tied to, beside its predecessor: more
            than one, because a pair that fails verification must not orphan the rest.
        sampling: One shingle hash in so many is a key of the containment join, which finds the
            short text inside the long one that bands cannot see.
        short_shingles: Texts up to this length are keyed by all their shingles, since eight keys
            and fewer would miss a third of one too often.
        split_reach: A shingle of a large bucket is split by the one so many words further on:
            formulae are shorter than that, passages worth a link are not.
        key_share: Share of the smaller text's keys that must be common.  Well below the share that
            verification asks for, because few keys are a rough estimate.
        exact_below: Texts of fewer words are paired only if all their words are the same.
    """

    bands: int = 64
    rows: int = 2
    agreement: int = 17
    full_bucket: int = 50
    representatives: int = 8
    anchors: int = 3
    sampling: int = 16
    short_shingles: int = 128
    split_reach: int = 8
    key_share: float = 0.1
    exact_below: int = 5


@attrs.frozen(kw_only=True)
class RareSpec:
    """Which pairs of texts share enough rare words to be compared by their wording.

    Attributes:
        window: Rare words after a rare word that make a key with it.
        margin: Natural logarithm by which the two words of a key must be rarer together than one text in
            all of their language.
        common_share: Share of the texts of a language from which a word that stands in more of them makes
            no keys...
        few_texts: ...unless these are at most so many.
        full_bucket: Texts up to which all that share a key are paired; of more, each
            with two, others for every key.
        shared: Keys that two texts must share.
    """

    window: int = 6
    margin: float = 0.0
    common_share: float = 0.1
    few_texts: int = 5
    full_bucket: int = 20
    shared: int = 2


@attrs.frozen(kw_only=True)
class AnchorSpec:
    """Which texts of two languages share enough anchors to be compared as translations.

    The values were set on translations of 18 languages among ten thousand other articles
    (``docs/anchors.md``).

    Attributes:
        all_up_to: Texts up to which every pair of two languages is a candidate.
        window: Words with an anchor after such a word that make a key with it.
        margin: Natural logarithm by which the two anchors of a key may be commoner together than one
            text in all of their language.
        least_weight: Rarity of an anchor that may be part of a key.
        full_bucket: Texts up to which all that share a key are paired; of more, each with so many,
            others for every key.
        much_common: Weight of the anchors in common, wherever they stand, over that of the poorer text,
            times the root of the number of keys shared, from which a pair is a candidate.
        best: Of the rest, those are candidates that are among so many best of both texts in the other's
            language, against the weight of both...
        least_common: ...and share so much, measured likewise.
    """

    all_up_to: int = 40
    window: int = 10
    margin: float = 1.7
    least_weight: float = 0.9
    full_bucket: int = 20
    much_common: float = 0.2
    best: int = 12
    least_common: float = 0.04


@attrs.frozen(kw_only=True)
class VerifySpec:
    """When two texts are called copies, and how their common passages are cut.

    The values were set by reading several hundred pairs of real articles at the borders
    (``docs/matching.md``).  *Telling* shingles are weighed by rarity, see
    :mod:`provenance.verify.overlap`.

    Attributes:
        exact_below: Texts of fewer words are compared whole: the same words or no link.
        whole: Containment both ways from which a copy is whole, a ``repost``; chains of such copies
            count as one text when rarity is measured.
        version: Share of one text found in the other from which two texts of one outlet are versions
            of one article, an ``update``; of the other text, half of it is enough.
        telling_spread: Texts up to which a shingle is fully telling; in `n` more it counts the share
            ``telling_spread / n``.
        min_containment: Share of the smaller text that must be found in the other.  Below it lie the
            compilations: texts that have an item or two in common among others.
        min_strength: Telling shingles in common, times the share of the smaller text's own telling
            shingles that they are: eight if that is all of them, sixteen if it is half.
        telling_share: Part of what is shared that must be telling; below it the pair shares formulae,
            unless half of both texts together is the same.
        min_jaccard: Where both texts are alike to this degree, `min_telling` telling shingles are
            enough: the reports of one office, or a story told in titles and names.
        min_telling: See above.
        min_mutual: Containment both ways from which `min_mutual_shared` shingles make a link however
            many texts hold them: an item that a hundred outlets edited is common by its success.
        min_mutual_shared: Forms end before it: the longest among 14,510 articles, congratulations to
            heads of state, share 61 shingles.
        drop_forms: Leave out pairs that are one form, filled in twice (:mod:`provenance.verify.forms`).
        min_run: Equal words of a run.
        max_gap: Words of either text that may stand between two runs of a passage.
        min_passage: Equal words of a passage worth showing.
    """

    exact_below: int = 5
    whole: float = 0.8
    version: float = 0.5
    telling_spread: int = 4
    min_containment: float = 0.36
    min_strength: float = 8.0
    telling_share: float = 0.33
    min_jaccard: float = 0.27
    min_telling: float = 14.0
    min_mutual: float = 0.4
    min_mutual_shared: int = 70
    drop_forms: bool = True
    min_run: int = 3
    max_gap: int = 5
    min_passage: int = 8


@attrs.frozen(kw_only=True)
class PassageSpec:
    """When two texts share a passage, though it be shuffled or reworded.

    Set on Arabic texts with passages planted by hand (``docs/passages.md``).  Scores are in nats.

    Attributes:
        kept: Chance that a word of a reused passage was kept.
        inflected: Chance that another word of the same stem stands for it.
        cap: Most that one word counts: a name that stands nowhere else proves no more than a rare word.
        drop: A stretch ends where its score has fallen so far: a dozen words replaced in a row.
        seed: Score of the least box that is looked at.
        block: Words of the second text that are looked for together.  In 500, passages of 40 words with
            half of them replaced are lost among chance; 200 cut long ones to pieces.
        cover: Common words of a box, over those of its heavier side, by weight.
        gap: Words between two boxes of one passage.
        strength: Of a passage: 25 to 30 words of running text.
        words: Of either side of a passage: titles and verses are shorter.
        dense: A passage that shares this part of its weight needs no order...
        agreement: ...any other must reach this with its coverage and its order, each up to 1.  Match
            reports by one form stay below, what was reworded by hand lies above.
        min_telling: Runs of three words that passages must share to make a link, those that many texts
            hold discounted.  From 25 on, 56 of 58 links between Saudi articles were right, from 16 to 25
            19 of 22: accidents and condolences by one form.
        telling_share: Part of the shared runs that must be telling; weather reports reach 0.45.
        min_covered: Share of either text that passages must cover, as the verbatim view asks...
        telling_alone: ...unless so many telling runs are shared: half a page.  Below it, texts may have two
            sentences of a third in common, as in compilations.
    """

    kept: float = 0.7
    inflected: float = 0.05
    cap: float = 8.0
    drop: float = 13.0
    seed: float = 25.0
    block: int = 300
    cover: float = 0.3
    gap: int = 40
    strength: float = 80.0
    words: int = 20
    dense: float = 0.75
    agreement: float = 1.15
    min_telling: float = 25.0
    telling_share: float = 0.65
    min_covered: float = 0.36
    telling_alone: float = 100.0


@attrs.frozen(kw_only=True)
class WordingSpec:
    """When two texts say the same in other words.

    Set on labeled pairs of ten languages and on some 300 pairs of Saudi and Tunisian news that were read
    (``docs/rewrites.md``).  *Placed* is the weight of the stems that stand at the same relative place in
    both texts, chance discounted, over the weight of all their stems; *ordered* the share of the common
    weight that does.

    Attributes:
        reach: Distance of two places that count as the same, in lengths of a text.  At 0.03 versions in
            Czech fall apart, at 0.12 reports of one event by two agencies come near.
        min_stems: Texts of fewer different stems are not judged: headlines of opposite meaning share
            their words as headlines of the same meaning do.
        min_shared: Stems that two texts must share.
        ordered: Two degrees of order...
        placed: ...and from which share of placed stems a pair of that degree is possible; between
            the degrees the bar falls in a line.  Two agencies on one event reach 0.107 at 0.60; dialect
            beside standard Arabic shares few words, but in order.
        telling: Weight from which a word counts as a detail: about one text in seven holds it.
        window: Details before a detail that make a key with it.
        spread: Holders up to which a key is rare; copies of one text are one holder.  With three, items
            that many outlets edit lose their details, with ten, formulae gain some.
        copies: Share of the common weight from which two texts count as copies there.
        few_probability: From which a possible pair of a few texts is a rewrite: two texts of one form meet
            by chance among thousands of a nation's news, hardly among fifty that somebody gathered.
        probability: From which a possible pair is one in any other batch...
        rarity: ...if its common keys are rare to this degree on average: tables and fixtures repeat
            the same names week by week...
        copied: ...and less than this share of either text stands in common runs of five words; what has
            more is a copy, or furniture, and judged as such.
        told: Of a text told again so much is found, by weight of its stems...
        told_details: ...or so many of its details: digests that have some of their items in common, in the
            same order, have less...
        told_lead: ...and something of its beginning.
        retold_ordered: A pair is a rewrite too if nothing but the order is the same, as in a second
            translation: so much of the common weight in place...
        retold_placed: ...so much of all...
        retold_verbatim: ...at most this share of either text in common runs of five words: what is
            written by formula has some...
        retold_rarity: ...the common keys rare to this degree...
        retold_keys: ...and so many of them...
        retold_conflicts: ...and at most so many numbers in each text that the other lacks.
        close_ordered: Or if it has phrases too, but so much of the common weight in place...
        close_placed: ...and of all...
        close_lead: ...this share of either beginning in the other text...
        close_rarity: ...and keys that hardly any other text holds.
        rich_ordered: Or if, whatever else, so much of the common weight is in place...
        rich_placed: ...and of all...
        rich_rarity: ...and hardly any other text holds the common keys...
        rich_keys: ...of which there are so many, and less is word for word the same than is in place:
            among 24,000 Arabic articles no pair more was such.
    """

    reach: float = 0.08
    min_stems: int = 20
    min_shared: int = 8
    ordered: tuple[float, float] = (0.6, 0.8)
    placed: tuple[float, float] = (0.115, 0.056)
    telling: float = 2.0
    window: int = 4
    spread: float = 4.0
    copies: float = 0.6
    few_probability: float = 0.4
    probability: float = 0.88
    rarity: float = 0.55
    copied: float = 0.8
    told: float = 0.31
    told_details: float = 0.25
    told_lead: float = 0.05
    retold_ordered: float = 0.9
    retold_placed: float = 0.1
    retold_verbatim: float = 0.1
    retold_rarity: float = 0.7
    retold_keys: int = 4
    retold_conflicts: int = 1
    close_ordered: float = 0.8
    close_placed: float = 0.2
    close_lead: float = 0.45
    close_rarity: float = 0.9
    rich_ordered: float = 0.8
    rich_placed: float = 0.06
    rich_rarity: float = 0.92
    rich_keys: int = 5
    alike: float = 0.3
    max_conflicts: int = 3


@attrs.frozen(kw_only=True)
class TranslationSpec:
    """When one text is called a translation of another (``docs/translations.md``).

    Bars are natural logarithms of odds.

    Attributes:
        least: Anchors of less worth are not compared: they stand in every second text.
        floor: Pairs whose common anchors in order weigh less are not looked at any further.
        cut: A text that is shorter than this share of the other, in characters of English, may have been cut,
            or the other have more than a translation: lengths of versions differ by a tenth at most.
        bar: From which two texts of one length are called a translation...
        cut_bar: ...and from which texts of two lengths are: reports of one event are mostly of two.
        possible: From which a pair is possible...
        margin: ...if it is better by this than either text's next best in the language of the other.
    """

    least: float = 0.8
    floor: float = 4.0
    cut: float = 0.85
    bar: float = 2.0
    cut_bar: float = 3.5
    possible: float = -2.0
    margin: float = 3.0


@attrs.frozen(kw_only=True)
class StorySpec:
    """When two articles report one event.

    Attributes:
        max_days: No story link across more days: the same event a month later is another story.
        near_days: Days within which a pair needs only `bar`.
        bar: Log-odds above the pair threshold that a link needs.
        far_bar: The same for articles certainly further apart.
        undated_bar: The same for articles whose dates do not tell.
        crowd: Articles within `max_days` of one up to which the bars hold as they stand.
        crowd_bar: What each doubling beyond adds to them.  Among 14,000 Arabic articles of a week, a
            tenth of the links at 2 above the threshold were theme and not event (links of one day
            against links of days three weeks apart), a third at 0.
        cut: Two groups join while their mean score above the bar is at least this.
        copy_cut: Four articles or more that copies connect stay one group while the mean score between its
            parts is at least this, a copy counting as the best score there is.  Among 11,431 copies of
            a week it parts 37, most of them pages that quote two events.
        counted_from: Articles of a language from which on their own word frequencies count.
    """

    max_days: int = 7
    near_days: int = 3
    bar: float = 0.0
    far_bar: float = 1.5
    undated_bar: float = 0.75
    crowd: int = 100
    crowd_bar: float = 0.4
    cut: float = -0.5
    copy_cut: float = 0.0
    counted_from: int = 100


@attrs.frozen(kw_only=True)
class LineageSpec:
    """How edges and origins are weighed.

    Attributes:
        min_probability: A document that took from a collected one with less than this has no such parent, and an
            agency less likely than this is not its origin.
        collected: Probability from which a document hangs on a collected one, if an unseen source is
            possible: below it, a sibling would too often be taken for the parent.
        unseen: Share of stories, before any evidence, of which no source was collected.
        explicit: Draw an arrow between collected documents only for a reason that a reader can check.
        common_source: Belief, before any evidence, that two copies share a source that is neither;
            the rest is halved between the two ways.  On real copies without dates and credits a
            fitted model left about half there, and was right to.
        copy_containment: A text of which this share stands in a credited copy has its origin.
        source_containment: So has a text that holds this share of a credited copy...
        least_containment: ...if at least this share of its own is in it.
        passage: Words that a further parent must explain anew: about one sentence.  15 found 93 of
            100 planted compilations, 25 found 90, with no false one in 1,016 documents.
        passage_repeats: A further parent may repeat at most this share of what the first explains;
            more, and it is another copy of the same compilation.
    """

    min_probability: float = 0.5
    collected: float = 0.9
    unseen: float = 0.25
    explicit: bool = True
    common_source: float = 0.5
    copy_containment: float = 0.5
    source_containment: float = 0.6
    least_containment: float = 0.2
    passage: int = 25
    passage_repeats: float = 0.35


@attrs.frozen(kw_only=True)
class Profile:
    """All settings of a run."""

    name: str = "default"
    sketch: SketchSpec = SketchSpec()
    index: IndexSpec = IndexSpec()
    verify: VerifySpec = VerifySpec()
    rare: RareSpec = RareSpec()
    wording: WordingSpec = WordingSpec()
    passages: PassageSpec = PassageSpec()
    anchors: AnchorSpec = AnchorSpec()
    translation: TranslationSpec = TranslationSpec()
    story: StorySpec = StorySpec()
    lineage: LineageSpec = LineageSpec()
