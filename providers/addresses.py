"""Which addresses may be called: public ones, and networks that the operator named. Pure."""

import ipaddress
import socket
from collections.abc import Iterable, Sequence

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_GLOBAL_UNICAST = ipaddress.IPv6Network("2000::/3")  # all of IPv6 that is given out
# IPv6 networks whose addresses end in an IPv4 address: translators, and a form long given up.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
_LOCAL_CARRIERS = (ipaddress.IPv6Network("64:ff9b:1::/48"), ipaddress.IPv6Network("::/96"))
_CARRIERS = (_NAT64, *_LOCAL_CARRIERS)
_TOO_SMALL = 2**16  # ::1 and its like carry nothing
# Python's `is_global` knows the registry of special addresses as it was when it was released.
_SPECIAL: tuple[Network, ...] = (
    ipaddress.IPv4Network("192.0.0.0/24"),  # protocol assignments
    ipaddress.IPv4Network("192.88.99.0/24"),  # relays of 6to4, given up
    ipaddress.IPv6Network("3fff::/20"),  # documentation
)
# Where clouds tell a machine its own secrets. No setting opens these.
_NEVER: tuple[Network, ...] = (
    ipaddress.IPv4Network("169.254.0.0/16"),  # link-local: AWS, Google, Azure, Oracle and others
    ipaddress.IPv6Network("fe80::/10"),
    ipaddress.IPv6Network("fd00:ec2::/32"),  # AWS
    ipaddress.IPv6Network("fd20:ce::254/128"),  # Google
    ipaddress.IPv6Network("fd00:c1::a9fe:a9fe/128"),  # Oracle
    ipaddress.IPv6Network("fd00:42::42/128"),  # Scaleway
    ipaddress.IPv4Network("100.100.100.200/32"),  # Alibaba
    ipaddress.IPv4Network("192.0.0.192/32"),  # Oracle's older machines
    ipaddress.IPv4Network("168.63.129.16/32"),  # Azure; public by its number
)


def networks(written: Iterable[str]) -> tuple[Network, ...]:
    """`["10.0.0.0/8", "::1"]` as networks; a single address is a network of one."""
    return tuple(ipaddress.ip_network(item.strip(), strict=False) for item in written)


def meant(address: Address) -> Address:
    """The IPv4 address that an IPv6 one carries, else the address itself."""
    if isinstance(address, ipaddress.IPv4Address):
        return address
    if any(address in carrier for carrier in _CARRIERS) and int(address) >= _TOO_SMALL:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address


def is_metadata(address: Address) -> bool:
    """Whether a cloud may tell secrets there; such an address is never called."""
    return any(meant(address) in network for network in _NEVER)


def is_public(address: Address) -> bool:
    """False for loopback, private, link-local, metadata, multicast and reserved addresses."""
    there = meant(address)
    if any(address in carrier for carrier in _LOCAL_CARRIERS):
        return False
    if is_metadata(there) or any(there in network for network in _SPECIAL):
        return False
    if isinstance(there, ipaddress.IPv6Address) and there not in _GLOBAL_UNICAST:
        return False
    return there.is_global and not there.is_multicast


def is_allowed(address: Address, allowed: Sequence[Network]) -> bool:
    """Whether the operator named its network; metadata addresses never are."""
    there = meant(address)
    return not is_metadata(there) and any(there in network for network in allowed)


def written_address(host: str) -> Address | None:
    """The address that a host is written as, 0x7f.1 and 2130706433 included; None for a name."""
    try:
        return ipaddress.ip_address(host.rstrip("."))
    except ValueError:
        pass
    try:
        return ipaddress.IPv4Address(socket.inet_aton(host.rstrip(".")))
    except (OSError, UnicodeError):
        return None
