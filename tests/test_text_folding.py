"""Folding: the rules, the frozen table, and the laws of the reference."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyarabic import araby, normalize

from provenance.testing.strategies import texts
from provenance.text.folding import fold_text
from provenance.text.folding_rules import fold_character

CASES = [
    ("vowels and shadda", "مُحَمَّدٌ رَسُولٌ", "محمد رسول"),
    ("superscript alef", "هٰذا", "هذا"),
    ("tatweel inside a word", "العـــربية", "العربيه"),
    ("tatweel between blanks is a dash", "الرياض ـ واس", "الرياض واس"),
    ("alef forms", "أحمد إلى آخر ٱلله", "احمد الي اخر الله"),
    ("hamza on its carrier", "مسؤول بيئة", "مسوول بييه"),
    ("hamza on the line", "شيء", "شيء"),
    ("final ya and ta marbuta", "على المدرسة", "علي المدرسه"),
    ("Persian letters", "علی کتاب", "علي كتاب"),
    ("Persian zero width non-joiner", "می\u200cخواهم", "ميخواهم"),
    ("Urdu heh goal", "ہے", "هے"),
    ("Arabic-Indic and Persian digits", "٢٠٢٤ ۱۳۹۹", "2024 1399"),
    ("directional marks", "\u200fقال\u200e \u202bالرئيس\u202c", "قال الرييس"),
    ("no-break space", "قال\u00a0الرئيس", "قال الرييس"),
    ("punctuation", "قال، وأضاف؛ «نعم»؟", "قال واضاف نعم"),
    ("lone waw belongs to the next word", "قال و أضاف", "قال واضاف"),
    ("lone waw at the end stays", "قال و", "قال و"),
    ("a second lone waw is a word like another", "و و قال", "وو قال"),
    ("presentation forms", "\ufecb\ufee0\ufef0", "علي"),
    ("lam-alef ligature", "ا\ufefbن", "الان"),
    ("presentation form of a vowel", "ب\ufe76ب", "بب"),
    ("ligature of four words", "محمد\ufdfaقال", "محمد صلي الله عليه وسلم قال"),
    ("ligature of one word", "و\ufdf2", "والله"),
    ("case", "Reuters REUTERS", "reuters reuters"),
    ("sharp s", "Straße STRASSE", "strasse strasse"),
    ("accents, composed or not", "Élysée E\u0301lyse\u0301e", "elysee elysee"),
    ("Turkish i of four kinds", "Iİıi", "iiii"),
    ("Greek final sigma", "ΛΟΓΟΣ λόγος", "λογοσ λογοσ"),
    ("apostrophes of all kinds", "l'eau l’eau lʼeau", "l eau l eau l eau"),
    ("hyphen and slash", "Al-Jazeera km/h", "al jazeera km h"),
    ("ligatures", "ﬁnal oﬀice", "final office"),
    ("vulgar fraction", "3½", "3 1 2"),
    ("superscript", "m²", "m2"),
    ("circled and Roman numbers", "① Ⅳ", "1 iv"),
    ("trade mark beside a word", "Nutella™", "nutella"),
    ("soft hyphen", "Donau\u00addampf", "donaudampf"),
    ("full width", "ＡＢＣ　１２３", "abc 123"),
    ("Hebrew points", "שָׁלוֹם", "שלום"),
    ("ideographs are words", "中国新闻", "中 国 新 闻"),
    ("ideographs beside letters", "用iPhone拍", "用 iphone 拍"),
    ("compatibility ideograph", "\uf900", "豈"),
    ("squared word", "㍿", "株 式 会 社"),
    ("kana is cut at ideographs", "東京のニュース", "東 京 のニュース"),
    ("half width kana", "ﾆｭｰｽ", "ニュース"),
    ("Thai leading vowels", "ประเทศไทย", "ประ เทศ ไทย"),
    ("Lao leading vowels", "ປະເທດໄທ", "ປະ ເທດ ໄທ"),
    ("Hangul syllables stay", "한국 뉴스", "한국 뉴스"),
    ("Hangul letters compose", "한국", "한국"),
    ("a final joins a syllable", "가\u11a8", "각"),
    ("emoji separates", "نعم🙂لا", "نعم لا"),
    ("emoji with a variation selector", "ا❤\ufe0fب", "ا ب"),
    ("mathematical letters", "𝔘𝔫𝔦", "uni"),
    ("Adlam case", "\U0001e900", "\U0001e922"),
    ("NUL and controls", "a\x00b\x1bc", "a b c"),
    ("lone surrogate", "a\ud800b", "a b"),
    ("nothing", "", ""),
    ("nothing but separators", " \n\t.،", ""),
    ("nothing but marks", "\u064b\u0301\u200f", ""),
]


@pytest.mark.parametrize(("text", "folded"), [c[1:] for c in CASES], ids=[c[0] for c in CASES])
def test_folds(text, folded):
    """Each rule does what its name says."""
    assert fold_text(text) == folded


@given(texts())
def test_idempotent(text):
    """Folding a folded text changes nothing."""
    assert fold_text(fold_text(text)) == fold_text(text)


@given(texts(), texts())
def test_blank_separates(left, right):
    """Words on two sides of a blank fold independently, unless a lone waw reaches over."""
    words = fold_text(left).split()
    if not words or words[-1] != "\N{ARABIC LETTER WAW}":
        assert fold_text(left + " " + right) == " ".join([*words, *fold_text(right).split()])


ARABIC = st.text(
    st.one_of(
        st.sampled_from(" \u0640\u0653\u0654\u0655\u0670"),
        st.integers(0x0620, 0x0655).map(chr),
        st.integers(0x06D6, 0x06ED).map(chr),
        st.integers(0xFEF5, 0xFEFC).map(chr),
    ),
    max_size=40,
)

PYARABIC = {
    "strip_tashkeel": araby.strip_tashkeel,
    "strip_diacritics": araby.strip_diacritics,
    "strip_small": araby.strip_small,
    "strip_tatweel": araby.strip_tatweel,
    "strip_shadda": araby.strip_shadda,
    "normalize_ligature": araby.normalize_ligature,
    "normalize_teh": araby.normalize_teh,
    "normalize_spellerrors": normalize.normalize_spellerrors,
}


@pytest.mark.parametrize("name", sorted(PYARABIC))
@given(text=ARABIC)
def test_forgets_what_pyarabic_normalizes(name, text):
    """What pyarabic strips or unifies, folding has forgotten: doing it first changes nothing."""
    assert fold_text(PYARABIC[name](text)) == fold_text(text)


@given(text=st.text(st.sampled_from(araby.LETTERS + " "), max_size=40))
def test_carries_hamza_like_pyarabic(text):
    """Hamza goes to its carrier, as pyarabic's ``tasheel`` has it."""
    assert fold_text(araby.normalize_hamza(text, method="tasheel")) == fold_text(text)


@given(
    text=st.text(
        st.one_of(
            st.sampled_from(" .,-'"),
            st.integers(0x00C0, 0x0130).map(chr),
            st.integers(0x0300, 0x036F).map(chr),
            st.integers(0x0370, 0x03FF).map(chr),
            st.integers(0x0400, 0x052F).map(chr),
            st.integers(0x0591, 0x05EA).map(chr),
            st.integers(0x1E00, 0x1FFE).map(chr),
            st.integers(0xAC00, 0xAC40).map(chr),
            st.integers(0xFF10, 0xFF5A).map(chr),
            st.integers(0x1D400, 0x1D7FF).map(chr),
        ),
        max_size=40,
    )
)
def test_agrees_with_unicode(text):
    """Outside Arabic a folded text is the case-folded NFKD form without marks, cut at non-letters."""
    stripped, before = text, None
    while stripped != before:
        before = stripped
        decomposed = unicodedata.normalize("NFKD", stripped)
        letters = [c for c in decomposed if unicodedata.category(c)[0] != "M"]
        stripped = "".join(letters).casefold()
    kept = [c if unicodedata.category(c)[0] in "LN" else " " for c in stripped if c != "\xad"]
    expected = " ".join("".join(kept).split()).replace("\N{LATIN SMALL LETTER DOTLESS I}", "i")
    assert unicodedata.normalize("NFKD", fold_text(text)) == expected


def test_table_is_what_the_rules_say():
    """The frozen table holds the rules as of its Unicode version, wherever Unicode has characters.

    On a later Unicode, characters that were unassigned then are separators still.
    """
    for code in [*range(0x20000), *range(0x2F800, 0x2FA20), *range(0xE0000, 0xE0200)]:
        char = chr(code)
        # A letter between two others, so that separators and the lone waw show.
        if fold_text(f"x{char}x") != fold_text("x" + fold_character(char) + "x"):
            assert fold_text(f"x{char}x") == "x x"
            assert unicodedata.unidata_version != "14.0.0"
