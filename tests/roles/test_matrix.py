"""Every route × method × role × company, against one table; and what must hold for all of them alike."""

from __future__ import annotations

import re
from collections import Counter
from copy import deepcopy
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from fund.pipeline import views as pipeline_views
from tests.roles.answers import Answer, ask, entries_marked, header_faults
from tests.roles.routes import body_of, every_route, expected_cells, path_of
from tests.roles.table import API_METHODS, Cell
from tests.roles.world import ADMINISTRATORS, ROLES, SIGNED_IN, World, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("bare_refusals")]

IN_ANY_HURRY = ("anonymous",)
BESIDE_THE_RAIL = (
    "stuck",
    "help",
    "tutorial",
    "account_",
    "mfa_",
    "log_in_again",
    "session",
    "token",
    "problem",
    "method",
    "api:docs",
)  # of the account, of anybody
REFUSED_ANYWAY = ("403", "404", "405")
ON_POSTGRESQL = ("submitter", "verifier", "superuser")
EACH_ROLE = [
    pytest.param(
        role,
        marks=[
            *([] if role in IN_ANY_HURRY else [pytest.mark.slow]),
            *([pytest.mark.postgres] if role in ON_POSTGRESQL else []),
        ],
    )
    for role in ROLES
]
Answers = dict[Cell, tuple[str, Answer]]
_KNOWN: dict[str, Answers] = {}


@pytest.fixture
def world(standing_world: World) -> World:
    return deepcopy(standing_world)


def answers_to(role: str, world: World) -> Answers:
    """Every request of the table as this role, asked once for all tests of this file: cell → address and answer."""
    if role not in _KNOWN:
        client = signed_in(world.people.get(role))
        before = row_counts()
        _KNOWN[role] = {cell: _answer(client, world, cell) for cell in expected_cells() if cell.role == role}
        assert row_counts() == before
    return _KNOWN[role]


def _answer(client: Client, world: World, cell: Cell) -> tuple[str, Answer]:
    party = world.party(cell.whose)
    path = path_of(cell.route, cell.case, party, world)
    answer, wrote = ask(client, cell.method, path, body_of(cell.route, cell.case, party))
    person = getattr(answer.wsgi_request, "user", None)  # type: ignore[attr-defined]  # the probes ask for nobody
    still_there = person is not None and person.is_authenticated  # logging out ends it
    faults = tuple(header_faults(answer, signed_in=still_there))
    location, marked = answer.headers.get("Location", ""), entries_marked(answer)
    return path, Answer(answer.status_code, location, wrote, faults, marked)


def row_counts() -> dict[str, int]:
    return {
        model._meta.label: model._default_manager.count()
        for model in apps.get_models()
        if model._meta.label not in ("sessions.Session", "usersessions.UserSession")
    }


# --- the table and the resolver name the same routes ------------------------------------------------------
def test_every_route_has_its_lines_and_every_line_its_route() -> None:
    routes = {route.key for route in every_route()}
    asked = {(cell.route, cell.method) for cell in expected_cells()}
    missing = {(route, method) for route in routes for method in methods_of(route)} - asked
    assert not missing, f"no line in tests/roles/table.py: {sorted(missing)}"
    assert not {route for route, _method in asked} - routes, "lines without a route"


def methods_of(route: str) -> tuple[str, ...]:
    return API_METHODS if route.startswith("api") else ("GET", "POST")


def test_no_request_stands_in_the_table_twice() -> None:
    asked = Counter((cell.route, cell.case, cell.method, cell.role, cell.whose) for cell in expected_cells())
    assert not [request for request, n in asked.items() if n > 1]


def test_every_action_of_the_administration_has_its_line() -> None:
    asked = {(cell.route, cell.case) for cell in expected_cells()}
    for model, page in admin.site._registry.items():
        for _action, name, _description in page._get_base_actions():
            if name != "delete_selected":
                where = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
                assert (where, name) in asked


# --- who gets what ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", EACH_ROLE, scope="module")
def test_every_request_is_answered_as_the_table_says(world: World, role: str) -> None:
    wrong = [
        f"{cell}: {answer.in_words(path)} instead of {cell.expected} {sorted(answer.wrote)}"
        for cell, (path, answer) in answers_to(role, world).items()
        if answer.in_words(path) != cell.expected
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("role", EACH_ROLE, scope="module")
def test_reading_writes_nothing(world: World, role: str) -> None:
    read = {cell: answer for cell, (_path, answer) in answers_to(role, world).items() if cell.method == "GET"}
    assert not {str(cell): answer.wrote for cell, answer in read.items() if answer.wrote}
    if role in ADMINISTRATORS:  # what writes is seen to write
        assert any(answer.wrote for _path, answer in answers_to(role, world).values())


@pytest.mark.parametrize("role", EACH_ROLE, scope="module")
def test_every_answer_carries_the_security_headers(world: World, role: str) -> None:
    assert not {str(cell): answer.faults for cell, (_path, answer) in answers_to(role, world).items() if answer.faults}


@pytest.mark.parametrize("role", EACH_ROLE, scope="module")
def test_every_page_marks_exactly_one_entry_of_the_rail(world: World, role: str) -> None:
    framed = {
        cell: answer.marked
        for cell, (_path, answer) in answers_to(role, world).items()
        if answer.status == 200 and answer.marked is not None and not cell.route.startswith(BESIDE_THE_RAIL)
    }
    assert bool(framed) == (role in SIGNED_IN)  # a stranger sees no rail
    assert not {str(cell): marked for cell, marked in framed.items() if marked != 1}


# --- what holds for all ----------------------------------------------------------------------------------
@pytest.mark.slow
@pytest.mark.parametrize("role", ["submitter", "verifier", "admin"])
def test_nothing_is_changed_without_the_token_of_a_page(world: World, role: str) -> None:
    client = signed_in(world.people[role], enforce_csrf_checks=True)
    wrong, asked = {}, 0
    for cell in expected_cells():
        if cell.role == role and cell.method != "GET" and cell.expected not in REFUSED_ANYWAY:
            asked += 1
            party = world.party(cell.whose)
            body = body_of(cell.route, cell.case, party)
            answer, wrote = ask(client, cell.method, path_of(cell.route, cell.case, party, world), body)
            # 404: there is nothing that could change; 415: it takes files, and looks for the token in a form.
            if answer.status_code not in (403, 404, 415) or wrote:
                wrong[str(cell)] = (answer.status_code, wrote)
    assert asked > 25
    assert not wrong


@pytest.mark.slow
def test_staff_without_a_second_factor_reach_only_its_enrolment(world: World, settings: Any) -> None:
    settings.STAFF_NEED_MFA = True
    for role in SIGNED_IN[2:]:
        client = signed_in(world.people[role])
        asked = [one for one in expected_cells() if (one.role, one.whose, one.method) == (role, "other", "GET")]
        for path in dict.fromkeys(path_of(cell.route, cell.case, world.other, world) for cell in asked):
            if _needs_enrolment(path):
                answer, _wrote = ask(client, "GET", path, {})
                if path.startswith("/api/"):  # a program is told, not led
                    assert answer.status_code == 403 or answer.headers.get("Location"), (role, path)
                else:
                    assert answer.headers.get("Location") == reverse("mfa_activate_totp"), (role, path)


def _needs_enrolment(path: str) -> bool:
    return path.startswith(("/app/", "/admin/", "/api/"))


@pytest.mark.parametrize("role", EACH_ROLE, scope="module")
def test_other_answers_carry_the_security_headers_too(world: World, role: str, monkeypatch: pytest.MonkeyPatch) -> None:
    client = signed_in(world.people.get(role))
    is_in = role != "anonymous"
    for path in ("/nowhere/", "/app/nowhere/", "/app", "/app/companies/0/", "/static/none.css"):
        answer = client.get(path)
        assert answer.status_code in (301, 302, 404)
        faults = list(header_faults(answer, signed_in=is_in and answer.status_code == 404))
        assert not faults, (path, faults)
    for path in ("/static/greenlight/app.css", "/static/admin/css/base.css"):
        shipped = client.get(path)
        assert shipped.status_code == 200
        assert not list(header_faults(shipped, signed_in=False)), path


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_a_fault_of_ours_tells_nothing(world: World, monkeypatch: pytest.MonkeyPatch, language: str) -> None:
    def break_down(*_given: Any) -> None:
        raise RuntimeError("SELECT zqfault FROM secrets")

    monkeypatch.setattr(pipeline_views, "Candidates", break_down)
    client = signed_in(world.people["fund_manager"], language=language)
    answer = client.get(reverse("candidates"))
    assert answer.status_code == 500
    shown = answer.content.decode()
    assert "zqfault" not in shown and "RuntimeError" not in shown and "Traceback" not in shown
    assert not list(header_faults(answer, signed_in=True))


def test_the_pages_that_are_left_out_are_not_served(world: World) -> None:
    """Static files are no routes: they are answered before the resolver is asked."""
    assert not [route for route in every_route() if route.pattern.startswith(settings.STATIC_URL.strip("/"))]
    assert not re.match(r"^/?$", settings.STATIC_URL)
