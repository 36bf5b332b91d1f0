"""``python -m tests.e2e.churning FOLDER SEED STEPS``: somebody busy in a folder of photos."""

from __future__ import annotations

import sys
import time
from pathlib import Path

from tests.e2e.tiny import Churn

if __name__ == "__main__":
    churn = Churn(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[2]))
    for _ in range(int(sys.argv[3])):
        churn.step()
        time.sleep(0.002)
