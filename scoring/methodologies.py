"""The methodology versions that ship with the product, and the one in force."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from scoring.engine import Methodology as EngineMethodology

FOLDER = Path(__file__).parent / "data" / "methodology"
SHIPPED = ("demo-0",)


def install_shipped(**_: Any) -> None:
    """After each migrate: shipped versions exist as rows. An edited file under an old name is refused."""
    from scoring.models import Methodology

    for version in SHIPPED:
        path = FOLDER / f"{version}.json"
        text = path.read_text(encoding="utf-8")
        digest = engine_methodology(text).digest
        row, created = Methodology.objects.get_or_create(
            version=version, defaults={"content": text, "digest": digest, "state": Methodology.State.ACTIVE}
        )
        if not created and row.digest != digest:
            raise ValueError(
                f"{path.name} differs from the stored version {version}: a change needs a new version name."
            )


@lru_cache(maxsize=8)
def engine_methodology(content: str) -> EngineMethodology:
    """The engine's form of a stored methodology, parsed once a process."""
    return EngineMethodology.from_json(json.loads(content))
