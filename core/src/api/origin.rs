//! Requests that change something come from our own pages, or from no page at all (SECURITY 31).

use super::extract::Head;
use crate::error::{Code, Error};
use crate::settings::Settings;

/// Checks `Origin`, else `Sec-Fetch-Site`, of an unsafe method, with or without a session.
pub(super) fn check(settings: &Settings, method: &str, head: &Head<'_>) -> Result<(), Error> {
    if matches!(method, "GET" | "HEAD" | "OPTIONS") {
        return Ok(());
    }
    let same = match (head.origin, head.sec_fetch_site) {
        (Some(origin), _) => origin == settings.public_url,
        (None, Some(site)) => matches!(site, "same-origin" | "none"),
        (None, None) => true,
    };
    same.then_some(()).ok_or_else(|| {
        Error::new(Code::CrossOrigin, "the request comes from a page of another origin")
    })
}
