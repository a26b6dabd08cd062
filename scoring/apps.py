from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ScoringConfig(AppConfig):
    name = "scoring"
    verbose_name = _("Scoring")

    def ready(self) -> None:
        from portfolio.signals import (
            badge_moved,
            disclosure_submitted,
            disclosure_to_be_checked,
            disclosure_verified,
            facts_confirmed,
            local_factor_to_be_compared,
            local_factor_verified,
            sheet_handed_in,
        )
        from scoring import checks  # noqa: F401  registers the system checks
        from scoring.bar_sheets import shipped as bar_sheets
        from scoring.engine.temperature.methods import METHODS as TEMPERATURE_METHODS
        from scoring.estimators import registry
        from scoring.ledgers import restatements
        from scoring.plausibility import checks as plausibility
        from scoring.runs.queue import on_disclosure_verified, on_facts_confirmed
        from scoring.sheets.work import on_sheet_handed_in
        from scoring.tables import built_in
        from scoring.tables import factors as reference_data
        from scoring.tables import pathways as pathway_data
        from scoring.tables.temperature import shipped_coefficients

        reference_data.shipped()  # a broken table stops the start, named by file and row
        pathway_data.shipped()
        for method in TEMPERATURE_METHODS:
            shipped_coefficients(method)
        disclosure_to_be_checked.connect(plausibility.on_disclosure_to_be_checked, dispatch_uid="scoring.plausibility")
        disclosure_verified.connect(on_disclosure_verified, dispatch_uid="scoring.runs")
        badge_moved.connect(on_disclosure_verified, dispatch_uid="scoring.runs")
        facts_confirmed.connect(on_facts_confirmed, dispatch_uid="scoring.runs")
        disclosure_submitted.connect(restatements.on_disclosure_submitted, dispatch_uid="scoring.ledgers.restatements")
        disclosure_verified.connect(restatements.on_disclosure_verified, dispatch_uid="scoring.ledgers.restatements")
        local_factor_verified.connect(
            restatements.on_local_factor_verified, dispatch_uid="scoring.ledgers.restatements"
        )
        local_factor_to_be_compared.connect(
            built_in.on_local_factor_to_be_compared, dispatch_uid="scoring.tables.built_in"
        )
        sheet_handed_in.connect(on_sheet_handed_in, dispatch_uid="scoring.sheets")
        post_migrate.connect(bar_sheets.install_shipped, sender=self, dispatch_uid="scoring.bar_sheets")
        post_migrate.connect(registry.install_shipped, sender=self, dispatch_uid="scoring.estimators.registry")
