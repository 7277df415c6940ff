//! Enrolments of an authenticator app: at sign-up, for a challenge, by a session (docs/DESIGN §5).

use super::authenticate::{Presented, authenticate_counted, authenticate_reading, lost};
use super::challenge::{dead, hashes};
use super::database::{self, Statements, Written};
use super::factor::{self, Drawn, PresentedCode, Right};
use super::notice::{self, Notice};
use super::throttling::{Throttle, require_request};
use super::{Caller, Service};
use crate::effect::Effects;
use crate::error::{Code, Error};
use crate::lockout::Rate;
use crate::second_factor::{CONFIRMATIONS, ENROLMENT, Origin, TRADES_A_DAY};
use crate::secret::Secret;
use crate::session::Proof;
use crate::store::throttles::{self, Key};
use crate::store::{accounts, authenticators, challenges, remembered_devices, sessions};
use crate::time::{Millis, UnixMillis};
use crate::totp::{AccountName, Totp};

/// What an authenticator app is set up with.
pub(crate) struct Enrolment {
    /// Base32 (RFC 4648 §6), as an app takes it by hand.
    pub(crate) secret: Secret<String>,
    /// What the QR code holds.
    pub(crate) otpauth_uri: Secret<String>,
    /// How long a first code may confirm it; none for one that is confirmed.
    pub(crate) expires_in: Option<Millis>,
}

impl Enrolment {
    pub(super) fn of(
        service: &Service,
        totp: &Totp,
        label: &str,
        expires_in: Option<Millis>,
    ) -> Result<Self, Error> {
        let account = AccountName::parse(label).map_err(|_| Code::Internal)?;
        Ok(Self {
            secret: totp.secret().to_base32(),
            otpauth_uri: totp.uri(&service.settings.otp.issuer, &account),
            expires_in,
        })
    }

    /// The enrolment that was just drawn.
    pub(super) fn drawn(
        service: &Service,
        drawn: &Drawn,
        label: &str,
        now: UnixMillis,
    ) -> Result<Self, Error> {
        Self::of(service, &drawn.totp, label, Some(drawn.confirm_by.since(now)))
    }
}

/// Refuses where the settings have the second factor off. What is confirmed is asked for all the
/// same: a setting takes no protection away.
pub(super) fn require_on(service: &Service) -> Result<(), Error> {
    match service.settings.otp.offered {
        crate::settings::Offered::Yes => Ok(()),
        crate::settings::Offered::No => {
            Err(Error::new(Code::NotFound, "this service offers no second factor"))
        }
    }
}

/// POST /login/enrolment: trades a challenge for a new QR code of the enrolment that was asked for
/// at sign-up, so that nobody is locked out by a closed page. The older seed dies.
pub(crate) async fn trade(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    challenge: &str,
) -> Result<Enrolment, Error> {
    let hashes = hashes(service, challenge)?;
    let throttle = Throttle::other(service, caller);
    let read = [
        throttle.count_request(caller),
        throttle.wait_request(),
        challenges::by_token(&hashes),
        authenticators::of_challenge(&hashes),
        accounts::of_challenge(&hashes),
    ];
    let Written::Done([request, wait, row, factor, account]) = database::write(fx, read).await?
    else {
        return Err(database::unavailable());
    };
    require_request(&request, wait, caller)?;
    let challenge = challenges::read(row)?.ok_or_else(dead)?;
    let account = accounts::read_account(account)?.ok_or_else(dead)?;
    let factor = authenticators::read(factor)?.into_iter().next().ok_or_else(dead)?;
    let tries = i64::from(service.settings.otp.tries);
    if !challenge.stands || challenge.expires_at <= caller.now || challenge.attempts >= tries {
        return Err(dead());
    }
    if factor.standing.origin != Origin::SignUp || !factor.standing.waits(caller.now) {
        return Err(Error::new(Code::ReauthenticationRequired, "the second factor is confirmed"));
    }
    // The day that it has to be confirmed in goes on.
    let confirm_by = factor.standing.confirm_by;
    let drawn = factor::draw(service, caller, &account.id, Origin::SignUp, confirm_by)?;
    let trades = Key::trades(&account.id);
    let Rate { requests, window } = Rate::daily(TRADES_A_DAY);
    let mut statements = Statements::default();
    statements.extend([accounts::lock(&account.id, &caller.op)]);
    let counted =
        statements.add(throttles::rate(&trades, &caller.op, caller.now, requests, window));
    let wait = statements.add(throttles::wait(&trades));
    statements.extend([accounts::trade(
        &account.id,
        &challenge.id,
        &factor.id,
        caller.now,
        &caller.op,
        &trades,
    )]);
    statements.extend(drawn.statements(caller, &account.id));
    let rebound = statements.add(challenges::rebind(&challenge.id, &drawn.id, &caller.op));
    match statements.write(fx).await? {
        Written::Done(mut answers) => {
            require_request(&answers.take(counted), answers.take(wait), caller)?;
            if answers.take(rebound).is_empty() {
                return Err(dead());
            }
        }
        Written::Unknown => {
            let [rows] = database::read(fx, [challenges::by_id(&challenge.id)]).await?;
            let bound = challenges::read(rows)?.is_some_and(|row| row.authenticator_id == drawn.id);
            if !bound {
                return Err(database::unavailable());
            }
        }
    }
    Enrolment::drawn(service, &drawn, &account.label(), caller.now)
}

/// POST /mfa/totp: a session enrols an app. It counts once a code confirms it.
pub(crate) async fn enrol(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: Presented<'_>,
) -> Result<Enrolment, Error> {
    require_on(service)?;
    let (signed_in, []) = authenticate_counted(service, fx, caller, presented, |_| []).await?;
    let fresh = signed_in.fresh(caller.now)?;
    let account = &fresh.account_id;
    let confirm_by = caller.now.after(ENROLMENT);
    let drawn = factor::draw(service, caller, account, Origin::Session, confirm_by)?;
    let mut statements = Statements::default();
    statements.extend([
        accounts::lock(account, &caller.op),
        accounts::act_fresh(account, &fresh.session_id, caller.now, &caller.op),
    ]);
    let [delete, insert] = drawn.statements(caller, account);
    statements.extend([delete]);
    let inserted = statements.add(insert);
    match statements.write(fx).await? {
        Written::Done(answers) if answers.is_empty(inserted) => {
            return Err(lost(fx, &fresh.session_id, caller.now).await?);
        }
        Written::Done(_) => {}
        Written::Unknown => {
            let enrolled = authenticators::of_session(&fresh.session_id);
            let [rows] = database::read(fx, [enrolled]).await?;
            if !authenticators::read(rows)?.iter().any(|row| row.id == drawn.id) {
                return Err(database::unavailable());
            }
        }
    }
    Enrolment::drawn(service, &drawn, &fresh.label, caller.now)
}

/// POST /mfa/totp/confirm: the first code of an enrolment. It counts from now on, in the place of
/// an older one; remembered devices end, and backup codes come with it. One batch more than other
/// requests: the code is counted once it is known whose it is (docs/decisions/0021).
pub(crate) async fn confirm(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: Presented<'_>,
    code: PresentedCode,
) -> Result<Vec<String>, Error> {
    let beside = |id: &_| [authenticators::of_session(id)];
    let (signed_in, [rows]) = authenticate_counted(service, fx, caller, presented, beside).await?;
    let account = &signed_in.account_id;
    let none = || Error::new(Code::NoEnrolment, "there is no enrolment that waits for a code");
    let waiting = authenticators::read(rows)?.into_iter();
    let row = waiting.into_iter().find(|row| row.standing.waits(caller.now)).ok_or_else(none)?;
    // The tries of one enrolment: a new one has a new seed, and asks for a fresh sign-in.
    let tries = Key::confirmations(&row.id);
    let count = [
        throttles::rate(&tries, &caller.op, caller.now, CONFIRMATIONS, ENROLMENT),
        throttles::wait(&tries),
    ];
    let Written::Done([counted, wait]) = database::write(fx, count).await? else {
        return Err(database::unavailable());
    };
    require_request(&counted, wait, caller)?;
    let right = factor::judge(service, caller, account, &row, &code)?;
    let Right::First { codes, .. } = &right else { return Err(Code::Internal.into()) };
    let shown = factor::shown(codes);
    let mut statements = Statements::default();
    statements.extend([
        accounts::lock(account, &caller.op),
        accounts::claim_by_session(account, &signed_in.session_id, caller.now, &caller.op),
    ]);
    statements.extend(right.take(caller, account));
    statements.extend(right.brings(service, caller, account)?);
    statements.extend([
        remembered_devices::delete(account, &caller.op),
        challenges::delete(account, &caller.op),
        sessions::forget_factor(account, &signed_in.session_id, &caller.op),
    ]);
    let proved =
        statements.add(sessions::prove(caller.now, &signed_in.session_id, Proof::Otp, &caller.op));
    match statements.write(fx).await? {
        // Another request took the code, or a new enrolment took this one's place.
        Written::Done(answers) if answers.is_empty(proved) => Err(factor::wrong()),
        Written::Done(_) => Ok(shown),
        Written::Unknown => {
            let confirmed = authenticators::of_session(&signed_in.session_id);
            let [rows] = database::read(fx, [confirmed]).await?;
            let committed = |other: &authenticators::AuthenticatorRow| {
                other.id == row.id && other.op == caller.op.as_str()
            };
            let committed = authenticators::read(rows)?.iter().any(committed);
            committed.then_some(shown).ok_or_else(database::unavailable)
        }
    }
}

/// GET /mfa/totp/qr: the picture again, to whoever has just shown the factor itself. The owner is
/// told: from now on there may be a second app (SECURITY 16).
pub(crate) async fn show(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: Presented<'_>,
) -> Result<Enrolment, Error> {
    let beside = |id: &_| [authenticators::of_session(id)];
    let (signed_in, [rows]) =
        authenticate_reading(service, fx, presented, caller.now, beside).await?;
    let fresh = signed_in.fresh(caller.now)?;
    let none = || Error::new(Code::NotFound, "there is no authenticator app");
    // One that waits is not shown: who has a session and the password, but not the factor, would
    // read the seed of its owner before the first code. POST /mfa/totp draws a new one.
    let mut rows = authenticators::read(rows)?.into_iter();
    let row = rows.find(|row| row.standing.confirmed_at.is_some() && row.sealed.is_some());
    let totp = factor::opened(service, &row.ok_or_else(none)?)?;
    let account = &fresh.account_id;
    let mut statements = Statements::default();
    statements.extend([accounts::lock(account, &caller.op)]);
    let acted =
        statements.add(accounts::act_fresh(account, &fresh.session_id, caller.now, &caller.op));
    statements.extend([notice::tell(service, caller, account, Notice::FactorShown)?]);
    match statements.write(fx).await? {
        Written::Done(answers) if answers.is_empty(acted) => {
            Err(lost(fx, &fresh.session_id, caller.now).await?)
        }
        Written::Done(_) => Enrolment::of(service, &totp, &fresh.label, None),
        // Asking again does no harm.
        Written::Unknown => Err(database::unavailable()),
    }
}
