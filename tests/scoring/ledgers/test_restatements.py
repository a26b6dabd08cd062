"""What is kept of a ledger, and what newer factors lead to: a proposal, never a rewriting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from portfolio import audit
from portfolio.errors import NotAllowed, StaleVersion
from portfolio.models import Activity, Company, Disclosure, Mail, Role
from scoring.engine import digest
from scoring.engine.accounting import words
from scoring.ledgers import ledger, restatements
from scoring.models import Calculation, FactorUse, Restatement
from scoring.tables import imports as factor_import
from scoring.tasks import recheck_ledgers
from tests import make
from tests.portfolio.local_factors.test_local_factors import verified as verified_factor
from tests.scoring.tables.test_factors import CHONGQING, chongqing, reader

pytestmark = pytest.mark.django_db
State = Restatement.State


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoring.ledgers.restatements.tell", lambda task: None)


def electricity(**changes: Any) -> Activity:
    facts = {"kind": "electricity", "amount": 1e6, "unit": "kWh", "typed_amount": "1000", "typed_unit": "MWh"}
    return Activity(**(facts | {"place": "CN-CQ"} | changes))


def heat() -> Activity:
    return electricity(kind="heat", amount=100.0, unit="GJ", typed_amount="100", typed_unit="GJ", place="510100")


class Desk:
    """A company with its people, a verifier, and a disclosure of 2022 with a ledger."""

    def __init__(self, *lines: Activity) -> None:
        self.company: Company = make.company()
        self.alice, self.frank, self.bob = make.alice(self.company), make.frank(self.company), make.bob()
        facts = {"state": Disclosure.State.DRAFT, "created_by": self.alice}
        self.disclosure = make.disclosure(self.company, 2022, **facts)
        lines = lines or (electricity(),)
        self.disclosure.put_activities(by=self.alice, edition=self.disclosure.edition, activities=lines)

    def submit(self) -> Desk:
        self.disclosure.submit(by=self.alice)
        return self

    def verify(self) -> Desk:
        if self.disclosure.state == Disclosure.State.DRAFT:
            self.submit()
        make.verify(self.disclosure, self.bob)
        return self

    def calculations(self, occasion: str) -> list[Calculation]:
        return list(Calculation.objects.filter(disclosure=self.disclosure, occasion=occasion).order_by("pk"))


def raise_chongqing(folder: Path, value: str = "0.6000", published: str = "2026-03-01") -> None:
    file = chongqing(folder, value=value, published=published)
    shown = factor_import.difference(factor_import.read(file)[1])
    factor_import.confirm(file, digest=shown.digest, by="dan")


def proposed(folder: Path, desk: Desk | None = None) -> Restatement:
    (desk or Desk()).verify()
    raise_chongqing(folder)
    assert restatements.recheck(60)
    return Restatement.objects.get()


# --- what is kept ------------------------------------------------------------------------------------------
def test_submitting_and_verifying_keep_what_the_ledger_came_to() -> None:
    desk = Desk().submit()
    [submitted] = desk.calculations("submitted")
    assert submitted.scope_2_location_t == pytest.approx(522.7)  # 1,000 MWh × 0.5227
    assert submitted.scope_2_market_t == pytest.approx(585.6)  # the residual mix, 0.5856
    assert submitted.content_digest == desk.disclosure.digest
    assert submitted.digest == digest(submitted.record_json)
    assert submitted.record["lines"][0]["factor_ids"] == [CHONGQING]
    desk.verify()
    [verified] = desk.calculations("verified")
    assert verified.record_json == submitted.record_json
    uses = FactorUse.objects.filter(calculation=verified).values_list("factor_id", "lines")
    assert (CHONGQING, 1) in set(uses)


def test_a_disclosure_without_lines_keeps_nothing() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    draft = make.disclosure(company, 2024, state=Disclosure.State.DRAFT, created_by=alice)
    draft.submit(by=alice)
    make.verify(draft, bob)
    assert not Calculation.objects.exists()
    assert not restatements.due().exists()


@pytest.mark.postgres
def test_a_calculation_is_never_edited() -> None:
    Desk().verify()
    for change in (
        lambda: Calculation.objects.update(scope_1_t=0.0),
        lambda: FactorUse.objects.update(lines=9),
        lambda: FactorUse.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            change()


def test_a_word_that_is_mended_changes_no_digest_of_what_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    found = ledger.account_disclosure(Desk().disclosure)
    [line] = restatements.record_of(found)["lines"]
    kept, sentence = digest(restatements.record_of(found)), words.line(line["because"])
    assert "location-based average" in sentence[1]
    monkeypatch.setitem(words.PURPOSES, "inventory_average", ("平均因子", "the average of the place"))
    assert digest(restatements.record_of(found)) == kept
    assert "the average of the place" in words.line(line["because"])[1]


def test_what_was_kept_with_its_sentence_stays_as_it_is_and_nothing_of_it_is_restated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = restatements._line
    then = {"because": ["1,000 MWh × 0.5227 = 522.7（重庆 2022 年）", "1,000 MWh × 0.5227 = 522.7 (Chongqing 2022)"]}
    monkeypatch.setattr(restatements, "_line", lambda found: now(found) | then)
    desk = Desk().verify()
    monkeypatch.setattr(restatements, "_line", now)
    assert restatements.recheck(60) and not Restatement.objects.exists()
    [kept] = desk.calculations("verified")
    assert kept.digest == digest(kept.record_json) and kept.record["lines"][0]["because"] == then["because"]
    page = reader(desk.alice).get(f"{desk.disclosure.get_absolute_url()}ledger/")
    assert page.status_code == 200 and "522.7" in page.content.decode()


def test_a_line_that_cannot_be_computed_hinders_no_submission() -> None:
    desk = Desk(electricity(), electricity(kind="fuel.unheard_of", unit="t")).submit()
    [kept] = desk.calculations("submitted")
    assert kept.scope_2_location_t == pytest.approx(522.7)
    assert kept.record["lines"][1]["error"] == "unknown_activity"
    assert not kept.record["totals"]["is_complete"]


def test_the_factor_page_counts_the_lines_that_its_reader_may_see() -> None:
    desk = Desk(electricity(), electricity(amount=2e6)).verify()
    for person, lines in ((desk.alice, 2), (desk.bob, 2), (make.carol(), 2), (make.user("stranger"), 0)):
        row = reader(person).get(f"/app/factors/{CHONGQING}/").context["row"]
        assert row.lines == lines


# --- proposals -----------------------------------------------------------------------------------------------
def test_a_factor_that_moves_a_verified_total_by_more_than_five_percent_proposes_a_restatement(tmp_path: Path) -> None:
    desk = Desk()
    found = proposed(tmp_path, desk)
    assert found.disclosure == desk.disclosure
    [change] = found.changes
    assert (change["total"], change["before_t"], change["after_t"]) == (
        "scope_2_location",
        pytest.approx(522.7),
        pytest.approx(600),
    )
    assert found.percent == pytest.approx((600 / 522.7 - 1) * 100)
    [exchanged] = found.factors
    assert exchanged == {"line": "1", "activity": "electricity", "old": [CHONGQING], "new": [f"{CHONGQING}@2"]}
    assert audit.AuditEvent.objects.filter(verb="restatement.proposed").count() == 1


def test_the_people_of_the_company_are_told_of_a_proposal_by_mail(tmp_path: Path) -> None:
    desk = Desk()
    made = proposed(tmp_path, desk)
    assert restatements.recheck(60) is not None  # looking again tells nobody again
    told = Mail.objects.filter(kind=Mail.Kind.RESTATEMENT).order_by("pk")
    assert [mail.user for mail in told] == [desk.alice, desk.frank]
    assert made.get_absolute_url() in told[0].body


def test_nothing_is_rewritten(tmp_path: Path) -> None:
    desk = Desk().verify()
    before = (desk.disclosure.digest, desk.calculations("verified")[0].record_json)
    raise_chongqing(tmp_path)
    restatements.recheck(60)
    desk.disclosure.refresh_from_db()
    assert (desk.disclosure.digest, desk.calculations("verified")[0].record_json) == before
    assert desk.disclosure.content_digest() == desk.disclosure.digest


@pytest.mark.slow
@pytest.mark.parametrize(("value", "is_proposed"), [("0.5488", False), ("0.5489", True), ("0.4965", True)])
def test_the_threshold_is_five_percent_either_way(tmp_path: Path, value: str, is_proposed: bool) -> None:
    """0.5227 × 1.05 = 0.548835; 0.5227 × 0.95 = 0.496565."""
    Desk().verify()
    raise_chongqing(tmp_path, value)
    restatements.recheck(60)
    assert Restatement.objects.exists() is is_proposed


def test_the_threshold_is_a_setting(tmp_path: Path, settings: Any) -> None:
    settings.RESTATEMENT_PERCENT = 20
    Desk().verify()
    raise_chongqing(tmp_path)
    restatements.recheck(60)
    assert not Restatement.objects.exists()


def test_drafts_and_submitted_versions_are_not_restated(tmp_path: Path) -> None:
    Desk().submit()
    raise_chongqing(tmp_path)
    assert restatements.recheck(60)
    assert not Restatement.objects.exists()


@pytest.mark.postgres
def test_looking_twice_proposes_once(tmp_path: Path) -> None:
    found = proposed(tmp_path)
    assert not restatements.due().exists()
    for _twice in range(2):
        assert restatements.propose(found.disclosure) == found
    assert Restatement.objects.count() == 1
    assert Calculation.objects.filter(occasion="recalculated").count() == 1


def test_a_worker_that_is_woken_does_the_same(tmp_path: Path) -> None:
    Desk().verify()
    raise_chongqing(tmp_path)
    assert restatements.due().exists()
    recheck_ledgers()
    assert Restatement.objects.count() == 1


@pytest.mark.postgres
def test_a_lost_message_is_repaired_by_the_sweep(tmp_path: Path) -> None:
    Desk().verify()
    raise_chongqing(tmp_path)
    restatements.sweep()
    assert Restatement.objects.count() == 1


def test_one_ledger_that_fails_does_not_keep_the_others_waiting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = Desk().verify()
    raise_chongqing(tmp_path)

    def fail(_disclosure: Disclosure) -> None:
        raise RuntimeError("no")

    monkeypatch.setattr(restatements, "propose", fail)
    assert restatements.recheck(60)
    assert not restatements.due().filter(pk=desk.disclosure.pk).exists()


@pytest.mark.slow
def test_a_second_import_overtakes_an_open_proposal(tmp_path: Path) -> None:
    first = proposed(tmp_path)
    raise_chongqing(tmp_path, "0.7000", "2026-04-01")
    restatements.recheck(60)
    first.refresh_from_db()
    assert first.state == State.OVERTAKEN
    second = Restatement.objects.get(state=State.OPEN)
    assert second.before == first.before
    assert second.changes[0]["after_t"] == pytest.approx(700)


@pytest.mark.slow
def test_an_import_that_brings_the_number_back_leaves_no_proposal(tmp_path: Path) -> None:
    first = proposed(tmp_path)
    raise_chongqing(tmp_path, "0.5230", "2026-04-01")
    restatements.recheck(60)
    first.refresh_from_db()
    assert first.state == State.OVERTAKEN
    assert not Restatement.objects.open().exists()


def test_a_verified_local_factor_proposes_as_well() -> None:
    desk = Desk(heat()).verify()  # 100 GJ × 0.11 t/GJ = 11 t
    verified_factor(desk.company, desk.alice, desk.bob, data_year=2022, value=85.5)
    restatements.recheck(60)
    [change] = [change for change in Restatement.objects.get().changes if change["total"] == "scope_2_location"]
    assert (change["before_t"], change["after_t"]) == (pytest.approx(11), pytest.approx(8.55))


# --- decisions -----------------------------------------------------------------------------------------------
def test_accepting_opens_a_new_version_with_the_same_lines(tmp_path: Path) -> None:
    desk = Desk()
    found = proposed(tmp_path, desk)
    draft = found.accept(by=desk.alice)
    assert (draft.version, draft.state) == (2, Disclosure.State.DRAFT)
    assert [line.amount for line in draft.activities.all()] == [1e6]
    assert (found.state, found.decided_by, found.new_version) == (State.ACCEPTED, desk.alice, draft)
    with pytest.raises(StaleVersion):
        found.dismiss(by=desk.alice, reason="too late")


@pytest.mark.slow
def test_dismissing_needs_a_reason_and_holds_for_about_as_much(tmp_path: Path) -> None:
    desk = Desk()
    found = proposed(tmp_path, desk)
    with pytest.raises(NotAllowed, match="reason|理由"):
        found.dismiss(by=desk.alice, reason="  ")
    found.dismiss(by=desk.alice, reason="below our own threshold of 20 %")
    raise_chongqing(tmp_path, "0.6100", "2026-04-01")  # 1.7 % more than what was dismissed
    restatements.recheck(60)
    assert not Restatement.objects.open().exists()
    raise_chongqing(tmp_path, "0.7000", "2026-05-01")
    restatements.recheck(60)
    assert Restatement.objects.open().count() == 1


def test_only_a_submitter_of_the_company_decides(tmp_path: Path) -> None:
    desk = Desk()
    found = proposed(tmp_path, desk)
    for person in (desk.frank, desk.bob, make.carol(), make.user("stranger")):
        with pytest.raises(NotAllowed):
            found.accept(by=person)
    assert Restatement.objects.open().exists()


@pytest.mark.postgres
def test_a_decided_restatement_is_never_edited(tmp_path: Path) -> None:
    desk = Desk()
    found = proposed(tmp_path, desk)
    found.dismiss(by=desk.alice, reason="no")
    with pytest.raises(DatabaseError, match="never edited"), transaction.atomic():
        Restatement.objects.update(reason="yes")


def test_verifying_the_next_version_overtakes_what_was_open_on_the_last(tmp_path: Path) -> None:
    desk = Desk()
    found = proposed(tmp_path, desk)
    draft = desk.disclosure.new_version(by=desk.alice)
    draft.submit(by=desk.alice)
    make.verify(draft, desk.bob)
    found.refresh_from_db()
    assert found.state == State.OVERTAKEN


# --- pages -----------------------------------------------------------------------------------------------------
def test_the_page_shows_what_changes_and_takes_the_decision(tmp_path: Path) -> None:
    desk = Desk()
    found = proposed(tmp_path, desk)
    client = reader(desk.alice)
    page = client.get(found.get_absolute_url()).content.decode()
    for told in ("522.7", "600.0", "+14.8 %", f"{CHONGQING}@2", "Open a new version"):
        assert told in page
    answer = client.post(f"{found.get_absolute_url()}accept/")
    draft = Disclosure.objects.get(version=2)
    assert answer["Location"] == draft.get_absolute_url()
    assert "Accepted" in client.get(found.get_absolute_url()).content.decode()


@pytest.mark.slow
def test_who_sees_and_who_decides(tmp_path: Path) -> None:
    desk = Desk()
    found = proposed(tmp_path, desk)
    where = found.get_absolute_url()
    house = [desk.bob, make.carol(), make.dan(), make.user("grace", Role.COMMITTEE_MEMBER)]
    for person in (desk.frank, *house):
        client = reader(person)
        page = client.get(where)
        assert page.status_code == 200
        assert "Open a new version" not in page.content.decode()
        assert client.post(f"{where}accept/").status_code == 403
        assert client.post(f"{where}dismiss/", {"reason": "no"}).status_code == 403
    for stranger in (make.user("stranger"), make.user("neighbour", company=make.company("other"))):
        client = reader(stranger)
        for answer in (client.get(where), client.post(f"{where}accept/"), client.post(f"{where}dismiss/")):
            assert answer.status_code == 404
    assert Client().get(where).status_code == 302
    assert Restatement.objects.open().exists()


def test_dismissing_on_the_page(tmp_path: Path) -> None:
    desk = Desk()
    found = proposed(tmp_path, desk)
    client = reader(desk.alice)
    assert (
        "A dismissal needs a reason" in client.post(f"{found.get_absolute_url()}dismiss/", follow=True).content.decode()
    )
    client.post(f"{found.get_absolute_url()}dismiss/", {"reason": "<b>agreed</b> with the auditor"})
    page = client.get(found.get_absolute_url()).content.decode()
    assert "&lt;b&gt;agreed&lt;/b&gt; with the auditor" in page


def test_the_list_the_disclosure_and_its_ledger_lead_to_the_proposal(tmp_path: Path) -> None:
    desk = Desk()
    found = proposed(tmp_path, desk)
    client = reader(desk.alice)
    where = desk.disclosure.get_absolute_url()
    for address in ("/app/disclosures/", where, f"{where}ledger/"):
        assert found.get_absolute_url() in client.get(address).content.decode()
    found.dismiss(by=desk.alice, reason="no")
    assert "Restatement proposed" not in client.get("/app/disclosures/").content.decode()  # its mail stays
    assert found.get_absolute_url() not in client.get(where).content.decode()
