"""The bytes of a log are kept as they came, and a file that is stored is known again."""

import hashlib
import io
import tracemalloc
from datetime import UTC, datetime

import pytest

from meetings.files import READERS, already_imported
from meetings.importing import import_log
from meetings.logs import DateHints, format_named
from meetings.models import DamagedSource, Item, LogLine, Meeting, Piece, Source

pytestmark = pytest.mark.django_db

MEGABYTE = 1_000_000
NAME = "weekly.2011-03-29.log"
LOG = b"21:00:00 <ada> #startmeeting Weekly\n21:00:09 <ada> #endmeeting\n"
MESSY = (
    b"\xef\xbb\xbf21:00:00 <ada> #startmeeting Weekly\r\n\r\nno shape\0\n21:00:01 <b\xe9a> caf\xe9"
    b" \x0304red\n21:00:02 <ada> <script>alert(1)</script>\n21:00:09 <ada> #endmeeting\n\nno end"
)
NOT_KEPT = "of which only the lines are kept"


def source_url():
    return f"{Meeting.objects.get().get_absolute_url()}source"


@pytest.mark.parametrize(
    "data", [LOG, MESSY, LOG + b"\n" * MEGABYTE], ids=["plain", "messy", "big"]
)
def test_a_log_comes_back_byte_for_byte(store, client, data):
    store(data, name=NAME)
    answer = client.get(source_url())
    assert answer.getvalue() == data
    assert (
        dict(answer.headers).items()
        >= {
            "Content-Type": "text/plain; charset=utf-8",
            "Content-Length": str(len(data)),
            "Content-Disposition": f'attachment; filename="{NAME}"',
            "X-Content-Type-Options": "nosniff",
        }.items()
    )
    assert Source.objects.get().sha256 == hashlib.sha256(data).hexdigest()


def test_a_hostile_name_of_a_file_is_a_harmless_name_to_save_it_under(store, client):
    store(LOG, name='../../etc/x\u202e"\r\nSet-Cookie: a=b\x1b[1m.2011-03-29.log')
    said = client.get(source_url())["Content-Disposition"]
    assert said.isprintable()
    assert "/" not in said.replace("utf-8''", "")


def noise(size):
    """A log of that size that no compression makes small."""
    yield LOG.splitlines(keepends=True)[0]
    for number in range(size // 100):
        words = hashlib.sha512(b"%d" % number).hexdigest()[:80]
        yield f"21:00:01 <ada> {words}\n".encode()


@pytest.fixture
def large(tmp_path):
    """A file of 20 MB."""
    path = tmp_path / NAME
    with path.open("wb") as file:
        file.writelines(noise(20 * MEGABYTE))
    yield path
    path.unlink()


def peak_of(work):
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1] / MEGABYTE
    finally:
        tracemalloc.stop()


def test_20_megabytes_go_in_and_out_without_being_held_in_memory(large):
    source = Source.objects.create(
        sha256=hashlib.sha256(large.read_bytes()).hexdigest(),
        name=NAME,
        size=large.stat().st_size,
        imported_at="2011-04-01T00:00:00Z",
    )

    def keep():
        with large.open("rb") as file:
            source.keep(file)

    assert peak_of(keep) < 3
    assert source.pieces.count() > 20
    assert peak_of(lambda: [len(chunk) for chunk in source.raw()]) < 3
    assert sum(map(len, source.raw())) == source.size


def test_a_file_larger_than_the_limit_is_stored_without_its_bytes_and_that_is_said(
    run, tmp_path, client, settings
):
    settings.SOURCE_BYTES_KEPT = 62
    path = tmp_path / NAME
    path.write_bytes(LOG)
    told = (
        f"  {path}, line 1: the file's 63 bytes are more than the 62 that are kept as they came"
        " (SOURCE_BYTES_KEPT): its lines are stored, its bytes are not"
    )
    done = run(path)
    assert (done.status, done.out.splitlines()[1:]) == (0, [told])
    assert (Piece.objects.count(), LogLine.objects.count()) == (0, 2)
    assert client.get(source_url()).status_code == 404
    assert NOT_KEPT in client.get(Meeting.objects.get().get_absolute_url()).content.decode()


def test_bytes_that_came_to_harm_never_arrive_whole(store, client):
    store(LOG, name=NAME)
    for harm in ({"sha256": "0" * 64}, {}):
        Source.objects.update(**harm)
        if not harm:
            Piece.objects.update(data=b"no zlib")
        arrived = io.BytesIO()
        with pytest.raises(DamagedSource):
            arrived.writelines(client.get(source_url()).streaming_content)
        assert len(arrived.getvalue()) < len(LOG)


def test_what_was_stored_before_bytes_were_kept_still_stands_and_gains_them_by_another_import(
    store, client
):
    store(LOG, name=NAME)
    Piece.objects.all().delete()
    Source.objects.update(kept=False, read_as="", holds=[])
    url = Meeting.objects.get().get_absolute_url()
    assert NOT_KEPT in client.get(url).content.decode()
    assert client.get(f"{url}source").status_code == 404
    assert client.get(f"{url}log.txt").getvalue() == LOG
    assert [meeting.created for meeting in store(LOG, name=NAME).meetings] == [False]
    assert client.get(f"{url}source").getvalue() == LOG


class Unread(io.BytesIO):
    """A file whose bytes may be counted and hashed, and no more."""

    def read(self, size=-1):
        raise AssertionError("it was read as a log")


HINTS = DateHints(name=NAME)


def known(data, **options):
    return [
        meeting.slug for meeting in already_imported(Unread(data), **({"hints": HINTS} | options))
    ]


def test_a_file_that_is_stored_is_known_without_being_read_as_a_log(store):
    assert known(LOG) == []
    store(LOG, name=NAME)
    assert known(LOG) == ["weekly.2011-03-29-21.00"]
    assert known(LOG + b"\n") == []


def test_what_might_be_read_otherwise_is_read_again(store):
    store(LOG, name=NAME)
    for options in (
        {"hints": DateHints(name="weekly.2012-03-29.log")},
        {"format": format_named("meetingology")},
        {"channel": "elsewhere"},
    ):
        assert known(LOG, **options) == [], options


def test_with_another_reader_of_deadlines_or_addresses_too():
    read = {path.relative_to(path.parents[1]).as_posix() for path in READERS}
    assert read >= {"meetings/minutes.py", "deadlines/reader.py", "releases/references.py"}


def test_a_file_some_of_which_could_not_be_stored_is_read_again(store):
    undated = LOG.replace(b"Weekly\n", b"Weekly\n21:00:01 <bea> hi\n")
    dated = LOG.replace(
        b"Weekly", b"\n21:00:01 <MeetBot> Meeting started Tue Mar 29 21:00:00 2011 UTC."
    )
    name = "log"
    assert len(store(dated + undated, name=name).undated) == 1
    assert known(dated + undated, hints=DateHints(name=name)) == []


def test_a_meeting_that_was_deleted_comes_back(store, run, tmp_path):
    path = tmp_path / NAME
    path.write_bytes(LOG)
    run(path)
    Meeting.objects.all().delete()
    assert ": imported." in run(path).out
    assert ": already there, unchanged." in run(path).out


def test_a_file_tells_the_same_of_itself_when_it_is_known(run, tmp_path):
    path = tmp_path / NAME
    path.write_bytes(
        LOG[:36] + b"21:00:01 <bea> #info a\n21:00:02 <bea> #action b\n21:00:03 <bea> #info c\n"
        b"21:00:04 <bea> #startmeeting\n"
    )
    first, second = run(path).out, run(path).out
    assert second == first.replace(": imported.", ": already there, unchanged.")
    assert "2 info, 1 action.\n  No #endmeeting" in second


def test_stopped_in_the_midst_of_a_file_nothing_of_it_is_stored(store):
    class Stopped(io.BytesIO):
        reads = 0

        def read(self, size=-1):
            self.reads += 1
            if self.reads > 6:
                raise KeyboardInterrupt
            return super().read(size)

    stream = Stopped(LOG * 20_000)
    with pytest.raises(KeyboardInterrupt):
        import_log(stream, name=NAME, at=datetime(2011, 4, 1, tzinfo=UTC), hints=HINTS)
    assert [model.objects.count() for model in (Source, Piece, Meeting, LogLine, Item)] == [0] * 5
