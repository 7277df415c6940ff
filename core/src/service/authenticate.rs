//! Who a request comes from: the token check, for core's routes and for a host's own.

use super::database::{self, Statements, Written};
use super::throttling::{Throttle, require_request};
use super::tokens::Account;
use super::{Caller, Service, keys};
use crate::effect::{Effects, Rows, Statement};
use crate::error::{Code, Error};
use crate::freshness::{self, Asked, Freshness, Proofs};
use crate::id::{AccountId, SessionId};
use crate::jwt::{Expected, TokenType, Unverified};
use crate::session::{Lifetime, State};
use crate::store::accounts::Status;
use crate::store::{accounts, roles, sessions, signing_keys};
use crate::time::{Millis, UnixMillis};

/// How far the clock of the host that issued a token may be ahead of this one's: a token is not
/// refused as one of the future because it came here fast.
const SKEW: Millis = Millis::minutes(1);

/// What a request presented.
#[derive(Clone, Copy)]
pub enum Presented<'a> {
    /// An access token.
    AccessToken(&'a str),
    /// No credential at all.
    Nothing,
}

impl<'a> Presented<'a> {
    fn access_token(self) -> Result<&'a str, Error> {
        match self {
            Self::AccessToken(token) => Ok(token),
            Self::Nothing => Err(Error::new(Code::TokenMissing, "an access token is needed")),
        }
    }
}

/// Never shows the token.
impl std::fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::AccessToken(_) => "AccessToken(..)",
            Self::Nothing => "Nothing",
        })
    }
}

/// Proof that a request comes from a live session of an active account.
pub struct SignedIn {
    /// UUIDv7 of the account: the token's `sub`.
    pub account_id: AccountId,
    /// UUIDv7 of the session: the token's `sid`.
    pub session_id: SessionId,
    /// When the person last proved who they are.
    pub auth_time: UnixMillis,
    /// The account's roles now, which may differ from those in the token.
    pub roles: Vec<String>,
    pub(crate) account: Account,
    pub(super) lifetime: Lifetime,
    /// What an authenticator app shows of the account.
    pub(super) label: String,
    proofs: Proofs,
    has_factor: Asked,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SignedIn({})", self.account_id)
    }
}

/// Proof that the sign-in is fresh: what changes an account takes it.
pub(super) struct Fresh(SignedIn);

impl std::ops::Deref for Fresh {
    type Target = SignedIn;

    fn deref(&self) -> &SignedIn {
        &self.0
    }
}

impl SignedIn {
    /// Asks for a fresh sign-in: by the second factor where there is one (SECURITY 16, 21, 43).
    pub(super) fn fresh(self, now: UnixMillis) -> Result<Fresh, Error> {
        match freshness::judge(self.proofs, self.has_factor, now) {
            Freshness::Fresh => Ok(Fresh(self)),
            Freshness::Stale => {
                let detail = match self.has_factor {
                    Asked::AnyProof => "sign in again first (POST /reauthenticate)",
                    Asked::Factor => "show the second factor first (POST /reauthenticate)",
                };
                Err(Error::new(Code::ReauthenticationRequired, detail))
            }
        }
    }
}

/// Why a guard on who is freshly signed in wrote nothing: the session ended meanwhile, or what it had
/// shown is no longer enough, since the password or the factor is another now.
pub(super) async fn lost(
    fx: &mut Effects,
    session: &SessionId,
    now: UnixMillis,
) -> Result<Error, Error> {
    let [rows] = database::read(fx, [sessions::by_id(session)]).await?;
    let row = sessions::read(rows)?;
    Ok(match row.is_some_and(|row| row.lifetime.state(now) == State::Live) {
        true => Error::new(
            Code::ReauthenticationRequired,
            "the account changed meanwhile: sign in again first (POST /reauthenticate)",
        ),
        false => ended(),
    })
}

/// Checks a token and its session. One batch: the session is looked up by the `sid` that the token
/// claims, and nothing of it is used before the signature proved that claim
/// (docs/decisions/0005).
pub(crate) async fn authenticate(
    service: &Service,
    fx: &mut Effects,
    presented: Presented<'_>,
    now: UnixMillis,
) -> Result<SignedIn, Error> {
    let (signed_in, []) = authenticate_reading(service, fx, presented, now, |_| []).await?;
    Ok(signed_in)
}

/// The same, and reads in the same batch what stands beside the session.
pub(super) async fn authenticate_reading<const N: usize>(
    service: &Service,
    fx: &mut Effects,
    presented: Presented<'_>,
    now: UnixMillis,
    beside: impl FnOnce(&SessionId) -> [Statement; N],
) -> Result<(SignedIn, [Rows; N]), Error> {
    let token = presented.access_token()?;
    let claimed = claimed(token)?;
    let mut batch = Statements::default();
    let check = statements(claimed.session_id()).map(|statement| batch.add(statement));
    let beside = beside(claimed.session_id()).map(|statement| batch.add(statement));
    let mut answers = batch.read(fx).await?;
    let signed_in = judge(service, claimed, check.map(|place| answers.take(place)), now)?;
    Ok((signed_in, beside.map(|place| answers.take(place))))
}

/// The same for a request that changes something: it is counted on its address first, in the same
/// batch (SECURITY 64).
pub(super) async fn authenticate_counted<const N: usize>(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: Presented<'_>,
    beside: impl FnOnce(&SessionId) -> [Statement; N],
) -> Result<(SignedIn, [Rows; N]), Error> {
    let token = presented.access_token()?;
    let claimed = claimed(token)?;
    let throttle = Throttle::other(service, caller);
    let mut batch = Statements::default();
    let counted = batch.add(throttle.count_request(caller));
    let wait = batch.add(throttle.wait_request());
    let check = statements(claimed.session_id()).map(|statement| batch.add(statement));
    let beside = beside(claimed.session_id()).map(|statement| batch.add(statement));
    let Written::Done(mut answers) = batch.write(fx).await? else {
        return Err(database::unavailable());
    };
    require_request(&answers.take(counted), answers.take(wait), caller)?;
    let signed_in = judge(service, claimed, check.map(|place| answers.take(place)), caller.now)?;
    Ok((signed_in, beside.map(|place| answers.take(place))))
}

pub(super) fn ended() -> Error {
    Error::new(Code::SessionEnded, "the session has ended; sign in again")
}

fn invalid() -> Error {
    Error::new(Code::TokenInvalid, "not an access token of this service")
}

/// The token with the session that it claims to be of: where to look, and nothing more.
pub(super) fn claimed(token: &str) -> Result<Unverified<'_>, Error> {
    Unverified::read(token).ok_or_else(invalid)
}

/// What a judgement needs to know.
pub(super) fn statements(claimed: &SessionId) -> [Statement; 4] {
    [
        signing_keys::all(),
        sessions::by_id(claimed),
        accounts::of_session(claimed),
        roles::of_session(claimed),
    ]
}

/// Judges a token by the rows of [`statements`].
pub(super) fn judge(
    service: &Service,
    token: Unverified<'_>,
    [keys, session, account, roles]: [Rows; 4],
    now: UnixMillis,
) -> Result<SignedIn, Error> {
    let expected = Expected {
        token_type: TokenType::AccessToken,
        issuer: Some(&service.settings.issuer),
        audience: Some(&service.settings.audience),
        now,
        leeway: SKEW,
    };
    let claims = token.verify(&keys::verifying(service, keys, now)?, &expected)?;
    // The leeway is for the beginning of a token, not for its end.
    if claims.exp() <= now {
        return Err(Error::new(Code::TokenExpired, "the token has expired"));
    }
    let (Some(session), Some(account)) =
        (sessions::read(session)?, accounts::read_account(account)?)
    else {
        return Err(ended());
    };
    if claims.sid() != session.id.as_str() || claims.sub() != session.account_id.as_str() {
        return Err(invalid());
    }
    if session.lifetime.state(now) != State::Live {
        return Err(ended());
    }
    match session.status {
        Status::Active => {}
        Status::Pending => return Err(Code::NotActivated.into()),
        Status::Blocked => return Err(Code::Blocked.into()),
        Status::Deleted => return Err(ended()),
    }
    let roles = roles::read(roles)?;
    Ok(SignedIn {
        account_id: session.account_id,
        session_id: session.id,
        auth_time: session.proofs.auth_time,
        roles: roles.clone(),
        lifetime: session.lifetime,
        label: account.label(),
        proofs: session.proofs,
        has_factor: match account.second_factor {
            Some(_) => Asked::Factor,
            None => Asked::AnyProof,
        },
        account: Account::of(account, roles),
    })
}
