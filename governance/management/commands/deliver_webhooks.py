from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from governance import webhooks


class Command(BaseCommand):
    help = "Tell webhooks what happened and they have not taken yet: one round, for cron."

    def handle(self, *args: Any, **options: Any) -> None:
        webhooks.plan(at=timezone.now())
        ended = webhooks.deliver(clock=timezone.now)
        told = ", ".join(f"{number} {state}" for state, number in sorted(ended.items()))
        self.stdout.write(told or "Nothing to tell.")
