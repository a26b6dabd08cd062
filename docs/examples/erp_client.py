#!/usr/bin/env python3
"""File a year with Greenlight from an ERP: an example to copy, of the standard library alone. Python 3.11 or later.

    GREENLIGHT_URL=https://greenlight.example.com GREENLIGHT_TOKEN=gl_… python erp_client.py COMPANY_KEY YEAR BILLS.json

BILLS.json is what an ERP would have: sites, files, and bills with the numbers it knows them by (see EXAMPLE).
Run again it changes nothing that is there, and goes on where it was: so a scheduler may call it every night.
Needs a token of a submitter with companies:read, disclosures:read and disclosures:write. More: docs/howto/erp.md
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

EXAMPLE = {
    "boundary": "All sites of the company in mainland China, operational control",
    "source_document": "ERP, energy and fuel accounts of the year",
    "sites": [{"name": "Chengdu plant", "place": "成都"}],
    "bills": [
        {
            "number": "4900012345-10",
            "activity": "外购电力",
            "amount": "1234.5",
            "unit": "MWh",
            "site": "Chengdu plant",
            "file": "bill.pdf",
            "page": "p. 1",
        }
    ],
    "figures": {"scope1_t": "0"},  # what no bill gives: this company burns nothing
}
AT_ONCE = 500  # lines of one request; 1,000 are taken at most
TRIES = 5
CORRECT_IT = "To correct it, or to file in place of a public source: POST /disclosures/{}/new-version/"


class Refused(Exception):
    """A problem document (RFC 9457): what was wrong, and where in the body."""

    def __init__(self, status: int, problem: dict[str, Any]) -> None:
        where = [f"{one.get('pointer', '')} {one['code']}: {one['detail']}" for one in problem.get("errors", [])]
        super().__init__("\n  ".join([f"{status} {problem.get('detail', '')}", *where]))
        self.status, self.code = status, str(problem.get("type", "")).rpartition("/")[2]


class Greenlight:
    """One token, one base address. Each answer is its JSON with the ETag that came along."""

    def __init__(self, base: str, token: str) -> None:
        self.base, self.token = base.rstrip("/") + "/api/v1", token

    def ask(self, method: str, path: str, body: Any = None, *, if_match: str = "") -> tuple[Any, str]:
        """Waits and asks again where the server says so; a repeated POST has its effect once."""
        headers = {"If-Match": if_match} if if_match else {}
        if method == "POST":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        data = None if body is None else json.dumps(body).encode()
        return self._send(method, path, data, headers | {"Content-Type": "application/json"})

    def upload(self, path: str, name: str, content: bytes) -> Any:
        mark = uuid.uuid4().hex
        head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        data = (
            f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content + f"\r\n--{mark}--\r\n".encode()
        )
        return self._send("POST", path, data, {"Content-Type": f"multipart/form-data; boundary={mark}"})[0]

    def _send(self, method: str, path: str, data: bytes | None, headers: dict[str, str]) -> tuple[Any, str]:
        headers |= {"Authorization": f"Bearer {self.token}", "Accept-Language": "en"}
        for attempt in range(1, TRIES + 1):
            request = urllib.request.Request(self.base + path, data, headers, method=method)
            try:
                with urllib.request.urlopen(request, timeout=60) as answer:
                    text = answer.read()
                    return json.loads(text) if text else None, answer.headers.get("ETag", "")
            except urllib.error.HTTPError as error:
                if error.code not in (429, 503) or attempt == TRIES:
                    raise Refused(error.code, json.loads(error.read() or b"{}")) from None
                time.sleep(int(error.headers.get("Retry-After", "5")))
        raise AssertionError("not reached")


# --- what the lines point to -----------------------------------------------------------------------------
def find_place(api: Greenlight, words: str) -> str:
    found, _tag = api.ask("GET", "/places/?" + urlencode({"q": words}))
    if not found:
        raise SystemExit(f"Nothing is called {words!r}.")
    return str(found[0]["code"])


def find_kind(api: Greenlight, words: str) -> str:
    """A name, alias or key is taken as it is; of anything else a person chooses, once, among what is offered."""
    found, _tag = api.ask("GET", "/activity-kinds/?" + urlencode({"q": words}))
    for kind in found:
        if words in (kind["key"], kind["name_zh"], kind["name_en"], *kind["aliases"]):
            return str(kind["key"])
    raise SystemExit(f"{words!r} is no kind of activity. Offered: {[kind['key'] for kind in found]}")


def keep_sites(api: Greenlight, company: str, sites: list[dict[str, Any]]) -> None:
    kept, _tag = api.ask("GET", f"/companies/{company}/sites/")
    known = {site["name"] for site in kept}
    for site in sites:
        if site["name"] not in known:
            made = {"name": site["name"], "city": find_place(api, site["place"])}
            api.ask("POST", f"/companies/{company}/sites/", made)


def keep_file(api: Greenlight, company: str, path: Path) -> int:
    """The number of a file; one that is there already is found by its SHA-256."""
    content = path.read_bytes()
    digest = hashlib.sha256(content).hexdigest()
    found, _tag = api.ask("GET", f"/companies/{company}/evidence/?sha256={digest}")
    if found["results"]:
        return int(found["results"][0]["id"])
    return int(api.upload(f"/companies/{company}/evidence/", path.name, content)["id"])


# --- the year --------------------------------------------------------------------------------------------
def open_year(api: Greenlight, company: str, year: int, facts: dict[str, str]) -> int:
    """The newest version of the year; a new one where there is none, or where the verified one is to be corrected."""
    asked = urlencode({"company": company, "year": year, "ordering": "-version"})
    found, _tag = api.ask("GET", f"/disclosures/?{asked}")
    versions = [one for one in found["results"] if one["state"] != "withdrawn"]
    if not versions:
        return int(api.ask("POST", "/disclosures/", {"company": company, "year": year, **facts})[0]["id"])
    return int(versions[0]["id"])


def write_lines(api: Greenlight, disclosure: int, lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Each by its own number, and taken out what the ERP no longer has. Gives the items that were refused."""
    ledger, _tag = api.ask("GET", f"/disclosures/{disclosure}/activities/")
    numbers = {line["external_id"] for line in lines}
    there = {line["external_id"] for line in ledger["activities"]} - {""}
    items = [*lines, *({"external_id": number, "delete": True} for number in sorted(there - numbers))]
    refused = []
    for start in range(0, len(items), AT_ONCE):
        body = {"items": items[start : start + AT_ONCE]}
        answer, _tag = api.ask("POST", f"/disclosures/{disclosure}/activities:bulk/", body)
        refused += [item for item in answer["items"] if item["status"] == "refused"]
    return refused


def tell_figures(api: Greenlight, disclosure: int, figures: dict[str, str]) -> None:
    """What no bill comes to, by quantity. A PATCH has all figures of the year, so the others go along as they are."""
    found, tag = api.ask("GET", f"/disclosures/{disclosure}/")
    there = {one["quantity"]: one for one in found["figures"]}
    of_ledger = {quantity for quantity, one in there.items() if one["basis"] == "calculated"}
    told = [{"quantity": name, "value": value} for name, value in figures.items() if name not in of_ledger]
    if any(there.get(one["quantity"], {}).get("value") != one["value"] for one in told):
        names = {one["quantity"] for one in told}
        others = [one for name, one in there.items() if name not in names]
        api.ask("PATCH", f"/disclosures/{disclosure}/", {"figures": [*others, *told]}, if_match=tag)


def take_over(api: Greenlight, disclosure: int) -> dict[str, str]:
    """Make what the ledger comes to the figures. Gives them by quantity."""
    ledger, tag = api.ask("GET", f"/disclosures/{disclosure}/activities/")
    wrong = [line for line in ledger["activities"] if line["state"] == "not_computed"]
    for line in wrong:
        print(f"line {line['number']} is not computed: {line['not_computed']['detail']}")
    totals = {one["quantity"]: one["taken"]["value"] for one in ledger["take_over"] if one["taken"]}
    if totals and not wrong:
        body = {"quantities": list(totals), "tables_digest": ledger["tables_digest"]}
        api.ask("POST", f"/disclosures/{disclosure}/take-over/", body, if_match=tag)
    return totals


def submit(api: Greenlight, disclosure: int, answer: str = "") -> bool:
    """Hand it in, unless something is missing or blocks it; what does is printed."""
    found, tag = api.ask("GET", f"/disclosures/{disclosure}/")
    for lack in found["missing"]:
        print(f"missing ({lack['code']}): {lack['words']}")
    if found["missing"]:
        return False
    body: dict[str, str] = {}
    try:
        api.ask("POST", f"/disclosures/{disclosure}/submit/", body, if_match=tag)
    except Refused as refused:
        if refused.code != "answer_needed" or not answer:
            print(refused)
            return False
        api.ask("POST", f"/disclosures/{disclosure}/submit/", body | {"answer": answer}, if_match=tag)
    return True


def read_return(api: Greenlight, disclosure: int) -> tuple[str, list[dict[str, Any]]]:
    """The verifier's words and the findings that nobody has answered."""
    history, _tag = api.ask("GET", f"/disclosures/{disclosure}/history/")
    findings, _tag = api.ask("GET", f"/findings/?disclosure={disclosure}&state=open")
    words = history["returned"]["words"] if history["returned"] else ""
    return words, findings["results"]


def answer_finding(api: Greenlight, finding: int, words: str) -> None:
    api.ask("POST", f"/findings/{finding}/messages/", {"words": words})


def receipt_of(api: Greenlight, disclosure: int) -> dict[str, Any]:
    """The newest. SHA-256 of `content` is `digest`: keep both."""
    found, _tag = api.ask("GET", f"/disclosures/{disclosure}/submissions/")
    newest: dict[str, Any] = found["submissions"][0]
    if hashlib.sha256(newest["content"].encode()).hexdigest() != newest["digest"]:
        raise SystemExit("The receipt does not match its content.")
    return newest


def wait_for(api: Greenlight, disclosure: int, states: tuple[str, ...], *, seconds: float, every: float = 60) -> str:
    """Ask from time to time; a webhook spares that (docs/howto/webhooks.md)."""
    end = time.monotonic() + seconds
    while True:
        state = str(api.ask("GET", f"/disclosures/{disclosure}/")[0]["state"])
        if state in states or time.monotonic() > end:
            return state
        time.sleep(every)


def lines_of(api: Greenlight, company: str, bills: list[dict[str, Any]], folder: Path) -> list[dict[str, Any]]:
    kinds: dict[str, str] = {}
    files: dict[str, int] = {}
    lines = []
    for bill in bills:
        kind = kinds.setdefault(bill["activity"], "") or find_kind(api, bill["activity"])
        kinds[bill["activity"]] = kind
        line = {"external_id": bill["number"], "activity": kind, "amount": bill["amount"], "unit": bill["unit"]}
        line |= {name: bill[name] for name in ("site", "period_start", "period_end", "meter", "note") if name in bill}
        if name := bill.get("file"):
            if name not in files:
                files[name] = keep_file(api, company, folder / name)
            line["evidence"] = [{"id": files[name], "place": bill.get("page", "")}]
        lines.append(line)
    return lines


def file_year(api: Greenlight, company: str, year: int, books: dict[str, Any], folder: Path, answer: str = "") -> int:
    """All of it, as far as it goes today. Gives the number of the disclosure."""
    api.ask("GET", f"/companies/{quote(company)}/")
    keep_sites(api, company, books["sites"])
    facts = {name: books[name] for name in ("boundary", "source_document")}
    disclosure = open_year(api, company, year, facts)
    state = api.ask("GET", f"/disclosures/{disclosure}/")[0]["state"]
    if state not in ("draft", "returned"):
        print(f"{year} is {state}: nothing is written.", "" if state == "submitted" else CORRECT_IT.format(disclosure))
        return disclosure
    if state == "returned":
        words, findings = read_return(api, disclosure)
        print(f"returned: {words}")
        for finding in findings:
            print(f"  {finding['about']}: {finding['words']}")
            if answer:
                answer_finding(api, finding["id"], answer)
    refused = write_lines(api, disclosure, lines_of(api, company, books["bills"], folder))
    for item in refused:
        print(f"{item['external_id']}: {item['errors']}")
    print("taken over:", take_over(api, disclosure))
    tell_figures(api, disclosure, books.get("figures", {}))
    if not refused and submit(api, disclosure, answer):
        receipt = receipt_of(api, disclosure)
        print(f"submitted, receipt {receipt['number']}, SHA-256 {receipt['digest']}")
    return disclosure


if __name__ == "__main__":
    if len(sys.argv) != 4:
        raise SystemExit(__doc__)
    found_company, found_year, found_books = sys.argv[1], int(sys.argv[2]), Path(sys.argv[3])
    greenlight = Greenlight(os.environ["GREENLIGHT_URL"], os.environ["GREENLIGHT_TOKEN"])
    content = json.loads(found_books.read_text(encoding="utf-8"))
    file_year(
        greenlight, found_company, found_year, content, found_books.parent, os.environ.get("GREENLIGHT_ANSWER", "")
    )
