"""How resources say in the OpenAPI document what they answer, with an example of it."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.serializers import Serializer

from releases.examples import EXAMPLES

Shape = type[Serializer]


def described(
    tag: str, shape: Shape, details: Shape | None = None, example: Any = None
) -> dict[str, Any]:
    """For `extend_schema_view`: the list and the details of a resource.

    `example` names one of ours or is one: of the details, of which a list shows what it has.
    """
    full: dict[str, Any] = EXAMPLES[example] if isinstance(example, str) else example
    short = {name: full[name] for name in shape().fields}
    return {
        "list": extend_schema(tags=[tag], responses=shape(many=True), examples=[answered(short)]),
        "retrieve": extend_schema(
            tags=[tag], responses=details or shape, examples=[answered(full)]
        ),
    }


def answered(value: Any, *, codes: tuple[str, ...] = ("200",)) -> OpenApiExample:
    return OpenApiExample("Cactus", value=value, response_only=True, status_codes=list(codes))


def asked(value: Any, name: str = "Cactus") -> OpenApiExample:
    return OpenApiExample(name, value=value, request_only=True)
