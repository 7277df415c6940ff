//! On whom a try is counted, and the answer where there is no room (docs/DESIGN §6).

use zeroize::Zeroizing;

use super::{Caller, Service};
use crate::effect::{Rows, Statement};
use crate::error::{Code, Error};
use crate::id::AccountId;
use crate::lockout::{Rate, Schedule, Try, retry_after};
use crate::secret::{Purpose, keyed_bytes};
use crate::store::throttles::{self, Key};
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
    pub(super) fn count_address(
        &self,
        service: &Service,
        caller: &Caller,
        name: &str,
    ) -> Statement {
        let (op, now, guard) = (&caller.op, caller.now, &self.rate.0);
        match &self.address {
            Some((key, schedule)) => {
                let bucket = bucket(service, "name", name);
                throttles::count_address(key, (name, &bucket), op, now, schedule, guard)
            }
            None => throttles::wait(&self.rate.0),
        }
    }

    /// Counts a try on the account of a name, or on the name, if all before it were counted.
    pub(super) fn count_account(
        &self,
        service: &Service,
        caller: &Caller,
        name: &str,
    ) -> Statement {
        let settings = &service.settings;
        let schedule = Schedule::account(settings.login_tries, settings.lock);
        let guard = self.address.as_ref().map_or(&self.rate.0, |(key, _)| key);
        let bucket = bucket(service, "name", name);
        throttles::count_account(name, &bucket, &caller.op, caller.now, &schedule, guard)
    }

    /// How long the three rows refuse.
    pub(super) fn waits(&self, service: &Service, name: &str) -> [Statement; 3] {
        let address = self.address.as_ref().map_or(&self.rate.0, |(key, _)| key);
        let bucket = bucket(service, "name", name);
        [
            throttles::wait(&self.rate.0),
            throttles::wait(address),
            throttles::wait_account(name, &bucket),
        ]
    }

    /// How long the request's row refuses.
    pub(super) fn wait_request(&self) -> Statement {
        throttles::wait(&self.rate.0)
    }

    /// What a right password changes: the account's failures are forgotten, the address gets its
    /// own try back.
    pub(super) fn release(&self, caller: &Caller, account: &AccountId) -> [Statement; 2] {
        let address = self.address.as_ref().map_or(&self.rate.0, |(key, _)| key);
        let address = match self.address {
            Some(_) => throttles::give_back(address, &caller.op, account),
            None => throttles::wait(address),
        };
        [address, throttles::forget(&Key::account(account), &caller.op, account)]
    }
}

/// Whose share of the queue for hashes an operation takes: 20 bits of a keyed hash of the address,
/// if one is known (docs/decisions/0015).
pub(super) fn admission_bucket(service: &Service, caller: &Caller) -> Option<u32> {
    let hash = hashed(service, "admission", &address_key(caller.address?));
    let [a, b, c, ..] = *hash;
    Some(u32::from_be_bytes([0, a, b, c]) >> 4)
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
