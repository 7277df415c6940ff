//! The settings of the second factor: AUTHCORE_OTP…, AUTHCORE_REMEMBER_DEVICE.

use super::SettingsError;
use super::variables::{Variables, wrong};
use crate::time::Millis;
use crate::totp::{Algorithm, Digits, Issuer, Parameters, Period, Window};

/// Whether new enrolments are offered. What is confirmed is asked for all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Offered {
    /// AUTHCORE_OTP=on, the default.
    Yes,
    /// AUTHCORE_OTP=off.
    No,
}

/// How codes are made and tried.
#[derive(Clone, Debug)]
pub struct Otp {
    /// Whether new enrolments are offered.
    pub offered: Offered,
    /// How many codes one challenge takes.
    pub tries: u32,
    /// Algorithm, digits and period of new enrolments, and the window of all.
    pub parameters: Parameters,
    /// What an authenticator app shows above the code.
    pub issuer: Issuer,
}

impl Otp {
    /// Takes the variables that begin with OTP; `issuer` is the service's, whose host is the
    /// default of what an app shows.
    pub(super) fn take(left: &mut Variables, issuer: &str) -> Result<Self, SettingsError> {
        let offered = match left.text("OTP").as_deref() {
            None | Some("on") => Offered::Yes,
            Some("off") => Offered::No,
            Some(_) => return Err(wrong("OTP", "must be `on` or `off`")),
        };
        let algorithm = left.text("OTP_ALGORITHM").unwrap_or_else(|| "SHA1".to_owned());
        let refused =
            |name: &'static str| move |reason: crate::text::Reason| wrong(name, reason.detail);
        let parameters = Parameters {
            algorithm: Algorithm::parse(&algorithm).map_err(refused("OTP_ALGORITHM"))?,
            digits: Digits::new(left.number("OTP_DIGITS", 6, 6, 8)?)
                .map_err(refused("OTP_DIGITS"))?,
            period: Period::from_seconds(left.number("OTP_PERIOD", 30, 10, 300)?)
                .map_err(refused("OTP_PERIOD"))?,
            window: Window::new(left.number("OTP_WINDOW", 1, 0, 3)?)
                .map_err(refused("OTP_WINDOW"))?,
        };
        let issuer = left.text("OTP_ISSUER").unwrap_or_else(|| host(issuer).to_owned());
        Ok(Self {
            offered,
            tries: left.number("OTP_TRIES", 3, 1, 10)?,
            parameters,
            issuer: Issuer::parse(&issuer).map_err(refused("OTP_ISSUER"))?,
        })
    }
}

/// The host of a URL, without the port; the text itself, if it is no URL.
fn host(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split('/').next().unwrap_or(rest);
    authority.split(':').next().filter(|host| !host.is_empty()).unwrap_or("authcore")
}

/// For how long a device is remembered: 30 days, at most; not at all if `off`.
pub(super) fn remember_device(left: &mut Variables) -> Result<Option<Millis>, SettingsError> {
    if left.0.get("REMEMBER_DEVICE").is_some_and(|text| text == "off") {
        left.0.remove("REMEMBER_DEVICE");
        return Ok(None);
    }
    let longest = Millis::days(30);
    left.span("REMEMBER_DEVICE", longest, Millis::minutes(1), longest).map(Some)
}
