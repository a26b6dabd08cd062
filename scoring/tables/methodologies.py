"""The methodology versions that ship with the product, and the one in force."""

from typing import Any

from django.db import transaction

from scoring import DATA
from scoring.models.score import engine_methodology

FOLDER = DATA / "methodology"
SHIPPED = ("demo-0", "demo-1", "demo-2", "demo-3")  # the last is put in force where an earlier one of these is, or none


def install_shipped(**_: Any) -> None:
    """After each migrate: shipped versions exist as rows. An edited file under an old name is refused."""
    from scoring.models import Methodology

    for version in SHIPPED:
        path = FOLDER / f"{version}.json"
        text = path.read_text(encoding="utf-8")
        digest = engine_methodology(text).digest
        row, created = Methodology.objects.get_or_create(
            version=version, defaults={"content": text, "digest": digest, "state": Methodology.State.RETIRED}
        )
        if not created and row.digest != digest:
            raise ValueError(
                f"{path.name} differs from the stored version {version}: a change needs a new version name."
            )
    _put_in_force(SHIPPED[-1])


def _put_in_force(version: str) -> None:
    """The newest shipped version, unless people have put one of their own in force."""
    from scoring.models import Methodology

    active, retired = Methodology.State.ACTIVE, Methodology.State.RETIRED
    with transaction.atomic():
        if Methodology.objects.filter(state=active).exclude(version__in=SHIPPED).exists():
            return
        Methodology.objects.filter(state=active).exclude(version=version).update(state=retired)
        Methodology.objects.filter(version=version).update(state=active)
