"""A real browser before a real crispd. Run with ``make browser-test``."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.e2e.conftest import pack as pack  # its fixtures
from tests.e2e.conftest import serve as serve
from tests.e2e.conftest import small_pack as small_pack
from tests.e2e.server import ALBUM, Server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
_SIZE = {"width": 390, "height": 844}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Everything here needs a browser; without one it is skipped and says what to install."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's Chromium, without a window."""
    api = pytest.importorskip("playwright.sync_api", reason="pip install playwright")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium: apt install chromium")
    with api.sync_playwright() as driver:
        # no sandbox: tests run as root in containers, and the page is our own
        running = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture(scope="session")
def album(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A service over a copy of the sample album, all read."""
    folder = tmp_path_factory.mktemp("browser")
    photos = folder / "photos"
    (photos / "2021").mkdir(parents=True)
    for number, path in enumerate(sorted(ALBUM.glob("*.jpg"))):
        shutil.copy(path, photos / "2021" if number % 2 else photos)
    server = Server(folder / "data", photos)
    server.settle(300)
    yield server
    server.stop()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a page at an address; it may neither fail nor ask another host for anything."""
    contexts, wrong = [], []

    def opened(address: str, **options: Any) -> Any:
        # Playwright evaluates strings in the page, which its policy forbids.
        options = {"viewport": _SIZE, "locale": "en-GB", "bypass_csp": True, **options}
        quiet = options.pop("quiet", True)
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)

        def asked(request: Any) -> None:
            elsewhere = urlsplit(request.url).hostname not in {"127.0.0.1", None}
            if elsewhere and not request.url.startswith(("blob:", "data:")):
                wrong.append(f"asked {request.url}")

        page.on("request", asked)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        if quiet:
            page.on("console", lambda said: said.type == "error" and wrong.append(said.text))
        page.goto(address)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not wrong
