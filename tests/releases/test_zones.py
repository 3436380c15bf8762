import pytest
from django.core.exceptions import ValidationError
from hypothesis import given, settings
from hypothesis import strategies as st

from releases.models import Person, Release
from releases.zones import validate_zone


def refused(zone):
    try:
        validate_zone(zone)
    except ValidationError:
        return True
    return False


@pytest.mark.parametrize("zone", ["UTC", "Europe/Paris", "Pacific/Honolulu", "Etc/GMT+5"])
def test_a_zone_is_known_by_its_iana_name(zone):
    assert not refused(zone)


@pytest.mark.parametrize(
    "zone",
    [
        *("", ".", "Europe", "Europe/", "Hawaii time", "/etc/localtime", "../../etc/passwd"),
        *("Europe/Paris\0", " UTC", "zone.tab", "tzdata.zi", "x" * 5000, "Europe/Pari\ud800"),
    ],
    ids=lambda zone: repr(zone)[:24],
)
def test_what_is_no_zone_is_refused(zone):
    assert refused(zone)


@pytest.mark.parametrize("zone", ["EST", "EDT", "PST", "CEST"])
def test_an_abbreviation_is_refused_because_it_names_no_place(zone):
    assert refused(zone)


@pytest.mark.parametrize("zone", ["localtime", "posixrules", "right/Europe/Paris"])
def test_what_this_machine_alone_takes_for_a_zone_is_refused(zone):
    """`right/` zones count leap seconds: their deadlines are half a minute off everybody's."""
    assert refused(zone)


@settings(max_examples=25)  # each looks through the whole search path of zones
@given(st.text(max_size=40))
def test_no_text_makes_the_check_fail_otherwise_than_in_words(text):
    assert refused(text) in {True, False}


@pytest.mark.parametrize("record", [Release(slug="cactus", name="Cactus"), Person(name="ttx")])
def test_a_record_with_an_unknown_zone_says_so(record):
    record.zone = "Hawaii"
    with pytest.raises(ValidationError) as refusal:
        record.clean_fields(exclude=["user"])
    assert refusal.value.message_dict == {
        "zone": ["“Hawaii” is not a time zone. Use an IANA name such as US/Hawaii or UTC."]
    }
