//! The schemas by name: bodies as bodies.rs and login_forms.rs read them, answers as they are
//! written. Tests compare them with every transcript.

use super::schema::Schema::{
    Answer, AtMost, Body, Boolean, Characters, Either, From, List, Named, Nullable, OneOf, Pattern,
    Record, Text,
};
use super::schema::{Member, Rule, Schema, always, maybe};

const TEXT: Schema = Text("");
const ID: Schema = Text("uuid");
/// Unix milliseconds.
const MOMENT: Schema = From(0);
/// A password is told by its bytes, at most 1,024; no string has fewer bytes than characters.
const PASSWORD: Schema = Characters(0, 1024);
const NEW_PASSWORD: Schema = Characters(8, 1024);
const USERNAME: Schema = Pattern("^[A-Za-z0-9]+([._-][A-Za-z0-9]+)*$", 3, 64);
/// From 0, guessed at once, to 4.
const SCORE: Schema = From(0);
const FACTOR: Schema = OneOf(&["totp", "email"]);

const OTP: Member = maybe("otp", TEXT);
const DEVICE_TOKEN: Member = maybe("device_token", TEXT);
const LONG: Member = maybe("long", Boolean);

/// All of them, in the order of the document.
pub(super) const SCHEMAS: &[(&str, Schema)] = &[
    // Bodies.
    (
        "SignUp",
        Body(
            &[
                maybe("email", Characters(3, 254)),
                maybe("username", USERNAME),
                always("password", NEW_PASSWORD),
                maybe("password_confirm", TEXT),
                maybe("full_name", Characters(1, 200)),
                maybe("properties", Record),
                maybe("second_factor", OneOf(&["totp"])),
            ],
            Rule::AnyOf(&["email", "username"]),
        ),
    ),
    (
        "Login",
        Either(&[
            Body(
                &[always("login", TEXT), always("password", PASSWORD), OTP, DEVICE_TOKEN, LONG],
                Rule::Nothing,
            ),
            // Beside HTTP Basic.
            Body(&[OTP, DEVICE_TOKEN, LONG], Rule::Nothing),
        ]),
    ),
    (
        "LoginForm",
        Body(
            &[
                always("username", TEXT),
                always("password", PASSWORD),
                maybe("grant_type", OneOf(&["", "password"])),
                maybe("scope", TEXT),
                maybe("client_id", TEXT),
                maybe("client_secret", TEXT),
                OTP,
            ],
            Rule::Form,
        ),
    ),
    (
        "ChallengeAnswer",
        Body(
            &[always("challenge", TEXT), always("code", TEXT), maybe("remember_device", Boolean)],
            Rule::Nothing,
        ),
    ),
    ("ChallengeTrade", Body(&[always("challenge", TEXT)], Rule::Nothing)),
    ("RefreshToken", Body(&[always("refresh_token", TEXT)], Rule::Nothing)),
    ("Logout", Body(&[maybe("refresh_token", TEXT)], Rule::Nothing)),
    (
        "Proof",
        Body(
            &[maybe("password", PASSWORD), maybe("code", TEXT), maybe("backup_code", TEXT)],
            Rule::ExactlyOneOf(&["password", "code", "backup_code"]),
        ),
    ),
    (
        "PasswordChange",
        Body(
            &[
                always("current_password", PASSWORD),
                always("password", NEW_PASSWORD),
                maybe("password_confirm", TEXT),
            ],
            Rule::Nothing,
        ),
    ),
    (
        "PasswordStrength",
        Body(
            &[always("password", PASSWORD), maybe("user_inputs", AtMost(16, &TEXT))],
            Rule::Nothing,
        ),
    ),
    ("Code", Body(&[always("code", TEXT)], Rule::Nothing)),
    ("Empty", Body(&[], Rule::Nothing)),
    // Answers.
    (
        "Index",
        Answer(&[
            always("name", TEXT),
            always("version", TEXT),
            always(
                "routes",
                List(&Answer(&[always("path", TEXT), always("methods", List(&TEXT))])),
            ),
        ]),
    ),
    ("Health", Answer(&[always("status", OneOf(&["ok"]))])),
    (
        "Readiness",
        Answer(&[
            always("status", OneOf(&["ok", "unavailable"])),
            always(
                "checks",
                List(&Answer(&[
                    always("name", TEXT),
                    always("status", OneOf(&["ok", "warning", "failed"])),
                    maybe("detail", TEXT),
                ])),
            ),
        ]),
    ),
    (
        "KeySet",
        Answer(&[always(
            "keys",
            List(&Answer(&[
                always("kty", OneOf(&["OKP", "EC"])),
                always("crv", TEXT),
                always("x", TEXT),
                maybe("y", TEXT),
                always("kid", TEXT),
                always("alg", TEXT),
                always("use", OneOf(&["sig"])),
            ])),
        )]),
    ),
    (
        "Account",
        Answer(&[
            always("id", ID),
            always("email", Nullable(&TEXT)),
            always("username", Nullable(&TEXT)),
            always("full_name", Nullable(&TEXT)),
            always("status", OneOf(&["pending", "active", "blocked", "deleted"])),
            always("email_verified", Boolean),
            always("second_factor", Nullable(&FACTOR)),
            always("roles", List(&TEXT)),
            always("properties", Record),
            always("created_at", MOMENT),
            always("last_login_at", Nullable(&MOMENT)),
        ]),
    ),
    (
        "Enrolment",
        Answer(&[
            always("secret", TEXT),
            always("otpauth_uri", TEXT),
            always("qr_svg", TEXT),
            maybe("expires_in", From(0)),
        ]),
    ),
    (
        "SignedUp",
        Answer(&[always("account", Named("Account")), maybe("enrolment", Named("Enrolment"))]),
    ),
    (
        "Tokens",
        Answer(&[
            always("access_token", TEXT),
            always("token_type", OneOf(&["Bearer"])),
            always("expires_in", From(0)),
            always("refresh_token", TEXT),
            always("refresh_expires_in", From(0)),
            always("session_id", ID),
            maybe("device_token", TEXT),
            maybe("backup_codes", List(&TEXT)),
        ]),
    ),
    (
        "AccessToken",
        Answer(&[
            always("access_token", TEXT),
            always("token_type", OneOf(&["Bearer"])),
            always("expires_in", From(0)),
            always("session_id", ID),
        ]),
    ),
    (
        "Challenge",
        Answer(&[
            always("challenge", TEXT),
            always("methods", List(&OneOf(&["totp", "email", "backup_code"]))),
            always("reason", OneOf(&["second_factor_required"])),
            always("expires_in", From(0)),
        ]),
    ),
    ("BackupCodes", Answer(&[always("backup_codes", List(&TEXT))])),
    (
        "Sessions",
        Answer(&[
            always(
                "items",
                List(&Answer(&[
                    always("id", ID),
                    always("current", Boolean),
                    always("user_agent", TEXT),
                    always("address", TEXT),
                    always("aal", From(1)),
                    always("created_at", MOMENT),
                    always("refreshed_at", MOMENT),
                    always("expires_at", MOMENT),
                ])),
            ),
            always("total", From(0)),
        ]),
    ),
    (
        "Devices",
        Answer(&[
            always(
                "items",
                List(&Answer(&[
                    always("id", ID),
                    always("user_agent", TEXT),
                    always("address", TEXT),
                    always("created_at", MOMENT),
                    always("expires_at", MOMENT),
                ])),
            ),
            always("total", From(0)),
        ]),
    ),
    (
        "Mfa",
        Answer(&[
            always("second_factor", Nullable(&FACTOR)),
            always("confirmed_at", Nullable(&MOMENT)),
            always("backup_codes_left", From(0)),
            always("enrolment", Nullable(&Answer(&[always("expires_in", From(0))]))),
        ]),
    ),
    (
        "Strength",
        Answer(&[
            always("score", SCORE),
            always("guesses", From(0)),
            always("feedback", Named("Feedback")),
        ]),
    ),
    (
        "Feedback",
        Answer(&[
            always("warning", Nullable(&Named("Advice"))),
            always("suggestions", List(&Named("Advice"))),
        ]),
    ),
    ("Advice", Answer(&[always("code", TEXT), always("detail", TEXT)])),
    (
        "Problem",
        Answer(&[
            always("type", TEXT),
            always("title", TEXT),
            always("status", From(400)),
            always("code", TEXT),
            always("detail", TEXT),
            maybe(
                "errors",
                List(&Answer(&[
                    always("pointer", TEXT),
                    always("code", TEXT),
                    always("detail", TEXT),
                ])),
            ),
            maybe("retry_after", From(1)),
            // Of a weak password.
            maybe("score", SCORE),
            maybe("guesses", From(0)),
            maybe("feedback", Named("Feedback")),
        ]),
    ),
];
