"""Deadlines in words: pure, relative to when they were said.

    read_deadline("EOD Friday Hawaii", said_at=now)     -> Reading(at=..., zone="Pacific/Honolulu")
    find_deadlines("the FFe stands until EOD today", said_at=now) -> [Reading(missing="zone", ...)]
    find_zone("Hawaii time.")                           -> ZoneFound(name="Pacific/Honolulu")

How words are read:

- An instant is exclusive, the first at which the deadline has passed. The end of a day is the next
  local midnight; a day without a time means its end.
- 23:59 and 23:59:59 are how people write the end of a day: the last minute still counts, so the
  instant is the midnight after it. "Midnight Friday" is the end of that Friday, with a warning; a
  00:00 beside a day in words is its start, with a warning. 2011-03-30 00:00 is what it says, and
  so is 23:59:00.
- The day of saying it is taken in the zone of the deadline: at 22:00 UTC it is tomorrow in Paris.
- A date without its year is the next such day within eleven months. "This" and "next" Friday go by
  ISO weeks; "next" is doubtful while that weekday is still ahead in the present week.
- A weekday that does not fit its date, or two notations that differ, give no instant but say what
  could be meant; 4/7 is refused.
- PST in summer is read literally, with the instant by the clocks there as a warning; BST, IST and
  CST are the times of several places, so the zone is missing.
- Without a zone there is no instant, only the spread over the zones in which people live (AoE to
  UTC+14) as far as it lies ahead; "today" is then the day that the record shows.
- "Until RC1" moves with RC1. What is counted from a milestone ("48h after code freeze") does not,
  and says so. R-5 is the Thursday of the fifth week before that of the release.
- A business day passes over Saturdays and Sundays and ends at its midnight. A week ends on Friday,
  with Sunday as the other end of the spread. A month ends with its last day.
- "A few hours", "ASAP", "shortly" and "mid-week" are no deadlines, nor are "2 days ago" and "last
  Friday".
"""

from governance.deadlines.phrase import LAST_MINUTE
from governance.deadlines.places import ZoneFound, find_zone, zone_named
from governance.deadlines.reader import find_deadlines, read_deadline
from governance.deadlines.reading import Anchor, Reading

__all__ = [
    "LAST_MINUTE",
    "Anchor",
    "Reading",
    "ZoneFound",
    "find_deadlines",
    "find_zone",
    "read_deadline",
    "zone_named",
]
