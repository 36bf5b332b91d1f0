"""Measurements: each prints a table and writes JSON to ``benchmarks/results``."""

from __future__ import annotations

import os

# onnxruntime reports to its maker unless it is told not to before it is loaded
os.environ["ORT_DISABLE_TELEMETRY"] = "1"
