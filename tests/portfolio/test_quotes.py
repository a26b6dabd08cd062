"""Words of others stand as they were written, with their language and in quotation marks."""

from __future__ import annotations

import pytest
from django.utils import translation

from portfolio.models import Quantity
from portfolio.templatetags.quotes import cited, language_of, quoted
from portfolio.typed.unit_words import unit_word


@pytest.mark.parametrize(
    ("text", "language"),
    [("net zero by 2050", "en"), ("以「2050 淨零排放」為最終目標", "zh-Hans"), ("2050", ""), ("", "")],
)
def test_the_language_of_a_text_is_known_by_its_letters(text: str, language: str) -> None:
    assert language_of(text) == language


def test_a_quotation_has_marks_and_its_language_and_is_escaped() -> None:
    assert quoted("net <b>zero</b>") == '<q lang="en">net &lt;b&gt;zero&lt;/b&gt;</q>'
    assert quoted("2050") == "<q>2050</q>"


def test_a_source_is_quoted_where_it_is_not_of_the_pages_language() -> None:
    with translation.override("zh-hans"):
        assert cited("Annual report 2024") == '<q lang="en">Annual report 2024</q>'
        assert cited("2024 年年度报告") == "2024 年年度报告"
    with translation.override("en"):
        assert cited("Annual <report>") == "Annual &lt;report&gt;"
        assert cited("2024 年年度报告") == '<q lang="zh-Hans">2024 年年度报告</q>'


def test_no_unit_of_a_figure_is_an_english_word_in_chinese() -> None:
    with translation.override("zh-hans"):
        labels = {quantity.unit_label for quantity in Quantity}
        assert {"元", "个月"} <= labels and not {"CNY", "months"} & labels
    with translation.override("en"):
        assert unit_word("CNY") == "CNY"
