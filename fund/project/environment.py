"""Typed reading of the environment. A missing or malformed variable stops the start with its name."""

import math
import os
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import ngettext

HOST = re.compile(r"\.?[a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:.]+\]", re.IGNORECASE)  # as ALLOWED_HOSTS matches them
ADDRESS = re.compile(r"[0-9.]+|\[.*\]")  # what has a number and no name
LEAST_DIFFERENT = 10  # characters of a secret: fifty drawn hexadecimal digits all but always have as many
PERIODS = range(1, 25)  # a secret that is one of so many characters again and again
LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
MAIL_SECURITY = ("none", "starttls", "tls")
BROKERS = ("redis", "rediss", "unix")


def text(name: str, default: str | None = None) -> str:
    """The variable, or the content of the file that NAME_FILE points to, or the default."""
    if path := os.environ.get(f"{name}_FILE"):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as unreadable:
            raise ImproperlyConfigured(f"{name}_FILE={path!r} cannot be read.") from unreadable
    value = os.environ.get(name, default)
    if value is None:
        raise ImproperlyConfigured(f"{name} is not set, and it has no safe default outside demo mode.")
    return value


def secret(name: str, *, least: int = 50) -> str:
    """A secret of at least `least` characters, drawn and not typed: a few letters over and over are no secret."""
    value = text(name)
    if len(value) < least:
        raise ImproperlyConfigured(f"{name} has {len(value)} characters; it needs at least {least}.")
    if len(set(value)) < LEAST_DIFFERENT or any(value == (value[:n] * len(value))[: len(value)] for n in PERIODS):
        raise ImproperlyConfigured(f"{name} repeats itself; draw one, such as with secrets.token_urlsafe(48).")
    return value


def secrets_of(name: str, *, least: int = 50) -> list[str]:
    """Secrets of before, separated by commas; none unless given."""
    values = words(name, "")
    for value in values:
        if len(value) < least:
            raise ImproperlyConfigured(f"{name} holds one of {len(value)} characters; each needs at least {least}.")
    return values


def flag(name: str, default: bool = False) -> bool:
    value = text(name, "1" if default else "0").strip().lower()
    if value not in {"0", "1", "true", "false", "yes", "no"}:
        raise ImproperlyConfigured(f"{name}={value!r} is neither 1 nor 0.")
    return value in {"1", "true", "yes"}


def seconds(name: str, default: float) -> float:
    raw = text(name, str(default))
    try:
        value = float(raw)
    except ValueError as wrong:
        raise ImproperlyConfigured(f"{name}={raw!r} is not a number of seconds.") from wrong
    if not math.isfinite(value):
        raise ImproperlyConfigured(f"{name}={raw!r} is not a number of seconds.")
    if value <= 0:
        raise ImproperlyConfigured(f"{name}={raw!r} must be above zero.")
    return value


def limit(name: str, default: float) -> float:
    """Seconds; 0 is no limit."""
    return 0.0 if text(name, str(default)).strip() == "0" else seconds(name, default)


def count(name: str, default: int) -> int:
    raw = text(name, str(default)).strip()
    if not raw.isascii() or not raw.isdigit():
        raise ImproperlyConfigured(f"{name}={raw!r} is not a whole number.")
    return int(raw)


@dataclass(frozen=True)
class SessionLimits:
    """How long a session lasts without use, and in any case."""

    idle: timedelta
    longest: timedelta

    @property
    def idle_in_words(self) -> str:
        return _in_words(self.idle)

    @property
    def longest_in_words(self) -> str:
        return _in_words(self.longest)


def session_limits(idle_minutes: int, longest_hours: int) -> SessionLimits:
    idle, longest = timedelta(minutes=idle_minutes), timedelta(hours=longest_hours)
    if not timedelta(0) < idle <= longest:
        raise ImproperlyConfigured(
            f"A session cannot end after {idle_minutes} minutes without use and {longest_hours} hours in any case; "
            "see HOUSE_IDLE_MINUTES, HOUSE_SESSION_HOURS and those of APPLICANT."
        )
    return SessionLimits(idle, longest)


def _in_words(span: timedelta) -> str:
    hours, rest = divmod(int(span.total_seconds()), 3600)
    if rest:
        return ngettext("%(n)s minute", "%(n)s minutes", hours * 60 + rest // 60) % {"n": hours * 60 + rest // 60}
    return ngettext("%(n)s hour", "%(n)s hours", hours) % {"n": hours}


def words(name: str, default: str | None = None) -> list[str]:
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


def hosts(name: str) -> list[str]:
    """Names as ALLOWED_HOSTS takes them; what no request could ever match is a slip."""
    named = words(name)
    if "*" in named:
        raise ImproperlyConfigured(f"{name} must name the hosts; * is refused.")
    if not named:
        raise ImproperlyConfigured(f"{name} names no host.")
    for host in named:
        if not HOST.fullmatch(host):
            raise ImproperlyConfigured(f"{name}: {host!r} is not a host name, without scheme, port or path.")
        if host.startswith(".") and "." not in host[1:]:
            raise ImproperlyConfigured(f"{name}: {host!r} are the hosts of everybody; name the domain that is yours.")
    return named


def webhook_hosts(name: str) -> list[str]:
    """Names of hosts, or `.example.com` for all below it; none is a choice."""
    return hosts(name) if words(name, "") else []


def key_domain(name: str, allowed: list[str]) -> str:
    """The domain that security keys are good for: ours or one above all of ours; empty where we have addresses only.

    A key answers to whatever lies below its domain, and to nothing else: so it is never wider than somebody said.
    """
    named = [host.lower().lstrip(".") for host in allowed if not ADDRESS.fullmatch(host)]
    domain = text(name, named[0] if named else "").strip().lower()
    if not domain:
        return ""
    if not HOST.fullmatch(domain) or domain.startswith(".") or ADDRESS.fullmatch(domain):
        raise ImproperlyConfigured(f"{name}={domain!r} is not a domain.")
    for host in named:
        if host != domain and ("." not in domain or not host.endswith(f".{domain}")):
            raise ImproperlyConfigured(
                f"{name}={domain!r} is not {host!r} of ALLOWED_HOSTS, nor above it: keys are good for one domain. "
                "Name the one, or leave it empty to do without keys."
            )
    return domain


def mail_security(name: str) -> tuple[bool, bool]:
    """(STARTTLS, TLS from the first byte); neither for a server on the same host."""
    value = text(name, "none").strip().lower()
    if value not in MAIL_SECURITY:
        raise ImproperlyConfigured(f"{name}={value!r}; expected one of {', '.join(MAIL_SECURITY)}.")
    return value == "starttls", value == "tls"


def site(name: str, default: str) -> str:
    """`https://host`, maybe with a port: the beginning of each of our addresses, without a stroke at its end."""
    url = text(name, default).strip().rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        raise ImproperlyConfigured(f"{name}={url!r}; expected an address such as https://greenlight.example.org.")
    return url


def level(name: str, default: str) -> str:
    value = text(name, default).strip().upper()
    if value not in LEVELS:
        raise ImproperlyConfigured(f"{name}={value!r}; expected one of {', '.join(LEVELS)}.")
    return value


def broker(name: str, default: str | None = None) -> str:
    """`redis://…`, `rediss://…` or `unix:///path`. Not repeated when refused: it holds a password."""
    url = text(name, default)
    parts = urlsplit(url)
    if parts.scheme not in BROKERS:
        raise ImproperlyConfigured(f"{name} begins with {parts.scheme!r}; expected {', '.join(BROKERS)}.")
    if parts.scheme == "unix" and not parts.path.strip("/"):
        raise ImproperlyConfigured(f"{name} names no socket; expected unix:///path.")
    _port(url, name)
    return url


def _port(url: str, name: str) -> int | None:
    try:
        return urlsplit(url).port
    except ValueError as wrong:
        raise ImproperlyConfigured(f"{name}: its port is not a number from 0 to 65535.") from wrong


def database(url: str, *, statement_seconds: float = 30, lock_seconds: float = 10) -> dict[str, object]:
    """`sqlite:///path` or `postgres://user:password@host:port/name?sslmode=…` as Django's DATABASES entry.

    PostgreSQL ends a statement, and its waiting for a lock, after so many seconds; 0: never.
    """
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": unquote(parts.path.removeprefix("/")) or ":memory:",
            # WAL lets readers go on while one writes; IMMEDIATE takes the write lock at once, since a
            # deferred transaction that must upgrade its lock fails without waiting for the timeout.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
            },
        }
    if parts.scheme in {"postgres", "postgresql"}:
        if not parts.path.strip("/"):
            raise ImproperlyConfigured(
                "DATABASE_URL names no database; expected postgres://user:password@host:port/name."
            )
        options = _patience(statement_seconds, lock_seconds)
        options.update({key: values[-1] for key, values in parse_qs(parts.query).items()})
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.removeprefix("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": unquote(_host(parts.netloc)),
            "PORT": str(_port(url, "DATABASE_URL") or ""),
            "CONN_HEALTH_CHECKS": True,
            "CONN_MAX_AGE": 60,
            "OPTIONS": options,
        }
    raise ImproperlyConfigured(f"DATABASE_URL begins with {parts.scheme!r}; expected sqlite or postgres.")


def _patience(statement_seconds: float, lock_seconds: float) -> dict[str, object]:
    """How long a connection waits for the server, and the server for its own work. The address may say otherwise.

    What is frozen keeps no time: fund/project/bounds/watch.py sees to that in the web server.
    """
    server = {
        "statement_timeout": statement_seconds,
        "lock_timeout": lock_seconds,
        "idle_in_transaction_session_timeout": 30,  # who was stopped or cut off in the middle keeps its locks so long
        "client_connection_check_interval": 2,  # nobody waits for the answer any more: no need to go on
    }
    return {
        "connect_timeout": 2,
        "tcp_user_timeout": 5_000,
        "keepalives_idle": 10,
        "keepalives_interval": 5,
        "keepalives_count": 3,
        "options": " ".join(f"-c {name}={seconds * 1000:.0f}" for name, seconds in server.items()),
    }


def _host(netloc: str) -> str:
    """As written: `urlsplit` puts it in lower case, but it may be the folder of a unix socket, percent-encoded."""
    host, bracket, _port = netloc.rpartition("@")[2].partition("]")
    return host.removeprefix("[") if bracket else host.partition(":")[0]


def demo_secret(folder: Path, name: str) -> str:
    """A random secret for the demo, made once and kept in a file that only its owner may read."""
    path = folder / name
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:  # another process of the same demo was first
            return demo_secret(folder, name)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text(encoding="ascii").strip()


def has_password(url: str) -> bool:
    """Of a broker's address; who may open a unix socket is decided by its file's mode."""
    parts = urlsplit(url)
    return parts.scheme == "unix" or bool(parts.password)


def celery_broker(url: str) -> str:
    """kombu writes a unix socket its own way; everything else it reads as given."""
    if url.startswith("unix://"):
        return "redis+socket://" + url.removeprefix("unix://").replace("?db=", "?virtual_host=")
    return url


def database_url(found: dict[str, object]) -> str:
    """The other way round: the address of a database that is open here, for a child process."""
    if str(found["ENGINE"]).endswith("sqlite3"):
        return f"sqlite:///{found['NAME']}"
    user, password, name = (quote(str(found[key]), safe="") for key in ("USER", "PASSWORD", "NAME"))
    host = quote(str(found["HOST"]), safe="")
    return f"postgres://{user}:{password}@{host}:{found['PORT'] or 5432}/{name}"
