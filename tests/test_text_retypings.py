"""A text typed again is the same text."""

import numpy as np
import pytest

from provenance.sketch.signatures import estimate_jaccard, sketch_texts
from provenance.testing.retypings import RETYPINGS

# Invented events, written for this test.
HARBOR = """\
أعلنت هيئة الموانئ، صباح الثلاثاء، إغلاق ميناء الصيد القديم في مدينة رأس المرجان بعد أن أدت عاصفة
رملية إلى انهيار جزء من الرصيف الشرقي، وقالت إن 37 قاربًا تضررت وإن اثنين من الصيادين نقلا إلى المستشفى.
وأوضح المتحدث باسم الهيئة، في مؤتمر صحفي، أن فرق الصيانة بدأت إزالة الأنقاض منذ الساعة 6:30، وأضاف:
"لن يعود الميناء إلى العمل قبل 14 يومًا على الأقل". وطالبت جمعية الصيادين بتعويض عاجل لأصحاب القوارب
الصغيرة؛ وأشارت إلى أن خسائر الموسم قد تتجاوز 2500 دينار لكل عائلة، وهو مبلغ لا تستطيع معظم الأسر تحمله.
وفي سياق متصل، أكد مكتب الأرصاد أن الرياح ستهدأ مساء الأربعاء، ودعا سكان القرى الساحلية إلى البقاء في
منازلهم، وإبعاد الأطفال عن الشاطئ، ومتابعة النشرات الرسمية. وكانت عاصفة مماثلة ضربت المنطقة عام 2009،
وألحقت أضرارًا كبيرة بالطريق الساحلي الوحيد الذي يربط المدينة بالعاصمة. ويقول خبراء إن بناء حاجز أمواج
جديد سيستغرق ثلاث سنوات، وسيكلف نحو 40 مليون دينار، غير أن الحكومة لم تقر أي ميزانية لهذا المشروع."""

LIBRARY = """\
افتتحت بلدية تل الزيتون مكتبة عامة للأطفال داخل محطة قطار مهجورة، وقد تطوع عشرات الطلاب لطلاء الجدران
ونقل أكثر من 9000 كتاب إلى الرفوف الجديدة خلال أسبوعين. وتقول مديرة المشروع إن الفكرة ولدت قبل أعوام حين
لاحظ أهالي الحي أن أقرب مكتبة تبعد ساعة كاملة بالحافلة، وأن كثيرًا من التلاميذ لا يقرأون إلا كتب المدرسة.
وتضم المكتبة قاعة للقصص المصورة، وركنًا للحكواتي كل خميس، وورشة صغيرة لتجليد الكتب القديمة يشرف عليها
حرفي متقاعد في السبعين من عمره. أما العربات الثلاث التي بقيت على السكة فستتحول في الصيف المقبل إلى مقهى
وإلى غرفة للموسيقى، إذا نجحت حملة التبرعات في جمع ما يلزم لإصلاح السقف وتركيب المصابيح والنوافذ."""


def jaccard(left, right):
    """Return the exact likeness of two texts, and check the estimate on the way."""
    sketches = sketch_texts([left, right])
    sets = [sketches.shingles[slice(*sketches.offsets[n : n + 2])] for n in range(2)]
    exact = np.intersect1d(*sets).size / np.union1d(*sets).size
    assert abs(estimate_jaccard(*sketches.signatures) - exact) < 0.18  # four standard deviations
    return exact


@pytest.mark.parametrize("text", [HARBOR, LIBRARY], ids=["harbor", "library"])
@pytest.mark.parametrize("name", sorted(RETYPINGS))
def test_retyped_text_is_the_same(name, text):
    """Each of the fifteen re-typings changes characters and leaves every shingle."""
    retyped = RETYPINGS[name](text)
    assert retyped != text
    assert jaccard(text, retyped) >= 0.95


def test_there_are_fifteen():
    """The list is complete."""
    assert len(RETYPINGS) == 15


@pytest.mark.parametrize("name", sorted(RETYPINGS))
def test_unrelated_text_stays_unrelated(name):
    """Folding does not make two articles alike."""
    assert jaccard(HARBOR, RETYPINGS[name](LIBRARY)) <= 0.02


def test_all_at_once():
    """All re-typings on top of each other leave the text what it is."""
    order = ["conjunction split off", *RETYPINGS, "presentation forms"]  # first and last by nature
    text = HARBOR
    for name in dict.fromkeys(order):
        text = RETYPINGS[name](text)
    assert jaccard(HARBOR, text) >= 0.95
