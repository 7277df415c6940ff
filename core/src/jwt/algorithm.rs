//! The signature algorithms of JOSE that a key can be bound to (RFC 7518 §3.1, RFC 8037 §3.1).

/// A signature algorithm; a key has exactly one, and it decides, whatever a token says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Algorithm {
    /// EdDSA over Ed25519 (RFC 8037 §3.1, RFC 8032 §5.1).
    EdDSA,
}

impl Algorithm {
    /// The `alg` value, compared by exact case (RFC 7515 §4.1.1).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EdDSA => "EdDSA",
        }
    }

    /// The same algorithm as `jsonwebtoken` names it.
    pub(super) const fn as_jsonwebtoken(self) -> jsonwebtoken::Algorithm {
        match self {
            Self::EdDSA => jsonwebtoken::Algorithm::EdDSA,
        }
    }
}
