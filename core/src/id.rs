//! Identifiers: UUIDv7 (RFC 9562 §5.7) as lower-case text, one type per table.

use crate::time::UnixMillis;
use std::fmt;

/// Length of a UUID's text (RFC 9562 §4).
const TEXT_LENGTH: usize = 36;

/// Where the hyphens stand in a UUID's text (RFC 9562 §4).
const HYPHENS: [usize; 4] = [8, 13, 18, 23];

/// Where the version digit stands: `7` in every id of ours (RFC 9562 §4.2).
const VERSION: usize = 14;

/// Where the variant digit stands: one of `8`, `9`, `a`, `b` (RFC 9562 §4.1).
const VARIANT: usize = 19;

/// The largest moment that fits the 48 bits of a UUIDv7: the year 10889.
const LAST_MILLIS: u64 = (1 << 48) - 1;

/// A UUIDv7. Ids sort by the moment they were made, to the millisecond.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Id([u8; TEXT_LENGTH]);

impl Id {
    /// The id of this moment and these 80 random bits, of which 74 are used (RFC 9562 §5.7):
    /// `rand_a` is the low 12 bits of the first two bytes, `rand_b` the low 62 of the other eight.
    ///
    /// A moment before 1970 counts as 1970.
    #[must_use]
    pub fn v7(now: UnixMillis, random: [u8; 10]) -> Self {
        let millis = u64::try_from(now.as_millis()).unwrap_or(0).min(LAST_MILLIS);
        let [a0, a1, b @ ..] = random;
        let rand_a = u64::from(u16::from_be_bytes([a0, a1]) & 0x0fff);
        let rand_b = u64::from_be_bytes(b) & (u64::MAX >> 2);
        let high = (millis << 16) | (7 << 12) | rand_a;
        let low = (0b10 << 62) | rand_b;
        Self::write((u128::from(high) << 64) | u128::from(low))
    }

    /// Reads the canonical text: lower case, with hyphens, version 7. Anything else is `None`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; TEXT_LENGTH] = text.as_bytes().try_into().ok()?;
        let fits = bytes.iter().enumerate().all(|(at, byte)| match at {
            _ if HYPHENS.contains(&at) => *byte == b'-',
            VERSION => *byte == b'7',
            VARIANT => matches!(byte, b'8' | b'9' | b'a' | b'b'),
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        });
        fits.then_some(Self(bytes))
    }

    /// The canonical text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        // The bytes are ASCII by construction: the fallback is never taken.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The text of 128 bits, the highest digit first.
    fn write(bits: u128) -> Self {
        let mut rest = bits.rotate_left(4);
        let mut text = [b'-'; TEXT_LENGTH];
        for (at, byte) in text.iter_mut().enumerate() {
            if !HYPHENS.contains(&at) {
                *byte = match (rest & 0xf) as u8 {
                    digit @ 0..=9 => b'0'.saturating_add(digit),
                    digit => b'a'.saturating_add(digit.saturating_sub(10)),
                };
                rest = rest.rotate_left(4);
            }
        }
        Self(text)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl serde::Serialize for Id {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub struct $name(Id);

        impl $name {
            /// The id of this moment and these random bytes, as [`Id::v7`].
            #[must_use]
            pub fn v7(now: UnixMillis, random: [u8; 10]) -> Self {
                Self(Id::v7(now, random))
            }

            /// Reads the canonical text, as [`Id::parse`].
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                Id::parse(text).map(Self)
            }

            /// The canonical text.
            #[must_use]
            pub fn as_str(&self) -> &str {
                self.0.as_str()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl serde::Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                self.0.serialize(serializer)
            }
        }
    )*};
}

ids! {
    /// Names an account.
    AccountId;
    /// Names a session.
    SessionId;
    /// Names an authenticator.
    AuthenticatorId;
    /// Names an open challenge.
    ChallengeId;
    /// Names a remembered device.
    DeviceId;
    /// Names a notice in the outbox.
    NoticeId;
    /// Names one run of a use case; guarded writes carry it (DESIGN §3).
    OperationId;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_shows_its_type() {
        let id = AccountId::v7(UnixMillis::new(1_700_000_000_000), [0xff; 10]);
        assert_eq!(AccountId::parse(id.as_str()), Some(id));
        assert_eq!(format!("{id:?}"), format!("AccountId({id})"));
    }

    #[test]
    fn a_clock_before_1970_or_after_10889_is_held_at_the_bound() {
        let before = Id::v7(UnixMillis::new(-1), [0; 10]);
        assert_eq!(before.as_str(), "00000000-0000-7000-8000-000000000000");
        let after = Id::v7(UnixMillis::new(i64::MAX), [0; 10]);
        assert_eq!(after.as_str(), "ffffffff-ffff-7000-8000-000000000000");
    }

    #[test]
    fn ids_sort_by_their_moment() {
        let earlier = Id::v7(UnixMillis::new(9), [0xff; 10]);
        let later = Id::v7(UnixMillis::new(10), [0; 10]);
        assert!(earlier < later);
    }
}
