//! The client's address: the peer's, or what trusted proxies say of it (SECURITY 63).

use std::net::{IpAddr, SocketAddr};

use super::extract::Head;

/// The address. Behind `proxies` trusted ones it is the entry of `X-Forwarded-For` that the
/// outermost of them wrote: that many from the right. What stands further left anybody can write.
pub(super) fn of(peer: Option<IpAddr>, head: &Head<'_>, proxies: u32) -> Option<IpAddr> {
    if proxies == 0 {
        return peer;
    }
    let from_right = usize::try_from(proxies.saturating_sub(1)).unwrap_or(usize::MAX);
    let all = head.forwarded_for.join(",");
    match all.rsplit(',').map(str::trim).filter(|entry| !entry.is_empty()).nth(from_right) {
        // Came past the proxies: the peer is all that is known.
        None => peer,
        Some(entry) => parse(entry),
    }
}

/// An address, with or without a port, an IPv6 one with or without brackets.
fn parse(entry: &str) -> Option<IpAddr> {
    let bare = entry.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(entry);
    bare.parse().ok().or_else(|| entry.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(forwarded: &[&str], proxies: u32) -> Option<String> {
        let headers: Vec<_> = forwarded
            .iter()
            .map(|value| ("X-Forwarded-For".to_owned(), value.as_bytes().to_vec()))
            .collect();
        let head = Head::of(&headers, "authorization").expect("sound headers");
        let peer = Some("192.0.2.1".parse().expect("an address"));
        of(peer, &head, proxies).map(|address| address.to_string())
    }

    // SECURITY 63
    #[test]
    fn forwarded_headers_count_only_through_trusted_proxies() {
        let spoofed = ["203.0.113.9, 198.51.100.7"];
        assert_eq!(address(&spoofed, 0).as_deref(), Some("192.0.2.1"));
        assert_eq!(address(&spoofed, 1).as_deref(), Some("198.51.100.7"));
        assert_eq!(address(&spoofed, 2).as_deref(), Some("203.0.113.9"));
        assert_eq!(address(&spoofed, 3).as_deref(), Some("192.0.2.1"));
        assert_eq!(address(&["203.0.113.9", "198.51.100.7"], 1).as_deref(), Some("198.51.100.7"));
    }

    #[test]
    fn addresses_may_carry_ports_and_brackets() {
        assert_eq!(address(&["[2001:db8::1]:443"], 1).as_deref(), Some("2001:db8::1"));
        assert_eq!(address(&["[2001:db8::1]"], 1).as_deref(), Some("2001:db8::1"));
        assert_eq!(address(&["198.51.100.7:1234"], 1).as_deref(), Some("198.51.100.7"));
        assert_eq!(address(&["unknown"], 1), None);
    }
}
