//! An authenticator app: set up with an enrolment, it makes the codes of any moment.

use authcore::time::UnixMillis;
use authcore::totp::{Parameters, SharedSecret, Totp};

use crate::client::Answer;

/// The app of one account, with the parameters that are the default.
pub struct Authenticator(Totp);

impl Authenticator {
    /// The app after it was set up by hand, with the secret of an enrolment.
    ///
    /// # Panics
    /// If the answer holds none.
    #[must_use]
    pub fn enrolled(answer: &Answer) -> Self {
        let enrolment = answer.body.get("enrolment").unwrap_or(&answer.body);
        let secret = enrolment["secret"].as_str();
        let secret = secret.unwrap_or_else(|| panic!("no enrolment in {}", answer.body));
        let secret = SharedSecret::from_base32(secret).expect("base32");
        Self(Totp::new(secret, Parameters::default()))
    }

    /// The code of a moment, in Unix milliseconds.
    #[must_use]
    pub fn code(&self, now: i64) -> String {
        self.0.generate(UnixMillis::new(now)).expose().to_owned()
    }

    /// A code that is wrong at a moment and around it.
    #[must_use]
    pub fn wrong_code(&self, now: i64) -> String {
        let right: Vec<String> = (-3..=3).map(|step| self.code(now + step * 30_000)).collect();
        let mut codes = (0..).map(|number| format!("{number:06}"));
        codes.find(|code| !right.contains(code)).expect("there are a million")
    }
}
