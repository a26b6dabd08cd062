"""Whom what happens is told to. Called inside the transaction in which it happens."""

from __future__ import annotations

from datetime import UTC, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils import timezone

from portfolio.mail.outbox import administrators, people_of, tell
from portfolio.models import (
    Appeal,
    DataRequest,
    Disclosure,
    Finding,
    FormLink,
    JoinRequest,
    Mail,
    Membership,
    MonitoringPlan,
    Opinion,
    RoleChange,
)
from portfolio.models.case.opinion import reviewers

FOLDED = timedelta(minutes=20)  # what a verifier asks in this time is one mail, and none if the disclosure is returned


def on_disclosure_submitted(disclosure: Disclosure, **_signal: Any) -> None:
    """Its submitters have it in hand by then; who is reminded of the year no longer needs to be."""
    of_year = Mail.objects.filter(kind=Mail.Kind.REMINDER, company=disclosure.company_id)
    of_year.filter(about=deadline_of(disclosure.year)).cancel("the disclosure was submitted")
    at = (disclosure.submitted_at or timezone.now()).astimezone(UTC).isoformat()
    submitters = people_of(disclosure.company_id, Membership.Kind.SUBMITTER)
    number = disclosure.steps.filter(verb="submitted").latest("pk").pk  # of its receipt
    _tell_of(disclosure, Mail.Kind.SUBMITTED, submitters, at=at, digest=disclosure.digest, number=number)


def on_disclosure_returned(signed: Disclosure, **_signal: Any) -> None:
    """What was found is told in the same mail."""
    of_findings = Mail.objects.filter(about=f"disclosure:{signed.pk}", kind=Mail.Kind.FINDING)
    of_findings.cancel("the disclosure was returned with them")
    _tell_of(signed, Mail.Kind.RETURNED, people_of(signed.company_id), findings=signed.findings.found().count())


def on_disclosure_verified(disclosure: Disclosure, **_signal: Any) -> None:
    _tell_of(disclosure, Mail.Kind.VERIFIED, people_of(disclosure.company_id))


def on_opinion_moved(opinion: Opinion, by: User, verb: str, **_signal: Any) -> None:
    """Reviewers of a draft, its verifier of what comes back, the company of what counts for it."""
    disclosure = opinion.disclosure
    told: dict[str, tuple[Mail.Kind, list[User]]] = {
        "drafted": (Mail.Kind.OPINION, [one for one in reviewers(disclosure) if not opinion.review_objection_to(one)]),
        "sent_back": (Mail.Kind.OPINION_BACK, [opinion.drafted_by]),
        "reopened": (Mail.Kind.REOPENED, people_of(disclosure.company_id)),
    }
    if verb == "issued" and not opinion.stands:  # of one that stands, on_disclosure_verified tells
        told["issued"] = Mail.Kind.REFUSED, people_of(disclosure.company_id)
    if verb in told:
        kind, people = told[verb]
        _tell_of_opinion(opinion, kind, people, verb)


def on_appeal_moved(appeal: Appeal, by: User, verb: str, **_signal: Any) -> None:
    """Whoever may answer it, and its verifier; then the company."""
    opinion = appeal.opinion
    if verb == "made":
        may = [one for one in reviewers(opinion.disclosure) if not appeal.objection_to_answering(one)]
        _tell_of_opinion(opinion, Mail.Kind.APPEAL, [*may, opinion.drafted_by], "appeal", due=appeal.due.isoformat())
    if verb in ("upheld", "rejected"):
        people = people_of(opinion.disclosure.company_id)
        _tell_of_opinion(opinion, Mail.Kind.APPEAL_ANSWERED, people, verb, upheld=verb == "upheld")


def _tell_of_opinion(opinion: Opinion, kind: Mail.Kind, people: list[Any], once: str, **more: Any) -> None:
    tell(
        people,
        kind,
        f"opinion:{opinion.pk}",
        opinion.get_absolute_url(),
        company=opinion.disclosure.company,
        once=once,
        year=opinion.disclosure.year,
        version=opinion.disclosure.version,
        stands=opinion.stands,
        appeal_until=opinion.appeal_until.isoformat() if opinion.appeal_until else "",
        **more,
    )


def _tell_of(disclosure: Disclosure, kind: Mail.Kind, people: list[Any], **more: Any) -> None:
    tell(
        people,
        kind,
        f"disclosure:{disclosure.pk}",
        disclosure.get_absolute_url(),
        company=disclosure.company,
        once=f"edition:{disclosure.edition}",  # each submission and each return is another one
        year=disclosure.year,
        version=disclosure.version,
        **more,
    )


def on_monitoring_plan_returned(signed: MonitoringPlan, **_signal: Any) -> None:
    _tell_of_plan(signed, Mail.Kind.PLAN_RETURNED)


def on_monitoring_plan_verified(plan: MonitoringPlan, **_signal: Any) -> None:
    _tell_of_plan(plan, Mail.Kind.PLAN_APPROVED)


def _tell_of_plan(plan: MonitoringPlan, kind: Mail.Kind) -> None:
    tell(
        people_of(plan.company_id),
        kind,
        f"monitoring_plan:{plan.pk}",
        plan.get_absolute_url(),
        company=plan.company,
        once=f"edition:{plan.edition}",
        version=plan.version,
        year=plan.valid_from,
    )


def on_finding_moved(finding: Finding, by: User, verb: str, mentioned: list[User], **_signal: Any) -> None:
    """The other side, folded: one mail an hour and disclosure. Who is named in it gets one about the thread alone."""
    disclosure = finding.disclosure
    company, asker = people_of(disclosure.company_id), [finding.raised_by]
    told: dict[str, tuple[Mail.Kind, list[User]]] = {
        "raised": (Mail.Kind.FINDING, company),
        "asked": (Mail.Kind.FINDING, company),
        "opened": (Mail.Kind.FINDING, company),
        "extended": (Mail.Kind.FINDING, company),
        "answered": (Mail.Kind.FINDING_ANSWERED, asker),
        "asked_to_open": (Mail.Kind.FINDING_ANSWERED, asker),
        "closed": (Mail.Kind.FINDING_CLOSED, company),
    }
    if verb in told and not finding.is_comment:
        kind, people = told[verb]
        now = timezone.now()
        tell(
            [one for one in people if one not in mentioned and one.pk != by.pk],
            kind,
            f"disclosure:{disclosure.pk}",
            reverse("portfolio:findings_of", args=[disclosure.pk]),
            company=disclosure.company,
            once=f"{now.astimezone(UTC):%Y%m%d%H}",
            not_before=now + FOLDED if kind == Mail.Kind.FINDING else now,
            year=disclosure.year,
            version=disclosure.version,
        )
    tell(
        mentioned,
        Mail.Kind.MENTION,
        f"finding:{finding.pk}",
        finding.get_absolute_url(),
        company=disclosure.company,
        once=str(finding.messages.count()),
        year=disclosure.year,
        version=disclosure.version,
        by=by.get_full_name() or by.get_username(),
    )


def on_data_request_moved(request: DataRequest, **_signal: Any) -> None:
    about = f"data_request:{request.pk}"
    if request.is_open:
        if not request.is_overdue:  # one of before, as the demo has them
            _tell_of_request(request, Mail.Kind.REQUEST)
        return
    Mail.objects.filter(about=about).cancel(f"the request was {request.state}")
    if request.state == DataRequest.State.WITHDRAWN:
        _tell_of_request(request, Mail.Kind.REQUEST_WITHDRAWN)
    if request.state == DataRequest.State.DECLINED:
        asked = [list(one) for one in request.listed]
        page = reverse("dossier_tab", args=[request.company_id, "notes"])
        tell([request.asked_by], Mail.Kind.REQUEST_DECLINED, about, page, company=request.company, asked=asked)


def tell_overdue(request: DataRequest) -> None:
    _tell_of_request(request, Mail.Kind.REQUEST_OVERDUE)


def _tell_of_request(request: DataRequest, kind: Mail.Kind) -> None:
    tell(
        people_of(request.company_id),
        kind,
        f"data_request:{request.pk}",
        reverse("disclosures"),
        company=request.company,
        due=request.due.isoformat(),
        asked=[list(one) for one in request.listed],
    )


def on_role_proposed(change: RoleChange, **_signal: Any) -> None:
    """Those who may confirm it: every administrator but its proposer and its subject."""
    others = [one for one in administrators() if one.pk not in (change.proposed_by_id, change.user_id)]
    tell(
        others,
        Mail.Kind.ROLE,
        f"role_change:{change.pk}",
        reverse("admin:portfolio_rolechange_changelist") + "?outcome__exact=open",
        user=str(change.user),
        by=str(change.proposed_by),
        role=change.role,
    )


# --- who works for a company ---
def on_join_requested(request: JoinRequest, **_signal: Any) -> None:
    """Put before those who may answer, or declined. Whoever is accepted hears of the new role (on_team_moved)."""
    about = f"join_request:{request.pk}"
    if request.state == JoinRequest.State.DECLINED and request.user:
        tell([request.user], Mail.Kind.JOIN_DECLINED, about, reverse("join"))
    if request.state != JoinRequest.State.WAITING:
        return
    company = request.company
    submitters = people_of(company.pk, Membership.Kind.SUBMITTER) if company else []
    page = reverse("portfolio:join_requests")
    tell(submitters or administrators(), Mail.Kind.JOIN_REQUEST, about, page, company=company if submitters else None)


def on_team_moved(member: Membership, before: str, after: str, by: Any, **_signal: Any) -> None:
    """The person, unless they did it themselves; of somebody who leaves, the submitters who stay."""
    page = reverse("portfolio:members", args=[member.company_id]) if after else reverse("disclosures")
    about, once = f"company:{member.company_id}", f"{timezone.now():%Y%m%d%H%M%S%f}"
    said: dict[str, Any] = {
        "company": member.company,
        "once": once,
        "before": before,
        "after": after,
        "user": member.user.get_username(),
    }
    if by.pk != member.user_id or not before:
        tell([member.user], Mail.Kind.TEAM, about, page, is_own=True, **said)
    elif not after:
        stay = [one for one in people_of(member.company_id, Membership.Kind.SUBMITTER) if one.pk != member.user_id]
        tell(stay, Mail.Kind.TEAM, about, reverse("portfolio:members", args=[member.company_id]), is_own=False, **said)


def tell_form_saved(link: FormLink) -> None:
    """To who sent the link, once a quarter of an hour."""
    moment = timezone.now()
    _tell_of_link(link, Mail.Kind.FORM_SAVED, [link.made_by], f"{moment:%Y%m%d%H}{moment.minute // 15}")


def tell_link_wanted(link: FormLink) -> None:
    submitters = people_of(link.disclosure.company_id, Membership.Kind.SUBMITTER)
    _tell_of_link(link, Mail.Kind.FORM_LINK, submitters, f"{link.expires_at:%Y%m%d%H%M%S}")


def _tell_of_link(link: FormLink, kind: Mail.Kind, people: list[Any], once: str) -> None:
    tell(
        people,
        kind,
        f"form_link:{link.pk}",
        reverse("portfolio:form_links", args=[link.disclosure_id]),
        company=link.disclosure.company,
        once=once,
        year=link.disclosure.year,
        quarter=link.quarter,
    )


def deadline_of(year: int) -> str:
    """What a reminder is about."""
    return f"deadline:{year}"
