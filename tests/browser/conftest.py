"""Headless Chromium on a live server. Every page that is opened is listened to and, where asked, examined."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import make
from tests.servers import require

ARTEFACTS = Path(__file__).resolve().parents[2] / "test-artefacts"
WIDTHS = (1360, 390)
LANGUAGES = ("zh-hans", "en")
# What passed is most of what axe finds, and the selectors of all that is most of its time.
SERIOUS = """axe.run({preload: false, resultTypes: ["violations"], selectors: false}).then(found => found.violations
  .filter(rule => ["serious", "critical"].includes(rule.impact))
  .flatMap(rule => rule.nodes.map(node => [rule.id, node.html])))"""
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Who takes a language and a width without saying which is run on a desk in Chinese and on a telephone in English;
    with --long the other way about, too."""
    names = [mark.args[0] for mark in metafunc.definition.iter_markers("parametrize")]
    if {"language", "width"} <= set(metafunc.fixturenames) and not names:
        windows = list(zip(LANGUAGES, WIDTHS, strict=True))
        if metafunc.config.getoption("--long"):
            windows += zip(LANGUAGES, reversed(WIDTHS), strict=True)
        metafunc.parametrize(("language", "width"), windows)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if not found:
        require("Chromium", "apt-get install -y chromium fonts-noto-cjk")
    # Playwright's loop makes Django think that database calls come from async code; they come from this thread.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


class Visitor:
    """One person in one browser window, and everything that window complained about."""

    def __init__(self, context: BrowserContext, base: str, label: str) -> None:
        self.page: Page = context.new_page()
        self.context, self.base, self.label = context, base, label
        self.complaints: list[str] = []
        self.page.on("console", self._console)
        self.page.on("pageerror", lambda error: self.complaints.append(f"script error: {error}"))
        self.page.on("request", self._request)

    def _console(self, message: Any) -> None:
        if message.type in {"error", "warning"} and "status of 40" not in message.text:
            self.complaints.append(f"console: {message.text}")

    def _request(self, request: Any) -> None:
        if not request.url.startswith((self.base, "data:")):
            self.complaints.append(f"outside request: {request.url}")

    def open(self, path: str) -> None:
        self.page.goto(self.base + path)

    def log_in(self, username: str) -> None:
        self.open("/accounts/login/")
        self.page.fill("input[name=login]", username)
        self.page.fill("input[name=password]", make.PASSWORD)
        self.page.click("main button[type=submit], main form button")
        self.page.wait_for_url(lambda url: "/accounts/login" not in url)

    def _keep_picture(self, name: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=str(ARTEFACTS / f"{name}-{self.label}.png"), full_page=True)

    def examine(self, name: str, *, axe: bool = True) -> None:
        """Fail, and keep a picture, on a wide page, a serious axe finding or anything the window complained about."""
        try:
            self._examine(name, axe=axe)
        except AssertionError:
            self._keep_picture(name)
            raise

    def _examine(self, name: str, *, axe: bool) -> None:
        root = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert root[0] <= root[1], f"{name} {self.label}: {root[0]} px of content in {root[1]} px"
        assert not self.complaints, f"{name} {self.label}: {self.complaints}"
        if axe:
            self.page.evaluate(Axe().axe_script)
            found = self.page.evaluate(SERIOUS)
            self.complaints.clear()  # axe tries inline styles of its own
            serious = [f"{rule}: {html[:200]}" for rule, html in found]
            assert not serious, f"{name} {self.label}: " + "\n".join(serious)

    def close(self) -> None:
        self.context.close()


@pytest.fixture
def visit(chromium: Browser, live_server: Any) -> Iterator[Callable[..., Visitor]]:
    """visit(username, language, width) → a signed-in Visitor ("" stays anonymous)."""
    visitors: list[Visitor] = []

    def open_window(username: str = "", language: str = "zh-hans", width: int = 1360) -> Visitor:
        context = chromium.new_context(viewport={"width": width, "height": 900}, locale="en-US")
        context.set_default_timeout(20_000)
        context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        visitor = Visitor(context, live_server.url, f"{language}-{width}")
        visitors.append(visitor)
        if username:
            visitor.log_in(username)
        return visitor

    yield open_window
    for visitor in visitors:
        visitor.close()
