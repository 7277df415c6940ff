//! The variables while they are taken, and the forms that their values have.

use std::collections::BTreeMap;

use super::{Environment, Limits, Lock, PREFIX, SettingsError};
use crate::jwt::Algorithm;
use crate::secret::{Secret, length_prefixed_digest};
use crate::time::Millis;

pub(super) fn wrong(name: &str, reason: impl Into<String>) -> SettingsError {
    let (variable, reason) = (format!("{PREFIX}{name}"), reason.into());
    // What a primitive says names the variable itself.
    let rest = reason.strip_prefix(&variable).map(|rest| rest.trim_start().to_owned());
    SettingsError { variable, reason: rest.unwrap_or(reason) }
}

pub(super) struct Variables(pub(super) BTreeMap<String, String>);

impl Variables {
    pub(super) fn fingerprint(&self) -> Secret<[u8; 32]> {
        let set = self.0.iter().filter(|(name, text)| *name != "SECRET" && !text.is_empty());
        let parts = set.flat_map(|(name, text)| [name.as_bytes(), text.as_bytes()]);
        Secret::new(length_prefixed_digest(parts))
    }

    /// The variable's text; an empty one counts as not set.
    pub(super) fn text(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|text| !text.is_empty())
    }

    pub(super) fn number(
        &mut self,
        name: &str,
        default: u32,
        least: u32,
        most: u32,
    ) -> Result<u32, SettingsError> {
        let Some(text) = self.text(name) else { return Ok(default) };
        match text.parse::<u32>() {
            Ok(number) if (least..=most).contains(&number) => Ok(number),
            _ => Err(wrong(name, format!("must be a whole number from {least} to {most}"))),
        }
    }

    /// AUTHCORE_LOCK: a span of time, or `until-admin`.
    pub(super) fn lock(
        &mut self,
        default: Millis,
        least: Millis,
        most: Millis,
    ) -> Result<Lock, SettingsError> {
        if self.0.get("LOCK").is_some_and(|text| text == "until-admin") {
            self.0.remove("LOCK");
            return Ok(Lock::UntilAdmin);
        }
        self.span("LOCK", default, least, most).map(Lock::For)
    }

    /// A span of time: a whole number with `s`, `min`, `h` or `d` behind it.
    pub(super) fn span(
        &mut self,
        name: &str,
        default: Millis,
        least: Millis,
        most: Millis,
    ) -> Result<Millis, SettingsError> {
        let Some(text) = self.text(name) else { return Ok(default) };
        let digits = text.trim_end_matches(|c: char| !c.is_ascii_digit());
        let unit = text.get(digits.len()..).unwrap_or_default().trim_start();
        let span = digits.parse::<u32>().ok().and_then(|number| match unit {
            "s" => Some(Millis::seconds(number)),
            "min" => Some(Millis::minutes(number)),
            "h" => Some(Millis::hours(number)),
            "d" => Some(Millis::days(number)),
            _ => None,
        });
        match span {
            Some(span) if (least..=most).contains(&span) => Ok(span),
            Some(_) => Err(wrong(
                name,
                format!("must be from {} s to {} s", least.as_seconds(), most.as_seconds()),
            )),
            None => Err(wrong(name, "must be a time such as `300 s`, `5 min`, `24 h` or `30 d`")),
        }
    }
}

/// Whether an authority (host and port) is this machine's own (RFC 6761 §6.3).
fn is_loopback(authority: &str) -> bool {
    let port = |rest: &str| rest.chars().all(|c| c.is_ascii_digit());
    let host = match authority.rsplit_once(':') {
        Some((host, rest)) if port(rest) => host,
        _ => authority,
    };
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    let address = bare.parse::<std::net::IpAddr>();
    address.is_ok_and(|address| address.is_loopback())
        || host == "localhost"
        || host.ends_with(".localhost")
}

/// Checks an origin (scheme, host, port) and returns it without a trailing slash.
pub(super) fn origin(
    name: &str,
    text: &str,
    environment: Environment,
) -> Result<String, SettingsError> {
    let text = text.strip_suffix('/').unwrap_or(text);
    let host = match (text.strip_prefix("https://"), text.strip_prefix("http://")) {
        (Some(host), _) => host,
        (None, Some(host)) if environment == Environment::Dev => host,
        _ => return Err(wrong(name, "must begin with https:// unless AUTHCORE_ENV=dev")),
    };
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || ".-:[]".contains(c);
    if text.starts_with("http://") && !is_loopback(host) {
        return Err(wrong(name, "plain http is for this machine only, such as http://localhost"));
    }
    if host.is_empty() || !host.chars().all(fits) {
        return Err(wrong(name, "must be scheme, host and port only, in lower case"));
    }
    // A browser leaves the scheme's own port out of `Origin` (RFC 6454 §6.1).
    let default_port = if text.starts_with("https://") { ":443" } else { ":80" };
    Ok(text.strip_suffix(default_port).unwrap_or(text).to_owned())
}

pub(super) fn bounded(name: &str, text: String) -> Result<String, SettingsError> {
    let fits = !text.is_empty() && text.len() <= 200 && text.chars().all(|c| c.is_ascii_graphic());
    fits.then_some(text).ok_or_else(|| wrong(name, "must be 1 to 200 visible ASCII characters"))
}

/// What signs access tokens.
pub(super) fn jwt_algorithm(text: Option<String>) -> Result<Algorithm, SettingsError> {
    let Some(text) = text else { return Ok(Algorithm::EdDSA) };
    match Algorithm::named(&text) {
        Some(Algorithm::RS256) => Err(wrong("JWT_ALG", "RS256 is verified only, never signed")),
        Some(algorithm) => Ok(algorithm),
        None => Err(wrong("JWT_ALG", "must be `EdDSA`, `ES256`, `HS256` or `HS512`")),
    }
}

pub(super) fn prefix(text: Option<String>) -> Result<String, SettingsError> {
    let text = text.unwrap_or_else(|| "/v1".to_owned());
    let text = if text == "/" { String::new() } else { text };
    let segment = |segment: &str| {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        !segment.is_empty() && segment.chars().all(fits)
    };
    let fits = text.strip_prefix('/').is_none_or(|rest| rest.split('/').all(segment));
    if fits && (text.is_empty() || text.starts_with('/')) {
        Ok(text)
    } else {
        Err(wrong("PREFIX", "must be a path such as `/v1`, or `/`"))
    }
}

/// What these say of a request (RFC 9110), a token must not say.
const TAKEN: [&str; 17] = [
    "accept",
    "connection",
    "cookie",
    "date",
    "expect",
    "forwarded",
    "from",
    "host",
    "idempotency-key",
    "origin",
    "range",
    "referer",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "via",
];

/// Nor any header whose name begins so.
const FAMILIES: [&str; 8] =
    ["accept-", "cf-", "content-", "if-", "proxy-", "sec-", "user-agent", "x-forwarded-"];

pub(super) fn header(text: Option<String>) -> Result<String, SettingsError> {
    let text = text.map_or_else(|| "authorization".to_owned(), |text| text.to_ascii_lowercase());
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if TAKEN.contains(&text.as_str()) || FAMILIES.iter().any(|family| text.starts_with(family)) {
        return Err(wrong("TOKEN_HEADER", "is a header that has another meaning"));
    }
    if text.chars().all(fits) && (1..=64).contains(&text.len()) {
        Ok(text)
    } else {
        Err(wrong("TOKEN_HEADER", "must be a header name such as `x-access-token`"))
    }
}

pub(super) fn names(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    let names = text.split(',').map(|name| name.trim().to_ascii_lowercase());
    names.filter(|name| !name.is_empty()).collect()
}

/// `login 100/h, accounts 20/h, other 500/min`: those named change, the others keep their default.
pub(super) fn limits(text: Option<String>) -> Result<Limits, SettingsError> {
    let mut limits = Limits { login_per_hour: 100, accounts_per_hour: 20, other_per_minute: 500 };
    let Some(text) = text else { return Ok(limits) };
    for part in text.split(',').map(str::trim) {
        let parsed = part.split_once(' ').and_then(|(name, rate)| {
            let (number, unit) = rate.trim().split_once('/')?;
            let number = number.parse::<u32>().ok()?;
            (1..=10_000_000).contains(&number).then_some((name, unit, number))
        });
        match parsed {
            Some(("login", "h", number)) => limits.login_per_hour = number,
            Some(("accounts", "h", number)) => limits.accounts_per_hour = number,
            Some(("other", "min", number)) => limits.other_per_minute = number,
            _ => {
                let rule = "must be such as `login 100/h, accounts 20/h, other 500/min`";
                return Err(wrong("LIMITS", rule));
            }
        }
    }
    Ok(limits)
}
