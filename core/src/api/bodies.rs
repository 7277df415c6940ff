//! Bodies, one function each: JSON members into the types of the use cases.

use super::extract::{Head, fields, new_password, parsed, password};
use crate::backup_codes::BackupCode;
use crate::error::{Code, Error};
use crate::json::Fields;
use crate::secret::Secret;
use crate::service::{
    Answer, PasswordChange, PresentedCode, Proving, Remember, SignUp, StrengthQuestion,
    WantedFactor,
};
use crate::text::{Email, FullName, Username};

/// What [`Fields::finish`] leaves impossible: a required field that is missing without an entry.
pub(super) fn missing() -> Error {
    Code::Internal.into()
}

/// The body of POST /accounts.
pub(super) fn sign_up(head: &Head<'_>, body: &[u8]) -> Result<SignUp, Error> {
    let mut fields = fields(head, body)?;
    let email = parsed(&mut fields, "email", Email::parse);
    let username = parsed(&mut fields, "username", Username::parse);
    let password = password(&mut fields, "password");
    let confirmed = fields.secret_string("password_confirm");
    if let (Some(confirmed), Some(password)) = (confirmed, &password)
        && !password.is(&confirmed)
    {
        fields.refuse("/password_confirm", "mismatch", "the passwords differ");
    }
    let full_name = parsed(&mut fields, "full_name", FullName::parse);
    let properties = fields.canonical_object("properties");
    let second_factor = match fields.string("second_factor").as_deref() {
        None => WantedFactor::None,
        Some("totp") => WantedFactor::Totp,
        Some(_) => {
            fields.refuse("/second_factor", "unknown", "the second factor there is is `totp`");
            WantedFactor::None
        }
    };
    if email.is_none() && username.is_none() && !fields.refuses(&["/email", "/username"]) {
        fields.refuse("/email", "required", "an e-mail address or a username is needed");
    }
    fields.finish()?;
    let password = password.ok_or_else(missing)?;
    let idempotency_key = idempotency_key(head)?;
    Ok(SignUp { email, username, password, full_name, properties, second_factor, idempotency_key })
}

fn idempotency_key(head: &Head<'_>) -> Result<Option<String>, Error> {
    match head.idempotency_key {
        Some(key) if !(16..=128).contains(&key.len()) => Err(Error::new(
            Code::MalformedRequest,
            "`idempotency-key` must have 16 to 128 characters",
        )),
        key => Ok(key.map(str::to_owned)),
    }
}

/// How many texts POST /password/strength takes beside the password.
const MAX_USER_INPUTS: usize = 16;

/// The body of POST /password/strength.
pub(super) fn password_strength(head: &Head<'_>, body: &[u8]) -> Result<StrengthQuestion, Error> {
    let mut fields = fields(head, body)?;
    let password = password(&mut fields, "password");
    let user_inputs = fields.strings("user_inputs", MAX_USER_INPUTS).unwrap_or_default();
    fields.finish()?;
    Ok(StrengthQuestion { password: password.ok_or_else(missing)?, user_inputs })
}

/// The body of POST /refresh.
pub(super) fn refresh_token(head: &Head<'_>, body: &[u8]) -> Result<String, Error> {
    let mut fields = fields(head, body)?;
    let token = fields.required_string("refresh_token");
    fields.finish()?;
    token.ok_or_else(missing)
}

/// The body of POST /logout: empty, or with a refresh token.
pub(super) fn optional_refresh_token(
    head: &Head<'_>,
    body: &[u8],
) -> Result<Option<String>, Error> {
    if body.is_empty() {
        return Ok(None);
    }
    let mut fields = fields(head, body)?;
    let token = fields.string("refresh_token");
    fields.finish()?;
    Ok(token)
}

/// A code as typed.
fn code(fields: &mut Fields) -> Option<PresentedCode> {
    let text = fields.required_string("code")?;
    Some(PresentedCode::Otp(Secret::new(text)))
}

fn remember(fields: &mut Fields) -> Remember {
    match fields.boolean("remember_device") {
        Some(true) => Remember::Device,
        Some(false) | None => Remember::Nothing,
    }
}

/// The body of POST /login/otp.
pub(super) fn otp_answer(head: &Head<'_>, body: &[u8]) -> Result<Answer, Error> {
    let mut fields = fields(head, body)?;
    let challenge = fields.required_string("challenge");
    let code = code(&mut fields);
    let remember = remember(&mut fields);
    fields.finish()?;
    let challenge = challenge.ok_or_else(missing)?;
    Ok(Answer { challenge, code: code.ok_or_else(missing)?, remember })
}

/// The body of POST /login/backup-code. A code that cannot be one is counted like any other.
pub(super) fn backup_code_answer(head: &Head<'_>, body: &[u8]) -> Result<Answer, Error> {
    let mut fields = fields(head, body)?;
    let challenge = fields.required_string("challenge");
    let code = fields.required_string("code");
    let remember = remember(&mut fields);
    fields.finish()?;
    let code = code.ok_or_else(missing)?;
    let code = PresentedCode::Backup(BackupCode::parse(&code).ok());
    Ok(Answer { challenge: challenge.ok_or_else(missing)?, code, remember })
}

/// The body of POST /login/enrolment.
pub(super) fn challenge(head: &Head<'_>, body: &[u8]) -> Result<String, Error> {
    let mut fields = fields(head, body)?;
    let challenge = fields.required_string("challenge");
    fields.finish()?;
    challenge.ok_or_else(missing)
}

/// The body of POST /mfa/totp/confirm.
pub(super) fn confirmation(head: &Head<'_>, body: &[u8]) -> Result<PresentedCode, Error> {
    let mut fields = fields(head, body)?;
    let code = code(&mut fields);
    fields.finish()?;
    code.ok_or_else(missing)
}

/// The body of POST /reauthenticate: a password, a code, or a backup code.
pub(super) fn proving(head: &Head<'_>, body: &[u8]) -> Result<Proving, Error> {
    let mut fields = fields(head, body)?;
    let password = fields.secret_string("password");
    let code = fields.string("code");
    let backup = fields.string("backup_code");
    let given =
        [password.is_some(), code.is_some(), backup.is_some()].into_iter().filter(|given| *given);
    if given.count() != 1 && !fields.refuses(&["/password", "/code", "/backup_code"]) {
        let detail = "one of `password`, `code` and `backup_code` is needed";
        fields.refuse("/password", "required", detail);
    }
    let password = password.and_then(|text| new_password(&mut fields, "password", text));
    fields.finish()?;
    match (password, code, backup) {
        (Some(password), ..) => Ok(Proving::Password(password)),
        (None, Some(code), _) => Ok(Proving::Code(PresentedCode::Otp(Secret::new(code)))),
        (None, None, Some(code)) => {
            Ok(Proving::Code(PresentedCode::Backup(BackupCode::parse(&code).ok())))
        }
        (None, None, None) => Err(missing()),
    }
}

/// The body of PUT /me/password.
pub(super) fn password_change(head: &Head<'_>, body: &[u8]) -> Result<PasswordChange, Error> {
    let mut fields = fields(head, body)?;
    let current = password(&mut fields, "current_password");
    let new = password(&mut fields, "password");
    let confirmed = fields.secret_string("password_confirm");
    if let (Some(confirmed), Some(new)) = (confirmed, &new)
        && !new.is(&confirmed)
    {
        fields.refuse("/password_confirm", "mismatch", "the passwords differ");
    }
    fields.finish()?;
    Ok(PasswordChange { current: current.ok_or_else(missing)?, new: new.ok_or_else(missing)? })
}

/// A route that takes no members has no body, or an empty object.
pub(super) fn nothing(head: &Head<'_>, body: &[u8]) -> Result<(), Error> {
    if body.is_empty() {
        return Ok(());
    }
    fields(head, body)?.finish()
}
