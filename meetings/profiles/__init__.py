"""The dialects in which people put things on record in a chat."""

from meetings.profiles.dialects import (
    CLASSIC,
    FEDORA,
    HCOOP,
    MATRIX,
    MEETINGOLOGY,
    OPENDEV,
    profile_of_bot,
)
from meetings.profiles.profile import LINK_SCHEMES, Profile
from meetings.profiles.w3c import CORRECTION, W3C_SCRIBE

PROFILES = {
    profile.name: profile
    for profile in (CLASSIC, OPENDEV, FEDORA, MEETINGOLOGY, HCOOP, MATRIX, W3C_SCRIBE)
}

__all__ = [
    "CLASSIC",
    "CORRECTION",
    "FEDORA",
    "HCOOP",
    "LINK_SCHEMES",
    "MATRIX",
    "MEETINGOLOGY",
    "OPENDEV",
    "PROFILES",
    "W3C_SCRIBE",
    "Profile",
    "profile_of_bot",
]
