"""The short form of `make fuzz`."""

import pytest
from django.db import transaction
from hypothesis import given, settings

from tests.properties import logs


@pytest.mark.django_db
@settings(max_examples=120, deadline=None)
@given(data=logs.logs, format_=logs.formats)
def test_whatever_comes_in_is_stored_once_and_whole_or_refused_in_words(data, format_):
    with transaction.atomic():
        logs.check(data, format_)
        transaction.set_rollback(True)
