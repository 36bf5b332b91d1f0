"""Whether a work folder is of this run: what another run left there would be taken for its own."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from train.running.atomic import atomic

FILE = "run.json"


def check_same_run(work: Path, options: Mapping[str, object]) -> None:
    """Note ``options`` in a new work folder; end the run where they differ from those noted."""
    kept, wanted = work / FILE, {name: str(value) for name, value in options.items()}
    if not kept.exists():
        with atomic(kept) as part:
            part.write_text(json.dumps(wanted, indent=1), encoding="utf-8")
        return
    found = json.loads(kept.read_text(encoding="utf-8"))
    names = sorted(name for name in wanted | found if wanted.get(name) != found.get(name))
    if names:
        told = "; ".join(
            f"--{name.replace('_', '-')} was {found.get(name)}, is {wanted.get(name)}"
            for name in names
        )
        raise SystemExit(f"{work} is of a run with other options ({told}). Name another --work.")
