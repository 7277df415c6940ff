//! A host where somebody is signed in: their token is sound, and so are the rows that judge it; all
//! else is anything.

use authcore::effect::{
    Admit, Batch, Failure, HashJob, HashOutcome, Host, Rows, StrengthJob, Value,
};
use authcore::jwt::{AccessClaims, SigningKey, issue_access};
use authcore::secret::{Binding, Purpose, Ring, seal};
use authcore::strength::StrengthVerdict;

use crate::anything::{Anything, ID};

pub const RING: &str = "k1:0tnD/cCbS95jy9aNfgcIU6+18xADu/0vNoRFqTlQvDw=";
/// The moment at which the token is good, in Unix milliseconds.
pub const NOW: i64 = 1_767_225_600_000;
const SEED: [u8; 32] = [7; 32];

/// A good access token of a service in development.
pub fn token() -> String {
    let (seconds, text) = (NOW / 1000, str::to_owned);
    let claims = AccessClaims {
        iss: text("http://localhost:8787"),
        aud: text("http://localhost:8787"),
        sub: text(ID),
        sid: text(ID),
        client_id: text("authcore"),
        iat: seconds,
        nbf: seconds,
        exp: seconds + 300,
        jti: text(ID),
        auth_time: seconds,
        amr: vec![text("pwd")],
        roles: vec![text("user")],
    };
    issue_access(&SigningKey::ed25519(SEED), &claims).unwrap()
}

/// The one row of `signing_keys`.
fn key() -> Vec<Value> {
    let key = SigningKey::ed25519(SEED);
    let (table, purpose) = ("signing_keys", Purpose::SealSigningKey);
    let binding = Binding { table, row: key.kid(), account: "", purpose };
    let sealed = seal(&Ring::parse(RING).unwrap(), &binding, &SEED, [1; 24]).unwrap();
    let jwk = serde_json::to_value(key.verifying_key().to_jwk().unwrap()).unwrap();
    let texts = [key.kid(), "EdDSA", jwk["x"].as_str().unwrap(), &sealed, "active"];
    let mut row: Vec<Value> = texts.map(|text| Value::Text(text.to_owned())).into();
    row.extend([Value::Integer(NOW), Value::Integer(NOW), Value::Null]);
    row
}

/// The host.
pub struct SignedIn<'a>(pub Anything<'a>);

impl SignedIn<'_> {
    /// What a sound database holds of the keys and of the session.
    fn sound(sql: &str) -> Option<Vec<Value>> {
        if sql.contains("FROM signing_keys ORDER BY") {
            return Some(key());
        }
        let is_session = sql.starts_with("SELECT s.id") && sql.ends_with("s.id = ?1");
        is_session.then(|| {
            let (id, later) = (Value::Text(ID.to_owned()), Value::Integer(NOW + 3_600_000));
            let (text, now) = (|text: &str| Value::Text(text.to_owned()), Value::Integer(NOW));
            let mut row = vec![id.clone(), id, now.clone(), now.clone(), text("pwd")];
            row.extend([later.clone(), text("k1.hash"), Value::Null, Value::Integer(1), now]);
            row.extend([later.clone(), later, Value::Null, text("active")]);
            row
        })
    }
}

impl Host for SignedIn<'_> {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        let mut all = self.0.batch(batch)?;
        for (rows, statement) in all.iter_mut().zip(&batch.statements) {
            if let Some(row) = Self::sound(statement.text()) {
                *rows = vec![row];
            }
        }
        Ok(all)
    }

    fn admit(&mut self, admit: &Admit) -> Result<(), Failure> {
        self.0.admit(admit)
    }

    fn strength(&mut self, job: &StrengthJob) -> Result<StrengthVerdict, Failure> {
        self.0.strength(job)
    }

    fn hash(&mut self, job: HashJob) -> Result<HashOutcome, Failure> {
        self.0.hash(job)
    }
}
