"""``crispd doctor``: findings as they come, the bad ones with what to do."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from crispd.cli import output
from crispd.doctor.examine import examine
from crispd.doctor.findings import Level

if TYPE_CHECKING:
    from crispd.config import Settings

_SIGNS = {Level.GOOD: "  ok ", Level.WARNING: " look", Level.BAD: "  BAD"}


def run(settings: Settings, *, as_json: bool) -> bool:
    """Print; whether nothing is bad."""
    found = []
    for finding in examine(settings.data_dir, settings.folders, settings.pack):
        found.append(finding)
        if not as_json:
            output.line(f"{_SIGNS[finding.level]}  {finding.what}: {finding.seen}")
            if finding.do:
                output.line(f"       {finding.do}")
    if as_json:
        output.as_json([dataclasses.asdict(finding) for finding in found])
    return all(finding.level is not Level.BAD for finding in found)
