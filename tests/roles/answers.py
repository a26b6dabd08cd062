"""Ask, and keep what matters of the answer: status, where to, what was written, and which headers are wrong."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlsplit

from django.core.files import File
from django.db import connection
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import reverse

from tests.roles.world import undone

# Sessions and rate limits are not facts: a page may touch them when it is read.
NOT_FACTS = {"django_session", "usersessions_usersession", "cache_entry"}
WRITES = re.compile(
    r'\s*(?:INSERT\s+(?:OR\s+IGNORE\s+)?INTO|UPDATE|DELETE\s+FROM|REPLACE\s+INTO)\s+"?(\w+)', re.IGNORECASE
)

RAIL = re.compile(r'<nav class="rail".*?</nav>', re.DOTALL)

POLICY = {
    "default-src": {"'self'"},
    "img-src": {"'self'", "data:"},
    "object-src": {"'none'"},
    "base-uri": {"'none'"},
    "form-action": {"'self'"},
    "frame-ancestors": {"'none'"},
}
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
}


@dataclass(frozen=True)
class Answer:
    status: int
    location: str
    wrote: frozenset[str]
    faults: tuple[str, ...]
    marked: int | None  # entries of the rail; None where the page has none

    def in_words(self, path: str) -> str:
        """As the table says it."""
        if self.status != 302:
            return f"{self.status}!" if self.wrote else str(self.status)
        if self.wrote:
            return "done"
        where = urlsplit(self.location)
        doors = (reverse("account_login"), reverse("admin:login"))  # the second leads to the first
        return "login" if where.path in doors and parse_qs(where.query).get("next") == [path] else "word"


@dataclass
class Writes:
    """The tables in which statements changed rows, while it is listening."""

    tables: set[str] = field(default_factory=set)

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        result = execute(sql, params, many, context)
        found = WRITES.match(sql)
        if found and found.group(1) not in NOT_FACTS and ("INSERT" in sql[:12].upper() or context["cursor"].rowcount):
            self.tables.add(found.group(1))
        return result


@contextmanager
def same_cookies(client: Client) -> Iterator[None]:
    """What an answer sets is forgotten, as if the browser were a copy."""
    kept = client.cookies.output(header="", sep=";")
    try:
        yield
    finally:
        client.cookies = SimpleCookie(kept)


def ask(client: Client, method: str, path: str, body: dict[str, Any]) -> tuple[HttpResponseBase, frozenset[str]]:
    """One request whose effects are undone; the answer and the tables that it wrote to."""
    writes = Writes()
    with undone(), same_cookies(client), connection.execute_wrapper(writes):
        answer = send(client, method, path, body)
    return answer, frozenset(writes.tables)


def send(client: Client, method: str, path: str, body: dict[str, Any]) -> Any:
    if method == "GET":
        return client.get(path)
    if path.startswith("/api/"):
        return client.generic(method, path, json.dumps(body), content_type="application/json")
    for value in body.values():
        if isinstance(value, File):  # read by the one who asked before
            value.seek(0)
    return client.post(path, body)


def header_faults(answer: HttpResponseBase, *, signed_in: bool) -> Iterator[str]:
    policy = {}
    for part in answer.headers.get("Content-Security-Policy", "").split(";"):
        name, _space, sources = part.strip().partition(" ")
        policy[name] = set(sources.split())
    policy.pop("sandbox", None)  # only ever forbids more: files that people uploaded carry it
    if policy != POLICY:
        yield f"Content-Security-Policy is {policy}"
    if "Content-Security-Policy-Report-Only" in answer.headers:
        yield "a policy that only reports"
    for name, value in HEADERS.items():
        stricter = {"no-referrer"} if name == "Referrer-Policy" else set()
        if answer.headers.get(name) not in {value} | stricter:
            yield f"{name} is {answer.headers.get(name)}"
    if signed_in and "no-store" not in answer.headers.get("Cache-Control", ""):
        yield f"Cache-Control is {answer.headers.get('Cache-Control')} for somebody signed in"


def entries_marked(answer: HttpResponseBase) -> int | None:
    """How many entries of the rail the page marks; None where it has no rail."""
    rail = RAIL.search(getattr(answer, "content", b"").decode(errors="replace"))
    return rail.group().count("aria-current=") if rail else None
