"""From a log that comes in to a line of the ledger that leads back to it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.models import Until
from meetings.models import Meeting
from tests.factories import (
    make_exception,
    make_freeze,
    make_manager,
    make_proposal,
    make_release,
)
from tests.thaw.logs import make_meeting

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def standing(emptied_ledger):
    """An exception for volumes-api that ends in two hours."""
    now = timezone.now()
    cactus = make_release(slug="cactus", name="Cactus", zone="Pacific/Honolulu")
    exception = make_exception(
        freeze=make_freeze(release=cactus, at=now - timedelta(days=9)),
        proposals=[make_proposal(key="61001", branch="~jun/nova/volumes-api", release=cactus)],
        at=now - timedelta(days=8),
    )
    exception.grant(
        by=make_manager(),
        at=now - timedelta(days=7),
        expires=Until(at=now + timedelta(hours=2)),
        rationale="A week.",
    )
    return exception


def log(now):
    return (
        "21:00:00 <thea> #startmeeting Cactus\n"
        f"21:00:01 <openstack> Meeting started {now.ctime()} UTC.  The chair is thea."
        " Information about MeetBot at http://wiki.debian.org/MeetBot.\n"
        "21:00:02 <thea> #topic Exceptions\n"
        "21:00:03 <jun> one more day would do\n"
        "21:00:04 <thea> #agreed volumes-api exception extended until EOD tomorrow, Hawaii time\n"
        "21:00:05 <thea> #endmeeting\n"
    )


DROP = """([name, text]) => {
    const data = new DataTransfer();
    data.items.add(new File([text], name, {type: "text/plain"}));
    const drop = document.querySelector(".drop");
    for (const type of ["dragenter", "dragover", "drop"]) {
        drop.dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true}));
    }
}"""


def drop(page, file):
    """Let a file fall where the page takes one."""
    page.evaluate(DROP, [file.name, file.read_text()])


def test_a_log_is_checked_and_imported_without_javascript_too(
    standing, reader, tmp_path, django_user_model
):
    file = tmp_path / "cactus.log.txt"
    file.write_text(log(timezone.now().replace(hour=21, minute=0, second=0)))
    user = django_user_model.objects.create_user("thea", is_staff=True)
    make_manager(user=user, name="Thea")
    thea = reader(java_script_enabled=False)
    thea.enter(user)
    thea.open("/meetings/new/")
    thea.page.set_input_files("#id_log", file)
    thea.press("text=Check only")
    assert "1 suggestion" in thea.page.inner_text("#found + ul")
    thea.page.set_input_files("#id_log", file)
    thea.press("main button:text-is('Import')")
    assert "may have decided 1 thing" in thea.page.inner_text("main")


def test_a_range_of_lines_is_selected_with_shift_and_its_address_selects_it_again(reader):
    own = make_meeting(*["words"] * 9).get_absolute_url()
    somebody = reader()
    somebody.open(own)
    somebody.page.click("#l-7 .at")
    somebody.page.click("#l-5 .at", modifiers=["Shift"])
    assert somebody.page.url.endswith("?from=5&to=7#l-5")
    chosen = "() => [...document.querySelectorAll('.log .chosen')].map(line => line.value)"
    assert somebody.page.evaluate(chosen) == [5, 6, 7]
    somebody.page.reload()
    assert somebody.page.evaluate(chosen) == [5, 6, 7]
    somebody.open(f"{own}#l-8-l-9")
    somebody.page.reload()
    assert somebody.page.evaluate(chosen) == [8, 9]
    assert somebody.complaints == []


def test_a_log_is_dropped_in_a_suggestion_accepted_and_the_ledger_leads_back(
    standing, reader, tmp_path, django_user_model
):
    file = tmp_path / "cactus.log.txt"
    file.write_text(log(timezone.now().replace(hour=21, minute=0, second=0)))
    user = django_user_model.objects.create_user("thea", is_staff=True)
    make_manager(user=user, name="Thea")
    thea = reader()
    thea.enter(user)
    thea.open("/meetings/new/")
    drop(thea.page, file)
    thea.page.wait_for_selector("#found")
    assert "1 suggestion" in thea.page.inner_text("#found + ul")
    assert Meeting.objects.count() == 0
    thea.press("main button:text-is('Import')")
    assert "may have decided 1 thing" in thea.page.inner_text("main")
    thea.page.click("#l-5 button:text-is('Accept')")
    assert thea.page.url.endswith(standing.get_absolute_url())
    assert "extended by Thea" in thea.page.inner_text("main").lower().replace("thea", "Thea")
    thea.page.click("a:text-is('where it was said')")
    assert thea.page.url.endswith("#l-5")
    assert "accepted by thea" in thea.page.inner_text("#l-5").lower()
    assert thea.complaints == []
    standing.refresh_from_db()
    assert standing.deadline_words.endswith("until EOD tomorrow, Hawaii time")
