"""The example client files a year end to end with a server that runs, as its page says."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from portfolio.models import Disclosure, Evidence, Finding
from tests import make
from tests.api.caller import issue

pytestmark = pytest.mark.django_db(transaction=True)

CLIENT = Path(__file__).resolve().parent.parent / "docs/examples/erp_client.py"
SCOPES = ["companies:read", "disclosures:read", "disclosures:write"]


def client() -> ModuleType:
    spec = importlib.util.spec_from_file_location("erp_client", CLIENT)
    assert spec is not None and spec.loader is not None
    made = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(made)
    return made


def run(folder: Path, url: str, token: str, **more: str) -> str:
    """As a scheduler would, in a process of its own."""
    command = [sys.executable, str(CLIENT), "demo-alpha", "2024", str(folder / "books.json")]
    known = {"GREENLIGHT_URL": url, "GREENLIGHT_TOKEN": token, "PYTHONUTF8": "1", **more}
    done = subprocess.run(command, env=os.environ | known, capture_output=True, text=True, timeout=120)  # noqa: S603
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.slow
def test_it_files_a_year_reads_the_return_answers_corrects_and_submits_again(live_server: Any, tmp_path: Path) -> None:
    company, bob = make.company(), make.bob()
    token = issue(make.alice(company), SCOPES)
    erp = client()
    books: dict[str, Any] = json.loads(json.dumps(erp.EXAMPLE))
    books["bills"].append({"number": "4900012346-10", "activity": "fuel.diesel", "amount": "12", "unit": "t"})
    books["bills"].append({"number": "4900012347-10", "activity": "fuel.diesel", "amount": "1", "unit": "kW"})
    (tmp_path / "bill.pdf").write_bytes(b"%PDF-1.7 a bill")
    (tmp_path / "books.json").write_text(json.dumps(books), encoding="utf-8")

    said = run(tmp_path, live_server.url, token)
    assert "4900012347-10" in said and "/items/2/unit" in said and "submitted" not in said
    draft = Disclosure.objects.get()
    assert draft.state == "draft" and list(draft.activities.values_list("external_id", flat=True)) == [
        "4900012345-10",
        "4900012346-10",
    ]

    books["bills"].pop()
    books["figures"]["scope1_t"] = "7"  # passed over: the ledger gives it
    (tmp_path / "books.json").write_text(json.dumps(books), encoding="utf-8")
    said = run(tmp_path, live_server.url, token)
    draft.refresh_from_db()
    assert draft.state == "submitted" and draft.digest in said
    assert {"scope1_t", "scope2_location_t"} <= draft.values().keys()
    assert set(draft.figures.values_list("basis", flat=True)) == {"calculated"}
    line = draft.activities.get(external_id="4900012345-10")
    assert (line.site and line.site.name, line.used_place, line.cited[0].place) == ("Chengdu plant", "510100", "p. 1")
    assert Evidence.objects.count() == 1

    Finding.raise_on(draft, by=bob, kind="question", point="line:2", words="12 t or 21 t?")
    draft.refresh_from_db()
    draft.return_for_correction(by=bob, reason="please look at the diesel")
    said = run(tmp_path, live_server.url, token)
    assert "please look at the diesel" in said and "12 t or 21 t?" in said
    draft.refresh_from_db()
    assert draft.state == "returned"

    books["bills"][1]["amount"] = "21"
    (tmp_path / "books.json").write_text(json.dumps(books), encoding="utf-8")
    said = run(tmp_path, live_server.url, token, GREENLIGHT_ANSWER="21 t: a slip of ours")
    draft.refresh_from_db()
    assert draft.state == "submitted" and draft.digest in said
    assert draft.activities.get(external_id="4900012346-10").amount == 21.0

    Finding.objects.get().close("seen", by=bob)
    make.verify(draft, bob)
    api = erp.Greenlight(live_server.url, token)
    assert erp.wait_for(api, draft.pk, ("verified",), seconds=5) == "verified"
    assert "is verified" in run(tmp_path, live_server.url, token)
    with pytest.raises(erp.Refused, match="404"):
        api.ask("GET", "/companies/nobody/")


@pytest.mark.slow
def test_it_tells_what_no_bill_gives_and_why_it_writes_nothing(live_server: Any, tmp_path: Path) -> None:
    company = make.company()
    token = issue(make.alice(company), SCOPES)
    (tmp_path / "bill.pdf").write_bytes(b"%PDF-1.7 a bill")
    (tmp_path / "books.json").write_text(json.dumps(client().EXAMPLE), encoding="utf-8")
    assert "submitted" in run(tmp_path, live_server.url, token)
    told = Disclosure.objects.get()
    assert told.state == "submitted" and told.values()["scope1_t"] == 0.0
    assert "2024 is submitted: nothing is written." in run(tmp_path, live_server.url, token)


def test_it_needs_nothing_but_python() -> None:
    lines = CLIENT.read_text("utf-8").splitlines()
    imported = {line.split()[1].partition(".")[0] for line in lines if line.startswith(("from ", "import "))}
    assert imported <= set(sys.stdlib_module_names) | {"__future__"}
