"""What the API's page shows of exceptions and decisions, as they are answered."""

from typing import Any

PROPOSAL = {
    "target": "proposal:launchpad:54464",
    "url": "https://code.launchpad.net/~jun/nova/volumes-api/+merge/54464",
    "title": "Volumes through the API",
    "state": "open",
}
DECISION: dict[str, Any] = {
    "id": 2,
    "exception": "FFE-1",
    "release": "cactus",
    "sequence": 2,
    "verb": "grant",
    "by": "Thea",
    "by_id": 4,
    "at": "2011-03-29T21:31:00Z",
    "previous_status": "requested",
    "new_status": "granted",
    "expires_at": "2011-03-30T10:00:00Z",
    "expires_with": None,
    "rationale": "Self-contained, and reviewed twice.",
    "over_budget": "",
    "quote": "ok, until tomorrow, end of day in Hawaii",
    "source_url": "/meetings/openstack-meeting.2011-03-29-21.00/#l-112",
    "hash": "8a7f0d0c7f5f0f4bb0f7b2d7a6ae3f8a5f3a0b1f0f4d9c1c2b3a4d5e6f708192",
}
EXCEPTION: dict[str, Any] = {
    "ref": "FFE-1",
    "title": "Volumes through the API",
    "release": "cactus",
    "freeze": "featurefreeze",
    "scope": "proposals",
    "project": None,
    "status": "granted",
    "requested_by": "Jun",
    "requested_by_id": 7,
    "requested_at": "2011-03-29T20:00:00Z",
    "expires_at": "2011-03-30T10:00:00Z",
    "expires_with": None,
    "deadline": {
        "words": "EOD tomorrow, Hawaii",
        "zone": "Pacific/Honolulu",
        "zone_source": "words",
        "warnings": [],
    },
    "proposals": [PROPOSAL],
    "url": "/exceptions/FFE-1/",
    "why_now": "Without it the API stays incomplete.",
    "risk_of_landing": "Low: new calls alone.",
    "risk_of_not_landing": "",
    "testing": "Its own suite, and a week on a cluster.",
    "wanted_until": None,
    "conditions": [
        {"id": 1, "text": "nova-core review", "met_by": "Ondine", "met_at": "2011-03-29T22:00:00Z"}
    ],
    "decisions": [DECISION],
}
GATE: dict[str, Any] = {
    "allowed": True,
    "code": "exception_stands",
    "reason": "FFE-1 stands until Wed 30 March 2011 10:00 UTC; granted by Thea, Tue 29 March 2011"
    " 21:31 UTC.",
    "at": "2011-03-30T09:00:00Z",
    "release": "cactus",
    "freezes": [{"name": "FeatureFreeze", "at": "2011-03-24T10:00:00Z"}],
    "exception": {
        "ref": "FFE-1",
        "status": "granted",
        "expires_at": "2011-03-30T10:00:00Z",
        "source_url": "/meetings/openstack-meeting.2011-03-29-21.00/#l-112",
    },
    "proposal": PROPOSAL | {"change_kind": "feature"},
}
UNKNOWN: dict[str, Any] = {
    "allowed": False,
    "code": "unknown_reference",
    "reason": "Nothing here is known as “~jun/nova/other”. FeatureFreeze of Cactus has held since"
    " Thu 24 March 2011 10:00 UTC: what is not known here may not land. Ask for an exception at"
    " https://thaw.example.org/exceptions/new/.",
    "at": "2011-03-30T09:00:00Z",
    "release": None,
    "freezes": [],
    "exception": None,
    "proposal": None,
}
