"""Which addresses may be told anything. Our worker calls them, so that none may lead to a machine beside it."""

from __future__ import annotations

import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.translation import gettext as _

from portfolio.errors import PortfolioError
from portfolio.models.desk.webhook import LONGEST_URL

LOOPBACK = ("127.0.0.1", "localhost", "::1")


class WrongAddress(PortfolioError):
    """Nothing is sent there, in words."""


class Target(NamedTuple):
    scheme: str
    host: str
    port: int
    path: str


def target_of(url: str) -> Target:
    """What the address says, with nothing looked up. Raises WrongAddress."""
    if len(url) > LONGEST_URL or not url.isascii() or not url.isprintable() or " " in url:
        raise WrongAddress(_("An https address of at most %(most)s plain characters, please.") % {"most": LONGEST_URL})
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise WrongAddress(_("This is no address.")) from None
    host = (parts.hostname or "").rstrip(".")
    is_local = settings.WEBHOOK_LOCAL and host in LOOPBACK
    if not host or parts.username is not None or parts.password is not None or parts.fragment:
        raise WrongAddress(_("An address with a host, without user, password or fragment, please."))
    if parts.scheme != "https" and not (is_local and parts.scheme == "http"):
        raise WrongAddress(_("Only https: what is sent must not be read on the way."))
    if not is_local and (_is_number(host) or "." not in host):
        raise WrongAddress(_("The full name of a host, please, not its number."))
    if not is_local and not _is_listed(host):
        raise WrongAddress(_("The administrators have not allowed this host. Ask them to add it."))
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return Target(parts.scheme, host, port or (443 if parts.scheme == "https" else 80), path)


def _is_listed(host: str) -> bool:
    """`erp.example.com` allows that host, `.example.com` all below it. In the demo no list is kept: None."""
    allowed = settings.WEBHOOK_HOSTS
    return allowed is None or any(host == one or (one.startswith(".") and host.endswith(one)) for one in allowed)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return host.replace(".", "").isdecimal() or host.lower().startswith("0x")
    return True


def address_of(target: Target) -> str:
    """The number that the host has now, looked up once: it is what is called. Raises WrongAddress.

    Where any of its numbers is not of the public net, none is called.
    """
    try:
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
    except OSError:
        raise WrongAddress(_("The name of the host is not known.")) from None
    numbers = [str(one[4][0]) for one in found]
    is_local = settings.WEBHOOK_LOCAL and target.host in LOOPBACK
    if not numbers or not (is_local or all(is_public(number) for number in numbers)):
        raise WrongAddress(_("The host is not in the public net."))
    return numbers[0]


def is_public(number: str) -> bool:
    """Not of a machine of ours, of a private net, of a cloud's own services, or of nobody."""
    address = ipaddress.ip_address(number.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        inner = address.ipv4_mapped or address.sixtofour or (address.teredo[1] if address.teredo else None)
        if inner is not None:
            return is_public(str(inner))
        if address in ipaddress.ip_network("64:ff9b::/96"):  # NAT64: an IPv4 number inside
            return is_public(str(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)))
    return address.is_global and not address.is_multicast
