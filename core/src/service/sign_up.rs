//! POST /accounts: a person signs up.

use super::database::{self, Statements, Written};
use super::enrolment::{Enrolment, require_on};
use super::throttling::{Throttle, require_request};
use super::tokens::Account;
use super::{Caller, Service, factor, hashing, password_rule};
use crate::effect::Effects;
use crate::error::{Code, Error, FieldError};
use crate::id::AccountId;
use crate::json::CanonicalJson;
use crate::password::Password;
use crate::second_factor::{ENROLMENT_AT_SIGN_UP, Origin};
use crate::secret::{Purpose, keyed_hash, matches};
use crate::settings::Activation;
use crate::store::accounts::{AccountRow, Holder, NewAccount, Status};
use crate::store::{accounts, credentials, roles};
use crate::text::{Email, FullName, Username};
use crate::time::Millis;

/// How long an idempotency key finds the account that it made. It proves nothing of whoever sends
/// it, so it must not show an account for ever (docs/decisions/0011).
const IDEMPOTENT_FOR: Millis = Millis::days(1);

/// The second factor that a person wants from the start.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WantedFactor {
    None,
    Totp,
}

/// The account, and what an authenticator app is set up with.
pub(crate) struct SignedUp {
    pub(crate) account: Account,
    pub(crate) enrolment: Option<Enrolment>,
}

impl SignedUp {
    /// The account of an earlier try: its seed is shown to whoever signs in (POST
    /// /login/enrolment), not to whoever knows a key.
    const fn again(account: Account) -> Self {
        Self { account, enrolment: None }
    }
}

/// What a person signs up with: an e-mail address or a username, at least one.
pub(crate) struct SignUp {
    pub(crate) email: Option<Email>,
    pub(crate) username: Option<Username>,
    pub(crate) password: Password,
    pub(crate) full_name: Option<FullName>,
    pub(crate) properties: Option<CanonicalJson>,
    /// Whether a second factor is wanted, and which.
    pub(crate) second_factor: WantedFactor,
    /// What the client sent as `Idempotency-Key`.
    pub(crate) idempotency_key: Option<String>,
}

/// Signs a person up. Two batches: the request is counted; then the account is written, guarded by
/// the unique indexes on its names.
pub(crate) async fn sign_up(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    input: SignUp,
) -> Result<SignedUp, Error> {
    check_names(service, &input)?;
    if input.second_factor == WantedFactor::Totp {
        require_offered(service)?;
    }
    hashing::admit(service, fx, caller).await?;
    let throttle = Throttle::sign_up(service, caller);
    let counting = [throttle.count_request(caller), throttle.wait_request()];
    let Written::Done([counted, wait]) = database::write(fx, counting).await? else {
        return Err(database::unavailable());
    };
    require_request(&counted, wait, caller)?;
    let names = [
        input.email.as_ref().map_or("", Email::folded),
        input.username.as_ref().map_or("", Username::folded),
        input.full_name.as_ref().map_or("", FullName::as_str),
    ];
    password_rule::require_strong(service, fx, caller, &input.password, &names).await?;

    let SignUp { email, username, password, full_name, properties, second_factor, idempotency_key } =
        input;
    let hash = hashing::create(service, fx, caller, password).await?;
    let ring = &service.settings.ring;
    let email_folded = email.as_ref().map(Email::folded);
    let username_folded = username.as_ref().map(Username::folded);
    let names = [idempotency_key.as_deref(), email_folded, username_folded]
        .map(|name| name.unwrap_or_default().as_bytes());
    let idempotency = idempotency_key
        .is_some()
        .then(|| keyed_hash(ring.current(), Purpose::HashIdempotency, &names));
    let id = AccountId::v7(caller.now, caller.streams.bytes("account.id"));
    let account = AccountRow {
        id,
        email: email.as_ref().map(|email| email.as_str().to_owned()),
        username: username.as_ref().map(|username| username.as_str().to_owned()),
        full_name: full_name.map(|name| name.as_str().to_owned()),
        status: match service.settings.activation {
            Activation::Off => Status::Active,
            Activation::Admin => Status::Pending,
        },
        email_verified_at: None,
        properties: properties.map_or_else(|| "{}".to_owned(), CanonicalJson::into_text),
        created_at: caller.now.as_millis(),
        last_login_at: None,
        second_factor: None,
    };
    let drawn = match second_factor {
        WantedFactor::None => None,
        WantedFactor::Totp => {
            let confirm_by = caller.now.after(ENROLMENT_AT_SIGN_UP);
            Some(factor::draw(service, caller, &id, Origin::SignUp, confirm_by)?)
        }
    };
    let signed_up = |account: AccountRow| {
        let label = account.label();
        let enrolment =
            drawn.as_ref().map(|drawn| Enrolment::drawn(service, drawn, &label, caller.now));
        let enrolment = enrolment.transpose()?;
        Ok(SignedUp { account: Account::of(account, vec![roles::USER.to_owned()]), enrolment })
    };
    let mut statements = Statements::default();
    let inserted = statements.add(accounts::insert(&NewAccount {
        account: &account,
        email_folded,
        username_folded,
        idempotency: idempotency.as_deref(),
        op: &caller.op,
    }));
    statements.extend([
        credentials::insert(hash.as_str(), caller.now, &id, &caller.op),
        roles::grant_new(roles::USER, caller.now, &id, &caller.op),
    ]);
    if let Some(drawn) = &drawn {
        statements.extend(drawn.statements(caller, &id));
    }
    let holders = statements.add(accounts::holders(email_folded, username_folded));
    let holders = match statements.write(fx).await? {
        Written::Done(answers) if !answers.is_empty(inserted) => return signed_up(account),
        Written::Done(mut answers) => accounts::read_holders(answers.take(holders))?,
        Written::Unknown => {
            let again = [accounts::holders(email_folded, username_folded)];
            let [holders] = database::read(fx, again).await?;
            accounts::read_holders(holders)?
        }
    };
    // This operation's own commit, or the one of an earlier try with the same idempotency key.
    let is_again = |stored: &str| {
        idempotency_key.is_some() && matches(ring, Purpose::HashIdempotency, &names, stored)
    };
    let mine = holders.iter().find(|holder| {
        holder.id == id
            || caller.now.since(holder.created_at) < IDEMPOTENT_FOR
                && holder.idempotency.as_deref().is_some_and(is_again)
    });
    match mine {
        Some(holder) if holder.id == id => signed_up(account),
        Some(holder) => existing(fx, &holder.id).await.map(SignedUp::again),
        None if holders.is_empty() => Err(database::unavailable()),
        None => Err(taken(&holders, email_folded, username_folded)),
    }
}

fn require_offered(service: &Service) -> Result<(), Error> {
    require_on(service).map_err(|error| {
        Error::fields(vec![FieldError::new("/second_factor", "not_offered", error.detail)])
    })
}

fn check_names(service: &Service, input: &SignUp) -> Result<(), Error> {
    let restricted = &service.settings.restricted_names;
    match &input.username {
        Some(username)
            if username.is_restricted()
                || restricted.iter().any(|name| username.resembles(name)) =>
        {
            Err(Error::fields(vec![FieldError::new(
                "/username",
                "restricted",
                "this username is not available",
            )]))
        }
        _ => Ok(()),
    }
}

async fn existing(fx: &mut Effects, id: &AccountId) -> Result<Account, Error> {
    let [row, roles] = database::read(fx, [accounts::by_id(id), roles::of_account(id)]).await?;
    let row = accounts::read_account(row)?.ok_or(Code::Internal)?;
    Ok(Account::of(row, roles::read(roles)?))
}

/// Which of the names belongs to somebody already (409; docs/DESIGN §6 on when this is told).
fn taken(holders: &[Holder], email: Option<&str>, username: Option<&str>) -> Error {
    let holds = |holder: &Holder| {
        let email = email.is_some() && holder.email_folded.as_deref() == email;
        let username = username.is_some() && holder.username_folded.as_deref() == username;
        (email, username)
    };
    let mut error = Error::new(Code::Taken, "the name belongs to an account already");
    let held: Vec<_> = holders.iter().map(holds).collect();
    for (pointer, taken) in [
        ("/email", held.iter().any(|(email, _)| *email)),
        ("/username", held.iter().any(|(_, username)| *username)),
    ] {
        if taken {
            error.fields.push(FieldError::new(pointer, "taken", "already taken"));
        }
    }
    error
}
