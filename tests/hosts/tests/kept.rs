//! The public documents as hosts keep them: served while they may be used, and only if core made
//! them; whatever else a cache holds changes nothing.

use std::sync::Arc;

use authcore::api::{Access, Base, KeptDocuments, ROUTES};
use authcore::effect::{Keep, Request, Response, drive};
use authcore::service::Service;
use authcore::time::UnixMillis;
use authcore_tests::client::{get, with};
use authcore_tests::database::on_each;
use authcore_tests::settings::{K2, NOW, service};
use authcore_tests::{Client, Database, Kind};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value as Json, json};

const SECOND: i64 = 1000;
const KEY_SET: &str = "/.well-known/jwks.json";
const REVOCATIONS: &str = "/.well-known/revocations";
const LIST_KEYS: &str = "/.well-known/revocations/jwks.json";
/// Each with the seconds for which a copy may be used.
const DOCUMENTS: [(&str, i64); 2] = [(KEY_SET, 300), (REVOCATIONS, 60)];

fn client(database: &Database) -> Client {
    Client::new(service(&[]), database.connect())
}

/// The answer without any copy.
fn made(client: &mut Client, request: Request) -> Response {
    let at = client.arrival();
    drive(client.service.handle(request, at), &mut *client.host)
}

/// The answer of a host that keeps copies in memory.
fn asked(client: &mut Client, kept: &KeptDocuments, target: &str) -> Response {
    let now = UnixMillis::new(client.now);
    let found = kept.answer(&client.service, &get(target), now);
    found.unwrap_or_else(|| {
        let response = made(client, get(target));
        let Keep { name, copy, .. } = response.keep.clone().expect("a copy");
        kept.keep(name, copy);
        response
    })
}

fn from_kept(service: &Service, target: &str, copy: &[u8], now: i64) -> Option<Response> {
    service.from_kept(&get(target), copy, UnixMillis::new(now))
}

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let named = response.headers.iter().find(|(found, _)| *found == name);
    named.map_or("", |(_, value)| value)
}

/// The claims of a revocation list.
fn claims(list: &Response) -> Json {
    let token = std::str::from_utf8(&list.body).expect("a token");
    let payload = token.split('.').nth(1).expect("three parts");
    let claims = BASE64_URL_SAFE_NO_PAD.decode(payload).expect("base64url");
    serde_json::from_slice(&claims).expect("JSON")
}

#[test]
fn a_copy_is_served_for_what_is_left_of_its_document() {
    let database = Database::new(Kind::Sqlite);
    let mut client = client(&database);
    for (target, lifetime) in DOCUMENTS {
        // Made in the middle of a second, it ends as if made at its beginning.
        client.now = NOW + 700;
        let fresh = made(&mut client, get(target));
        let age = |left: i64| format!("public, max-age={left}");
        assert_eq!(header(&fresh, "cache-control"), age(lifetime - 1));
        let keep = fresh.keep.clone().expect("a copy");
        assert_eq!(i64::from(keep.seconds), lifetime);
        assert!(keep.name.is_ascii() && keep.name.len() <= 100, "{}", keep.name);
        let end = NOW + lifetime * SECOND;
        for (now, left) in [(NOW, lifetime), (NOW + 1, lifetime - 1), (end - SECOND, 1)] {
            let kept = from_kept(&client.service, target, &keep.copy, now).expect("served");
            assert_eq!((kept.status, &kept.body), (200, &fresh.body));
            assert_eq!(header(&kept, "cache-control"), age(left), "{target} at {now}");
            assert_eq!(header(&kept, "content-type"), header(&fresh, "content-type"));
            assert_eq!(header(&kept, "x-content-type-options"), "nosniff");
            assert!(kept.keep.is_none(), "it is kept already");
        }
        for now in [NOW - 1, end - SECOND + 1, end, end + 1, i64::MIN, i64::MAX] {
            let kept = from_kept(&client.service, target, &keep.copy, now);
            assert!(kept.is_none(), "{target} at {now}");
        }
    }
}

// SECURITY 28: however it was kept, a list is no older than a minute.
#[test]
fn a_revoked_session_is_in_the_list_a_minute_later_at_the_latest() {
    on_each(|database| {
        let kept = KeptDocuments::new();
        let mut client = client(database);
        let tokens = client.signed_in("ada");
        let before = asked(&mut client, &kept, REVOCATIONS);
        client.now = NOW + 1;
        let _ = client.logout(tokens.text("access_token")).expect(204);
        client.now = NOW + 59 * SECOND;
        let copy = asked(&mut client, &kept, REVOCATIONS);
        assert_eq!(copy.body, before.body);
        assert_eq!(claims(&copy)["sids"], json!([]));
        // Caches keep this copy for no longer than the host.
        assert_eq!(header(&copy, "cache-control"), "public, max-age=1");
        client.now = NOW + 60 * SECOND;
        let list = asked(&mut client, &kept, REVOCATIONS);
        assert_eq!(claims(&list)["sids"], json!([tokens.text("session_id")]));
        // Meanwhile the service itself refused it.
        assert_eq!(client.me(tokens.text("access_token")).code(), "session_ended");
    });
}

// SECURITY 66, 108
#[test]
fn what_core_did_not_make_is_as_if_nothing_had_been_kept() {
    let database = Database::new(Kind::Sqlite);
    let mut client = client(&database);
    for (target, _) in DOCUMENTS {
        let keep = made(&mut client, get(target)).keep.expect("a copy");
        let refused = |copy: &[u8]| {
            let kept = from_kept(&client.service, target, copy, NOW);
            assert!(kept.is_none(), "{target}");
        };
        for at in 0..keep.copy.len() {
            let mut changed = keep.copy.clone();
            changed[at] ^= 1;
            refused(&changed);
            refused(&keep.copy[..at]);
        }
        refused(&[keep.copy.as_slice(), b" "].concat());
        refused(b"{\"keys\":[]}");
        // Nor is it made young again by somebody who has no key.
        let mut younger = keep.copy.clone();
        younger[1..9].copy_from_slice(&(NOW / SECOND - 1).to_be_bytes());
        refused(&younger);
    }
}

// SECURITY 66, 108
#[test]
fn a_copy_is_of_one_document_and_one_configuration() {
    let database = Database::new(Kind::Sqlite);
    let mut client = client(&database);
    let [keys, list] =
        DOCUMENTS.map(|(target, _)| made(&mut client, get(target)).keep.expect("a copy"));
    assert_ne!(keys.name, list.name);
    assert!(from_kept(&client.service, REVOCATIONS, &keys.copy, NOW).is_none());
    assert!(from_kept(&client.service, KEY_SET, &list.copy, NOW).is_none());
    let others: [(&str, &str); 5] = [
        ("AUTHCORE_SECRET", K2),
        ("AUTHCORE_ISSUER", "https://other.test"),
        ("AUTHCORE_PREFIX", "/v2"),
        ("AUTHCORE_ACCESS_TTL", "6 min"),
        ("AUTHCORE_KEY_ROTATION", "29 d"),
    ];
    for other in others {
        let other: Arc<Service> = service(&[other]);
        for ((target, _), keep) in DOCUMENTS.into_iter().zip([&keys, &list]) {
            assert_ne!(other.kept_name(&get(target)), Some(keep.name.clone()));
            assert!(from_kept(&other, target, &keep.copy, NOW).is_none());
            // The same configuration in another process.
            assert_eq!(service(&[]).kept_name(&get(target)), Some(keep.name.clone()));
            assert!(from_kept(&service(&[]), target, &keep.copy, NOW).is_some());
        }
    }
}

// SECURITY 33
#[test]
fn nothing_but_the_public_documents_is_kept() {
    let database = Database::new(Kind::Sqlite);
    let mut client = client(&database);
    for route in ROUTES {
        let prefix = if route.base == Base::Prefix { "/v1" } else { "" };
        let mut request = get(&format!("{prefix}{}", route.path));
        request.method = route.method.to_owned();
        let public = request.target == LIST_KEYS
            || DOCUMENTS.iter().any(|(target, _)| request.target == *target);
        assert!(!public || route.access == Access::Open);
        assert_eq!(client.service.kept_name(&request).is_some(), public, "{}", request.target);
        assert_eq!(made(&mut client, request).keep.is_some(), public);
    }
    for (method, target) in [("POST", KEY_SET), ("GET", "/v1/.well-known/jwks.json"), ("GET", "*")]
    {
        let request = Request { method: method.to_owned(), ..get(target) };
        assert_eq!(client.service.kept_name(&request), None, "{method} {target}");
    }
}

#[test]
fn a_copy_changes_nothing_for_head_and_for_what_is_refused() {
    let database = Database::new(Kind::Sqlite);
    let mut client = client(&database);
    let keep = made(&mut client, get(KEY_SET)).keep.expect("a copy");
    let head = Request { method: "HEAD".to_owned(), ..get(KEY_SET) };
    // A copy that was made for a HEAD answers a GET.
    assert_eq!(made(&mut client, head.clone()).keep, Some(keep.clone()));
    let now = UnixMillis::new(NOW);
    let kept = client.service.from_kept(&head, &keep.copy, now).expect("served");
    assert_eq!((kept.status, kept.body.len()), (200, 0));
    let doubled =
        with(with(get(KEY_SET), "authorization", "Bearer a"), "authorization", "Bearer b");
    let large = Request { body: vec![b' '; Request::MAX_BODY + 1], ..get(KEY_SET) };
    for (request, status) in [(doubled, 400), (large, 413)] {
        assert!(client.service.from_kept(&request, &keep.copy, now).is_none());
        assert_eq!(made(&mut client, request).status, status);
    }
}

#[test]
fn memory_holds_two_copies_at_most() {
    let database = Database::new(Kind::Sqlite);
    let mut client = client(&database);
    let kept = KeptDocuments::new();
    let first = asked(&mut client, &kept, KEY_SET);
    let _ = asked(&mut client, &kept, REVOCATIONS);
    let now = UnixMillis::new(NOW);
    let found = |client: &Client| kept.answer(&client.service, &get(KEY_SET), now);
    assert_eq!(found(&client).map(|response| response.body), Some(first.body));
    for name in 0..100 {
        kept.keep(name.to_string(), vec![0; 1024]);
    }
    assert!(found(&client).is_none(), "a third name makes room");
}
