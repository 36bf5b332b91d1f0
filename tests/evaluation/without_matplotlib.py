"""``python -m tests.evaluation.without_matplotlib …``: crispd where that extra is not installed."""

from __future__ import annotations

import sys

if __name__ == "__main__":
    sys.modules["matplotlib"] = None  # type: ignore[assignment]
    from crispd.cli import main

    main()
