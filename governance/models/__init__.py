from governance.models.deadline import Until
from governance.models.exceptions import ExceptionRequest
from governance.models.heartbeat import Heartbeat
from governance.models.ledger import Broken, Decision, State
from governance.models.terms import Budget, Claim, Condition
from governance.models.webhooks import CommitStatus, Delivery, DeliveryState, SeenEvent, Webhook

__all__ = [
    "Broken",
    "Budget",
    "Claim",
    "CommitStatus",
    "Condition",
    "Decision",
    "Delivery",
    "DeliveryState",
    "ExceptionRequest",
    "Heartbeat",
    "SeenEvent",
    "State",
    "Until",
    "Webhook",
]
