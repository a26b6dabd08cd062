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
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]


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

    def keep_picture(self, name: str) -> None:
        ARTEFACTS.mkdir(exist_ok=True)
        self.page.screenshot(path=str(ARTEFACTS / f"{name}-{self.label}.png"), full_page=True)

    def examine(self, name: str, *, axe: bool = True, picture: bool = True) -> None:
        """Keep a screenshot; fail on a wide page, a serious axe finding or anything the window complained about."""
        if picture:
            self.keep_picture(name)
        # It hides carets and leaves style="" behind, which a later answer of htmx would carry on against the policy.
        self.page.eval_on_selector_all("[style='']", "all => all.forEach(one => one.removeAttribute('style'))")
        root = self.page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert root[0] <= root[1], f"{name} {self.label}: {root[0]} px of content in {root[1]} px"
        assert not self.complaints, f"{name} {self.label}: {self.complaints}"
        if axe:
            found = Axe().run(self.page, options={"preload": False}).response["violations"]
            self.complaints.clear()  # axe tries inline styles of its own
            serious = [
                f"{rule['id']}: {node['html'][:200]}"
                for rule in found
                if rule["impact"] in {"serious", "critical"}
                for node in rule["nodes"]
            ]
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
