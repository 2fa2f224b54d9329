"""Anchors: what names, numbers and dates of many scripts have in common, and what columns promise."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from provenance.sketch.anchoring import anchors_of
from provenance.sketch.gazetteer import DATE, KIND_BITS, NUMBER, PLACE, SKELETON, WORD
from provenance.sketch.wording import COUNTED_FROM
from provenance.text.columns import columns_of

NAMES = """
en Merkel|ar ميركل|ru Меркель|he מרקל|el Μέρκελ|hi मर्केल|ko 메르켈|ja メルケル
en Trump|ar ترامب|ru Трамп|he טראמפ|el Τραμπ|hi ट्रम्प|zh 特朗普|ko 트럼프|ja トランプ
en Zelensky|ar زيلينسكي|ru Зеленский|uk Зеленський|he זלנסקי|hi ज़ेलेंस्की|zh 泽连斯基|ko 젤렌스키
en Erdogan|tr Erdoğan|ar أردوغان|ru Эрдоган|he ארדואן|fa اردوغان
en Macron|ar ماكرون|ru Макрон|he מקרון|el Μακρόν|hi मैक्रों|zh 马克龙|ja マクロン
en Johnson|ar جونسون|ru Джонсон|he ג'ונסון|el Τζόνσον|hi जॉनसन|fa جانسون
en Guterres|ar غوتيريش|ru Гутерриш|he גוטרש|es Guterres|pt Guterres
en Netanyahu|ar نتنياهو|ru Нетаньяху|he נתניהו|el Νετανιάχου|fa نتانیاهو
en Clinton|ar كلينتون|ru Клинтон|he קלינטון|el Κλίντον|hi क्लिंटन|zh 克林顿|ko 클린턴|ja クリントン
en Microsoft|ar مايكروسوفت|ru Майкрософт|he מיקרוסופט|hi माइक्रोसॉफ्ट|ko 마이크로소프트|ja マイクロソフト
en Ronaldo|ar رونالدو|ru Роналду|he רונאלדו|el Ρονάλντο|hi रोनाल्डो|zh 罗纳尔多|ja ロナルド
en Stoltenberg|ar ستولتنبرغ|ru Столтенберг|he סטולטנברג|el Στόλτενμπεργκ
en Khashoggi|ar خاشقجي|ru Хашогги|fa خاشقجی
en Gaddafi|ar القذافي|ru Каддафи|he קדאפי|fa قذافی
en Netflix|ar نتفليكس|ru Нетфликс|he נטפליקס|hi नेटफ्लिक्स|ja ネットフリックス
en Facebook|ar فيسبوك|ru Фейсбук|he פייסבוק|hi फेसबुक|fa فیسبوک
en Hollande|ar هولاند|ru Олланд|he הולנד|el Ολάντ
en Schumacher|ar شوماخر|ru Шумахер|he שומאכר|el Σουμάχερ
en Boeing Dreamliner|ar دريملاينر|ru Дримлайнер|fa دریم‌لاینر
en Solskjaer|no Solskjær|ar سولسكاير|ru Сульшер
en Lukashenko|ar لوكاشينكو|ru Лукашенко|uk Лукашенко|he לוקשנקו|zh 卢卡申科|zh 盧卡申科|ko 루카셴코
en Medvedev|ar ميدفيديف|ru Медведев|he מדבדב|el Μεντβέντεφ
en Gorbachev|ar غورباتشوف|ru Горбачев|he גורבצ'וב|fa گورباچف
en Beckham|ar بيكهام|ru Бекхэм|hi बेकहम|ko 베컴
en Federer|ar فيدرر|ru Федерер|he פדרר|el Φέντερερ|ja フェデラー
en Abramovich|ar أبراموفيتش|ru Абрамович|he אברמוביץ|fa آبراموویچ
en Lewandowski|pl Lewandowskiego|ar ليفاندوفسكي|ru Левандовски|he לבנדובסקי
en Draghi|ar دراغي|ru Драги|he דראגי|el Ντράγκι
en Tsipras|ar تسيبراس|ru Ципрас|el Τσίπρας|he ציפראס
en Mitsotakis|ar ميتسوتاكيس|ru Мицотакис|el Μητσοτάκης
en Bolsonaro|ar بولسونارو|ru Болсонару|he בולסונרו|ko 보우소나루|ja ボルソナロ
en Maduro|ar مادورو|ru Мадуро|he מדורו|zh 马杜罗|ko 마두로
en Soleimani|ar سليماني|ru Сулеймани|he סולימאני|fa سلیمانی
en Khamenei|ar خامنئي|ru Хаменеи|fa خامنه‌ای
en Rafsanjani|ar رفسنجاني|ru Рафсанджани|fa رفسنجانی
en Ghannouchi|ar الغنوشي|ru Ганнуши
en Nasrallah|ar نصرالله|ru Насралла|he נסראללה|fa نصرالله
en Bashir|ar البشير|ru Башир|he באשיר
en Morsi|ar مرسي|ru Мурси|he מורסי
en Sarkozy|ar ساركوزي|ru Саркози|he סרקוזי|el Σαρκοζί
en Kavanaugh|ar كافانو|ru Кавано
en Corbyn|ar كوربين|ru Корбин|he קורבין|el Κόρμπιν
en Sturgeon|ar ستيرجن|ru Стерджен
en Thunberg|ar تونبرغ|ru Тунберг|he טונברג|hi थनबर्ग|ko 툰베리
en Epstein|ar إبستين|ru Эпштейн|he אפשטיין|el Επστάιν
en Weinstein|ar واينستين|ru Вайнштейн|he ויינשטיין|el Γουάινσταϊν
en Guardiola|ar غوارديولا|ru Гвардиола|he גווארדיולה
en Mourinho|ar مورينيو|ru Моуринью|he מוריניו|el Μουρίνιο
en Armstrong|ar أرمسترونغ|ru Армстронг|he ארמסטרונג|el Άρμστρονγκ
en Bangladesh|ar بنغلادش|ru Бангладеш|he בנגלדש|hi बांग्लादेश|zh 孟加拉国|ko 방글라데시|ja バングラデシュ
en Kandahar|ar قندهار|ru Кандагар|fa قندهار|hi कंधार
en Fukushima|ar فوكوشيما|ru Фукусима|he פוקושימה|hi फुकुशिमा
en Srebrenica|ar سربرنيتسا|ru Сребреница|he סרברניצה
en Chernobyl|ar تشيرنوبل|ru Чернобыль|he צ'רנוביל|el Τσερνόμπιλ
en Christchurch|ar كرايستشيرش|ru Крайстчерч|he קרייסטצ'רץ'
en Guantanamo|ar غوانتانامو|ru Гуантанамо|he גואנטנמו|el Γκουαντάναμο
en Strasbourg|ar ستراسبورغ|ru Страсбург|he שטרסבורג|el Στρασβούργο
en Manchester|ar مانشستر|ru Манчестер|he מנצ'סטר|hi मैनचेस्टर|ko 맨체스터|ja マンチェスター
en Barcelona|ar برشلونة|ru Барселона|he ברצלונה|hi बार्सिलोना
en Pfizer|ar فايزر|ru Пфайзер|he פייזר|hi फाइज़र
"""
ROWS = [
    [tuple(form.split(" ", 1)) for form in line.split("|")] for line in NAMES.strip().splitlines()
]


PADDING = (
    COUNTED_FROM  # texts of a language beside the one looked at: among a handful no key is rare
)


def anchored(texts, languages):
    return anchors_of(columns_of(texts), texts, languages)


def keys_of(anchors, text):
    rows = slice(anchors.offsets[text], anchors.offsets[text + 1])
    return set(anchors.values[anchors.keys[rows]].tolist())


def keys_in(*forms):
    """The keys of texts, each with its language, among empty ones."""
    languages = [language for language, _ in forms] + [form[0] for form in forms] * PADDING
    texts = [text for _, text in forms] + [""] * PADDING * len(forms)
    anchors = anchored(texts, languages)
    return [keys_of(anchors, text) for text in range(len(forms))]


def kinds_of(keys):
    return {key >> KIND_BITS for key in keys}


def shared(*forms):
    return set.intersection(*keys_in(*forms))


@pytest.mark.parametrize("row", ROWS, ids=[row[0][1] for row in ROWS])
def test_a_name_shares_a_key_with_itself_in_every_script(row):
    """Each two spellings of a name have a key in common."""
    forms = keys_in(*row)
    missing = [
        (a, b)
        for (a, of_a), (b, of_b) in combinations(zip(row, forms, strict=True), 2)
        if not of_a & of_b
    ]
    assert missing == []


def test_names_of_different_people_hardly_share_one():
    """Of all pairs of different names one in a thousand shares a skeleton."""
    forms = [form for row in ROWS for form in row]
    owners = [number for number, row in enumerate(ROWS) for _ in row]
    keys = [{key for key in its if key >> KIND_BITS in (WORD, SKELETON)} for its in keys_in(*forms)]
    pairs = [(a, b) for a, b in combinations(range(len(forms)), 2) if owners[a] != owners[b]]
    assert sum(bool(keys[a] & keys[b]) for a, b in pairs) < len(pairs) / 1_000


ALIKE = [
    (NUMBER, ["en 1.5 million", "en 1,500,000", "de 1,5 Millionen", "ar ١٫٥ مليون", "zh 150万", "fr 1 500 000"]),
    (NUMBER, ["en 2018", "ar ٢٠١٨", "fa ۲۰۱۸", "zh 2018年", "zh 二〇一八年", "hi २०१८", "ko 2018년"]),
    (NUMBER, ["en 50 million", "zh 五千万", "ja 5千万人", "ru 50 миллионов"]),
    (NUMBER, ["ko 150만", "en 1,500,000"]),
    (NUMBER, ["en the 25th", "ar و25", "he ב25", "ko 25일"]),
    (NUMBER, ["en 325", "zh 三百二十五人"]),
    (NUMBER, ["en seven", "ar سبعة", "ru семь", "he שבעה", "sw saba"]),
    (DATE, ["en May", "ar مايو", "ar أيار", "ru мая", "zh 5月3日", "en 2018-05-23", "de 23.05.2018"]),
    (DATE, ["ar رمضان", "ar شهر رمضان المبارك"]),
    (PLACE, ["en Germany", "ar ألمانيا", "ar بألمانيا", "ru Германия", "he גרמניה", "zh 德国", "zh 德國", "ko 독일은"]),
    (PLACE, ["en the United States", "ar والولايات المتحدة", "fr États-Unis", "ja アメリカ合衆国", "tr Amerika Birleşik Devletleri"]),
    (PLACE, ["en Turkish", "ar التركية", "ru Турции"]),
    (WORD, ["en @UNICEF_uk", "ar @unicef_uk", "zh 关注@UNICEF_uk。"]),
    (WORD, ["en https://example.org/a/", "ru (https://example.org/a)"]),
    (WORD, ["en write to Desk@Example.org", "ar desk@example.org"]),
    (WORD, ["tr Ankara'nın Brexit'e", "ar Brexit"]),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "texts"), ALIKE, ids=[texts[0] for _, texts in ALIKE])
def test_what_means_the_same_has_one_key(kind, texts):
    """Numbers, months, countries and addresses are the same in every language."""
    assert kind in kinds_of(shared(*(tuple(text.split(" ", 1)) for text in texts)))


DIFFERENT = [
    (NUMBER, "en 1.5 million", "ar 15 مليون"),
    (NUMBER, "zh 三百", "en 30"),
    (DATE, "en May", "ar مارس"),
    (DATE, "de 23.05.2018", "en March"),
    (PLACE, "en Niger", "ar نيجيريا"),
    (PLACE, "en Iraq", "ar إيران"),
    (WORD, "en @unicef", "ar @unesco"),
]


@pytest.mark.parametrize(("kind", "first", "second"), DIFFERENT)
def test_what_means_something_else_has_none(kind, first, second):
    """Neighboring numbers, months and countries are told apart."""
    assert kind not in kinds_of(shared(first.split(" ", 1), second.split(" ", 1)))


WORDS = (
    *("Merkel", "ميركل", "Меркель", "מרקל", "1,500", "12.05.2018", "١٢", "مليون", "Paris", "باريس"),
    *("والولايات", "المتحدة", "默克尔在柏林", "मर्केल", "मर्कल", "@dpa", "رمضان", "ג'ונסון"),
)
TEXTS = st.lists(
    st.tuples(
        st.lists(st.sampled_from(WORDS), max_size=12).map(" ".join) | st.text(max_size=20),
        st.sampled_from(["ar", "en", "ru", "zh", "he", "hi", ""]),
    ),
    min_size=1,
    max_size=6,
)


def rows_of(anchors, text):
    """Rows of a text as comparable tuples."""
    rows = slice(anchors.offsets[text], anchors.offsets[text + 1])
    return sorted(
        zip(
            anchors.values[anchors.keys[rows]].tolist(),
            anchors.weights[rows].tolist(),
            anchors.factors[rows].tolist(),
            anchors.places[rows].tolist(),
            anchors.words[rows].tolist(),
            strict=True,
        )
    )


@settings(max_examples=60, deadline=None)
@given(TEXTS)
def test_rows_lie_inside_their_text_and_are_sorted(documents):
    """Places are inside the text, keys ascend within it, and none weighs less than nothing."""
    texts, languages = zip(*documents, strict=True)
    anchors = anchored(list(texts), list(languages))
    assert anchors.offsets[0] == 0
    assert anchors.offsets[-1] == anchors.keys.size
    assert (anchors.weights >= 0).all()
    for text, letters in enumerate(texts):
        rows = slice(anchors.offsets[text], anchors.offsets[text + 1])
        assert ((anchors.places[rows] >= 0) & (anchors.places[rows] <= len(letters))).all()
        assert (np.diff(anchors.keys[rows].astype(np.int64)) >= 0).all()


@settings(max_examples=60, deadline=None)
@given(TEXTS, st.randoms(use_true_random=False))
def test_the_order_of_texts_does_not_matter(documents, random):
    """A text has the same anchors wherever it stands in the collection."""
    order = list(range(len(documents)))
    random.shuffle(order)
    straight = anchored(*map(list, zip(*documents, strict=True)))
    shuffled = anchored(*map(list, zip(*(documents[place] for place in order), strict=True)))
    for place, text in enumerate(order):
        assert rows_of(shuffled, place) == rows_of(straight, text)


def test_a_word_read_before_gives_what_it_gave():
    """What is remembered from a first reading equals the first reading."""
    texts = [f"Quorvath{number} visited Thessaloniki on 3.4.2011" for number in range(5)]
    first, again = anchored(texts, ["en"] * 5), anchored(texts, ["en"] * 5)
    for text in range(5):
        assert rows_of(first, text) == rows_of(again, text)


def test_texts_and_languages_must_be_as_many():
    """A missing language is an error of the caller."""
    with pytest.raises(ValueError, match="2 texts, 1 languages"):
        anchors_of(columns_of(["a", "b"]), ["a", "b"], ["en"])
