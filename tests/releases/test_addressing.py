"""Addresses of pages are those that Django would find."""

import pytest
from django.urls import reverse, set_script_prefix

from releases.addressing import address_of

PAGES = [
    ("release", "cactus"),
    ("person", 12),
    ("exception", "FFE-3"),
    ("proposal", "launchpad:54464"),
    ("proposal", "gerrit:I0a/b?c#d é%"),
    ("meeting", "openstack-meeting.2011-03-29-21.00"),
]


@pytest.mark.parametrize(("page", "key"), PAGES)
def test_an_address_is_the_one_that_django_would_find(page, key):
    assert address_of(page, key) == reverse(page, args=[key])


def test_an_address_is_below_the_prefix_that_we_are_mounted_at():
    assert address_of("exception", "FFE-3") == "/exceptions/FFE-3/"
    set_script_prefix("/thaw/")
    try:
        assert address_of("exception", "FFE-3") == "/thaw/exceptions/FFE-3/"
    finally:
        set_script_prefix("/")
