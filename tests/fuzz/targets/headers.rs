//! Any headers, on each route: credentials, media types, origins, forwarded addresses.
#![no_main]

use authcore::api::{Base, ROUTES};
use authcore::effect::Request;
use authcore_fuzz::{headers_of, send};
use libfuzzer_sys::fuzz_target;

// SECURITY 100
fuzz_target!(|input: &[u8]| {
    let Some((first, text)) = input.split_first() else { return };
    let number = usize::from(*first);
    let route = &ROUTES[number % ROUTES.len()];
    let target = match route.base {
        Base::Root => route.path.to_owned(),
        Base::Prefix => format!("/v1{}", route.path),
    };
    let body = br#"{"login":"ada","password":"tall zebra 42 crossing"}"#.to_vec();
    let headers = headers_of(text);
    send(Request { method: route.method.to_owned(), target, headers, body }, number as u64);
});
