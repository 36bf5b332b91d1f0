"""The ``crispd`` command.

May import api, auth, bench, client, config, default_data_dir, doctor, evaluation, filters, hub,
library, memory_plan, offline, pack_manager, packs, query, recovery, server, service, systemd,
types, errors and platform.
"""

from __future__ import annotations

import sys

from crispd.cli import output
from crispd.cli.app import app
from crispd.errors import CrispdError, outcome_of


def main() -> None:
    """Run the command. One line on stderr and a telling exit code for every foreseen error."""
    try:
        app()
    except CrispdError as error:
        output.error(f"crispd: {error}")
        sys.exit(outcome_of(error).exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
