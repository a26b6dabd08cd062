from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ScoringConfig(AppConfig):
    name = "scoring"
    verbose_name = _("Scoring")

    def ready(self) -> None:
        from portfolio.signals import (
            disclosure_submitted,
            disclosure_to_be_checked,
            disclosure_verified,
            local_factor_verified,
        )
        from scoring import (  # checks registers the system checks
            checks,  # noqa: F401
            pathway_data,
            plausibility,
            reference_data,
            registry,
            restatements,
            temperature_files,
        )
        from scoring.methodologies import install_shipped
        from scoring.runs import on_disclosure_verified

        reference_data.shipped()  # a broken table stops the start, named by file and row
        pathway_data.shipped()
        temperature_files.shipped_coefficients()
        disclosure_to_be_checked.connect(plausibility.on_disclosure_to_be_checked, dispatch_uid="scoring.plausibility")
        disclosure_verified.connect(on_disclosure_verified, dispatch_uid="scoring.runs")
        disclosure_submitted.connect(restatements.on_disclosure_submitted, dispatch_uid="scoring.restatements")
        disclosure_verified.connect(restatements.on_disclosure_verified, dispatch_uid="scoring.restatements")
        local_factor_verified.connect(restatements.on_local_factor_verified, dispatch_uid="scoring.restatements")
        post_migrate.connect(install_shipped, sender=self, dispatch_uid="scoring.methodologies")
        post_migrate.connect(registry.install_shipped, sender=self, dispatch_uid="scoring.registry")
