//! POST /login: count the try, verify the password, then a session or a challenge.

use super::challenge::{Challenge, NewOne};
use super::database::{self, Statements, Written};
use super::factor::{self, PresentedCode, Right};
use super::hashing::{self, Verdict};
use super::keys::{self, Keys};
use super::sign_in::{SignIn, device_hashes};
use super::throttling::{self, Throttle, require_request, require_try};
use super::tokens::Tokens;
use super::{Caller, Service};
use crate::effect::{Effects, Rows, Statement};
use crate::error::{Code, Error};
use crate::id::{AccountId, DeviceId};
use crate::password::Password;
use crate::second_factor::{self, Device, Requirement};
use crate::session::Proof;
use crate::store::accounts::{self, LoginAccount, Status};
use crate::store::authenticators::{self, AuthenticatorRow};
use crate::store::credentials::{self, Rehash};
use crate::store::throttles::Key;
use crate::store::{challenges, factor_failures, remembered_devices, roles, signing_keys};
use crate::text::LoginName;
use crate::time::Millis;

/// What a client presents to sign in.
pub(crate) struct LoginRequest {
    pub(crate) login: LoginName,
    pub(crate) password: Password,
    /// A code of the second factor, in the same call.
    pub(crate) otp: Option<PresentedCode>,
    /// The token of a remembered device.
    pub(crate) device_token: Option<String>,
    pub(crate) kind: SessionKind,
}

/// Short, or "remember me".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SessionKind {
    Short,
    Long,
}

impl SessionKind {
    /// How long the session may lie idle.
    fn idle(self, service: &Service) -> Millis {
        match self {
            Self::Short => service.settings.refresh_ttl,
            Self::Long => service.settings.refresh_long_ttl,
        }
    }
}

/// What a right password leads to.
pub(crate) enum LoggedIn {
    /// A session.
    Tokens(Box<Tokens>),
    /// The second factor is asked for: there is no session and no token yet (SECURITY 14).
    Challenge(Challenge),
}

/// Signs a person in. Two batches: the try is counted and everything read; then the session, or
/// the challenge, begins. In between, one hash, whatever the name (SECURITY 56, 60). A code in the
/// same call is one batch more: it is counted after the password was right, or strangers could
/// use up the tries of the owner's codes (docs/decisions/0021).
pub(crate) async fn login(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    request: LoginRequest,
) -> Result<LoggedIn, Error> {
    hashing::admit(service, fx, caller).await?;
    let LoginRequest { login, password, otp, device_token, kind } = request;
    let throttle = Throttle::login(service, caller);
    let devices = device_hashes(service, device_token.as_deref());
    let found = count_and_find(service, fx, caller, &throttle, login.folded(), &devices).await?;

    let credential = found.account.as_ref().and_then(|account| account.credential.as_ref());
    let phc = credential.map(|(phc, _)| phc.as_str());
    let verdict = hashing::verify(service, fx, caller, password, phc).await?;
    let (id, version, rehash) = match (found.account, verdict) {
        (Some(LoginAccount { id, status, credential: Some((phc, version)), .. }), right) => {
            let Verdict::Right { renewed } = right else { return Err(wrong()) };
            require_usable(status)?;
            (id, version, renewed.map(|renewed| Rehash { verified: phc, renewed }))
        }
        _ => return Err(wrong()),
    };

    let proved = Proved {
        service,
        caller,
        id,
        version,
        rehash,
        idle: kind.idle(service),
        release: throttle.release(
            caller,
            &id,
            &found.device.as_ref().map_or_else(|| Key::account(&id), Key::device),
        ),
        roles: found.roles,
        keys: keys::current(service, fx, caller, found.keys).await?,
    };
    // Where devices are not remembered any more, an old token has its own tries and no more.
    let device = found.device.filter(|_| service.settings.remember_device.is_some());
    let known = if device.is_some() { Device::Remembered } else { Device::Unknown };
    let standing = found.factor.as_ref().map(|row| &row.standing);
    let requirement = second_factor::requirement(standing, known, caller.now);
    let (now, op) = (caller.now, &caller.op);
    match (requirement, device, found.factor, otp) {
        (Requirement::Nothing, ..) | (_, _, None, _) => {
            let guard = accounts::act_without_factor(&id, version, now, op);
            proved.begin(fx, Proof::Password, guard).await
        }
        (Requirement::Remembered, Some(device), ..) => {
            let guard = accounts::act_on_device(&id, version, &device, op);
            proved.begin(fx, Proof::RememberedDevice, guard).await
        }
        (_, _, Some(row), None) => proved.challenge(fx, &row).await,
        (_, _, Some(row), Some(code)) => proved.with_code(fx, &row, &code).await,
    }
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
    /// The authenticator that counts.
    factor: Option<AuthenticatorRow>,
    device: Option<DeviceId>,
    roles: Vec<String>,
    keys: Rows,
}

/// The first batch: counts the try and reads what the rest needs, known name or not.
async fn count_and_find(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    throttle: &Throttle,
    folded: &str,
    devices: &[String],
) -> Result<Found, Error> {
    let name = throttling::name(service, folded, devices);
    let [wait_request, wait_address, wait_account] = throttle.waits(caller, &name);
    let written = database::write(
        fx,
        [
            throttle.count_request(caller),
            throttle.count_address(caller, &name),
            throttle.count_account(service, caller, &name),
            wait_request,
            wait_address,
            wait_account,
            accounts::for_login(folded),
            authenticators::of_login(folded),
            remembered_devices::of_login(devices, caller.now, folded),
            roles::of_login(folded),
            signing_keys::all(),
        ],
    )
    .await?;
    let Written::Done([request, _, account, w1, w2, w3, row, factors, device, roles, keys]) =
        written
    else {
        // Counted or not, it is not evaluated.
        return Err(database::unavailable());
    };
    require_request(&request, w1, caller)?;
    require_try(&account, [w2, w3], caller)?;
    Ok(Found {
        account: accounts::read_for_login(row)?,
        factor: authenticators::counting(authenticators::read(factors)?, caller.now),
        device: remembered_devices::read_id(device)?,
        roles: roles::read(roles)?,
        keys,
    })
}

/// A login whose password was right.
struct Proved<'a> {
    service: &'a Service,
    caller: &'a Caller,
    id: AccountId,
    version: i64,
    rehash: Option<Rehash>,
    idle: Millis,
    release: [Statement; 2],
    roles: Vec<String>,
    keys: Keys,
}

impl Proved<'_> {
    /// What a right password changes besides. Depends on the guard on the account.
    fn password_was_right(&self) -> impl Iterator<Item = Statement> + use<> {
        let rehash = credentials::rehash(&self.id, self.rehash.as_ref(), &self.caller.op);
        std::iter::once(rehash).chain(self.release.clone())
    }

    /// The second batch: begins the session, if the guard holds: what was read of the account, its
    /// password and its factors is still so.
    async fn begin(
        self,
        fx: &mut Effects,
        proof: Proof,
        guard: Statement,
    ) -> Result<LoggedIn, Error> {
        let Self { service, caller, id, .. } = self;
        let key = self.keys.active(service)?;
        let sign_in = SignIn::new(service, caller, key, id, proof, self.idle);
        let mut statements = Statements::default();
        statements.extend([accounts::lock(&id, &caller.op), guard]);
        statements.extend(self.password_was_right());
        let begun = sign_in.begin(service, caller, &mut statements)?;
        match statements.write(fx).await? {
            // After it was read, the account was blocked, its password changed, a factor was
            // enrolled, or the device forgotten.
            Written::Done(answers) if answers.is_empty(begun) => return Err(wrong()),
            Written::Done(_) => {}
            Written::Unknown => sign_in.began(fx).await?,
        }
        let tokens = sign_in.answer(service, caller, self.roles, None)?;
        Ok(LoggedIn::Tokens(Box::new(tokens)))
    }

    /// The second batch of an account with a second factor: the challenge begins.
    async fn challenge(self, fx: &mut Effects, row: &AuthenticatorRow) -> Result<LoggedIn, Error> {
        let Self { service, caller, id, version, .. } = self;
        let new = NewOne::asking_for(caller, row);
        let mut statements = Statements::default();
        statements.extend([
            accounts::lock(&id, &caller.op),
            accounts::act_by_credential(&id, version, &caller.op),
        ]);
        statements.extend(self.password_was_right());
        let [insert, cap] = new.statements(service, caller, &id, version, self.idle);
        let begun = statements.add(insert);
        statements.extend([cap]);
        match statements.write(fx).await? {
            Written::Done(answers) if answers.is_empty(begun) => Err(wrong()),
            Written::Done(_) => Ok(LoggedIn::Challenge(new.answer())),
            Written::Unknown => {
                let [rows] = database::read(fx, [challenges::by_id(&new.id)]).await?;
                match challenges::read(rows)? {
                    Some(_) => Ok(LoggedIn::Challenge(new.answer())),
                    None => Err(database::unavailable()),
                }
            }
        }
    }

    /// A code in the same call: it is counted, then judged, then taken as the session begins.
    async fn with_code(
        self,
        fx: &mut Effects,
        row: &AuthenticatorRow,
        code: &PresentedCode,
    ) -> Result<LoggedIn, Error> {
        let Self { service, caller, id, version, .. } = self;
        let key = self.keys.active(service)?;
        let count = [
            factor_failures::count_of_account(&id, &caller.op, caller.now),
            factor_failures::of_account(&id),
        ];
        let Written::Done([counted, failures]) = database::write(fx, count).await? else {
            return Err(database::unavailable());
        };
        if counted.is_empty() {
            let locked = factor::require_counted(factor_failures::read(failures)?, caller);
            return Err(self.waits(fx, locked.err().unwrap_or_else(factor::wrong)).await);
        }
        let right = match factor::judge(service, caller, &id, row, code) {
            Err(error) if error.code == Code::OtpInvalid => {
                return Err(self.wrong_code(fx).await);
            }
            right => right?,
        };
        let sign_in = SignIn::new(service, caller, key, id, right.proof(), self.idle);
        let mut statements = Statements::default();
        statements.extend([
            accounts::lock(&id, &caller.op),
            accounts::claim_by_credential(&id, version, &caller.op),
        ]);
        let begun = self.taking(&right, &sign_in, &mut statements)?;
        match statements.write(fx).await? {
            Written::Done(answers) if answers.is_empty(begun) => {
                return Err(self.wrong_code(fx).await);
            }
            Written::Done(_) => {}
            Written::Unknown => sign_in.began(fx).await?,
        }
        let tokens = sign_in.answer(service, caller, self.roles, right.codes())?;
        Ok(LoggedIn::Tokens(Box::new(tokens)))
    }

    /// The factor is locked for a while. The password was right, and its try is given back.
    async fn waits(&self, fx: &mut Effects, locked: Error) -> Error {
        let mut statements = Statements::default();
        statements.extend([accounts::take_row(&self.id, &self.caller.op)]);
        statements.extend(self.release.clone());
        match statements.write(fx).await {
            Ok(Written::Done(_)) => locked,
            Ok(Written::Unknown) => database::unavailable(),
            Err(error) => error,
        }
    }

    /// A wrong code takes nothing from the right password beside it.
    async fn wrong_code(&self, fx: &mut Effects) -> Error {
        let released = self.release.clone();
        factor::refused(self.service, fx, self.caller, &self.id, released).await
    }

    fn taking(
        &self,
        right: &Right,
        sign_in: &SignIn,
        statements: &mut Statements,
    ) -> Result<database::Place, Error> {
        statements.extend(right.take(self.caller, &self.id));
        statements.extend(self.password_was_right());
        statements.extend(right.brings(self.service, self.caller, &self.id)?);
        sign_in.begin(self.service, self.caller, statements)
    }
}
