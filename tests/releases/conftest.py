import pytest


@pytest.fixture(autouse=True)
def quick_passwords(settings):
    """A password is hashed a million times, to be slow: not for logins made by the dozen."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
