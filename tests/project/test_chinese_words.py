"""The Chinese that ships: one word for one thing (docs/reference/glossary.csv), simplified, punctuated as Chinese."""

from __future__ import annotations

import ast
import csv
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import polib
import pytest
from django.conf import settings
from django.utils import translation

from portfolio.folding import simplified
from portfolio.universe import flags

ROOT = Path(settings.BASE_DIR)
GLOSSARY = ROOT / "docs/reference/glossary.csv"
CATALOGUE = ROOT / "fund/locale/zh_Hans/LC_MESSAGES/django.po"
PACKAGES = ("fund", "portfolio", "scoring")
CHINESE = re.compile("[\u3400-\u9fff]")
HALF_WIDTH = re.compile("[\u3400-\u9fff][,;:?!()]|[,;:?!()][\u3400-\u9fff]")
# Chinese beside Latin or digits has a space between; 1.2万, 5亿 and a whole date have none.
TOUCHING = re.compile("[\u3400-\u9fff][A-Za-z0-9]|[A-Za-z0-9](?![万亿])[\u3400-\u9fff]")
LOOSE = re.compile(r"\s[，。：；？！（）、“”]|[，。：；？！（）、“”]\s|\d\s+[万亿%]")
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%[s%]|\{[^{}]*\}|<[^<>]+>")
DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")

# Words that people and sources write and we only read: they are kept as they come.
READ_NOT_WRITTEN = {
    "portfolio/data/activity_words.csv",
    "portfolio/data/demo_candidates/names.csv",
    "portfolio/data/demo_universe/names.csv",
    "portfolio/data/target_words.csv",
    "portfolio/typed/text.py",
    "portfolio/universe/sources.py",
    "scoring/data/track_keywords.csv",
    "scoring/engine/estimator/features.py",
}
# Says which words were not taken, so it has to name them.
ABOUT_WORDS = {"docs/why/2026-11-30-chinese-words.md"}


@lru_cache(maxsize=1)
def refused() -> re.Pattern[str]:
    """What the glossary replaces, as one pattern of its column `refused`."""
    with GLOSSARY.open(encoding="utf-8", newline="") as file:
        return re.compile("|".join(row["refused"] for row in csv.DictReader(file) if row["refused"]))


def catalogue() -> Iterator[tuple[str, str]]:
    for entry in polib.pofile(str(CATALOGUE)):
        for text in (entry.msgstr, *entry.msgstr_plural.values()):
            if text:
                yield f"catalogue: {entry.msgid}", text


def tables() -> Iterator[tuple[str, str]]:
    """Cells of the columns that are ours to write: name_zh, reason_zh and the like."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.csv")):
            if (name := path.relative_to(ROOT).as_posix()) in READ_NOT_WRITTEN:
                continue
            with path.open(encoding="utf-8-sig", newline="") as file:
                for number, row in enumerate(csv.DictReader(file), start=2):
                    for column, text in row.items():
                        if column and column.endswith("_zh") and text:
                            yield f"{name}:{number} {column}", text


def python() -> Iterator[tuple[str, str]]:
    """Strings of the code, without what describes it."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if (name := path.relative_to(ROOT).as_posix()) in READ_NOT_WRITTEN or "migrations" in path.parts:
                continue
            tree = ast.parse(path.read_text(encoding="utf-8"))
            described = {node.value for node in ast.walk(tree) if isinstance(node, ast.Expr)}
            for node in ast.walk(tree):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in described:
                    yield f"{name}:{node.lineno}", node.value


def pages() -> Iterator[tuple[str, str]]:
    """Lines of templates and of the documentation."""
    paths = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    for package in PACKAGES:
        paths += [
            *(ROOT / package).rglob("*.html"),
            *(ROOT / package).rglob("*.txt"),
            *(ROOT / package).rglob("*.json"),
        ]
    for path in sorted(paths):
        if (name := path.relative_to(ROOT).as_posix()) not in ABOUT_WORDS:
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
                yield f"{name}:{number}", line


def sentences() -> Iterator[tuple[str, str]]:
    """What a page shows as a sentence of ours: the catalogue, the engine's sentences, and the reasons in tables."""
    yield from catalogue()
    for where, text in python():
        if "/words.py:" in where:
            yield where, text
    for where, text in tables():
        if where.endswith(("reason_zh", "about_zh")):
            yield where, text


def faults(text: str) -> list[str]:
    """How a Chinese sentence breaks the rules of punctuation and spaces."""
    if not CHINESE.search(text):
        return []
    plain = DATE.sub("", PLACEHOLDER.sub("\N{WHITE SQUARE}", text))
    return [match.group() for rule in (HALF_WIDTH, TOUCHING, LOOSE) for match in rule.finditer(plain)]


def test_the_words_that_the_glossary_replaces_are_nowhere() -> None:
    said = [
        f"{where}: {found.group()} in {text.strip()[:60]}"
        for where, text in (*catalogue(), *tables(), *python(), *pages())
        if CHINESE.search(text) and (found := refused().search(text))
    ]
    assert not said, "\n".join(said)


@pytest.mark.parametrize(
    "text", ["待核验", "一份披露", "上传凭证", "下载评分凭证", "绿灯", "低位热值", "基年", "范围 1"]
)
def test_a_word_that_is_replaced_is_seen(text: str) -> None:
    assert refused().search(text)


@pytest.mark.parametrize("text", ["待核查", "公开披露", "复算凭证", "低位发热量", "基准年", "范围一", "证据等级"])
def test_a_word_of_the_glossary_is_left_alone(text: str) -> None:
    assert not refused().search(text)


def test_sentences_are_punctuated_as_chinese() -> None:
    found = [f"{where}: {faults(text)} in {text}" for where, text in sentences() if faults(text)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize(
    "text",
    ["排放,单位", "排放: 高", "（排放)", "方法2", "表3.2", "2024年数据", "占 5 %", "10 亿元", "排放 ，单位", "is排放"],
)
def test_a_fault_of_punctuation_is_seen(text: str) -> None:
    assert faults(text)


@pytest.mark.parametrize(
    "text",
    ["排放，单位", "方法 2：误差", "2024 年", "占 5%", "10亿元", "1.2万", "2026年11月29日", "共 %(n)s家", "a, b: c"],
)
def test_a_sentence_as_it_should_be_is_left_alone(text: str) -> None:
    assert not faults(text)


def test_what_we_write_is_in_simplified_characters() -> None:
    plain = ((where, text.replace("乾", "")) for where, text in (*catalogue(), *tables()))  # as in 乾县
    found = [f"{where}: {text}" for where, text in plain if simplified(text) != text]
    assert not found, "\n".join(found)


def test_the_product_has_one_name() -> None:
    assert dict(catalogue())["catalogue: Greenlight"] == "Greenlight"


@pytest.mark.parametrize(
    ("context", "english", "chinese"), [(None, "Reason", "理由"), (None, "Share", "占比"), ("verb", "Share", "共享")]
)
def test_a_short_word_says_its_own_thing(context: str | None, english: str, chinese: str) -> None:
    """Each was once read on a page as another word: 质量与佐证 over a reason, 占比 on the button that shares a view."""
    [entry] = [each for each in polib.pofile(str(CATALOGUE)) if (each.msgctxt, each.msgid) == (context, english)]
    assert entry.msgstr == chinese


@pytest.mark.parametrize("note", flags.OF_JOINS)
def test_our_note_on_a_join_reads_chinese(note: str) -> None:
    with translation.override("zh-hans"):
        assert CHINESE.search(flags.in_words(note))
