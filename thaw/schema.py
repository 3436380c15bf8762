"""What every operation may answer beside what it is for, entered in the OpenAPI document."""

from typing import Any

from drf_spectacular.openapi import AutoSchema

DETAIL = "Detail"
FIELDS = "FieldErrors"
_COMPONENTS = {
    DETAIL: {
        "type": "object",
        "required": ["detail"],
        "properties": {"detail": {"type": "string"}},
    },
    FIELDS: {
        "description": "Sentences by the name of the field or parameter, or one `detail`.",
        "type": "object",
        "additionalProperties": True,
    },
}
READING = {
    "304": "It is as you have it (`If-None-Match`).",
    "400": "Something of the query cannot be used.",
    "401": "The token is not known, or works no longer.",
    "404": "There is no such record.",
    "406": "It is answered as JSON alone.",
    "429": "Too many requests: `Retry-After` says when to come back.",
    "503": "The database does not answer.",
}
WRITING = {
    "400": "Something of the body cannot be used.",
    "401": "Say who you are: with a token, or signed in.",
    "403": "It is not yours to do.",
    "404": "There is no such record.",
    "406": "It is answered as JSON alone.",
    "409": "It is not possible from this state.",
    "413": "The body is too long.",
    "415": "The body is of a type that is not taken.",
    "429": "Too many requests: `Retry-After` says when to come back.",
    "503": "The database does not answer, or a disk has no room.",
}


class Named(AutoSchema):
    """Components are named for what they are, without the word that tells code what they do."""

    def get_serializer_name(self, serializer: Any, direction: Any) -> str:
        name: str = super().get_serializer_name(serializer, direction)
        return name.removesuffix("Shape")


def declare_errors(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A hook of drf-spectacular, called with the finished document."""
    result["components"].setdefault("schemas", {}).update(_COMPONENTS)
    for path, operations in result["paths"].items():
        for method, operation in operations.items():
            said = READING if method == "get" else WRITING
            for code, why in said.items():
                if code == "404" and method == "get" and "{" not in path:
                    continue
                operation["responses"].setdefault(code, _response(code, why))
    return result


def _response(code: str, why: str) -> dict[str, Any]:
    if code == "304":
        return {"description": why}
    shape = FIELDS if code == "400" else DETAIL
    content = {"application/json": {"schema": {"$ref": f"#/components/schemas/{shape}"}}}
    return {"description": why, "content": content}
