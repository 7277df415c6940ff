//! What a signed object is for: the disjoint `typ` values (RFC 8725 §3.11, RFC 9068 §2.1).

use crate::jwt::compact::MAX_TOKEN_LENGTH;

/// The purpose of a signed object. One never passes for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenType<'a> {
    /// An access token, `at+jwt` (RFC 9068 §2.1).
    AccessToken,
    /// The signed list of revoked sessions, `authcore-revocations+jwt`.
    RevocationList,
    /// A token by which one service speaks to another, `authcore-service+jwt`.
    ServiceToken,
    /// A token of your own with this `typ`, such as [`TokenType::JWT`].
    Named(&'a str),
}

/// The prefix that `typ` may leave out (RFC 7515 §4.1.9).
const APPLICATION: &str = "application/";

impl TokenType<'static> {
    /// The types that have a purpose here.
    pub const ALL: &'static [Self] = &[Self::AccessToken, Self::RevocationList, Self::ServiceToken];

    /// A token without a purpose of its own (RFC 7519 §5.1).
    pub const JWT: Self = Self::Named("JWT");
}

impl<'a> TokenType<'a> {
    /// A token of one's own with this `typ`; [`TokenType::JWT`] if none is given.
    #[must_use]
    pub fn named(typ: Option<&'a str>) -> Self {
        typ.map_or(TokenType::JWT, Self::Named)
    }

    /// The `typ` header value that is issued.
    #[must_use]
    pub const fn typ(self) -> &'a str {
        match self {
            Self::AccessToken => "at+jwt",
            Self::RevocationList => "authcore-revocations+jwt",
            Self::ServiceToken => "authcore-service+jwt",
            Self::Named(typ) => typ,
        }
    }

    /// The most characters that a signed object of this type has. The revocation list names up to
    /// 10,000 sessions; what travels with every request is short.
    #[must_use]
    pub const fn max_length(self) -> usize {
        match self {
            Self::AccessToken | Self::ServiceToken | Self::Named(_) => MAX_TOKEN_LENGTH,
            Self::RevocationList => 1024 * 1024,
        }
    }

    /// Whether a presented `typ` names this type.
    ///
    /// The one rule: `typ` is a media type, so ASCII case does not count, and `application/` may
    /// stand before it (RFC 7515 §4.1.9; RFC 9068 §4 asks for `at+jwt` and `application/at+jwt`).
    /// Nothing else is taken: no parameters, no surrounding space, no second prefix.
    pub(super) fn is_named_by(self, typ: &str) -> bool {
        let name = match typ.split_at_checked(APPLICATION.len()) {
            Some((prefix, rest)) if prefix.eq_ignore_ascii_case(APPLICATION) => rest,
            _ => typ,
        };
        name.eq_ignore_ascii_case(self.typ())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SECURITY 41
    #[test]
    fn each_type_is_named_by_its_own_typ_only() {
        for (i, one) in TokenType::ALL.iter().enumerate() {
            for (j, other) in TokenType::ALL.iter().enumerate() {
                assert_eq!(one.is_named_by(other.typ()), i == j, "{one:?} {other:?}");
            }
        }
    }

    // SECURITY 41
    #[test]
    fn typ_is_a_media_type_with_an_optional_prefix() {
        let access = TokenType::AccessToken;
        for typ in ["at+jwt", "AT+JWT", "application/at+jwt", "Application/At+Jwt"] {
            assert!(access.is_named_by(typ), "{typ}");
        }
        for typ in [
            "",
            "JWT",
            "jwt",
            "at",
            "at+jwt ",
            " at+jwt",
            "at+jwt;v=1",
            "text/at+jwt",
            "application/",
        ] {
            assert!(!access.is_named_by(typ), "{typ}");
        }
        assert!(!access.is_named_by("application/application/at+jwt"));
    }
}
