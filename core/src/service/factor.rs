//! The second factor of an account: its seed sealed, its codes judged and taken.

use super::database::{self, Statements, Written};
use super::notice::{self, Notice};
use super::{Caller, Service};
use crate::backup_codes::{BackupCode, BackupCodes};
use crate::effect::{Effects, Statement};
use crate::error::{Code, Error};
use crate::id::{AccountId, AuthenticatorId};
use crate::lockout::{FactorFailures, FactorLock, retry_after};
use crate::second_factor::Origin;
use crate::secret::{Binding, Purpose, Secret, open, seal, sealed_under};
use crate::session::Proof;
use crate::store::authenticators::{self, AuthenticatorRow, Kind, NewAuthenticator, Taken};
use crate::store::{accounts, backup_codes, factor_failures};
use crate::time::{Millis, UnixMillis};
use crate::totp::{Algorithm, Digits, Parameters, Period, SharedSecret, Step, Totp};

/// What stands for the second factor in a request.
pub(crate) enum PresentedCode {
    /// A code of the authenticator.
    Otp(Secret<String>),
    /// A backup code; nothing, if the text cannot be one.
    Backup(Option<BackupCode>),
}

/// A new authenticator with its seed.
pub(super) struct Drawn {
    pub(super) id: AuthenticatorId,
    pub(super) totp: Totp,
    pub(super) confirm_by: UnixMillis,
    sealed: String,
    origin: Origin,
}

/// Draws a seed and seals it for its row.
pub(super) fn draw(
    service: &Service,
    caller: &Caller,
    account: &AccountId,
    origin: Origin,
    confirm_by: UnixMillis,
) -> Result<Drawn, Error> {
    let id = AuthenticatorId::v7(caller.now, caller.streams.bytes("authenticator.id"));
    let seed = SharedSecret::from_random(caller.streams.bytes("authenticator.seed"));
    let totp = Totp::new(seed, service.settings.otp.parameters);
    let sealed = sealed(service, caller, &id, account, &totp)?;
    Ok(Drawn { id, totp, confirm_by, sealed, origin })
}

impl Drawn {
    /// Puts it in the place of an older one that was not confirmed: that one dies with its seed.
    /// Depends on the guard on the account.
    pub(super) fn statements(&self, caller: &Caller, account: &AccountId) -> [Statement; 2] {
        let new = NewAuthenticator {
            id: &self.id,
            account,
            origin: self.origin,
            sealed: &self.sealed,
            now: caller.now,
            confirm_by: self.confirm_by,
            op: &caller.op,
        };
        [authenticators::delete_unconfirmed(account, &caller.op), authenticators::insert(&new)]
    }
}

fn sealed(
    service: &Service,
    caller: &Caller,
    id: &AuthenticatorId,
    account: &AccountId,
    totp: &Totp,
) -> Result<String, Error> {
    let nonce = caller.streams.bytes("authenticator.nonce");
    let plain = write(totp);
    seal(&service.settings.ring, &binding(id, account), plain.expose().as_bytes(), nonce)
}

fn resealed(
    service: &Service,
    caller: &Caller,
    row: &AuthenticatorRow,
    totp: &Totp,
) -> Result<Option<String>, Error> {
    let current = service.settings.ring.current().id();
    if row.sealed.as_deref().and_then(sealed_under) == Some(current) {
        return Ok(None);
    }
    sealed(service, caller, &row.id, &row.account_id, totp).map(Some)
}

/// Bound to its row and account: a seed that was moved does not open (SECURITY 80).
fn binding<'a>(id: &'a AuthenticatorId, account: &'a AccountId) -> Binding<'a> {
    Binding {
        table: "authenticators",
        row: id.as_str(),
        account: account.as_str(),
        purpose: Purpose::SealTotpSeed,
    }
}

/// Algorithm, digits, period, seed: what the settings were when it was drawn stays true of it.
fn write(totp: &Totp) -> Secret<String> {
    let Parameters { algorithm, digits, period, .. } = totp.parameters();
    let seed = totp.secret().to_base32();
    let (algorithm, digits, period) = (algorithm.as_str(), digits.as_u8(), period.as_seconds());
    Secret::new(format!("{algorithm} {digits} {period} {}", seed.expose()))
}

/// Opens the seed of a row. The window is of the settings of today: it is the verifier's.
pub(super) fn opened(service: &Service, row: &AuthenticatorRow) -> Result<Totp, Error> {
    let broken = || Error::from(Code::SealBroken);
    let sealed = row.sealed.as_deref().ok_or_else(broken)?;
    let plain = open(&service.settings.ring, &binding(&row.id, &row.account_id), sealed)?;
    let text = std::str::from_utf8(plain.expose()).map_err(|_| broken())?;
    let mut fields = text.split(' ');
    let mut field = || fields.next().ok_or_else(broken);
    let parameters = Parameters {
        algorithm: Algorithm::parse(field()?).map_err(|_| broken())?,
        digits: Digits::new(number(field()?)?).map_err(|_| broken())?,
        period: Period::from_seconds(number(field()?)?).map_err(|_| broken())?,
        window: service.settings.otp.parameters.window,
    };
    let seed = SharedSecret::from_base32(field()?).map_err(|_| broken())?;
    Ok(Totp::new(seed, parameters))
}

fn number(text: &str) -> Result<u32, Error> {
    text.parse().map_err(|_| Code::SealBroken.into())
}

/// A code that is right as far as it was looked at; the database takes it, once.
pub(super) enum Right {
    /// The step of a confirmed authenticator.
    Step {
        authenticator: AuthenticatorId,
        step: i64,
        /// The seed under the ring's current key, where it was under an older one: so that an old
        /// key can be dropped some day (SECURITY 82).
        resealed: Option<String>,
    },
    /// The step of the first code, which confirms the enrolment and brings backup codes.
    First { authenticator: AuthenticatorId, step: i64, codes: BackupCodes },
    /// A backup code: whether it is one of the account's, only taking it tells.
    Backup { hashes: Vec<String> },
}

/// Judges a code for an authenticator of this account (docs/DESIGN §5).
pub(super) fn judge(
    service: &Service,
    caller: &Caller,
    account: &AccountId,
    row: &AuthenticatorRow,
    code: &PresentedCode,
) -> Result<Right, Error> {
    let text = match code {
        PresentedCode::Backup(Some(code)) => {
            let hashes = code.hashes(&service.settings.ring, account.as_str());
            return Ok(Right::Backup { hashes });
        }
        PresentedCode::Backup(None) => return Err(wrong()),
        PresentedCode::Otp(text) => text,
    };
    // Codes by mail are made when they are sent; there is none yet that could be right.
    if row.kind == Kind::Email {
        return Err(wrong());
    }
    let totp = opened(service, row)?;
    let after = row.last_step.map(Step::new);
    let step = totp.verify(text.expose(), caller.now, after)?.step().as_i64();
    let authenticator = row.id;
    Ok(match row.standing.confirmed_at {
        Some(_) => {
            let resealed = resealed(service, caller, row, &totp)?;
            Right::Step { authenticator, step, resealed }
        }
        None => Right::First { authenticator, step, codes: new_codes(service, caller) },
    })
}

/// The one answer to a code that is not accepted.
pub(super) fn wrong() -> Error {
    Error::new(Code::OtpInvalid, "the code is wrong, too old, or was used before")
}

/// Draws a set of backup codes.
pub(super) fn new_codes(service: &Service, caller: &Caller) -> BackupCodes {
    BackupCodes::from_random(service.settings.backup_codes, || {
        caller.streams.bytes("backup_codes.code")
    })
}

/// Puts a set in the place of the old one. Depends on the guard on the account.
pub(super) fn renew(
    service: &Service,
    caller: &Caller,
    account: &AccountId,
    codes: &BackupCodes,
) -> Vec<Statement> {
    let hashes = codes.hashes(&service.settings.ring, account.as_str());
    let insert = |hash: &String| backup_codes::insert(hash, caller.now, account, &caller.op);
    let old = backup_codes::delete(account, &caller.op);
    std::iter::once(old).chain(hashes.iter().map(insert)).collect()
}

impl Right {
    /// What its holder has shown.
    pub(super) const fn proof(&self) -> Proof {
        match self {
            Self::Step { .. } | Self::First { .. } => Proof::Otp,
            Self::Backup { .. } => Proof::BackupCode,
        }
    }

    /// Takes the code, by compare-and-set, and makes all that follows depend on it: the last of
    /// these statements is the guard on the account. Depends on the claim on the account.
    pub(super) fn take(&self, caller: &Caller, account: &AccountId) -> Vec<Statement> {
        let op = &caller.op;
        let taken = |authenticator, step| Taken { authenticator, account, step, op };
        let mut statements = match self {
            Self::Step { authenticator, step, resealed } => {
                vec![authenticators::take(&taken(authenticator, *step), resealed.as_deref())]
            }
            Self::First { authenticator, step, .. } => {
                let code = taken(authenticator, *step);
                vec![
                    authenticators::replace(&code, caller.now),
                    authenticators::confirm(&code, caller.now),
                ]
            }
            Self::Backup { hashes } => vec![backup_codes::take(hashes, caller.now, account, op)],
        };
        statements.push(factor_failures::shown(account, op));
        statements
    }

    /// What else the code brings. Depends on the guard on the account.
    pub(super) fn brings(
        &self,
        service: &Service,
        caller: &Caller,
        account: &AccountId,
    ) -> Result<Vec<Statement>, Error> {
        Ok(match self {
            Self::Step { .. } => Vec::new(),
            Self::First { codes, .. } => {
                let mut statements = renew(service, caller, account, codes);
                statements.push(notice::tell(service, caller, account, Notice::FactorChanged)?);
                statements
            }
            Self::Backup { .. } => {
                vec![notice::tell(service, caller, account, Notice::BackupCodeUsed)?]
            }
        })
    }

    /// The backup codes to show to the owner, once.
    pub(super) fn codes(&self) -> Option<Vec<String>> {
        match self {
            Self::First { codes, .. } => Some(shown(codes)),
            Self::Step { .. } | Self::Backup { .. } => None,
        }
    }
}

/// The texts of a set, for its owner.
pub(super) fn shown(codes: &BackupCodes) -> Vec<String> {
    codes.texts().iter().map(|text| text.expose().clone()).collect()
}

/// Refuses a code that was not counted: the account is stopped or has to wait.
pub(super) fn require_counted(failures: FactorFailures, caller: &Caller) -> Result<(), Error> {
    let locked = |detail, seconds| Err(Error::new(Code::Locked, detail).retry_after(seconds));
    match failures.lock(caller.now) {
        FactorLock::Open => Ok(()),
        FactorLock::WaitUntil(until) => {
            locked("too many wrong codes", retry_after(caller.now, until))
        }
        FactorLock::Stopped => {
            let day = Millis::days(1).as_seconds_ceil();
            locked("too many wrong codes: ask an administrator", day)
        }
    }
}

/// Tells the owner of a wrong code, writes what is true all the same, and gives the answer to it.
pub(super) async fn refused(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    account: &AccountId,
    besides: impl IntoIterator<Item = Statement>,
) -> Error {
    let told = async {
        let mut statements = Statements::default();
        statements.extend([
            accounts::take_row(account, &caller.op),
            notice::tell(service, caller, account, Notice::SecondFactorFailed)?,
        ]);
        statements.extend(besides);
        match statements.write(fx).await? {
            Written::Done(_) => Ok(()),
            Written::Unknown => Err(database::unavailable()),
        }
    };
    // The owner is told, or nobody learns whether the code was right.
    told.await.err().unwrap_or_else(wrong)
}
