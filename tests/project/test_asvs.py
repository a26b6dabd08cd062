"""docs/asvs.csv: each requirement has its test, its reason, or is owned up to; and what must be written down is."""

from __future__ import annotations

import ast
import csv
import re
from collections import Counter
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from fund.project.security_keys.passwords import LEAST_BESIDE, OWN_WORDS
from portfolio.typed import files
from scoring.ledgers.api import MOST_ACTIVITIES

ROOT = Path(__file__).resolve().parents[2]
TABLE = ROOT / "docs" / "asvs.csv"
PAGE = ROOT / "docs" / "reference" / "security.md"
OF_LEVEL = {"1": 70, "2": 183}  # of the 345 of version 5.0.0
ID = re.compile(r"V([1-9]|1[0-7])\.\d+\.\d+")
LONGEST_TOPIC = 12  # words, and ours: the standard's are at OWASP
SHORTEST_REASON = 20


def rows() -> list[dict[str, str]]:
    with TABLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def functions_of(path: str) -> dict[str, ast.FunctionDef]:
    tree = ast.parse((ROOT / path).read_text(encoding="utf-8"))
    return {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}


def missing(node: str) -> str:
    """What of `path::test[case]` does not exist; empty where all does."""
    found = re.fullmatch(r"(tests/[\w/]+\.py)::(test_\w+)(?:\[([^\]]+)\])?", node)
    if not found:
        return "no id of a test"
    path, name, case = found.groups()
    if not (ROOT / path).is_file():
        return f"no file {path}"
    if name not in functions_of(path):
        return f"no test {name}"
    decorators = "".join(ast.unparse(one) for one in functions_of(path)[name].decorator_list)
    if case and "parametrize" not in decorators:
        return f"{name} has no cases"
    if case and f'"{case}"' not in (ROOT / path).read_text(encoding="utf-8"):
        return f"no case {case}"
    skipped = re.search(r"mark\.(skip|xfail)\b", decorators)
    return f"{name} is left out" if skipped else ""


def faults(table: list[dict[str, str]]) -> list[str]:
    told = []
    for row in table:
        proof, name = row["proof"].strip(), row["id"]
        if not ID.fullmatch(name) or row["level"] not in OF_LEVEL:
            told.append(f"{name}: no id of level 1 or 2")
        if not 0 < len(row["topic"].split()) <= LONGEST_TOPIC:
            told.append(f"{name}: a topic of 1 to {LONGEST_TOPIC} words")
        if row["applies"] == "yes":
            told += [f"{name}: {fault}" for fault in [missing(proof)] if fault]
        elif row["applies"] in ("no", "gap"):
            told += [f"{name}: no reason"] * (len(proof) < SHORTEST_REASON)
        else:
            told.append(f"{name}: neither yes, no nor gap")
    told += [f"{name}: twice" for name, n in Counter(row["id"] for row in table).items() if n > 1]
    reasons = Counter(row["proof"].strip().casefold() for row in table if row["applies"] != "yes")
    return told + [f"one reason for {n}: {reason}" for reason, n in reasons.items() if n > 1]


# --- the table ---------------------------------------------------------------------------------------------------
def test_every_requirement_is_met_by_a_test_or_has_its_reason() -> None:
    assert faults(rows()) == []


def test_no_requirement_is_left_out() -> None:
    table = rows()
    assert Counter(row["level"] for row in table) == OF_LEVEL
    places = [tuple(int(part) for part in row["id"].removeprefix("V").split(".")) for row in table]
    assert places == sorted(places)
    assert {place[0] for place in places} == set(range(1, 18))


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({"proof": ""}, "no id of a test"),
        ({"proof": "see the tests"}, "no id of a test"),
        ({"proof": "tests/project/test_nowhere.py::test_x"}, "no file"),
        ({"proof": "tests/project/test_asvs.py::test_of_nothing"}, "no test"),
        ({"proof": "tests/project/test_asvs.py::test_no_requirement_is_left_out[a]"}, "has no cases"),
        ({"applies": "no", "proof": " "}, "no reason"),
        ({"applies": "gap", "proof": "later"}, "no reason"),
        ({"applies": "perhaps"}, "neither yes, no nor gap"),
        ({"id": "V18.1.1"}, "no id of level"),
        ({"topic": "word " * 13}, "a topic of"),
    ],
)
def test_a_bad_line_is_found(changed: dict[str, str], fault: str) -> None:
    good = {"id": "V1.1.1", "level": "2", "topic": "a topic", "applies": "yes"}
    good["proof"] = "tests/project/test_asvs.py::test_a_bad_line_is_found"
    assert faults([good]) == []
    assert any(fault in told for told in faults([good | changed]))


def test_the_same_line_or_reason_twice_is_found() -> None:
    reason = {"level": "1", "topic": "a topic", "applies": "no", "proof": "It does not apply to us at all."}
    assert [told.split(":")[0] for told in faults([reason | {"id": "V1.1.1"}, reason | {"id": "V1.1.2"}])] == [
        "one reason for 2"
    ]
    assert "V1.1.1: twice" in faults([reason | {"id": "V1.1.1"}] * 2)


# --- what must be written down -------------------------------------------------------------------------------------
def section(title: str) -> str:
    [found] = re.findall(rf"^## {title}\n(.*?)(?=^## |\Z)", PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    return str(found)


def minutes(which: object) -> tuple[int, int]:
    return int(which.idle.total_seconds() // 60), int(which.longest.total_seconds() // 3600)  # type: ignore[attr-defined]


HOUSE, APPLICANT = minutes(settings.HOUSE_SESSIONS), minutes(settings.APPLICANT_SESSIONS)
RATES = {"submit": "30/min", "run_start": "20/min", "token_create": "20/hour", "calculate": "120/min", "bulk": "60/min"}
SAID = {
    "V2.1.1": ("Input", ("typed value or refused", "data.md#tables")),
    "V2.1.2": ("Input", ("must fit together", "plausibility.md")),
    "V2.1.3": (
        "Limits",
        (
            "30 a minute, 20 a minute, 20 an hour, 120 a minute",
            f"{settings.REQUEST_SECONDS:g} seconds",
            f"{settings.WRITE_SECONDS:g} at once, {settings.WRITE_SECONDS_REGAINED} back",
            f"{settings.EVIDENCE_MB} MB",
            f"{MOST_ACTIVITIES:,}",
        ),
    ),
    "V5.1.1": (
        "Files",
        (
            *(kind.upper().replace("JPG", "JPEG") for kind in files.EvidenceKind.values),
            f"{files.LARGEST_MB} MB",
            f"{files.LARGEST_UNPACKED_MB} MB, {files.MOST_PARTS} parts, ratio {files.STEEPEST_RATIO}",
            "refused in words",
        ),
    ),
    "V6.1.1": ("Ways in", ("five wrong passwords in five minutes", "fifty an hour", "lock nobody out")),
    "V6.1.2": ("Ways in", (*OWN_WORDS, f"fewer than {LEAST_BESIDE} characters")),
    "V6.1.3": ("Ways in", ("app, key or recovery code", "API token", "forgotten password", "There is no other")),
    "V7.1.1": (
        "Sessions",
        (
            f"{HOUSE[0]} minutes without use, {HOUSE[1]} hours in any case",
            f"{APPLICANT[0]} minutes, {APPLICANT[1]} hours, since",
        ),
    ),
    "V7.1.2": ("Sessions", ("any number at once",)),
    "V8.1.1": ("Who may what", ("tests/roles/", "every address, method and role")),
    "V8.1.2": ("Who may what", ("Fields:", "list in each\nserializer", "state forbids")),
    "V11.1.1": ("Keys and digests", ("at least once a year", "two holders", "backup.md#another-key")),
    "V11.1.2": ("Keys and digests", ("`SECRET_KEY`", "`AUDIT_KEY`", "Argon2id", "HMAC-SHA256", "ES256", "TLS")),
    "V13.1.1": ("Who is spoken to", ("PostgreSQL, the broker and the mail server", "ever fetched")),
    "V14.1.1": ("Kinds of data", ("secret", "confidential", "personal", "open")),
    "V14.1.2": ("Kinds of data", ("kept", "in logs", "who", "Integrity")),
    "V15.1.1": ("Holes in packages", ("within 7 days", "within 30", "every 90 days")),
    "V15.1.3": ("Limits", ("What takes long", "how-long-anything-may-wait")),
    "V16.1.1": ("Logs", ("deploy.md#logs", "standard error", "180 days")),
}


@pytest.mark.parametrize("requirement", SAID)
def test_the_page_of_security_says(requirement: str) -> None:
    title, words = SAID[requirement]
    text = section(title)
    assert not [word for word in words if word not in text]


def test_the_limits_of_the_page_are_those_in_force() -> None:
    assert settings.API_RATES == RATES
    assert settings.WRONG_PASSWORDS["address"].endswith("5/5m/key")
    assert settings.WRONG_PASSWORDS["account"] == "50/h/key"
