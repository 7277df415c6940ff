//! POST /reauthenticate: who is signed in proves it again, with what the account has.

use super::authenticate::{Presented, SignedIn, authenticate_counted, ended};
use super::database::{self, Statements, Written};
use super::factor::{self, PresentedCode};
use super::hashing::{self, Verdict};
use super::keys::{self, OpenedKey};
use super::throttling::{release_session, require_session_try, session_try};
use super::tokens::{self, AccessToken, Subject};
use super::{Caller, Service};
use crate::effect::{Effects, Rows};
use crate::error::{Code, Error};
use crate::password::Password;
use crate::session::Proof;
use crate::store::credentials::{self, Rehash};
use crate::store::signing_keys;
use crate::store::{accounts, authenticators, backup_codes, factor_failures, sessions};

/// What a person proves it with.
pub(crate) enum Proving {
    /// The password: enough where there is no second factor.
    Password(Password),
    /// A code, or a backup code.
    Code(PresentedCode),
}

/// Renews the session's proof and gives a fresh access token. One batch more than other requests:
/// the try is counted once it is known whose it is (docs/decisions/0021).
pub(crate) async fn reauthenticate(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: Presented<'_>,
    proving: Proving,
) -> Result<AccessToken, Error> {
    if matches!(proving, Proving::Password(_)) {
        hashing::admit(service, fx, caller).await?;
    }
    let beside = |id: &_| {
        [
            signing_keys::all(),
            credentials::of_session(id),
            authenticators::of_session(id),
            backup_codes::left_of_session(id),
        ]
    };
    let (signed_in, [keys, credential, factors, left]) =
        authenticate_counted(service, fx, caller, presented, beside).await?;
    // Opened before anything is written: nothing is proved for a token that nobody can sign.
    let key = keys::current(service, fx, caller, keys).await?.active(service)?;
    match proving {
        Proving::Password(password) => {
            by_password(service, fx, caller, &signed_in, password, credential).await?;
            answer(service, caller, signed_in, &key, Proof::Password)
        }
        Proving::Code(code) => {
            let proof = by_code(service, fx, caller, &signed_in, &code, factors, left).await?;
            answer(service, caller, signed_in, &key, proof)
        }
    }
}

fn answer(
    service: &Service,
    caller: &Caller,
    signed_in: SignedIn,
    key: &OpenedKey,
    proof: Proof,
) -> Result<AccessToken, Error> {
    let subject = Subject {
        account: signed_in.account_id,
        session: signed_in.session_id,
        auth_time: caller.now,
        // What was shown now, and nothing that was shown before: `auth_time` is now.
        amr: proof.amr(),
        roles: signed_in.roles,
        lifetime: signed_in.lifetime,
    };
    tokens::issue_access_token(service, caller, key, subject)
}

/// A password that was verified again.
pub(super) struct Verified {
    pub(super) version: i64,
    pub(super) rehash: Option<Rehash>,
}

/// Verifies the password of who is signed in, after the try was counted: on the session, so that
/// strangers who lock the account do not lock its owner out, and, with AUTHCORE_STRICT, on the
/// account too.
pub(super) async fn verify_password(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    signed_in: &SignedIn,
    password: Password,
    credential: Rows,
) -> Result<Verified, Error> {
    let credential = credentials::read(credential)?;
    let written = database::write(fx, session_try(service, caller, signed_in)).await?;
    let Written::Done([counted, _, wait]) = written else {
        return Err(database::unavailable());
    };
    require_session_try(&counted, wait, caller)?;
    let phc = credential.as_ref().map(|(phc, _)| phc.as_str());
    let verdict = hashing::verify(service, fx, caller, password, phc).await?;
    match (credential, verdict) {
        (Some((phc, version)), Verdict::Right { renewed }) => {
            let rehash = renewed.map(|renewed| Rehash { verified: phc, renewed });
            Ok(Verified { version, rehash })
        }
        _ => Err(Error::new(Code::InvalidCredentials, "the password is wrong")),
    }
}

async fn by_password(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    signed_in: &SignedIn,
    password: Password,
    credential: Rows,
) -> Result<(), Error> {
    let verified = verify_password(service, fx, caller, signed_in, password, credential).await?;
    let (account, session) = (&signed_in.account_id, &signed_in.session_id);
    let Verified { version, rehash } = verified;
    let mut statements = Statements::default();
    statements.extend([accounts::lock(account, &caller.op)]);
    let proved = statements
        .add(accounts::act_by_password(account, session, version, caller.now, &caller.op));
    statements.extend([
        credentials::rehash(account, rehash.as_ref(), &caller.op),
        sessions::prove(caller.now, session, Proof::Password, &caller.op),
    ]);
    statements.extend(release_session(service, caller, signed_in));
    written(statements.write(fx).await?, fx, caller, signed_in, proved)
        .await?
        .then_some(())
        .ok_or_else(ended)
}

async fn by_code(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    signed_in: &SignedIn,
    code: &PresentedCode,
    factors: Rows,
    left: Rows,
) -> Result<Proof, Error> {
    let (account, session) = (&signed_in.account_id, &signed_in.session_id);
    let none = || Error::new(Code::NoSecondFactor, "the account has no second factor");
    let mut rows = authenticators::read(factors)?.into_iter();
    let row = rows.find(|row| row.standing.confirmed_at.is_some()).ok_or_else(none)?;
    if matches!(code, PresentedCode::Backup(_)) && backup_codes::read_left(left)? == 0 {
        return Err(Error::new(Code::BackupCodesExhausted, "no backup code is left"));
    }
    let count = [
        factor_failures::count_of_session(session, &caller.op, caller.now),
        factor_failures::of_account(account),
    ];
    let Written::Done([counted, failures]) = database::write(fx, count).await? else {
        return Err(database::unavailable());
    };
    if counted.is_empty() {
        factor::require_counted(factor_failures::read(failures)?, caller)?;
        return Err(ended());
    }
    let right = match factor::judge(service, caller, account, &row, code) {
        Err(error) if error.code == Code::OtpInvalid => {
            return Err(factor::refused(service, fx, caller, account, []).await);
        }
        right => right?,
    };
    let proof = right.proof();
    let mut statements = Statements::default();
    statements.extend([
        accounts::lock(account, &caller.op),
        accounts::claim_by_session(account, session, caller.now, &caller.op),
    ]);
    statements.extend(right.take(caller, account));
    statements.extend(right.brings(service, caller, account)?);
    let proved = statements.add(sessions::prove(caller.now, session, proof, &caller.op));
    match written(statements.write(fx).await?, fx, caller, signed_in, proved).await? {
        true => Ok(proof),
        false => Err(factor::refused(service, fx, caller, account, []).await),
    }
}

/// Whether the proof was written: by its answer, or, where that was lost, by the session's row.
async fn written(
    written: Written<database::Answers>,
    fx: &mut Effects,
    caller: &Caller,
    signed_in: &SignedIn,
    proved: database::Place,
) -> Result<bool, Error> {
    match written {
        Written::Done(mut answers) => Ok(!answers.take(proved).is_empty()),
        Written::Unknown => {
            let [rows] = database::read(fx, [accounts::op_of(&signed_in.account_id)]).await?;
            match accounts::read_op(rows)?.as_deref() == Some(caller.op.as_str()) {
                true => Ok(true),
                // It may have been written and overtaken: whoever asks tries again.
                false => Err(database::unavailable()),
            }
        }
    }
}
