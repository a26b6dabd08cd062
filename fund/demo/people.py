"""What the demo adds to real companies: people with known passwords, one company to try the journey with, a fund.

All of it is labelled as illustrative; the books of real funds stand beside it, as published. It exists in demo mode
only, is made where missing and never overwritten.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from fund.demo import candidates as demo_candidates
from fund.demo import holdings as demo_holdings
from fund.demo import ledger as ledger_example
from fund.demo import real_funds, requests
from fund.models import Mandate, ThemeFund
from portfolio import audit, beijing
from portfolio.models import (
    Activity,
    Company,
    CompanyTrack,
    Deadline,
    Disclosure,
    Figure,
    Financials,
    Membership,
    Person,
    Quantity,
    Role,
    RoleChange,
    Sector,
    Target,
    Track,
)
from portfolio.places.names import city_of
from scoring.models import BarSheet

COMPANY_KEY = "demo-shili-storage"
FUND_NAME = "成渝绿色主题基金（示例）"
SIZE_CNY = Decimal(500_000_000)
CHENGDU = "510100"  # GB/T 2260
LABEL = "illustrative 示例"
ORIGIN = {
    "source": "示例数据（演示用） Made for the demo, illustrative",
    "licence": "无需许可（示例数据） none needed: invented",
}
REVENUE_CNY = {2023: 1_180_000_000.0, 2024: 1_420_000_000.0, 2025: 1_690_000_000.0}
PAST_EMISSIONS_T = {2023: (3_900.0, 15_200.0), 2024: (3_700.0, 15_900.0)}  # scope 1, scope 2 location-based
DRAFT_YEAR = 2025
DUE_IN = timedelta(days=18)  # from the set-up on
DRAFT_FIGURES = {
    Quantity.SCOPE_1: 3_450.0,
    Quantity.SCOPE_2_LOCATION: 15_600.0,
    Quantity.ELECTRICITY: 29_000_000.0,
}


@dataclass(frozen=True)
class Account:
    username: str
    is_for: str
    role: Role | None = None
    membership: Membership.Kind | None = None


ACCOUNTS = (
    Account("manager", "fund manager", role=Role.FUND_MANAGER),
    Account("committee", "reads proposals on the investment committee", role=Role.COMMITTEE_MEMBER),
    Account("applicant", "submits for the illustrative company", membership=Membership.Kind.SUBMITTER),
    Account("colleague", "contributes to the same company", membership=Membership.Kind.CONTRIBUTOR),
    Account("verifier", "verifies disclosures", role=Role.VERIFIER),
    Account("reviewer", "issues opinions of verifiers", role=Role.INDEPENDENT_REVIEWER),
    Account("admin", "proposes and decides in the admin", role=Role.ADMIN),
    Account("admin2", "the second pair of eyes", role=Role.ADMIN),
)


def set_up() -> None:
    """Make what is missing. Raises ImproperlyConfigured outside demo mode."""
    if not settings.DEMO:
        raise ImproperlyConfigured("Demo users have printed passwords: only with GREENLIGHT_MODE=demo.")
    known = passwords()
    users = _users(known)
    with transaction.atomic():
        company = _company(submitter=users["applicant"])
        for account in ACCOUNTS:
            if account.membership:
                Membership.objects.get_or_create(
                    user=users[account.username], company=company, defaults={"kind": account.membership}
                )
        if not Deadline.objects.filter(year=DRAFT_YEAR, company=None).exists():
            Deadline.objects.create(year=DRAFT_YEAR, due=beijing.today() + DUE_IN, note=LABEL)
        fund = _fund(proposer=users["admin"], confirmer=users["admin2"])
        demo_holdings.set_up(fund, users["admin"])
        demo_candidates.set_up(fund, users["admin"])
        requests.set_up()
        real_funds.set_up(users["admin"])  # behind the fund of our own, which people see first


def accounts() -> list[tuple[Account, str]]:
    """Who can log in, and the password each was made with."""
    known = passwords()
    return [(account, known[account.username]) for account in ACCOUNTS]


def passwords() -> dict[str, str]:
    """One random password for each account, made once, in a file that only its owner may read."""
    path = Path(settings.VAR_DIR) / "passwords.json"
    known: dict[str, str] = json.loads(path.read_text(encoding="ascii")) if path.exists() else {}
    missing = [account.username for account in ACCOUNTS if account.username not in known]
    if missing:
        known |= {username: secrets.token_urlsafe(12) for username in missing}
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            json.dump(known, file, indent=1)
        fresh.replace(path)
    return known


def _users(passwords: dict[str, str]) -> dict[str, User]:
    """Roles need two administrators: here there are none yet, so they are the founding's, before any person."""
    with transaction.atomic():
        missing = {
            account: _user(account, passwords[account.username])
            for account in ACCOUNTS
            if not User.objects.filter(username=account.username).exists()
        }
        roles = {user: account.role.value for account, user in missing.items() if account.role}
        if RoleChange.objects.exclude(outcome=RoleChange.Outcome.FOUNDING).exists():  # an account of a later release
            proposer, confirmer = (User.objects.get(username=name) for name in ("admin", "admin2"))
            for user, role in roles.items():
                RoleChange.propose(user, role, LABEL, by=proposer).confirm(by=confirmer)
        else:
            RoleChange.found(roles)
    return {user.username: user for user in User.objects.filter(username__in=[one.username for one in ACCOUNTS])}


def _user(account: Account, password: str) -> User:
    user = User.objects.create_user(
        account.username,
        f"{account.username}@demo.invalid",
        password,
        first_name=account.username,
        last_name=f"({LABEL})",
    )
    Person.objects.create(user=user)
    audit.append(None, "demo.user_made", f"user:{user.pk}", detail=account.username)
    return user


def _company(*, submitter: User) -> Company:
    """The company to try the journey with: two years on record, the third a draft with a ledger, ready to submit."""
    found = Company.objects.filter(company_key=COMPANY_KEY).first()
    if found:
        return found
    company = Company.objects.create(
        company_key=COMPANY_KEY,
        name_zh="示例储能（成都）有限公司（示例）",
        name_en="Shili Storage (Chengdu) Co., Ltd. (illustrative)",
        country="CHN",
        city=city_of(CHENGDU),
        sector=Sector.MACHINERY,
        isic="27",
        sector_source="储能设备",
        description="电网侧与用户侧储能系统的研发、生产和销售；锂电池储能集装箱；光储充一体化工程。\n"
        "Makes battery storage systems for the grid and for factories; solar, storage and charging projects.",
        is_illustrative=True,
        **ORIGIN,
    )
    Financials.objects.bulk_create(
        Financials(company=company, year=year, currency="CNY", revenue=revenue, **ORIGIN)
        for year, revenue in REVENUE_CNY.items()
    )
    Target.objects.create(
        company=company,
        target_key="illustrative-2035",
        horizon=Target.Horizon.INTERIM,
        kind=Target.Kind.ABSOLUTE,
        reduction_share=0.5,
        base_year=2023,
        target_year=2035,
        covers_scope_1="Yes",
        covers_scope_2="Yes",
        scope3=Target.Scope3.PARTIAL,
        status=Target.Status.STRATEGY,
        text="2035 年范围一和范围二排放较 2023 年减半（示例）。Halve scopes 1 and 2 by 2035 from 2023 (illustrative).",
        **ORIGIN,
    )
    CompanyTrack.objects.create(
        company=company, track=Track.POWER, why="储能设备 Storage equipment for the grid", confidence="high", **ORIGIN
    )
    for year, (scope_1_t, scope_2_t) in PAST_EMISSIONS_T.items():
        figures = {Quantity.SCOPE_1: scope_1_t, Quantity.SCOPE_2_LOCATION: scope_2_t}
        past = _disclosure(company, year, Disclosure.State.RECORDED, figures)
        if year == DRAFT_YEAR - 1:  # so that the draft's ledger has one to be compared with
            Activity.objects.bulk_create(ledger_example.activities(past, ledger_example.YEAR_BEFORE))
        Disclosure.objects.filter(pk=past.pk).update(digest=past.content_digest(), frozen_at=Now())
    draft = _disclosure(company, DRAFT_YEAR, Disclosure.State.DRAFT, DRAFT_FIGURES, created_by=submitter)
    draft.log(submitter, "opened", comment="")
    Activity.objects.bulk_create(ledger_example.activities(draft))
    audit.append(None, "demo.company_made", f"company:{company.company_key}")
    return company


def _fund(*, proposer: User, confirmer: User) -> ThemeFund:
    """A fund of all four tracks with a mandate that some of its candidates meet, some fail and some leave open."""
    fund, is_new = ThemeFund.objects.get_or_create(
        name_en="Chengdu–Chongqing green theme fund (illustrative)",
        defaults={
            "name_zh": FUND_NAME,
            "note": LABEL,
            "size_cny": SIZE_CNY,
            "is_illustrative": True,
        },
    )
    if is_new:
        Mandate.objects.create(
            fund=fund,
            valid_from=date(2025, 1, 1),
            bar_sheet=BarSheet.in_force(timezone.localdate()),
            min_cleared=3,
            min_p_cleared=0.6,
            worst_evidence=Mandate.Evidence.E3,
            oldest_data_year=2024,
            max_ticket_share=0.1,
            confirmed_track_required=True,
            note=LABEL,
            proposed_by=proposer,
            confirmed_by=confirmer,
            confirmed_at=timezone.now(),  # before any day that a page would allow: the demo looks back
        )
        audit.append(None, "demo.fund_made", f"fund:{fund.pk}")
    return fund


def _disclosure(
    company: Company,
    year: int,
    state: Disclosure.State,
    figures: dict[Quantity, float],
    created_by: User | None = None,
) -> Disclosure:
    disclosure = Disclosure.objects.create(
        company=company,
        year=year,
        state=state,
        boundary="全部生产场所 All production sites",
        revenue_boundary=Disclosure.RevenueBoundary.MATCHED,
        source_document=f"{year} 年环境报告（示例） Environmental report {year} (illustrative)",
        created_by=created_by,
        **ORIGIN,
    )
    Figure.objects.bulk_create(_figures(disclosure, figures))
    return disclosure


def _figures(disclosure: Disclosure, figures: dict[Quantity, float]) -> Sequence[Figure]:
    return [
        Figure(disclosure=disclosure, quantity=quantity, value=value, typed=f"{value:,.0f}", source=ORIGIN["source"])
        for quantity, value in figures.items()
    ]
