"""To which addresses a forge's name may lead.

What is checked is what is connected to, not the name: a name can answer anything.
"""

import ipaddress
import socket
from collections.abc import Iterable

import anyio
import httpcore

from releases.forges.errors import Refused

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

# Ways to write an IPv4 address into an IPv6 one, which a router may then unwrap.
_WRAPPED = tuple(
    map(
        ipaddress.IPv6Network,
        ("::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2001::/32", "2002::/16"),
    )
)
CONNECT_SECONDS = 5  # to one address, so that there is time for the next
_UNICAST = ipaddress.IPv6Network("2000::/3")


def is_public(address: Address) -> bool:
    """Whether it is one machine's address on the open Internet, not wrapped in another."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return is_public(address.ipv4_mapped)
        if address not in _UNICAST or any(address in network for network in _WRAPPED):
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def is_inside(address: Address) -> bool:
    """Whether it is in a private network, where a forge of one's own may live.

    Link-local addresses are not: clouds hand out credentials there.
    """
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return is_inside(address.ipv4_mapped)
    return (address.is_private or address.is_loopback) and not (
        address.is_link_local or address.is_unspecified or address.is_multicast
    )


class Guard(httpcore.AsyncNetworkBackend):
    """Looks a name up once, checks every answer, and connects to one that was checked.

    A name that answers differently the next time gains nothing: nobody asks it again.
    """

    def __init__(self, *, is_private: bool) -> None:
        self._is_private = is_private
        self._net = httpcore.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 httpcore's own signature
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        addresses = await self._addresses(host, port)
        failure: Exception | None = None
        for address in addresses:
            try:
                return await self._net.connect_tcp(
                    address, port, CONNECT_SECONDS, local_address, socket_options
                )
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure or httpcore.ConnectError(f"{host} has no address")

    async def connect_unix_socket(
        self, *args: object, **options: object
    ) -> httpcore.AsyncNetworkStream:
        raise Refused("A forge is not behind a file on this machine.")

    async def sleep(self, seconds: float) -> None:
        await anyio.sleep(seconds)

    async def _addresses(self, host: str, port: int) -> list[str]:
        try:
            found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except OSError as error:
            raise httpcore.ConnectError(f"{host} has no address") from error
        addresses = list(dict.fromkeys(str(row[4][0]) for row in found))
        for text in addresses:
            address = ipaddress.ip_address(text.partition("%")[0])
            if not (is_public(address) or (self._is_private and is_inside(address))):
                raise Refused(
                    f"{host} leads to {text}, which is not on the open Internet; a forge on your"
                    " own network is named in FORGE_PRIVATE_HOSTS."
                )
        return addresses
