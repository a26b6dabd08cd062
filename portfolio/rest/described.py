"""What the descriptions of many API views name: parameters, headers, an amount with its unit."""

from drf_spectacular.utils import OpenApiParameter

FIELDS = OpenApiParameter("fields", str, description="Only these fields, separated by commas.")
IF_MATCH = OpenApiParameter(
    "If-Match", str, OpenApiParameter.HEADER, required=True, description="The ETag of the version that was read."
)
AMOUNT = {
    "type": ["object", "null"],
    "properties": {"value": {"type": "string"}, "unit": {"type": "string"}},
    "required": ["value", "unit"],
}
ETAG = OpenApiParameter("ETag", str, OpenApiParameter.HEADER, response=True, description="The version, for If-Match.")
LOCATION = OpenApiParameter("Location", str, OpenApiParameter.HEADER, response=[201, 202])
