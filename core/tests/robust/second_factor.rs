//! Codes, shared secrets, labels, backup codes and pictures from any text.

use authcore::backup_codes::BackupCode;
use authcore::qr::Matrix;
use authcore::time::UnixMillis;
use authcore::totp::{
    AccountName, Algorithm, Counter, Digits, Hotp, Issuer, LookAhead, Parameters, Period,
    SharedSecret, Step, Totp, Window,
};

use super::{corpus, rounds, texts};

// SECURITY 100
#[test]
fn presented_codes_never_panic() {
    let secret = || SharedSecret::from_random([7; 20]);
    let mut codes = corpus("totp", "code");
    codes.extend(corpus("hotp", "code"));
    texts("presented codes", 4, &codes, |code| {
        let at = UnixMillis::new(1_767_225_600_000);
        let _ = Totp::new(secret(), Parameters::default()).verify(code, at, None);
        let hotp = Hotp::new(secret(), Algorithm::Sha256, Digits::default(), LookAhead::default());
        let _ = hotp.verify(code, Counter::default());
    });
}

// SECURITY 18, 100
#[test]
fn moments_and_parameters_never_panic() {
    rounds("moments and parameters", 4, |generator| {
        let mut draw = || generator.integer();
        let small = |number: i64| u32::try_from(number.rem_euclid(512)).unwrap();
        let parameters = Parameters {
            algorithm: Algorithm::ALL[usize::from(draw() as u8) % 3],
            digits: Digits::new(small(draw())).unwrap_or_default(),
            period: Period::from_seconds(small(draw())).unwrap_or_default(),
            window: Window::new(small(draw()) % 5).unwrap_or_default(),
        };
        let totp = Totp::new(SharedSecret::from_random([7; 20]), parameters);
        let (at, after) = (UnixMillis::new(draw()), Step::new(draw()));
        let code = totp.generate(at);
        assert_eq!(code.expose().len(), usize::from(parameters.digits.as_u8()));
        assert!(totp.verify(code.expose(), at, None).is_ok());
        if let Ok(matched) = totp.verify(code.expose(), at, Some(after)) {
            assert!(matched.step() > after);
        }
    });
}

// SECURITY 100
#[test]
fn shared_secrets_never_panic() {
    texts("shared secrets", 1, &corpus("otpauth", "secret"), |text| {
        let Ok(secret) = SharedSecret::from_base32(text) else { return };
        let again = SharedSecret::from_base32(secret.to_base32().expose()).unwrap();
        assert_eq!(again.expose(), secret.expose());
        assert!((16..=128).contains(&secret.expose().len()));
    });
}

// SECURITY 99, 100
#[test]
fn labels_never_panic() {
    let mut labels = corpus("otpauth", "account");
    labels.extend(corpus("otpauth", "issuer"));
    texts("labels", 1, &labels, |text| {
        let issuer = Issuer::parse(text).unwrap_or_else(|_| Issuer::parse("Example").unwrap());
        let Ok(account) = AccountName::parse(text) else { return };
        let totp = Totp::new(SharedSecret::from_random([7; 20]), Parameters::default());
        let uri = totp.uri(&issuer, &account);
        let (path, query) = uri.expose().split_once('?').unwrap();
        assert!(uri.expose().is_ascii() && !uri.expose().contains([' ', '+', '"', '<', '\n']));
        assert_eq!((path.matches(':').count(), query.matches('&').count()), (2, 4));
    });
}

// SECURITY 100
#[test]
fn backup_codes_never_panic() {
    texts("backup codes", 1, &corpus("backup_codes", "text"), |text| {
        let Ok(code) = BackupCode::parse(text) else { return };
        let again = BackupCode::parse(code.text().expose()).unwrap();
        assert_eq!(again.text().expose(), code.text().expose());
    });
}

// SECURITY 100
#[test]
fn pictures_never_panic() {
    texts("pictures", 2_000, &corpus("otpauth", "account"), |text| {
        let Ok(matrix) = Matrix::new(text) else { return };
        assert!(matrix.svg().ends_with("</svg>") && matrix.png().len() > 100);
    });
    rounds("pictures", 2_000, |generator| {
        let text: String =
            generator.bytes(600).iter().map(|byte| char::from(byte & 0x7f)).collect();
        assert!(Matrix::new(&text).is_ok());
    });
}
