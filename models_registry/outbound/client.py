"""The one HTTP client that may leave the house.

No redirects, no proxies from the environment, a short connect, a bound on the
whole exchange, and no answer's body for anyone: only its status and class.
"""

import contextlib
import http.client
import ipaddress
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from models_registry.outbound.guard import AddressRefused, Policy, Resolver, Target, check_addresses, check_url

MAX_RETRY_AFTER: Final = 86_400


class AnswerClass(StrEnum):
    """What an answer means for the sender."""

    DELIVERED = "DELIVERED"
    TEMPORARY = "TEMPORARY"
    PERMANENT = "PERMANENT"
    REFUSED = "REFUSED"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back. `status` is 0 without an answer; times are in seconds; `reason` is ours, never the peer's."""

    status: int
    elapsed: float
    retry_after: int | None
    answer_class: AnswerClass
    reason: str = ""


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host by the system's resolver."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def send(
    *,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    policy: Policy,
    resolver: Resolver = resolve,
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
) -> Answer:
    """Send one request to a checked address and return what it means. Network failures are answers, not exceptions."""
    started = time.monotonic()
    try:
        target = check_url(url, policy)
        addresses = check_addresses(target, policy, resolver)
        with _exchange(target, addresses[0], method, headers, body, policy, started, tls) as response:
            _drain(response, policy)
        status, retry_after = response.status, _retry_after(response.getheader("Retry-After"))
        _left(started, policy)  # a cut connection may look like an ended one
    except AddressRefused as error:
        return Answer(0, time.monotonic() - started, None, AnswerClass.REFUSED, str(error))
    except (OSError, http.client.HTTPException) as error:
        return Answer(0, time.monotonic() - started, None, AnswerClass.TEMPORARY, type(error).__name__)
    except ValueError:
        return Answer(0, time.monotonic() - started, None, AnswerClass.REFUSED, "the request is malformed")
    return Answer(status, time.monotonic() - started, retry_after, classify(status))


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came back whole, for a reader that takes it apart and shows nobody its text. Names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class NotFetched(Exception):
    """There is no answer to read; the message is ours, never the peer's."""


def fetch(
    *,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes,
    policy: Policy,
    resolver: Resolver = resolve,
    tls: Callable[[], ssl.SSLContext] = ssl.create_default_context,
) -> Fetched:
    """Send one request to a checked address and return the whole answer, at most ``max_bytes`` of it.

    Raises NotFetched for a refused address, a failing network, a slow peer and a larger answer.
    """
    started = time.monotonic()
    try:
        target = check_url(url, policy)
        addresses = check_addresses(target, policy, resolver)
        with _exchange(target, addresses[0], method, headers, body, policy, started, tls) as response:
            content = _whole(response, policy)
        _left(started, policy)
        named = {name.lower(): value for name, value in response.getheaders()}
        return Fetched(response.status, named, content)
    except AddressRefused as error:
        raise NotFetched(f"The address may not be called: {error}.") from None
    except TimeoutError:
        raise NotFetched(f"No whole answer within {policy.total_seconds:.0f} s.") from None
    except (OSError, http.client.HTTPException) as error:
        raise NotFetched(f"No answer: {type(error).__name__}.") from None
    except ValueError:
        raise NotFetched("The request is malformed.") from None


def classify(status: int) -> AnswerClass:
    """Return what a status means: 2xx delivered; 408, 425, 429 and 5xx temporary; the rest permanent."""
    if 200 <= status < 300:
        return AnswerClass.DELIVERED
    return AnswerClass.TEMPORARY if status in (408, 425, 429) or status >= 500 else AnswerClass.PERMANENT


@contextlib.contextmanager
def _exchange(
    target: Target,
    address: str,
    method: str,
    headers: Mapping[str, str],
    body: bytes,
    policy: Policy,
    started: float,
    tls: Callable[[], ssl.SSLContext],
) -> Iterator[http.client.HTTPResponse]:
    """Yield the answer while its channel is open; reading it ends with the time that is left."""
    host = f"[{target.host}]" if ":" in target.host else target.host
    connection = http.client.HTTPConnection(host, target.port)
    with contextlib.closing(connection), _connect(target, address, policy, tls) as channel:
        connection.sock = channel
        channel.settimeout(_left(started, policy))
        with _cut_after(_left(started, policy), channel):
            connection.request(method, target.path, body=body, headers=dict(headers))
            yield connection.getresponse()


@contextlib.contextmanager
def _cut_after(seconds: float, channel: socket.socket) -> Iterator[None]:
    """Cut the connection when the time is over: a socket's own timeout starts anew with every byte of a slow peer."""
    with socket.socket(fileno=os.dup(channel.fileno())) as handle:
        timer = threading.Timer(seconds, _cut, [handle])
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()
            timer.join()


def _cut(handle: socket.socket) -> None:
    with contextlib.suppress(OSError):
        handle.shutdown(socket.SHUT_RDWR)


def _connect(target: Target, address: str, policy: Policy, tls: Callable[[], ssl.SSLContext]) -> socket.socket:
    """Return a channel to the checked address, with the peer compared and TLS for the original name."""
    channel = socket.create_connection((address, target.port), timeout=policy.connect_seconds)
    try:
        if ipaddress.ip_address(channel.getpeername()[0]) != ipaddress.ip_address(address):
            raise AddressRefused("the peer is not the checked address")
        return tls().wrap_socket(channel, server_hostname=target.host) if target.scheme == "https" else channel
    except BaseException:
        channel.close()
        raise


def _left(started: float, policy: Policy) -> float:
    left = policy.total_seconds - (time.monotonic() - started)
    if left <= 0:
        raise TimeoutError
    return left


def _drain(response: http.client.HTTPResponse, policy: Policy) -> None:
    """Read and forget the body, at most `max_bytes`."""
    read = 0
    while read < policy.max_bytes and (chunk := response.read1(min(65_536, policy.max_bytes - read))):
        read += len(chunk)


def _whole(response: http.client.HTTPResponse, policy: Policy) -> bytes:
    """Return the body. Raises NotFetched when it is larger than `max_bytes`, or ends before its announced end."""
    content = bytearray()
    while chunk := response.read1(65_536):
        content += chunk
        if len(content) > policy.max_bytes:
            raise NotFetched(f"The answer is larger than {policy.max_bytes // 1_048_576} MiB.")
    if response.length:
        raise NotFetched("The answer was cut off.")
    return bytes(content)


def _retry_after(text: str | None) -> int | None:
    if text is None or not text.strip().isascii() or not text.strip().isdecimal():
        return None
    return min(int(text.strip()[:9]), MAX_RETRY_AFTER)
