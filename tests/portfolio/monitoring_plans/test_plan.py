"""Monitoring plans: written by companies, approved by somebody without ties, then frozen; a change is a new version."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.utils import timezone, translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portfolio.errors import NotAllowed, PortfolioError, StaleVersion
from portfolio.models import Company, Handling, Mail, MonitoringPlan, Site
from portfolio.models.people import same_hands
from tests import make
from tests.portfolio.monitoring_plans.plans import approved, draft, source

pytestmark = [pytest.mark.django_db, pytest.mark.postgres]


@pytest.fixture(autouse=True)
def _in_english() -> Iterator[None]:
    with translation.override("en"):
        yield


def site(company: Company, key: str = "site-1", **facts: Any) -> Site:
    return Site.objects.create(company=company, site_key=key, name=f"Plant {key}", **make.SOURCE, **facts)


def test_the_plan_in_force_for_a_year_is_the_latest_approved_one_that_begins_by_then() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    first = approved(company, alice, bob, valid_from=2023)
    second = approved(company, alice, bob, source(meter="12"), valid_from=2025)
    draft(company, alice, source(meter="13"), valid_from=2023)

    def in_force(year: int) -> MonitoringPlan | None:
        return MonitoringPlan.objects.in_force(company.pk, year)

    assert [in_force(year) for year in (2022, 2023, 2024, 2025, 2026)] == [None, first, first, second, second]
    assert MonitoringPlan.objects.in_force(make.company("demo-beta").pk, 2025) is None


def test_a_change_is_a_new_version_with_everything_copied_and_a_reason_of_its_own() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    first = approved(company, alice, bob)
    second = MonitoringPlan.start(company, by=alice)
    assert (second.version, second.supersedes, second.boundary) == (2, first, "all sites")
    assert [row.told for row in second.rows()] == [row.told for row in first.rows()]
    with pytest.raises(NotAllowed, match="prepared already"):
        MonitoringPlan.start(company, by=alice)
    with pytest.raises(NotAllowed, match="why it changes"):
        second.submit(by=alice)
    second.revise(by=alice, edition=second.edition, reason="a new meter")
    with pytest.raises(NotAllowed, match="Nothing differs"):
        second.submit(by=alice)
    second.revise(by=alice, edition=second.edition, sources=[source(often="quarter")])
    second.submit(by=alice)
    second.verify(by=bob, digest=second.digest)
    assert MonitoringPlan.objects.in_force(company.pk, timezone.localdate().year) == second


def test_a_withdrawn_first_draft_asks_for_no_reason_of_the_next() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    MonitoringPlan.start(company, by=alice).withdraw(by=alice)
    assert approved(company, alice, bob).version == 2


@pytest.mark.parametrize(
    ("facts", "words"), [({"boundary": " "}, "boundary"), ({"sources": []}, "at least one source")], ids=str
)
def test_what_a_submission_needs(facts: dict[str, Any], words: str) -> None:
    company = make.company()
    alice, frank = make.alice(company), make.frank(company)
    made = draft(company, frank)
    with pytest.raises(NotAllowed, match="Only a submitter"):
        made.submit(by=frank)
    made.revise(by=frank, edition=made.edition, **facts)
    with pytest.raises(NotAllowed, match=words):
        made.submit(by=alice)


def test_a_row_stands_once_and_names_a_site_of_the_company() -> None:
    company = make.company()
    alice = make.alice(company)
    made = draft(company, alice)
    there = site(make.company("demo-beta"))
    for wrong in ([source(meter="a"), source(meter=" A ")], [source(site=there)]):
        with pytest.raises(NotAllowed):
            made.revise(by=alice, edition=made.edition, sources=wrong)
    with pytest.raises(StaleVersion):
        made.revise(by=alice, edition=made.edition - 1, boundary="another")
    with pytest.raises(NotAllowed, match="please"):
        made.revise(by=alice, edition=made.edition, valid_from=2190)


def test_nobody_approves_what_they_prepared_or_are_tied_to() -> None:
    company = make.company()
    alice, helper = make.alice(company), make.user("helper", company=company)
    tied = make.user("tied", "verifier", company=company)
    made = draft(company, helper)
    made.submit(by=alice)
    for user in (alice, tied, make.carol(), make.user("henry", "independent_reviewer")):
        with pytest.raises(NotAllowed):
            made.verify(by=user, digest=made.digest)
    helper.memberships.all().delete()
    make.RoleChange.found({helper: "verifier"})
    with pytest.raises(NotAllowed, match="prepared"):
        made.verify(by=type(helper).objects.get(pk=helper.pk), digest=made.digest)
    with pytest.raises(StaleVersion):
        made.verify(by=make.bob(), digest="0" * 64)


def test_what_is_in_a_verifiers_hands_is_not_changed_below_the_page_either() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    made = draft(company, alice)
    plans = MonitoringPlan.objects.filter(pk=made.pk)

    def refused(change: Callable[[], Any]) -> None:
        with pytest.raises(DatabaseError), transaction.atomic():
            change()

    now = timezone.now()
    refused(lambda: plans.update(state="verified", verified_by=bob, frozen_at=now))  # never submitted
    made.submit(by=alice)
    refused(lambda: made.sources.update(often="year"))
    refused(lambda: made.sources.all().delete())
    refused(lambda: source().copy_into(made, 9).save())
    refused(lambda: plans.update(boundary="another"))
    refused(lambda: plans.update(state="draft"))
    refused(lambda: plans.update(state="verified", verified_by=alice, frozen_at=now))
    made.verify(by=bob, digest=made.digest)
    refused(lambda: plans.update(valid_from=2020))
    refused(lambda: plans.update(state="returned", verified_by=None, frozen_at=None))
    refused(lambda: made.sources.update(often="year"))
    refused(lambda: made.steps.all().delete())
    other = MonitoringPlan.start(company, by=alice)
    other.sources.all().delete()
    refused(lambda: MonitoringPlan.objects.filter(pk=other.pk).update(reason="none left", state="submitted"))
    with pytest.raises(IntegrityError, match="one_open_plan|UNIQUE"), transaction.atomic():
        MonitoringPlan.objects.create(company=company, version=9, valid_from=2025, created_by=alice)


def test_whoever_opened_the_account_of_the_submitter_does_not_approve() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    made = draft(company, alice)
    made.submit(by=alice)
    Handling.note(alice, Handling.What.PASSWORD, by=bob)
    assert same_hands(bob, alice.pk)
    with pytest.raises(NotAllowed):
        made.verify(by=bob, digest=made.digest)


def test_the_company_is_told_by_mail_and_a_return_is_answered() -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    made = draft(company, alice)
    made.submit(by=alice)
    with pytest.raises(NotAllowed, match="needs a reason"):
        made.return_for_correction(by=bob, reason=" ", digest=made.digest)
    made.return_for_correction(by=bob, reason="which meter?", digest=made.digest)
    with pytest.raises(PortfolioError, match="Nothing has changed"):
        made.submit(by=alice)
    made.submit(by=alice, answer="the only one")
    made.verify(by=bob, digest=made.digest)
    assert list(Mail.objects.order_by("pk").values_list("kind", flat=True)) == ["plan_returned", "plan_approved"]
    assert not Mail.objects.filter(body__contains="which meter?").exists()


def test_who_sees_a_plan() -> None:
    company = make.company()
    alice, bob, carol = make.alice(company), make.bob(), make.carol()
    mallory = make.user("mallory", company=make.company("demo-beta"))

    def see() -> list[bool]:
        return [MonitoringPlan.objects.visible_to(user).exists() for user in (alice, bob, carol, mallory)]

    made = draft(company, alice)
    assert see() == [True, False, False, False]
    made.submit(by=alice)
    assert see() == [True, True, False, False]
    made.verify(by=bob, digest=made.digest)
    assert see() == [True, True, True, False]


def test_a_site_of_a_plan_is_closed_and_not_removed() -> None:
    company = make.company()
    alice = make.alice(company)
    there = site(company, added_by=alice)
    draft(company, alice, source(site=there))
    with pytest.raises(NotAllowed, match="monitoring plan names"):
        there.remove(by=alice)


# --- the states against a small model -------------------------------------------------------------------
# What people try, and from which state it may lead where. Everything else is refused and changes nothing.
MAY: dict[tuple[str, str], str] = {
    ("draft", "edit"): "draft",
    ("returned", "edit"): "returned",
    ("draft", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "return"): "returned",
    ("submitted", "approve"): "verified",
    ("draft", "withdraw"): "withdrawn",
    ("verified", "start"): "draft",
    ("withdrawn", "start"): "draft",
}


@given(st.lists(st.sampled_from(["edit", "submit", "return", "approve", "withdraw", "start"]), max_size=14))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_order_of_steps_ends_where_the_small_model_says(steps: list[str]) -> None:
    with transaction.atomic():
        _walk(steps)
        transaction.set_rollback(True)


def _walk(steps: list[str]) -> None:
    company = make.company()
    alice, bob = make.alice(company), make.bob()
    plan, state, was_returned, in_force = draft(company, alice), "draft", False, None
    for turn, step in enumerate(steps):
        expected = MAY.get((state, step))
        if step == "withdraw" and was_returned:
            expected = None
        try:
            plan = _take(step, plan, company, alice, bob, turn)
        except PortfolioError:
            assert expected is None
        else:
            assert expected is not None, f"{step} from {state}"
            state, was_returned = expected, step != "start" and (was_returned or step == "return")
        stored = MonitoringPlan.objects.get(pk=plan.pk)
        assert stored.state == state
        in_force = stored if state == "verified" else in_force
        assert MonitoringPlan.objects.in_force(company.pk, timezone.localdate().year) == in_force
        assert MonitoringPlan.objects.filter(state__in=MonitoringPlan.OPEN).count() <= 1


def _take(step: str, plan: MonitoringPlan, company: Company, alice: Any, bob: Any, turn: int) -> MonitoringPlan:
    plan.refresh_from_db()
    if step == "edit":
        plan.revise(by=alice, edition=plan.edition, sources=[source(meter=str(turn))])
    elif step == "submit":
        plan.submit(by=alice, answer="as it is" if plan.state == "returned" else "")
    elif step == "return":
        plan.return_for_correction(by=bob, reason="look again", digest=plan.digest)
    elif step == "approve":
        plan.verify(by=bob, digest=plan.digest)
    elif step == "withdraw":
        plan.withdraw(by=alice)
    else:
        return draft(company, alice, source(meter=f"new {turn}"))
    return plan
