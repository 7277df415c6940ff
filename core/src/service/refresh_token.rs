//! The refresh token: 128 bits that name its family, 128 bits that are its secret
//! (docs/decisions/0003).
//!
//! The family finds the session, so that any older token is recognised as such and a token that
//! was never issued finds nothing. The successor is derived, not drawn: everyone who presents the
//! same token gets the same successor (docs/DESIGN §4).

use crate::id::SessionId;
use crate::secret::{
    Purpose, Ring, RingKey, Streams, Token, TokenKind, candidates, keyed_bytes, keyed_hash, matches,
};
use crate::store::sessions::SessionRow;

/// A presented or issued refresh token.
pub(super) struct RefreshToken(Token);

impl RefreshToken {
    /// The first token of a new session.
    pub(super) fn first(streams: &Streams) -> Self {
        Self(Token::from_random(TokenKind::Refresh, streams.bytes("session.refresh_token")))
    }

    /// Reads what a client presents.
    pub(super) fn parse(text: &str) -> Option<Self> {
        Token::parse(TokenKind::Refresh, text).map(Self)
    }

    /// The text for its owner.
    pub(super) fn expose(&self) -> &str {
        self.0.expose()
    }

    fn halves(&self) -> (&[u8], &[u8]) {
        self.0.bytes().split_at(16)
    }

    /// The keyed hash of its family, under today's key.
    pub(super) fn family_hash(&self, ring: &Ring) -> String {
        keyed_hash(ring.current(), Purpose::HashRefreshFamily, &[self.halves().0])
    }

    /// The keyed hashes of its family, under each key of the ring.
    pub(super) fn family_hashes(&self, ring: &Ring) -> Vec<String> {
        candidates(ring, Purpose::HashRefreshFamily, &[self.halves().0])
    }

    /// The keyed hash of the whole token for its session, under today's key.
    pub(super) fn hash(&self, ring: &Ring, session: &SessionId) -> String {
        let parts: [&[u8]; 2] = [session.as_str().as_bytes(), self.0.bytes()];
        keyed_hash(ring.current(), Purpose::HashRefreshToken, &parts)
    }

    fn is(&self, ring: &Ring, session: &SessionId, stored: &str) -> bool {
        let parts: [&[u8]; 2] = [session.as_str().as_bytes(), self.0.bytes()];
        matches(ring, Purpose::HashRefreshToken, &parts, stored)
    }

    /// Which of the session's tokens this is.
    pub(super) fn place(&self, ring: &Ring, session: &SessionRow) -> crate::refresh::Presented {
        use crate::refresh::Presented;
        let previous = session.previous_hash.as_deref();
        if self.is(ring, &session.id, &session.refresh_hash) {
            Presented::Current
        } else if previous.is_some_and(|stored| self.is(ring, &session.id, stored)) {
            Presented::Predecessor
        } else {
            Presented::Older
        }
    }

    /// The token that follows this one, which is number `generation` of its session.
    pub(super) fn successor(&self, key: &RingKey, session: &SessionId, generation: i64) -> Self {
        let (family, _) = self.halves();
        let generation = generation.to_be_bytes();
        let parts: [&[u8]; 3] = [session.as_str().as_bytes(), &generation, self.0.bytes()];
        let derived = keyed_bytes(key, Purpose::RefreshSuccessor, &parts);
        let mut bytes = [0; 32];
        let (first, second) = bytes.split_at_mut(16);
        first.copy_from_slice(family);
        second.copy_from_slice(derived.split_at(16).0);
        Self(Token::from_random(TokenKind::Refresh, bytes))
    }

    /// The successor that was handed out for this predecessor: tried under every key, since the
    /// ring may have changed in between.
    pub(super) fn issued_successor(&self, ring: &Ring, session: &SessionRow) -> Option<Self> {
        let generation = session.generation.saturating_sub(1);
        ring.keys()
            .map(|key| self.successor(key, &session.id, generation))
            .find(|token| token.is(ring, &session.id, &session.refresh_hash))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::arrival::Seed;
    use crate::time::UnixMillis;

    // SECURITY 23
    #[test]
    fn a_hundred_thousand_tokens_are_256_random_bits_and_distinct() {
        const LOGINS: u32 = 50_000;
        let ring = Ring::parse("k1:pB9yH3q0Zr1mXw7vTfK2sLd8eGjNcU4aRiOoYtVbQxE=").unwrap();
        let session = SessionId::v7(UnixMillis::EPOCH, [3; 10]);
        let mut tokens = BTreeSet::new();
        let mut ones = [0_u32; 256];
        for login in 0..LOGINS {
            // Hosts whose seeds differ little, requests that are the same, one moment.
            let mut seed = [7; 32];
            seed[..4].copy_from_slice(&login.to_be_bytes());
            let now = UnixMillis::new(1_767_225_600_000);
            let streams = Streams::new(&ring, &Seed::new(seed).unwrap(), [1; 32], now);
            let first = RefreshToken::first(&streams);
            let second = first.successor(ring.current(), &session, 1);
            for (number, token) in [first, second].into_iter().enumerate() {
                // As a client gets it, decoded again.
                let read = RefreshToken::parse(token.expose()).unwrap();
                assert_eq!(read.0.bytes(), token.0.bytes());
                // A successor keeps its family; its other half is new.
                for (bit, ones) in ones.iter_mut().enumerate().skip(number * 128) {
                    let byte = read.0.bytes()[bit / 8];
                    *ones += u32::from(byte >> (bit % 8) & 1);
                }
                assert!(tokens.insert(*read.0.bytes()), "twice");
            }
        }
        assert_eq!(tokens.len(), 100_000);
        for (bit, ones) in ones.into_iter().enumerate() {
            let drawn = if bit < 128 { LOGINS } else { 2 * LOGINS };
            // Six standard deviations: a fair bit is outside once in 10^9.
            let deviation = f64::from(ones.abs_diff(drawn / 2)) / (f64::from(drawn).sqrt() / 2.0);
            assert!(deviation < 6.0, "bit {bit}: {ones} of {drawn}");
        }
    }
}
