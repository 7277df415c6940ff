//! Opaque tokens: 256 random bits as base64url, with a prefix for each kind.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

/// What a token is for. One kind never passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum TokenKind {
    /// A refresh token (RFC 6749 §1.5).
    Refresh,
    /// A challenge: the first factor was right, the second is asked for.
    Challenge,
    /// The token of a device on which the second factor need not be asked for again.
    RememberedDevice,
}

impl TokenKind {
    /// What each token of this kind begins with.
    #[must_use]
    pub const fn prefix(self) -> &'static str {
        match self {
            Self::Refresh => "rt_",
            Self::Challenge => "ch_",
            Self::RememberedDevice => "rd_",
        }
    }
}

/// A token as it is handed out or presented. It is stored as a keyed hash of [`Token::bytes`].
pub struct Token {
    kind: TokenKind,
    text: Zeroizing<String>,
    bytes: Zeroizing<[u8; 32]>,
}

impl Token {
    /// The token of these 32 random bytes (from [`super::Streams`] or derived).
    #[must_use]
    pub fn from_random(kind: TokenKind, bytes: [u8; 32]) -> Self {
        let bytes = Zeroizing::new(bytes);
        let encoded = Zeroizing::new(URL_SAFE_NO_PAD.encode(*bytes));
        let text = Zeroizing::new([kind.prefix(), &encoded].concat());
        Self { kind, text, bytes }
    }

    /// Reads a presented token: the kind's prefix and 43 characters of canonical base64url
    /// (RFC 4648 §5), nothing before or after.
    #[must_use]
    pub fn parse(kind: TokenKind, text: &str) -> Option<Self> {
        let encoded = text.strip_prefix(kind.prefix())?;
        if encoded.len() != 43 {
            return None;
        }
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(encoded).ok()?);
        Some(Self::from_random(kind, bytes.as_slice().try_into().ok()?))
    }

    /// What it is for.
    #[must_use]
    pub fn kind(&self) -> TokenKind {
        self.kind
    }

    /// The text for the client: the only place where it may go.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.text
    }

    /// The 256 bits, to be hashed.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.bytes
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Token({}..)", self.kind.prefix())
    }
}
