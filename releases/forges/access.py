"""Which forges may be asked, how, and within which limits: given by settings, read-only here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from releases.forges.errors import NotSupported, Refused
from releases.references import Reference

# Where the API of a host is, when it is not on the host itself.
API = {
    "github.com": "https://api.github.com",
    "launchpad.net": "https://api.launchpad.net",
}


@dataclass(frozen=True, slots=True)
class Host:
    """One forge on the list.

    `base_url` names another place for its API. `is_private` lets the name stand for an address in
    a private network; without it only public addresses are spoken to. `allows_http` is for test
    servers on this machine, never for production.
    """

    name: str
    forge: str
    base_url: str = ""
    token: str = field(default="", repr=False)
    is_private: bool = False
    allows_http: bool = False

    @property
    def api(self) -> str:
        return (self.base_url or API.get(self.name, f"https://{self.name}")).rstrip("/")


@dataclass(frozen=True, slots=True)
class Access:
    """The list, and limits for every request."""

    hosts: Mapping[str, Host]
    connections: int = 4  # to one host
    seconds: float = 15.0  # for one answer, from asking to its last byte
    largest: int = 2 << 20  # bytes of one answer
    most_pages: int = 20  # of a list of reviews

    def host_of(self, reference: Reference) -> Host:
        """Raises Refused for a host that is not on the list, NotSupported for another forge."""
        name = host_name(reference.forge, reference.url)
        host = self.hosts.get(name)
        if host is None:
            raise Refused(
                f"{name} is not among the forges that are asked; FORGE_HOSTS in the settings lists"
                " them."
            )
        if host.forge != reference.forge:
            raise NotSupported(f"{name} is known as {host.forge}, not as {reference.forge}.")
        return host


def host_name(forge: str, url: str) -> str:
    """The host of an address as people call it: `launchpad.net` for all of Launchpad's sites."""
    return "launchpad.net" if forge == "launchpad" else urlsplit(url).netloc.lower()
