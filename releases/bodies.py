"""What callers send: JSON within the limit for what is held in memory."""

import json
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework import exceptions, parsers, status


class TooLarge(exceptions.APIException):
    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class JSONBody(parsers.JSONParser):
    """JSON of a bounded size; what stands for a number is one, `NaN` is not."""

    def parse(
        self,
        stream: IO[Any],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        body = stream.read(most + 1)
        if len(body) > most:
            raise TooLarge(f"The body is longer than the {most:,} bytes that are taken.")
        try:
            said = json.loads(body.decode(), parse_constant=_no_number, parse_int=_whole)
            if b"\\ud" in body.lower():  # half a character, which nobody can read or write
                json.dumps(said, ensure_ascii=False).encode()
        except (ValueError, RecursionError) as error:
            said_why = f"The body cannot be read as JSON: {_plain(error)}."
            raise exceptions.ParseError(said_why) from error
        return said


# What Python says of these is about Python.
_PLAIN = {
    UnicodeEncodeError: "half a character is in it",
    UnicodeDecodeError: "it is not written in UTF-8",
    RecursionError: "it is nested too deeply",
}


def _plain(error: Exception) -> str:
    return _PLAIN.get(type(error)) or str(error)


def _whole(digits: str) -> int:
    try:
        return int(digits)
    except ValueError:
        raise ValueError(f"a number of {len(digits):,} digits is in it") from None


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number")
