import pytest

from governance.offsets import InvalidOffsets, in_words, offsets_in_words, parse_offsets


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("72h,24h,2h,0", (259200, 86400, 7200, 0)),
        ("2h, 3d ,2H", (259200, 7200)),
        ("30m", (1800,)),
        ("0", (0,)),
        ("3 days before, 2 hours, 1 Minute", (259200, 7200, 60)),
    ],
)
def test_offsets_are_read_the_longest_first_and_each_once(text, seconds):
    assert parse_offsets(text) == seconds


@pytest.mark.parametrize(
    "text", ["", "2", "h", "-2h", "2h;1h", "1.5h", "91d", "2h," * 20, "٢h", "3 days after", "2 hou"]
)
def test_what_is_no_offset_is_refused_in_words(text):
    with pytest.raises(InvalidOffsets, match=r"\w+ .+"):
        parse_offsets(text)


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (259200, "3 days"),
        (259170, "3 days"),
        (86400, "24 hours"),
        (86370, "24 hours"),
        (7170, "2 hours"),
        (5400, "90 minutes"),
        (61, "1 minute"),
        (0, "0 minutes"),
        (-5, "0 minutes"),
    ],
)
def test_a_stretch_of_time_is_rounded_as_people_say_it(seconds, words):
    assert in_words(seconds) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("72h,24h,2h,0", "3 days, 24 hours, 2 hours before, at the deadline itself"),
        ("30m", "30 minutes before"),
        ("0", "at the deadline itself"),
    ],
)
def test_a_list_of_offsets_is_told_in_words(text, words):
    assert offsets_in_words(text) == words
