"""The tutorial, step by step, in both languages: what it prints in bold is on the page when the step is done.

`TUTORIAL_PICTURES=1` renews its pictures.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from fund.demo import candidates
from fund.models import Candidate, Decision, Proposal
from portfolio import audit
from portfolio.models import Company, Role
from scoring.runs import queue as runs
from tests import make
from tests.browser.conftest import LANGUAGES, WIDTHS, Visitor
from tests.make_candidates import score

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

DOCS = Path(__file__).resolve().parents[2] / "docs" / "tutorial"
PICTURES = DOCS.parents[1] / "fund" / "static" / "fund" / "tutorial"
HERO, BESIDE = "demo-linewind", ("demo-clearwind", "demo-untold")
Step = tuple[str, list[str], bool]  # its title, its words in bold, whether it has a picture


def steps(language: str) -> list[Step]:
    """As the tutorial numbers them."""
    text = (DOCS / f"{language[:2]}.md").read_text(encoding="utf-8")
    parts = re.split(r"^## \d+\. (.+)$", text, flags=re.MULTILINE)[1:]
    found = []
    for title, body in zip(parts[::2], parts[1::2], strict=True):
        found.append((title, re.findall(r"\*\*(.+?)\*\*", body), "![" in body))
    return found


class Walk:
    """One walk through the tutorial: what was on the pages of a step, and its pictures."""

    def __init__(self, language: str) -> None:
        self.language, self.number, self.seen = language, 0, ""

    def look(self, visitor: Visitor) -> None:
        self.seen += re.sub(r"\s+", " ", visitor.page.inner_text("body")) + " "
        self.seen += " ".join(field.input_value() for field in visitor.page.locator("input[type=text]").all()) + " "

    def done(self, visitor: Visitor, told: Step) -> None:
        """The step is over: its words were there. Renews the picture where it is asked to."""
        self.look(visitor)
        self.number += 1
        missing = [word for word in told[1] if word not in self.seen]
        assert not missing, f"step {self.number} ({told[0]}), {self.language}: {missing}"
        if told[2] and os.environ.get("TUTORIAL_PICTURES"):
            path = PICTURES / f"{self.number}-{self.language[:2]}.jpg"
            visitor.page.screenshot(path=str(path), type="jpeg", quality=80)
        self.seen = ""


def test_both_languages_have_the_same_steps_and_pictures() -> None:
    chinese, english = steps("zh-hans"), steps("en")
    assert [(len(words), picture) for _title, words, picture in chinese] == [
        (len(words), picture) for _title, words, picture in english
    ]
    for language in LANGUAGES:
        for number, (_title, _words, picture) in enumerate(steps(language), 1):
            assert not picture or (PICTURES / f"{number}-{language[:2]}.jpg").exists(), number


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tutorial_leads_from_the_list_to_a_decision(
    visit: Callable[..., Visitor], monkeypatch: pytest.MonkeyPatch, language: str
) -> None:
    monkeypatch.setattr(runs, "wake", lambda run_id: None)
    (
        make.user("manager", Role.FUND_MANAGER),
        make.user("verifier", Role.VERIFIER),
        make.user("reviewer", Role.INDEPENDENT_REVIEWER),
    )
    proposer = make.user("admin", Role.ADMIN)
    make.user("admin2", Role.ADMIN)
    fund = make.fund()
    candidates.set_up(fund, proposer)
    score(*Company.objects.filter(candidacies__isnull=False))
    hero = Company.objects.get(company_key=HERO)
    beside = list(Company.objects.filter(company_key__in=BESIDE))
    told, walk = steps(language), Walk(language)
    step = iter(told)

    manager = visit("manager", language, WIDTHS[0])  # 1
    page = manager.page
    manager.open("/app/")
    walk.done(manager, next(step))

    page.click("nav.rail a[href='/app/candidates/']")  # 2
    page.click(".track-tab--power_decarbonisation")
    page.wait_for_url(re.compile("track=power"))
    walk.done(manager, next(step))

    page.click(f"a[href='{hero.get_absolute_url()}']")  # 3
    page.wait_for_url(re.compile(hero.get_absolute_url()))
    walk.done(manager, next(step))

    part = page.locator("section[aria-labelledby=bar-o]")  # 4
    part.locator("summary").click()
    walk.look(manager)
    part.locator("a[data-drawer][href*='scope1']").click()
    page.locator("#drawer .figure-origin").wait_for()
    walk.done(manager, next(step))
    page.keyboard.press("Escape")

    manager.open("/app/candidates/?track=power_decarbonisation")  # 5
    walk.look(manager)
    for company in (hero, *beside):
        page.check(f"input[name=c][value='{company.pk}']")
    page.click("[data-key=compare]")
    page.wait_for_url(re.compile(r"/app/compare/"))
    walk.done(manager, next(step))

    page.click("nav.rail a[href='/app/what-if/']")  # 6
    page.wait_for_url(re.compile("what-if"), wait_until="load")  # its script listens
    page.fill("#id_carbon_price", "300")
    page.wait_for_url(re.compile("carbon_price=300"))
    walk.done(manager, next(step))

    manager.open(hero.get_absolute_url())  # 7
    walk.look(manager)
    page.click("form[action$='/shortlist/'] button")
    walk.done(manager, next(step))
    assert Candidate.objects.get(company=hero).stage == Candidate.Stage.SHORTLISTED

    walk.look(manager)
    page.click(".page-head__actions a[href*='/propose/']")  # 8
    page.select_option("select[name=kind]", "invest")
    page.fill("[name=amount_cny]", "5,000,000")
    page.fill("[name=reason]", "三项均达标 clears the three bars")
    note = page.locator("[name=failed_rules_note]")
    if note.count():
        note.fill("示例 illustrative")
    walk.done(manager, next(step))
    page.click(".decide__actions button")
    page.wait_for_url(re.compile(r"/app/proposals/\d+/"))

    second = visit("admin2", language, WIDTHS[0])  # 9
    walk.look(second)
    second.open(f"{hero.get_absolute_url()}decisions/")
    walk.look(second)
    second.open(Proposal.objects.get().get_absolute_url())
    walk.look(second)
    second.page.click(".decide__actions a")
    decide = second.page.locator("form[action$='/decide/']")
    choice = second.page.locator("[name=outcome]")
    if choice.first.evaluate("field => field.tagName") == "SELECT":
        choice.select_option("approved")
    else:
        second.page.check("[name=outcome][value=approved]")
    decide.locator("[name=reason]").fill("同意，数据已经核查 agreed, the figures are verified")
    walk.look(second)
    walk.done(second, next(step))
    with second.page.expect_navigation():
        decide.locator("button.default").click()
    walk.look(second)

    second.open(f"{hero.get_absolute_url()}decisions/")  # 10
    walk.done(second, next(step))
    assert next(step, None) is None
    assert Decision.objects.get().decided_by.username == "admin2"
    assert audit.verify().first_bad is None
