"""A program that calls the API as somebody, with a token."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from portfolio.models import ApiToken, Scope

V1 = "/api/v1"


class Caller(Client):
    """Sends JSON with a token of the person, with all scopes unless said otherwise."""

    def __init__(self, person: User | None = None, scopes: Sequence[str] = tuple(Scope.values), **more: Any) -> None:
        super().__init__(**more)
        self.token = issue(person, scopes) if person else ""

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.token:
            headers.setdefault("Authorization", f"Bearer {self.token}")
        data = "" if body is None else json.dumps(body)
        return self.generic(method, path, data, content_type="application/json", headers=headers)

    def read(self, path: str, **headers: str) -> Any:
        return self.ask("GET", V1 + path, **headers)

    def send(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.ask("POST", V1 + path, body, **headers)

    def change(self, path: str, body: Any, **headers: str) -> Any:
        return self.ask("PATCH", V1 + path, body, **headers)


def issue(person: User, scopes: Sequence[str] = tuple(Scope.values), days: int = 1, *, has_factor: bool = False) -> str:
    until = timezone.now() + timedelta(days=days)
    return ApiToken.issue(person, name="test", scopes=scopes, expires_at=until, has_factor=has_factor)[1]


def is_problem(response: Any, status: int, code: str) -> dict[str, Any]:
    """The answer is this problem document, whole."""
    assert response.status_code == status, response.content
    assert response["Content-Type"] == "application/problem+json"
    said: dict[str, Any] = json.loads(response.content)
    assert (said["type"], said["status"]) == (f"/problems/{code}", status)
    assert said["title"]
    assert said["detail"]
    return said
