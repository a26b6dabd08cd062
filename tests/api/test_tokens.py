import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from portfolio.models import ApiToken, AuditEvent, Scope
from tests import make
from tests.api.caller import Caller, is_problem, issue

pytestmark = pytest.mark.django_db


def signed_in(user: User, **how: bool) -> Client:
    client = Client(**how)  # type: ignore[arg-type]
    client.force_login(user)
    return client


def with_password(user: User) -> Client:
    """Who has just given the password: nothing less makes a token."""
    client = signed_in(user)
    client.post(reverse("account_reauthenticate"), {"password": make.PASSWORD})
    return client


def test_a_token_asks_for_the_password_again() -> None:
    person = make.alice(make.company())
    form = {"name": "ledger", "scopes": ["companies:read"], "days": "30"}
    answer = signed_in(person).post("/app/tokens/", form)
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not ApiToken.objects.exists()


def test_a_token_is_made_on_the_page_shown_once_and_works() -> None:
    alice = with_password(make.alice(make.company()))
    form = {"name": "ledger", "scopes": ["companies:read"], "days": "30"}
    page = alice.post("/app/tokens/", form).content.decode()
    text = re.search(r"gl_[0-9a-f]{8}_[\w-]{43}", page)
    assert text
    caller = Caller()
    caller.token = text[0]
    assert caller.read("/companies/").json()["count"] == 1
    again = alice.get("/app/tokens/").content.decode()
    assert text[0] not in again
    assert text[0][:11] in again
    event = AuditEvent.objects.get(verb="api_token.created")
    assert (event.actor, event.detail) == ("alice", f"{text[0][:11]} companies:read")


def test_no_usable_token_is_in_the_database(capsys: pytest.CaptureFixture[str]) -> None:
    _gl, prefix, secret = issue(make.alice(make.company())).split("_", 2)
    call_command("dumpdata", "portfolio", "auth", "sessions")
    dump = capsys.readouterr().out
    assert prefix in dump  # negative control: the dump does hold the token's row
    assert secret not in dump


WRONG = ["gl", "gl_", "gl_aaaaaaaa_", "hc_{p}_{s}", "gl_{p}_{s}x", "{s}", "gl_{p}_é", "x" * 999, "a b"]


@pytest.mark.parametrize("text", WRONG)
def test_a_wrong_token_is_refused(text: str) -> None:
    _gl, prefix, secret = issue(make.alice(make.company())).split("_", 2)
    caller = Caller()
    caller.token = text.format(p=prefix, s=secret)
    answer = caller.read("/companies/")
    is_problem(answer, 401, "not_authenticated")
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_expired_and_revoked_tokens_and_those_of_disabled_people_are_refused() -> None:
    person = make.alice(make.company())
    caller = Caller(person)
    token = ApiToken.objects.get()
    assert caller.read("/companies/").status_code == 200
    ApiToken.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    is_problem(caller.read("/companies/"), 401, "not_authenticated")
    ApiToken.objects.update(expires_at=timezone.now() + timedelta(days=1))
    User.objects.update(is_active=False)
    is_problem(caller.read("/companies/"), 401, "not_authenticated")
    User.objects.update(is_active=True)
    assert caller.read("/companies/").status_code == 200
    assert token.revoke(by=person)
    assert not token.revoke(by=person)
    is_problem(caller.read("/companies/"), 401, "not_authenticated")
    assert AuditEvent.objects.filter(verb="api_token.revoked").count() == 1


def test_its_last_use_is_seen() -> None:
    caller = Caller(make.alice(make.company()))
    assert ApiToken.objects.get().last_used_at is None
    caller.read("/companies/")
    first = ApiToken.objects.get().last_used_at
    assert first
    caller.read("/companies/")
    assert ApiToken.objects.get().last_used_at == first  # not written at every call


@pytest.mark.postgres
def test_one_revokes_ones_own_tokens_only() -> None:
    alice, mallory = make.alice(make.company()), make.user("mallory")
    issue(alice)
    token = ApiToken.objects.get()
    assert signed_in(mallory).post(f"/app/tokens/{token.pk}/revoke/").status_code == 404
    assert f"gl_{token.prefix}" not in signed_in(mallory).get("/app/tokens/").content.decode()
    assert signed_in(alice).get(f"/app/tokens/{token.pk}/revoke/").status_code == 405
    assert signed_in(alice).post(f"/app/tokens/{token.pk}/revoke/").status_code == 302
    assert ApiToken.objects.get().revoked_at


def test_a_token_needs_a_name_and_a_known_scope() -> None:
    alice = with_password(make.alice(make.company()))
    page = alice.post("/app/tokens/", {"name": "", "scopes": ["all"], "days": "9999"})
    assert page.content.decode().count("field__error") >= 3
    assert not ApiToken.objects.exists()


def test_making_tokens_is_throttled(settings: Any) -> None:
    settings.API_RATES = {"token_create": "2/hour"}
    alice = with_password(make.alice(make.company()))
    form = {"name": "n", "scopes": ["companies:read"], "days": "7"}
    assert [alice.post("/app/tokens/", form).status_code for _n in range(3)] == [200, 200, 429]
    assert ApiToken.objects.count() == 2


def test_an_administrator_reads_and_revokes_but_makes_none() -> None:
    issue(make.alice(make.company()))
    token = ApiToken.objects.get()
    dan = signed_in(make.dan())
    page = dan.get(f"/admin/portfolio/apitoken/{token.pk}/change/").content.decode()
    assert token.prefix in page
    assert token.secret_sha256 not in page
    assert dan.get("/admin/portfolio/apitoken/add/").status_code == 403
    dan.post("/admin/portfolio/apitoken/", {"action": "revoke", "_selected_action": [token.pk]})
    token.refresh_from_db()
    assert token.revoked_at
    assert AuditEvent.objects.get(verb="api_token.revoked").actor == "dan"


def test_a_session_works_and_its_writes_need_the_csrf_token() -> None:
    make.scoreable("a")
    carol = signed_in(make.carol(), enforce_csrf_checks=True)
    assert carol.get("/api/v1/companies/").status_code == 200
    for content_type in ("application/json", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"):
        answer = carol.generic("POST", "/api/v1/runs/", "{}", content_type=content_type)
        is_problem(answer, 403, "permission_denied")
    page = carol.get("/api/docs/").content.decode()
    csrf = re.search(r'data-csrf="(\w+)"', page)
    assert csrf
    answer = carol.post("/api/v1/runs/", "{}", "application/json", headers={"X-CSRFToken": csrf[1]})
    assert answer.status_code == 202


def test_house_roles_without_a_second_factor_reach_the_api_by_token_only(settings: Any) -> None:
    settings.STAFF_NEED_MFA = True
    person = make.carol()
    bearing = {"Authorization": f"Bearer {issue(person, has_factor=True)}"}
    wrong = {"Authorization": "Bearer gl_aaaaaaaa_x"}
    session = signed_in(person)
    for path in ("/api/v1/companies/", "/api/v1/runs/", "/api/schema/", "/api/docs/", "/api/nothing/"):
        is_problem(session.get(path), 403, "second_factor_required")
    assert session.get("/api/v1/companies/", headers=bearing).status_code == 200  # a cookie beside it does no harm
    assert Client().get("/api/v1/companies/", headers=bearing).status_code == 200
    is_problem(session.get("/api/v1/companies/", headers=wrong), 401, "not_authenticated")
    is_problem(session.get("/api/docs/", headers=wrong), 403, "second_factor_required")
    assert session.get("/app/candidates/", headers=bearing).status_code == 302  # pages know no tokens


def test_a_wrong_token_is_not_mended_by_a_session() -> None:
    session = signed_in(make.carol())
    assert session.get("/api/v1/companies/").status_code == 200
    wrong = session.get("/api/v1/companies/", headers={"Authorization": "Bearer gl_aaaaaaaa_x"})
    is_problem(wrong, 401, "not_authenticated")


def test_a_token_opens_no_page() -> None:
    page = Client().get("/app/candidates/", headers={"Authorization": f"Bearer {issue(make.carol())}"})
    assert page.status_code == 302
    assert "/accounts/login/" in page["Location"]


def test_options_need_one_of_the_scopes_of_the_address() -> None:
    person = make.carol()
    assert Caller(person, [Scope.CALCULATIONS_RUN]).ask("OPTIONS", "/api/v1/calculations/").status_code == 200
    is_problem(Caller(person, [Scope.SCORES_READ]).ask("OPTIONS", "/api/v1/calculations/"), 403, "insufficient_scope")
