"""What the gate answered, and in which time: counted where it is asked, for `/metrics`."""

from collections.abc import Callable, Iterable
from functools import wraps
from time import perf_counter

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from prometheus_client import Counter, Histogram

from governance.gate import Code, Verdict

QUICK_TO_SLOW = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)

ANSWERS = Counter(
    "thaw_gate_answers", "What the gate answered, over the API and on pages.", ["code"]
)
SECONDS = Histogram(
    "thaw_gate_seconds", "From asking the gate over the API to its answer.", buckets=QUICK_TO_SLOW
)
# Looked up once: a label costs more than the counting does.
_BY_CODE = {code: ANSWERS.labels(code.value) for code in Code}

View = Callable[..., HttpResponseBase]


def counted(answers: Iterable[Verdict]) -> None:
    """Count these answers by their code."""
    for answer in answers:
        _BY_CODE[answer.code].inc()


def timed(view: View) -> View:
    """The same view, of which each answer's time is noted."""

    @wraps(view)
    def answer(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        began = perf_counter()
        try:
            return view(request, *args, **kwargs)
        finally:
            SECONDS.observe(perf_counter() - began)

    return answer
