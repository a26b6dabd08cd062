"""Plain makers. The people are the same in every test: Alice submits, Frank contributes, Bob verifies, Rita reviews,
Carol manages the fund, Dan and Erin are administrators."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import connection
from django.db.models.functions import Now
from django.utils import timezone

from fund.models import Candidate, Holding, Mandate, Position, PriceInputs, Proposal, ThemeFund
from portfolio import guards
from portfolio.models import (
    Activity,
    Asked,
    Citation,
    Company,
    CompanyTrack,
    DataRequest,
    Disclosure,
    Evidence,
    ExchangeRate,
    Figure,
    Financials,
    GateWord,
    Join,
    Membership,
    Opinion,
    Quantity,
    Role,
    RoleChange,
    Solution,
    Substitution,
    Target,
    TechnologyFamily,
)
from portfolio.typed.files import read_upload
from portfolio.universe.load import Report, load
from portfolio.universe.sources import read
from scoring.models import Calculation, Score
from scoring.runs import queue as runs

PASSWORD = "correct horse battery"
SOURCE = {"source": "made for a test", "licence": "none"}


def user(
    username: str, role: str = "", *, company: Company | None = None, kind: str = "submitter", **extra: Any
) -> User:
    made = User.objects.create_user(username, f"{username}@example.org", PASSWORD, **extra)
    if role:
        RoleChange.found({made: role})
    if company:
        Membership.objects.create(user=made, company=company, kind=kind)
    return made


def alice(company: Company) -> User:
    return user("alice", company=company, kind="submitter")


def frank(company: Company) -> User:
    return user("frank", company=company, kind="contributor")


def bob() -> User:
    return user("bob", Role.VERIFIER)


def carol() -> User:
    return user("carol", Role.FUND_MANAGER)


def dan() -> User:
    return user("dan", Role.ADMIN)


def erin() -> User:
    return user("erin", Role.ADMIN)


def company(key: str = "demo-alpha", **facts: Any) -> Company:
    defaults: dict[str, Any] = {
        "name_zh": "蜀光储能",
        "name_en": "Shuguang Storage",
        "country": "CHN",
        "sector": "machinery",
        "isic": "C27",
        **SOURCE,
    }
    return Company.objects.create(company_key=key, **(defaults | facts))


def disclosure(
    company: Company,
    year: int = 2024,
    *,
    scope_1: float | None = 1200.0,
    scope_2: float | None = 800.0,
    state: str = Disclosure.State.RECORDED,
    version: int = 1,
    **facts: Any,
) -> Disclosure:
    """A disclosure with scope 1 and location-based scope 2; recorded (frozen) unless said otherwise."""
    defaults: dict[str, Any] = {"boundary": "all sites", "revenue_boundary": "matched", "source_document": "report"}
    made = Disclosure.objects.create(
        company=company, year=year, version=version, state=state, **(defaults | SOURCE | facts)
    )
    for quantity, value in ((Quantity.SCOPE_1, scope_1), (Quantity.SCOPE_2_LOCATION, scope_2)):
        if value is not None:
            Figure.objects.create(disclosure=made, quantity=quantity, value=value, typed=str(value))
    if state in (Disclosure.State.RECORDED, Disclosure.State.VERIFIED):
        Disclosure.objects.filter(pk=made.pk).update(digest=made.content_digest(), frozen_at=Now())
        made.refresh_from_db()
    return made


def citing(line: Activity, *files: Evidence, place: str = "") -> Activity:
    """The line, to be written with these files."""
    line.cited = [Citation(evidence=file, place=place) for file in files]
    return line


def family(code: str = "F01") -> TechnologyFamily:
    """One that ships; F01 is onshore wind turbines, in MW and MWh."""
    return TechnologyFamily.objects.get(code=code)


def solution(disclosure: Disclosure, *, code: str = "F01", number: int = 1, **facts: Any) -> Solution:
    """500 MW of wind turbines that run in China, unless said otherwise."""
    given: dict[str, Any] = {"country": "CHN", "units_sold": 500.0, "service_per_unit_year": 2200.0, "life_years": 20}
    return Solution.objects.create(disclosure=disclosure, family=family(code), number=number, **(given | facts))


def track(
    company: Company, track: str = "power_decarbonisation", *, by: User | None = None, **facts: Any
) -> CompanyTrack:
    """An opinion, which a person has confirmed where one is named."""
    given: dict[str, Any] = {"why": "makes turbines", **SOURCE}
    made = CompanyTrack.objects.create(company=company, track=track, **(given | facts))
    if by:
        made.confirm(by=by)
        made.refresh_from_db()
    return made


def gate_word(company: Company, question: str = "exclusion", answer: str = "no", **facts: Any) -> GateWord:
    """What a source states, unless `is_confirmed` and `by` say that the fund has confirmed it."""
    given: dict[str, Any] = {"evidence": "Annual report 2024, p. 12", "source": SOURCE["source"]}
    return GateWord.objects.create(company=company, question=question, answer=answer, **(given | facts))


def data_request(company: Company, by: User, *asked: tuple[int, str], **given: Any) -> DataRequest:
    """For the EBIT of 2024 unless said otherwise, due in two weeks."""
    items = [Asked(*one) for one in asked or [(2024, Quantity.EBIT)]]
    due = given.pop("due", None) or timezone.localdate() + timedelta(days=14)
    return DataRequest.ask(company, items, due=due, by=by, **given)


def overdue(request: DataRequest, days: int = 1) -> None:
    """As if it had been due so many days ago: what was asked is never edited, so the guard steps aside."""
    guards.remove(connection, guards.OF_DATA_REQUESTS)
    DataRequest.objects.filter(pk=request.pk).update(due=timezone.localdate() - timedelta(days=days))
    guards.install(connection, guards.OF_DATA_REQUESTS)
    request.refresh_from_db()


def rita() -> User:
    """The independent reviewer."""
    return User.objects.filter(username="rita").first() or user("rita", Role.INDEPENDENT_REVIEWER)


def opinion(disclosure: Disclosure, by: User, **said: Any) -> Opinion:
    """Drafted by a verifier who has read it and says so of what is open; unmodified unless said otherwise."""
    given: dict[str, Any] = {
        "digest": disclosure.digest,
        "level": "limited",
        "kind": "unmodified",
        "criteria": "ghg_protocol",
        "scope": "All sites, scopes 1 and 2.",
        "sampling": "All figures; of the bills the largest ten.",
        "statement": "Nothing came to our attention.",
        "has_no_conflict": True,
    }
    if (said.get("kind", "unmodified")) in ("unmodified", "modified") and disclosure.open_items():
        given["despite"] = "Compared with the printed report."
    return Opinion.draft(disclosure, by=by, **(given | said))


def verify(disclosure: Disclosure, by: User, *, reviewer: User | None = None, **said: Any) -> Opinion:
    """Both hands: `by` drafts the opinion, Rita issues it."""
    made = opinion(disclosure, by, **said)
    made.issue(by=reviewer or rita())
    disclosure.refresh_from_db()
    return made


def shown(draft: Disclosure, by: User) -> None:
    """Every figure cites a file: without evidence none counts as verified."""
    file = Evidence.keep(read_upload("report.pdf", b"%PDF-1.7 report"), company=draft.company, by=by)
    for quantity in draft.values():
        draft.cite(Quantity(quantity), [Citation(evidence=file, place="p. 12")], by=by, edition=draft.edition)


def verified_before_opinions(disclosure: Disclosure, by: User, **facts: Any) -> None:
    """As it was verified before opinions were kept: the guard of today steps aside."""
    guards.remove(connection, guards.OF_OPINIONS)
    told: dict[str, Any] = {"state": "verified", "verified_by": by, "verified_at": Now(), "frozen_at": Now()}
    Disclosure.objects.filter(pk=disclosure.pk).update(**(told | facts))
    guards.install(connection, guards.OF_OPINIONS)
    disclosure.refresh_from_db()


def substitution(disclosure: Disclosure, by: User, value: float = 5000.0) -> Substitution:
    """Of scope 1, at a cautious value."""
    return Substitution.put(disclosure, Quantity.SCOPE_1, value, "Default of the guide, table 3.", by=by)


def financials(company: Company, year: int | None = 2024, revenue: float | None = 1e9, **facts: Any) -> Financials:
    return Financials.objects.create(
        company=company, year=year, revenue=revenue, **({"currency": "CNY"} | SOURCE | facts)
    )


def target(company: Company, key: str = "t1", **facts: Any) -> Target:
    defaults: dict[str, Any] = {
        "horizon": "end",
        "kind": "absolute",
        "reduction_share": 0.5,
        "base_year": 2019,
        "target_year": 2035,
        "scope3": "yes",
        "status": "strategy",
        "text": "halve it",
    }
    return Target.objects.create(company=company, target_key=key, **(defaults | SOURCE | facts))


def join(company: Company, state: str = "not_confirmed", **facts: Any) -> Join:
    """Of all figures of the source that everything else here has, by a name alone unless said otherwise."""
    given: dict[str, Any] = {"method": "name", "entity_id": "17", "entity_name": "Shu Guang", "entity_country": "CHN"}
    return Join.objects.create(company=company, state=state, **(given | SOURCE | facts))


def rate(currency: str, of: int | date, per_usd: float) -> ExchangeRate:
    """The mean of a year, or the closing of a day."""
    period = {"year": of} if isinstance(of, int) else {"day": of}
    return ExchangeRate.objects.create(currency=currency, per_usd=per_usd, source="made for a test", **period)


def scoreable(key: str = "demo-alpha", *, scale: float = 1.0, **facts: Any) -> Company:
    """A company with all that the method asks for: three years, revenue, a target."""
    made = company(key, **facts)
    for year, share in ((2022, 1.0), (2023, 0.9), (2024, 0.8)):
        disclosure(made, year, scope_1=1200.0 * share * scale, scope_2=800.0 * share * scale)
        financials(made, year, 1e9)
    target(made)
    return made


def fund(**facts: Any) -> ThemeFund:
    defaults: dict[str, Any] = {"name_zh": "重庆示范基金", "name_en": "Chongqing demo fund", "is_illustrative": True}
    return ThemeFund.objects.create(**(defaults | facts))


def mandate(fund: ThemeFund, valid_from: date | str = "2025-01-01", **asks: Any) -> Mandate:
    """In force: written by Petra and confirmed by Quinn, whose roles are of no matter afterwards."""
    petra, quinn = (User.objects.get_or_create(username=name)[0] for name in ("petra", "quinn"))
    both = {"proposed_by": petra, "confirmed_by": quinn, "confirmed_at": timezone.now()}
    return Mandate.objects.create(fund=fund, valid_from=valid_from, **(both | asks))


def score(company: Company, as_of: date = date(2025, 6, 30)) -> Score:
    """The company's score as of that day, by a run that was worked on here and now."""
    run, _new = runs.start([company], title="test", by=None, as_of=as_of)
    runs.drain(run.pk)
    return Score.objects.get(run=run, company=company)


def proposal(score: Score, by: User, fund: ThemeFund, **what: Any) -> Proposal:
    given: dict[str, Any] = {"kind": "invest", "reason": "fits the fund", "failed_rules_note": "known"}
    if what.get("kind", "invest") == "invest":
        given["amount_cny"] = Decimal(3_000_000)
    return Candidate.of(fund, score.company, by=by).propose(score, by=by, **(given | what))


def calculation(disclosure: Disclosure, **facts: Any) -> Calculation:
    """What a ledger came to: 5 t of scope 2, location-based, unless said otherwise."""
    defaults: dict[str, Any] = {
        "occasion": Calculation.Occasion.VERIFIED,
        "content_digest": disclosure.digest,
        "tables_digest": "0" * 64,
        "gwp_set": "AR6",
        "as_of": date(2025, 6, 30),
        "scope_1_t": 0.0,
        "scope_2_location_t": 5.0,
        "scope_3_t": 0.0,
        "record_json": "{}",
        "digest": "1" * 64,
    }
    return Calculation.objects.create(disclosure=disclosure, **(defaults | facts))


def holding(fund: ThemeFund, company: Company, *, key: str = "", **facts: Any) -> Holding:
    """Listed shares, unless said otherwise."""
    defaults: dict[str, Any] = {"asset_class": "listed_equity", "instrument": "shares"}
    return Holding.objects.create(
        fund=fund, company=company, holding_key=key or company.company_key, **(defaults | facts)
    )


def position(holding: Holding, outstanding: float | None, as_of: date = date(2025, 6, 30), **facts: Any) -> Position:
    given: dict[str, Any] = {"source": "made for a test", "outstanding": outstanding, **facts}
    return Position.objects.create(holding=holding, as_of=as_of, **given)


def prices(company: Company, as_of: date = date(2025, 6, 30), **facts: Any) -> PriceInputs:
    return PriceInputs.objects.create(company=company, as_of=as_of, **{"source": "made for a test", **facts})


def load_directory(folder: Path) -> Report:
    """As the command does. Raises NotLoadable with every fault, and then nothing was written."""
    return load(read(folder))
