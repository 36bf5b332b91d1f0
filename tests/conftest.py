"""What holds for every test."""

from __future__ import annotations

import os

from hypothesis import settings

# onnxruntime reports to its maker unless it is told not to before it is loaded
os.environ["ORT_DISABLE_TELEMETRY"] = "1"

# How long an example takes says how busy the machine is, and nothing about crispd.
settings.register_profile("crispd", deadline=None)
settings.load_profile("crispd")
