//! Copies of public documents: in this isolate's memory, then in KV where one is bound.

use authcore::api::KeptDocuments;
use authcore::effect::{Keep, Request, Response};
use authcore::service::Service;
use authcore::time::UnixMillis;
use worker::kv::{KvError, KvStore};
use worker::{Context, Env, console_error};

/// The binding's name in wrangler.toml. Without it the memory of each isolate is all there is.
const BINDING: &str = "KV";

static MEMORY: KeptDocuments = KeptDocuments::new();

/// The answer to a request by a copy, if there is one that core takes.
pub async fn answer(
    env: &Env,
    service: &Service,
    request: &Request,
    now: UnixMillis,
) -> Option<Response> {
    if let Some(response) = MEMORY.answer(service, request, now) {
        return Some(response);
    }
    let name = service.kept_name(request)?;
    let store = env.kv(BINDING).ok()?;
    let read = store.get(&name).bytes().await;
    let copy = read.inspect_err(tell).ok()??;
    let response = service.from_kept(request, &copy, now)?;
    MEMORY.keep(name, copy);
    Some(response)
}

/// Keeps a copy: in memory at once, in KV after the answer.
pub fn keep(env: &Env, context: &Context, keep: &Keep) {
    MEMORY.keep(keep.name.clone(), keep.copy.clone());
    if let Ok(store) = env.kv(BINDING) {
        let keep = keep.clone();
        context.wait_until(async move { drop(put(&store, &keep).await.inspect_err(tell)) });
    }
}

async fn put(store: &KvStore, keep: &Keep) -> Result<(), KvError> {
    let put = store.put_bytes(&keep.name, &keep.copy)?;
    put.expiration_ttl(keep.seconds.into()).execute().await
}

/// Whatever is wrong with KV, the database still answers.
fn tell(error: &KvError) {
    console_error!("KV: {error}");
}
