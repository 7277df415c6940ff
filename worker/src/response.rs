//! Core's response as a fetch `Response`: status, headers and body exactly as they are.

use authcore::effect::Response;
use worker::wasm_bindgen::JsValue;
use worker::web_sys;

/// The response to send.
///
/// # Errors
/// What the runtime throws on a response it cannot send; core makes none such.
pub fn outgoing(response: &Response) -> Result<web_sys::Response, JsValue> {
    let headers = web_sys::Headers::new()?;
    for (name, value) in &response.headers {
        headers.append(name, value)?;
    }
    let init = web_sys::ResponseInit::new();
    init.set_status(response.status);
    init.set_headers(&headers);
    if response.body.is_empty() {
        // Statuses without a body (Fetch §2.2.3) take none, not even an empty one.
        return web_sys::Response::new_with_opt_str_and_init(None, &init);
    }
    let mut body = response.body.clone();
    web_sys::Response::new_with_opt_u8_array_and_init(Some(&mut body), &init)
}
