"""What the API's page shows of meetings and what was read out of them, as they are answered."""

from typing import Any

SLUG = "openstack-meeting.2011-03-29-21.00"
MEETING: dict[str, Any] = {
    "slug": SLUG,
    "title": "OpenStack team meeting",
    "channel": "openstack-meeting",
    "started_at": "2011-03-29T21:00:49Z",
    "ended_at": "2011-03-29T21:52:10Z",
    "chairs": ["thea"],
    "people": {"jun": 31, "ondine": 12, "thea": 64},
    "lines": 107,
    "warnings": [],
    "url": f"/meetings/{SLUG}/",
}
ITEM: dict[str, Any] = {
    "id": 12,
    "meeting": SLUG,
    "line": 88,
    "at": "2011-03-29T21:40:12Z",
    "nick": "thea",
    "kind": "agreed",
    "text": "FFE for volumes-api until tomorrow 10:00 UTC",
    "topic": "Exceptions",
    "url": "",
    "by_chair": True,
    "counted": True,
    "undone": False,
    "assignees": [],
    "page": f"/meetings/{SLUG}/?line=88#l-88",
}
ACTION: dict[str, Any] = {
    "id": 3,
    "meeting": SLUG,
    "channel": "openstack-meeting",
    "line": 93,
    "text": "jun to send the test results to the list",
    "owners": ["jun"],
    "people": ["Jun"],
    "given_at": "2011-03-29T21:44:00Z",
    "due_at": None,
    "due_words": "",
    "state": "open",
    "closed_by": None,
    "closed_at": None,
    "closing_note": "",
    "page": f"/meetings/{SLUG}/?line=93#l-93",
}
SUGGESTION: dict[str, Any] = {
    "id": 5,
    "meeting": SLUG,
    "verdict": "grant",
    "target": "proposal:launchpad:54464",
    "line": 88,
    "lines": [85, 88],
    "words": "FFE for volumes-api until tomorrow 10:00 UTC",
    "explicit": True,
    "deadline": {
        "words": "until tomorrow 10:00 UTC",
        "expires_at": "2011-03-30T10:00:00Z",
        "zone": "UTC",
        "zone_source": "words",
        "missing": "",
        "warnings": [],
    },
    "bound_to": None,
    "moved_to": None,
    "conditions": [],
    "exception": None,
    "state": "open",
    "already_so": False,
    "decided_by": None,
    "decided_at": None,
    "why": "",
    "page": f"/meetings/{SLUG}/?line=88#l-88",
}
IMPORTED: dict[str, Any] = {
    "meetings": [
        {
            "slug": SLUG,
            "title": "OpenStack team meeting",
            "channel": "openstack-meeting",
            "started_at": "2011-03-29T21:00:49Z",
            "ended_at": "2011-03-29T21:52:10Z",
            "chairs": ["thea"],
            "people": {"thea": 64, "jun": 31},
            "lines": 107,
            "created": True,
            "format": "meetbot-log",
        }
    ],
    "skipped": [],
    "errors": [],
}
