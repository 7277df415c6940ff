//! The compact form: three canonical base64url parts within a bound (RFC 7515 §3.1, §7.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::error::{Code, Error};

/// The longest token, in octets, that is issued or looked at; the revocation list is longer.
pub const MAX_TOKEN_LENGTH: usize = 8 * 1024;

/// The parts of a token of which nothing is proved yet.
pub(super) struct Compact<'a> {
    /// What the signature covers: the first two parts and the dot between (RFC 7515 §5.2).
    pub(super) signing_input: &'a str,
    /// The first part as it stands.
    pub(super) encoded_header: &'a str,
    pub(super) payload: Vec<u8>,
    pub(super) signature: Vec<u8>,
}

impl<'a> Compact<'a> {
    /// Splits and decodes. The length is looked at before anything else.
    pub(super) fn parse(token: &'a str, max_length: usize) -> Result<Self, Error> {
        if token.len() > max_length {
            return Err(Error::new(Code::TokenInvalid, "the token is longer than its type may be"));
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or_else(malformed)?;
        let (encoded_header, payload) = signing_input.split_once('.').ok_or_else(malformed)?;
        if signature.is_empty() {
            return Err(Error::new(Code::TokenInvalid, "the token is not signed"));
        }
        // A fourth part leaves a dot in the payload, which is no base64url.
        let (payload, signature) = (decode(payload)?, decode(signature)?);
        Ok(Self { signing_input, encoded_header, payload, signature })
    }

    /// The header, decoded: not needed if it is one that a key of ours issues.
    pub(super) fn header(&self) -> Result<Vec<u8>, Error> {
        decode(self.encoded_header)
    }
}

/// The engine refuses padding, white space, the other alphabet and set trailing bits: one token has
/// one spelling.
fn decode(part: &str) -> Result<Vec<u8>, Error> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed())
}

fn malformed() -> Error {
    Error::new(Code::TokenInvalid, "the token is not in JWS compact form")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(token: &str) -> Result<Compact<'_>, Error> {
        let compact = Compact::parse(token, MAX_TOKEN_LENGTH)?;
        compact.header().map(|_| compact)
    }

    // SECURITY 44
    #[test]
    fn only_three_canonical_parts_are_taken() {
        assert!(parse("e30.e30.AA").is_ok());
        let refused = [
            "",
            ".",
            "..",
            "...",
            "e30",
            "e30.e30",
            "e30.e30.",
            "e30.e30.AA.AA",
            "e30.e30.AA.",
            ".e30.e30.AA",
            "e30.e30.AA==",
            "e30=.e30.AA",
            "e30.e30.AB",
            "e30.e30.A",
            "e30. e30.AA",
            "e30.e30.AA\n",
            " e30.e30.AA",
            "e30.e30.+/",
            "e30\t.e30.AA",
            "e30.e30.A\u{e9}",
        ];
        for token in refused {
            assert!(parse(token).is_err(), "{token:?}");
        }
    }

    // SECURITY 44
    #[test]
    fn the_length_is_bounded() {
        let token = |length: usize| format!("e30.{}.AAA", "A".repeat(length - 8));
        assert!(parse(&token(MAX_TOKEN_LENGTH)).is_ok());
        for longer in [token(MAX_TOKEN_LENGTH + 1), ".".repeat(1 << 20)] {
            let error = parse(&longer).err().unwrap();
            assert_eq!(error.detail, "the token is longer than its type may be");
        }
    }
}
