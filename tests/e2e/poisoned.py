"""``python -m tests.e2e.poisoned …``: crispd with the decoder of ``faulty``.

Python imports that at the beginning of a process, which a forked one has not.
"""

from __future__ import annotations

import tests.e2e.faulty.sitecustomize  # noqa: F401
from crispd.cli import main

if __name__ == "__main__":
    main()
