//! Use cases, one file each: straight-line async functions over effects. No HTTP here.

mod answer;
mod authenticate;
mod challenge;
mod command;
mod database;
mod devices;
mod enrolment;
mod factor;
mod hashing;
mod keys;
mod login;
mod logout;
mod mfa;
mod notice;
mod own_account;
mod own_sessions;
mod password_rule;
mod password_strength;
mod readiness;
mod reauthenticate;
mod refresh;
mod refresh_token;
mod revocation_list;
mod ring_keys;
mod sign_in;
mod sign_up;
mod throttling;
mod tokens;

use std::net::IpAddr;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::arrival::Arrival;
use crate::error::Error;
use crate::id::OperationId;
use crate::jwt::Host;
use crate::secret::Streams;
use crate::settings::{Settings, SettingsError};
use crate::time::UnixMillis;

pub(crate) use answer::{Answer, answer as answer_challenge};
pub(crate) use authenticate::authenticate;
pub use authenticate::{Presented, SignedIn};
pub use command::{Command, Outcome};
pub(crate) use devices::{Ending, end_devices, list_devices};
pub(crate) use enrolment::{
    Enrolment, confirm, enrol, show as show_totp, trade as trade_challenge,
};
pub(crate) use factor::PresentedCode;
pub(crate) use keys::{key_set, list_key_set};
pub(crate) use login::{LoggedIn, LoginRequest, SessionKind, login};
pub(crate) use logout::logout;
pub(crate) use mfa::{disable as disable_mfa, renew_backup_codes, state as mfa_state};
pub(crate) use own_account::{PasswordChange, change_password, delete_account};
pub(crate) use own_sessions::{EndingSessions, end_sessions, list_sessions};
pub(crate) use password_strength::{StrengthQuestion, password_strength};
pub(crate) use readiness::readiness;
pub(crate) use reauthenticate::{Proving, reauthenticate};
pub(crate) use refresh::refresh;
pub(crate) use revocation_list::{LIFETIME as REVOCATION_LIST_LIFETIME, revocation_list};
pub use ring_keys::{RingKeyUse, RingPlace};
pub(crate) use sign_in::Remember;
pub(crate) use sign_up::{SignUp, SignedUp, WantedFactor, sign_up};
pub(crate) use tokens::Account;

/// The service of one tenant: settings, and what may be remembered by content.
pub struct Service {
    pub(crate) settings: Settings,
    /// The signing keys that were opened: a memo by content, which adds and removes no effect.
    opened: keys::Memo,
}

/// Names no setting: the ring is among them.
impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Service(..)")
    }
}

impl Service {
    /// A service. Settings are immutable; new ones mean a new service.
    ///
    /// # Errors
    /// If this build cannot serve with these settings.
    pub fn new(settings: Settings) -> Result<Arc<Self>, SettingsError> {
        Ok(Arc::new(Self { settings, opened: keys::Memo::new(None) }))
    }

    /// A service whose host verifies access tokens, too: the bare equation of a signature whose form
    /// core has judged, with what core does itself where the host has no answer
    /// (docs/decisions/0027). Signing stays core's: no private key leaves it, and the same request
    /// gives the same bytes.
    ///
    /// # Errors
    /// As [`Service::new`].
    pub fn hosted(
        settings: Settings,
        host: &'static (dyn Host + Sync),
    ) -> Result<Arc<Self>, SettingsError> {
        Ok(Arc::new(Self { settings, opened: keys::Memo::new(Some(host)) }))
    }

    /// Authenticates what a request to one of the host's own routes presented.
    pub fn authenticate(
        self: &Arc<Self>,
        presented: Presented<'_>,
        at: Arrival,
    ) -> crate::effect::Step<Result<SignedIn, Error>> {
        let service = Arc::clone(self);
        let token = match presented {
            Presented::AccessToken(token) => Some(token.to_owned()),
            Presented::Nothing => None,
        };
        crate::effect::start(move |mut fx| async move {
            let presented = token.as_deref().map_or(Presented::Nothing, Presented::AccessToken);
            authenticate(&service, &mut fx, presented, at.now).await
        })
    }

    /// Runs a command: cron, queue, command line.
    pub fn run(
        self: &Arc<Self>,
        command: Command,
        at: Arrival,
    ) -> crate::effect::Step<Result<Outcome, Error>> {
        let service = Arc::clone(self);
        crate::effect::start(move |mut fx| async move {
            let digest = Sha256::digest(format!("command {command:?}")).into();
            let caller = service.caller(&at, digest, None, String::new());
            command::run(&service, &mut fx, &caller, command).await
        })
    }

    /// What a use case knows of the operation besides its input.
    pub(crate) fn caller(
        &self,
        at: &Arrival,
        digest: [u8; 32],
        address: Option<IpAddr>,
        user_agent: String,
    ) -> Caller {
        let streams = Streams::new(&self.settings.ring, &at.seed, digest, at.now);
        let op = OperationId::v7(at.now, streams.bytes("operation.id"));
        Caller { now: at.now, op, streams, address, user_agent }
    }
}

/// One operation: its moment, its id, its randomness, and who asks.
pub(crate) struct Caller {
    pub(crate) now: UnixMillis,
    /// What guarded writes carry, so that the operation recognises its own commit.
    pub(crate) op: OperationId,
    pub(crate) streams: Streams,
    /// The client's address, if the host knows it.
    pub(crate) address: Option<IpAddr>,
    /// One line, at most 256 characters.
    pub(crate) user_agent: String,
}
