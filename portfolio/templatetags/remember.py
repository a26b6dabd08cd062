"""{% remember %}: parts of a page that are the same for everybody, written once."""

from __future__ import annotations

from collections.abc import Sequence

from django import template
from django.template.base import FilterExpression, NodeList, Parser, Token
from django.template.context import Context
from django.template.loader_tags import BlockNode
from django.utils.safestring import SafeString
from django.utils.translation import get_language

register = template.Library()

MOST = 1000  # texts a place keeps; what they differ by is few by nature, and nobody shall fill the memory


class Remembered(template.Node):
    child_nodelists = ("content",)

    def __init__(self, content: NodeList, differs_by: Sequence[FilterExpression]) -> None:
        self.content, self.differs_by = content, differs_by
        self.texts: dict[tuple[object, ...], SafeString] = {}

    def get_nodes_by_type(self, nodetype: type[template.Node]) -> list[template.Node]:
        # Every page that extends another looks for the blocks of that, in every request.
        return [] if nodetype is BlockNode else super().get_nodes_by_type(nodetype)

    def render(self, context: Context) -> SafeString:
        key = (get_language(), *(fact.resolve(context) for fact in self.differs_by))
        if key not in self.texts:
            if len(self.texts) >= MOST:
                self.texts.clear()
            self.texts[key] = self.content.render(context)
        return self.texts[key]


@register.tag
def remember(parser: Parser, token: Token) -> Remembered:
    """{% remember role place %}…{% endremember %}: rendered once for each language, role and place.

    Words, addresses and icons cost more than the rest of a page together, and they never change while the process
    lives. Nothing of a person, a request or the database may stand inside, but for what the arguments name; no block.
    """
    facts = [parser.compile_filter(word) for word in token.split_contents()[1:]]
    content = parser.parse(("endremember",))
    parser.delete_first_token()
    return Remembered(content, facts)
