"""Training sets and models: taken, fitted, compared, put in force by two people, taken back; guarded below."""

from __future__ import annotations

import csv
import io
import pickle
from typing import Any

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import DatabaseError, transaction
from django.db.models.functions import Now
from django.test import Client
from django.urls import reverse
from django.utils import translation

from portfolio import audit
from portfolio.models import Company, Disclosure
from scoring.engine.estimator.recipe import TamperedModel
from scoring.errors import ModelRefused
from scoring.estimators import registry, training_sets
from scoring.estimators import watch as model_watch
from scoring.estimators.training_tables import (
    ArtifactRefused,
    DuplicateCompanyYear,
    OneSectorOnly,
    TargetLeaked,
    UnreadableTable,
)
from scoring.estimators.words import ModelReport
from scoring.models import ModelChange, ModelComparison, ModelVersion, NightlyLook, TrainingSet
from scoring.runs import queue as runs
from tests import make

pytestmark = pytest.mark.django_db
State = ModelVersion.State
LICENCE = {"licence": "CC BY 4.0", "origin": "made for a test"}


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoring.estimators.registry.tell", lambda task, *ids: None)


def lines(n: int = 36, seed: int = 5, **changes: Any) -> list[dict[str, Any]]:
    """Company-years of two of our sectors whose emissions follow their revenue: few, so that a fit is quick."""
    random = np.random.Generator(np.random.PCG64(seed))
    rows = []
    for i in range(n):
        revenue = float(10 ** random.uniform(8, 11))
        total = revenue**0.8 * 10 ** random.normal(-3 + (i % 2), 0.3)
        rows.append(
            {
                "company_key": f"firm-{i:03}",
                "year": 2023,
                "sector": ("metals", "food")[i % 2],
                "description": ("steel", "bread")[i % 2],
                "scope1_t": round(total * random.uniform(0.3, 0.7), 3),
                "scope2_t": round(total * random.uniform(0.3, 0.7), 3),
                "revenue_cny": round(revenue),
            }
            | changes
        )
    return rows


def written(rows: list[dict[str, Any]]) -> bytes:
    out = io.StringIO()
    writer = csv.DictWriter(out, rows[0].keys())
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue().encode()


def taken(rows: list[dict[str, Any]] | None = None, by: User | None = None) -> TrainingSet:
    table = training_sets.read_table(written(rows or lines()), "table.csv")
    return training_sets.take_table(table, **LICENCE, kind=TrainingSet.Kind.UPLOADED, by=by)[0]


def verified(company: Company) -> Disclosure:
    made = make.disclosure(company, 2024, state=Disclosure.State.DRAFT)
    make.verified_before_opinions(made, make.bob(), digest=made.content_digest())
    return made


def candidate(rows: list[dict[str, Any]] | None = None) -> ModelVersion:
    model, _new = registry.make_candidate(taken(rows), by=None)
    registry.fit(model.pk)
    return ModelVersion.objects.get(pk=model.pk)


def put_in_force(model: ModelVersion) -> ModelVersion:
    """As if it had shipped: small, so that a comparison is quick."""
    facts = {"statistics_sha256": "0" * 64, "reason": "made for a test", "decided_at": Now()}
    ModelChange.objects.create(kind="shipped", model=model, outcome="confirmed", **facts)
    ModelVersion.objects.filter(state=State.CHAMPION).update(state=State.RETIRED)
    ModelVersion.objects.filter(pk=model.pk).update(state=State.CHAMPION)
    return ModelVersion.objects.get(pk=model.pk)


def challenger() -> ModelVersion:
    """Of another table than the champion's."""
    put_in_force(candidate(lines(seed=6)))
    model = candidate()
    registry.challenge(model, by=make.dan())
    model.refresh_from_db()
    return model


# --- what ships ------------------------------------------------------------
def test_the_shipped_table_and_its_model_are_there_and_in_force() -> None:
    shipped = TrainingSet.objects.get(kind=TrainingSet.Kind.SHIPPED)
    assert (shipped.rows, shipped.companies) == (1029, 465)
    champion = ModelVersion.champion()
    assert champion is not None
    assert champion.training_set == shipped
    assert training_sets.table_of(shipped).digest == shipped.digest
    registry.install_shipped()
    assert ModelVersion.objects.count() == TrainingSet.objects.count() == 1


def test_the_shipped_model_refits_to_its_fingerprint() -> None:
    champion = ModelVersion.champion()
    assert champion is not None
    loaded = registry.load(champion)
    assert loaded.digest == champion.digest == loaded.estimator.digest
    assert registry.load(champion) is loaded


# --- training sets ------------------------------------------------------------
@pytest.mark.postgres
def test_a_table_is_taken_once(django_user_model: Any) -> None:
    first, second = taken(by=make.dan()), taken()
    assert first == second
    assert audit.AuditEvent.objects.filter(verb="training_set.taken").count() == 1


@pytest.mark.parametrize("missing", ["licence", "origin"])
def test_a_table_without_licence_or_origin_is_refused(missing: str) -> None:
    with pytest.raises(ModelRefused):
        training_sets.take_table(
            training_sets.read_table(written(lines()), "t.csv"), **(LICENCE | {missing: " "}), kind="uploaded", by=None
        )


@pytest.mark.parametrize("wrong", [{"licence": "x" * 301}, {"origin": "x" * 601}, {"licence": "MIT\x00"}])
def test_a_licence_or_origin_that_the_columns_do_not_hold_is_refused(wrong: dict[str, str]) -> None:
    with pytest.raises(ModelRefused, match="300"):
        training_sets.take_table(
            training_sets.read_table(written(lines()), "t.csv"), **(LICENCE | wrong), kind="uploaded", by=None
        )


@pytest.mark.postgres
def test_a_table_with_the_character_nul_is_refused() -> None:
    with pytest.raises(UnreadableTable, match="NUL"):
        training_sets.read_table(written(lines()).replace(b"food", b"fo\x00od", 1), "t.csv")


@pytest.mark.parametrize(
    ("rows", "refusal"),
    [
        (lines(sector="food"), OneSectorOnly),
        ([*lines(), lines()[0]], DuplicateCompanyYear),
        ([row | {"double": 2 * (row["scope1_t"] + row["scope2_t"])} for row in lines()], TargetLeaked),
        ([row | {"ghg_total": i} for i, row in enumerate(lines())], TargetLeaked),
    ],
)
def test_a_table_that_would_mislead_is_refused_by_name(rows: Any, refusal: type[Exception]) -> None:
    with pytest.raises(refusal):
        training_sets.read_table(written(rows), "table.csv")


@pytest.mark.parametrize("name", ["model.pkl", "table.csv"])
def test_a_pickle_is_refused_whatever_it_is_called(name: str) -> None:
    with pytest.raises(ArtifactRefused):
        training_sets.read_table(pickle.dumps({"a": 1}), name)


@pytest.mark.postgres
def test_a_training_set_is_never_edited() -> None:
    made = taken()
    for change in (lambda: TrainingSet.objects.filter(pk=made.pk).update(content=""), made.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            change()


@pytest.mark.parametrize(("of", "per_usd", "yuan"), [(2024, 0.5, "16.0"), (2022, 0.25, "32.0"), (2025, 0.5, "")])
def test_revenue_of_a_verified_year_is_learned_from_in_yuan(of: int, per_usd: float, yuan: str) -> None:
    company = make.company()
    make.financials(company, 2024, 1.0, currency="EUR")
    make.rate("CNY", of, 8.0)
    make.rate("EUR", of, per_usd)
    verified(company)
    assert [row["revenue_cny"] for row in training_sets.verified_rows()] == [yuan]


def test_verified_disclosures_become_a_training_set_beside_the_shipped_one() -> None:
    company = make.company(sector="metals")
    verified(company)
    make.disclosure(company, 2023)  # recorded, not verified
    base = TrainingSet.objects.get(kind=TrainingSet.Kind.SHIPPED)
    made, is_new = training_sets.take_verified(base, None)
    assert is_new
    assert made.rows == base.rows + 1
    assert made.licence.startswith(base.licence)
    assert "not to be passed on" in made.licence
    assert training_sets.take_verified(base, None) == (made, False)


# --- candidates ------------------------------------------------------------
def test_a_queued_recipe_becomes_a_candidate_with_card_and_fingerprint() -> None:
    model = candidate()
    assert model.state == State.CANDIDATE
    assert model.card is not None
    assert model.card["companies"] == 36
    assert len(model.fingerprint) == len(model.digest) == 64
    again, is_new = registry.make_candidate(model.training_set, by=None)
    assert (again, is_new) == (model, False)


def test_thirty_rows_fall_back_to_the_median_and_say_so(client: Client) -> None:
    model = candidate(lines(30))
    assert {told["chosen"] for told in model.learned.values()} == {"sector_median"}
    client.force_login(make.carol())
    client.cookies["django_language"] = "en"
    assert "is the median of the sector" in client.get(model.get_absolute_url()).content.decode()


def test_a_table_of_strange_sectors_makes_no_candidate() -> None:
    rows = lines()
    rows[0]["sector"] = "鋼鐵工業"
    with pytest.raises(ModelRefused, match="鋼鐵工業"):
        registry.make_candidate(taken(rows), by=None)


@pytest.mark.parametrize("field", ["fingerprint", "learned_json", "card_json", "seed"])
@pytest.mark.postgres
def test_the_figures_of_a_model_are_never_edited(field: str) -> None:
    champion = ModelVersion.objects.get()
    with pytest.raises(DatabaseError), transaction.atomic():
        ModelVersion.objects.filter(pk=champion.pk).update(**{field: 9})


def test_a_tampered_fingerprint_is_refused_at_load() -> None:
    champion = ModelVersion.champion()
    assert champion is not None
    champion.fingerprint = "0" * 64
    with pytest.raises(TamperedModel):
        registry.load(champion)


@pytest.mark.parametrize("stored", ["{}", '{"6": {"chosen": "os.system"}}', "[1]", "no JSON"])
def test_tampered_figures_of_any_form_are_refused_at_load(stored: str) -> None:
    champion = ModelVersion.champion()
    assert champion is not None
    tampered = ModelVersion(**{field.attname: getattr(champion, field.attname) for field in champion._meta.fields})
    tampered.learned_json = stored
    with pytest.raises(TamperedModel):
        registry.refitted(tampered, training_sets.table_of(champion.training_set).batch)


def test_a_tampered_model_is_neither_challenger_nor_compared_nor_confirmed() -> None:
    change, erin = proposed(), make.erin()
    model = change.model
    model.__dict__["learned"] = {**model.learned, "6": {**model.learned["6"], "guard": 99.0}}
    with pytest.raises(ModelRefused, match="与其存储的数值不符"):
        registry.decide(change, by=erin, confirmed=True, statistics_sha256=change.statistics_sha256)
    change.refresh_from_db()
    assert change.outcome == ModelChange.Outcome.OPEN
    ModelVersion.objects.filter(pk=model.pk).update(state=State.CANDIDATE)
    model.state = State.CANDIDATE
    with pytest.raises(ModelRefused, match="与其存储的数值不符"):
        registry.challenge(model, by=erin)


def test_tampered_content_is_refused_at_load() -> None:
    model = candidate()
    registry._loaded.clear()  # what this process has fitted already, it does not fit again
    model.training_set.content = model.training_set.content.replace("firm-001", "firm-999")
    with pytest.raises(ModelRefused):
        registry.load(model)


# --- verify_model ---------------------------------------------------------------------------------------------------
def test_verify_model_fits_again_and_says_identical() -> None:
    model, out = candidate(), io.StringIO()
    call_command("verify_model", str(model), stdout=out)
    assert out.getvalue().startswith(f"{model}: identical")


def test_verify_model_names_the_first_figure_that_differs(monkeypatch: pytest.MonkeyPatch) -> None:
    model, out = candidate(), io.StringIO()
    assert model.card is not None
    wrong = model.card_json.replace(f'"rmse":{model.card["rmse"]!r}', '"rmse":0.1')
    assert wrong != model.card_json
    monkeypatch.setattr(
        "scoring.management.commands.verify_model.Command._models", lambda *_a, **_k: [_with(model, card_json=wrong)]
    )
    with pytest.raises(CommandError, match="1 of 1 differ"):
        call_command("verify_model", str(model), stdout=out)
    assert "differs at /card/" in out.getvalue()


def _with(model: ModelVersion, **changes: Any) -> ModelVersion:
    other = ModelVersion.objects.select_related("training_set").get(pk=model.pk)
    for name, value in changes.items():
        setattr(other, name, value)
    return other


def test_verify_model_of_a_stranger_has_an_exit_code_of_its_own() -> None:
    with pytest.raises(CommandError) as refused:
        call_command("verify_model", "m999999")
    assert refused.value.returncode == 2


# --- in force ------------------------------------------------------------
def proposed() -> ModelChange:
    model = challenger()
    comparison = registry.compare_with_champion(model)
    assert comparison is not None
    return registry.propose(
        model, by=User.objects.get(username="dan"), reason="errs less", statistics_sha256=comparison.statistics_sha256
    )


@pytest.mark.postgres
def test_a_challenger_becomes_champion_by_a_second_administrator() -> None:
    change = proposed()
    before = ModelVersion.champion()
    registry.decide(change, by=make.erin(), confirmed=True, statistics_sha256=change.statistics_sha256)
    assert ModelVersion.champion() == change.model
    assert before is not None
    before.refresh_from_db()
    assert before.state == State.RETIRED
    assert audit.AuditEvent.objects.filter(verb="model.confirmed").exists()


def test_whoever_proposes_does_not_confirm() -> None:
    change = proposed()
    dan = User.objects.get(username="dan")
    with pytest.raises(ModelRefused):
        registry.decide(change, by=dan, confirmed=True, statistics_sha256=change.statistics_sha256)
    with pytest.raises(DatabaseError), transaction.atomic():
        ModelChange.objects.filter(pk=change.pk).update(outcome="confirmed", decided_by=dan)


def test_statistics_that_nobody_saw_are_not_confirmed() -> None:
    change = proposed()
    with pytest.raises(ModelRefused):
        registry.decide(change, by=make.erin(), confirmed=True, statistics_sha256="0" * 64)
    assert ModelVersion.champion() != change.model


@pytest.mark.postgres
def test_the_database_makes_no_champion_without_a_confirmed_change() -> None:
    model = challenger()
    ModelVersion.objects.filter(state=State.CHAMPION).update(state=State.RETIRED)
    with pytest.raises(DatabaseError), transaction.atomic():
        ModelVersion.objects.filter(pk=model.pk).update(state=State.CHAMPION)


def test_a_rejected_challenger_stays_one_and_the_answer_stands() -> None:
    change = proposed()
    registry.decide(change, by=make.erin(), confirmed=False, statistics_sha256=change.statistics_sha256)
    change.model.refresh_from_db()
    assert change.model.state == State.CHALLENGER
    with pytest.raises(DatabaseError), transaction.atomic():
        ModelChange.objects.filter(pk=change.pk).update(outcome="confirmed")


def test_a_rollback_brings_the_one_before_back_at_once() -> None:
    change, erin = proposed(), make.erin()
    before = ModelVersion.champion()
    registry.decide(change, by=erin, confirmed=True, statistics_sha256=change.statistics_sha256)
    with pytest.raises(ModelRefused):
        registry.roll_back(by=erin, reason=" ")
    assert registry.roll_back(by=erin, reason="sums went wrong") == before
    assert ModelVersion.champion() == before
    assert ModelChange.objects.first().reason == "sums went wrong"  # type: ignore[union-attr]


def test_there_is_nothing_before_the_shipped_model_to_go_back_to() -> None:
    with pytest.raises(ModelRefused):
        registry.roll_back(by=make.erin(), reason="try")


# --- beside the scores ------------------------------------------------------------
def test_shadow_keeps_what_both_models_say_and_changes_nothing() -> None:
    company = make.company("demo-silent", sector="metals")
    make.financials(company, 2024, 5e9)
    model = challenger()
    champion = ModelVersion.champion()
    assert champion is not None
    model_watch.shadow()
    model_watch.shadow()
    assert model.shadows.count() == champion.shadows.count() == 1
    assert ModelComparison.objects.count() == 1
    told = model_watch.shadow_of(model, champion)
    assert told is not None
    assert told.companies == 1
    assert ModelVersion.champion() == champion


def test_the_nightly_look_only_counts_where_too_little_is_new() -> None:
    put_in_force(candidate())
    verified(make.company())
    look = model_watch.nightly()
    assert (look.found, look.needed, look.made) == (1, model_watch.NEEDED, None)


def test_the_nightly_look_makes_a_candidate_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("scoring.estimators.watch.NEEDED", 1)
    monkeypatch.setattr("scoring.estimators.watch.look_for_drift", lambda: None)
    verified(make.company())
    made = model_watch.nightly().made
    assert made is not None
    assert (made.state, made.made_by) == (State.QUEUED, None)
    assert model_watch.nightly().made is None  # nothing is new now
    assert ModelVersion.objects.count() == 2  # the shipped one and this
    assert NightlyLook.objects.count() == 1


def test_a_run_by_another_model_is_another_question_with_another_estimate() -> None:
    """And the reporter beside it has none."""
    silent = make.company("demo-silent", sector="metals")
    make.financials(silent, 2024, 5e9)
    make.scoreable("demo-clean")
    asked = []
    for _model in range(2):
        run, is_new = runs.start(Company.objects.all(), title="all", by=None)
        assert is_new
        runs.drain(run.pk)
        asked.append(run)
        put_in_force(candidate())
    before, after = (run.scores.get(company=silent) for run in asked)
    assert before.model != after.model
    assert before.record["measured"]["estimate"] != after.record["measured"]["estimate"]
    assert {run.scores.get(company__company_key="demo-clean").model for run in asked} == {None}


# --- pages ------------------------------------------------------------
@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(make.dan())
    client.cookies["django_language"] = "en"
    return client


def upload(client: Client, raw: bytes, name: str = "table.csv", **given: str) -> str:
    facts = LICENCE | given | {"file": SimpleUploadedFile(name, raw)}
    return client.post(reverse("scoring:training_set_new"), facts).content.decode()


def test_an_upload_is_shown_first_and_taken_second(admin: Client) -> None:
    rows = lines()
    rows[4]["revenue_cny"] = "many"
    page = upload(admin, written(rows))
    assert "line" not in page.lower() or "many" in page
    assert TrainingSet.objects.count() == 1  # the shipped one
    shown = dict(_hidden(page))
    answer = admin.post(reverse("scoring:training_set_new"), shown)
    made = TrainingSet.objects.first()
    assert made is not None
    assert answer.url == reverse("scoring:training_set", args=[made.pk])
    assert (made.rows, made.left_out, made.taken_by) == (36, 1, User.objects.get(username="dan"))


def _hidden(page: str) -> list[tuple[str, str]]:
    import re

    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', page)
    return [(name, value) for name, value in found if name != "csrfmiddlewaretoken"]


def test_an_upload_other_than_the_one_shown_is_not_taken(admin: Client) -> None:
    shown = dict(_hidden(upload(admin, written(lines()))))
    admin.post(reverse("scoring:training_set_new"), shown | {"seen": "0" * 64})
    assert TrainingSet.objects.count() == 1


def test_a_pickle_is_refused_on_the_page(admin: Client) -> None:
    assert "A stored model is not taken" in upload(admin, pickle.dumps([1]), "model.pkl")
    assert TrainingSet.objects.count() == 1


def test_a_leaked_target_is_named_on_the_page(admin: Client) -> None:
    rows = [row | {"ghg_total": i} for i, row in enumerate(lines())]
    assert "ghg_total" in upload(admin, written(rows))


def test_an_upload_needs_its_licence(admin: Client) -> None:
    assert "needs its licence" in upload(admin, written(lines()), licence="")


def test_the_fund_reads_and_only_administrators_act(client: Client) -> None:
    champion = ModelVersion.champion()
    assert champion is not None
    client.force_login(make.carol())
    for page in (reverse("scoring:models"), champion.get_absolute_url(), reverse("scoring:model_drift")):
        assert client.get(page).status_code == 200
    assert client.get(reverse("scoring:training_set_new")).status_code == 403
    assert client.post(reverse("scoring:model_challenge", args=[champion.pk])).status_code == 403
    client.force_login(make.bob())
    assert client.get(champion.get_absolute_url()).status_code == 404


def test_the_way_into_force_by_the_pages(admin: Client) -> None:
    put_in_force(candidate(lines(seed=6)))
    model = candidate()
    admin.post(reverse("scoring:model_challenge", args=[model.pk]))
    model_watch.shadow()
    page = admin.get(model.get_absolute_url()).content.decode()
    comparison = ModelComparison.objects.get()
    assert comparison.statistics_sha256 in page
    admin.post(
        reverse("scoring:model_propose", args=[model.pk]),
        {"reason": "errs less", "statistics": comparison.statistics_sha256},
    )
    change = ModelChange.objects.get(outcome="open")
    answer = {"answer": "confirm", "statistics": change.statistics_sha256}
    admin.post(reverse("scoring:model_decide", args=[change.pk]), answer)
    assert ModelVersion.champion() != model
    admin.force_login(make.erin())
    admin.post(reverse("scoring:model_decide", args=[change.pk]), answer)
    assert ModelVersion.champion() == model
    admin.post(reverse("scoring:model_roll_back", args=[model.pk]), {"reason": "sums"})
    assert ModelVersion.champion() != model


def test_a_model_says_first_how_near_it_is_and_where_it_is_worst() -> None:
    report = ModelReport(ModelVersion.objects.get(state=ModelVersion.State.CHAMPION))
    card = report.card
    assert card is not None
    with translation.override("en"):
        first, second = ModelReport(report.model).headline
    assert first.startswith(f"{card['within2x']:.0%} of the estimates") and f"{card['coverage90']:.0%}" in first
    judged = {code: group for code, group in card["by_sector"].items() if group["companies"] >= 10}
    worst = min(judged.values(), key=lambda group: group["coverage90"])
    assert f"{worst['coverage90']:.0%} ({worst['companies']} companies)" in second
    small = {code: group for code, group in card["by_sector"].items() if group["companies"] < 10}
    assert any(group["coverage90"] < worst["coverage90"] for group in small.values())  # and is not called the worst
