"""Which language a text is in."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from provenance.text.language import detect_language

SENTENCES = {
    "ar": "قال وزير الطاقة إن المحطة الجديدة التي افتتحت اليوم سوف تعمل على مدار الساعة في المدينة",
    "en": "The minister of energy said that the new station, which was opened today, will work all day",
    "fr": "Le ministre de l'Énergie a déclaré que la nouvelle centrale, qui a été inaugurée, est prête",
    "es": "El ministro de Energía dijo que la nueva central, que fue inaugurada hoy, ya está lista",
    "de": "Der Minister sagte, dass das neue Kraftwerk, das heute eröffnet wurde, nicht fertig ist",
    "pt": "O ministro da Energia disse que a nova usina, que foi inaugurada hoje, não está pronta",
    "it": "Il ministro ha detto che la nuova centrale, che è stata inaugurata oggi, non è pronta",
    "ru": "Министр сказал, что новая станция, которую открыли сегодня, будет работать весь год",
    "uk": "Міністр сказав, що нова станція, яку відкрили сьогодні, буде працювати цілий рік",
    "bg": "Министърът каза, че новата централа, която беше открита днес, ще работи целия ден",
    "sr": "Министар је рекао да ће нова централа, која је отворена данас, радити целе године",
    "tr": "Bakan, bugün açılan yeni santralin gün boyunca çalışacağını ve çok büyük olduğunu söyledi",
    "fa": "وزیر نیرو گفت که نیروگاه جدید که امروز افتتاح شد از این پس در تمام روز کار می کند",
    "ur": "وزیر توانائی نے کہا کہ نیا بجلی گھر جس کا آج افتتاح ہوا ہے دن بھر کام کرے گا اور یہ بڑا ہے",
    "ckb": "وەزیری وزە ڕایگەیاند کە وێستگە نوێیەکە کە ئەمڕۆ کرایەوە لە هەموو ڕۆژدا کار دەکات",
    "he": "שר האנרגיה אמר כי התחנה החדשה שנפתחה היום תפעל לאורך כל היום",
    "zh": "能源部长表示，今天启用的新电站将全天运行，这是该市的第一座电站",
    "ja": "エネルギー大臣は、本日開設された新しい発電所が終日稼働すると述べた",
    "ko": "에너지부 장관은 오늘 문을 연 새 발전소가 하루 종일 가동될 것이라고 말했다",
    "id": "Menteri energi mengatakan bahwa pembangkit baru yang dibuka hari ini akan bekerja setiap hari",
    "ms": "Menteri tenaga berkata stesen baharu yang dibuka hari ini boleh bekerja selepas ini kerana ia",
    "nl": "De minister zei dat de nieuwe centrale, die vandaag werd geopend, niet het hele jaar werkt",
    "sw": "Waziri wa nishati alisema kuwa kituo kipya ambacho kimefunguliwa leo ni kwa ajili ya watu wa mji",
    "hi": "ऊर्जा मंत्री ने कहा कि नया बिजलीघर जो आज खोला गया है वह दिन भर काम करेगा",
    "pl": "Minister powiedział, że nowa elektrownia, która została dziś otwarta, nie będzie działać",
    "cs": "Ministr řekl, že nová elektrárna, která byla dnes otevřena, bude podle něj pracovat celý rok",
    "sk": "Minister povedal, že nová elektráreň, ktorá bola dnes otvorená, bude podľa neho pracovať",
    "sv": "Ministern sade att det nya kraftverket, som öppnades i dag, inte är färdigt och ska byggas ut",
    "da": "Ministeren sagde, at det nye kraftværk, som blev åbnet i dag, ikke er færdigt og skal udbygges",
    "ro": "Ministrul a spus că noua centrală, care a fost deschisă astăzi, nu este gata și va fi extinsă",
    "ca": "El ministre va dir que la nova central, que ha estat inaugurada avui, també és la més gran",
    "vi": "Bộ trưởng cho biết nhà máy mới được khánh thành hôm nay sẽ hoạt động trong cả năm",
    "el": "Ο υπουργός είπε ότι ο νέος σταθμός που άνοιξε σήμερα θα λειτουργεί όλη την ημέρα",
}


@pytest.mark.parametrize("language", sorted(SENTENCES))
def test_one_sentence_of_running_text_is_enough(language: str) -> None:
    """A sentence of a dozen words is recognized in each of the languages."""
    assert detect_language(SENTENCES[language]) == language


@pytest.mark.parametrize("text", ["", " \n", "12 345 !?", "\N{FACE WITH TEARS OF JOY}"])
def test_without_letters_there_is_no_language(text: str) -> None:
    """Numbers, signs and nothing have no language."""
    assert detect_language(text) == ""


def test_farsi_keyboard_letters_do_not_make_arabic_persian() -> None:
    """Arabic typed with the Farsi forms of ya and kaf stays Arabic."""
    retyped = (
        SENTENCES["ar"]
        .replace("\N{ARABIC LETTER YEH}", "\N{ARABIC LETTER FARSI YEH}")
        .replace("\N{ARABIC LETTER KAF}", "\N{ARABIC LETTER KEHEH}")
    )
    assert detect_language(retyped) == "ar"


def test_a_quoted_name_in_another_script_does_not_count() -> None:
    """A Latin company name inside Arabic text leaves it Arabic."""
    assert (
        detect_language("قالت شركة International Business Machines في بيان " + SENTENCES["ar"])
        == "ar"
    )


@given(st.text(max_size=300))
def test_any_text_has_a_tag_or_none(text: str) -> None:
    """Whatever the text, the answer is an empty string or a lower-case tag, and always the same."""
    found = detect_language(text)
    assert found == "" or (found.isalpha() and found.islower() and len(found) in {2, 3})
    assert detect_language(text) == found


def test_only_the_beginning_is_read() -> None:
    """A long tail in another language does not change the answer."""
    beginning = (SENTENCES["fr"] + ". ") * 7
    assert detect_language(beginning + SENTENCES["ar"] * 50) == "fr"
