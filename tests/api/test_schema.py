"""The OpenAPI document is true: schemathesis asks everything it describes, as everybody."""

from __future__ import annotations

import contextlib
import json
import os
import random
import re
from collections import Counter
from collections.abc import Callable
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.contrib.auth.models import User
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from django.test import Client
from django.urls import get_resolver
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis.errors import Unsatisfiable
from schemathesis.checks import CHECKS, load_all_checks
from schemathesis.core.failures import FailureGroup

from portfolio.models import Role, Scope
from tests import make
from tests.api.caller import Caller, issue

pytestmark = pytest.mark.django_db
load_all_checks()

GIVEN = os.environ.get("FUZZ_SEED") or "20261123"  # a run that fails can be run again
SEED = random.SystemRandom().randrange(2**32) if GIVEN == "random" else int(GIVEN)
EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES") or 2)
# positive_data_acceptance does not fit: valid by the schema may still name a company that is not there.
NAMES = ("not_a_server_error", "status_code_conformance", "content_type_conformance", "response_schema_conformance",
         "response_headers_conformance", "negative_data_rejection")  # fmt: skip


def served() -> Callable[..., Any]:
    """The product as servers run it, on the test's connection: its requests leave that open."""
    handler = get_wsgi_application()

    def app(environ: Any, start_response: Any) -> Any:
        for signal in (request_started, request_finished):
            signal.disconnect(close_old_connections)  # Django's test client, too, which then puts them back
        return handler(environ, start_response)

    return app


def document() -> dict[str, Any]:
    answer = Caller(make.user("reader")).ask("GET", "/api/schema/", Accept="application/vnd.oai.openapi+json")
    assert answer.status_code == 200, answer.content
    described: dict[str, Any] = json.loads(answer.content)
    return described


def test_it_is_openapi_3_1_and_describes_every_route() -> None:
    described = document()
    assert described["openapi"] == "3.1.1"
    routes = {
        "/api/" + re.sub("<(int|str):", "{", str(pattern.pattern).replace("<int:pk", "{id")).replace(">", "}")
        for pattern in get_resolver("fund.api.urls").url_patterns
        if str(pattern.pattern).startswith("v1/")
    }
    assert set(described["paths"]) == routes


def test_every_operation_names_its_refusals_and_its_tokens() -> None:
    described = document()
    for path in described["paths"].values():
        for operation in path.values():
            for status in ("400", "401", "403", "404", "500"):
                assert "application/problem+json" in operation["responses"][status]["content"]
            assert {"token": []} in operation["security"]


def test_null_is_said_as_3_1_says_it() -> None:
    described = document()
    assert '"nullable"' not in json.dumps(described)
    lists = [schema for name, schema in described["components"]["schemas"].items() if name.startswith("Paginated")]
    assert lists
    assert {tuple(schema["properties"]["next"]["type"]) for schema in lists} == {("string", "null")}


def test_what_carries_a_version_says_that_it_may_be_unchanged() -> None:
    described = document()
    unchanged = {
        path for path, methods in described["paths"].items() if "304" in methods.get("get", {}).get("responses", {})
    }
    one = {f"/api/v1/disclosures/{{id}}/{part}" for part in ("", "solutions/")}
    one.add("/api/v1/monitoring-plans/{id}/")
    assert unchanged == {*one, "/api/v1/scores/{id}/", "/api/v1/scores/{id}/receipt/"}


def test_a_line_without_a_notation_key_is_described_too() -> None:
    notation = document()["components"]["schemas"]["ComputedLineReading"]["properties"]["notation"]
    assert {"$ref": "#/components/schemas/BlankEnum"} in notation["oneOf"]


@pytest.mark.parametrize("kind", ["*/*", "application/json", "application/vnd.oai.openapi+json"])
def test_it_is_given_to_whoever_asks_for_json(kind: str) -> None:
    answer = Caller(make.user("reader")).ask("GET", "/api/schema/", Accept=kind)
    assert answer.status_code == 200
    assert json.loads(answer.content)["openapi"] == "3.1.1"


def test_its_documentation_comes_from_here_alone() -> None:
    client = Client()
    client.force_login(make.carol())
    answer = client.get("/api/docs/")
    page = answer.content.decode()
    assert "unsafe-inline" not in answer["Content-Security-Policy"]
    assert "http" not in page.replace("https://www.w3.org", "")
    for attribute in ("<style", "style=", "onclick", "<script>"):
        assert attribute not in page


PEOPLE: dict[str, Callable[[Any], User | None]] = {
    "anonymous": lambda company: None,
    "nobody": lambda company: make.user("nobody"),
    "contributor": make.frank,
    "submitter": make.alice,
    "verifier": lambda company: make.bob(),
    "independent_reviewer": lambda company: make.user("ivy", Role.INDEPENDENT_REVIEWER),
    "fund_manager": lambda company: make.carol(),
    "committee_member": lambda company: make.user("grace", Role.COMMITTEE_MEMBER),
    "admin": lambda company: make.dan(),
    "superuser": lambda company: make.user("root", "admin", is_superuser=True),
}


ON_POSTGRESQL = ("submitter", "verifier", "superuser")
EACH = [pytest.param(who, marks=[pytest.mark.postgres] if who in ON_POSTGRESQL else []) for who in PEOPLE]


@pytest.mark.slow
@pytest.mark.parametrize("who", EACH)
def test_whatever_is_asked_is_answered_as_described(who: str, settings: Any) -> None:
    settings.API_RATES = dict.fromkeys(settings.API_RATES, "100000/min")
    company = make.scoreable()
    make.disclosure(company, 2020, state="draft")
    make.score(company)
    make.position(make.holding(make.fund(), company), 100.0)
    person = PEOPLE[who](company)
    headers = {"Authorization": f"Bearer {issue(person)}"} if person else {}
    print(f"{who}: FUZZ_SEED={SEED} FUZZ_EXAMPLES={EXAMPLES}")  # noqa: T201  shown with a failure: to ask it again
    statuses = ask_everything(described_for(), headers)
    print(f"{sum(statuses.values())} requests, {dict(sorted(statuses.items()))}")  # noqa: T201
    assert statuses
    if person is None:
        # 404: a path that fits no route; 200 and 400: of a bar sheet, which is there for anybody
        assert set(statuses) <= {200, 400, 401, 404, 405}
    assert not [status for status in statuses if status >= 500]


@cache
def described_for() -> Any:
    """Read once: what can be asked is the same for everybody."""
    app = served()
    text = {"Authorization": f"Bearer {issue(make.user('describer'), [Scope.COMPANIES_READ])}"}
    return schemathesis.openapi.from_wsgi("/api/schema/", app, headers=text)


def ask_everything(schema: Any, headers: dict[str, str]) -> Counter[int]:
    statuses: Counter[int] = Counter()
    checks = [CHECKS.get_one(name) for name in NAMES]
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):
            strategy = operation.as_strategy(generation_mode=mode)

            @seed(SEED)
            @settings(
                max_examples=EXAMPLES,
                deadline=None,
                database=None,
                phases=[Phase.explicit, Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=strategy)
            def ask(case: Any) -> None:
                response = case.call(headers=headers)
                statuses[response.status_code] += 1
                case.validate_response(response, checks=checks, headers=headers)
                if response.status_code >= 400:
                    assert response.headers["content-type"][0].startswith("application/problem+json")

            with contextlib.suppress(Unsatisfiable):  # some operations have nothing that could be wrong
                ask()
    return statuses


def test_a_lie_in_the_document_is_found() -> None:
    """Negative control: where the document promises something else than the views do, the fuzz says so."""
    make.company()
    raw = document()
    raw["components"]["schemas"]["StandingCompany"]["properties"]["sector"] = {"type": "integer"}
    schema = schemathesis.openapi.from_dict(raw)
    schema.app = served()
    schema.location = "http://localhost/api/schema/"
    headers = {"Authorization": f"Bearer {issue(make.carol())}"}
    case = schema["/api/v1/companies/"]["GET"].Case()
    with pytest.raises(FailureGroup) as found:
        case.call_and_validate(headers=headers)
    assert "Response violates schema" in str(found.value.exceptions[0])
