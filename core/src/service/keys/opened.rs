//! A signing key as a row seals it, opened once and kept by content.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use zeroize::Zeroizing;

use super::super::Caller;
use crate::error::{Code, Error};
use crate::jwt::{Algorithm, Host, RANDOM_LENGTH, SigningKey};
use crate::secret::{Binding, Purpose, Ring, open, seal};
use crate::settings::Settings;
use crate::store::signing_keys::{KeyRow, NewKey};

/// How many opened keys are kept: an active, a next, and those that retired lately.
const KEPT: usize = 8;

/// Octets of the seed of the key that signs lists beside an HMAC key.
const SEED: usize = 32;

/// The keys that one row seals.
pub(in crate::service) struct OpenedKey {
    tokens: SigningKey,
    /// Beside an HMAC key, which everybody who verifies tokens knows: a key that only this service
    /// has, for the list of revoked sessions (docs/DESIGN §4).
    lists: Option<SigningKey>,
}

impl OpenedKey {
    /// What signs access tokens.
    pub(in crate::service) const fn of_tokens(&self) -> &SigningKey {
        &self.tokens
    }

    /// What signs the list of revoked sessions.
    pub(in crate::service) fn of_lists(&self) -> &SigningKey {
        self.lists.as_ref().unwrap_or(&self.tokens)
    }

    /// From what [`OpenedKey::to_plain`] wrote.
    fn from_plain(algorithm: Algorithm, plain: &[u8]) -> Result<Self, Error> {
        if !algorithm.is_symmetric() {
            return Ok(Self { tokens: SigningKey::from_secret(algorithm, plain)?, lists: None });
        }
        let broken = || Error::from(Code::SealBroken);
        let (secret, seed) = plain.split_last_chunk::<SEED>().ok_or_else(broken)?;
        let lists = Some(SigningKey::ed25519(*seed));
        Ok(Self { tokens: SigningKey::from_secret(algorithm, secret)?, lists })
    }

    /// The secret of the one key, and behind it that of the other.
    fn to_plain(&self) -> Zeroizing<Vec<u8>> {
        let mut plain = self.tokens.secret();
        if let Some(lists) = &self.lists {
            plain.extend_from_slice(&lists.secret());
        }
        plain
    }

    /// The public half as a row shows it.
    fn public_key(&self) -> String {
        let public = self.of_lists().verifying_key().public_members();
        public.map_or_else(String::new, |members| members.to_text())
    }

    /// Whether the open columns of a row say what is sealed in it.
    fn is_shown_by(&self, row: &KeyRow) -> bool {
        row.id == self.tokens.kid()
            && row.key.algorithm == self.tokens.algorithm()
            && row.public_key == self.public_key()
    }
}

/// A new key of the algorithm that is set, sealed.
pub(super) fn generate(settings: &Settings, caller: &Caller) -> Result<NewKey, Error> {
    let algorithm = settings.jwt_algorithm;
    let random = Zeroizing::new(caller.streams.bytes::<RANDOM_LENGTH>("signing_key.seed"));
    let tokens = SigningKey::generate(algorithm, &random)?;
    let seed = || SigningKey::ed25519(caller.streams.bytes("signing_key.list_seed"));
    let key = OpenedKey { tokens, lists: algorithm.is_symmetric().then(seed) };
    let id = key.tokens.kid().to_owned();
    let nonce = caller.streams.bytes("signing_key.nonce");
    let sealed = seal(&settings.ring, &binding(&id), &key.to_plain(), nonce)?;
    Ok(NewKey { id, algorithm, public_key: key.public_key(), sealed })
}

fn binding(id: &str) -> Binding<'_> {
    Binding { table: "signing_keys", row: id, account: "", purpose: Purpose::SealSigningKey }
}

/// Whether the ring opens what a row seals.
pub(super) fn opens(ring: &Ring, row: &KeyRow) -> bool {
    open(ring, &binding(&row.id), &row.sealed).is_ok()
}

/// The keys that were opened, by the text that seals them.
pub(in crate::service) struct Memo {
    kept: Mutex<BTreeMap<String, Arc<OpenedKey>>>,
    /// Keeps their public halves as well, where there is one.
    host: Option<&'static (dyn Host + Sync)>,
}

impl Memo {
    /// Nothing is opened yet.
    pub(in crate::service) const fn new(host: Option<&'static (dyn Host + Sync)>) -> Self {
        Self { kept: Mutex::new(BTreeMap::new()), host }
    }

    /// Opens what a row seals, unless it is known. The row's open columns must agree with it, so
    /// that whoever can write to the table but lacks the ring puts no key of their own there.
    pub(in crate::service) fn open(
        &self,
        ring: &Ring,
        row: &KeyRow,
    ) -> Result<Arc<OpenedKey>, Error> {
        let disagrees = || {
            let detail = "a row of signing_keys shows another key than it seals";
            Error::new(Code::SealBroken, detail)
        };
        if let Some(known) = self.known(&row.sealed) {
            return if known.is_shown_by(row) { Ok(known) } else { Err(disagrees()) };
        }
        let plain = open(ring, &binding(&row.id), &row.sealed)?;
        let key = OpenedKey::from_plain(row.key.algorithm, plain.expose());
        let mut key = key.map_err(|_| disagrees())?;
        if !key.is_shown_by(row) {
            return Err(disagrees());
        }
        if let Some(host) = self.host {
            key.tokens = key.tokens.verified_by(host);
        }
        let key = Arc::new(key);
        self.keep(&row.sealed, &key);
        Ok(key)
    }

    fn known(&self, sealed: &str) -> Option<Arc<OpenedKey>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.get(sealed).map(Arc::clone)
    }

    fn keep(&self, sealed: &str, key: &Arc<OpenedKey>) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= KEPT {
            kept.clear();
        }
        kept.insert(sealed.to_owned(), Arc::clone(key));
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::super::super::Service;
    use super::*;
    use crate::effect::drive;
    use crate::effect::transcript::{RecordedResponse, Replay, Transcript};
    use crate::jwt::{HostSigner, HostVerifier, SIGNATURE_LENGTH};

    const ME: &str = include_str!("../../../../tests/transcripts/me.json");
    const ME_ES256: &str = include_str!("../../../../tests/transcripts/me_es256.json");
    const REFRESH: &str = include_str!("../../../../tests/transcripts/refresh.json");

    fn kept(service: &Service) -> BTreeMap<String, Arc<OpenedKey>> {
        service.opened.kept.lock().unwrap().clone()
    }

    /// The status of the answer to a transcript's request, and whether all is as it was recorded.
    fn replayed(service: &Arc<Service>, transcript: &Transcript) -> (u16, bool) {
        let Transcript { request, arrival, effects, response, .. } = transcript;
        let mut host = Replay::new(effects);
        let step = service.handle(request.request().unwrap(), arrival.arrival().unwrap());
        let answer = drive(step, &mut host);
        let same = host.difference().is_none() && RecordedResponse::of(&answer) == *response;
        (answer.status, same)
    }

    fn settings(transcript: &Transcript) -> Settings {
        Settings::from_variables(transcript.settings.clone()).unwrap()
    }

    #[test]
    fn keys_are_opened_by_the_first_request_that_needs_them_and_by_no_later_one() {
        for text in [ME, ME_ES256, REFRESH] {
            let transcript: Transcript = serde_json::from_str(text).unwrap();
            let service = Service::new(settings(&transcript)).unwrap();
            let again = || {
                assert!(replayed(&service, &transcript).1);
                kept(&service)
            };
            assert!(kept(&service).is_empty());
            let first = again();
            assert!(!first.is_empty());
            for _ in 0..3 {
                // Opened anew, a key would be kept in the place of the one before.
                let later = again();
                assert_eq!(later.len(), first.len());
                let same = |(one, other): (&Arc<_>, &Arc<_>)| Arc::ptr_eq(one, other);
                assert!(later.values().zip(first.values()).all(same));
            }
        }
    }

    /// A host that answers so; all of them count how often they are asked.
    #[derive(Clone, Copy)]
    struct Says(Option<bool>);

    static YES: Says = Says(Some(true));
    static NO: Says = Says(Some(false));
    static SILENT: Says = Says(None);
    static ASKED: AtomicUsize = AtomicUsize::new(0);

    impl Host for Says {
        fn signer(&self, _: &str) -> Option<Box<dyn HostSigner>> {
            panic!("a private key has left core");
        }

        fn verifier(&self, jwk: &str) -> Option<Arc<dyn HostVerifier>> {
            assert!(!jwk.contains("\"d\""), "{jwk}");
            Some(Arc::new(*self))
        }
    }

    impl HostVerifier for Says {
        fn verify(&self, _: &[u8], _: &[u8; SIGNATURE_LENGTH]) -> Option<bool> {
            ASKED.fetch_add(1, Ordering::Relaxed);
            self.0
        }
    }

    // SECURITY 46
    #[test]
    fn a_host_that_verifies_changes_no_answer() {
        for text in [ME, ME_ES256] {
            let transcript: Transcript = serde_json::from_str(text).unwrap();
            let answered = |host| {
                ASKED.store(0, Ordering::Relaxed);
                let service = Service::hosted(settings(&transcript), host).unwrap();
                (replayed(&service, &transcript), ASKED.load(Ordering::Relaxed))
            };
            assert_eq!(answered(&YES), ((200, true), 1));
            // Core looks itself where the host cannot say.
            assert_eq!(answered(&SILENT), ((200, true), 1));
            assert_eq!(answered(&NO), ((401, false), 1));
        }
    }
}
