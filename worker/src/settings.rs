//! The environment's variables and secrets as core's settings; one service for an isolate.

use std::sync::{Arc, OnceLock};

use authcore::service::Service;
use authcore::settings::Settings;
use worker::Env;
use worker::js_sys::{JSON, Object, Reflect};
use worker::wasm_bindgen::JsCast;

use crate::signatures::Runtime;

/// Variables do not change while an isolate lives: a new deployment has new isolates.
static SERVICE: OnceLock<Arc<Service>> = OnceLock::new();

/// The service of this isolate.
///
/// # Errors
/// What is wrong with which variable, never its value. Told anew on every request.
pub fn service(env: &Env) -> Result<Arc<Service>, String> {
    if let Some(service) = SERVICE.get() {
        return Ok(Arc::clone(service));
    }
    let settings = Settings::from_variables(variables(env)).map_err(|error| error.to_string())?;
    for warning in settings.warnings() {
        worker::console_warn!("{warning}");
    }
    let service = Service::hosted(settings, &Runtime).map_err(|error| error.to_string())?;
    Ok(Arc::clone(SERVICE.get_or_init(|| service)))
}

/// All that the environment holds, as text. Numbers and the like come from `[vars]` that were
/// written without quotes.
fn variables(env: &Env) -> Vec<(String, String)> {
    let names =
        Object::keys(env.unchecked_ref::<Object>()).into_iter().filter_map(|name| name.as_string());
    let named = names.filter_map(|name| {
        let value = Reflect::get(env, &name.as_str().into()).ok()?;
        let text = value.as_string();
        let text = text.or_else(|| JSON::stringify(&value).ok()?.as_string())?;
        Some((name, text))
    });
    named.collect()
}
