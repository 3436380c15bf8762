"""What the settings say about forges, as the plain value that `releases.forges` takes."""

from dataclasses import replace

from django.conf import settings

from releases.forges.access import Access, Host
from releases.host_settings import base_urls, by_host


def access() -> Access:
    """The forges that may be asked, of the settings as they are. Raises ImproperlyConfigured."""
    found = {
        name: Host(name, forge, is_private=name in settings.FORGE_PRIVATE_HOSTS)
        for name, forge in by_host("FORGE_HOSTS").items()
    }
    for name, base in base_urls("FORGE_BASE_URLS").items():
        if name in found:
            is_plain = base.startswith("http://")
            found[name] = replace(found[name], base_url=base, allows_http=is_plain)
    for name, token in by_host("FORGE_TOKENS").items():
        if name in found:
            found[name] = replace(found[name], token=token)
    return Access(found, connections=settings.FORGE_CONNECTIONS, seconds=settings.FORGE_SECONDS)
