"""The tutorial as a page: the text of docs/tutorial in the reader's language, its pictures from the static files."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.templatetags.static import static
from django.utils.safestring import SafeString
from markdown_it import MarkdownIt

PICTURES = "../../fund/static/"


@lru_cache(maxsize=2)
def tutorial(language: str) -> SafeString:
    """`language` is zh or en. The text is ours and in the repository: its HTML needs no cleaning."""
    text = (Path(settings.BASE_DIR) / "docs" / "tutorial" / f"{language}.md").read_text(encoding="utf-8")
    parser = MarkdownIt()
    tokens = parser.parse(text)
    for token in [child for token in tokens for child in token.children or []]:
        if token.type == "image":
            token.attrSet("src", static(str(token.attrs["src"]).removeprefix(PICTURES)))
        if token.type == "link_open" and str(token.attrs["href"]).endswith(".md"):
            token.attrSet("href", f"?language={str(token.attrs['href']).removesuffix('.md')}")
    return SafeString(parser.renderer.render(tokens, parser.options, {}))  # noqa: S308
