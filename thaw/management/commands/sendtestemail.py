from argparse import ArgumentParser
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.management.base import BaseCommand, CommandError

from governance.sinks import NotSent, Unknown, configured_sink
from thaw.starting import stands_on


class Command(BaseCommand):
    help = (
        "Send a line to each of these addresses, on the way on which reminders go, and say what"
        " became of it. Exit status: 0 it was taken; 1 it was not."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("addresses", nargs="+", metavar="ADDRESS")

    def handle(self, *args: Any, **options: Any) -> None:
        where = stands_on(settings.EMAIL_URL) if settings.EMAIL_URL else settings.EMAIL_FILE_PATH
        sink = configured_sink()
        try:
            for address in options["addresses"]:
                mail = EmailMultiAlternatives(
                    subject="A try of Thaw's mail",
                    body=f"{settings.SITE_URL} can send mail. Nothing is to be done.\n",
                    to=[address],
                )
                sink.offer(mail)
                sink.hand_over(mail, key=f"try-{uuid4().hex}")
                self.stdout.write(f"{where} has taken it for {address}, from {mail.from_email}.")
        except (NotSent, Unknown) as error:
            why = str(error).rstrip(".")
            raise CommandError(
                f"{where} has not taken it for {address}, from {mail.from_email}: {why}. Look at"
                " EMAIL_URL and DEFAULT_FROM_EMAIL."
            ) from error
        finally:
            sink.close()
