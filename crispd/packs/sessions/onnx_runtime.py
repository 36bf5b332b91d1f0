"""ONNX Runtime, loaded in the one way in which it reports nothing to anybody.

Its official builds keep an id of the machine in the home folder otherwise, and send models, speeds
and errors to their maker over HTTPS. They look for the variable once, while they are loaded, so no
other module loads them.
"""

from __future__ import annotations

import os

os.environ["ORT_DISABLE_TELEMETRY"] = "1"

import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

__all__ = ["ort", "ort_errors"]
