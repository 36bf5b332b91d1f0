"""Tokens, codes, cookies and links: made, used, revoked, and never written anywhere."""

from __future__ import annotations

import re
import stat
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from crispd.auth import pairing
from crispd.auth.pairing import InvitationRegistry
from crispd.auth.share_secret import ShareSecret
from crispd.auth.throttle import Throttle
from crispd.auth.tokens import Signer
from crispd.cli import service_client
from crispd.cli.app import app
from crispd.errors import TooManyFailures, Unauthorized
from tests.api.checks import problem
from tests.api.fake_service import CONTENT, ID
from tests.security.conftest import Start
from tests.security.server import Guarded, bearer, flipped


def test_links_without_a_device_are_revoked(start: Start, tmp_path: Path) -> None:
    server = start()
    link = server.admin("POST", f"/photos/{ID}/share", json={}).json()["url"]
    made = server.device("with a link", "search", "originals", "admin")
    own = server.http.post(f"/photos/{ID}/share", json={}, headers=bearer(made["token"]))
    assert server.http.get(link).status_code == 200
    assert server.http.delete("/shares").status_code == 401
    assert server.http.delete("/shares", headers=bearer(made["token"])).status_code == 204
    problem(server.http.get(link), 401, "holds no more")
    assert server.http.get(own.json()["url"]).status_code == 200  # the device's own
    again = server.admin("POST", f"/photos/{ID}/share", json={}).json()["url"]
    assert server.http.get(again).status_code == 200
    kept = server.data / "share-secret"
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    assert ShareSecret(kept).value == kept.read_bytes().strip() != ShareSecret().value
    told = CliRunner().invoke(
        app,
        ["unshare", "--url", server.address, "--token", server.local, "--data-dir", str(tmp_path)],
    )
    assert told.exit_code == 0, told.output
    problem(server.http.get(again), 401, "holds no more")


def test_links_are_revoked_without_a_running_service(tmp_path: Path) -> None:
    before = ShareSecret(tmp_path / "share-secret").value
    told = CliRunner().invoke(
        app, ["unshare", "--data-dir", str(tmp_path)], env={"CRISPD_PORT": "1"}
    )
    assert told.exit_code == 0, told.output
    assert ShareSecret(tmp_path / "share-secret").value != before


def invite(server: Guarded, name: str, *scopes: str) -> dict[str, object]:
    body = {"name": name, "scopes": list(scopes or ("search", "originals"))}
    answer = server.admin("POST", "/invitations", json=body)
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


def test_a_revoked_token_fails_at_once(server: Guarded) -> None:
    made = server.device("revoked", "search", "originals")
    share = server.http.post(f"/photos/{ID}/share", json={}, headers=bearer(made["token"]))
    link = share.json()["url"]
    with httpx.Client(base_url=server.address) as browser:
        assert browser.post("/session", json={"token": made["token"]}).status_code == 200
        for _ in range(2):
            assert browser.get("/search?q=a").status_code == 200
        assert server.http.get("/search?q=a", headers=bearer(made["token"])).status_code == 200
        assert server.http.get(link).status_code == 200
        assert server.admin("DELETE", f"/devices/{made['id']}").status_code == 204
        answer = server.http.get("/search?q=a", headers=bearer(made["token"]))
        problem(answer, 401, "revoked")
        assert browser.get("/search?q=a").status_code == 401
        problem(server.http.get(link), 401, "holds no more")


def test_a_revoked_device_stops_watching(server: Guarded) -> None:
    made, other = server.device("watching", "search"), server.device("still watching", "search")
    with (
        server.http.stream("GET", "/events", headers=bearer(other["token"])) as kept,
        server.http.stream("GET", "/events", headers=bearer(made["token"])) as stream,
    ):
        lines, going_on = stream.iter_lines(), kept.iter_lines()
        while not next(lines).startswith("data:"):
            pass
        assert server.admin("DELETE", f"/devices/{made['id']}").status_code == 204
        # to its end, long before the next heartbeat
        begun = time.monotonic()
        assert len(list(lines)) < 20
        assert time.monotonic() - begun < 8
        while not next(going_on).startswith("data:"):
            pass


def test_a_code_is_good_once(server: Guarded) -> None:
    made = invite(server, "once")
    assert server.admin("GET", f"/invitations/{made['id']}").json()["state"] == "open"
    first = server.http.post("/pair", json={"code": made["code"]})
    assert first.status_code == 201
    assert first.headers["cache-control"] == "no-store"
    assert server.http.get("/search?q=a", headers=bearer(first.json()["token"])).is_success
    problem(server.http.post("/pair", json={"code": made["code"]}), 401, "crispd pair")
    told = server.admin("GET", f"/invitations/{made['id']}").json()
    assert (told["state"], told["code"], told["links"]) == ("paired", None, [])


def test_the_secret_of_a_link_stands_where_no_browser_sends_it(server: Guarded) -> None:
    made = invite(server, "scanned")
    link = str(made["links"][0])  # type: ignore[index]
    before, _, secret = link.partition("#")
    assert before == f"{server.address}/pair"
    assert len(secret) >= 22
    answer = server.http.post("/session", json={"code": secret})
    assert answer.json() == {
        "device": "scanned", "scopes": ["search", "originals"], "needs_token": True,
    }  # fmt: skip


def test_the_cookie(server: Guarded) -> None:
    made = invite(server, "browser", "search", "admin")
    with httpx.Client(base_url=server.address) as browser:
        signed = browser.post("/sign-in", data={"code": str(made["code"])})
        assert signed.status_code == 303
        cookie = signed.headers["set-cookie"]
        for part in ("HttpOnly", "SameSite=strict", "Path=/", "Max-Age="):
            assert part in cookie
        assert "searchable" in browser.get("/").text
        problem(browser.post("/indexing/pause"), 403, "Origin")
        strange = {"Origin": "http://evil.example"}
        problem(browser.post("/indexing/pause", headers=strange), 403, "allowed_origins")
        problem(browser.post("/indexing/pause", headers={"Origin": "null"}), 403, "allowed_origins")
        own = {"Origin": server.address}
        assert browser.post("/indexing/pause", headers=own).status_code == 200
        assert browser.post("/sign-out", headers=own).status_code == 303
        assert browser.get("/search?q=a").status_code == 401
    forged = cookie.partition("=")[2].partition(";")[0]
    tag = forged.rindex(".") + 1
    forgeries = [flipped(forged, at) for at in (0, tag - 2, tag, len(forged) - 1)]
    for value in (*forgeries, "local.9999999999.x", "a" * 5000, "..", "é"):
        header = {b"Cookie": f"crispd_session={value}".encode()}
        assert server.http.get("/search?q=a", headers=header).status_code == 401


def test_a_stranger_gets_where_the_link_led(server: Guarded) -> None:
    """What was asked for is asked for again once the browser is paired."""
    code = str(invite(server, "with a link")["code"])
    with httpx.Client(base_url=server.address) as browser:
        sent = browser.get("/?q=two+dogs&after=2020")
        assert sent.status_code == 303
        assert sent.headers["location"] == "/pair?next=%2F%3Fq%3Dtwo%2Bdogs%26after%3D2020"
        form = browser.get(sent.headers["location"]).text
        assert 'name="next" value="/?q=two+dogs&amp;after=2020"' in form
        again = browser.post("/sign-in", data={"code": "wrong", "next": "/?q=two+dogs"})
        assert 'name="next" value="/?q=two+dogs"' in again.text
        signed = browser.post("/sign-in", data={"code": code, "next": "/?q=two+dogs&after=2020"})
        assert signed.headers["location"] == "/?q=two+dogs&after=2020"
        assert 'value="two dogs"' in browser.get(signed.headers["location"]).text
        assert 'href="/?q=a"' in browser.get("/pair", params={"next": "/?q=a"}).text
    assert httpx.get(f"{server.address}/").headers["location"] == "/pair"


ELSEWHERE = (
    "https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example",
    "/%09/evil.example",
    "/\t/evil.example", "/.evil.example", "/@evil.example", "/..//evil.example", " //evil.example",
    "javascript:alert(1)", "/?a\r\nSet-Cookie: x=y", "/?a b", "?q=a", "evil.example", "/search?q=a",
    "/photos/x/original", "/?" + "a" * 5000, "/?é",
)  # fmt: skip


@pytest.mark.parametrize("where", ELSEWHERE)
def test_pairing_leads_nowhere_else(server: Guarded, where: str) -> None:
    page = httpx.get(f"{server.address}/pair", params={"next": where})
    assert page.status_code == 200
    assert 'name="next" value="/">' in page.text
    assert "evil" not in page.text
    assert 'href="/">Go on' in page.text
    code = str(invite(server, f"led {ELSEWHERE.index(where)}")["code"])
    signed = httpx.post(f"{server.address}/sign-in", data={"code": code, "next": where})
    assert signed.status_code == 303
    assert signed.headers["location"] == "/"
    assert "x=y" not in signed.headers["set-cookie"]


def test_what_stands_in_next_is_no_markup(server: Guarded) -> None:
    page = httpx.get(f"{server.address}/pair", params={"next": "/?q='><script>alert(1)</script>"})
    assert "<script>alert" not in page.text
    assert "/?q=&#39;&gt;&lt;script&gt;" in page.text


def test_an_admin_invites_and_revokes_in_a_browser(server: Guarded) -> None:
    made = invite(server, "office", "admin")
    own = {"Origin": server.address}
    with httpx.Client(base_url=server.address) as browser:
        browser.post("/sign-in", data={"code": str(made["code"])})
        shown = browser.post("/pair/new", data={"name": "<tab>", "scope": "search"}, headers=own)
        assert "<svg" in shown.text
        assert "&lt;tab&gt;" in shown.text
        code = re.search(r"\d{4}-\d{4}", shown.text)
        assert code is not None
        child = server.http.post("/pair", json={"code": code[0]}).json()
        assert "&lt;tab&gt;" in browser.get("/pair").text
        gone = browser.post("/pair/remove", data={"device": child["id"]}, headers=own)
        assert gone.status_code == 303
        assert server.http.get("/search?q=a", headers=bearer(child["token"])).status_code == 401


def test_a_shared_link(server: Guarded) -> None:
    token = server.device("sharing", "originals")["token"]
    both = {"minutes": 0.03, "kind": "original"}
    made = server.http.post(f"/photos/{ID}/share", json=both, headers=bearer(token)).json()
    url = made["url"]
    assert server.http.get(url).content == CONTENT
    part = server.http.get(url, headers={"Range": "bytes=0-3"})
    assert (part.status_code, part.content) == (206, CONTENT[:4])
    assert "immutable" not in part.headers["cache-control"]
    other = url.replace(ID, "a" * 24)
    for wrong in (other, url.replace("&kind=original", ""), url.replace("key=", "key=x")):
        problem(server.http.get(wrong), 401, "holds no more")
    assert datetime.fromisoformat(made["expires_at"]) > datetime(2020, 1, 1, tzinfo=UTC)
    time.sleep(2.2)
    problem(server.http.get(url), 401, "holds no more")


def test_nothing_secret_is_logged_or_readable(start: Start) -> None:
    server = start(log_level="debug")
    made = server.device("watched", "search", "originals", "admin")
    code = invite(server, "typed")
    secret = str(code["links"][0]).partition("#")[2]  # type: ignore[index]
    paired = server.http.post("/pair", json={"code": code["code"]}).json()["token"]
    cookie = server.http.post("/session", json={"token": made["token"]})
    share = server.http.post(f"/photos/{ID}/share", json={}, headers=bearer(made["token"]))
    key = share.json()["url"].partition("key=")[2]
    assert server.http.get(share.json()["url"]).status_code == 200
    wrong = "crispd_wrongwrongwrong"
    for headers in (bearer(wrong), {"X-Api-Key": wrong}):
        server.http.get("/search?q=a", headers=headers)
    server.http.post("/pair", json={"code": "1111-2222-wrong"})
    server.stop()
    session = cookie.headers["set-cookie"].partition("=")[2].partition(";")[0]
    for hidden in (
        made["token"], paired, str(code["code"]), secret, session, key, wrong, server.local,
        "1111-2222-wrong",
    ):  # fmt: skip
        assert hidden not in server.said
    assert "POST /pair 401" in server.said
    assert not (server.data / "local-token").exists()
    mode = stat.S_IMODE((server.data / "signing-key").stat().st_mode)
    assert mode == 0o600


def test_the_local_token_is_for_its_owner_and_this_run(server: Guarded) -> None:
    path = server.data / "local-token"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert server.admin("GET", "/devices").status_code == 200


@pytest.mark.parametrize("tls", ["off", "auto"])
def test_who_may_read_the_folder_of_the_machines_service_needs_no_setting(
    start: Start, tls: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``sudo crispd pair`` beside the unit of the package, whose data is not root's own."""
    server = start(tls=tls)
    server.device("there already", "search")
    monkeypatch.setattr(sys, "prefix", str(tmp_path))  # whose data folder nothing marks
    monkeypatch.setenv("HOME", str(tmp_path / "root"))
    for name in ("XDG_DATA_HOME", "CRISPD_DATA_DIR"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CRISPD_PORT", str(server.port))
    monkeypatch.setenv("CRISPD_TLS", tls)
    monkeypatch.setattr(service_client, "OF_THE_MACHINE", tmp_path / "none")
    assert "there already" not in CliRunner().invoke(app, ["devices"]).output
    monkeypatch.setattr(service_client, "OF_THE_MACHINE", server.data)
    told = CliRunner().invoke(app, ["devices"])
    assert (told.exit_code, "there already" in told.stdout) == (0, True), told.output


def test_wrong_codes_have_to_wait_and_right_tokens_do_not(start: Start) -> None:
    server = start()
    token = server.device("patient", "search")["token"]
    made = invite(server, "late")
    for _ in range(5):
        assert server.http.post("/pair", json={"code": "00000000x"}).status_code == 401
    answer = server.http.post("/pair", json={"code": made["code"]})
    problem(answer, 429, "Wait")
    assert int(answer.headers["retry-after"]) >= 1
    assert server.http.get("/search?q=a", headers=bearer("wrong")).status_code == 429
    assert server.http.get("/search?q=a", headers=bearer(token)).status_code == 200
    time.sleep(1.2)
    assert server.http.post("/pair", json={"code": made["code"]}).status_code == 201


def test_codes_are_withdrawn_after_ten_guesses_and_secrets_stay() -> None:
    invitations = InvitationRegistry()
    made = invitations.invite("phone", ("search",), 60)
    for number in range(10):
        with pytest.raises(Unauthorized):
            invitations.redeem(f"wrong {number}")
    with pytest.raises(Unauthorized):
        invitations.redeem(made.code)
    assert invitations.redeem(made.secret) is made


def test_codes_end(monkeypatch: pytest.MonkeyPatch) -> None:
    invitations = InvitationRegistry()
    made = invitations.invite("phone", ("search",), 60)
    later = time.time() + 61
    monkeypatch.setattr(pairing.time, "time", lambda: later)
    with pytest.raises(Unauthorized):
        invitations.redeem(made.code)


def test_waits_grow_and_a_network_counts_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    throttle, now = Throttle(), 1798.3
    monkeypatch.setattr("crispd.auth.throttle.time.monotonic", lambda: now)
    waits = []
    for number in range(14):
        throttle.failed(f"2001:db8::{number:x}")
        try:
            throttle.check("2001:db8::ffff")
        except TooManyFailures as error:
            waits.append(error.seconds)
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300]
    throttle.check("2001:db8:1::1")


def test_a_signature_is_for_one_purpose_one_subject_and_one_secret() -> None:
    signer, until = Signer(b"k" * 32), int(time.time()) + 60
    text = signer.sign("session", "ab", until, b"secret")
    assert signer.holds("session", text, b"secret") == until
    assert signer.holds("share", text, b"secret") is None
    assert signer.holds("session", text, b"other") is None
    assert signer.holds("session", text.replace("ab", "ac", 1), b"secret") is None
    assert signer.holds("session", text.replace(str(until), str(until + 1)), b"secret") is None
    assert Signer(b"l" * 32).holds("session", text, b"secret") is None
    old = signer.sign("session", "ab", int(time.time()) - 1, b"secret")
    assert signer.holds("session", old, b"secret") is None
