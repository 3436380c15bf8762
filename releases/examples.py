"""What the API's page shows of releases: records of one called Cactus, as they are answered."""

from typing import Any

EXAMPLES: dict[str, dict[str, Any]] = {
    "release": {
        "slug": "cactus",
        "name": "Cactus",
        "version": "2011.2",
        "zone": "Pacific/Honolulu",
        "leads_decide": False,
        "projects": ["nova", "swift"],
        "url": "/releases/cactus/",
    },
    "milestone": {
        "id": 2,
        "target": "milestone:cactus/gammafreeze",
        "release": "cactus",
        "project": None,
        "slug": "gammafreeze",
        "name": "GammaFreeze",
        "kind": "hard-freeze",
        "at": "2011-04-05T10:00:00Z",
        "blocks": ["feature", "bugfix"],
        "moves": [
            {
                "from_at": "2011-04-04T10:00:00Z",
                "to_at": "2011-04-05T10:00:00Z",
                "by": "Thea",
                "at": "2011-03-29T21:40:00Z",
                "why": "Two branches wait for review.",
                "source_url": "/meetings/openstack-meeting.2011-03-29-21.00/#l-80",
            }
        ],
    },
    "proposal": {
        "id": 7,
        "target": "proposal:launchpad:54464",
        "forge": "launchpad",
        "key": "54464",
        "url": "https://code.launchpad.net/~jun/nova/volumes-api/+merge/54464",
        "title": "Volumes through the API",
        "branch": "~jun/nova/volumes-api",
        "author": "Jun",
        "project": "nova",
        "release": "cactus",
        "change_kind": "feature",
        "state": "open",
        "merged_at": None,
    },
    "person": {
        "id": 4,
        "name": "Thea",
        "zone": "Europe/Paris",
        "handles": [{"kind": "irc", "value": "thea"}],
        "roles": [{"role": "release-manager", "project": None}],
    },
}
