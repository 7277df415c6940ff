"""The compiled part of authcore; what `__all__` names is public."""

# ruff: noqa: N818 (named after the codes of core)
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final, Generic, Literal, TypeVar, final

_T = TypeVar("_T")
_Cell = str | int | None

__all__ = [
    "Blocked",
    "Busy",
    "Conflict",
    "ConflictingCredentials",
    "CrossOrigin",
    "Error",
    "FieldError",
    "Forbidden",
    "HashMalformed",
    "HashTooCostly",
    "HashUnsupported",
    "Internal",
    "InternalError",
    "Invalid",
    "InvalidCredentials",
    "InvalidInput",
    "InvalidSettings",
    "Locked",
    "MalformedJson",
    "MalformedRequest",
    "MethodNotAllowed",
    "NotActivated",
    "NotFound",
    "OtpInvalid",
    "PayloadTooLarge",
    "RateLimited",
    "ReauthenticationRequired",
    "RefreshReused",
    "Request",
    "Response",
    "SealBroken",
    "SessionEnded",
    "Settings",
    "SignedIn",
    "Taken",
    "Throttled",
    "TokenExpired",
    "TokenInvalid",
    "TokenMissing",
    "Unauthenticated",
    "Unavailable",
    "UnsupportedMediaType",
    "WeakPassword",
    "hash_password",
    "needs_rehash",
    "verify_password",
]

def hash_password(password: str, /) -> str:
    """Hashes a new password with argon2id, as PHC text. Other threads run meanwhile.

    The cost is m=19456, t=2, p=1 (OWASP Password Storage Cheat Sheet); the salt is the system's.
    Raises `InvalidInput` if the password has more than 1,024 bytes or is not Unicode.
    """

def verify_password(hash: str, password: str, /) -> None:
    """Checks a password against a stored hash. Other threads run meanwhile.

    Raises `InvalidCredentials` if it is another password; `HashMalformed`, `HashUnsupported` or
    `HashTooCostly` if the hash is none that can be checked (PHC text of argon2id, version 19).
    """

def needs_rehash(hash: str, /) -> bool:
    """Whether a hash should be made anew at the next login: its cost is not today's.

    Raises as `verify_password` does for the hash.
    """

@final
class Settings:
    """Everything that can be configured, parsed and checked. Immutable."""

    @staticmethod
    def from_variables(variables: Mapping[str, str]) -> Settings:
        """Parses variables such as `os.environ`; names without `AUTHCORE_` are ignored.

        Raises `InvalidSettings`, naming the variable.
        """

@final
class Request:
    """An HTTP request as the server received it; it is never refused before core judges it."""

    MAX_BODY: Final = 65536
    def __new__(
        cls,
        method: str,
        target: str,
        headers: Sequence[tuple[str, bytes]] = ...,
        body: bytes = ...,
        peer: str | None = None,
    ) -> Request:
        """A request of this method and target (path and query, percent-encoded as sent).

        `peer` is the IP address of the directly connected peer. Raises `ValueError` if it is none.
        """

@final
class Response:
    """An HTTP response, to be sent as it is."""

    @property
    def status(self) -> int:
        """The status code."""
    @property
    def headers(self) -> list[tuple[str, str]]:
        """Field names in lower case, and values."""
    @property
    def body(self) -> bytes:
        """The body, possibly empty."""
    @property
    def wake(self) -> bool:
        """Whether the outbox has something to deliver: begin a delivery after answering."""
    @staticmethod
    def internal_error() -> Response:
        """What a server sends when it failed itself: a problem document, status 500."""

@final
class SignedIn:
    """Proof that a request comes from a live session of an active account."""

    @property
    def account_id(self) -> str:
        """UUIDv7 of the account: the token's `sub`."""
    @property
    def session_id(self) -> str:
        """UUIDv7 of the session: the token's `sid`."""
    @property
    def auth_time(self) -> int:
        """When the person last proved who they are, in Unix milliseconds."""
    @property
    def roles(self) -> tuple[str, ...]:
        """The account's roles now, which may differ from those in the token."""

@final
class FieldError:
    """What is wrong with one field of a body."""

    @property
    def pointer(self) -> str:
        """JSON pointer to the field (RFC 6901), e.g. `/password`."""
    @property
    def code(self) -> str:
        """Stable code of the reason, e.g. `too_short`."""
    @property
    def detail(self) -> str:
        """One sentence for a person, lower case, without a final period."""

class Error(Exception):
    """A failure with a stable code. Never holds a secret."""

    code: ClassVar[str]
    """The stable code, e.g. `invalid_credentials`."""
    status: ClassVar[int]
    """The HTTP status that belongs to it (RFC 9110 section 15)."""
    title: ClassVar[str]
    """The short title of the code (RFC 9457 section 3.1.4)."""
    detail: str
    """What happened, for a person."""
    errors: tuple[FieldError, ...]
    """One entry per field, for `InvalidInput` and `WeakPassword`."""
    retry_after: int | None
    """Seconds until another try makes sense, at least 1."""

class Invalid(Error):
    """The request is malformed or does not fit."""

class MalformedRequest(Invalid):
    """malformed request."""

class MalformedJson(Invalid):
    """malformed JSON."""

class ConflictingCredentials(Invalid):
    """conflicting credentials."""

class NotFound(Invalid):
    """not found."""

class MethodNotAllowed(Invalid):
    """method not allowed."""

class PayloadTooLarge(Invalid):
    """payload too large."""

class UnsupportedMediaType(Invalid):
    """unsupported media type."""

class InvalidInput(Invalid):
    """invalid input."""

class WeakPassword(Invalid):
    """weak password."""

class HashMalformed(Invalid):
    """malformed password hash."""

class HashUnsupported(Invalid):
    """unsupported password hash."""

class HashTooCostly(Invalid):
    """password hash too costly."""

class Unauthenticated(Error):
    """Nobody is proved to be there."""

class InvalidCredentials(Unauthenticated):
    """invalid credentials."""

class OtpInvalid(Unauthenticated):
    """one-time code invalid."""

class TokenMissing(Unauthenticated):
    """token missing."""

class TokenInvalid(Unauthenticated):
    """token invalid."""

class TokenExpired(Unauthenticated):
    """token expired."""

class SessionEnded(Unauthenticated):
    """session ended."""

class RefreshReused(Unauthenticated):
    """refresh token reused."""

class Forbidden(Error):
    """Somebody is there, and may not."""

class Blocked(Forbidden):
    """account blocked."""

class NotActivated(Forbidden):
    """account not activated."""

class ReauthenticationRequired(Forbidden):
    """reauthentication required."""

class CrossOrigin(Forbidden):
    """cross-origin request refused."""

class Conflict(Error):
    """The request contradicts what is stored."""

class Taken(Conflict):
    """already taken."""

class Throttled(Error):
    """Too many tries."""

class Locked(Throttled):
    """too many failed tries."""

class RateLimited(Throttled):
    """too many requests."""

class Unavailable(Error):
    """The service cannot answer now; the same request may work later."""

class Busy(Unavailable):
    """busy."""

class Internal(Error):
    """A fault of the service or of its configuration."""

class InternalError(Internal):
    """internal error."""

class InvalidSettings(Internal):
    """invalid settings."""

class SealBroken(Internal):
    """sealed value cannot be opened."""

# Not public from here on.

@final
class Batch:
    @property
    def mode(self) -> Literal["read", "write"]: ...
    @property
    def statements(self) -> list[tuple[str, tuple[_Cell, ...]]]: ...

@final
class Operation(Generic[_T]):
    def batch(self) -> Batch | None: ...
    def reply(self, rows: list[list[tuple[_Cell, ...]]]) -> None: ...
    def fail(
        self, failure: Literal["busy", "conflict", "unavailable", "outcome_unknown"]
    ) -> None: ...
    def result(self) -> _T: ...
    def abandon(self) -> None: ...

@final
class Core:
    def __new__(cls, settings: Settings) -> Core: ...
    def handle(self, request: Request, now: int, seed: bytes) -> Operation[Response]: ...
    def log_line(self, request: Request, response: Response, now: int) -> str: ...
    def authenticate(
        self, headers: Sequence[tuple[str, bytes]], now: int, seed: bytes
    ) -> Operation[SignedIn]: ...
    def migrate(self, now: int, seed: bytes) -> Operation[int]: ...
    def sweep(self, now: int, seed: bytes) -> Operation[None]: ...
