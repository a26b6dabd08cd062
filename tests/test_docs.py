"""Documentation is tested like code: an undocumented setting or command fails, and a printed one that cannot run."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection

from portfolio.models import Role
from portfolio.universe import template
from portfolio.universe.words import DEMO_UNIVERSE
from scoring.models import ModelVersion
from scoring.runs import receipts
from tests import make
from tests.scoring.proofs.test_evaluate import table

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BESIDE = [ROOT / name for name in ("CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")]
READ = re.compile(r"""environment\.\w+\(\s*["'](\w+)["']""")


def test_every_variable_that_is_read_is_documented_and_the_other_way_round() -> None:
    read = set(READ.findall((ROOT / "fund/settings.py").read_text(encoding="utf-8")))
    assert read
    rows = [
        line.split("|")[1]
        for line in (ROOT / "docs/reference/settings.md").read_text("utf-8").splitlines()
        if "|" in line
    ]
    assert {name for row in rows for name in re.findall(r"`(\w+)`", row)} == read


def commands() -> list[str]:
    found = [
        p.stem
        for package in ("portfolio", "scoring", "fund")
        for p in (ROOT / package).glob("management/commands/*.py")
    ]
    return sorted(name for name in found if name != "__init__")


@pytest.mark.parametrize("name", commands())
def test_every_command_is_documented(name: str) -> None:
    assert f"`manage.py {name}" in (ROOT / "docs/reference/commands.md").read_text(encoding="utf-8")


def test_links_between_our_pages_lead_somewhere() -> None:
    wrong = []
    for page in [*PAGES, *BESIDE]:
        for target in re.findall(r"\]\(([^)#\s]+)\)", page.read_text(encoding="utf-8")):
            if not target.startswith("http") and not (page.parent / target).exists():
                wrong.append(f"{page.relative_to(ROOT)} → {target}")
    assert not wrong


# --- every printed script/manage … is run ---------------------------------------------------------------------
# But these, each with its reason.
NOT_RUN = {
    "script/manage restore FILE": "wants an empty database: tests/project/test_backup.py restores into one",
    "DATABASE_URL=postgres://greenlight_owner:…@127.0.0.1/greenlight script/manage migrate": "production's database",
    "script/manage collectstatic --noinput": "production's folder: tests/project/test_deploy.py",
    "script/manage check --deploy --fail-level WARNING": "production's settings: tests/project/test_deploy.py",
    "script/manage verify_model --all": "the line before it once more for each model",
    "script/manage bench run --companies 1000": "starts workers of its own: tests/fund/bench/test_run.py",
}
SLOW = {"docs/howto/models.md"}  # fits a model
COMMITTED = {"docs/howto/backup.md"}  # a backup waits for the transaction of a test


def printed(page: Path) -> list[str]:
    """Each once, in the order of the page, without the comment behind it: lines of code and code within a sentence."""
    found = re.findall(r"(?:\w+=\S+ )?script/manage [^`\n]+", page.read_text(encoding="utf-8"))
    return list(dict.fromkeys(re.split(r"\s+#", line)[0].strip() for line in found))


def name(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


# What a page takes for granted, made here in the working folder; and what stands in for the words it prints.
def _folders_elsewhere(folder: Path) -> dict[str, str]:
    return {"/srv/elsewhere/": "", "/srv/backup/": ""}


def _the_shipped_model(folder: Path) -> dict[str, str]:
    return {"m3": str(ModelVersion.objects.latest("pk"))}


def _holdings(folder: Path) -> dict[str, str]:
    fund = make.fund()
    make.company()
    make.user("admin", Role.ADMIN)
    (folder / "positions.csv").write_text(
        "holding_key,company_key,asset_class,instrument,currency,as_of,source,outstanding\n"
        "a,demo-alpha,listed_equity,shares,CNY,2025-06-30,custodian,100\n",
        encoding="ascii",
    )
    (folder / "prices.csv").write_text(
        "company_key,as_of,currency,source,evic\ndemo-alpha,2025-06-30,CNY,exchange,1000\n", encoding="ascii"
    )
    return {"--fund 1": f"--fund {fund.pk}"}


def _factors(folder: Path) -> dict[str, str]:
    return {"FILE": str(ROOT / "scoring/data/cn_electricity.csv")}


def _universe(folder: Path) -> dict[str, str]:
    make.user("admin", Role.ADMIN)
    (folder / "rates.csv").write_text("currency,year,per_usd,source\nTWD,2025,31.2,central bank\n", encoding="ascii")
    return _factors(folder) | {"DIR": str(DEMO_UNIVERSE)}


def _own_companies(folder: Path) -> dict[str, str]:
    (folder / "my-companies.xlsx").write_bytes(template.workbook(with_examples=True))
    return {}


def _a_score(folder: Path) -> dict[str, str]:
    score = make.score(make.scoreable())
    file = f"receipts/{receipts.file_name(score.run_id, score.company.company_key)}"
    return {"DIR": "receipts", "FILE …": file, "receipt-12-tw-22099131.json": file}


def _tables(folder: Path) -> dict[str, str]:
    table(folder / "train.csv", seed=1)
    table(folder / "test.csv", seed=2, prefix="other-")
    files = {"--train FILE": "--train train.csv", "--test FILE": "--test test.csv", "FILE": "train.csv"}
    return files | {"water,waste": "water"}  # the one that these tables have


TAKEN_FOR_GRANTED: dict[str, Callable[[Path], dict[str, str]]] = {
    "docs/howto/backup.md": _folders_elsewhere,
    "docs/howto/ledger.md": _factors,
    "docs/howto/models.md": _the_shipped_model,
    "docs/howto/own-companies.md": _own_companies,
    "docs/howto/holdings.md": _holdings,
    "docs/reference/data.md": _universe,
    "docs/reference/estimator.md": _tables,
    "docs/reference/plausibility.md": _tables,
    "docs/reference/receipts.md": _a_score,
}


def _marks(page: Path) -> list[pytest.MarkDecorator]:
    slow = [pytest.mark.slow] if name(page) in SLOW else []
    return [pytest.mark.django_db(transaction=name(page) in COMMITTED), *slow]


@pytest.mark.parametrize(
    "page",
    [pytest.param(page, id=name(page), marks=_marks(page)) for page in PAGES if set(printed(page)) - set(NOT_RUN)],
)
def test_the_printed_commands_of_a_page_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("the demo's database, as whoever reads the page has it")
    monkeypatch.chdir(tmp_path)
    prepare = TAKEN_FOR_GRANTED.get(name(page))
    stand_ins = prepare(tmp_path) if prepare else {}
    for line in printed(page):
        if line not in NOT_RUN:
            _type(line, stand_ins)


def _type(line: str, stand_ins: dict[str, str]) -> None:
    """Run it with the stand-ins, and with what is optional. Raises whatever the command ends with but success."""
    for words, stand_in in stand_ins.items():
        line = line.replace(words, stand_in)
    _script, *words = shlex.split(re.sub(r"[][]", "", line))
    try:
        call_command(*words)
    except SystemExit as ended:
        assert not ended.code, line


def test_what_is_not_run_is_printed_somewhere() -> None:
    assert set(NOT_RUN) <= {line for page in PAGES for line in printed(page)}


def test_commands_to_type_begin_with_script_manage() -> None:
    """`manage.py` alone runs on no machine as it is; the list of commands names them by it, old notes may."""
    others = [page for page in PAGES if page.name != "commands.md" and page.parent.name != "why"]
    lines = [
        line for page in others for line in page.read_text("utf-8").splitlines() if re.search(r"manage\.py \w", line)
    ]
    assert [line for line in lines if not line.startswith("docker compose")] == []
