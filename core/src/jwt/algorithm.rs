//! The signature algorithms of JOSE that a key can be bound to (RFC 7518 §3.1, RFC 8037 §3.1).

use crate::text::Reason;

/// A signature algorithm; a key has exactly one, and it decides, whatever a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// EdDSA over Ed25519 (RFC 8037 §3.1, RFC 8032 §5.1).
    EdDSA,
    /// ECDSA over P-256 with SHA-256 (RFC 7518 §3.4).
    ES256,
    /// HMAC with SHA-256 (RFC 7518 §3.2).
    HS256,
    /// HMAC with SHA-512 (RFC 7518 §3.2).
    HS512,
    /// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 §3.3): verified, never signed (RUSTSEC-2023-0071).
    RS256,
}

impl Algorithm {
    /// All algorithms.
    pub const ALL: &'static [Self] =
        &[Self::EdDSA, Self::ES256, Self::HS256, Self::HS512, Self::RS256];

    /// The `alg` value, compared by exact case (RFC 7515 §4.1.1).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDSA => "EdDSA",
            Self::ES256 => "ES256",
            Self::HS256 => "HS256",
            Self::HS512 => "HS512",
            Self::RS256 => "RS256",
        }
    }

    /// The algorithm of this exact name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|one| one.as_str() == name)
    }

    /// The algorithm that a program names.
    ///
    /// # Errors
    /// `malformed`, if it is none of ours.
    pub fn parse(name: &str) -> Result<Self, Reason> {
        let detail = "must be EdDSA, ES256, HS256, HS512 or, to verify, RS256";
        Self::named(name).ok_or(Reason::new("malformed", detail))
    }

    /// Whether whoever verifies could also sign: such a key is never published.
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        matches!(self, Self::HS256 | Self::HS512)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SECURITY 35
    #[test]
    fn an_algorithm_has_one_name_in_one_spelling() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::named(algorithm.as_str()), Some(*algorithm));
            let theirs = algorithm.as_str().parse::<jsonwebtoken::Algorithm>().unwrap();
            assert_eq!(format!("{theirs:?}"), algorithm.as_str());
        }
        for name in ["none", "None", "", "eddsa", "Es256", "hs256", "HS384", "RS512", "ES256 "] {
            assert_eq!(Algorithm::named(name), None, "{name}");
        }
    }
}
