from governance.models.deadline import Until
from governance.models.exceptions import ExceptionRequest
from governance.models.heartbeat import Heartbeat
from governance.models.ledger import Broken, Decision, State
from governance.models.terms import Budget, Claim, Condition

__all__ = [
    "Broken",
    "Budget",
    "Claim",
    "Condition",
    "Decision",
    "ExceptionRequest",
    "Heartbeat",
    "State",
    "Until",
]
