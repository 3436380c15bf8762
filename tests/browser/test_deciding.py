"""From a log that comes in to a line of the ledger that leads back to it."""

from datetime import timedelta

import pytest
from django.utils import timezone

from governance.models import Until
from tests.factories import (
    make_exception,
    make_freeze,
    make_manager,
    make_proposal,
    make_release,
)

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


def test_a_log_is_dropped_in_a_suggestion_accepted_and_the_ledger_leads_back(
    standing, reader, tmp_path, django_user_model
):
    file = tmp_path / "cactus.log.txt"
    file.write_text(log(timezone.now().replace(hour=21, minute=0, second=0)))
    user = django_user_model.objects.create_user("thea", password="secret", is_staff=True)
    make_manager(user=user, name="Thea")
    thea = reader()
    thea.sign_in("thea", "secret")
    thea.open("/meetings/new/")
    thea.page.set_input_files("#id_log", file)
    thea.page.click("text=Check only")
    assert "would" not in thea.page.inner_text("main")
    assert "1 suggestions" in thea.page.inner_text("#found + ul")
    thea.page.set_input_files("#id_log", file)
    thea.page.click("main button:text-is('Import')")
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
