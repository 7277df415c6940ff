//! The strength of a password, by a WebAssembly module of its own: no isolate loads it before one
//! of its requests asks (docs/decisions/0019).

use authcore::effect::{Failure, StrengthJob};
use authcore::strength::StrengthVerdict;
use wasm_bindgen::prelude::wasm_bindgen;
use worker::console_error;
use worker::js_sys::futures::JsFuture;
use worker::js_sys::{Array, Function, Promise, Reflect};
use worker::wasm_bindgen::{JsCast, JsValue};

/// Where `scripts/build.mjs` puts it, as seen from the Worker's main module.
const MODULE: &str = "./strength/index.js";

#[wasm_bindgen(inline_js = "export const imported = (path) => import(path);")]
extern "C" {
    /// JavaScript's `import()`. The path is an argument, so that no bundler puts the module in.
    fn imported(path: &str) -> Promise;
}

/// The verdict of the module on a password.
///
/// # Errors
/// [`Failure::Unavailable`] if it cannot be loaded or answers nonsense. The reason is logged.
pub async fn judge(job: &StrengthJob) -> Result<StrengthVerdict, Failure> {
    let answer = estimate(job).await.map_err(|error| {
        console_error!("strength: {error:?}");
        Failure::Unavailable
    })?;
    StrengthVerdict::from_json(&answer).ok_or(Failure::Unavailable)
}

async fn estimate(job: &StrengthJob) -> Result<String, JsValue> {
    // The runtime keeps a module that was imported once.
    let module = JsFuture::from(imported(MODULE)).await?;
    let estimate: Function = Reflect::get(&module, &"estimate".into())?.unchecked_into();
    let inputs: Array = job.user_inputs.iter().map(|input| JsValue::from_str(input)).collect();
    let password = JsValue::from_str(&job.password);
    let answer = estimate.call3(&JsValue::NULL, &password, &inputs, &job.year.into())?;
    answer.as_string().ok_or_else(|| "no text".into())
}
