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
    for part in [child for token in tokens for child in token.children or []]:
        if part.type == "image":
            part.attrSet("src", static(str(part.attrs["src"]).removeprefix(PICTURES)))
        if part.type == "link_open" and str(part.attrs["href"]).endswith(".md"):
            part.attrSet("href", f"?language={str(part.attrs['href']).removesuffix('.md')}")
    return SafeString(parser.renderer.render(tokens, parser.options, {}))  # noqa: S308
