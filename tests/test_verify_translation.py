"""Translations among candidates, told from reports of the same event."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.config import TranslationSpec
from provenance.model import Span
from provenance.sketch.anchoring import anchors_of
from provenance.text.columns import columns_of
from provenance.text.sentences import sentences_of
from provenance.verify.translation import (
    PARTS,
    Ground,
    Tier,
    align_translations,
    ground_of,
    score_translations,
)

ENGLISH = """Ministers of Kenya and Uganda signed an agreement in Nairobi on 14 March about the railway to Kampala.
The line will be 273 kilometres long, Transport Minister Kipchumba Murkomen said, and cost 2.3 billion dollars.

In Entebbe, President Yoweri Museveni thanked Fred Byamukama, who led the talks for 18 months.
Work at Malaba is to begin in August; 4,500 people will be employed by 2027.

Critics such as Okiya Omtatah warned that Kenya still owes 657 billion shillings to China.
Mary Wanjiku, a trader at Busia, told reporters that she hoped to sell 40 sacks more each week."""

SPANISH = """Ministros de Kenia y Uganda firmaron el 14 de marzo en Nairobi un acuerdo sobre el ferrocarril a Kampala.
La línea tendrá 273 kilómetros de longitud, dijo el ministro de Transporte Kipchumba Murkomen, y costará 2,3 mil millones de dólares.

En Entebbe, el presidente Yoweri Museveni agradeció a Fred Byamukama, que dirigió las conversaciones durante 18 meses.
Las obras en Malaba comenzarán en agosto; 4.500 personas tendrán empleo hasta 2027.

Críticos como Okiya Omtatah advirtieron que Kenia todavía debe 657 mil millones de chelines a China.
Mary Wanjiku, comerciante de Busia, contó a los periodistas que esperaba vender 40 sacos más cada semana."""

SAME_EVENT = """Uganda celebró en Kampala el acuerdo con su vecina Kenia.
Fred Byamukama explicó que 61 aldeas cerca de Malaba recibirán 12 puentes nuevos y 9 escuelas.

Yoweri Museveni habló 35 minutos ante 800 invitados y recordó el accidente de 1998 en Jinja.
En Nairobi, Kipchumba Murkomen no quiso responder sobre los 150 contratos de Mombasa.

El Banco Mundial estudia un crédito de 77 millones de euros, según Ajay Banga, para Ruanda y Burundi.
La oposición de Bobi Wine pidió publicar el texto antes del 3 de junio."""

UNRELATED = """El festival de cine de San Sebastián abrió con una película de Pedro Costa ante 1.200 espectadores.
La actriz Laura Morante presentó el premio junto a Carlos Saura el 22 de septiembre.

El jurado, presidido por Agnieszka Holland, verá 17 películas de 11 países en nueve días."""


def ground_in(texts: list[str], languages: list[str]) -> Ground:
    return ground_of(anchors_of(columns_of(texts), texts, languages), texts)


@pytest.fixture(scope="module")
def ground() -> Ground:
    return ground_in([ENGLISH, SPANISH, SAME_EVENT, UNRELATED], ["en", "es", "es", "es"])


PAIRS = np.array([[0, 1], [0, 2], [0, 3]], np.uint32)


def test_a_translation_is_found_and_the_same_event_is_not(ground: Ground) -> None:
    """Of three texts, the one that tells the same in the same order is the translation."""
    scores = score_translations(PAIRS, ground)
    assert scores.tiers.tolist() == [Tier.TRANSLATION, Tier.NONE, Tier.NONE]
    assert scores.probability[0] > 0.9
    assert (scores.probability[1:] < 0.5).all()


def test_every_paragraph_has_its_counterpart(ground: Ground) -> None:
    """Passages join line to line, in order, and never run over the end of one."""
    (spans,) = align_translations(PAIRS[:1], ground)
    lines = [home(ENGLISH, span.a) for span in spans]
    assert lines == [home(SPANISH, span.b) for span in spans]
    assert lines == sorted(set(lines))
    assert len(lines) >= 5
    for span in spans:
        assert span.view == "anchors"
        assert "\n" not in ENGLISH[slice(*span.a)] + SPANISH[slice(*span.b)]


LINES = [line for line in ENGLISH.splitlines() if line]
COUNTERPARTS = [line for line in SPANISH.splitlines() if line]


@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.sampled_from(LINES), max_size=8),
    st.lists(st.sampled_from(COUNTERPARTS), max_size=8),
)
def test_passages_are_whole_sentences_in_order(one: list[str], other: list[str]) -> None:
    """Whatever the texts are made of, passages advance in both and share nothing."""
    texts = ["\n".join(one), "\n".join(other)]
    ground = ground_in(texts, ["en", "es"])
    (spans,) = align_translations(PAIRS[:1], ground)
    for side, text in enumerate(texts):
        ends = {*ground.sentences.ends.tolist()}
        starts = {*ground.sentences.starts.tolist()}
        reached = 0
        for span in spans:
            start, end = (span.a, span.b)[side]
            assert reached <= start < end <= len(text)
            assert start in starts
            assert end in ends
            reached = end
    odds = score_translations(PAIRS[:1], ground).log_odds
    assert not np.isnan(odds).any()


def home(text: str, span: Span) -> int:
    return text[: span[0]].count("\n")


def test_nothing_in_common() -> None:
    """Texts without names and numbers have no probability, and do no harm."""
    texts = ["It rained again.", "", "\n\n", "Volvió a llover."]
    ground = ground_in(texts, ["en", "en", "fr", "es"])
    pairs = np.array([[0, 3], [1, 3], [1, 2]], np.uint32)
    scores = score_translations(pairs, ground)
    assert not scores.probability.any()
    assert (scores.tiers == Tier.NONE).all()
    assert scores.parts.shape == (3, len(PARTS))
    assert align_translations(pairs, ground) == [(), (), ()]
    none = score_translations(np.empty((0, 2), np.uint32), ground)
    assert none.tiers.shape == (0,)


def test_a_rival_takes_the_possible_tier() -> None:
    """What two texts in one language share alike with a third is possible for neither."""
    lines = ENGLISH.splitlines()
    start = "\n".join(SPANISH.splitlines()[:2])
    texts = ["\n".join(lines[:2]), start, start.replace("ferrocarril", "tren")]
    ground = ground_in(texts, ["en", "es", "es"])
    pairs = np.array([[0, 1], [0, 2]], np.uint32)
    spec = TranslationSpec(bar=99, cut_bar=99, possible=-99)
    assert (score_translations(pairs, ground, spec).tiers == Tier.NONE).all()
    assert (score_translations(pairs[:1], ground, spec).tiers == Tier.POSSIBLE).all()
    versions = np.array([0, 1, 1])
    both = score_translations(pairs, ground, spec, versions=versions)
    assert (both.tiers == Tier.POSSIBLE).all()


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("The U.S. agreed. Iran did not.", ["The U.S. agreed.", "Iran did not."]),
        ("3.5 million\nwent home", ["3.5 million", "went home"]),
        ("他来了。她走了！", ["他来了。", "她走了！"]),
        ("هل عاد؟ نعم۔", ["هل عاد؟", "نعم۔"]),
        ('He said "no." She left.', ['He said "no."', "She left."]),
        (" \n \n", []),
    ],
)
def test_sentences(text: str, sentences: list[str]) -> None:
    """Sentences end where their script ends them, and at the end of a line."""
    found = sentences_of(["", text])
    spans = zip(found.starts.tolist(), found.ends.tolist(), strict=True)
    assert [text[start:end] for start, end in spans] == sentences
    assert found.offsets.tolist() == [0, 0, len(sentences)]
