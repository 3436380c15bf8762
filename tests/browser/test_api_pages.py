"""The API's own page under the policy that forbids inline scripts and styles, and one's tokens."""

import pytest

from tests.factories import make_exception, make_manager

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WIDER = "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"


def test_the_page_of_the_api_asks_the_gate_and_nothing_complains(reader):
    exception = make_exception(status="granted")
    somebody = reader()
    assert somebody.open("/api/v1/docs/") == 200
    page = somebody.page
    page.click("#operations-gate-gate button.opblock-summary-control")
    page.click("#operations-gate-gate .try-out__btn")
    page.fill("#operations-gate-gate tr[data-param-name=ref] input", exception.reference)
    page.click("#operations-gate-gate .execute")
    answer = page.wait_for_selector("#operations-gate-gate .live-responses-table .microlight")
    assert '"allowed":' in answer.inner_text()
    assert somebody.complaints == []


def test_a_token_is_made_shown_and_revoked(reader, django_user_model):
    user = django_user_model.objects.create_user("thea", is_staff=True)
    make_manager(name="Thea", user=user)
    thea = reader()
    thea.enter(user)
    thea.open("/me/tokens/")
    thea.page.fill("#id_name", "CI of nova")
    thea.press("text=Make a token")  # a page without its styles yet is wider
    assert thea.page.inner_text("section code").startswith("thaw_")
    for width in (360, 1280):
        thea.resize(width)
        assert thea.page.evaluate(WIDER) == 0
    thea.page.click("text=Revoke")
    thea.page.wait_for_selector("text=revoked")
    assert thea.complaints == []
