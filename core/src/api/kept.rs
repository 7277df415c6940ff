//! Copies of the three public documents that hosts may keep: under which name, in which form, and
//! whether one may still be served (docs/decisions/0020).
//!
//! A copy decides nothing. It comes back from wherever the host keeps it, so it is served only if
//! core made it, for these settings and this document, and while the document itself may be used:
//! from the moment it was made, not from the one it was fetched. Anything else counts as no copy.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::extract::Head;
use super::moment;
use super::respond;
use super::routes::{Found, Handler, find};
use crate::effect::{Keep, Request, Response};
use crate::rotation::KEY_SET_LIFETIME;
use crate::secret::{Purpose, constant_time_eq, keyed_bytes};
use crate::service::{REVOCATION_LIST_LIFETIME, Service};
use crate::time::{Millis, UnixMillis};

/// The form of a copy: this byte, the second at which it was made (64 bits, big-endian), the keyed
/// hash of name, second and text (32 bytes), the text.
const FORM: u8 = 1;

/// How many copies are kept in memory: all documents of one service.
const MOST: usize = 3;

/// Cloudflare's KV keeps nothing for a shorter time.
const SHORTEST: Millis = Millis::minutes(1);
const _: () = assert!(KEY_SET_LIFETIME.as_millis() >= SHORTEST.as_millis());
const _: () = assert!(REVOCATION_LIST_LIFETIME.as_millis() >= SHORTEST.as_millis());

/// A document without secrets, of which everybody may keep a copy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Document {
    KeySet,
    RevocationKeySet,
    RevocationList,
}

impl Document {
    /// The document that a request asks for. A request that core would refuse asks for none.
    fn of(service: &Service, request: &Request) -> Option<Self> {
        let settings = &service.settings;
        if request.body.len() > Request::MAX_BODY {
            return None;
        }
        Head::of(&request.headers, &settings.token_header).ok()?;
        let found = find(settings, &request.method, &request.target).ok()?;
        match found {
            Found::Route(route, _) => match route.handler {
                Handler::KeySet => Some(Self::KeySet),
                Handler::RevocationKeySet => Some(Self::RevocationKeySet),
                Handler::RevocationList => Some(Self::RevocationList),
                _ => None,
            },
            Found::Methods(_) => None,
        }
    }

    const fn as_str(self) -> &'static str {
        match self {
            Self::KeySet => "jwks",
            Self::RevocationKeySet => "revocations.jwks",
            Self::RevocationList => "revocations",
        }
    }

    const fn media_type(self) -> &'static str {
        match self {
            Self::KeySet | Self::RevocationKeySet => "application/json",
            Self::RevocationList => "application/jwt",
        }
    }

    /// For how long a copy may be used, wherever it is.
    const fn lifetime(self) -> Millis {
        match self {
            Self::KeySet | Self::RevocationKeySet => KEY_SET_LIFETIME,
            Self::RevocationList => REVOCATION_LIST_LIFETIME,
        }
    }

    /// Seconds for which a copy made at a second may still be used; none if that is in the future.
    fn left(self, made_at: i64, now: UnixMillis) -> Option<i64> {
        let made_at = UnixMillis::new(made_at.saturating_mul(1000));
        let left = made_at.after(self.lifetime()).since(now).as_seconds();
        (made_at <= now && left > 0).then_some(left)
    }

    /// Its name: another one for each build, each ring, and all that is set.
    fn name(self, service: &Service) -> String {
        let parts: [&[u8]; 2] =
            [env!("CARGO_PKG_VERSION").as_bytes(), service.settings.fingerprint.expose()];
        let bound = keyed_bytes(service.settings.ring.current(), Purpose::KeptDocument, &parts);
        format!("authcore/{}/{}", self.as_str(), BASE64_URL_SAFE_NO_PAD.encode(*bound))
    }

    /// The answer that gives a document just made, with the copy to keep.
    pub(super) fn answer(self, service: &Service, text: String, now: UnixMillis) -> Response {
        let made_at = now.as_seconds();
        let name = self.name(service);
        let mut copy = vec![FORM];
        copy.extend(made_at.to_be_bytes());
        copy.extend(proof(service, &name, made_at, text.as_bytes()));
        copy.extend(text.as_bytes());
        let mut response = self.respond(text.into_bytes(), made_at, now);
        let seconds = self.lifetime().as_seconds_ceil();
        response.keep = Some(Keep { name, copy, seconds });
        response
    }

    fn respond(self, text: Vec<u8>, made_at: i64, now: UnixMillis) -> Response {
        let left = self.left(made_at, now).unwrap_or(0);
        let age = format!("public, max-age={left}");
        respond::public(self.media_type(), age, text)
    }
}

fn proof(service: &Service, name: &str, made_at: i64, text: &[u8]) -> [u8; 32] {
    let parts: [&[u8]; 3] = [name.as_bytes(), &made_at.to_be_bytes(), text];
    *keyed_bytes(service.settings.ring.current(), Purpose::KeptDocument, &parts)
}

impl Service {
    /// The name under which a host may have kept a copy of what answers this request; none for all
    /// requests but those for the key sets and the revocation list.
    #[must_use]
    pub fn kept_name(&self, request: &Request) -> Option<String> {
        Document::of(self, request).map(|document| document.name(self))
    }

    /// The answer to a request by a copy that a host kept under [`Service::kept_name`], or none:
    /// then [`Service::handle`] makes one.
    ///
    /// `copy` may be anything: what core did not make, made for other settings or too long ago is
    /// not used.
    #[must_use]
    pub fn from_kept(&self, request: &Request, copy: &[u8], now: UnixMillis) -> Option<Response> {
        let now = moment(request, now);
        let document = Document::of(self, request)?;
        let (form, rest) = copy.split_first()?;
        let (made_at, rest) = rest.split_first_chunk::<8>()?;
        let (claimed, text) = rest.split_first_chunk::<32>()?;
        let made_at = i64::from_be_bytes(*made_at);
        // Cheap first: a copy that is too old is not worth a hash.
        document.left(made_at, now)?;
        let proof = proof(self, &document.name(self), made_at, text);
        if *form != FORM || !constant_time_eq(claimed, &proof) {
            return None;
        }
        let response = document.respond(text.to_vec(), made_at, now);
        Some(respond::for_method(&request.method, response))
    }
}

/// Copies in a host's memory: at most three, those of one service.
#[derive(Debug, Default)]
pub struct KeptDocuments(Mutex<BTreeMap<String, Vec<u8>>>);

impl KeptDocuments {
    /// Without any.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// The answer to a request by a copy, if there is one that may still be served.
    #[must_use]
    pub fn answer(
        &self,
        service: &Service,
        request: &Request,
        now: UnixMillis,
    ) -> Option<Response> {
        let name = service.kept_name(request)?;
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        service.from_kept(request, kept.get(&name)?, now)
    }

    /// Keeps a copy in place of an older one.
    pub fn keep(&self, name: String, copy: Vec<u8>) {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= MOST && !kept.contains_key(&name) {
            kept.clear();
        }
        kept.insert(name, copy);
    }
}
