"""A security key in a browser: Chromium's own, as software. Added on the page, then used to log in."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession

from tests import make
from tests.browser.conftest import LANGUAGES, Visitor

pytestmark = pytest.mark.django_db(transaction=True)
KEY = {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True}


def plug_in(visitor: Visitor) -> None:
    """A key that is touched at once, whenever a page asks."""
    devtools = visitor.context.new_cdp_session(visitor.page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY | {"automaticPresenceSimulation": True}})


def give_password(visitor: Visitor) -> None:
    if "reauthenticate" in visitor.page.url:
        visitor.page.fill("input[name=password]", make.PASSWORD)
        with visitor.page.expect_navigation():  # until its script listens
            visitor.page.locator("main form button").first.click()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_key_is_added_and_logs_its_owner_in(visit: Callable[..., Visitor], language: str) -> None:
    make.carol()
    carol = visit("carol", language, 390 if language == "en" else 1360)
    assert carol.base.startswith("http://localhost:")  # keys know names, not addresses
    plug_in(carol)
    carol.open("/accounts/2fa/webauthn/add/")
    give_password(carol)
    carol.page.wait_for_selector("form[data-key]")
    carol.examine("key-add")
    carol.page.fill("input[name=name]", "Blue key")
    carol.page.click("button[data-asks]")
    carol.page.wait_for_url(re.compile("recovery-codes"))
    assert Authenticator.objects.get(type="webauthn").wrap().name == "Blue key"
    carol.open("/accounts/2fa/webauthn/add/")
    give_password(carol)
    carol.page.click("button[data-asks]")  # the same key once more: the browser says so, the page in words
    carol.page.wait_for_selector("form[data-key] [role=alert]:visible")
    carol.open("/accounts/2fa/webauthn/")
    carol.examine("key-list")
    carol.open("/accounts/logout/")
    carol.page.locator("main form button").first.click()
    carol.log_in("carol")
    carol.page.wait_for_selector("form[data-key] button[data-asks]")
    carol.examine("key-log-in")
    carol.page.click("button[data-asks]")
    carol.page.wait_for_url(re.compile("/app/"))
    assert UserSession.objects.filter(data={"factor": True}).count() == 1
    assert not carol.complaints


def test_a_page_says_what_went_wrong_with_a_key(visit: Callable[..., Visitor]) -> None:
    make.carol()
    carol = visit("carol", "en")
    carol.page.add_init_script(
        "navigator.credentials.create = () => Promise.reject(new DOMException('', 'SecurityError'))"
    )
    carol.open("/accounts/2fa/webauthn/add/")
    give_password(carol)
    carol.page.press("input[name=name]", "Enter")  # as the button
    said = carol.page.locator("form[data-key] [role=alert]")
    said.wait_for()
    assert said.inner_text() == "Security keys work at localhost only. Open this page there."
    carol.page.add_init_script("delete window.PublicKeyCredential")
    carol.open("/accounts/2fa/webauthn/add/")
    assert carol.page.locator("button[data-asks]").is_disabled()
    assert "https" in said.inner_text()
