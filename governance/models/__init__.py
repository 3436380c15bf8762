from governance.models.deadline import Until
from governance.models.exceptions import ExceptionRequest
from governance.models.forges import CommitStatus, SeenEvent
from governance.models.heartbeat import Heartbeat
from governance.models.ledger import Broken, Decision, State
from governance.models.notices import (
    Channel,
    Kind,
    Notice,
    Preference,
    ReleaseReminders,
    Watch,
)
from governance.models.notices import (
    State as NoticeState,
)
from governance.models.terms import Budget, Claim, Condition
from governance.models.webhooks import Delivery, DeliveryState, Webhook

__all__ = [
    "Broken",
    "Budget",
    "Channel",
    "Claim",
    "CommitStatus",
    "Condition",
    "Decision",
    "Delivery",
    "DeliveryState",
    "ExceptionRequest",
    "Heartbeat",
    "Kind",
    "Notice",
    "NoticeState",
    "Preference",
    "ReleaseReminders",
    "SeenEvent",
    "State",
    "Until",
    "Watch",
    "Webhook",
]
