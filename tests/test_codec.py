"""Records: what is written can be read back, and keys keep their promised order."""

import json

from hypothesis import given
from hypothesis import strategies as st

from provenance import codec
from provenance.model import (
    AlignedSpan,
    Article,
    Direction,
    DocumentOrigins,
    Edge,
    Evidence,
    Link,
    Mention,
    Node,
    Origin,
    Overlap,
    Story,
)

#: What four printed digits can hold exactly.
shares = st.integers(0, 10_000).map(lambda n: n / 10_000)
spans = st.tuples(st.integers(0, 500), st.integers(0, 500))
words = st.text(max_size=12)

evidence = st.builds(
    Evidence,
    type=words,
    text=words,
    weight=shares,
    toward=words,
    doc=words,
    span=st.none() | spans,
)
links = st.builds(
    Link,
    a=words,
    b=words,
    kind=st.sampled_from(["repost", "excerpt", "same_story"]),
    related=shares,
    direction=st.builds(Direction, a_to_b=shares, b_to_a=shares, common_source=shares),
    overlap=st.builds(Overlap, jaccard=shares, containment_a=shares, containment_b=shares),
    spans=st.lists(st.builds(AlignedSpan, a=spans, b=spans), max_size=3).map(tuple),
    evidence=st.lists(evidence, max_size=2).map(tuple),
)
mentions = st.builds(
    Mention,
    id=words,
    agency=st.none() | words,
    role=st.sampled_from(["syndicated_copy", "told_outlet"]),
    zone=st.sampled_from(["tail", "body"]),
    span=spans,
    text=words,
    rule=words,
    weight=shares,
    language=words,
    field=st.sampled_from(["text", "byline"]),
)
stories = st.builds(
    Story,
    story=words,
    members=st.lists(words, max_size=3).map(tuple),
    interval=st.tuples(words, words),
    nodes=st.lists(
        st.builds(
            Node,
            node=words,
            type=st.sampled_from(["document", "unobserved"]),
            agency=st.none() | words,
        ),
        max_size=2,
    ).map(tuple),
    edges=st.lists(
        st.builds(
            Edge,
            parent=words,
            child=words,
            kind=st.just("repost"),
            probability=shares,
            directed=st.booleans(),
            evidence=st.lists(evidence, max_size=1).map(tuple),
        ),
        max_size=2,
    ).map(tuple),
    documents=st.lists(
        st.builds(
            DocumentOrigins,
            id=words,
            origins=st.lists(
                st.builds(
                    Origin,
                    agency=st.none() | words,
                    probability=shares,
                    basis=st.sampled_from(["own credit", "none"]),
                ),
                max_size=2,
            ).map(tuple),
            published=st.tuples(words, words),
            own_share=shares,
        ),
        max_size=2,
    ).map(tuple),
    independent_sources=st.integers(0, 9),
)


def through_json(record):
    """What a reader of the file gets."""
    return json.loads(json.dumps(record))


@given(links)
def test_a_link_survives_the_round_trip(link):
    """Writing a link and reading it back changes nothing."""
    assert codec.link_from_record(through_json(codec.link_to_record(link))) == link


@given(mentions)
def test_a_mention_survives_the_round_trip(mention):
    """Writing a mention and reading it back changes nothing."""
    assert codec.mention_from_record(through_json(codec.mention_to_record(mention))) == mention


@given(stories)
def test_a_story_survives_the_round_trip(story):
    """Writing a story and reading it back changes nothing."""
    assert codec.story_from_record(through_json(codec.story_to_record(story))) == story


def test_link_keys_stand_in_the_promised_order():
    """The first keys of a link are those of the published example."""
    link = Link(
        a="id1",
        b="id2",
        kind="repost",
        related=0.99876,
        direction=Direction(a_to_b=0.9, b_to_a=0.02, common_source=0.08),
        overlap=Overlap(jaccard=0.94, containment_a=0.99, containment_b=0.95),
    )
    record = codec.link_to_record(link)
    assert list(record) == [
        "a", "b", "kind", "related", "direction", "overlap", "spans", "evidence",
    ]  # fmt: skip
    assert record["related"] == 0.9988


def test_an_article_record_hands_extra_keys_through():
    """Unknown keys come out as they came in, empty fields are left out."""
    article = Article(id="x", text="t", publisher="Rasd", extra={"tags": [1, 2]})
    assert codec.article_to_record(article) == {
        "id": "x",
        "publisher": "Rasd",
        "text": "t",
        "tags": [1, 2],
    }
