//! The table of effects of each use case, from the transcripts of its success path.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use authcore::effect::transcript::{RecordedEffect, Transcript};

/// The success paths in the table, and why those with more than two batches have them.
pub const PATHS: &[(&str, &str)] = &[
    ("sign_up", ""),
    ("sign_up_with_totp", ""),
    ("login", ""),
    ("login_challenge", ""),
    ("login_with_otp", COUNTED_LATE),
    ("login_remembered", ""),
    ("login_otp", ""),
    ("login_otp_first", ""),
    ("login_backup_code", ""),
    ("login_enrolment", ""),
    ("refresh", ""),
    ("refresh_grace", ""),
    ("password_strength", ""),
    ("logout", ""),
    ("logout_by_refresh_token", ""),
    ("logout_by_both", ""),
    ("me", ""),
    ("reauthenticate", COUNTED_LATE),
    ("reauthenticate_by_code", COUNTED_LATE),
    ("reauthenticate_by_backup_code", COUNTED_LATE),
    ("change_password", COUNTED_LATE),
    ("delete_account", ""),
    ("sessions", ""),
    ("end_other_sessions", ""),
    ("end_session", ""),
    ("devices", ""),
    ("end_devices", ""),
    ("end_device", ""),
    ("mfa", ""),
    ("enrol", ""),
    ("confirm", COUNTED_LATE),
    ("totp_qr", ""),
    ("backup_codes", ""),
    ("disable_mfa", ""),
    ("jwks", ""),
    ("jwks_first_use", "makes the first keys"),
    ("jwks_rotation", "exchanges keys, once in a rotation"),
    ("jwks_other_algorithm", "replaces the next key, once"),
    ("revocations", ""),
    ("revocations_jwks", ""),
    ("readyz", ""),
    ("healthz", ""),
    ("index", ""),
    ("openapi", ""),
    ("docs", ""),
];

/// How many batches a request takes on its success path, at most (docs/DESIGN §3).
const BATCHES: usize = 2;

/// The note of those that take one more (docs/decisions/0021).
const COUNTED_LATE: &str = "counts the try once it is known whose it is";

/// The table.
pub fn table(transcripts: &BTreeMap<&'static str, Transcript>) -> String {
    let mut table = String::from(
        "# Effects of each use case\n\n\
         Made by `tests/hosts/tests/transcripts.rs` from the transcripts of the success paths; do \
         not edit.\n\
         A request takes at most two batches, and one more where signing keys are made or \
         exchanged on\nthe way (docs/decisions/0004), or where a try is counted once it is known whose it is\n\
         (docs/decisions/0021).\n\n\
         | Use case | Batches | Statements | Admissions | Estimates | Hashes | Note |\n\
         |---|---|---|---|---|---|---|\n",
    );
    for (name, note) in PATHS {
        let (mut batches, mut statements) = (0, Vec::new());
        let (mut admits, mut estimates, mut hashes) = (0, 0, 0);
        // Hosts end a place in the queue at the first batch after a hash.
        let mut has_left = false;
        for effect in &transcripts[name].effects {
            match effect {
                RecordedEffect::Batch { statements: all, .. } => {
                    has_left = hashes > 0;
                    batches += 1;
                    statements.push(all.len().to_string());
                }
                RecordedEffect::Admit { .. } => admits += 1,
                RecordedEffect::Strength { .. } => estimates += 1,
                RecordedEffect::Hash { .. } => {
                    assert!(admits == 1 && !has_left, "{name} hashes without a place");
                    hashes += 1;
                }
            }
        }
        let most = BATCHES + usize::from(*note == COUNTED_LATE);
        assert!(batches <= most, "{name} takes {batches} batches");
        let statements =
            if statements.is_empty() { "0".to_owned() } else { statements.join(" + ") };
        writeln!(
            table,
            "| {} | {batches} | {statements} | {admits} | {estimates} | {hashes} | {note} |",
            name.replace('_', " ")
        )
        .expect("memory");
    }
    table
}
