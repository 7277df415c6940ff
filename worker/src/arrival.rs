//! When and from where a request comes, and the seed of its randomness.

use std::net::IpAddr;

use authcore::arrival::{Arrival, Seed};
use authcore::time::UnixMillis;
use worker::ScheduledEvent;
use worker::js_sys::Date;

/// Written by Cloudflare's edge over whatever a client sends of that name.
const PEER: &str = "cf-connecting-ip";

/// An arrival now.
///
/// # Errors
/// If the runtime has no randomness.
pub fn of(headers: &[(String, Vec<u8>)]) -> Result<Arrival, String> {
    let mut seed = [0; 32];
    // `crypto.getRandomValues`.
    getrandom::fill(&mut seed).map_err(|error| error.to_string())?;
    Ok(Arrival {
        // A whole number of milliseconds, which an f64 holds exactly.
        now: UnixMillis::new(Date::now() as i64),
        seed: Seed::new(seed).map_err(|error| error.to_string())?,
        peer: peer(headers),
    })
}

/// An arrival of cron: now, or in a build for tests the moment that the event was due.
///
/// # Errors
/// If the runtime has no randomness.
pub fn of_cron(event: &ScheduledEvent) -> Result<Arrival, String> {
    let arrival = of(&[])?;
    if cfg!(feature = "test-clock") {
        let due = UnixMillis::new(event.schedule() as i64);
        return Ok(Arrival { now: due, ..arrival });
    }
    Ok(arrival)
}

fn peer(headers: &[(String, Vec<u8>)]) -> Option<IpAddr> {
    let (_, value) = headers.iter().find(|(name, _)| name == PEER)?;
    std::str::from_utf8(value).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peer_is_the_address_that_the_edge_saw() {
        let peer = |value: &str| peer(&[(PEER.to_owned(), value.as_bytes().to_vec())]);
        assert_eq!(peer("2001:db8::1"), "2001:db8::1".parse().ok());
        assert_eq!(peer("203.0.113.9, 198.51.100.7"), None);
        assert_eq!(super::peer(&[]), None);
    }
}
