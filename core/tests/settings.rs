//! Settings: what refuses the start, and that every refusal names its variable.
#![allow(clippy::unwrap_used, clippy::panic)]

use authcore::settings::{Settings, SettingsError};

/// 32 bytes of no meaning, made for this test.
const SECRET: &str = "k1:Zk3vX9pQd7sLr1WmYt5uBn8cHe2gJa6oVi4xKz0TqRw=";

const PRODUCTION: [(&str, &str); 4] = [
    ("AUTHCORE_SECRET", SECRET),
    ("AUTHCORE_PUBLIC_URL", "https://auth.example.com"),
    ("AUTHCORE_AUDIENCE", "example"),
    ("AUTHCORE_CLIENT_ID", "web"),
];

/// The settings with these variables in place of, or beside, sound ones.
fn with(changes: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    let kept = PRODUCTION.iter().filter(|(name, _)| changes.iter().all(|(n, _)| n != name));
    Settings::from_variables(kept.chain(changes).map(|(name, value)| (*name, *value)))
}

/// The variable that a refusal names, and its text.
fn refusal(changes: &[(&str, &str)]) -> (String, String) {
    match with(changes) {
        Ok(_) => panic!("{changes:?} was accepted"),
        Err(error) => (error.variable.clone(), error.to_string()),
    }
}

#[test]
fn sound_settings_are_taken() {
    assert!(with(&[]).is_ok());
    assert!(with(&[("HOME", "/root"), ("DATABASE", "auth.db")]).is_ok());
    assert!(with(&[("AUTHCORE_ACCESS_TTL", "90 s"), ("AUTHCORE_SESSION_MAX", "30d")]).is_ok());
    assert!(with(&[("AUTHCORE_LIMITS", "login 5000/h, accounts 1/h")]).is_ok());
    assert!(with(&[("AUTHCORE_PREFIX", "/")]).is_ok());
}

#[test]
fn every_refusal_names_its_variable() {
    for (name, value) in [
        ("AUTHCORE_ENV", "staging"),
        ("AUTHCORE_PUBLIC_URL", ""),
        ("AUTHCORE_PUBLIC_URL", "auth.example.com"),
        ("AUTHCORE_PUBLIC_URL", "https://auth.example.com/path"),
        ("AUTHCORE_PUBLIC_URL", "https://user@auth.example.com"),
        ("AUTHCORE_ISSUER", "http://auth.example.com"),
        ("AUTHCORE_AUDIENCE", ""),
        ("AUTHCORE_CLIENT_ID", "two words"),
        ("AUTHCORE_ACCESS_TTL", "5"),
        ("AUTHCORE_ACCESS_TTL", "0 s"),
        ("AUTHCORE_ACCESS_TTL", "25 h"),
        ("AUTHCORE_ACCESS_TTL", "-5 min"),
        ("AUTHCORE_REFRESH_TTL", "100 d"),
        ("AUTHCORE_REFRESH_LONG_TTL", "99999999999 d"),
        ("AUTHCORE_SESSION_MAX", "soon"),
        ("AUTHCORE_SESSIONS_PER_ACCOUNT", "0"),
        ("AUTHCORE_KEY_ROTATION", "1 h"),
        ("AUTHCORE_JWT_ALG", "RS256"),
        ("AUTHCORE_JWT_ALG", "none"),
        ("AUTHCORE_JWT_ALG", "es256"),
        ("AUTHCORE_PREFIX", "v1"),
        ("AUTHCORE_PREFIX", "/v1/"),
        ("AUTHCORE_PREFIX", "/v 1"),
        ("AUTHCORE_TOKEN_HEADER", "x access token"),
        ("AUTHCORE_TOKEN_HEADER", "Origin"),
        ("AUTHCORE_TOKEN_HEADER", "X-Forwarded-For"),
        ("AUTHCORE_TOKEN_HEADER", "Cookie"),
        ("AUTHCORE_TOKEN_HEADER", "Host"),
        ("AUTHCORE_TOKEN_HEADER", "CF-Connecting-IP"),
        ("AUTHCORE_TOKEN_HEADER", "Forwarded"),
        ("AUTHCORE_TOKEN_HEADER", "Transfer-Encoding"),
        ("AUTHCORE_LOGIN_TRIES", "many"),
        ("AUTHCORE_LOCK", "1 s"),
        ("AUTHCORE_LIMITS", "login 100"),
        ("AUTHCORE_LIMITS", "login 100/h, mail 5/h"),
        ("AUTHCORE_LIMITS", "other 500/h"),
        ("AUTHCORE_PASSWORD_MIN_SCORE", "5"),
        ("AUTHCORE_PASSWORD_MIN_SCORE", "strong"),
        ("AUTHCORE_STRICT", "yes"),
        ("AUTHCORE_OTP", "yes"),
        ("AUTHCORE_OTP_ISSUER", "a:b"),
        ("AUTHCORE_OTP_TRIES", "0"),
        ("AUTHCORE_OTP_TRIES", "11"),
        ("AUTHCORE_OTP_WINDOW", "-1"),
        ("AUTHCORE_OTP_WINDOW", "4"),
        ("AUTHCORE_OTP_DIGITS", "5"),
        ("AUTHCORE_OTP_DIGITS", "9"),
        ("AUTHCORE_OTP_DIGITS", "six"),
        ("AUTHCORE_OTP_PERIOD", "9"),
        ("AUTHCORE_OTP_PERIOD", "301"),
        ("AUTHCORE_OTP_PERIOD", "30 s"),
        ("AUTHCORE_OTP_ALGORITHM", "sha1"),
        ("AUTHCORE_OTP_ALGORITHM", "MD5"),
        ("AUTHCORE_BACKUP_CODES", "4"),
        ("AUTHCORE_BACKUP_CODES", "21"),
        ("AUTHCORE_REMEMBER_DEVICE", "31 d"),
        ("AUTHCORE_ACTIVATION", "email"),
        ("AUTHCORE_PASSWORD_MIN_LENGTH", "7"),
        ("AUTHCORE_ARGON2", "m=1024,t=1,p=1"),
        ("AUTHCORE_ARGON2", "fast"),
        ("AUTHCORE_DOCS", "yes"),
        ("AUTHCORE_TRUSTED_PROXIES", "-1"),
        ("AUTHCORE_ACESS_TTL", "5 min"),
        // A host's own, which the host takes out.
        ("AUTHCORE_HASHES_AT_ONCE", "4"),
    ] {
        let (variable, text) = refusal(&[(name, value)]);
        assert_eq!(variable, name, "{value}: {text}");
        assert!(text.starts_with(name), "{text}");
    }
}

// SECURITY 105
#[test]
fn dev_is_for_this_machine_only() {
    let dev = |url: &'static str| {
        Settings::from_variables([
            ("AUTHCORE_SECRET", SECRET),
            ("AUTHCORE_ENV", "dev"),
            ("AUTHCORE_PUBLIC_URL", url),
        ])
    };
    for url in
        ["http://localhost:8787", "http://127.0.0.1", "http://[::1]:80", "http://a.localhost"]
    {
        assert!(dev(url).is_ok(), "{url}");
    }
    for url in
        ["http://0.0.0.0:80", "http://192.168.1.5", "http://auth", "http://localhost.evil.example"]
    {
        assert_eq!(dev(url).unwrap_err().variable, "AUTHCORE_PUBLIC_URL", "{url}");
    }
    assert_eq!(dev("https://auth.example.com").unwrap_err().variable, "AUTHCORE_ENV");
}

#[test]
fn production_refuses_plain_http() {
    for url in ["http://auth.example.com", "http://localhost:8787"] {
        assert_eq!(refusal(&[("AUTHCORE_PUBLIC_URL", url)]).0, "AUTHCORE_PUBLIC_URL");
    }
}

// SECURITY 73, 83: tests/vectors/ring.json holds the matrix of bad values.
#[test]
fn a_secret_that_is_missing_or_from_the_readme_refuses_the_start() {
    for secret in ["", "k1:c2FtcGxlLXNlY3JldC1mcm9tLXRoZS1yZWFkbWUtMTIzNDU2Nzg=", "k1:c2hvcnQ="] {
        let (variable, text) = refusal(&[("AUTHCORE_SECRET", secret)]);
        assert_eq!(variable, "AUTHCORE_SECRET");
        assert!(text.contains("openssl"), "says what to do: {text}");
        assert_eq!(text.matches("AUTHCORE_SECRET").count(), 1, "{text}");
        let value = secret.trim_start_matches("k1:");
        assert!(value.is_empty() || !text.contains(value), "shows the value: {text}");
    }
}

// SECURITY 88
#[test]
fn settings_show_no_secret() {
    let text = format!("{:?}", with(&[]).unwrap());
    assert!(!text.contains("Zk3vX9pQ"), "{text}");
}

// SECURITY 62
#[test]
fn what_an_operator_should_know_is_told_at_start() {
    assert!(with(&[]).unwrap().warnings().is_empty());
    let odd = [("AUTHCORE_LOCK", "until-admin"), ("AUTHCORE_OTP_WINDOW", "2")];
    let told = with(&odd).unwrap().warnings();
    assert!(told[0].starts_with("AUTHCORE_LOCK: "), "{told:?}");
    assert!(told[1].starts_with("AUTHCORE_OTP_WINDOW: "), "{told:?}");
    assert_eq!(told.len(), 2);
}
