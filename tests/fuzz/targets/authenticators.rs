//! What an authenticator is made of: a seed, labels, codes; its URI and the picture of it.
#![no_main]

use authcore::qr::Matrix;
use authcore::time::UnixMillis;
use authcore::totp::{
    AccountName, Algorithm, Digits, Issuer, Parameters, Period, SharedSecret, Totp, Window,
};
use authcore_fuzz::split;
use libfuzzer_sys::fuzz_target;

// SECURITY 11, 17, 99, 100
fuzz_target!(|input: &[u8]| {
    let Some((moment, rest)) = input.split_first_chunk::<8>() else { return };
    let at = UnixMillis::new(i64::from_be_bytes(*moment));
    let Some((sizes, rest)) = rest.split_first_chunk::<4>() else { return };
    let (secret, rest) = split(rest, b"\n");
    let (issuer, rest) = split(rest, b"\n");
    let (account, code) = split(rest, b"\n");
    let [secret, issuer, account, code] =
        [secret, issuer, account, code].map(String::from_utf8_lossy);
    let [digits, window, period, algorithm] = sizes.map(u32::from);
    let (Ok(digits), Ok(window)) = (Digits::new(digits), Window::new(window)) else { return };
    let names = ["SHA1", "SHA256", "SHA512"];
    let parameters = Parameters {
        algorithm: Algorithm::parse(names[algorithm as usize % names.len()]).expect("known"),
        digits,
        period: Period::from_seconds(period).unwrap_or_default(),
        window,
    };
    let Ok(secret) = SharedSecret::from_base32(&secret) else { return };
    let again = SharedSecret::from_base32(secret.to_base32().expose()).expect("what was written");
    assert_eq!(again.expose(), secret.expose());
    let totp = Totp::new(secret, parameters);
    let right = totp.generate(at);
    let step = totp.verify(right.expose(), at, None).expect("its own code").step();
    assert!(totp.verify(right.expose(), at, Some(step)).is_err(), "a code is accepted once");
    if let Ok(matched) = totp.verify(&code, at, None) {
        let digits: String = code.chars().filter(|one| *one != ' ').collect();
        assert!(digits.chars().all(|one| one.is_ascii_digit()), "{matched:?}");
    }
    let (Ok(issuer), Ok(account)) = (Issuer::parse(&issuer), AccountName::parse(&account)) else {
        return;
    };
    let uri = totp.uri(&issuer, &account);
    let uri = uri.expose();
    assert!(uri.is_ascii() && !uri.contains([' ', '+', '<', '"', '\r', '\n']), "{uri}");
    assert_eq!(uri.matches("secret=").count(), 1, "{uri}");
    if let Ok(picture) = Matrix::new(uri) {
        assert!(picture.svg().starts_with("<svg") && picture.png().starts_with(b"\x89PNG"));
    }
});
