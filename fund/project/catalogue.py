"""Find every translatable string of our packages, without gettext's tools.

Python is read with `ast`, templates by compiling them with their own engine and asking that for their messages.
"""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.template import Context, Template, engines
from django.template.base import Token
from django.templatetags.i18n import BlockTranslateNode, TranslateNode

PACKAGES = ("portfolio", "scoring", "fund")
SINGULAR = {"_", "gettext", "gettext_lazy", "gettext_noop"}
PLURAL = {"ngettext", "ngettext_lazy"}
CONTEXT = {"pgettext", "pgettext_lazy"}
UNDERSCORE = re.compile(r"""_\((?P<quote>["'])(?P<text>.+?)(?P=quote)\)""")


@dataclass(frozen=True, order=True)
class Message:
    """What a translator is asked for."""

    singular: str
    plural: str = ""
    context: str = ""


def collect() -> dict[Message, list[str]]:
    """Every message and the files it stands in."""
    found: dict[Message, set[str]] = defaultdict(set)
    for package in PACKAGES:
        folder = Path(settings.BASE_DIR) / package
        for path in folder.rglob("*.py"):
            if "migrations" not in path.parts:
                for message in _in_python(path):
                    found[message].add(path.relative_to(settings.BASE_DIR).as_posix())
        for path in folder.rglob("jinja2/**/*.html"):
            for message in _in_jinja(path):
                found[message].add(path.relative_to(settings.BASE_DIR).as_posix())
        for path in folder.rglob("templates/**/*"):
            if path.suffix in {".html", ".txt", ".svg"}:
                for message in _in_template(path):
                    found[message].add(path.relative_to(settings.BASE_DIR).as_posix())
    return {message: sorted(files) for message, files in sorted(found.items())}


def _in_python(path: Path) -> Iterator[Message]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
        texts = [a.value for a in node.args if isinstance(a, ast.Constant) and isinstance(a.value, str)]
        if name in SINGULAR and texts:
            yield Message(texts[0])
        elif name in PLURAL and len(texts) >= 2:
            yield Message(texts[0], plural=texts[1])
        elif name in CONTEXT and len(texts) >= 2:
            yield Message(texts[1], context=texts[0])


def _in_template(path: Path) -> Iterator[Message]:
    source = path.read_text(encoding="utf-8")
    template = Template(source)
    for node in template.nodelist.get_nodes_by_type(TranslateNode):
        assert isinstance(node, TranslateNode)  # noqa: S101  for the type checker
        variable = node.filter_expression.var
        literal = getattr(variable, "literal", variable)  # Django wraps a constant in a Variable
        if isinstance(literal, str):
            yield Message(literal.replace("%", "%%"), context=_context(node))  # so Django looks it up
    for node in template.nodelist.get_nodes_by_type(BlockTranslateNode):
        assert isinstance(node, BlockTranslateNode)  # noqa: S101  for the type checker
        singular = _block_text(node, node.singular)
        plural = _block_text(node, node.plural) if node.plural else ""
        yield Message(singular, plural=plural, context=_context(node))
    for match in UNDERSCORE.finditer(source):
        yield Message(match["text"])


def _in_jinja(path: Path) -> Iterator[Message]:
    for _line, name, said in engines["jinja2"].env.extract_translations(path.read_text(encoding="utf-8")):  # type: ignore[attr-defined]
        texts = [said] if isinstance(said, str) else [text for text in said if text]
        context = texts.pop(0) if name in {"pgettext", "npgettext"} else ""
        yield Message(texts[0], plural=texts[1] if len(texts) > 1 else "", context=context)


def _context(node: TranslateNode | BlockTranslateNode) -> str:
    expression = node.message_context
    return str(expression.resolve(Context())) if expression else ""


def _block_text(node: BlockTranslateNode, tokens: list[Token]) -> str:
    text, _names = node.render_token_list(tokens)
    if node.trimmed:
        text = " ".join(line.strip() for line in text.strip().split("\n"))
    return str(text)
