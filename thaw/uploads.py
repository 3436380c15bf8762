"""Files that somebody sends: as much as is taken, and not a byte of more on a disk."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, TemporaryFileUploadHandler


class FormTooLong(RequestDataTooBig):
    """With a sentence for who sent it."""


class NoRoom(Exception):
    """What was sent cannot be kept while it is read: a disk is full, or there is none to write."""

    def __init__(self, error: OSError) -> None:
        super().__init__(
            f"The server finds no room for what you sent ({error.strerror}). Try again later; if it"
            " stays so, tell whoever runs this site."
        )


def too_long(error: RequestDataTooBig) -> str:
    """What is said to who sent too much; Django's own sentence names a setting of ours."""
    if isinstance(error, FormTooLong):
        return str(error)
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    return f"Of what is no file {most:,} bytes are taken, and you sent more. Send it shorter."


class Bounded(FileUploadHandler):
    """Stands before those that keep files. Whoever is not signed in can send a form too."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, str],  # noqa: N803 Django's own name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> None:
        """Raises FormTooLong, which is answered with its sentence."""
        most = settings.UPLOAD_BYTES
        if content_length > most:
            raise FormTooLong(
                f"This form has {content_length:,} bytes; {most:,} are taken here. Import a longer"
                " log with manage.py import_meeting."
            )

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


class OnDisk(TemporaryFileUploadHandler):
    """Django's own, which says so where there is no disk to write to."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        with self._kept():
            super().new_file(*args, **kwargs)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        with self._kept():
            super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile | None:
        with self._kept():
            return super().file_complete(file_size)

    @contextmanager
    def _kept(self) -> Iterator[None]:
        """Raises NoRoom, and keeps nothing then."""
        try:
            yield
        except OSError as error:
            with suppress(OSError):  # it may try once more to write what found no room
                self.upload_interrupted()
            raise NoRoom(error) from error
