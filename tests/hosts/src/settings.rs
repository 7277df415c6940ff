//! The settings of the services under test.

use std::sync::Arc;

use authcore::service::Service;
use authcore::settings::Settings;

/// The moment at which tests begin: 2026-01-01T00:00:00Z, in Unix milliseconds.
pub const NOW: i64 = 1_767_225_600_000;

/// A key for rings: the SHA-256 of `authcore tests K1`.
pub const K1: &str = "k1:0tnD/cCbS95jy9aNfgcIU6+18xADu/0vNoRFqTlQvDw=";
/// Another one.
pub const K2: &str = "k2:9rY6gdnQ+9eiAUS1kLaC+B8VbUHjLjCb3FiCyShqymY=";

const BASE: [(&str, &str); 5] = [
    ("AUTHCORE_SECRET", K1),
    ("AUTHCORE_PUBLIC_URL", "https://auth.test"),
    ("AUTHCORE_AUDIENCE", "api.test"),
    ("AUTHCORE_CLIENT_ID", "web.test"),
    // Tests count on names; those that test limits lower them.
    ("AUTHCORE_LIMITS", "login 10000/h, accounts 10000/h, other 10000/min"),
];

/// The variables of a test's service: those of every test, and its own, which win.
#[must_use]
pub fn variables(own: &[(&str, &str)]) -> Vec<(String, String)> {
    let base = BASE.iter().filter(|(name, _)| !own.iter().any(|(other, _)| other == name));
    base.chain(own).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

/// A service with these variables.
///
/// # Panics
/// If they are refused.
#[must_use]
pub fn service(own: &[(&str, &str)]) -> Arc<Service> {
    let settings = Settings::from_variables(variables(own)).expect("sound variables");
    Service::new(settings).expect("sound settings")
}
