"""SECRET_KEY is another, and that of before stands in SECRET_KEY_FALLBACKS for a while."""

from types import SimpleNamespace

import pytest
from django.core.signing import BadSignature
from django.utils import timezone

from governance.mails import read_token, unsubscribe_token
from governance.models import Webhook
from tests.thaw.places import PRODUCTION

NEW = "another key, of fifty characters and some more of it"
NOTICE = SimpleNamespace(recipient_id=7, kind="expiry")


@pytest.fixture
def change(settings):
    def key(*, kept):
        settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY] if kept else []
        settings.SECRET_KEY = NEW

    return key


@pytest.mark.parametrize(("kept", "status"), [(True, 200), (False, 302)])
def test_who_is_signed_in_stays_so_while_the_key_of_before_is_kept(
    kept, status, change, client, admin_user
):
    client.force_login(admin_user)
    change(kept=kept)
    assert [client.get("/admin/").status_code for _ in range(2)] == [status] * 2


def test_a_link_in_a_mail_leads_on_while_the_key_of_before_is_kept(change, settings):
    token = unsubscribe_token(NOTICE)
    change(kept=True)
    assert read_token(token) == (7, "expiry")
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(BadSignature):
        read_token(token)


def test_what_is_told_to_a_webhook_is_signed_with_both_secrets_meanwhile(change, settings):
    webhook, now = Webhook(generation=1), timezone.now()
    (before,) = webhook.secrets(now)
    change(kept=True)
    assert webhook.secrets(now) == [webhook.secret(), before]
    assert webhook.secret() != before
    settings.SECRET_KEY_FALLBACKS = []
    assert webhook.secrets(now) == [webhook.secret()]


def test_keys_of_before_are_read_and_are_as_secret_as_the_key(place):
    ask = """
from thaw.log_lines import Withholding
told = Withholding(settings.LOGGING["formatters"]["line"]["secrets"])("one-before two-before")
print(json.dumps([settings.SECRET_KEY_FALLBACKS, told]))
"""
    kept = {"SECRET_KEY_FALLBACKS": "one-before,two-before"}
    assert place.tell(ask, **PRODUCTION | kept) == [["one-before", "two-before"], "*** ***"]
