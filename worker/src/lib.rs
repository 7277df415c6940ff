//! The Cloudflare Worker: a shell around core. It converts and performs; every decision is core's.
#![forbid(unsafe_code)]

mod admission;
mod arrival;
mod database;
mod effects;
mod failure;
mod kept;
mod request;
mod response;
mod settings;
mod signatures;
mod strength;

use std::panic::AssertUnwindSafe;
use std::rc::Rc;

use authcore::api::{log_line, ring_key_line};
use authcore::effect::Response;
use authcore::service::{Command, Outcome};
use worker::js_sys::futures::{JsFuture, future_to_promise};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::web_sys;
use worker::{Context, Env, ScheduleContext, ScheduledEvent, console_error, console_log, event};

use database::Database;

/// Answers a request. The operation goes on when the client goes away: a batch in flight is never
/// cancelled, and the queue for hashes is left.
#[event(fetch)]
async fn fetch(
    incoming: web_sys::Request,
    env: Env,
    context: Context,
) -> worker::Result<web_sys::Response> {
    admission::come();
    let context = Rc::new(context);
    let own = Rc::clone(&context);
    let operation = future_to_promise(AssertUnwindSafe(async move {
        let answer = answer(incoming, &env, &own).await;
        admission::give_way().await;
        response::outgoing(answer).map(JsValue::from)
    }));
    let running = operation.clone();
    context.wait_until(async move { drop(JsFuture::from(running).await) });
    Ok(JsFuture::from(operation).await?.unchecked_into())
}

/// The answer to a request. A fault of the host is answered by core's word for it, and logged.
async fn answer(incoming: web_sys::Request, env: &Env, context: &Context) -> Response {
    match handle(incoming, env, context).await {
        Ok(response) => response,
        Err(fault) => {
            console_error!("{fault}");
            Response::internal_error()
        }
    }
}

async fn handle(
    incoming: web_sys::Request,
    env: &Env,
    context: &Context,
) -> Result<Response, String> {
    let service = settings::service(env)?;
    #[cfg(feature = "test-clock")]
    if let Some(response) = for_tests(&incoming).await? {
        return Ok(response);
    }
    let request = request::incoming(&incoming).await?;
    let arrival = arrival::of(&request.headers)?;
    let (method, target) = request.line();
    let now = arrival.now;
    let response = match kept::answer(env, &service, &request, now).await {
        Some(response) => response,
        None => {
            let database = Database::of(env);
            effects::perform(service.handle(request, arrival), &database).await
        }
    };
    if let Some(keep) = &response.keep {
        kept::keep(env, context, keep);
    }
    // `response.wake` would start a delivery here: the outbox is written, and nothing delivers yet.
    console_log!("{}", log_line(&service, (&method, &target), &response, now));
    Ok(response)
}

/// The trigger of wrangler.toml that has the ring's keys counted. Any other sweeps.
const RING_KEYS: &str = "17 4 * * *";

/// Runs a command by cron.
#[event(scheduled)]
async fn scheduled(event: ScheduledEvent, env: Env, _: ScheduleContext) {
    let (name, command) = match event.cron().as_str() {
        RING_KEYS => ("ring_keys", Command::RingKeys),
        _ => ("sweep", Command::Sweep),
    };
    if let Err(fault) = run(command, &event, &env).await {
        console_error!("{name}: {fault}");
    }
}

async fn run(command: Command, event: &ScheduledEvent, env: &Env) -> Result<(), String> {
    let service = settings::service(env)?;
    let arrival = arrival::of_cron(event)?;
    let now = arrival.now;
    let ended = effects::perform(service.run(command, arrival), &Database::of(env)).await;
    if let Outcome::RingKeys(keys) = ended.map_err(|error| error.to_string())? {
        for key in &keys {
            console_log!("{}", ring_key_line(key, now));
        }
    }
    Ok(())
}

/// In a build for tests: replays the transcript in the body, which may be larger than any request,
/// and says what differs, or answers with the problem of the code in the body.
#[cfg(feature = "test-clock")]
async fn for_tests(incoming: &web_sys::Request) -> Result<Option<Response>, String> {
    let failed = |error: JsValue| format!("the body could not be read: {error:?}");
    let url = incoming.url();
    let asked = request::target(&url).strip_prefix("/__test/");
    let Some(asked @ ("problem" | "replay")) = asked.filter(|_| incoming.method() == "POST") else {
        return Ok(None);
    };
    let body = JsFuture::from(incoming.text().map_err(failed)?).await.map_err(failed)?;
    let body = body.as_string().unwrap_or_default();
    if asked == "problem" {
        return Ok(Some(authcore::api::problem(&body)));
    }
    let (status, body) = match authcore::api::replay(&body) {
        Ok(()) => (200, Vec::new()),
        Err(difference) => (409, difference.into_bytes()),
    };
    Ok(Some(Response { status, headers: Vec::new(), body, wake: false, keep: None }))
}
