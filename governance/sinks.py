"""Where mail goes: an SMTP server, a spool folder, or whatever Django's backend is.

Handing over has two steps. After `offer` nothing can have been sent; after `hand_over` it has, or
it raises NotSent (surely not) or Unknown (nobody can tell).
"""

import os
import re
import smtplib
import ssl
from contextlib import suppress
from email.utils import parseaddr
from pathlib import Path
from typing import Protocol

from django.conf import settings
from django.core.mail import EmailMultiAlternatives, get_connection

STARTED, READY, TAKEN = 220, 354, 250  # of the protocol
_CODE = re.compile(r"[245][0-9]{2}(?: [245](?:\.[0-9]{1,3}){2})?(?![0-9.])")  # 550 5.1.1
STEP_TIMEOUT = 5  # seconds for each answer until the message itself
FINAL_TIMEOUT = 60  # seconds for the answer after the final dot: a busy server scans it first


class NotSent(Exception):
    """It was surely not sent; the message says what the other side said."""


class Unreachable(NotSent):
    """Nor would anything else be: there is no talking to the other side."""


class Unknown(Exception):
    """It was handed over and no answer came: it may have been sent, or not."""


class Sink(Protocol):
    honours_key: bool  # a second copy of the same key is taken for the first

    def offer(self, mail: EmailMultiAlternatives) -> None:
        """Do all that can fail before the message. Raises NotSent."""

    def hand_over(self, mail: EmailMultiAlternatives, key: str) -> None:
        """Send what was offered. Raises NotSent or Unknown."""

    def withdraw(self) -> None:
        """Take back what was offered."""

    def close(self) -> None:
        """Say goodbye."""


class SmtpSink:
    """SMTP step by step, so that the one instant in which nobody can know is known."""

    honours_key = False

    def __init__(self) -> None:
        self._smtp: smtplib.SMTP | None = None
        self._message = b""

    def offer(self, mail: EmailMultiAlternatives) -> None:
        sender, (recipient,) = _bare(mail.from_email), map(_bare, mail.to)
        # Written out now: the less there is to do between DATA and its answer, the fewer die there.
        self._message = _on_the_line(mail)
        try:
            smtp = self._connected()
            options = ["BODY=8BITMIME"] if smtp.has_extn("8bitmime") else []
            _expect(TAKEN, smtp.mail(sender, options))
            _expect(TAKEN, smtp.rcpt(recipient))
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise Unreachable(_words(error)) from error
        except NotSent:
            self.withdraw()
            raise

    def hand_over(self, mail: EmailMultiAlternatives, key: str) -> None:
        smtp = self._smtp
        if smtp is None:
            raise NotSent("Nothing was offered.")
        try:
            _expect(READY, smtp.docmd("DATA"))
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise NotSent(_words(error)) from error
        try:
            if smtp.sock is not None:
                smtp.sock.settimeout(FINAL_TIMEOUT)
            smtp.send(self._message)
            answer = smtp.getreply()
            if smtp.sock is not None:
                smtp.sock.settimeout(STEP_TIMEOUT)
        except (smtplib.SMTPException, OSError) as error:
            self._drop()
            raise Unknown(_words(error)) from error
        _expect(TAKEN, answer)

    def withdraw(self) -> None:
        if self._smtp is not None:
            try:
                self._smtp.rset()
            except (smtplib.SMTPException, OSError):
                self._drop()

    def close(self) -> None:
        if self._smtp is not None:
            with suppress(smtplib.SMTPException, OSError):
                self._smtp.quit()
        self._drop()

    def _drop(self) -> None:
        if self._smtp is not None:
            self._smtp.close()
            self._smtp = None

    def _connected(self) -> smtplib.SMTP:
        """The session of before, or a new one with TLS and login as EMAIL_URL has them."""
        if self._smtp is not None:
            return self._smtp
        host, port = settings.EMAIL_HOST, settings.EMAIL_PORT or 25
        name = "thaw.localdomain"  # what we call ourselves, where looking it up could take long
        if settings.EMAIL_USE_SSL:
            self._smtp = smtplib.SMTP_SSL(
                host,
                port,
                local_hostname=name,
                timeout=STEP_TIMEOUT,
                context=ssl.create_default_context(),
            )
        else:
            self._smtp = smtplib.SMTP(host, port, local_hostname=name, timeout=STEP_TIMEOUT)
        if settings.EMAIL_USE_TLS:
            self._smtp.starttls(context=ssl.create_default_context())
        self._smtp.ehlo_or_helo_if_needed()
        if settings.EMAIL_HOST_USER:
            self._smtp.login(settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD or "")
        return self._smtp


class SpoolSink:
    """A folder with one file a message, named by its key: a second copy cannot come to be."""

    honours_key = True

    def __init__(self, folder: Path) -> None:
        self._folder, self._drafts = folder, folder / ".drafts"

    def offer(self, mail: EmailMultiAlternatives) -> None:
        try:
            self._drafts.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise Unreachable(_words(error)) from error

    def hand_over(self, mail: EmailMultiAlternatives, key: str) -> None:
        """Link a finished draft to its name: that happens whole, or not at all, and once."""
        draft = self._drafts / f"{key}.{os.getpid()}"
        try:
            with draft.open("wb") as file:
                file.write(mail.message().as_bytes())
                file.flush()
                os.fsync(file.fileno())
            with suppress(FileExistsError):
                os.link(draft, self._folder / f"{key}.eml")
            for old in self._drafts.glob(f"{key}.*"):
                old.unlink(missing_ok=True)
        except OSError as error:
            raise NotSent(_words(error)) from error

    def withdraw(self) -> None:
        """Nothing was written yet."""

    def close(self) -> None:
        """Nothing is open."""


class BackendSink:
    """Another of Django's mail backends, such as one of a provider: what it raises says little."""

    honours_key = False

    def offer(self, mail: EmailMultiAlternatives) -> None:
        """It has no such step."""

    def hand_over(self, mail: EmailMultiAlternatives, key: str) -> None:
        try:
            sent = get_connection().send_messages([mail])
        except Exception as error:
            raise Unknown(_words(error)) from error
        if not sent:
            raise NotSent("The mail backend took nothing.")

    def withdraw(self) -> None:
        """Nothing was offered."""

    def close(self) -> None:
        """Nothing is open."""


def configured_sink() -> Sink:
    """What EMAIL_URL says; without one, the spool folder in var/mail/."""
    backend = settings.EMAIL_BACKEND.rpartition(".")[0]
    if backend == "django.core.mail.backends.smtp":
        return SmtpSink()
    if backend == "django.core.mail.backends.filebased":
        return SpoolSink(Path(settings.EMAIL_FILE_PATH))
    return BackendSink()


def _expect(code: int, answer: tuple[int, bytes]) -> None:
    if answer[0] != code:
        raise NotSent(f"{answer[0]} {answer[1].decode(errors='replace')}"[:400])


def _bare(address: str) -> str:
    """The address alone, its domain in ASCII. Raises NotSent where there is no such form."""
    local, _, domain = parseaddr(address)[1].rpartition("@")
    try:
        return f"{local.encode('ascii').decode()}@{domain.encode('idna').decode()}"
    except UnicodeError as error:
        raise NotSent(f"The address {address!r} cannot be written in ASCII.") from error


def _on_the_line(mail: EmailMultiAlternatives) -> bytes:
    """As it goes over the line: CRLF, dots doubled at the start of lines, and the final dot."""
    lines = mail.message().as_bytes().splitlines()
    dotted = [b"." + line if line.startswith(b".") else line for line in lines]
    return b"\r\n".join([*dotted, b".", b""])


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:400]


def in_short(error: Exception) -> str:
    """Why it was not sent, for a log: what the other side said may name hosts and addresses."""
    cause = error.__cause__
    if isinstance(cause, UnicodeError):
        return "The address cannot be written in ASCII"
    if isinstance(cause, smtplib.SMTPResponseException):
        return f"{type(cause).__name__} {cause.smtp_code}"
    if isinstance(cause, ssl.SSLError):
        return f"{type(cause).__name__} {getattr(cause, 'reason', None) or ''}".rstrip()
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    if cause is not None:
        return type(cause).__name__
    code = _CODE.match(str(error))
    return f"The server answers {code[0]}" if code else "It was not taken"
