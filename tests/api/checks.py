"""What every answer of a kind must be."""

from __future__ import annotations

import httpx


def problem(answer: httpx.Response, status: int, *words: str) -> dict[str, object]:
    """A problem+json of ``status`` whose detail holds all ``words``."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, object] = answer.json()
    assert set(body) == {"type", "title", "status", "detail"}
    assert body["status"] == status
    detail = str(body["detail"])
    assert detail.rstrip()[-1] in ".}]", detail
    for word in words:
        assert word in detail, f"{word!r} is not in {detail!r}"
    return body
