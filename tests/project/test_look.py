"""The look: vendored files, colours, pages free of inline parts, the frame, figures, error pages."""

from __future__ import annotations

import hashlib
import importlib.metadata
import itertools
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.forms.renderers import DjangoTemplates, TemplatesSetting
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import URLPattern
from django.utils import translation
from django.views import defaults

import fund.urls
import portfolio.urls
import scoring.urls
from fund.project.context import SECTIONS
from portfolio.models import Role
from portfolio.templatetags.figures import figure, percent, signed, significant
from tests import make

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "fund" / "static"
TOKENS = (STATIC / "greenlight" / "tokens.css").read_text(encoding="utf-8")
RECORD = json.loads((STATIC / "vendor" / "VENDOR.json").read_text(encoding="utf-8"))
TEMPLATES = sorted(path for package in ("fund", "scoring", "portfolio") for path in (ROOT / package).rglob("*.html"))
LANGUAGES = ("zh-hans", "en")


# --- vendored files ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "name"), [(entry, name) for entry in RECORD["packages"] for name in entry["files"]], ids=str
)
def test_a_vendored_file_has_its_recorded_hash(entry: dict[str, str], name: str) -> None:
    path = (ROOT / entry["folder"] if "folder" in entry else STATIC / "vendor") / name
    if "python_package" in entry:
        path = Path(str(importlib.metadata.distribution(entry["python_package"]).locate_file(name)))
    known: dict[str, str] = entry["files"]  # type: ignore[assignment]
    assert hashlib.sha256(path.read_bytes()).hexdigest() == known[name]


def test_every_vendored_file_is_recorded_and_has_a_licence() -> None:
    there = {str(path.relative_to(STATIC / "vendor")) for path in (STATIC / "vendor").rglob("*") if path.is_file()}
    recorded = {
        name for entry in RECORD["packages"] if "tarball" in entry and "folder" not in entry for name in entry["files"]
    }
    assert there == recorded | {"VENDOR.json"}
    assert all(entry["licence"] and entry["version"] for entry in RECORD["packages"])
    assert all("LICENSE" in entry["files"] for entry in RECORD["packages"] if "folder" in entry)
    assert {Path(name).parent for name in recorded} == {Path(n).parent for n in recorded if Path(n).name == "LICENSE"}


def test_the_check_of_the_vendor_script_agrees() -> None:
    done = subprocess.run([sys.executable, "script/vendor", "--check"], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "vendored files match VENDOR.json")


def test_every_icon_in_use_is_in_the_sprite() -> None:
    used = {name for path in TEMPLATES for name in re.findall(r'{%\s*icon "([\w-]+)"', path.read_text("utf-8"))}
    sprite = (STATIC / "vendor" / "lucide" / "icons.svg").read_text(encoding="utf-8")
    assert used <= set(re.findall(r'<symbol id="([\w-]+)"', sprite))


# --- colours ----------------------------------------------------------------------------------------


def _tokens(css: str) -> dict[str, str]:
    return dict(re.findall(r"--([\w-]+):\s*(#[0-9a-f]{6});", css))


_light, _dark = TOKENS.split("@media (prefers-color-scheme: dark)")
THEMES = {"light": _tokens(_light), "dark": _tokens(_light) | _tokens(_dark)}
SURFACES = ("surface-0", "surface-1", "surface-2", "surface-3")
TEXT = [
    *itertools.product(("ink", "ink-2", "accent", "link"), SURFACES),
    *itertools.product(("up-ink", "down-ink", "error", "danger", "known-ink", "missed-ink"), SURFACES[:3]),
    *[(kind, f"{kind}-soft") for kind in ("error", "warn", "info", "done")],
    *[("ink", f"{kind}-soft") for kind in ("error", "warn", "info", "done")],
    ("accent-ink", "accent"),
    ("accent-ink", "accent-strong"),
    ("danger-ink", "danger"),
]
MARKS = [*itertools.product(("line-strong", "focus", "up", "down", "known", "missed", "unknown-line"), SURFACES[:2])]


def _linear(colour: str) -> list[float]:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    return [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]


def _contrast(one: str, other: str) -> float:
    high, low = sorted(
        (0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (_linear(one), _linear(other))), reverse=True
    )
    return (high + 0.05) / (low + 0.05)


# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
SIGHT = {
    "normal": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}


def _lab(colour: str, sight: str) -> tuple[float, float, float]:
    seen = [min(1.0, max(0.0, sum(k * c for k, c in zip(row, _linear(colour), strict=True)))) for row in SIGHT[sight]]
    r, g, b = seen
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
    )
    x, y, z = (v ** (1 / 3) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def _difference(one: str, other: str, sight: str) -> float:
    pairs = zip(_lab(one, sight), _lab(other, sight), strict=True)
    return sum((a - b) ** 2 for a, b in pairs) ** 0.5


def test_the_measures_themselves() -> None:
    assert _contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert _contrast("#2171b5", "#ffffff") == pytest.approx(5.1, abs=0.05)
    assert _difference("#000000", "#ffffff", "normal") == pytest.approx(100, abs=0.1)
    assert _difference("#2e7d32", "#c62828", "deutan") < 20  # traffic lights, which is why they are not used


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("text", "ground"), TEXT)
def test_text_can_be_read(theme: str, text: str, ground: str) -> None:
    assert _contrast(THEMES[theme][text], THEMES[theme][ground]) >= 4.5


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize(("mark", "ground"), MARKS)
def test_marks_and_outlines_can_be_seen(theme: str, mark: str, ground: str) -> None:
    assert _contrast(THEMES[theme][mark], THEMES[theme][ground]) >= 3


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("marks", [("known", "missed", "unknown"), ("up", "down")], ids=lambda names: names[0])
def test_marks_can_be_told_apart(marks: tuple[str, ...], theme: str, sight: str) -> None:
    colours = [THEMES[theme][name] for name in marks]
    assert min(_difference(a, b, sight) for a, b in itertools.combinations(colours, 2)) >= 20


SHEETS = sorted(path.name for path in (STATIC / "greenlight").glob("*.css") if path.name != "tokens.css")


@pytest.mark.parametrize("name", SHEETS)
def test_colours_are_named_in_the_tokens_only(name: str) -> None:
    css = (STATIC / "greenlight" / name).read_text(encoding="utf-8")
    values = re.findall(r":[^;{}]*(#[0-9a-fA-F]{3,8}\b|rgba?\()[^;{}]*;", css)
    assert values in ([], ["#fff"])  # a QR code is read by cameras: white in both themes
    assert set(re.findall(r"var\(--([\w-]+)", css)) <= set(re.findall(r"--([\w-]+):", TOKENS + css))


def test_nothing_is_upper_cased() -> None:
    assert not any("uppercase" in (STATIC / "greenlight" / name).read_text(encoding="utf-8") for name in SHEETS)


# --- no inline parts --------------------------------------------------------------------------------

INLINE = {
    "style attribute": re.compile(r"<[a-zA-Z][^<>]*\sstyle\s*=", re.DOTALL),
    "style element": re.compile(r"<style\b"),
    "handler": re.compile(r"<[a-zA-Z][^<>]*\son[a-z]+\s*=", re.DOTALL),
    "script without src": re.compile(r"<script\b(?![^>]*\bsrc=)(?![^>]*application/json)"),
    "javascript address": re.compile(r"(href|action)\s*=\s*[\"']?javascript:"),
    "other host": re.compile(r"<(script|link|img|use)\b[^>]*(src|href)=[\"'](https?:)?//"),
}


def _inline_parts(text: str) -> list[str]:
    return [name for name, pattern in INLINE.items() if pattern.search(text)]


def test_the_patterns_find_what_they_look_for() -> None:
    assert _inline_parts('<p style="x">') and _inline_parts("<style>") and _inline_parts('<a class="b" onclick="c()">')
    assert _inline_parts("<script>x</script>") and _inline_parts('<img src="//elsewhere/x.png">')
    assert not _inline_parts('<script src="/static/x.js"></script><p data-on="x">style=1 onset=2</p>')


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_has_no_inline_part(path: Path) -> None:
    assert _inline_parts(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_box_that_scrolls_can_be_reached_by_keyboard_and_has_a_name(path: Path) -> None:
    for box in re.findall(r'<div class="table-box[^>]*>', re.sub(r"{%.*?%}|{{.*?}}", "x", path.read_text("utf-8"))):
        assert 'tabindex="0"' in box and 'role="region"' in box and re.search(r'aria-label(ledby)?="\w', box), box


def _in(language: str) -> Client:
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    return client


PAGES = (
    "/app/help/style/",
    "/admin/",
    "/admin/auth/user/",
    "/admin/auth/user/add/",
    "/admin/portfolio/company/",
    "/accounts/password/change/",
    "/accounts/2fa/",
    "/accounts/email/",
    "/accounts/logout/",
)


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", PAGES)
def test_a_page_has_no_inline_part(language: str, address: str) -> None:
    client = _in(language)
    client.force_login(make.user("dan", Role.ADMIN, is_superuser=True))
    answer = client.get(address)
    assert answer.status_code == 200
    assert _inline_parts(answer.content.decode()) == []
    assert "default-src 'self'" in answer["Content-Security-Policy"]


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("address", ["/accounts/login/", "/accounts/password/reset/", "/accounts/signup/"])
def test_an_entrance_has_no_inline_part_and_a_language_switch(language: str, address: str) -> None:
    text = _in(language).get(address).content.decode()
    assert _inline_parts(text) == []
    assert f'<html lang="{"en" if language == "en" else "zh-Hans"}">' in text
    assert 'action="/app/language/"' in text


# --- the frame --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_log_in_says_where_the_demo_accounts_are() -> None:
    text = _in("en").get("/accounts/login/").content.decode()
    assert "script/up" in text
    assert 'autocomplete="current-password"' in text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "there", "absent"),
    [
        (
            Role.ADMIN,
            ("/app/candidates/", "/app/peers/", "/app/runs/", "/admin/", "/app/help/style/"),
            ("/app/verify/", "/app/disclosures/"),
        ),
        (Role.FUND_MANAGER, ("/app/candidates/", "/app/runs/"), ("/admin/", "/app/verify/", "/app/help/style/")),
        (Role.VERIFIER, ("/app/verify/",), ("/app/candidates/", "/admin/", "/app/help/style/")),
        ("", ("/app/disclosures/",), ("/app/candidates/", "/app/runs/", "/admin/", "/app/verify/")),
    ],
)
def test_the_rail_shows_what_the_role_may_open(role: str, there: tuple[str, ...], absent: tuple[str, ...]) -> None:
    client = _in("en")
    client.force_login(make.user("someone", role))
    text = client.get("/accounts/password/change/").content.decode()
    rail = text[text.index('<nav class="rail"') : text.index("</nav>")]
    assert all(f'href="{address}"' in rail for address in there)
    assert not any(f'href="{address}"' in rail for address in absent)


def test_every_room_with_pages_has_its_section_of_the_rail() -> None:
    entries = (*fund.urls.urlpatterns, *portfolio.urls.urlpatterns, *scoring.urls.urlpatterns)
    rooms = {entry.callback.__module__.rpartition(".")[0] for entry in entries if isinstance(entry, URLPattern)}
    beside = {"django.views.generic", "fund.api"}  # what leads on; pages of the account and of programs
    own = {
        "fund.pipeline.what_if_views",
        "fund.pipeline.figure_views",
        "fund.pipeline.stuck_views",
        "fund.project.session_views",
    }  # pages with an entry of their own in a room that has another
    assert rooms - beside == set(SECTIONS) - own


@pytest.mark.django_db
def test_a_second_factor_can_be_set_up() -> None:
    client = _in("en")
    user = make.user("dan", Role.ADMIN)
    client.post("/accounts/login/", {"login": "dan", "password": make.PASSWORD})
    address = "/accounts/2fa/totp/activate/"
    asked = client.get(address)
    answer = client.post(asked.url, {"password": make.PASSWORD}, follow=True)  # type: ignore[attr-defined]
    assert answer.request["PATH_INFO"] == address
    assert answer.status_code == 200 and answer.wsgi_request.user == user
    assert 'src="data:image/svg+xml' in answer.content.decode()
    assert _inline_parts(answer.content.decode()) == []


@pytest.mark.django_db
def test_the_administration_shows_our_models_and_no_other() -> None:
    client = _in("en")
    client.force_login(make.user("dan", Role.ADMIN, is_superuser=True))
    text = client.get("/admin/").content.decode()
    assert 'href="/admin/fund/mandate/"' in text and 'href="/admin/auth/user/"' in text
    assert not re.search(r'href="/admin/(account|mfa|sites|sessions|simple_history|auth/group)/', text)


# --- figures ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
def test_figures_read_the_same_in_both_languages(language: str) -> None:
    with translation.override(language):
        assert figure(1234.56, 1) == "1,234.6"
        assert figure(1234567.891, 1) == "1,234,567.9"
        assert figure(-4.25, 1) == "−4.3"
        assert figure("12.5") == "13"
        assert signed(12.44) == "+12.4"
        assert signed(-4.2) == "−4.2"
        assert significant(1234567) == "1,230,000"
        assert significant(0.0023456) == "0.00235"
        assert significant(0.9996) == "1.00"
        assert significant(0) == "0"
        assert percent(0.944) == "94%"
        assert percent(0.0512, 1) == "5.1%"


@pytest.mark.parametrize("write", [figure, signed, significant, percent])
@pytest.mark.parametrize("missing", [None, "", float("nan"), float("inf"), "n/a", True])
def test_what_is_missing_is_a_dash_never_a_zero(write: object, missing: object) -> None:
    assert callable(write) and write(missing) == "—"


def test_a_change_too_small_to_show_has_no_sign() -> None:
    assert signed(0.01) == signed(-0.01) == signed(0) == "0.0"


# --- error pages ------------------------------------------------------------------------------------


def _reads(answer: HttpResponse, status: int, language: str) -> str:
    text = answer.content.decode()
    assert answer.status_code == status
    assert f'<html lang="{"en" if language == "en" else "zh-Hans"}">' in text
    assert _inline_parts(text) == []
    assert text.count('class="button button--primary"') == 1  # one way on
    return text


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_unknown_address(language: str) -> None:
    text = _reads(_in(language).get("/app/no-such-page/"), 404, language)
    assert "no-such-page" not in text.split("<main")[1]


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_gives_its_reason(language: str) -> None:
    client = _in(language)
    client.force_login(make.user("carol", Role.FUND_MANAGER))
    _reads(client.get("/admin/"), 403, language)
    with translation.override(language):
        request = RequestFactory().get("/")
        assert "only two may" in defaults.permission_denied(request, PermissionDenied("only two may")).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_expired_form(language: str) -> None:
    client = Client(enforce_csrf_checks=True)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    _reads(client.post("/accounts/login/", {"login": "x"}), 403, language)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_crash_page_needs_no_database(language: str) -> None:
    with translation.override(language):  # no django_db mark: a query would fail this test
        _reads(defaults.server_error(RequestFactory().get("/")), 500, language)


def test_a_list_of_choices_is_written_as_django_writes_it() -> None:
    choices = [
        ("", "any"),
        (None, "none"),
        (1, '<b>&"'),
        (1234.5, 1234.5),
        ("Group <x>", [(7, "seven"), ("x", "X & Y")]),
    ]
    for widget, value in itertools.product((forms.Select, forms.SelectMultiple), ("", None, 1, [7, "x"], "absent")):
        for attrs in ({}, {"required": True, "disabled": False, "data-n": 1234, "class": 'a"b'}):
            select = widget(attrs=attrs, choices=choices)
            ours, theirs = (
                re.sub(r"\s*(<[^>]*>)\s*", r"\1", select.render('n"a', value, renderer=renderer))
                for renderer in (TemplatesSetting(), DjangoTemplates())
            )
            assert ours == theirs


# --- the style page -----------------------------------------------------------------------------------
FRAME = {
    "frame",
    "entrance",
    "said",
    "enrol",
    "qr",
    "messages",
    "demo",
    "message",
    "icon",
    "nul",
    "language",
    "why",
    "swatches",
    "htmx-indicator",
    "htmx-request",
}


@pytest.mark.django_db
def test_the_style_page_shows_every_component_of_the_sheets(client: Client) -> None:
    """Each first class of app.css and marks.css; those of the frame and of the entrance stand on other pages."""
    client.force_login(make.dan())
    shown = client.get("/app/help/style/").content.decode()
    classes = set(" ".join(re.findall(r'class="([^"]*)"', shown)).split())
    css = "".join(
        (ROOT / name).read_text(encoding="utf-8")
        for name in ("fund/static/greenlight/app.css", "scoring/static/scoring/marks.css")
    )
    wanted = set(re.findall(r"^\.([a-z]+(?:-[a-z]+)*)(?:--[\w-]+)?[ .,{:>\[]", css, re.MULTILINE))
    blocks = {name.split("--")[0] for name in classes}
    assert wanted - FRAME - blocks == set()
