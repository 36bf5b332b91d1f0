"""The routes for workers."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from tests.api.fake_service import FakeService

VECTORS = np.eye(2, 4, dtype="<f4")


def given(**other: Any) -> dict[str, Any]:
    return {
        "worker": "desk", "lease": "lease", "count": 2,
        "embeddings": base64.b64encode(VECTORS.tobytes()).decode(),
        "tokens": base64.b64encode(b"aabb").decode(), **other,
    }  # fmt: skip


def test_pixels_out_and_vectors_in(http: TestClient, service: FakeService) -> None:
    assert http.get("/encode/jobs?worker=desk").json() == {"wanted": "mini@5", "job": None}
    job = http.get("/encode/jobs?worker=desk&pack=mini@5").json()["job"]
    assert (job["lease"], job["count"], job["size"]) == ("lease", 2, 2)
    assert base64.b64decode(job["pixels"]) == bytes(range(24))
    assert http.post("/encode/results", json=given()).status_code == 204
    assert [one.embedding.tolist() for one in service.packs.made] == VECTORS.tolist()
    assert [one.tokens for one in service.packs.made] == [b"aa", b"bb"]
    for lease, status in (("lease", 204), ("other", 404)):
        body = {"worker": "desk", "lease": lease}
        assert http.post("/encode/heartbeat", json=body).status_code == status
    assert http.post("/encode/results", json=given(tokens="")).status_code == 204
    assert service.packs.made[0].tokens is None


@pytest.mark.parametrize(
    "wrong",
    [{"embeddings": "!"}, {"embeddings": ""}, {"embeddings": "AAAA"}, {"count": 3}, {"count": 99},
     {"tokens": "YQ=="}, {"worker": "../x"}, {"more": 1}],
)  # fmt: skip
def test_what_is_wrong_is_told(
    http: TestClient, service: FakeService, wrong: dict[str, Any]
) -> None:
    assert http.post("/encode/results", json=given(**wrong)).status_code in {400, 422}
    assert service.packs.made == []
