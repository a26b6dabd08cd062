"""The main pages in Chinese: whatever they say in our words is said in Chinese."""

from __future__ import annotations

import re
from html.parser import HTMLParser

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from fund.models import Candidate
from portfolio.models import Disclosure
from tests import make

HIDDEN = {"script", "style", "code", "kbd", "title", "textarea"}
VOID = {"input", "br", "meta", "link", "img", "hr", "use", "rect", "line"}
WORDS = re.compile(r"[A-Za-z]{3,}")
CHINESE = re.compile("[\u3400-\u9fff]")
NAMES = re.compile(
    r"Greenlight|English|SHA-256|USCC|LEI|ISIN|ISIC|SBTi|RE100|CNY|TWD|tCO₂e|kWh|CHN|Shuguang Storage|Chongqing|"
    r"demo[-\w]*|"
    r"alice|bob|carol|dan|erin|test|report|none|made for a|all sites|halve it|fits the fund|in print|"
    r"[0-9a-f]{12,}…?|admin\.\S+|\w+\.\w+|\w+:\d+"
)


class _Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not HIDDEN & set(self.open):
            self.found.append(" ".join(data.split()))


def english_in(page: str) -> list[str]:
    reader = _Texts()
    reader.feed(page)
    return [text for text in reader.found if not CHINESE.search(text) and WORDS.search(NAMES.sub("", text))]


def test_the_reader_finds_what_is_not_chinese() -> None:
    assert english_in("<p>Change, %</p><p>变动（%）</p><code>abc</code><b>tCO₂e</b>") == ["Change, %"]


@pytest.mark.django_db
def test_the_main_pages_say_nothing_in_english() -> None:
    company = make.scoreable()
    alice, bob, carol, dan, erin = make.alice(company), make.bob(), make.carol(), make.dan(), make.erin()
    fund = make.fund()
    Candidate.of(fund, company, by=dan)
    score = make.score(company, timezone.localdate())
    make.mandate(
        fund=fund, valid_from="2025-01-01", min_cleared=2, gates_passed_required=True, confirmed_track_required=True
    )
    proposal = make.proposal(score, dan, fund, kind="watch", failed_rules_note="in print")
    draft = Disclosure.open_year(company, 2021, by=alice)
    waiting = make.disclosure(company, 2020, state=Disclosure.State.DRAFT)
    waiting.submit(by=alice)
    pages = {
        carol: [
            reverse("candidates"),
            reverse("scoring:peers"),
            company.get_absolute_url(),
            score.run.get_absolute_url(),
            reverse("scoring:runs"),
        ],
        alice: [
            reverse("disclosures"),
            reverse("portfolio:new"),
            draft.get_absolute_url(),
            reverse("portfolio:submit", args=[draft.pk]),
            waiting.get_absolute_url(),
        ],
        bob: [reverse("scoring:cases"), reverse("scoring:case", args=[waiting.pk])],
        erin: [
            reverse("admin:index"),
            reverse("admin:portfolio_company_changelist"),
            proposal.get_absolute_url(),
            reverse("admin:fund_proposal_change", args=[proposal.pk]),
            reverse("proposals"),
            reverse("propose", args=[score.company_id]) + f"?score={score.pk}",
        ],
    }
    left = {}
    for person, addresses in pages.items():
        client = Client()
        client.cookies["django_language"] = "zh-hans"
        client.force_login(person)
        for address in addresses:
            answer = client.get(address)
            assert answer.status_code == 200, address
            if found := english_in(answer.content.decode()):
                left[address] = found
    assert not left
