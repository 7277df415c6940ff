//! The parsers of the primitives, on texts near the ones they accept.

use authcore::error::Code;
use authcore::id::Id;
use authcore::json::{self, Fields, Value};
use authcore::jwt::{
    AccessClaims, Expected, KeySet, SigningKey, TokenType, Unverified, issue_access, verify,
};
use authcore::password::{Argon2Params, Ceilings, Password, PasswordHash, check_new};
use authcore::secret::{Binding, Purpose, Ring, Token, TokenKind, matches, open, seal};
use authcore::settings::Settings;
use authcore::text::{Email, FullName, LoginName, Username, one_line, user_agent};
use authcore::time::{Millis, UnixMillis};

use crate::{corpus, inputs, own, texts};

const RING: &str = "k1:0tnD/cCbS95jy9aNfgcIU6+18xADu/0vNoRFqTlQvDw=";
const ID: &str = "01990000-0000-7000-8000-0000000000bb";

// SECURITY 100
#[test]
fn json_never_panics() {
    let mut bodies = corpus("json", "body");
    bodies.extend(own(&[
        r#"{"login":"ada","password":"tall zebra 42 crossing","long":true}"#,
        r#"{"properties":{"b":[1,-2,null,true,"\u00e9\ud83d\ude00"],"a":{}}}"#,
    ]));
    inputs("json", 1, &bodies, |input| {
        let Ok(value) = json::read(input) else { return };
        if let Value::Object(object) = &value {
            let _ = object.to_canonical_text();
        }
        if let Ok(mut fields) = Fields::of(value) {
            let _ = (fields.required_string("login"), fields.boolean("long"));
            let _ = (fields.canonical_object("properties"), fields.integer("n"));
            let _ = fields.finish();
        }
    });
}

fn token(key: &SigningKey) -> String {
    let claims = AccessClaims {
        iss: "https://auth.example".to_owned(),
        aud: "https://api.example".to_owned(),
        sub: ID.to_owned(),
        sid: ID.to_owned(),
        client_id: "web".to_owned(),
        iat: 1_800_000_000,
        nbf: 1_800_000_000,
        exp: 1_800_000_300,
        jti: ID.to_owned(),
        auth_time: 1_799_999_000,
        amr: vec!["pwd".to_owned()],
        roles: vec!["user".to_owned()],
    };
    issue_access(key, &claims).unwrap()
}

// SECURITY 100
#[test]
fn a_changed_token_never_panics_and_never_verifies() {
    let key = SigningKey::ed25519([7; 32]);
    let keys = KeySet::new(vec![key.verifying_key().clone()]).unwrap();
    let good = token(&key);
    let mut tokens = corpus("jwt", "token");
    // Half of the inputs are near the one that these keys verify.
    tokens.extend(vec![good.as_bytes().to_vec(); tokens.len()]);
    texts("jwt", 4, &tokens, |text| {
        for now in [1_800_000_001_000, i64::MAX, i64::MIN] {
            let expected = Expected {
                token_type: TokenType::AccessToken,
                issuer: Some("https://auth.example"),
                audience: Some("https://api.example"),
                now: UnixMillis::new(now),
                leeway: Millis::seconds(60),
            };
            match verify(text, &keys, &expected) {
                Ok(_) => assert_eq!(text, good, "a forgery"),
                Err(error) => {
                    assert!(matches!(error.code, Code::TokenInvalid | Code::TokenExpired));
                }
            }
        }
        let _ = Unverified::read(text);
    });
}

// SECURITY 9, 100
#[test]
fn password_hashes_and_costs_never_panic() {
    let mut hashes = corpus("password_hash", "hash");
    hashes.extend(corpus("argon2id", "hash"));
    texts("password hash", 1, &hashes, |text| {
        if let Ok(hash) = PasswordHash::parse(text, &Ceilings::default()) {
            assert_eq!(hash.as_str(), text);
            assert!(hash.memory() <= Ceilings::default().memory_kib);
        }
    });
    let costs = own(&["m=19456,t=2,p=1", "m=47104,t=1,p=1", "m=12288,t=3,p=4"]);
    texts("argon2 cost", 1, &costs, |text| {
        if let Ok(params) = Argon2Params::parse(text) {
            assert!(params.memory_kib >= 12_288);
        }
    });
}

// SECURITY 96, 97, 100
#[test]
fn names_never_panic_and_stay_what_they_were_read_as() {
    let mut names = corpus("email", "text");
    names.extend(corpus("username", "text"));
    texts("names", 2, &names, |text| {
        if let Ok(email) = Email::parse(text) {
            let again = Email::parse(email.as_str()).unwrap();
            assert_eq!(again.folded(), email.folded());
            assert_eq!(LoginName::parse(email.as_str()).folded(), email.folded());
        }
        if let Ok(username) = Username::parse(text) {
            let again = Username::parse(username.as_str()).unwrap();
            assert_eq!(again.folded(), username.folded());
            let _ = (username.is_restricted(), username.resembles("admin"));
        }
        let _ = FullName::parse(text);
        let _ = LoginName::parse(text);
        assert!(one_line(text, 40).lines().count() <= 1);
    });
    inputs("user agent", 2, &names, |bytes| {
        let shown = user_agent(bytes);
        assert!(!shown.chars().any(char::is_control) && shown.chars().count() <= 256);
    });
}

// SECURITY 100
#[test]
fn passwords_never_panic() {
    let passwords = own(&["correct horse", "pässword", "marie@example.org", "\u{1f511}\u{1f511}"]);
    texts("password", 20, &passwords, |text| {
        if let Ok(password) = Password::new(text.to_owned()) {
            let _ = check_new(&password, 8, &["marie@example.org", text]);
        }
    });
}

// SECURITY 83, 100
#[test]
fn rings_tokens_and_ids_never_panic() {
    texts("ring", 8, &corpus("ring", "text"), |text| {
        let _ = Ring::parse(text);
    });
    texts("token", 1, &corpus("token", "text"), |text| {
        if let Some(token) = Token::parse(TokenKind::Refresh, text) {
            assert_eq!(token.expose(), text);
        }
    });
    texts("id", 1, &own(&[ID]), |text| {
        if let Some(id) = Id::parse(text) {
            assert_eq!(id.as_str(), text);
        }
    });
}

// SECURITY 80, 100
#[test]
fn a_changed_sealed_value_never_panics_and_never_opens() {
    let ring = Ring::parse(RING).unwrap();
    let purpose = Purpose::SealSigningKey;
    let binding = Binding { table: "signing_keys", row: ID, account: "", purpose };
    let good = seal(&ring, &binding, b"a seed", [3; 24]).unwrap();
    let mut sealed = corpus("seal", "sealed");
    sealed.extend(vec![good.as_bytes().to_vec(); sealed.len()]);
    texts("seal", 2, &sealed, |text| {
        if open(&ring, &binding, text).is_ok() {
            assert_eq!(text, good, "a forgery");
        }
        let purpose = Purpose::HashRefreshToken;
        assert!(!matches(&ring, purpose, &[b"presented"], text));
    });
}

// SECURITY 83, 100
#[test]
fn settings_never_panic_and_never_tell_the_secret() {
    let lines = own(&[
        "ENV=dev\nPORT=1",
        "ENV=dev\nLIMITS=login 100/h, accounts 20/h",
        "PUBLIC_URL=https://auth.test\nAUDIENCE=a\nCLIENT_ID=c\nACCESS_TTL=5 min\nLOCK=15 min",
        "ENV=dev\nARGON2=m=19456,t=2,p=1\nPREFIX=/v1\nTOKEN_HEADER=x-token\nTRUSTED_PROXIES=1",
        "ENV=dev\nSESSION_MAX=90 d\nREFRESH_TTL=24 h\nKEY_ROTATION=30 d\nRESTRICTED_NAMES=a, b",
    ]);
    texts("settings", 8, &lines, |text| {
        let own = text.lines().filter_map(|line| line.split_once('='));
        let own = own.map(|(name, value)| (format!("AUTHCORE_{name}"), value.to_owned()));
        let secret = ("AUTHCORE_SECRET".to_owned(), RING.to_owned());
        if let Err(error) = Settings::from_variables(own.chain([secret])) {
            assert!(error.variable.starts_with("AUTHCORE_"));
            assert!(!error.to_string().contains("0tnD"), "{error}");
        }
    });
}
