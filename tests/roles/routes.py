"""Every address of the resolver, and how to ask it about an object of a company."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth.models import User
from django.contrib.contenttypes.models import ContentType
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from fund.models import Holding, Proposal, RefusedRow
from portfolio import beijing
from portfolio.models import RoleChange, TechnologyFamily
from portfolio.models.signed import digest_of
from scoring.ledgers.pages import mark_of
from scoring.models import BarSheet
from tests.roles.table import Cell, cells
from tests.roles.world import Party, World

YEAR_NOT_STARTED = 2015


def _drafted(party: Party, case: str) -> dict[str, Any]:
    disclosure = party.disclosures[case]
    told = {"kind": "modified", "level": "limited", "criteria": "iso_14064_1", "scope": "all", "sampling": "all"}
    despite = {"despite": "compared with the report"} if disclosure.open_items() else {}
    return {**told, "statement": "nothing came to our attention", "digest": disclosure.digest, **despite}


def more_time() -> dict[str, str]:
    return {"due": str(beijing.today() + timedelta(days=60)), "words": "the meter is being read"}


ASKED_OF_IT = {"kind": "question", "point": "scope1_t", "words": "which page?"}


GATE_WORD = {"question": "exclusion", "answer": "no", "evidence": "statutes, article 2"}
HOOK = "https://erp.example.com/greenlight"
BOUGHT = {"activity": "electricity", "amount": "7", "unit": "MWh", "place": "CN-SC"}
MODEL_CASES = {
    "champion": "scoring.modelversion",
    "candidate": "candidate",
    "change": "scoring.modelchange",
    "set": "scoring.trainingset",
}
SHIPPED_FACTOR = "cn-grid/CN/2022/inventory_average/CO2/MEE-NBS"


@dataclass(frozen=True)
class Route:
    """`key` is its name, or its pattern where it has no name of its own."""

    key: str
    pattern: str


def every_route() -> list[Route]:
    found = list(_walk(get_resolver().url_patterns, "", ""))
    names = Counter(name for name, _pattern in found)
    return [Route(name if name and names[name] == 1 else pattern, pattern) for name, pattern in found]


def expected_cells() -> list[Cell]:
    """The table, with the lines of the API if the resolver leads to one."""
    return cells(api=any(route.pattern.startswith("api/") for route in every_route()))


def _walk(entries: list[URLPattern | URLResolver], prefix: str, namespace: str) -> Iterator[tuple[str, str]]:
    for entry in entries:
        pattern = prefix + str(entry.pattern).removeprefix("^")
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _walk(entry.url_patterns, pattern, inner)
        else:
            yield (f"{namespace}{entry.name}" if entry.name else ""), pattern


# --- where ---------------------------------------------------------------------------------------------
def path_of(route: str, case: str, party: Party, world: World) -> str:
    """The address for this case of this company. A route that is new needs a line here only if it takes arguments."""
    if route.startswith("admin/"):
        return _unnamed(route, party, world)
    if route == "api:nothing_here":
        return "/api/v1/nowhere/"
    query = ""
    if route.startswith("chosen_") and case == "company":
        query = f"?c={party.company.pk}"
    return reverse(route, args=_arguments(route, case, party, world)) + query


def _unnamed(route: str, party: Party, world: World) -> str:
    if route == "admin/(?P<url>.*)$":
        return "/admin/nowhere/"
    _admin, app, model, _rest = route.split("/", 3)
    return f"/admin/{app}/{model}/{_row(f'{app}.{model}', party, world).pk}/"


def _row(label: str, party: Party, world: World) -> Any:
    return party.rows.get("auth.user" if label == "auth.user" else label) or world.shared[label]


def _arguments(route: str, case: str, party: Party, world: World) -> list[Any]:
    namespace, _colon, name = route.rpartition(":")
    if namespace == "api" and name in ("company", "score", "score_temperature", "score_pathway", "score_receipt"):
        return [party.company.company_key if name == "company" else party.rows["scoring.score"].pk]
    if name.startswith("bar_sheet") and case != "-":
        return [world.shared[f"{case}_sheet"].version]  # type: ignore[attr-defined]
    if name == "fund_mandate_confirm":
        return [world.shared["fund.mandate"].pk]
    if name in ("session_end", "mfa_edit_webauthn", "mfa_remove_webauthn"):
        return [0]  # of nobody
    if name == "token_revoke":
        return [party.rows["portfolio.apitoken"].pk]
    if name.startswith("dispute_") or route == "api:dispute":
        return [party.rows["fund.dispute"].pk]
    if name.startswith("application"):
        return [party.disclosures[case].pk]
    if namespace == "api" and name.startswith("preview") and name != "previews":
        return [party.rows["fund.preview"].pk]
    if name in ("one_off", "form_by_link"):
        return ["no-such-token"]
    if name.startswith("invitation") and name != "invitations":
        return [party.rows["portfolio.invitation"].pk]
    if name.startswith("join_request_"):
        return [party.rows["portfolio.joinrequest"].pk]
    if route == "api:person":
        return [party.rows["portfolio.membership"].pk]
    if name.startswith("request_") or route == "api:request":
        return [party.rows["portfolio.datarequest"].pk]
    if route == "api:webhook_resend":
        return [party.rows["portfolio.webhook"].pk, party.rows["portfolio.webhookdelivery"].pk]
    if name == "webhook" or name.startswith("webhook_"):
        return [party.rows["portfolio.webhook"].pk]
    if name.startswith("opinion") and name != "opinion_write":
        return [party.rows["portfolio.opinion"].pk]
    if name == "finding" or name in ("finding_messages", "finding_close", "finding_extend"):
        return [party.rows["portfolio.finding"].pk]
    if name == "scenario_delete":
        return [world.shared["fund.scenario"].pk]
    if name == "portfolio_figure":
        return ["financed_s1"]
    if name == "figure":
        return [party.disclosures[case].pk, "scope1_t"]
    if name == "figure_of_solution":
        return [party.disclosures[case].pk, 1, "units_sold"]
    if name == "figure_of_accounts":
        return [party.rows["portfolio.financials"].pk, "revenue"]
    if name == "problem":
        return ["not_found"]
    if route == "portfolio:join_decide":
        return []
    if route == "portfolio:view_change":
        return [1]  # somebody else's, or none
    if route in (
        "portfolio:company",
        "portfolio:sites",
        "portfolio:gates",
        "portfolio:statements",
        "portfolio:members",
        "portfolio:webhooks",
        "portfolio:invite",
    ):
        return [party.company.pk]
    if route in ("api:sites", "api:gates", "api:evidence", "api:people", "api:invitations", "api:monitoring_plans"):
        return [party.company.company_key]
    if route == "api:track":
        return [party.company.company_key, "power_decarbonisation"]
    if name in ("site", "site_remove"):
        return [party.sites[case].pk]
    if route == "scoring:track_decide":
        return [party.company.pk, "power_decarbonisation"]
    if route in ("api:upload", "api:upload_apply"):
        return [party.rows["portfolio.sheetupload"].pk]
    if route == "portfolio:figure_evidence":
        return [party.disclosures[case].pk, "scope1_t"]
    if namespace == "portfolio" and name == "evidence":
        return [party.evidence[case].pk]
    if namespace == "portfolio" and name.startswith("local_factor") and case in party.factors:
        return [party.factors[case].pk]
    if name.startswith(("monitoring_plan", "plan_")) and case in party.plans:
        return [party.plans[case].pk]
    if route == "portfolio:monitoring_plan_new":
        return [party.company.pk]
    if namespace == "scoring" and name.startswith("ledger"):
        of_a_line = name in ("ledger_line", "ledger_delete", "ledger_why")
        return [party.disclosures[case].pk, *([1] if of_a_line else [])]
    if name == "case_preview":
        return [party.disclosures[case].pk, party.evidence[case].pk]
    if namespace == "scoring" and name.startswith(("upload", "sheets_", "case")) and case in party.disclosures:
        return [party.disclosures[case].pk]
    if namespace == "portfolio" and name.startswith("receipt"):
        return [party.disclosures[case].steps.get(declaration__isnull=False).pk]
    if route == "api:activity":
        return [party.disclosures[case].pk, "line:1"]
    if namespace in ("portfolio", "api") and case in party.disclosures:
        return [party.disclosures[case].pk]
    if route in ("dossier_of_run", "receipt"):
        return [party.company.pk, party.runs["done"].pk]
    if route == "dossier_tab_of_run":
        return [party.company.pk, party.runs["done"].pk, "record"]
    if route == "dossier_tab":
        return [party.company.pk, "record"]
    if route == "proposal":
        return [party.rows["fund.proposal"].pk]
    if route in ("dossier", "nominate", "note", "propose", "shortlist"):
        return [party.company.pk]
    if route == "scoring:factor":
        return [SHIPPED_FACTOR if case == "shipped" else party.factors["verified"].factor_id]
    if namespace == "scoring" and case == "restatement":
        return [party.rows["scoring.restatement"].pk]
    if namespace == "scoring" and case in MODEL_CASES:
        return [world.shared[MODEL_CASES[case]].pk]
    if namespace == "scoring" and case == "company":
        return [party.company.pk]
    if namespace in ("scoring", "api") and case in ("running", "partial", "done", "item"):
        return [party.runs["partial" if case == "item" else case].pk]
    if namespace == "admin":
        return _admin_arguments(name, case, party, world)
    secret = {"account_confirm_email": ["no-such-key"], "account_reset_password_from_key": ["1", "no-such-key"]}
    return secret.get(name, [])


def _admin_arguments(name: str, case: str, party: Party, world: World) -> list[Any]:
    if name == "app_list":
        return [case]
    if name == "view_on_site":
        return [ContentType.objects.get_for_model(party.company).pk, party.company.pk]
    if name == "fund_proposal_decide":
        return [party.rows["fund.proposal"].pk]
    if name == "auth_user_password_change":
        return [party.rows["auth.user"].pk]
    if case != "row":
        return []
    app, model, page = name.split("_", 2)
    row = _row(f"{app}.{model}", party, world).pk
    return [row, 1] if page == "simple_history" else [row]


# --- with what -----------------------------------------------------------------------------------------
def body_of(route: str, case: str, party: Party) -> dict[str, Any]:
    """What a person would send who may do it. Everything else is posted empty."""
    make = BODIES.get((route, case)) or BODIES.get((route, "*"))
    return make(party, case) if make else {}


def _look(party: Party, case: str) -> dict[str, str]:
    return {"point": "scope1_t", "verdict": "agreed", "digest": party.disclosures[case].digest or "0" * 64}


def _draft(party: Party, case: str) -> dict[str, Any]:
    found = party.disclosures[case]
    return {
        "edition": found.edition,
        "scope1_t": "1,300",
        "scope2_location_t": "800",
        "boundary": "all sites",
        "revenue_boundary": "matched",
        "source_document": "report, p. 12",
    }


def _factor(party: Party, case: str) -> dict[str, Any]:
    """As the form of a local factor would send it."""
    return {
        "edition": party.factors[case].edition if case in party.factors else "",
        "supplier": party.company.pk,
        "kind": "heat",
        "region": "CN-SC",
        "data_year": "2019",
        "purpose": "reporting_default",
        "gas": "CO2",
        "value": "90",
        "unit": "GJ",
        "publisher": "the utility",
        "published": "2020-01-31",
        "document": "report, p. 3",
    }


def _line(party: Party, case: str) -> dict[str, Any]:
    found = party.disclosures[case].activities.filter(number=1).first()
    typed = {"kind": "electricity", "amount": "7", "unit": "MWh", "place": "CN-SC", "seen": mark_of(found)}
    return typed | {"edition": party.disclosures[case].edition}


def _sheet(party: Party, case: str) -> dict[str, Any]:
    """One bill of one meter, as the sheet sends it."""
    return {"bill": "electricity", "rows": "1", "r0-kind": "electricity", "r0-unit": "MWh", "r0-m1": "7"}


def _ticked(party: Party, case: str) -> dict[str, Any]:
    found = party.disclosures[case].activities.filter(number=1).first()
    return {"line": [f"1:{mark_of(found)}"], "delete": "1"}


def _sold(party: Party, case: str) -> dict[str, Any]:
    family = TechnologyFamily.objects.get(code="F01").pk
    typed = {"family": family, "kind": "realised", "country": "CN", "basis": "reported", "units_sold": "500"}
    return typed | {"action": "save", "edition": party.disclosures[case].edition}


def _join(party: Party, case: str) -> dict[str, Any]:
    """As the page sends it that shows what was ticked."""
    join = party.company.joins.get()
    return {"outcome": "confirmed", "join": f"{join.pk}:{join.mark}", "sure": "1"}


def _assigning(party: Party, case: str) -> dict[str, Any]:
    return {"c": [party.company.pk], "to": User.objects.get(username="carol").pk}


def _asking(party: Party, case: str) -> dict[str, Any]:
    """For a figure of the next question of theirs, as the page ticks it."""
    due = timezone.localdate() + timedelta(days=14)
    return {"c": [party.company.pk], "figures": ["2025:theme_revenue_percent"], "due": due.isoformat(), "note": ""}


def _disputing(party: Party, case: str) -> dict[str, Any]:
    score = party.rows["scoring.score"]
    return {"field": "bar.r", "words": "page 12 says more", "digest": score.digest}  # type: ignore[attr-defined]


def _asking_by_api(party: Party, case: str) -> dict[str, Any]:
    due = timezone.localdate() + timedelta(days=14)
    asked = [{"year": 2023, "field": "grants_cny"}]
    return {"company": party.company.company_key, "asked": asked, "due": due.isoformat()}


def _proposal(party: Party, case: str) -> dict[str, Any]:
    return {"kind": "invest", "amount_cny": "3000000", "reason": "fits the fund", "seen_sha256": "0" * 64}


def _decision(party: Party, case: str) -> dict[str, Any]:
    proposal = party.rows["fund.proposal"]
    assert isinstance(proposal, Proposal)
    return {"outcome": "approved", "reason": "I agree with it.", "content_sha256": proposal.content_sha256}


def _action(label: str) -> Callable[[Party, str], dict[str, Any]]:
    return lambda party, case: {"action": case, "_selected_action": [party.rows[label].pk]}


def _unknown_issuer(party: Party) -> dict[str, Any]:
    holding = Holding.objects.get(holding_key=f"{party.company.company_key}-unknown")
    return {f"company-{holding.pk}": party.company.pk}


def _run_action(state: str) -> Callable[[Party, str], dict[str, Any]]:
    return lambda party, case: {"action": case, "_selected_action": [party.runs[state].pk]}


def _role_action(party: Party, case: str) -> dict[str, Any]:
    return _selected(case, RoleChange.objects.get(outcome="open").pk)


def _selected(action: str, pk: int) -> dict[str, Any]:
    return {"action": action, "_selected_action": [pk]} if action != "-" else {}


BODIES: dict[tuple[str, str], Callable[[Party, str], dict[str, Any]]] = {
    ("language", "*"): lambda party, case: {"language": "en", "next": "/"},
    ("portfolio:new", "company"): lambda party, case: {"company": party.company.pk, "year": YEAR_NOT_STARTED},
    ("portfolio:join_decide", "*"): _join,
    ("nominate", "*"): lambda party, case: {"fund": party.rows["fund.candidate"].fund_id},
    ("shortlist", "*"): lambda party, case: {"fund": party.rows["fund.candidate"].fund_id},
    ("note", "*"): lambda party, case: {"text": "met them in Chengdu"},
    ("chosen_shortlist", "company"): lambda party, case: {"c": [party.company.pk]},
    ("chosen_assign", "company"): _assigning,
    ("chosen_ask", "company"): _asking,
    ("request_withdraw", "*"): lambda party, case: {"reason": "not needed any more"},
    ("application", "verified"): _disputing,
    ("application_confirm", "*"): lambda party, case: {"digest": party.rows["scoring.score"].digest},
    ("dispute_answer", "*"): lambda party, case: {"words": "it is as in the report"},
    ("api:preview_confirm", "*"): lambda party, case: {"digest": party.rows["scoring.score"].digest},
    ("api:preview_dispute", "*"): _disputing,
    ("api:dispute_answer", "*"): lambda party, case: {"words": "it is as in the report"},
    ("api:requests", "company"): _asking_by_api,
    ("api:request_withdraw", "*"): lambda party, case: {"reason": "not needed any more"},
    ("api:request_decline", "*"): lambda party, case: {"reason": "it is not computed"},
    ("portfolio:request_decline", "*"): lambda party, case: {"because": "not_measured"},
    ("portfolio:invite", "*"): lambda party, case: {"address": "new@example.org", "kind": "contributor"},
    ("portfolio:webhooks", "*"): lambda party, case: {"url": HOOK, "events": ["disclosure.returned"]},
    ("portfolio:webhooks_of_house", "*"): lambda party, case: {"url": HOOK, "events": ["disclosure.returned"]},
    ("api:webhooks", "*"): lambda party, case: {
        "company": party.company.company_key,
        "url": HOOK,
        "events": ["disclosure.returned"],
    },
    ("api:webhook", "*"): lambda party, case: {"is_on": False},
    ("portfolio:webhook", "*"): lambda party, case: {"action": "off"},
    ("portfolio:invitation", "*"): lambda party, case: {"action": "revoke"},
    ("portfolio:join_requests", "company"): lambda party, case: {
        "request": party.rows["portfolio.joinrequest"].pk,
        "action": "accept",
    },
    ("portfolio:form_links", "*"): lambda party, case: {"address": "new@example.org", "quarter": "2"},
    ("api:person", "*"): lambda party, case: {"kind": "submitter"},
    ("api:invitations", "*"): lambda party, case: {"address": "new@example.org", "kind": "contributor"},
    ("api:join_request_decline", "*"): lambda party, case: {"reason": "nobody of us"},
    ("scenario_save", "*"): lambda party, case: {"name": "Higher bar", "query": "bar_share=0.9"},
    ("portfolio:company", "*"): lambda party, case: {"description": "sells turbines"},
    ("portfolio:sites", "*"): lambda party, case: {"name": "depot", "city": "510100"},
    ("portfolio:site", "*"): lambda party, case: {"name": "depot", "city": "510100"},
    ("portfolio:solutions", "*"): _sold,
    ("portfolio:statements", "*"): lambda party, case: GATE_WORD,
    ("portfolio:view_save", "*"): lambda party, case: {"list": "candidates", "name": "two bars", "query": "?cleared=2"},
    ("portfolio:gates", "*"): lambda party, case: GATE_WORD,
    ("api:gates", "*"): lambda party, case: GATE_WORD,
    ("api:track", "*"): lambda party, case: {"family": "F01", "reason": "it sells turbines"},
    ("api:sites", "*"): lambda party, case: {"name": "depot", "city": "510100"},
    ("api:activity", "*"): lambda party, case: BOUGHT,
    ("api:activities_bulk", "*"): lambda party, case: {"items": [{"external_id": "a", **BOUGHT}]},
    ("api:site", "*"): lambda party, case: {"what": "depot"},
    ("scoring:track_decide", "*"): lambda party, case: {"outcome": "confirmed", "reason": "it sells turbines"},
    ("portfolio:disclosure", "*"): _draft,
    ("portfolio:figure_evidence", "*"): lambda party, case: {
        "seen": digest_of([])[:16],
        "cited-0-evidence": party.evidence[case].pk,
        "cited-0-place": "p. 1",
    },
    ("portfolio:finding", "finding"): lambda party, case: {"action": "say", "words": "it is on page 3"},
    ("portfolio:finding", "close"): lambda party, case: {"action": "close", "words": "seen"},
    ("portfolio:finding", "extend"): lambda party, case: {"action": "extend"} | more_time(),
    ("portfolio:findings_of", "*"): lambda party, case: ASKED_OF_IT,
    ("api:finding_messages", "*"): lambda party, case: {"words": "it is on page 3"},
    ("api:finding_close", "*"): lambda party, case: {"words": "seen"},
    ("api:finding_extend", "*"): lambda party, case: more_time(),
    ("api:disclosure_findings", "*"): lambda party, case: ASKED_OF_IT,
    ("scoring:upload", "*"): lambda party, case: {"file": SimpleUploadedFile("2024.csv", b"Activity,Amount\n")},
    ("portfolio:disclosure_fields", "*"): lambda party, case: {
        "boundary": "all plants",
        "was-boundary": party.disclosures[case].boundary,
    },
    ("scoring:ledger_new", "*"): _line,
    ("scoring:ledger_line", "*"): _line,
    ("scoring:ledger_delete", "*"): _line,
    ("scoring:ledger_preview", "*"): _line,
    ("scoring:ledger_grid", "*"): _sheet,
    ("scoring:ledger_grid_check", "*"): _sheet,
    ("scoring:ledger_bulk", "*"): _ticked,
    ("portfolio:withdraw", "*"): lambda party, case: {
        "edition": party.disclosures[case].edition,
        "reason": "opened by mistake",
    },
    ("portfolio:submit", "*"): lambda party, case: {
        "edition": party.disclosures[case].edition,
        "declaration": "on",
        "answer": "it is what the meter says" if case == "returned" else "",
    },
    ("portfolio:local_factor_new", "company"): _factor,
    ("portfolio:local_factor", "*"): _factor,
    ("portfolio:local_factor_verify", "*"): lambda party, case: {
        "action": "verify",
        "digest": party.factors[case].digest,
    },
    ("portfolio:monitoring_plan_decide", "*"): lambda party, case: {
        "action": "approve",
        "digest": party.plans[case].digest,
    },
    ("scoring:case", "*"): lambda party, case: ASKED_OF_IT,
    ("scoring:case_look", "*"): _look,
    ("api:case_looks", "*"): _look,
    ("scoring:case_sample", "*"): lambda party, case: {"sampling": "every fourth month"},
    ("api:case_sampling", "*"): lambda party, case: {"sampling": "every fourth month"},
    ("scoring:case_claim", "*"): lambda party, case: {"action": "claim"},
    ("scoring:case_conflict", "*"): lambda party, case: {"conflict": "my sister works there"},
    ("api:case_conflict", "*"): lambda party, case: {"reason": "my sister works there"},
    ("scoring:case_decide", "*"): lambda party, case: {
        "action": "return",
        "digest": party.disclosures[case].digest,
        "comment": "page 3 says otherwise",
        "everything": "on",
    },
    ("portfolio:opinion_write", "*"): lambda party, case: (
        {"action": "draft", "has_no_conflict": "on"} | _drafted(party, case)
    ),
    ("portfolio:opinion", "issued"): lambda party, case: {"action": "appeal", "words": "page 3 was not read"},
    ("portfolio:opinion", "reopen"): lambda party, case: {"action": "reopen", "words": "a site is missing"},
    ("api:disclosure_opinion", "*"): lambda party, case: {"has_no_conflict": True} | _drafted(party, case),
    ("api:disclosure_substitutions", "*"): lambda party, case: {
        "quantity": "scope1_t",
        "value": "5000",
        "basis": "default of the guide",
    },
    ("api:opinion_appeal", "*"): lambda party, case: {"words": "page 3 was not read"},
    ("api:opinion_reopen", "*"): lambda party, case: {"words": "a site is missing"},
    ("portfolio_open", "set_aside"): lambda party, case: {
        "action": case,
        "row": RefusedRow.objects.get(digest=f"{party.company.company_key}-unknown").pk,
        "reason": "a totals row",
    },
    ("portfolio_open", "match"): lambda party, case: {"action": case, **_unknown_issuer(party)},
    ("scoring:bar_sheet_clone", "active"): lambda party, case: {"version": "9", "title": "Next"},
    ("scoring:bar_sheet_answer", "*"): lambda party, case: {
        "answer": "approve",
        "digest": BarSheet.objects.get(version="proposed").digest,
    },
    ("scoring:bar_sheet_activate", "*"): lambda party, case: {"day": timezone.localdate().isoformat()},
    ("scoring:restatement_dismiss", "restatement"): lambda party, case: {"reason": "below our own threshold"},
    ("api:calculations", "-"): lambda party, case: {
        "activities": [{"activity": "electricity", "amount": "1", "unit": "MWh", "place": "CN", "year": 2022}]
    },
    ("api:disclosures", "company"): lambda party, case: {
        "company": party.company.company_key,
        "year": YEAR_NOT_STARTED,
    },
    ("portfolio:members", "company"): lambda party, case: {
        "action": "end",
        "member": party.rows["portfolio.membership"].pk,
    },
    ("admin:portfolio_membership_changelist", "remove"): _action("portfolio.membership"),
    ("admin:auth_user_changelist", "*"): lambda party, case: _selected(case, party.people["contributor"].pk),
    ("admin:usersessions_usersession_changelist", "end"): lambda party, case: _selected(
        case, UserSession.objects.get(session_key="of-nobody").pk
    ),
    ("admin:portfolio_webhookdelivery_changelist", "*"): lambda party, case: _selected(
        case, party.rows["portfolio.webhookdelivery"].pk
    ),
    ("admin:portfolio_mail_changelist", "*"): lambda party, case: _selected(case, party.rows["portfolio.mail"].pk),
    ("admin:portfolio_rolechange_changelist", "confirm"): _role_action,
    ("admin:portfolio_rolechange_changelist", "reject"): _role_action,
    ("admin:portfolio_apitoken_changelist", "revoke"): _action("portfolio.apitoken"),
    ("scoring:run_retry", "item"): lambda party, case: {"item": party.runs["partial"].items.get().pk},
    ("propose", "company"): _proposal,
    ("admin:fund_proposal_decide", "proposal"): _decision,
    ("admin:portfolio_companytrack_changelist", "confirm"): _action("portfolio.companytrack"),
    ("admin:fund_candidate_changelist", "shortlist"): _action("fund.candidate"),
    ("admin:scoring_scorerun_changelist", "cancel"): _run_action("running"),
    ("admin:scoring_scorerun_changelist", "retry"): _run_action("partial"),
}
