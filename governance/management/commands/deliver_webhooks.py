from typing import Any

from django.core.management.base import BaseCommand
from django.utils import timezone

from governance import statuses, webhooks


class Command(BaseCommand):
    help = "Tell webhooks what happened, and forges what the gate says: one round, for cron."

    def handle(self, *args: Any, **options: Any) -> None:
        webhooks.plan(at=timezone.now())
        ended = webhooks.deliver(clock=timezone.now)
        ended.update(statuses.report(clock=timezone.now))
        told = ", ".join(f"{number} {state}" for state, number in sorted(ended.items()))
        self.stdout.write(told or "Nothing to tell.")
