"""The Chinese catalogue: collected from every kind of place a message can stand in, and read in Chinese.

That it is complete and compiled is one of the checks of script/test."""

import re
from pathlib import Path

import polib
from django.utils import translation
from django.utils.translation import gettext

from fund.management.commands.messages import CATALOGUE
from fund.project.catalogue import Message, _in_jinja, _in_python, _in_template, collect

NAMES = re.compile(r"%\((\w+)\)")


def test_messages_are_found_in_every_kind_of_tag(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text(
        "{% load i18n %}{% translate 'plain' %}{% if x %}{% translate 'inside' context 'where' %}{% endif %}"
        "{% blocktranslate with n=1 %}block {{ n }}{% endblocktranslate %}"
        "{% blocktranslate count n=2 trimmed %}\n  one {{ n }}\n{% plural %}\n  many {{ n }}\n{% endblocktranslate %}"
        "{% with y=_('argument') %}{{ y }}{% endwith %}",
        encoding="utf-8",
    )
    assert set(_in_template(page)) == {
        Message("plain"),
        Message("inside", context="where"),
        Message("block %(n)s"),
        Message("one %(n)s", plural="many %(n)s"),
        Message("argument"),
    }


def test_messages_are_found_in_the_rows_of_lists(tmp_path: Path) -> None:
    rows = tmp_path / "rows.html"
    rows.write_text(
        "{{ _('plain, 5 %') }}{% macro a(n) %}{{ pgettext('of what', 'c') }}"
        "{% trans n=n %}one {{ n }}{% pluralize %}many {{ n }}{% endtrans %}{% endmacro %}",
        encoding="utf-8",
    )
    assert set(_in_jinja(rows)) == {
        Message("plain, 5 %"),
        Message("c", context="of what"),
        Message("one %(n)s", plural="many %(n)s"),
    }


def test_messages_are_found_in_python(tmp_path: Path) -> None:
    module = tmp_path / "module.py"
    module.write_text(
        "_('a' 'b')\nngettext('one', 'many', 2)\npgettext('of what', 'c')\nprint('no')\n", encoding="utf-8"
    )
    found = {Message("ab"), Message("one", plural="many"), Message("c", context="of what")}
    assert set(_in_python(module)) == found


def test_messages_read_chinese_when_chinese_is_chosen() -> None:
    """What the page shows, not what the file says."""
    plain = [message.singular for message in collect() if not message.plural and not message.context]
    with translation.override("zh-hans"):
        shown = {text: gettext(text) for text in plain if _has_words(text)}
    assert len(shown) > 1000
    assert not [text for text, said in shown.items() if not any("一" <= letter <= "鿿" for letter in said)]


def _has_words(text: str) -> bool:
    return any(part.isalpha() and part.islower() and len(part) > 3 for part in text.split())


def test_a_chinese_message_can_be_filled_in_as_the_english_one() -> None:
    """A lone percent sign in it would fail the page."""
    wrong = []
    for entry in polib.pofile(str(CATALOGUE)):
        for text in (entry.msgstr, *entry.msgstr_plural.values()):
            values = dict.fromkeys(NAMES.findall(entry.msgid), 1)
            try:
                _filled = text % values if values else ""
            except (TypeError, ValueError, KeyError):
                wrong.append(f"{entry.msgid} → {text}")
    assert not wrong
