//! What owners are told of, written in the batch of its cause; delivery reads the outbox
//! (docs/DESIGN §8).

use serde::Serialize;

use super::{Caller, Service};
use crate::effect::Statement;
use crate::error::Error;
use crate::id::{AccountId, NoticeId};
use crate::json;
use crate::secret::{Binding, Purpose, seal};
use crate::store::outbox::{self, NewNotice};
use crate::text::address_key;
use crate::time::Millis;

/// How long a notice waits for its delivery at most.
const KEPT: Millis = Millis::days(7);

/// How often an hour the same is told.
const HOURLY: i64 = 5;

/// What happened (SECURITY 92).
#[derive(Clone, Copy)]
pub(super) enum Notice {
    NewSignIn,
    SecondFactorFailed,
    FactorChanged,
    FactorRemoved,
    FactorShown,
    BackupCodeUsed,
    BackupCodesRenewed,
    PasswordChanged,
}

impl Notice {
    /// How often an hour it is told: a wrong code once, since they come in rows.
    const fn hourly(self) -> i64 {
        match self {
            Self::SecondFactorFailed => 1,
            _ => HOURLY,
        }
    }

    /// The name of the template.
    const fn template(self) -> &'static str {
        match self {
            Self::NewSignIn => "new_sign_in",
            Self::SecondFactorFailed => "second_factor_failed",
            Self::FactorChanged => "factor_changed",
            Self::FactorRemoved => "factor_removed",
            Self::FactorShown => "factor_shown",
            Self::BackupCodeUsed => "backup_code_used",
            Self::BackupCodesRenewed => "backup_codes_renewed",
            Self::PasswordChanged => "password_changed",
        }
    }
}

/// What a template says of the moment: sealed, since it is personal.
#[derive(Serialize)]
struct Moment<'a> {
    at: i64,
    address: String,
    user_agent: &'a str,
}

/// Seals a notice and hands it to `statement`.
fn sealed(
    service: &Service,
    caller: &Caller,
    account: &AccountId,
    notice: Notice,
    statement: impl FnOnce(&NewNotice<'_>) -> Statement,
) -> Result<Statement, Error> {
    let id = NoticeId::v7(caller.now, caller.streams.bytes("notice.id"));
    let moment = Moment {
        at: caller.now.as_millis(),
        address: caller.address.map(address_key).unwrap_or_default(),
        user_agent: &caller.user_agent,
    };
    let binding = Binding {
        table: "outbox",
        row: id.as_str(),
        account: account.as_str(),
        purpose: Purpose::SealNotice,
    };
    let nonce = caller.streams.bytes("notice.nonce");
    let sealed = seal(&service.settings.ring, &binding, &json::write(&moment)?, nonce)?;
    Ok(statement(&NewNotice {
        id: &id,
        template: notice.template(),
        account,
        sealed: &sealed,
        now: caller.now,
        expires_at: caller.now.after(KEPT),
        most: (notice.hourly(), caller.now.before(Millis::hours(1))),
        op: &caller.op,
    }))
}

/// Tells the owner. Depends on the guard on the account.
pub(super) fn tell(
    service: &Service,
    caller: &Caller,
    account: &AccountId,
    notice: Notice,
) -> Result<Statement, Error> {
    sealed(service, caller, account, notice, outbox::insert)
}

/// Tells the owner of a sign-in with a user agent that is new. Depends on the guard on the account.
pub(super) fn tell_of_sign_in(
    service: &Service,
    caller: &Caller,
    account: &AccountId,
) -> Result<Statement, Error> {
    sealed(service, caller, account, Notice::NewSignIn, |new| {
        outbox::insert_sign_in(new, &caller.user_agent)
    })
}
