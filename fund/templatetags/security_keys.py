"""What a page tells its script, in an attribute: the policy of contents knows no script in the page itself."""

import json
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder

register = template.Library()


@register.filter
def as_json(value: Any) -> str:
    """Not marked as safe: the template escapes it."""
    return json.dumps(value, cls=DjangoJSONEncoder)
