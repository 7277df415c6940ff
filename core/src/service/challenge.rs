//! The challenge that a right password gets where there is a second factor (docs/DESIGN §5).

use serde::Serialize;

use super::{Caller, Service};
use crate::effect::Statement;
use crate::error::{Code, Error};
use crate::id::{AccountId, AuthenticatorId, ChallengeId};
use crate::second_factor::{CHALLENGE, CHALLENGES};
use crate::secret::{Purpose, Token, TokenKind, candidates, keyed_hash};
use crate::store::authenticators::{AuthenticatorRow, Kind};
use crate::store::challenges::{self, NewChallenge};
use crate::time::Millis;

/// What a right password gets instead of tokens.
#[derive(Serialize)]
pub(crate) struct Challenge {
    challenge: String,
    methods: Vec<&'static str>,
    reason: &'static str,
    /// Seconds.
    expires_in: i64,
}

/// A challenge about to begin.
pub(super) struct NewOne {
    pub(super) id: ChallengeId,
    token: Token,
    authenticator: AuthenticatorId,
    methods: Vec<&'static str>,
}

impl NewOne {
    /// A challenge that asks for a code of this authenticator. An enrolment has no backup codes
    /// before its first code.
    pub(super) fn asking_for(caller: &Caller, row: &AuthenticatorRow) -> Self {
        let mut methods = vec![row.kind.as_str()];
        if row.standing.confirmed_at.is_some() || row.kind == Kind::Email {
            methods.push("backup_code");
        }
        Self {
            id: ChallengeId::v7(caller.now, caller.streams.bytes("challenge.id")),
            token: Token::from_random(
                TokenKind::Challenge,
                caller.streams.bytes("challenge.token"),
            ),
            authenticator: row.id,
            methods,
        }
    }

    /// Begins it and ends those beyond the most that may be open. Depends on the guard on the
    /// account.
    pub(super) fn statements(
        &self,
        service: &Service,
        caller: &Caller,
        account: &AccountId,
        credential_version: i64,
        idle: Millis,
    ) -> [Statement; 2] {
        let purpose = Purpose::HashChallenge;
        let new = NewChallenge {
            id: &self.id,
            account,
            authenticator: &self.authenticator,
            credential_version,
            token_hash: &keyed_hash(
                service.settings.ring.current(),
                purpose,
                &[self.token.bytes()],
            ),
            idle,
            now: caller.now,
            expires_at: caller.now.after(CHALLENGE),
            op: &caller.op,
        };
        [challenges::insert(&new), challenges::cap(caller.now, account, CHALLENGES, &caller.op)]
    }

    /// The answer to the client.
    pub(super) fn answer(self) -> Challenge {
        Challenge {
            challenge: self.token.expose().to_owned(),
            methods: self.methods,
            reason: "second_factor_required",
            expires_in: CHALLENGE.as_seconds(),
        }
    }
}

/// What a presented challenge may be stored as.
pub(super) fn hashes(service: &Service, presented: &str) -> Result<Vec<String>, Error> {
    let token = Token::parse(TokenKind::Challenge, presented).ok_or_else(dead)?;
    Ok(candidates(&service.settings.ring, Purpose::HashChallenge, &[token.bytes()]))
}

/// One answer for a challenge that never was, has ended, was used, or has no tries left.
pub(super) fn dead() -> Error {
    Error::new(Code::ChallengeDead, "the challenge has ended; sign in again")
}
