//! Settings: parsed once from variables, immutable after; every error names the variable.

use std::collections::BTreeMap;
use std::fmt;

use sha2::{Digest, Sha256};

use crate::password::{Argon2Params, Ceilings};
use crate::secret::{Ring, Secret, length_prefixed};
use crate::time::Millis;

/// A setting that is missing or wrong. Names the variable, never a secret's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError {
    /// The variable, e.g. `AUTHCORE_SECRET`.
    pub variable: String,
    /// What is wrong and what to do.
    pub reason: String,
}

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.variable, self.reason)
    }
}

impl std::error::Error for SettingsError {}

/// Where the service runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Environment {
    /// The default: https only.
    Production,
    /// A developer's machine: http allowed, sample-free defaults for the public URL.
    Dev,
}

/// What a new account needs before it can sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// Nothing: it is active at once.
    Off,
    /// An administrator's word.
    Admin,
}

/// How many requests an address may make in an hour.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// POST /login, per hour and address.
    pub login_per_hour: u32,
    /// POST /accounts, per hour and address.
    pub accounts_per_hour: u32,
}

/// Everything that can be configured. `Settings::from_variables` is the only way to make one.
#[derive(Debug)]
pub struct Settings {
    pub(crate) ring: Ring,
    /// Digest of all variables but the ring: what was made for other settings is told by it.
    pub(crate) fingerprint: Secret<[u8; 32]>,
    pub(crate) environment: Environment,
    pub(crate) public_url: String,
    pub(crate) issuer: String,
    pub(crate) audience: String,
    pub(crate) client_id: String,
    pub(crate) access_ttl: Millis,
    pub(crate) refresh_ttl: Millis,
    pub(crate) refresh_long_ttl: Millis,
    pub(crate) session_max: Millis,
    pub(crate) sessions_per_account: u32,
    pub(crate) key_rotation: Millis,
    pub(crate) prefix: String,
    pub(crate) token_header: String,
    pub(crate) login_tries: u32,
    pub(crate) lock: Millis,
    pub(crate) limits: Limits,
    pub(crate) activation: Activation,
    pub(crate) restricted_names: Vec<String>,
    pub(crate) password_min_length: u32,
    pub(crate) argon2: Argon2Params,
    pub(crate) ceilings: Ceilings,
    pub(crate) trusted_proxies: u32,
}

/// The prefix of every variable.
const PREFIX: &str = "AUTHCORE_";

impl Settings {
    /// Parses variables. Names without the prefix `AUTHCORE_` are ignored; an unknown name with it
    /// is an error, so that a misspelt setting is not silently the default. A host takes out what
    /// configures only itself.
    ///
    /// # Errors
    /// The first variable that is missing or wrong, in the order of the table of docs/DESIGN §7.
    pub fn from_variables<N: AsRef<str>, V: Into<String>>(
        variables: impl IntoIterator<Item = (N, V)>,
    ) -> Result<Self, SettingsError> {
        let mut left = Variables(BTreeMap::new());
        for (name, value) in variables {
            if let Some(name) = name.as_ref().strip_prefix(PREFIX) {
                left.0.insert(name.to_owned(), value.into());
            }
        }
        let fingerprint = left.fingerprint();
        let settings = Self::take(&mut left, fingerprint)?;
        match left.0.keys().next() {
            None => Ok(settings),
            Some(name) => Err(wrong(name, "unknown setting; see the README for the list")),
        }
    }

    fn take(left: &mut Variables, fingerprint: Secret<[u8; 32]>) -> Result<Self, SettingsError> {
        let secret = left.text("SECRET").unwrap_or_default();
        let ring = Ring::parse(&secret).map_err(|error| wrong("SECRET", error.detail))?;
        let environment = match left.text("ENV").as_deref() {
            None | Some("production") => Environment::Production,
            Some("dev") => Environment::Dev,
            Some(_) => return Err(wrong("ENV", "must be `production` or `dev`")),
        };
        let dev = |value: &str| (environment == Environment::Dev).then(|| value.to_owned());
        let required = |name: &str, value: Option<String>| {
            value.ok_or_else(|| wrong(name, "required unless AUTHCORE_ENV=dev"))
        };
        let public_url = left.text("PUBLIC_URL").or_else(|| dev("http://localhost:8787"));
        let public_url = required("PUBLIC_URL", public_url)?;
        let public_url = origin("PUBLIC_URL", &public_url, environment)?;
        let issuer = left.text("ISSUER").unwrap_or_else(|| public_url.clone());
        let issuer = bounded("ISSUER", issuer)?;
        match (environment, issuer.starts_with("https://")) {
            (Environment::Dev, true) => {
                return Err(wrong("ENV", "`dev` is refused with an https issuer"));
            }
            (Environment::Production, false) => {
                return Err(wrong("ISSUER", "must begin with https:// unless AUTHCORE_ENV=dev"));
            }
            _ => {}
        }
        let audience = left.text("AUDIENCE").or_else(|| dev("authcore"));
        let client_id = left.text("CLIENT_ID").or_else(|| dev("authcore"));
        let settings = Self {
            ring,
            fingerprint,
            environment,
            audience: bounded("AUDIENCE", required("AUDIENCE", audience)?)?,
            client_id: bounded("CLIENT_ID", required("CLIENT_ID", client_id)?)?,
            access_ttl: left.span("ACCESS_TTL", Millis::minutes(5), SECOND, Millis::hours(24))?,
            refresh_ttl: left.span("REFRESH_TTL", Millis::hours(24), MINUTE, Millis::days(400))?,
            refresh_long_ttl: left.span(
                "REFRESH_LONG_TTL",
                Millis::hours(720),
                MINUTE,
                Millis::days(400),
            )?,
            session_max: left.span("SESSION_MAX", Millis::days(90), MINUTE, Millis::days(400))?,
            sessions_per_account: left.number("SESSIONS_PER_ACCOUNT", 50, 1, 1000)?,
            key_rotation: left.span(
                "KEY_ROTATION",
                Millis::days(30),
                Millis::days(1),
                Millis::days(400),
            )?,
            prefix: prefix(left.text("PREFIX"))?,
            token_header: header(left.text("TOKEN_HEADER"))?,
            login_tries: left.number("LOGIN_TRIES", 5, 1, 1000)?,
            // Half as long as failed tries are remembered: a lock that outlived them would free them.
            lock: left.span("LOCK", Millis::minutes(15), MINUTE, Millis::hours(12))?,
            limits: limits(left.text("LIMITS"))?,
            activation: match left.text("ACTIVATION").as_deref() {
                None | Some("off") => Activation::Off,
                Some("admin") => Activation::Admin,
                Some(_) => return Err(wrong("ACTIVATION", "must be `off` or `admin`")),
            },
            restricted_names: names(left.text("RESTRICTED_NAMES")),
            password_min_length: left.number("PASSWORD_MIN_LENGTH", 8, 8, 64)?,
            argon2: match left.text("ARGON2") {
                None => Argon2Params::OWASP_MINIMUM,
                Some(text) => {
                    Argon2Params::parse(&text).map_err(|error| wrong("ARGON2", error.detail))?
                }
            },
            ceilings: Ceilings::default(),
            trusted_proxies: left.number("TRUSTED_PROXIES", 0, 0, 16)?,
            public_url,
            issuer,
        };
        if settings.refresh_ttl > settings.session_max {
            return Err(wrong("REFRESH_TTL", "is longer than AUTHCORE_SESSION_MAX"));
        }
        Ok(settings)
    }

    /// Where the service runs.
    #[must_use]
    pub const fn environment(&self) -> Environment {
        self.environment
    }

    /// The path before every route but the well-known ones, e.g. `/v1`.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

const SECOND: Millis = Millis::seconds(1);
const MINUTE: Millis = Millis::minutes(1);

fn wrong(name: &str, reason: impl Into<String>) -> SettingsError {
    let (variable, reason) = (format!("{PREFIX}{name}"), reason.into());
    // What a primitive says names the variable itself.
    let rest = reason.strip_prefix(&variable).map(|rest| rest.trim_start().to_owned());
    SettingsError { variable, reason: rest.unwrap_or(reason) }
}

struct Variables(BTreeMap<String, String>);

impl Variables {
    fn fingerprint(&self) -> Secret<[u8; 32]> {
        let set = self.0.iter().filter(|(name, text)| *name != "SECRET" && !text.is_empty());
        let parts = set.flat_map(|(name, text)| [name.as_bytes(), text.as_bytes()]);
        Secret::new(Sha256::digest(&*length_prefixed(parts)).into())
    }

    /// The variable's text; an empty one counts as not set.
    fn text(&mut self, name: &str) -> Option<String> {
        self.0.remove(name).filter(|text| !text.is_empty())
    }

    fn number(
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

    /// A span of time: a whole number with `s`, `min`, `h` or `d` behind it.
    fn span(
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
fn origin(name: &str, text: &str, environment: Environment) -> Result<String, SettingsError> {
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

fn bounded(name: &str, text: String) -> Result<String, SettingsError> {
    let fits = !text.is_empty() && text.len() <= 200 && text.chars().all(|c| c.is_ascii_graphic());
    fits.then_some(text).ok_or_else(|| wrong(name, "must be 1 to 200 visible ASCII characters"))
}

fn prefix(text: Option<String>) -> Result<String, SettingsError> {
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

fn header(text: Option<String>) -> Result<String, SettingsError> {
    let text = text.map_or_else(|| "authorization".to_owned(), |text| text.to_ascii_lowercase());
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    // What these say of a request, a token must not say.
    let taken = ["content-", "origin", "sec-", "user-agent", "x-forwarded-", "idempotency-key"];
    if taken.iter().any(|prefix| text.starts_with(prefix)) {
        return Err(wrong("TOKEN_HEADER", "is a header that has another meaning"));
    }
    if text.chars().all(fits) && text.len() <= 64 {
        Ok(text)
    } else {
        Err(wrong("TOKEN_HEADER", "must be a header name such as `x-access-token`"))
    }
}

fn names(text: Option<String>) -> Vec<String> {
    let text = text.unwrap_or_default();
    let names = text.split(',').map(|name| name.trim().to_ascii_lowercase());
    names.filter(|name| !name.is_empty()).collect()
}

/// `login 100/h, accounts 20/h`: those named change, the others keep their default.
fn limits(text: Option<String>) -> Result<Limits, SettingsError> {
    let mut limits = Limits { login_per_hour: 100, accounts_per_hour: 20 };
    let Some(text) = text else { return Ok(limits) };
    for part in text.split(',').map(str::trim) {
        let parsed = part.split_once(' ').and_then(|(name, rate)| {
            let number = rate.trim().strip_suffix("/h")?.parse::<u32>().ok()?;
            (1..=10_000_000).contains(&number).then_some((name, number))
        });
        match parsed {
            Some(("login", number)) => limits.login_per_hour = number,
            Some(("accounts", number)) => limits.accounts_per_hour = number,
            _ => return Err(wrong("LIMITS", "must be such as `login 100/h, accounts 20/h`")),
        }
    }
    Ok(limits)
}
