"""Die at each step, on a real SMTP server: none is lost, and one state alone cannot know."""

import pytest

from tests.chaos.smtp import postman

pytestmark = pytest.mark.chaos

# where it dies -> (how often it was accepted by then, the state left)
DEATHS = {
    "after_claim": (0, "claimed"),
    "after_rcpt": (0, "claimed"),
    "before_data": (0, "handing"),
    "after_data": (1, "handing"),
    "after_commit": (1, "sent"),
}
IN_DOUBT = {"before_data", "after_data"}
PAST_THE_LEASE = 3600 / 4  # seconds; the reminder is still of use


@pytest.mark.parametrize("uncertain", ["resend", "park"])
def test_whoever_dies_at_any_step_loses_nothing_and_doubles_what_nobody_can_know(uncertain, colony):
    found = {}
    with postman() as (handler, port):
        for failpoint, expected in DEATHS.items():
            colony.ask("empty")
            handler.accepted.clear()
            (key,) = colony.ask("prepare", 1)
            settings = colony.settings(port, uncertain=uncertain)
            assert colony.ask("die", settings | {"FAILPOINT": failpoint}) == 137
            left = (handler.accepted.total(), colony.ask("told")[0][1])
            assert left == expected, failpoint
            assert colony.ask("die", settings) == 0  # the lease still holds: nothing happens
            assert (handler.accepted.total(), colony.ask("told")[0][1]) == left, failpoint
            assert colony.ask("die", settings | {"later": PAST_THE_LEASE}) == 0
            ((_, state, in_doubt),) = colony.ask("told")
            assert {name.partition("@")[0] for name in handler.accepted} <= {f"<{key}"}
            found[failpoint] = (handler.accepted.total(), state, in_doubt)
    parks = uncertain == "park"
    assert found == {
        "after_claim": (1, "sent", False),
        "after_rcpt": (1, "sent", False),
        "before_data": (0, "uncertain", True) if parks else (1, "sent", True),
        "after_data": (1, "uncertain", True) if parks else (2, "sent", True),
        "after_commit": (1, "sent", False),
    }


def test_into_the_spool_each_comes_exactly_once_wherever_anybody_dies(colony):
    found = {}
    for failpoint in DEATHS:
        colony.ask("empty")
        (key,) = colony.ask("prepare", 1)
        settings = colony.settings(0, sink="spool", uncertain="park")
        assert colony.ask("die", settings | {"FAILPOINT": failpoint}) == 137
        assert colony.ask("die", settings | {"later": PAST_THE_LEASE}) == 0
        ((_, state, _),) = colony.ask("told")
        found[failpoint] = (state, [path.stem == key for path in colony.spool.glob(f"{key}*")])
    assert found == dict.fromkeys(DEATHS, ("sent", [True]))
