//! E-mail addresses: normalised first, then validated, then compared (RFC 5321, UTS #46).

use super::Reason;
use idna::uts46::{DnsLength, Hyphens, Uts46};
use idna::{AsciiDenyList, punycode};

/// The longest address in bytes: a path of 256 less its brackets (RFC 5321 §4.5.3.1.3).
const MAX_LENGTH: usize = 254;

/// The longest local part in bytes (RFC 5321 §4.5.3.1.1).
const MAX_LOCAL: usize = 64;

/// The longest input worth looking at: no domain of more bytes fits once in ASCII.
const MAX_INPUT: usize = 4 * MAX_LENGTH;

const LOCAL_PART: Reason = Reason::new(
    "local_part_invalid",
    "the part before the @ takes ASCII letters, digits and signs",
);
const DOMAIN: Reason = Reason::new("domain_invalid", "the part after the @ is no domain name");
const TOO_LONG: Reason = Reason::new("too_long", "more than 254 characters");

/// An e-mail address: ASCII dot-string, `@`, domain in lower-case A-labels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Email {
    stored: String,
    folded: String,
}

impl Email {
    /// Reads an address such as `Ann@Bücher.example`, stored as `Ann@xn--bcher-kva.example`.
    ///
    /// Nothing is trimmed and nothing folded into ASCII: an address that only looks like another
    /// one is refused (CVE-2019-19844). Quoted local parts, comments, address literals and a
    /// trailing dot are refused too.
    ///
    /// # Errors
    /// `not_an_email`, `local_part_invalid`, `domain_invalid`, `look_alike` or `too_long`.
    pub fn parse(text: &str) -> Result<Self, Reason> {
        if text.len() > MAX_INPUT {
            return Err(TOO_LONG);
        }
        let (local, domain) =
            text.split_once('@').filter(|(_, domain)| !domain.contains('@')).ok_or(Reason::new(
                "not_an_email",
                "an address has one part before and one after a single @",
            ))?;
        if !is_dot_string(local) {
            return Err(LOCAL_PART);
        }
        let domain = domain_to_ascii(domain)?;
        let stored = format!("{local}@{domain}");
        if stored.len() > MAX_LENGTH {
            return Err(TOO_LONG);
        }
        let folded = stored.to_ascii_lowercase();
        Ok(Self { stored, folded })
    }

    /// The address to store and to send mail to: the local part as typed, the domain in A-labels.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.stored
    }

    /// The key for comparison: all in lower case. Providers may tell case apart in a local part
    /// (RFC 5321 §2.4); two accounts for one mailbox would be worse.
    #[must_use]
    pub fn folded(&self) -> &str {
        &self.folded
    }
}

/// Whether a local part is a Dot-string (RFC 5321 §4.1.2) of at most 64 bytes.
fn is_dot_string(local: &str) -> bool {
    local.len() <= MAX_LOCAL
        && local.split('.').all(|atom| !atom.is_empty() && atom.bytes().all(is_atext))
}

/// atext of RFC 5322 §3.2.3.
const fn is_atext(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'!' | b'#'
                | b'$'
                | b'%'
                | b'&'
                | b'\''
                | b'*'
                | b'+'
                | b'-'
                | b'/'
                | b'='
                | b'?'
                | b'^'
                | b'_'
                | b'`'
                | b'{'
                | b'|'
                | b'}'
                | b'~'
        )
}

/// The domain in lower-case A-labels: UTS #46 §4, non-transitional, with UseSTD3ASCIIRules,
/// CheckHyphens and VerifyDnsLength.
fn domain_to_ascii(domain: &str) -> Result<String, Reason> {
    let (deny, hyphens, length) = (AsciiDenyList::STD3, Hyphens::Check, DnsLength::Verify);
    let ascii =
        Uts46::new().to_ascii(domain.as_bytes(), deny, hyphens, length).map_err(|_| DOMAIN)?;
    let last = ascii.rsplit_once('.').ok_or(DOMAIN)?.1;
    if is_number(last) {
        return Err(DOMAIN);
    }
    refuse_look_alikes(domain, &ascii)?;
    Ok(ascii.into_owned())
}

/// Whether a last label makes the domain an IPv4 address to some readers (WHATWG URL, "ends in a
/// number").
fn is_number(label: &str) -> bool {
    let digits = label.bytes().all(|byte| byte.is_ascii_digit());
    let hexadecimal = label.strip_prefix("0x");
    digits || hexadecimal.is_some_and(|rest| rest.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Refuses a domain that UTS #46 mapping changes in more than case: full-width letters, the
/// Kelvin sign, the ideographic full stop, ignored characters, text that is not in NFC.
fn refuse_look_alikes(typed: &str, ascii: &str) -> Result<(), Reason> {
    let same = typed.split('.').count() == ascii.split('.').count()
        && typed.split('.').zip(ascii.split('.')).all(|(typed, ascii)| is_plain(typed, ascii));
    let reason = Reason::new("look_alike", "the domain has characters that stand for others");
    if same { Ok(()) } else { Err(reason) }
}

/// Whether a label is what its A-label decodes to but for case, no ASCII made of what was none.
fn is_plain(typed: &str, ascii: &str) -> bool {
    if typed.is_ascii() {
        return true;
    }
    let Some(mapped) = ascii.strip_prefix("xn--").and_then(punycode::decode_to_string) else {
        return false;
    };
    let folds_to_ascii = |character: char| {
        !character.is_ascii() && character.to_lowercase().any(|lower| lower.is_ascii())
    };
    // By character, not `str::to_lowercase`, whose final sigma depends on what stands around it.
    !typed.chars().any(folds_to_ascii)
        && typed.chars().flat_map(char::to_lowercase).eq(mapped.chars())
}
