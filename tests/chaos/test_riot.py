"""Workers that are killed at random; `make chaos` has the long form."""

import pytest

from tests.chaos.colony import riot
from tests.chaos.smtp import postman

pytestmark = pytest.mark.chaos

SHORT = {
    "notices": 48,
    "workers": 4,
    "patience": 60,
    "lease": 1.2,
    "seed": 6,
    "every": (0.03, 0.1),  # so that few notices meet many killings
}


@pytest.mark.parametrize(
    ("sink", "uncertain"),
    [
        ("spool", "park"),
        ("smtp", "resend"),
        pytest.param(
            "smtp", "park", marks=pytest.mark.postgresql
        ),  # one of each is enough on SQLite
    ],
)
def test_killing_workers_loses_nothing_in_silence(sink, uncertain, colony):
    with postman(delay=0.02) as (handler, port):
        outcome = riot(colony, handler, port, sink=sink, uncertain=uncertain, **SHORT)
    assert outcome.lost == 0, outcome
    if sink == "spool" or uncertain == "park":
        assert outcome.twice == 0, outcome
    if sink == "spool" or uncertain == "resend":
        assert outcome.parked == 0, outcome
    assert outcome.kills > 0, outcome
