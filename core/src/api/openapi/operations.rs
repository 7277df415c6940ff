//! What each route does, for the document: one row a handler, without which nothing compiles.

use super::super::routes::{ForFresh, ForSignedIn, Handler};
use crate::error::Code;
use crate::error::Code::{
    BackupCodesExhausted, Blocked, Busy, ChallengeDead, InvalidCredentials, Locked, NoEnrolment,
    NoSecondFactor, NotActivated, NotFound, OtpInvalid, RateLimited, ReauthenticationRequired,
    RefreshReused, SessionEnded, Taken, TokenInvalid, WeakPassword,
};

/// What a request may have as its body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// It is not read.
    Unread,
    /// None, or JSON of this schema.
    Maybe(&'static str),
    /// JSON of this schema.
    Json(&'static str),
    /// Any form of a login.
    Login,
}

/// What an answer that is no problem document has as its body.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Content {
    Nothing,
    Json(&'static str),
    /// An enrolment as JSON of this schema, or its picture.
    Enrolment(&'static str),
    Other(&'static str),
}

/// What it fails without.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Needs {
    Nothing,
    Database,
}

/// The description of one operation. What follows from the method, the access and the body is not
/// repeated here.
pub(super) struct Operation {
    pub(super) id: &'static str,
    pub(super) summary: &'static str,
    pub(super) body: Body,
    pub(super) needs: Needs,
    /// The answers that are no problem documents.
    pub(super) answers: &'static [(u16, Content)],
    /// The codes of its problem documents.
    pub(super) codes: &'static [Code],
}

const fn operation(
    id: &'static str,
    summary: &'static str,
    body: Body,
    answers: &'static [(u16, Content)],
    codes: &'static [Code],
) -> Operation {
    Operation { id, summary, body, needs: Needs::Database, answers, codes }
}

const fn still(
    id: &'static str,
    summary: &'static str,
    answers: &'static [(u16, Content)],
    codes: &'static [Code],
) -> Operation {
    Operation { id, summary, body: Body::Unread, needs: Needs::Nothing, answers, codes }
}

const GONE: &[(u16, Content)] = &[(204, Content::Nothing)];
const TOKENS: &[(u16, Content)] = &[(200, Content::Json("Tokens"))];
const ENROLMENT: &[(u16, Content)] = &[(200, Content::Enrolment("Enrolment"))];
const CODES: &[(u16, Content)] = &[(200, Content::Json("BackupCodes"))];
const EMPTY: Body = Body::Maybe("Empty");

impl Operation {
    pub(super) const fn of(handler: Handler) -> Self {
        match handler {
            Handler::Index => {
                still("index", "Name, version, routes", &[(200, Content::Json("Index"))], &[])
            }
            Handler::Health => {
                still("health", "Whether it runs", &[(200, Content::Json("Health"))], &[])
            }
            Handler::Document => still(
                "document",
                "This document",
                &[(200, Content::Other("application/json"))],
                &[NotFound],
            ),
            Handler::Docs => still(
                "docs",
                "A page that shows this document",
                &[(200, Content::Other("text/html"))],
                &[NotFound],
            ),
            Handler::Readiness => still(
                "readiness",
                "Whether it can serve, and what fails",
                &[(200, Content::Json("Readiness")), (503, Content::Json("Readiness"))],
                &[],
            ),
            Handler::KeySet => operation(
                "keySet",
                "The keys that verify access tokens (RFC 7517)",
                Body::Unread,
                &[(200, Content::Json("KeySet"))],
                &[],
            ),
            Handler::RevocationList => operation(
                "revocationList",
                "The sessions that ended lately, as a signed JWT",
                Body::Unread,
                &[(200, Content::Other("application/jwt"))],
                &[],
            ),
            Handler::SignUp => operation(
                "signUp",
                "Sign up",
                Body::Json("SignUp"),
                &[(201, Content::Enrolment("SignedUp"))],
                &[NotFound, Taken, WeakPassword, RateLimited, Busy],
            ),
            Handler::Login => operation(
                "login",
                "Sign in: by JSON, the OAuth2 password form or HTTP Basic",
                Body::Login,
                &[(200, Content::Json("Tokens")), (202, Content::Json("Challenge"))],
                &[InvalidCredentials, OtpInvalid, Blocked, NotActivated, Locked, RateLimited, Busy],
            ),
            Handler::AnswerWithOtp => operation(
                "answerWithCode",
                "Answer a challenge with a one-time code",
                Body::Json("ChallengeAnswer"),
                TOKENS,
                &[OtpInvalid, ChallengeDead, Locked, RateLimited],
            ),
            Handler::AnswerWithBackupCode => operation(
                "answerWithBackupCode",
                "Answer a challenge with a backup code",
                Body::Json("ChallengeAnswer"),
                TOKENS,
                &[OtpInvalid, ChallengeDead, BackupCodesExhausted, Locked, RateLimited],
            ),
            Handler::TradeChallenge => operation(
                "tradeChallenge",
                "Show an unconfirmed enrolment of a sign-up anew",
                Body::Json("ChallengeTrade"),
                ENROLMENT,
                &[ChallengeDead, ReauthenticationRequired, RateLimited],
            ),
            Handler::Refresh => operation(
                "refresh",
                "The next pair of tokens",
                Body::Json("RefreshToken"),
                TOKENS,
                &[TokenInvalid, SessionEnded, RefreshReused],
            ),
            Handler::PasswordStrength => operation(
                "passwordStrength",
                "How strong a password would be",
                Body::Json("PasswordStrength"),
                &[(200, Content::Json("Strength"))],
                &[RateLimited],
            ),
            Handler::RevocationKeySet => operation(
                "revocationKeySet",
                "The keys that verify the list of ended sessions (RFC 7517)",
                Body::Unread,
                &[(200, Content::Json("KeySet"))],
                &[],
            ),
            Handler::Logout => operation("logout", "Sign out", Body::Maybe("Logout"), GONE, &[]),
            Handler::SignedIn(handler) => Self::of_signed_in(handler),
            Handler::Fresh(handler) => Self::of_fresh(handler),
        }
    }

    const fn of_signed_in(handler: ForSignedIn) -> Self {
        match handler {
            ForSignedIn::Me => operation(
                "account",
                "The own account",
                Body::Unread,
                &[(200, Content::Json("Account"))],
                &[],
            ),
            ForSignedIn::Reauthenticate => operation(
                "reauthenticate",
                "Prove again who is there, for a fresh sign-in",
                Body::Json("Proof"),
                &[(200, Content::Json("AccessToken"))],
                &[
                    InvalidCredentials,
                    OtpInvalid,
                    BackupCodesExhausted,
                    NoSecondFactor,
                    Locked,
                    RateLimited,
                    Busy,
                ],
            ),
            ForSignedIn::Sessions => operation(
                "sessions",
                "The own sessions",
                Body::Unread,
                &[(200, Content::Json("Sessions"))],
                &[],
            ),
            ForSignedIn::EndOtherSessions => {
                operation("endOtherSessions", "End all other sessions", EMPTY, GONE, &[RateLimited])
            }
            ForSignedIn::EndSession => {
                operation("endSession", "End a session", EMPTY, GONE, &[NotFound, RateLimited])
            }
            ForSignedIn::Mfa => operation(
                "mfa",
                "The state of the second factor",
                Body::Unread,
                &[(200, Content::Json("Mfa"))],
                &[],
            ),
            ForSignedIn::ConfirmTotp => operation(
                "confirmTotp",
                "Confirm an enrolment with its first code",
                Body::Json("Code"),
                CODES,
                &[OtpInvalid, NoEnrolment, Locked, RateLimited],
            ),
            ForSignedIn::Devices => operation(
                "devices",
                "The remembered devices",
                Body::Unread,
                &[(200, Content::Json("Devices"))],
                &[],
            ),
            ForSignedIn::EndDevices => {
                operation("endDevices", "Forget all devices", EMPTY, GONE, &[RateLimited])
            }
            ForSignedIn::EndDevice => {
                operation("endDevice", "Forget a device", EMPTY, GONE, &[NotFound, RateLimited])
            }
        }
    }

    const fn of_fresh(handler: ForFresh) -> Self {
        match handler {
            ForFresh::DeleteAccount => {
                operation("deleteAccount", "Delete the own account", EMPTY, GONE, &[RateLimited])
            }
            ForFresh::ChangePassword => operation(
                "changePassword",
                "Change the password",
                Body::Json("PasswordChange"),
                GONE,
                &[InvalidCredentials, WeakPassword, Locked, RateLimited, Busy],
            ),
            ForFresh::DisableMfa => {
                operation("disableMfa", "Remove the second factor", EMPTY, GONE, &[RateLimited])
            }
            ForFresh::EnrolTotp => operation(
                "enrolTotp",
                "Enrol an authenticator app",
                EMPTY,
                ENROLMENT,
                &[NotFound, RateLimited],
            ),
            ForFresh::ShowTotp => operation(
                "showTotp",
                "Show the enrolment again",
                EMPTY,
                ENROLMENT,
                &[NotFound, RateLimited],
            ),
            ForFresh::RenewBackupCodes => operation(
                "renewBackupCodes",
                "Backup codes anew; the old ones end",
                EMPTY,
                CODES,
                &[NoSecondFactor, RateLimited],
            ),
        }
    }
}
