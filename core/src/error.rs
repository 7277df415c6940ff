//! The one table of error codes (code, HTTP status, title, class) and the error that carries them.
//!
//! Every host maps its own exceptions from [`Code::ALL`]; nothing else defines a status or a title.

use std::borrow::Cow;

use crate::strength::StrengthVerdict;

/// Whose fault an error is; the base of a host's exception tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// The request is malformed or does not fit (400, 404, 405, 413, 415, 422).
    Invalid,
    /// Nobody is proved to be there (401).
    Unauthenticated,
    /// Somebody is, and may not (403).
    Forbidden,
    /// The request contradicts what is stored (409, 410).
    Conflict,
    /// Too many tries (429).
    Throttled,
    /// The service cannot answer now; the same request may work later (503).
    Unavailable,
    /// A fault of the service or of its configuration (500).
    Internal,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal, $status:literal, $class:ident, $title:literal;)*) => {
        /// A stable error code. New ones may be added; existing ones never change their meaning.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Code { $($(#[$doc])* $name,)* }

        impl Code {
            /// All codes, in the order of the table.
            pub const ALL: &'static [Code] = &[$(Code::$name,)*];

            /// The code as it stands in a problem document, in lower case with underscores.
            #[must_use]
            pub const fn as_str(self) -> &'static str { match self { $(Code::$name => $text,)* } }

            /// The HTTP status (RFC 9110 §15).
            #[must_use]
            pub const fn status(self) -> u16 { match self { $(Code::$name => $status,)* } }

            /// The short title of the problem document (RFC 9457 §3.1.4).
            #[must_use]
            pub const fn title(self) -> &'static str { match self { $(Code::$name => $title,)* } }

            /// Whose fault it is.
            #[must_use]
            pub const fn class(self) -> Class { match self { $(Code::$name => Class::$class,)* } }
        }
    };
}

codes! {
    /// The request line, a header or the body is not well-formed.
    MalformedRequest = "malformed_request", 400, Invalid, "malformed request";
    /// The body is not the JSON that the reader accepts (RFC 8259, strict).
    MalformedJson = "malformed_json", 400, Invalid, "malformed JSON";
    /// Two credentials were presented where one is expected.
    ConflictingCredentials = "conflicting_credentials", 400, Invalid, "conflicting credentials";
    /// No such route, or nothing there that the caller may see.
    NotFound = "not_found", 404, Invalid, "not found";
    /// The route exists; the method does not. `Allow` lists those that do.
    MethodNotAllowed = "method_not_allowed", 405, Invalid, "method not allowed";
    /// The body is larger than the route takes.
    PayloadTooLarge = "payload_too_large", 413, Invalid, "payload too large";
    /// The body's media type is not one the route takes.
    UnsupportedMediaType = "unsupported_media_type", 415, Invalid, "unsupported media type";
    /// Fields of the body do not fit; `errors` has one entry per field.
    InvalidInput = "invalid_input", 422, Invalid, "invalid input";
    /// The new password is too short, too common or too easy to guess.
    WeakPassword = "weak_password", 422, Invalid, "weak password";
    /// A stored or presented password hash is not a PHC string that can be read.
    HashMalformed = "hash_malformed", 422, Invalid, "malformed password hash";
    /// A password hash names an algorithm or a version that is not supported.
    HashUnsupported = "hash_unsupported", 422, Invalid, "unsupported password hash";
    /// A password hash asks for more work or memory than the host bears.
    HashTooCostly = "hash_too_costly", 422, Invalid, "password hash too costly";

    /// Login name or password is wrong; which of them is not told.
    InvalidCredentials = "invalid_credentials", 401, Unauthenticated, "invalid credentials";
    /// The one-time code is wrong, too old, or was used before; which of them is not told.
    OtpInvalid = "otp_invalid", 401, Unauthenticated, "one-time code invalid";
    /// The challenge was used, has ended or has no tries left: sign in again.
    ChallengeDead = "challenge_dead", 401, Unauthenticated, "challenge dead";
    /// No backup code is left.
    BackupCodesExhausted = "backup_codes_exhausted", 401, Unauthenticated, "backup codes exhausted";
    /// No token was presented.
    TokenMissing = "token_missing", 401, Unauthenticated, "token missing";
    /// The token is not one of ours, or was altered, or is meant for something else.
    TokenInvalid = "token_invalid", 401, Unauthenticated, "token invalid";
    /// The token has expired.
    TokenExpired = "token_expired", 401, Unauthenticated, "token expired";
    /// The session of the token was revoked or has ended.
    SessionEnded = "session_ended", 401, Unauthenticated, "session ended";
    /// The refresh token was used before: its session is now revoked (RFC 9700 §4.14.2).
    RefreshReused = "refresh_reused", 401, Unauthenticated, "refresh token reused";

    /// The account is blocked; told only after the right password.
    Blocked = "blocked", 403, Forbidden, "account blocked";
    /// The account is not activated yet; told only after the right password.
    NotActivated = "not_activated", 403, Forbidden, "account not activated";
    /// The sign-in is too old for this; sign in again (POST /reauthenticate).
    ReauthenticationRequired = "reauthentication_required", 403, Forbidden, "reauthentication required";
    /// An unsafe request came from another origin.
    CrossOrigin = "cross_origin", 403, Forbidden, "cross-origin request refused";

    /// The account has no second factor that this could be done with.
    NoSecondFactor = "no_second_factor", 409, Conflict, "no second factor";
    /// No enrolment waits for a code: it was confirmed, or its time has passed.
    NoEnrolment = "no_enrolment", 409, Conflict, "no enrolment";
    /// The username or e-mail address belongs to an account already.
    Taken = "taken", 409, Conflict, "already taken";

    /// Too many failed tries; `retry_after` says in how many seconds to try again.
    Locked = "locked", 429, Throttled, "too many failed tries";
    /// Too many requests; `retry_after` says in how many seconds to try again.
    RateLimited = "rate_limited", 429, Throttled, "too many requests";

    /// The queue for hashing is full; nothing was counted. Try again.
    Busy = "busy", 503, Unavailable, "busy";
    /// The database or another need of the service cannot be reached.
    Unavailable = "unavailable", 503, Unavailable, "service unavailable";

    /// A fault of the service.
    Internal = "internal_error", 500, Internal, "internal error";
    /// A setting is missing or wrong; the message names the variable.
    InvalidSettings = "invalid_settings", 500, Internal, "invalid settings";
    /// A key of the ring that a stored row needs is missing, or the row was altered.
    SealBroken = "seal_broken", 500, Internal, "sealed value cannot be opened";
}

/// What is wrong with one field of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldError {
    /// JSON pointer to the field (RFC 6901), e.g. `/password`.
    pub pointer: String,
    /// Stable code of the reason, e.g. `too_short`.
    pub code: &'static str,
    /// One sentence for a person, lower case, without a final period.
    pub detail: Cow<'static, str>,
}

impl FieldError {
    /// A field error at `pointer` (RFC 6901).
    #[must_use]
    pub fn new(
        pointer: impl Into<String>,
        code: &'static str,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self { pointer: pointer.into(), code, detail: detail.into() }
    }
}

/// A failure with its stable [`Code`]. Never holds a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// The stable code; status and title follow from it.
    pub code: Code,
    /// What happened, for a person: lower case, without a final period, user input in backticks.
    pub detail: Cow<'static, str>,
    /// One entry per field, for [`Code::InvalidInput`] and [`Code::WeakPassword`].
    pub fields: Vec<FieldError>,
    /// Seconds until another try makes sense (at least 1), for 429 and 503.
    pub retry_after: Option<u32>,
    /// The estimator's verdict, for [`Code::WeakPassword`].
    pub strength: Option<Box<StrengthVerdict>>,
}

impl Error {
    /// An error with a detail for a person.
    #[must_use]
    pub fn new(code: Code, detail: impl Into<Cow<'static, str>>) -> Self {
        Self { code, detail: detail.into(), fields: Vec::new(), retry_after: None, strength: None }
    }

    /// [`Code::InvalidInput`] with one entry per wrong field.
    #[must_use]
    pub fn fields(fields: Vec<FieldError>) -> Self {
        let code = Code::InvalidInput;
        Self { fields, ..Self::new(code, "some fields do not fit") }
    }

    /// The same error with a time to wait, in seconds; at least 1.
    #[must_use]
    pub fn retry_after(mut self, seconds: u32) -> Self {
        self.retry_after = Some(seconds.max(1));
        self
    }
}

impl From<Code> for Error {
    fn from(code: Code) -> Self {
        Self::new(code, code.title())
    }
}

impl std::fmt::Display for Error {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.code.as_str(), self.detail)
    }
}

impl std::error::Error for Error {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_unique_and_statuses_fit_their_class() {
        for (i, code) in Code::ALL.iter().enumerate() {
            for other in &Code::ALL[i + 1..] {
                assert_ne!(code.as_str(), other.as_str());
            }
            let fits: &[u16] = match code.class() {
                Class::Invalid => &[400, 404, 405, 413, 415, 422],
                Class::Unauthenticated => &[401],
                Class::Forbidden => &[403],
                Class::Conflict => &[409, 410],
                Class::Throttled => &[429],
                Class::Unavailable => &[503],
                Class::Internal => &[500],
            };
            assert!(fits.contains(&code.status()), "{code:?}");
        }
    }
}
