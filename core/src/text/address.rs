//! The text by which tries from one address are counted.

use std::net::{IpAddr, Ipv6Addr};

/// The key of a peer: IPv4 as it is, IPv4-mapped IPv6 (RFC 4291 §2.5.5.2) as IPv4, other IPv6 by
/// its /64, since one subscriber holds all of it (RFC 6177 §2). Text as in RFC 5952.
#[must_use]
pub fn address_key(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_string(),
        IpAddr::V6(address) => {
            let network = Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64));
            format!("{network}/64")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(text: &str) -> String {
        address_key(text.parse().unwrap())
    }

    // SECURITY 63
    #[test]
    fn addresses_of_one_subscriber_have_one_key() {
        assert_eq!(key("2001:DB8:1:2:3:4:5:6"), "2001:db8:1:2::/64");
        assert_eq!(key("2001:db8:1:2::"), key("2001:db8:1:2:ffff:ffff:ffff:ffff"));
        assert_ne!(key("2001:db8:1:2::1"), key("2001:db8:1:3::1"));
    }

    // SECURITY 63
    #[test]
    fn a_mapped_address_is_the_ipv4_address() {
        assert_eq!(key("::ffff:1.2.3.4"), "1.2.3.4");
        assert_eq!(key("::ffff:102:304"), key("1.2.3.4"));
        assert_eq!(key("::1"), "::/64");
    }
}
