//! The end of every path to a session: it begins, its tokens are issued, its device remembered.

use std::sync::Arc;

use super::database::{self, Place, Statements};
use super::keys::OpenedKey;
use super::refresh_token::RefreshToken;
use super::tokens::{self, Subject, Tokens};
use super::{Caller, Service, notice};
use crate::effect::Effects;
use crate::error::Error;
use crate::id::{AccountId, DeviceId, SessionId};
use crate::second_factor::DEVICES;
use crate::secret::{Purpose, Token, TokenKind, candidates, keyed_hash};
use crate::session::{Lifetime, Proof};
use crate::store::remembered_devices::NewDevice;
use crate::store::sessions::NewSession;
use crate::store::{accounts, remembered_devices, sessions};
use crate::text::address_key;
use crate::time::Millis;

/// Whether the device is to be remembered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Remember {
    Device,
    Nothing,
}

/// A session about to begin.
pub(super) struct SignIn {
    /// Opened before anything is written: no session begins whose token nobody can sign.
    key: Arc<OpenedKey>,
    account: AccountId,
    proof: Proof,
    session: SessionId,
    token: RefreshToken,
    idle: Millis,
    lifetime: Lifetime,
    device: Option<Token>,
}

impl SignIn {
    /// A new session: its id and tokens are its own, whatever the client presented (SECURITY 29).
    pub(super) fn new(
        service: &Service,
        caller: &Caller,
        key: Arc<OpenedKey>,
        account: AccountId,
        proof: Proof,
        idle: Millis,
    ) -> Self {
        Self {
            key,
            account,
            proof,
            session: SessionId::v7(caller.now, caller.streams.bytes("session.id")),
            token: RefreshToken::first(&caller.streams),
            idle,
            lifetime: Lifetime::begin(caller.now, idle, service.settings.session_max),
            device: None,
        }
    }

    /// Remembers the device, where the settings allow it and the factor itself was shown.
    pub(super) fn remembering(
        mut self,
        service: &Service,
        caller: &Caller,
        remember: Remember,
    ) -> Self {
        let allowed = service.settings.remember_device.is_some();
        if remember == Remember::Device && allowed && self.proof.shows_factor().is_some() {
            let bytes = caller.streams.bytes("remembered_device.token");
            self.device = Some(Token::from_random(TokenKind::RememberedDevice, bytes));
        }
        self
    }

    /// Begins the session. Depends on the guard on the account; the answer at the place says
    /// whether it began.
    pub(super) fn begin(
        &self,
        service: &Service,
        caller: &Caller,
        statements: &mut Statements,
    ) -> Result<Place, Error> {
        let settings = &service.settings;
        let (now, op, account) = (caller.now, &caller.op, &self.account);
        let address = caller.address.map(address_key).unwrap_or_default();
        let begun = statements.add(sessions::insert(&NewSession {
            id: &self.session,
            account_id: account,
            now,
            proof: self.proof,
            idle: self.idle,
            user_agent: &caller.user_agent,
            address: &address,
            family_hash: &self.token.family_hash(&settings.ring),
            refresh_hash: &self.token.hash(&settings.ring, &self.session),
            lifetime: self.lifetime,
            op,
        }));
        statements.extend([
            sessions::cap(now, account, settings.sessions_per_account, op),
            notice::tell_of_sign_in(service, caller, account)?,
            accounts::signed_in(now, account, op),
        ]);
        if let (Some(token), Some(kept)) = (&self.device, settings.remember_device) {
            let id = DeviceId::v7(now, caller.streams.bytes("remembered_device.id"));
            let purpose = Purpose::HashRememberedDevice;
            let new = NewDevice {
                id: &id,
                account,
                token_hash: &keyed_hash(settings.ring.current(), purpose, &[token.bytes()]),
                user_agent: &caller.user_agent,
                address: &address,
                now,
                expires_at: now.after(kept),
                op,
            };
            statements.extend([
                remembered_devices::insert(&new),
                remembered_devices::cap(account, DEVICES, op),
            ]);
        }
        Ok(begun)
    }

    /// Whether the session began, where the outcome is not known.
    pub(super) async fn began(&self, fx: &mut Effects) -> Result<(), Error> {
        let [rows] = database::read(fx, [sessions::by_id(&self.session)]).await?;
        sessions::read(rows)?.map(|_| ()).ok_or_else(database::unavailable)
    }

    /// Issues the tokens of the session that has begun.
    pub(super) fn answer(
        self,
        service: &Service,
        caller: &Caller,
        roles: Vec<String>,
        backup_codes: Option<Vec<String>>,
    ) -> Result<Tokens, Error> {
        let subject = Subject {
            account: self.account,
            session: self.session,
            auth_time: caller.now,
            amr: self.proof.amr(),
            roles,
            lifetime: self.lifetime,
        };
        let mut tokens = tokens::issue(service, caller, &self.key, subject, &self.token)?;
        tokens.device_token = self.device.map(|token| token.expose().to_owned());
        tokens.backup_codes = backup_codes;
        Ok(tokens)
    }
}

/// What a device's token may be stored as; nothing, if it is none.
pub(super) fn device_hashes(service: &Service, token: Option<&str>) -> Vec<String> {
    let token = token.and_then(|text| Token::parse(TokenKind::RememberedDevice, text));
    token.map_or_else(Vec::new, |token| {
        candidates(&service.settings.ring, Purpose::HashRememberedDevice, &[token.bytes()])
    })
}
