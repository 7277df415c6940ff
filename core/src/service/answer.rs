//! POST /login/otp and POST /login/backup-code: a challenge is answered, a session begins.

use super::challenge::{dead, hashes};
use super::database::{self, Place, Statements, Written};
use super::factor::{self, PresentedCode, Right};
use super::keys;
use super::sign_in::{Remember, SignIn};
use super::throttling::{Throttle, require_request};
use super::tokens::Tokens;
use super::{Caller, Service};
use crate::effect::{Effects, Rows};
use crate::error::{Code, Error};
use crate::lockout::FactorLock;
use crate::store::authenticators::{self, AuthenticatorRow};
use crate::store::challenges::{self, ChallengeRow};
use crate::store::{accounts, backup_codes, factor_failures, roles, signing_keys};

/// What a client presents to answer a challenge.
pub(crate) struct Answer {
    pub(crate) challenge: String,
    pub(crate) code: PresentedCode,
    pub(crate) remember: Remember,
}

/// Begins the session of a challenge. Two batches: the code is counted, on the account and on the
/// challenge, before it is looked at (SECURITY 12, 13); then it is taken, and the session begins.
pub(crate) async fn answer(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: Answer,
) -> Result<Tokens, Error> {
    let Answer { challenge, code, remember } = presented;
    let found = count_and_find(service, fx, caller, &hashes(service, &challenge)?).await?;
    let Found { challenge, factor, left, roles, keys } = found;
    let account = challenge.account_id;
    if matches!(code, PresentedCode::Backup(_)) && left == 0 {
        return Err(Error::new(Code::BackupCodesExhausted, "no backup code is left"));
    }
    let right = match factor::judge(service, caller, &account, &factor, &code) {
        Err(error) if error.code == Code::OtpInvalid => {
            return Err(factor::refused(service, fx, caller, &account, []).await);
        }
        right => right?,
    };
    let key = keys::current(service, fx, caller, keys).await?.active(service)?;
    let sign_in = SignIn::new(service, caller, key, account, right.proof(), challenge.idle)
        .remembering(service, caller, remember);
    let taking = Taking { service, caller, challenge: &challenge, right: &right };
    let (statements, begun) = taking.statements(&sign_in)?;
    match statements.write(fx).await? {
        // The code was taken by another request, is no backup code of the account, or the
        // challenge ended meanwhile.
        Written::Done(answers) if answers.is_empty(begun) => {
            return Err(factor::refused(service, fx, caller, &account, []).await);
        }
        Written::Done(_) => {}
        Written::Unknown => sign_in.began(fx).await?,
    }
    sign_in.answer(service, caller, roles, right.codes())
}

struct Found {
    challenge: ChallengeRow,
    factor: AuthenticatorRow,
    /// How many backup codes are left.
    left: i64,
    roles: Vec<String>,
    keys: Rows,
}

/// The first batch: counts the code and reads what the rest needs.
async fn count_and_find(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    hashes: &[String],
) -> Result<Found, Error> {
    let throttle = Throttle::other(service, caller);
    let (op, now, tries) = (&caller.op, caller.now, service.settings.otp.tries);
    let written = database::write(
        fx,
        [
            throttle.count_request(caller),
            throttle.wait_request(),
            factor_failures::lock_of_challenge(hashes, op),
            factor_failures::count_of_challenge(hashes, tries, throttle.guard(), op, now),
            challenges::reserve(hashes, op),
            challenges::by_token(hashes),
            authenticators::of_challenge(hashes),
            backup_codes::left_of_challenge(hashes),
            roles::of_challenge(hashes),
            signing_keys::all(),
        ],
    )
    .await?;
    let Written::Done([request, wait, _, _, reserved, row, factor, left, roles, keys]) = written
    else {
        // Counted or not, it is not looked at.
        return Err(database::unavailable());
    };
    require_request(&request, wait, caller)?;
    let challenge = challenges::read(row)?.ok_or_else(dead)?;
    if reserved.is_empty() {
        let open =
            challenge.stands && challenge.expires_at > now && challenge.attempts < i64::from(tries);
        if open && challenge.failures.lock(now) != FactorLock::Open {
            factor::require_counted(challenge.failures, caller)?;
        }
        return Err(dead());
    }
    let factor = authenticators::read(factor)?.into_iter().next();
    match factor {
        Some(factor) if challenge.stands && factor.standing.counts(now) => Ok(Found {
            challenge,
            factor,
            left: backup_codes::read_left(left)?,
            roles: roles::read(roles)?,
            keys,
        }),
        // The password, the factor or the account changed since.
        _ => Err(dead()),
    }
}

/// The second batch.
struct Taking<'a> {
    service: &'a Service,
    caller: &'a Caller,
    challenge: &'a ChallengeRow,
    right: &'a Right,
}

impl Taking<'_> {
    fn statements(&self, sign_in: &SignIn) -> Result<(Statements, Place), Error> {
        let Self { service, caller, challenge, right } = self;
        let account = &challenge.account_id;
        let mut statements = Statements::default();
        statements.extend([
            accounts::lock(account, &caller.op),
            accounts::claim_by_challenge(
                account,
                &challenge.id,
                &challenge.authenticator_id,
                caller.now,
                &caller.op,
            ),
        ]);
        statements.extend(right.take(caller, account));
        statements.extend([challenges::use_up(&challenge.id, &caller.op)]);
        statements.extend(right.brings(service, caller, account)?);
        let begun = sign_in.begin(service, caller, &mut statements)?;
        Ok((statements, begun))
    }
}
