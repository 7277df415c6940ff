//! HTTP and nothing else: the route table, extraction, origin, problem documents, OpenAPI.

mod accept;
mod address;
mod bodies;
mod docs;
mod extract;
mod kept;
mod log;
mod login_forms;
mod openapi;
mod origin;
mod problem;
#[cfg(feature = "test-clock")]
mod replay;
mod respond;
mod routes;
mod signed_in;

use std::sync::Arc;

use crate::arrival::Arrival;
use crate::effect::{Effects, Request, Response, Step, start};
use crate::error::{Code, Error};
use crate::secret::length_prefixed_digest;
use crate::service::{
    Caller, LoggedIn, Presented, Service, answer_challenge, key_set, list_key_set, login, logout,
    password_strength, readiness, refresh, revocation_list, sign_up, trade_challenge,
};
use crate::time::UnixMillis;
use extract::Head;
use kept::Document;
use routes::{Found, Handler, find};

pub use kept::KeptDocuments;
pub use log::{log_line, ring_key_line};
#[cfg(feature = "test-clock")]
pub use problem::problem;
#[cfg(feature = "test-clock")]
pub use replay::replay;
pub use routes::{Access, Base, ROUTES, Route};

impl Service {
    /// Answers one HTTP request. Every request gets an answer: errors are problem documents.
    pub fn handle(self: &Arc<Self>, request: Request, at: Arrival) -> Step<Response> {
        let service = Arc::clone(self);
        let at = Arrival { now: moment(&request, at.now), ..at };
        start(move |mut fx| async move {
            let answer = answer(&service, &mut fx, &request, &at).await;
            let response = answer.unwrap_or_else(|error| problem::respond(&error));
            respond::for_method(&request.method, response)
        })
    }

    /// What a request to one of the host's own routes presents, for
    /// [`Service::authenticate`].
    ///
    /// # Errors
    /// [`Code::ConflictingCredentials`] or [`Code::MalformedRequest`] if that cannot be told.
    pub fn presented<'a>(&self, headers: &'a [(String, Vec<u8>)]) -> Result<Presented<'a>, Error> {
        Head::of(headers, &self.settings.token_header)?.presented()
    }
}

/// The moment of the request: the host's, or in a build for tests the one that the request names.
#[cfg(feature = "test-clock")]
fn moment(request: &Request, now: UnixMillis) -> UnixMillis {
    let named =
        request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("x-authcore-test-now"));
    let millis = named.and_then(|(_, value)| std::str::from_utf8(value).ok()?.parse().ok());
    millis.map_or(now, UnixMillis::new)
}

/// The moment of the request: the host's.
#[cfg(not(feature = "test-clock"))]
const fn moment(_: &Request, now: UnixMillis) -> UnixMillis {
    now
}

async fn answer(
    service: &Service,
    fx: &mut Effects,
    request: &Request,
    at: &Arrival,
) -> Result<Response, Error> {
    if request.body.len() > Request::MAX_BODY {
        return Err(Error::new(Code::PayloadTooLarge, "the body is larger than 64 KiB"));
    }
    let head = Head::of(&request.headers, &service.settings.token_header)?;
    let (route, id) = match find(&service.settings, &request.method, &request.target)? {
        Found::Route(route, id) => (route, id),
        Found::Methods(methods) if request.method == "OPTIONS" => {
            return Ok(respond::allowed(&methods));
        }
        Found::Methods(methods) => return Ok(problem::method_not_allowed(&methods)),
    };
    origin::check(&service.settings, &request.method, &head)?;
    let address = address::of(at.peer, &head, service.settings.trusted_proxies);
    let caller = service.caller(
        at,
        digest(request, &service.settings.token_header),
        address,
        head.user_agent.clone(),
    );
    let input = Input { head: &head, id: &id, body: &request.body };
    match route.handler {
        Handler::SignedIn(handler) => {
            signed_in::answer(service, fx, &caller, handler, &input).await
        }
        Handler::Fresh(handler) => signed_in::fresh(service, fx, &caller, handler, &input).await,
        handler => dispatch(service, fx, &caller, handler, &head, &request.body).await,
    }
}

/// What a request brings to its route.
struct Input<'a> {
    head: &'a Head<'a>,
    /// The `{id}` of the path.
    id: &'a str,
    body: &'a [u8],
}

async fn dispatch(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    handler: Handler,
    head: &Head<'_>,
    body: &[u8],
) -> Result<Response, Error> {
    match handler {
        Handler::Index => respond::json(200, &routes::index(&service.settings)),
        Handler::Health => respond::json(200, &respond::Healthy { status: "ok" }),
        Handler::Readiness => {
            let readiness = readiness(service, fx, caller).await;
            let status = if readiness.status == "ok" { 200 } else { 503 };
            respond::json(status, &readiness)
        }
        Handler::Document => respond::json(200, &openapi::Document::of(&service.settings)),
        Handler::Docs => Ok(docs::page()),
        Handler::KeySet => {
            let set = key_set(service, fx, caller).await?;
            Ok(Document::KeySet.answer(service, set, caller.now))
        }
        Handler::RevocationKeySet => {
            let set = list_key_set(service, fx, caller).await?;
            Ok(Document::RevocationKeySet.answer(service, set, caller.now))
        }
        Handler::RevocationList => {
            let list = revocation_list(service, fx, caller).await?;
            Ok(Document::RevocationList.answer(service, list, caller.now))
        }
        Handler::SignUp => {
            let input = bodies::sign_up(head, body)?;
            let shown = accept::preferred(head.accept.as_deref());
            respond::signed_up(sign_up(service, fx, caller, input).await?, shown)
        }
        Handler::Login => {
            let input = login_forms::login(head, body)?;
            match login(service, fx, caller, input).await? {
                LoggedIn::Tokens(tokens) => respond::json(200, &tokens),
                LoggedIn::Challenge(challenge) => respond::json(202, &challenge),
            }
        }
        Handler::AnswerWithOtp => {
            let input = bodies::otp_answer(head, body)?;
            respond::json(200, &answer_challenge(service, fx, caller, input).await?)
        }
        Handler::AnswerWithBackupCode => {
            let input = bodies::backup_code_answer(head, body)?;
            respond::json(200, &answer_challenge(service, fx, caller, input).await?)
        }
        Handler::TradeChallenge => {
            let challenge = bodies::challenge(head, body)?;
            let shown = accept::preferred(head.accept.as_deref());
            respond::enrolment(&trade_challenge(service, fx, caller, &challenge).await?, shown)
        }
        Handler::Refresh => {
            let token = bodies::refresh_token(head, body)?;
            respond::json(200, &refresh(service, fx, caller, &token).await?)
        }
        Handler::Logout => {
            let token = bodies::optional_refresh_token(head, body)?;
            let presented = match &token {
                Some(_) => head.presented_beside()?,
                None => head.presented()?,
            };
            logout(service, fx, caller, presented, token).await?;
            Ok(respond::no_content())
        }
        Handler::PasswordStrength => {
            let question = bodies::password_strength(head, body)?;
            respond::json(200, &password_strength(service, fx, caller, question).await?)
        }
        Handler::SignedIn(_) | Handler::Fresh(_) => Err(Code::Internal.into()),
    }
}

/// What makes one request's random streams differ from another's, should a seed ever repeat: all
/// of the request that core reads.
fn digest(request: &Request, token_header: &str) -> [u8; 32] {
    let mut parts = vec![request.method.as_bytes(), request.target.as_bytes()];
    for name in extract::READ.iter().copied().chain([token_header]) {
        for (_, value) in request.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)) {
            parts.extend([name.as_bytes(), value.as_slice()]);
        }
    }
    parts.push(&request.body);
    length_prefixed_digest(parts)
}
