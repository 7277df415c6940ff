//! What is refused as a secret of HMAC: what is too short, and what is published elsewhere.
//!
//! A program that takes any octets as a secret verifies tokens that were signed with its own
//! public key (CVE-2022-29217, CVE-2024-33663, CVE-2024-37568): the text of a key or a
//! certificate is therefore never a secret, in whatever form it is presented.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use crate::error::{Code, Error};
use crate::json::{self, Value};

/// The longest secret, in octets.
const MAX_SECRET_LENGTH: usize = 1024;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_padding_mode(DecodePaddingMode::Indifferent)
    .with_decode_allow_trailing_bits(true);

/// Judges a secret; `least` is how many octets the hash has (RFC 7518 §3.2).
pub(super) fn judge(secret: &[u8], least: usize) -> Result<(), Error> {
    let refused = |detail: String| Err(Error::new(Code::InvalidInput, detail));
    if is_published(secret) {
        return refused("the secret is the text of a key or a certificate".to_owned());
    }
    if secret.len() < least {
        return refused(format!("the secret has fewer octets than the hash, {least}"));
    }
    if secret.len() > MAX_SECRET_LENGTH {
        return refused(format!("the secret has more than {MAX_SECRET_LENGTH} octets"));
    }
    Ok(())
}

/// Whether these octets are a key or a certificate in one of the forms in which they are handed
/// on: PEM (RFC 7468), an SSH key (RFC 4253 §6.6, RFC 4716), JWK (RFC 7517), DER, or base64 of it.
fn is_published(octets: &[u8]) -> bool {
    let text = octets.trim_ascii();
    is_pem(text) || is_ssh(text) || is_jwk(text) || is_der(octets) || is_base64_of_der(text)
}

/// Also where something stands before it.
fn is_pem(text: &[u8]) -> bool {
    let marks: [&[u8]; 2] = [b"-----BEGIN ", b"---- BEGIN SSH2"];
    marks.iter().any(|mark| text.windows(mark.len()).any(|window| window == *mark))
}

/// The line of `authorized_keys`, also behind options, and the octets that are base64 in it.
fn is_ssh(text: &[u8]) -> bool {
    let names: [&[u8]; 5] = [b"ssh-", b"ecdsa-sha2-", b"sk-ssh-", b"sk-ecdsa-", b"rsa-sha2-"];
    let named = |text: &[u8]| names.iter().any(|name| text.starts_with(name));
    // Four octets of length, then the name (RFC 4251 §5).
    let wire = matches!(text, [0, 0, 0, _, rest @ ..] if named(rest));
    wire || text.split(u8::is_ascii_whitespace).any(named)
}

fn is_jwk(text: &[u8]) -> bool {
    let object = |value: &Value| matches!(value, Value::Object(_) | Value::Array(_));
    text.first().is_some_and(|first| b"{[".contains(first))
        && json::read(text).is_ok_and(|value| object(&value))
}

/// SubjectPublicKeyInfo, a certificate, PKCS#1, PKCS#8: a SEQUENCE (X.690 §8.9) that fills the
/// octets and begins with a SEQUENCE or with an INTEGER and another element. Of random octets one
/// in 2^31 looks so.
fn is_der(octets: &[u8]) -> bool {
    let Some((0x30, inside, [])) = element(octets) else { return false };
    match element(inside) {
        Some((0x30 | 0x02, first, rest)) => !first.is_empty() && element(rest).is_some(),
        _ => false,
    }
}

fn is_base64_of_der(text: &[u8]) -> bool {
    let one_line: Vec<u8> =
        text.iter().copied().filter(|octet| !octet.is_ascii_whitespace()).collect();
    [STANDARD, URL_SAFE].iter().any(|alphabet| {
        let octets = GeneralPurpose::new(alphabet, LENIENT).decode(&one_line);
        octets.is_ok_and(|octets| is_der(&octets) || is_ssh(&octets))
    })
}

/// Tag, content and what follows, of a definite length (X.690 §8.1.3).
fn element(octets: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = octets.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = if *first < 0x80 {
        (usize::from(*first), rest)
    } else {
        let (length, rest) = rest.split_at_checked(usize::from(first & 0x7f))?;
        let sum = |sum: usize, octet: &u8| sum.checked_mul(256)?.checked_add(usize::from(*octet));
        (length.iter().try_fold(0, sum)?, rest)
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((*tag, content, rest))
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::STANDARD as BASE64;

    /// SubjectPublicKeyInfo of a P-256 key (RFC 5480 §2).
    fn spki() -> Vec<u8> {
        let head = "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE";
        let mut der = BASE64.decode(head).unwrap();
        der.resize(91, 7);
        der
    }

    /// RSAPublicKey (RFC 8017 §A.1.1).
    fn pkcs1() -> Vec<u8> {
        let mut der = vec![0x30, 0x82, 0x01, 0x0a, 0x02, 0x82, 0x01, 0x01];
        der.resize(8 + 257, 7);
        der.extend([2, 3, 1, 0, 1]);
        der
    }

    // SECURITY 35
    #[test]
    fn no_public_material_is_a_secret() {
        let spki = spki();
        assert_eq!(spki.len(), usize::from(spki[1]) + 2);
        let base64 = BASE64.encode(&spki);
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----\n");
        let ssh =
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPL1I9oiq+B8crkmuV4YViiUnhdLjCp3hvy1bNGuGfNL";
        let mut wire = b"\0\0\0\x0bssh-ed25519\0\0\0\x20".to_vec();
        wire.resize(51, 7);
        let jwk =
            r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
        let refused: Vec<(&str, Vec<u8>)> = vec![
            ("PEM", pem.clone().into()),
            ("PEM with CRLF", pem.replace('\n', "\r\n").into()),
            ("PEM without line breaks", pem.replace('\n', "").into()),
            ("PEM behind a byte order mark", format!("\u{feff}{pem}").into()),
            ("PEM behind a comment", format!("# our key\n{pem}").into()),
            ("a private key as PEM", pem.replace("PUBLIC", "PRIVATE").into()),
            ("a certificate as PEM", pem.replace("PUBLIC KEY", "CERTIFICATE").into()),
            ("the base64 of a PEM", base64.clone().into()),
            (
                "the base64 of a PEM in lines",
                format!("{}\n{}", &base64[..64], &base64[64..]).into(),
            ),
            ("DER", spki.clone()),
            ("PKCS#1", pkcs1()),
            ("an SSH line", ssh.into()),
            ("an SSH line with a comment", format!("{ssh} me@example.com\n").into()),
            ("an SSH line with options", format!("no-pty {ssh}").into()),
            ("an SSH line of ECDSA", ssh.replace("ssh-ed25519", "ecdsa-sha2-nistp256").into()),
            ("the base64 of an SSH line", ssh.split(' ').nth(1).unwrap().into()),
            ("SSH octets", wire),
            ("RFC 4716", "---- BEGIN SSH2 PUBLIC KEY ----\nAAAAB3NzaC1yc2EAAAADAQABAAABAQC".into()),
            ("a JWK", jwk.into()),
            ("a JWK in lines", jwk.replace(',', ",\n  ").into()),
            ("a key set", format!(r#"{{"keys":[{jwk}]}}"#).into()),
        ];
        for (name, secret) in refused {
            let error = judge(&secret, 32).unwrap_err();
            assert_eq!(error.code, Code::InvalidInput);
            assert!(error.detail.contains("key or a certificate"), "{name}: {}", error.detail);
        }
    }

    // SECURITY 47
    #[test]
    fn a_secret_has_as_many_octets_as_the_hash_at_least() {
        for (least, length, taken) in [
            (32, 0, false),
            (32, 31, false),
            (32, 32, true),
            (64, 63, false),
            (64, 64, true),
            (64, 1024, true),
            (64, 1025, false),
        ] {
            assert_eq!(judge(&vec![7; length], least).is_ok(), taken, "{least} {length}");
        }
    }

    #[test]
    fn other_octets_are_taken() {
        let texts: [&[u8]; 5] = [
            b"correct horse battery staple etc",
            b"{this is not JSON but a good text}",
            b"0123456789abcdef0123456789abcdef",
            b"nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A",
            b"\x30\x1e\x05\x1c567890123456789012345678901234",
        ];
        for secret in texts {
            assert!(judge(secret, 32).is_ok(), "{secret:?}");
        }
    }
}
