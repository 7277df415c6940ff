//! When signing keys change state: next → active → retired (docs/DESIGN §4, SECURITY 84).
//!
//! A key is published from the moment it is made, so that a verifier which caches the key set has
//! it long before it signs, and stays published after it retires until its last token has ended.

use crate::jwt::Algorithm;
use crate::time::{Millis, UnixMillis};

/// How long a copy of the key set may be used, from when it was made: what `Cache-Control` says,
/// and how old a copy can be that a host kept and gives to a verifier.
pub const KEY_SET_LIFETIME: Millis = Millis::minutes(5);

/// Longest time a verifier may keep a key set it fetched: what `Cache-Control` says, many times
/// over, for caches that take no notice.
pub const CACHED_AT_MOST: Millis = Millis::hours(12);

/// How long a next key has been published when every verifier has it: one may have fetched a copy
/// that a host kept from just before, and keep it in turn.
const KNOWN_AFTER: Millis = CACHED_AT_MOST.and(KEY_SET_LIFETIME);

/// The state of a signing key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Published, signs later.
    Next,
    /// Signs.
    Active,
    /// Signed once; published until its last token has ended.
    Retired,
}

/// What a decision needs to know of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key {
    /// Its state.
    pub state: State,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// When it was made and first published.
    pub created_at: UnixMillis,
    /// When it began to sign.
    pub activated_at: Option<UnixMillis>,
    /// When it stopped.
    pub retired_at: Option<UnixMillis>,
}

/// What to do with the keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Nothing.
    Keep,
    /// There is no active key: make one, and the next one with it.
    Create,
    /// The next key is not of the algorithm that is set now: put one of it in its place. It has
    /// never signed, so nobody misses it.
    Replace,
    /// The active key is old, or of another algorithm than is set now, and the next one has been
    /// published long enough: exchange them.
    Rotate,
}

/// Decides what is due. `wanted` is the algorithm that is set now: another active key is exchanged
/// as soon as one of it has been published long enough, whatever its age.
#[must_use]
pub fn decide(keys: &[Key], wanted: Algorithm, period: Millis, now: UnixMillis) -> Decision {
    let find = |state| keys.iter().find(|key| key.state == state);
    let Some(active) = find(State::Active) else { return Decision::Create };
    let Some(next) = find(State::Next) else { return Decision::Keep };
    if next.algorithm != wanted {
        return Decision::Replace;
    }
    let old = now.since(active.activated_at.unwrap_or(active.created_at)) >= period;
    let known = now.since(next.created_at) >= KNOWN_AFTER;
    let due = old || active.algorithm != wanted;
    if due && known { Decision::Rotate } else { Decision::Keep }
}

/// Whether a key belongs into the published key set. `longest` is the longest life of a token.
#[must_use]
pub fn is_published(key: &Key, longest: Millis, now: UnixMillis) -> bool {
    match (key.state, key.retired_at) {
        (State::Retired, Some(at)) => now < at.after(kept(longest)),
        _ => true,
    }
}

/// How long a retired key is kept: an hour beyond its last token, for skewed clocks.
#[must_use]
pub fn kept(longest: Millis) -> Millis {
    longest.and(Millis::hours(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(state: State, created: i64) -> Key {
        let moment = UnixMillis::new(created);
        let activated_at = (state != State::Next).then_some(moment);
        let algorithm = Algorithm::EdDSA;
        Key { state, algorithm, created_at: moment, activated_at, retired_at: None }
    }

    fn of(algorithm: Algorithm, key: Key) -> Key {
        Key { algorithm, ..key }
    }

    fn decided(keys: &[Key], now: UnixMillis) -> Decision {
        decide(keys, Algorithm::EdDSA, PERIOD, now)
    }

    const PERIOD: Millis = Millis::days(30);

    #[test]
    fn the_first_use_makes_keys() {
        assert_eq!(decided(&[], UnixMillis::new(0)), Decision::Create);
    }

    #[test]
    fn a_next_key_signs_only_after_every_cache_has_it() {
        let now = UnixMillis::EPOCH.after(PERIOD);
        // Fetched as a copy at the end of its life, and cached from then on.
        let late = now.before(CACHED_AT_MOST).before(KEY_SET_LIFETIME).after(Millis::new(1));
        let young = [key(State::Active, 0), key(State::Next, late.as_millis())];
        assert_eq!(decided(&young, now), Decision::Keep);
        let known = [key(State::Active, 0), key(State::Next, 0)];
        assert_eq!(decided(&known, now), Decision::Rotate);
        assert_eq!(decided(&known, now.before(Millis::new(1))), Decision::Keep);
    }

    // SECURITY 84
    #[test]
    fn another_algorithm_is_published_at_once_and_signs_once_every_cache_has_it() {
        let other = Algorithm::ES256;
        let published = UnixMillis::EPOCH.after(Millis::hours(1));
        let before = [key(State::Active, 0), key(State::Next, 0)];
        let decided = |keys: &[Key], now| decide(keys, other, PERIOD, now);
        assert_eq!(decided(&before, published), Decision::Replace);
        let next = of(other, key(State::Next, published.as_millis()));
        let replaced = [key(State::Active, 0), next];
        let known = published.after(KNOWN_AFTER);
        assert_eq!(decided(&replaced, known.before(Millis::new(1))), Decision::Keep);
        assert_eq!(decided(&replaced, known), Decision::Rotate);
        // Set back meanwhile: the active key stays, the next one is replaced again.
        assert_eq!(decide(&replaced, Algorithm::EdDSA, PERIOD, known), Decision::Replace);
        let exchanged = [of(other, key(State::Active, 0)), next];
        assert_eq!(decided(&exchanged, known), Decision::Keep);
    }

    #[test]
    fn a_retired_key_stays_until_its_last_token_has_ended() {
        let mut retired = key(State::Retired, 0);
        retired.retired_at = Some(UnixMillis::new(0));
        let longest = Millis::minutes(5);
        assert!(is_published(&retired, longest, UnixMillis::EPOCH.after(longest)));
        assert!(!is_published(&retired, longest, UnixMillis::EPOCH.after(kept(longest))));
    }
}
