"""A service that encodes one picture a call, as Immich's machine learning does:
``python -m benchmarks.indexing.peers_indexing.preview_service JOB``.

FastAPI, a form of one file, Pillow, resize and crop, onnxruntime in a thread of a pool, and the
vector as text in JSON. Threads, arena and pool are Immich's defaults: two threads of the model, no
arena, as many calls at a time as there are cores.
"""

from __future__ import annotations

import asyncio
import io
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import numpy as np
import onnxruntime as ort
import uvicorn
from fastapi import FastAPI, File, Form
from PIL import Image

_INTRA_THREADS = 2


def application(job: dict[str, Any]) -> FastAPI:
    """``POST /predict``, with the model loaded."""
    options = ort.SessionOptions()
    options.enable_cpu_mem_arena = False
    options.inter_op_num_threads, options.intra_op_num_threads = 1, _INTRA_THREADS
    options.add_session_config_entry("session.x64quantprecision", str(job["precision"]))
    session = ort.InferenceSession(job["graph"], options, providers=["CPUExecutionProvider"])
    mean, std = np.array(job["mean"], np.float32), np.array(job["std"], np.float32)
    pool = ThreadPoolExecutor(os.cpu_count())
    app = FastAPI()

    def encoded(data: bytes) -> str:
        with Image.open(io.BytesIO(data)) as image:
            square = _square(image.convert("RGB"), job["size"])
        pixels = (np.asarray(square, np.float32) / 255.0 - mean) / std
        batch = np.ascontiguousarray(pixels.transpose(2, 0, 1)[None])
        (vectors,) = session.run([job["output"]], {job["input"]: batch})
        return json.dumps(np.asarray(vectors[0], np.float32).tolist())

    @app.post("/predict")
    async def predict(
        entries: Annotated[str, Form()], image: Annotated[bytes, File()]
    ) -> dict[str, Any]:
        json.loads(entries)
        return {"clip": await asyncio.get_running_loop().run_in_executor(pool, encoded, image)}

    return app


def _square(image: Image.Image, size: int) -> Image.Image:
    """The short side to ``size``, and the middle of it."""
    scale = size / min(image.size)
    image = image.resize(
        (round(image.width * scale), round(image.height * scale)), Image.Resampling.BICUBIC
    )
    left, top = (image.width - size) // 2, (image.height - size) // 2
    return image.crop((left, top, left + size, top + size))


if __name__ == "__main__":
    uvicorn.run(application(json.loads(sys.argv[1])), port=int(sys.argv[2]), log_level="error")
