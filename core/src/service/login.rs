//! POST /login: count the try, verify the password, begin a session.

use super::database::{self, Written};
use super::hashing::{self, Verdict};
use super::refresh_token::RefreshToken;
use super::throttling::{Throttle, require_request, require_try};
use super::tokens::{self, Subject, Tokens};
use super::{Caller, Service, keys};
use crate::effect::{Effects, Rows};
use crate::error::{Code, Error};
use crate::id::{AccountId, SessionId};
use crate::password::Password;
use crate::session::Lifetime;
use crate::store::accounts::{LoginAccount, Status};
use crate::store::credentials::Rehash;
use crate::store::sessions::NewSession;
use crate::store::{accounts, credentials, roles, sessions, signing_keys};
use crate::text::{LoginName, address_key};
use crate::time::Millis;

/// The only factor there is so far (RFC 8176 §2).
const PASSWORD: &str = "pwd";

/// What a client presents to sign in.
pub(crate) struct LoginRequest {
    pub(crate) login: LoginName,
    pub(crate) password: Password,
    /// How long the session may lie idle.
    pub(crate) kind: SessionKind,
}

/// Short, or "remember me".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionKind {
    Short,
    Long,
}

impl SessionKind {
    fn idle(self, service: &Service) -> Millis {
        match self {
            Self::Short => service.settings.refresh_ttl,
            Self::Long => service.settings.refresh_long_ttl,
        }
    }
}

/// Signs a person in. Two batches: the try is counted and everything read; then the session
/// begins. In between, one hash, whatever the name (SECURITY 56, 60).
pub(crate) async fn login(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    request: LoginRequest,
) -> Result<Tokens, Error> {
    hashing::admit(service, fx, caller).await?;
    let throttle = Throttle::login(service, caller);
    let found = count_and_find(service, fx, caller, &throttle, request.login.folded()).await?;

    let credential = found.account.as_ref().and_then(|account| account.credential.as_ref());
    let phc = credential.map(|(phc, _)| phc.as_str());
    let verdict = hashing::verify(service, fx, caller, request.password, phc).await?;
    let (id, version, phc, renewed) = match (found.account, verdict) {
        (Some(LoginAccount { id, status, credential: Some((phc, version)) }), right) => {
            let Verdict::Right { renewed } = right else { return Err(wrong()) };
            require_usable(status)?;
            (id, version, phc, renewed)
        }
        _ => return Err(wrong()),
    };

    let keys = keys::current(service, fx, caller, found.keys).await?;
    let key = keys.active(service)?;
    let begun = Begun {
        account: id,
        version,
        idle: request.kind.idle(service),
        session: SessionId::v7(caller.now, caller.streams.bytes("session.id")),
        token: RefreshToken::first(&caller.streams),
        rehash: renewed.map(|renewed| Rehash { verified: phc, renewed }),
    };
    let lifetime = begin(service, fx, caller, &throttle, &begun).await?;
    let subject = Subject {
        account: begun.account,
        session: begun.session,
        auth_time: caller.now,
        amr: PASSWORD,
        roles: found.roles,
        lifetime,
    };
    tokens::issue(service, caller, &key, subject, &begun.token)
}

/// One answer for an unknown name, a wrong password, no password, a deleted account.
fn wrong() -> Error {
    Error::new(Code::InvalidCredentials, "login name or password is wrong")
}

/// Told only to whoever knows the password.
fn require_usable(status: Status) -> Result<(), Error> {
    match status {
        Status::Active => Ok(()),
        Status::Pending => Err(Code::NotActivated.into()),
        Status::Blocked => Err(Code::Blocked.into()),
        Status::Deleted => Err(wrong()),
    }
}

struct Found {
    account: Option<LoginAccount>,
    roles: Vec<String>,
    keys: Rows,
}

/// The first batch: counts the try and reads what the rest needs, known name or not.
async fn count_and_find(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    throttle: &Throttle,
    name: &str,
) -> Result<Found, Error> {
    let [wait_request, wait_address, wait_account] = throttle.waits(service, name);
    let written = database::write(
        fx,
        [
            throttle.count_request(caller),
            throttle.count_address(service, caller, name),
            throttle.count_account(service, caller, name),
            wait_request,
            wait_address,
            wait_account,
            accounts::for_login(name),
            roles::of_login(name),
            signing_keys::all(),
        ],
    )
    .await?;
    let Written::Done([request, _, account, w1, w2, w3, row, roles, keys]) = written else {
        // Counted or not, it is not evaluated.
        return Err(database::unavailable());
    };
    require_request(&request, w1, caller)?;
    require_try(&account, [w2, w3], caller)?;
    Ok(Found { account: accounts::read_for_login(row)?, roles: roles::read(roles)?, keys })
}

/// A session about to begin.
struct Begun {
    account: AccountId,
    version: i64,
    idle: Millis,
    session: SessionId,
    token: RefreshToken,
    rehash: Option<Rehash>,
}

/// The second batch: begins the session, if the account is still active and its password the one
/// that was verified.
async fn begin(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    throttle: &Throttle,
    begun: &Begun,
) -> Result<Lifetime, Error> {
    let settings = &service.settings;
    let (now, op, account) = (caller.now, &caller.op, &begun.account);
    let lifetime = Lifetime::begin(now, begun.idle, settings.session_max);
    let address = caller.address.map(address_key).unwrap_or_default();
    let new = NewSession {
        id: &begun.session,
        account_id: account,
        now,
        amr: PASSWORD,
        idle: begun.idle,
        user_agent: &caller.user_agent,
        address: &address,
        family_hash: &begun.token.family_hash(&settings.ring),
        refresh_hash: &begun.token.hash(&settings.ring, &begun.session),
        lifetime,
        op,
    };
    let [release_address, release_account] = throttle.release(caller, account);
    let written = database::write(
        fx,
        [
            accounts::lock(account),
            accounts::sign_in(now, op, account, begun.version),
            credentials::rehash(account, begun.rehash.as_ref(), op),
            sessions::insert(&new),
            sessions::cap(now, account, settings.sessions_per_account, op),
            release_address,
            release_account,
        ],
    )
    .await?;
    match written {
        Written::Done([_, _, _, inserted, ..]) if !inserted.is_empty() => Ok(lifetime),
        // The account was blocked, or its password changed, after it was read.
        Written::Done(_) => Err(wrong()),
        Written::Unknown => {
            let [rows] = database::read(fx, [sessions::by_id(&begun.session)]).await?;
            let committed = sessions::read(rows)?.is_some();
            committed.then_some(lifetime).ok_or_else(database::unavailable)
        }
    }
}
