//! On whom a try is counted, and the answer where there is no room (docs/DESIGN §6).

use zeroize::Zeroizing;

use super::authenticate::SignedIn;
use super::{Caller, Service};
use crate::effect::{Rows, Statement};
use crate::error::{Code, Error};
use crate::id::AccountId;
use crate::lockout::{Rate, Schedule, Try, retry_after};
use crate::secret::{Purpose, keyed_bytes};
use crate::settings::Strict;
use crate::store::throttles::{self, Key, Name};
use crate::text::address_key;

/// The rows that a use case counts on.
pub(super) struct Throttle {
    /// All requests of this kind from the address.
    rate: (Key, Rate),
    /// Failed tries from the address; none where no address is known.
    address: Option<(Key, Schedule)>,
}

impl Throttle {
    /// POST /login.
    pub(super) fn login(service: &Service, caller: &Caller) -> Self {
        let settings = &service.settings;
        let rate = Rate::hourly(settings.limits.login_per_hour);
        let rate = Self::rate(service, caller, "login", rate);
        let address = caller.address.map(|address| {
            let key = bucket(service, "address", &address_key(address));
            (key, Schedule::address(settings.login_tries, settings.lock))
        });
        Self { rate, address }
    }

    /// Every other route that changes or tries something (docs/decisions/0021).
    pub(super) fn other(service: &Service, caller: &Caller) -> Self {
        let rate = Rate::a_minute(service.settings.limits.other_per_minute);
        Self { rate: Self::rate(service, caller, "other", rate), address: None }
    }

    /// POST /accounts.
    pub(super) fn sign_up(service: &Service, caller: &Caller) -> Self {
        let rate = Rate::hourly(service.settings.limits.accounts_per_hour);
        Self { rate: Self::rate(service, caller, "accounts", rate), address: None }
    }

    fn rate(service: &Service, caller: &Caller, kind: &'static str, rate: Rate) -> (Key, Rate) {
        match caller.address {
            Some(address) => (bucket(service, kind, &address_key(address)), rate),
            None => (Key::nowhere(kind), Rate::nowhere(service.settings.login_tries)),
        }
    }

    /// Counts the request.
    pub(super) fn count_request(&self, caller: &Caller) -> Statement {
        let (key, rate) = &self.rate;
        throttles::rate(key, &caller.op, caller.now, rate.requests, rate.window)
    }

    /// Counts a try on the address, if the request was counted. Where no address is known, the
    /// request's row is looked at again, so that the batch has the same shape.
    pub(super) fn count_address(&self, caller: &Caller, name: &Name<'_>) -> Statement {
        let (op, now, guard) = (&caller.op, caller.now, &self.rate.0);
        match &self.address {
            Some((key, schedule)) => throttles::count_address(key, name, op, now, schedule, guard),
            None => throttles::wait(&self.rate.0),
        }
    }

    /// Counts a try on the account of a name, or on the name, if all before it were counted.
    pub(super) fn count_account(
        &self,
        service: &Service,
        caller: &Caller,
        name: &Name<'_>,
    ) -> Statement {
        let settings = &service.settings;
        let schedule = Schedule::account(settings.login_tries, settings.lock);
        let guard = self.address.as_ref().map_or(&self.rate.0, |(key, _)| key);
        throttles::count_account(name, &caller.op, caller.now, &schedule, guard)
    }

    /// How long the three rows refuse.
    pub(super) fn waits(&self, caller: &Caller, name: &Name<'_>) -> [Statement; 3] {
        let address = self.address.as_ref().map_or(&self.rate.0, |(key, _)| key);
        [
            throttles::wait(&self.rate.0),
            throttles::wait(address),
            throttles::wait_account(name, caller.now),
        ]
    }

    /// How long the request's row refuses.
    pub(super) fn wait_request(&self) -> Statement {
        throttles::wait(&self.rate.0)
    }

    /// The row of the request: what is counted after it depends on it.
    pub(super) const fn guard(&self) -> &Key {
        &self.rate.0
    }

    /// What a right password changes: the failures of `counted`, the account or its remembered
    /// device, are forgotten; the address gets its own try back.
    pub(super) fn release(
        &self,
        caller: &Caller,
        account: &AccountId,
        counted: &Key,
    ) -> [Statement; 2] {
        let address = self.address.as_ref().map_or(&self.rate.0, |(key, _)| key);
        let address = match self.address {
            Some(_) => throttles::give_back(address, &caller.op, account),
            None => throttles::wait(address),
        };
        [address, throttles::forget(counted, &caller.op, account)]
    }
}

/// Whose share of the queue for hashes an operation takes: 20 bits of a keyed hash of the address,
/// if one is known (docs/decisions/0015).
pub(super) fn admission_bucket(service: &Service, caller: &Caller) -> Option<u32> {
    let hash = hashed(service, "admission", &address_key(caller.address?));
    let [a, b, c, ..] = *hash;
    Some(u32::from_be_bytes([0, a, b, c]) >> 4)
}

/// A name that a login gives, and the hashes of a device's token beside it.
pub(super) fn name<'a>(service: &Service, folded: &'a str, device: &'a [String]) -> Name<'a> {
    Name { folded, bucket: bucket(service, "name", folded), device }
}

/// The bucket of an address or of a name: 20 bits of a keyed hash.
fn bucket(service: &Service, kind: &'static str, text: &str) -> Key {
    Key::bucket(kind, &hashed(service, kind, text))
}

fn hashed(service: &Service, kind: &'static str, text: &str) -> Zeroizing<[u8; 32]> {
    let key = service.settings.ring.current();
    let parts: [&[u8]; 2] = [kind.as_bytes(), text.as_bytes()];
    keyed_bytes(key, Purpose::HashThrottle, &parts)
}

/// Counts a wrong password of who is signed in, until it proves right: on the session, whose row
/// alone refuses, and, with AUTHCORE_STRICT, on the account; and how long the session has to wait.
pub(super) fn session_try(
    service: &Service,
    caller: &Caller,
    signed_in: &SignedIn,
) -> [Statement; 3] {
    let settings = &service.settings;
    let schedule = Schedule::account(settings.login_tries, settings.lock);
    let (account, session) = (&signed_in.account_id, &signed_in.session_id);
    let wait = || throttles::wait(&Key::session(session));
    let beside = match settings.strict {
        Strict::On => throttles::count_beside(account, session, &caller.op, caller.now, &schedule),
        Strict::Off => wait(),
    };
    [throttles::count_session(session, &caller.op, caller.now, &schedule), beside, wait()]
}

/// Forgets the tries of a session whose password was right, and gives the account back the one
/// that was held against it. Depends on the guard on the account.
pub(super) fn release_session(
    service: &Service,
    caller: &Caller,
    signed_in: &SignedIn,
) -> [Statement; 2] {
    let (account, key) = (&signed_in.account_id, Key::session(&signed_in.session_id));
    let beside = match service.settings.strict {
        Strict::On => throttles::take_back(&Key::account(account), &caller.op, account),
        Strict::Off => throttles::wait(&key),
    };
    [throttles::forget(&key, &caller.op, account), beside]
}

/// Refuses a try that was not counted on its session.
pub(super) fn require_session_try(
    counted: &Rows,
    wait: Rows,
    caller: &Caller,
) -> Result<(), Error> {
    let counted = throttles::read_try(counted, [wait, Rows::new()], caller.now)?;
    require(counted, caller, Code::Locked, "too many wrong passwords")
}

/// Refuses a request that was not counted.
pub(super) fn require_request(counted: &Rows, wait: Rows, caller: &Caller) -> Result<(), Error> {
    let counted = throttles::read_request(counted, wait, caller.now)?;
    require(counted, caller, Code::RateLimited, "too many requests")
}

/// Refuses a try that was not counted on the account, or on what stands before it.
pub(super) fn require_try(counted: &Rows, waits: [Rows; 2], caller: &Caller) -> Result<(), Error> {
    let counted = throttles::read_try(counted, waits, caller.now)?;
    require(counted, caller, Code::Locked, "too many failed tries")
}

fn require(counted: Try, caller: &Caller, code: Code, detail: &'static str) -> Result<(), Error> {
    match counted {
        Try::Counted => Ok(()),
        Try::WaitUntil(until) => {
            Err(Error::new(code, detail).retry_after(retry_after(caller.now, until)))
        }
    }
}
