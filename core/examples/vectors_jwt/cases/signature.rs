//! Signatures: by another algorithm, another key, over another text, or in another spelling.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Case;
use super::token::{ATTACKER, OURS, Token, base64url, ed25519, hs256, jwk, point};

/// The order of the group, little-endian (RFC 8032 §5.1).
const ORDER: [u8; 32] = [
    0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14,
    0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10,
];

pub fn cases() -> Vec<Case> {
    let mut cases = confusion();
    cases.extend(altered());
    cases.extend(examples());
    cases
}

/// HMAC with every spelling of the public key (CVE-2022-29217, CVE-2024-33663), and no signature.
// SECURITY 35
fn confusion() -> Vec<Case> {
    let octets = point(&OURS);
    // SubjectPublicKeyInfo of Ed25519 (RFC 8410 §4).
    let mut der = vec![0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00];
    der.extend(octets);
    let pem = |end: &str| {
        let base64 = STANDARD.encode(&der);
        format!("-----BEGIN PUBLIC KEY-----{end}{base64}{end}-----END PUBLIC KEY-----")
    };
    // The wire form of RFC 8709 §4.
    let mut wire = b"\0\0\0\x0bssh-ed25519\0\0\0\x20".to_vec();
    wire.extend(octets);
    let ssh = format!("ssh-ed25519 {}", STANDARD.encode(wire));
    let keys: [(&str, Vec<u8>); 9] = [
        ("octets", octets.into()),
        ("base64url", base64url(octets).into()),
        ("DER", der.clone()),
        ("PEM", pem("\n").into()),
        ("PEM with a final line break", format!("{}\n", pem("\n")).into()),
        ("PEM with CRLF", pem("\r\n").into()),
        ("SSH line", ssh.into()),
        ("JWK", jwk(&OURS).to_string().into()),
        ("absence (an empty key)", Vec::new()),
    ];
    let mut cases = Vec::new();
    for (name, key) in keys {
        let header = r#"{"typ":"at+jwt","alg":"HS256","kid":"$KID"}"#;
        let input = Token::good().header(header).input();
        let token = format!("{input}.{}", hs256(&key, &input));
        cases.push(Case::refused(format!("HS256 with the public key as {name}"), token));
        let input = Token::good().input();
        let token = format!("{input}.{}", hs256(&key, &input));
        let name = format!("HS256 under the name EdDSA with the public key as {name}");
        cases.push(Case::refused(name, token));
    }
    for alg in ["none", "None", "NONE"] {
        let header = format!(r#"{{"typ":"at+jwt","alg":"{alg}","kid":"$KID"}}"#);
        let input = Token::good().header(&header).input();
        cases.push(Case::refused(format!("`{alg}` and no signature"), format!("{input}.")));
        let input = Token::good().header(&format!(r#"{{"typ":"at+jwt","alg":"{alg}"}}"#)).input();
        let name = format!("`{alg}`, no key and no signature");
        cases.push(Case::refused(name, format!("{input}.")));
    }
    cases
}

// SECURITY 36, 46
fn altered() -> Vec<Case> {
    let good = Token::good();
    let input = good.input();
    let signature = |octets: &[u8]| format!("{input}.{}", base64url(octets));
    let sound = ed25519_octets(&input);
    let mut flipped = sound;
    flipped[0] ^= 1;
    let mut flipped_s = sound;
    flipped_s[40] ^= 1;
    let mut second_spelling = sound;
    let mut carry = 0u16;
    for (octet, add) in second_spelling[32..].iter_mut().zip(ORDER) {
        let sum = u16::from(*octet) + u16::from(add) + carry;
        *octet = sum.to_le_bytes()[0];
        carry = sum >> 8;
    }
    let mut identity = [0; 64];
    identity[0] = 1;
    let longer = [sound.as_slice(), &[0]].concat();
    let twice = [sound, sound].concat();
    let mut cases: Vec<Case> = [
        ("a bit of R is flipped", &flipped[..]),
        ("a bit of S is flipped", &flipped_s[..]),
        ("S + L for S (RFC 8032 5.1.7)", &second_spelling[..]),
        ("63 octets", &sound[..63]),
        ("65 octets", &longer[..]),
        ("128 octets", &twice[..]),
        ("32 octets", &sound[..32]),
        ("one octet", &sound[..1]),
        ("all zeros", &[0; 64][..]),
        ("all ones", &[0xff; 64][..]),
        ("R is the identity and S is zero", &identity[..]),
    ]
    .map(|(name, octets)| Case::refused(format!("signature: {name}"), signature(octets)))
    .into();

    let signed = ed25519(&OURS, &input);
    let admin = good.clone().claim("roles", r#"["superadmin"]"#).input();
    let spaced = good.clone().header(r#"{ "typ":"at+jwt","alg":"EdDSA","kid":"$KID"}"#).input();
    let (_, payload) = input.split_once('.').unwrap();
    cases.extend([
        Case::refused("the payload is altered", format!("{admin}.{signed}")),
        Case::refused("the header is altered", format!("{spaced}.{signed}")),
        Case::refused(
            "the payload alone is signed",
            format!("{input}.{}", ed25519(&OURS, payload)),
        ),
        Case::refused("another key under our kid", good.signed_with(&ATTACKER)),
        Case::refused("the trusted key is another", good.signed()).jwks(vec![jwk(&ATTACKER)]),
    ]);
    cases
}

fn ed25519_octets(input: &str) -> [u8; 64] {
    use ed25519_dalek::Signer as _;
    ed25519_dalek::SigningKey::from_bytes(&OURS).sign(input.as_bytes()).to_bytes()
}

/// The examples of the RFCs: sound, and none of them an access token of ours.
fn examples() -> Vec<Case> {
    // The payload of RFC 7515 A.1 and RFC 7519 6.1, with the line breaks of the RFC.
    let joe = concat!(
        "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt",
        "cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    );
    let hs256 = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    let rfc8037 = [
        "eyJhbGciOiJFZERTQSJ9",
        "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc",
        "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg",
    ];
    let rfc7797 = [
        "eyJhbGciOiJIUzI1NiIsImI2NCI6ZmFsc2UsImNyaXQiOlsiYjY0Il19",
        "",
        "A5dxf2s96_n5FLueVuW1Z_vh161FwXZC4YLPff6dmDY",
    ];
    [
        ("RFC 8037 A.4: our key, but no kid, no typ, no claims", rfc8037),
        ("RFC 7515 A.1: HS256", ["eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9", joe, hs256]),
        ("RFC 7519 6.1: an unsecured JWT", ["eyJhbGciOiJub25lIn0", joe, ""]),
        ("RFC 7797 4.2: an unencoded, detached payload", rfc7797),
    ]
    .map(|(name, parts)| Case::refused(name, parts.join(".")))
    .into()
}
