"""What no line of the product does, whoever writes it: found by reading all of them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("fund", "scoring", "portfolio")
OURS = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]
SCRIPTS = [
    path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.js")) if "vendor" not in path.parts
]


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""
            yield from (f"{node.module}.{name.name}" for name in node.names)


def who_calls(*names: str) -> set[str]:
    return {path.relative_to(ROOT).as_posix() for path in OURS for name, _call in calls(path) if name in names}


def who_imports(*modules: str) -> set[str]:
    found = {path: set(imports(path)) for path in OURS}
    return {path.relative_to(ROOT).as_posix() for path, names in found.items() if names & set(modules)}


def test_no_text_is_run_as_a_program() -> None:
    assert not who_calls("eval", "exec", "compile", "os.system", "os.popen", "subprocess.getoutput")
    shells = {
        path.name
        for path in OURS
        for name, call in calls(path)
        if name.startswith("subprocess.") and any(one.arg == "shell" for one in call.keywords)
    }
    assert not shells


def test_no_template_is_made_of_text_from_outside() -> None:
    assert not who_calls("engine.from_string", "engines.from_string", "environment.from_string", "template.Template")
    assert who_calls("Template") <= {"fund/project/catalogue.py"}  # reads our own templates for their messages


def test_nothing_is_fetched_from_an_address() -> None:
    """No client of HTTP, FTP or the like is imported, but by the supervisor, which asks its own child how it is, by the
    bench of load, a command that asks the server that it has started, and by what tells webhooks, which looks at the
    address first (tests/portfolio/webhooks)."""
    clients = ("urllib.request", "http.client", "requests", "httpx", "aiohttp", "urllib3", "ftplib", "telnetlib")
    assert who_imports(*clients) == {
        "fund/project/supervisor.py",
        "fund/bench/clients.py",
        "portfolio/webhooks/sending.py",
    }
    supervisor = (ROOT / "fund/project/supervisor.py").read_text(encoding="utf-8")
    assert re.findall(r"HTTPConnection\((.*?),", supervisor) == ['"127.0.0.1"']


def test_digests_are_of_256_bits_and_nothing_secret_is_drawn_by_chance() -> None:
    drawn = {name for path in OURS for name in re.findall(r"hashlib\.(\w+)", path.read_text(encoding="utf-8"))}
    assert drawn <= {"sha256", "file_digest"}, drawn
    named = {call for path in OURS for call in re.findall(r"file_digest\([^)]*\)", path.read_text(encoding="utf-8"))}
    assert all("sha256" in call for call in named), named
    assert who_imports("random") <= {"fund/bench/run.py"}
    assert not who_imports("Crypto", "rsa", "cryptography")  # nothing is enciphered or signed by code of our own


def test_no_pattern_is_made_of_text_from_outside() -> None:
    """Where a pattern has something put in, that is a constant of ours or escaped."""
    made = {
        path.relative_to(ROOT).as_posix()
        for path in OURS
        for name, call in calls(path)
        if name.startswith("re.") and name != "re.escape" and call.args and isinstance(call.args[0], ast.JoinedStr)
        if "re.escape(" not in ast.unparse(call.args[0])
    }
    assert made <= CONSTANT_PATTERNS, made - CONSTANT_PATTERNS


CONSTANT_PATTERNS = {
    "fund/project/security_keys/passwords.py",
    "portfolio/universe/target_texts.py",
    "scoring/engine/screening/plausibility.py",
}
# What is typed and not saved yet stays in the browser (docs/why/2026-11-30-nothing-typed-is-lost.md).
KEEP = {("localStorage", "drafts.js"), ("localStorage", "session.js"), ("document.cookie", "drafts.js")}


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_a_script_keeps_nothing_and_runs_no_text(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for word in ("eval(", "new Function", "document.write", "localStorage", "sessionStorage", "indexedDB"):
        assert word not in text or (word, path.name) in KEEP, word
    for word in ("postMessage", "__proto__", "Object.assign", "document.cookie", "insertAdjacentHTML", "outerHTML"):
        assert word not in text or (word, path.name) in KEEP, word
    assert "innerHTML" not in text or path.name == "drawer.js"  # what our own address answered, as htmx would


def test_the_drawer_opens_addresses_of_ours_only() -> None:
    text = (ROOT / "fund/static/greenlight/drawer.js").read_text(encoding="utf-8")
    [pattern] = re.findall(r"if \(/(.+)/\.test\(asked\)\)", text)
    allowed = re.compile(pattern.replace(r"\/", "/"))
    assert allowed.match("/app/figures/1/scope1_t/")
    for elsewhere in (
        "//evil.example/app/",
        "https://evil.example/",
        "javascript:alert(1)",
        "/app/\\evil",
        "/admin/x/",
    ):
        assert not allowed.match(elsewhere), elsewhere


def test_the_image_holds_the_product_alone() -> None:
    recipe = (ROOT / "deploy/Dockerfile").read_text(encoding="utf-8")
    copied = set(re.findall(r"^COPY (?:--\S+ )*(\S+)", recipe, re.MULTILINE))
    assert copied <= {"requirements.lock", "pyproject.toml", "README.md", "LICENSE", "manage.py", *PACKAGES, "deploy"}
    assert ".git" in (ROOT / ".dockerignore").read_text(encoding="utf-8").split()
