//! Form: three canonical parts within 8 KiB, and the JSON in them.

use super::Case;
use super::token::{OURS, Token, ed25519, sign};

const MAX_TOKEN_LENGTH: usize = 8192;

// SECURITY 44, 45
pub fn cases() -> Vec<Case> {
    let mut cases = vec![Case::accepted("a good token", &Token::good())];
    cases.extend(parts());
    cases.extend(spelling());
    cases.extend(length());
    cases.extend(json());
    cases
}

fn parts() -> Vec<Case> {
    let input = Token::good().input();
    let signature = ed25519(&OURS, &input);
    let (header, payload) = input.split_once('.').unwrap();
    let signed = format!(r#""protected":"{header}","signature":"{signature}""#);
    let general = format!(r#"{{"payload":"{payload}","signatures":[{{{signed}}}]}}"#);
    let flattened = format!(r#"{{"payload":"{payload}",{signed}}}"#);
    [
        ("no token", String::new()),
        ("one part", header.to_owned()),
        ("two parts", input.clone()),
        ("three empty parts", "..".to_owned()),
        ("an empty header", format!(".{payload}.{signature}")),
        ("a detached payload (RFC 7515 F)", format!("{header}..{signature}")),
        ("an empty signature", format!("{input}.")),
        ("a fourth part", format!("{input}.{signature}.{signature}")),
        ("a final dot", format!("{input}.{signature}.")),
        ("five parts, as a JWE has (RFC 7516)", format!("{input}.{input}.{signature}")),
        ("general JSON serialisation (RFC 7515 7.2.1)", general),
        ("flattened JSON serialisation (RFC 7515 7.2.2)", flattened),
        ("a Bearer prefix", format!("Bearer {input}.{signature}")),
    ]
    .map(|(name, token)| Case::refused(name, token))
    .into()
}

/// The same octets in another spelling. Where the signed parts change, they are signed as spelled.
fn spelling() -> Vec<Case> {
    let input = Token::good().input();
    let signature = ed25519(&OURS, &input);
    let token = format!("{input}.{signature}");
    let (header, payload) = input.split_once('.').unwrap();
    let standard = signature.replace('-', "+").replace('_', "/");
    assert_ne!(standard, signature);
    let mut cases: Vec<Case> = vec![
        Case::refused("the standard alphabet", format!("{input}.{standard}")),
        Case::refused("a padded signature", format!("{token}==")),
        Case::refused("trailing bits set in the signature", bits_set(&token)),
        Case::refused("a signature of one character more", format!("{token}A")),
        Case::refused("a character beyond ASCII", format!("{token}\u{e9}")),
        Case::refused("a NUL behind", format!("{token}\0")),
        Case::refused("percent-encoding", token.replace('.', "%2E")),
        Case::accepted("an unknown claim is ignored", &Token::good().claim("x", "\"yz\"")),
    ];
    for left_over in [1, 2] {
        // As many spaces behind the JSON as leave this many octets over in the last group.
        let fill = |json: &str| {
            let spaces = (0..3).find(|spaces| (json.len() + spaces) % 3 == left_over).unwrap();
            format!("{json}{}", " ".repeat(spaces))
        };
        let filled = Token::good().header(&fill(&Token::good().header_json()));
        let plain = filled.input_with(fill(&filled.payload()));
        let (header, payload) = plain.split_once('.').unwrap();
        let padding = "=".repeat(3 - left_over);
        let mut case = |name: &str, input: String| {
            let name = format!("{name}, {left_over} left over");
            cases.push(Case::refused(name, sign(&OURS, &input)));
        };
        case("a padded header", format!("{header}{padding}.{payload}"));
        case("a padded payload", format!("{header}.{payload}{padding}"));
        case("trailing bits set in the header", format!("{}.{payload}", bits_set(header)));
        case("trailing bits set in the payload", format!("{header}.{}", bits_set(payload)));
        let case = Case::accepted("", &filled);
        cases.push(case.token(format!("spaces, {left_over} left over"), sign(&OURS, &plain)));
    }
    let inside = |part: &str, mark: &str| format!("{}{mark}{}", &part[..8], &part[8..]);
    for (name, mark) in [("a space", " "), ("a tab", "\t"), ("a line break", "\r\n")] {
        cases.push(Case::refused(format!("{name} before"), format!("{mark}{token}")));
        cases.push(Case::refused(format!("{name} behind"), format!("{token}{mark}")));
        let spaced = format!("{}.{payload}", inside(header, mark));
        cases.push(Case::refused(format!("{name} in the header"), sign(&OURS, &spaced)));
        let spaced = format!("{header}.{}", inside(payload, mark));
        cases.push(Case::refused(format!("{name} in the payload"), sign(&OURS, &spaced)));
        let spaced = format!("{input}.{}", inside(&signature, mark));
        cases.push(Case::refused(format!("{name} in the signature"), spaced));
    }
    cases
}

/// The same text with the lowest bit of its last character set, which no octet holds.
fn bits_set(text: &str) -> String {
    const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let (kept, last) = text.split_at(text.len() - 1);
    let value = ALPHABET.find(last).unwrap();
    assert_eq!(value % 2, 0);
    format!("{kept}{}", &ALPHABET[value + 1..value + 2])
}

fn length() -> Vec<Case> {
    let filled =
        |length: usize| Token::good().claim("filler", &format!("{:?}", "x".repeat(length)));
    // The signature and the dot before it take 87 characters.
    let fits = |filler: &usize| filled(*filler).input().len() + 87 <= MAX_TOKEN_LENGTH;
    let filler = (5000..6000).take_while(fits).last().unwrap();
    vec![
        Case::accepted("as long as a token may be", &filled(filler)),
        Case::refused("longer than 8 KiB", filled(filler + 1).signed()),
    ]
}

fn json() -> Vec<Case> {
    let good = Token::good();
    let payload = good.payload();
    let deep = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let second = |member: &str| payload.replacen('{', &format!("{{{member},"), 1);
    let mut cases = vec![Case::accepted("32 levels", &good.clone().claim("deep", &deep(31)))];
    let payloads: Vec<(&str, Vec<u8>)> = vec![
        ("33 levels", second(&format!("\"deep\":{}", deep(32))).into()),
        ("two sub", second(r#""sub":"other""#).into()),
        ("two sub, the same", second(r#""sub":"01990000-0000-7000-8000-0000000000aa""#).into()),
        ("two sub, one escaped", second(r#""\u0073ub":"other""#).into()),
        ("two members deep inside", second(r#""x":[{"a":1,"a":1}]"#).into()),
        ("a payload that is empty", Vec::new()),
        ("a payload that is an array", format!("[{payload}]").into()),
        ("a payload that is a string", format!("{payload:?}").into()),
        ("a payload that is null", "null".into()),
        ("a payload that is a number", "1".into()),
        ("a payload that is a JWT", good.signed().into()),
        ("a payload cut short", payload[..payload.len() - 1].into()),
        ("something behind the payload", format!("{payload}{{}}").into()),
        ("a byte order mark", format!("\u{feff}{payload}").into()),
        (
            "a final comma",
            payload.replace("\"roles\":[\"user\"]}", "\"roles\":[\"user\"],}").into(),
        ),
        ("a comment", format!("/**/{payload}").into()),
        ("single quotes", payload.replace('"', "'").into()),
        ("a lone surrogate", second(r#""x":"\ud800""#).into()),
        (
            "octets that are no UTF-8",
            [&payload.as_bytes()[..1], b"\"x\":\"\xff\",", &payload.as_bytes()[1..]].concat(),
        ),
        ("UTF-16", payload.encode_utf16().flat_map(u16::to_le_bytes).collect()),
    ];
    let header = |name: &str, json: &str| Case::refused(name, good.clone().header(json).signed());
    for (name, octets) in payloads {
        cases.push(Case::refused(name, sign(&OURS, &good.input_with(octets))));
    }
    cases.extend([
        header(
            "two alg, the second none",
            r#"{"typ":"at+jwt","alg":"EdDSA","kid":"$KID","alg":"none"}"#,
        ),
        header(
            "two alg, the first none",
            r#"{"alg":"none","typ":"at+jwt","alg":"EdDSA","kid":"$KID"}"#,
        ),
        header("two alg, the same", r#"{"alg":"EdDSA","typ":"at+jwt","alg":"EdDSA","kid":"$KID"}"#),
        header(
            "two alg, one escaped",
            r#"{"\u0061lg":"none","typ":"at+jwt","alg":"EdDSA","kid":"$KID"}"#,
        ),
        header("two kid", r#"{"kid":"x","typ":"at+jwt","alg":"EdDSA","kid":"$KID"}"#),
        header("a header that is an array", r#"[{"typ":"at+jwt","alg":"EdDSA","kid":"$KID"}]"#),
        header("a header that is null", "null"),
        header("a header that is empty", "{}"),
        header("something behind the header", r#"{"typ":"at+jwt","alg":"EdDSA","kid":"$KID"} x"#),
        header(
            "33 levels in the header",
            &format!(r#"{{"typ":"at+jwt","alg":"EdDSA","kid":"$KID","x":{}}}"#, deep(32)),
        ),
    ]);
    cases
}
