"""rclip's own indexing with another model: ``PYTHON rclip_path.py PHOTOS JOB``.

Runs in an environment of its own, where rclip is installed (3.3.0), and imports nothing of crispd.
rclip's walk, hash, threads, decoding, resizing, batches and database are its own; its ``Model`` is
replaced through the seam that its constructor has, and three constants of its preprocessing, which
belong to the model. Its onnxruntime session has the options that rclip gives it.
"""

from __future__ import annotations

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import onnxruntime as ort
from rclip import db, main, model
from rclip.utils import preprocess

BATCH = 8  # rclip's default


class OurModel(model.Model):
    """rclip's, with the image graph of a pack of crispd's."""

    def __init__(self, job: dict[str, object]) -> None:
        super().__init__()
        options = ort.SessionOptions()
        options.intra_op_num_threads = len(os.sched_getaffinity(0))
        options.add_session_config_entry("session.x64quantprecision", str(job["precision"]))
        self._session = ort.InferenceSession(
            str(job["graph"]), sess_options=options, providers=["CPUExecutionProvider"]
        )
        self._names = ([job["output"]], job["input"])

    def _run_visual(self, batch: np.ndarray, *, for_indexing: bool = False) -> np.ndarray:
        outputs, name = self._names
        (features,) = self._session.run(outputs, {name: np.ascontiguousarray(batch)})
        return np.asarray(features, np.float32)


def run(photos: str, job: dict[str, object]) -> dict[str, float]:
    """Photos, and seconds of the clock and of the processor; loading the model is not counted."""
    preprocess.IMAGE_SIZE = job["size"]
    preprocess.MEAN = np.array(job["mean"], np.float32)
    preprocess.STD = np.array(job["std"], np.float32)
    ours = OurModel(job)
    with tempfile.TemporaryDirectory() as scratch:
        database = db.DB(Path(scratch) / "db.sqlite3")
        rclip = main.RClip(ours, database, BATCH, None)
        clock, cpu = time.perf_counter(), time.process_time()
        rclip.ensure_index(photos)
        clock, cpu = time.perf_counter() - clock, time.process_time() - cpu
        count = len(rclip._get_features(photos)[0])
        rclip.close()
        database.close()
    return {"photos": count, "clock": clock, "cpu": cpu}


if __name__ == "__main__":
    print(json.dumps(run(sys.argv[1], json.loads(sys.argv[2]))))
