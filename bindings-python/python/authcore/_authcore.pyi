"""The compiled part of authcore; what `__all__` names is public."""

# ruff: noqa: N818 (named after the codes of core)
from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, Final, Generic, Literal, TypeVar, final

_T = TypeVar("_T")
_Cell = str | int | None

__all__ = [
    "BackupCodes",
    "BackupCodesExhausted",
    "Blocked",
    "Busy",
    "ChallengeDead",
    "Conflict",
    "ConflictingCredentials",
    "CrossOrigin",
    "Error",
    "FieldError",
    "Forbidden",
    "HashMalformed",
    "HashTooCostly",
    "HashUnsupported",
    "Hotp",
    "Internal",
    "InternalError",
    "Invalid",
    "InvalidCredentials",
    "InvalidInput",
    "InvalidSettings",
    "KeySet",
    "Locked",
    "MalformedJson",
    "MalformedRequest",
    "MatchedCounter",
    "MatchedStep",
    "MethodNotAllowed",
    "NoEnrolment",
    "NoSecondFactor",
    "NotActivated",
    "NotFound",
    "OtpInvalid",
    "PayloadTooLarge",
    "RateLimited",
    "ReauthenticationRequired",
    "RefreshReused",
    "Request",
    "Response",
    "Ring",
    "RingKey",
    "SealBroken",
    "SessionEnded",
    "Settings",
    "SignedIn",
    "Taken",
    "Throttled",
    "TokenExpired",
    "TokenInvalid",
    "TokenMissing",
    "Totp",
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
class KeySet:
    """The keys that are trusted, and the one among them that signs (RFC 7515, 7517, 7519).

    The algorithm belongs to the key, never to the token: `"EdDSA"`, `"ES256"`, `"HS256"`,
    `"HS512"`; `"RS256"` is verified and never signed. Numbers in claims are whole and within
    ±(2^53-1); keys and claims of a `dict` are those of JSON.
    """

    @staticmethod
    def generate(alg: str, /) -> KeySet:
        """A new key, which signs. Raises `InvalidInput` for another algorithm and for RS256."""
    @staticmethod
    def from_secret(alg: str, secret: bytes, /) -> KeySet:
        """A secret for HS256 (32 bytes at least) or HS512 (64), which signs. Raises `InvalidInput`
        if it is shorter, or the text of a key or a certificate: PEM, DER, SSH, JWK."""
    @staticmethod
    def from_jwk(jwk: dict[str, Any], /) -> KeySet:
        """The key of a JWK: public, private (it signs), or `oct` with `alg` (it signs).

        Raises `InvalidInput` if it is not sound, not for signatures, or a private RSA key."""
    @staticmethod
    def from_jwks(jwks: dict[str, Any], /) -> KeySet:
        """The keys of a JWK Set; the first private one signs. Keys of another kind, algorithm or
        use are left out (RFC 7517 §5). Raises `InvalidInput` if one of ours is not sound."""
    def issue(self, claims: dict[str, Any], /, *, typ: str | None = None) -> str:
        """A signed token; `typ` is `"JWT"` unless given. The same claims give the same token.

        Moments are Unix seconds (RFC 7519 §2). Raises `InvalidInput` if `exp` is missing, if a
        registered claim has another type, or if no key signs."""
    def verify(
        self,
        token: str,
        /,
        *,
        issuer: str | None = None,
        audience: str | None = None,
        typ: str | None = None,
        leeway: int | None = None,
        at: int | None = None,
    ) -> dict[str, Any]:
        """The claims of a token that one of these keys signed.

        The token must name a `kid` of ours and expire. What it says of issuer and audience must be
        what is expected here: a token that names one is refused if none is given. `typ` is `"JWT"`
        unless given. `leeway` in seconds, by default 0, at most 300; `at` in Unix milliseconds,
        by default now.

        Raises `TokenExpired`, or `TokenInvalid` for anything else.
        """
    def jwks(self) -> dict[str, Any]:
        """The JWK Set to publish: public keys only. Of HMAC keys there is nothing to publish."""
    def to_private_jwk(self) -> dict[str, Any]:
        """The private key that signs, as a JWK, for a backup; `InvalidInput` if none does."""

@final
class Totp:
    """Time-based one-time passwords (RFC 6238), as authenticators make them.

    Without a secret a new one is made, of 160 bits of the system's generator. `algorithm` is
    `"SHA1"` (the default; many authenticators know no other), `"SHA256"` or `"SHA512"`; `digits` 6
    (the default) to 8; `period` 10 to 300 seconds, by default 30; `window` 0 to 3 steps to either
    side, by default 1. `issuer` and `account` are what the authenticator shows.

    Moments are Unix milliseconds; without `at` it is now. One before 1970 counts as 1970.
    """

    def __new__(
        cls,
        secret: str | None = None,
        *,
        algorithm: str | None = None,
        digits: int | None = None,
        period: int | None = None,
        window: int | None = None,
        issuer: str | None = None,
        account: str | None = None,
    ) -> Totp:
        """Raises `InvalidInput` if the secret is no base32 of 16 to 128 bytes, or a value does not
        fit. Case, spaces, hyphens and padding of the secret do not matter."""
    @property
    def secret(self) -> str:
        """The shared secret in base32, to be stored like a password in clear: sealed."""
    def generate(self, at: int | None = None) -> str:
        """The code of the moment `at`."""
    def verify(
        self, code: str, at: int | None = None, *, after_step: int | None = None
    ) -> MatchedStep:
        """Judges a code that was presented at the moment `at`; spaces in it are left out.

        Of the steps of the window that match and come after `after_step`, the last one that was
        accepted, the newest is taken. Store it by compare-and-set: a code is accepted once.

        Raises `OtpInvalid` if there is none.
        """
    def uri(self, account: str | None = None, issuer: str | None = None) -> str:
        """The `otpauth://totp/` URI, by default for the constructor's account and issuer.

        Raises `InvalidInput` if one is missing, has a control character or a space at an end, or
        the issuer has a colon or more than 64 bytes, the account more than 256.
        """
    def qr_svg(self, account: str | None = None, issuer: str | None = None) -> str:
        """The QR code of `uri` as an SVG that can stand in a page as it is."""
    def qr_png(self, account: str | None = None, issuer: str | None = None) -> bytes:
        """The QR code of `uri` as a PNG, of less than 1,000 bytes for an ordinary URI."""

@final
class MatchedStep:
    """Proof that a code was accepted: store the step, and pass it as `after_step` from then on."""

    @property
    def step(self) -> int:
        """The step whose code was presented: periods since 1970."""

@final
class Hotp:
    """Counter-based one-time passwords (RFC 4226); the secret and its label as for `Totp`.

    `look_ahead` is how many counters after the expected one are accepted too: 0 to 100, by
    default 10. A counter is 0 to 2**53 - 1.
    """

    def __new__(
        cls,
        secret: str | None = None,
        *,
        algorithm: str | None = None,
        digits: int | None = None,
        look_ahead: int | None = None,
        issuer: str | None = None,
        account: str | None = None,
    ) -> Hotp:
        """Raises `InvalidInput` as `Totp` does."""
    @property
    def secret(self) -> str:
        """The shared secret in base32, to be stored like a password in clear: sealed."""
    def generate(self, counter: int) -> str:
        """The code of a counter."""
    def verify(self, code: str, counter: int) -> MatchedCounter:
        """Judges a presented code by the expected counter and the look-ahead; the first match is
        taken. Store its `next` by compare-and-set: a code is accepted once.

        Raises `OtpInvalid` if there is none.
        """
    def uri(self, counter: int, account: str | None = None, issuer: str | None = None) -> str:
        """The `otpauth://hotp/` URI for an authenticator that begins at `counter`.

        Raises `InvalidInput` as `Totp.uri` does.
        """
    def qr_svg(self, counter: int, account: str | None = None, issuer: str | None = None) -> str:
        """The QR code of `uri` as an SVG that can stand in a page as it is."""
    def qr_png(self, counter: int, account: str | None = None, issuer: str | None = None) -> bytes:
        """The QR code of `uri` as a PNG."""

@final
class MatchedCounter:
    """Proof that a code was accepted: store `next`, and pass it as `counter` from then on."""

    @property
    def counter(self) -> int:
        """The counter whose code was presented."""
    @property
    def next(self) -> int | None:
        """The counter to expect next; `None` after the last."""

@final
class Ring:
    """The keys of AUTHCORE_SECRET, `id:base64[,id:base64...]`: the first hashes, all find."""

    def __new__(cls, secret: str, /) -> Ring:
        """Raises `InvalidSettings` if a key is missing, malformed, short or guessable."""

@final
class BackupCodes:
    """A new set of backup codes of 80 bits each, to be shown once and stored as keyed hashes."""

    def __new__(cls, count: int | None = None) -> BackupCodes:
        """Draws 5 to 20 codes, by default 10, from the system's generator.

        Raises `InvalidInput` for another number.
        """
    @property
    def codes(self) -> tuple[str, ...]:
        """The codes, such as `7ZZ0-1K9M-T4QX-BR3D`, to be shown to their owner."""
    def hashes(self, ring: Ring, account: str) -> list[str]:
        """What to store in place of the codes, salted by the account's id."""
    @staticmethod
    def find(code: str, stored: Sequence[str], ring: Ring, account: str) -> str:
        """The stored hash of a presented code, however it is typed. Delete it, and refuse the code
        if it is gone already: a code is used once.

        Raises `OtpInvalid` if it is not among `stored`.
        """

@final
class Settings:
    """Everything that can be configured, parsed and checked. Immutable."""

    @staticmethod
    def from_variables(variables: Mapping[str, str]) -> Settings:
        """Parses variables such as `os.environ`; names without `AUTHCORE_` are ignored.

        Raises `InvalidSettings`, naming the variable.
        """

    @property
    def warnings(self) -> list[str]:
        """What an operator should know at start; `Service` logs it."""

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
class RingKey:
    """A key of AUTHCORE_SECRET, or one that rows need and that is not there."""

    @property
    def id(self) -> str:
        """The key's id."""
    @property
    def place(self) -> Literal["current", "older", "lost"]:
        """Where it stands: the current one seals what is new."""
    @property
    def rows(self) -> dict[str, int]:
        """How many rows need it, by the table's name; empty if none does."""
    @property
    def needed(self) -> bool:
        """Whether AUTHCORE_SECRET must hold it."""

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

class ChallengeDead(Unauthenticated):
    """challenge dead."""

class BackupCodesExhausted(Unauthenticated):
    """backup codes exhausted."""

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

class NoSecondFactor(Conflict):
    """no second factor."""

class NoEnrolment(Conflict):
    """no enrolment."""

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
    def keep(self, response: Response) -> None: ...
    def log_line(self, request: Request, response: Response, now: int) -> str: ...
    def authenticate(
        self, headers: Sequence[tuple[str, bytes]], now: int, seed: bytes
    ) -> Operation[SignedIn]: ...
    def migrate(self, now: int, seed: bytes) -> Operation[int]: ...
    def sweep(self, now: int, seed: bytes) -> Operation[None]: ...
    def ring_keys(self, now: int, seed: bytes) -> Operation[list[RingKey]]: ...
