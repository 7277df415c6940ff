//! Settings: parsed once from variables, immutable after; every error names the variable.

mod second_factor;
mod variables;

use std::collections::BTreeMap;
use std::fmt;

use crate::backup_codes::Count;
use crate::jwt::Algorithm;
use crate::password::{Argon2Params, Ceilings};
use crate::secret::{Ring, Secret};
use crate::time::Millis;

pub use second_factor::{Offered, Otp};
use variables::{Variables, bounded, header, jwt_algorithm, limits, names, origin, prefix, wrong};

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

/// What AUTHCORE_LOCK says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lock {
    /// Waits grow up to this one.
    For(Millis),
    /// The first wait lasts until an administrator ends it. Strangers can so lock an owner out for
    /// good: hosts warn of it at start (SECURITY 62).
    UntilAdmin,
}

/// Whether wrong passwords of who is signed in count towards the account's lock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Strict {
    /// They do.
    On,
    /// They count on the session alone.
    Off,
}

/// How many requests an address may make.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// POST /login, per hour and address.
    pub login_per_hour: u32,
    /// POST /accounts, per hour and address.
    pub accounts_per_hour: u32,
    /// Every other route that changes or tries something, per minute and address.
    pub other_per_minute: u32,
}

/// What of the API's description is served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Docs {
    /// AUTHCORE_DOCS=off.
    Nothing,
    /// The OpenAPI document: the default outside dev.
    Document,
    /// The page that shows it too: AUTHCORE_DOCS=on, and the default in dev.
    Page,
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
    pub(crate) jwt_algorithm: Algorithm,
    pub(crate) key_rotation: Millis,
    pub(crate) prefix: String,
    pub(crate) token_header: String,
    pub(crate) login_tries: u32,
    pub(crate) lock: Lock,
    pub(crate) limits: Limits,
    pub(crate) activation: Activation,
    pub(crate) restricted_names: Vec<String>,
    /// 0 to 4; 0 asks for no estimate.
    pub(crate) password_min_score: u8,
    pub(crate) password_min_length: u32,
    pub(crate) argon2: Argon2Params,
    pub(crate) ceilings: Ceilings,
    pub(crate) otp: Otp,
    pub(crate) backup_codes: Count,
    /// For how long a device is remembered, if it may be.
    pub(crate) remember_device: Option<Millis>,
    pub(crate) strict: Strict,
    pub(crate) docs: Docs,
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
            jwt_algorithm: jwt_algorithm(left.text("JWT_ALG"))?,
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
            lock: left.lock(Millis::minutes(15), MINUTE, Millis::hours(12))?,
            limits: limits(left.text("LIMITS"))?,
            activation: match left.text("ACTIVATION").as_deref() {
                None | Some("off") => Activation::Off,
                Some("admin") => Activation::Admin,
                Some(_) => return Err(wrong("ACTIVATION", "must be `off` or `admin`")),
            },
            restricted_names: names(left.text("RESTRICTED_NAMES")),
            password_min_score: match left.text("PASSWORD_MIN_SCORE").as_deref() {
                None => 3,
                Some(text) => match text.parse() {
                    Ok(score) if score <= 4 => score,
                    _ => {
                        let reason = "must be a whole number from 0 to 4";
                        return Err(wrong("PASSWORD_MIN_SCORE", reason));
                    }
                },
            },
            password_min_length: left.number("PASSWORD_MIN_LENGTH", 8, 8, 64)?,
            argon2: match left.text("ARGON2") {
                None => Argon2Params::OWASP_MINIMUM,
                Some(text) => {
                    Argon2Params::parse(&text).map_err(|error| wrong("ARGON2", error.detail))?
                }
            },
            ceilings: Ceilings::default(),
            otp: Otp::take(left, &issuer)?,
            backup_codes: Count::new(left.number("BACKUP_CODES", 10, 5, 20)?)
                .map_err(|reason| wrong("BACKUP_CODES", reason.detail))?,
            remember_device: second_factor::remember_device(left)?,
            strict: match left.text("STRICT").as_deref() {
                None | Some("on") => Strict::On,
                Some("off") => Strict::Off,
                Some(_) => return Err(wrong("STRICT", "must be `on` or `off`")),
            },
            docs: match (left.text("DOCS").as_deref(), environment) {
                (Some("on"), _) | (None | Some("dev"), Environment::Dev) => Docs::Page,
                (None | Some("dev"), Environment::Production) => Docs::Document,
                (Some("off"), _) => Docs::Nothing,
                (Some(_), _) => return Err(wrong("DOCS", "must be `dev`, `on` or `off`")),
            },
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

    /// What an operator should know at start: each is one sentence about one variable.
    #[must_use]
    pub fn warnings(&self) -> Vec<&'static str> {
        let mut warnings = Vec::new();
        if self.lock == Lock::UntilAdmin {
            warnings.push(
                "AUTHCORE_LOCK: with `until-admin` anybody who knows a name can lock its owner out \
                 until an administrator ends it",
            );
        }
        if self.otp.parameters.window.as_u8() > 1 {
            warnings.push(
                "AUTHCORE_OTP_WINDOW: more than 1 step to either side is weaker than NIST SP \
                 800-63B-4 asks for",
            );
        }
        warnings
    }

    /// The path before every route but the well-known ones, e.g. `/v1`.
    #[must_use]
    pub fn prefix(&self) -> &str {
        &self.prefix
    }
}

const SECOND: Millis = Millis::seconds(1);
const MINUTE: Millis = Millis::minutes(1);
