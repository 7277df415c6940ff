//! Core's response as a fetch `Response`: status, headers and body exactly as they are.

use authcore::effect::Response;
use worker::wasm_bindgen::JsValue;
use worker::web_sys;

/// The response to send.
///
/// # Errors
/// What the runtime throws on a response it cannot send; core makes none such.
pub fn outgoing(response: Response) -> Result<web_sys::Response, JsValue> {
    let headers = web_sys::Headers::new()?;
    let Response { status, headers: ours, mut body, .. } = response;
    for (name, value) in &ours {
        headers.append(name, value)?;
    }
    let init = web_sys::ResponseInit::new();
    init.set_status(status);
    init.set_headers(&headers);
    if body.is_empty() {
        // Statuses without a body (Fetch §2.2.3) take none, not even an empty one.
        return web_sys::Response::new_with_opt_str_and_init(None, &init);
    }
    web_sys::Response::new_with_opt_u8_array_and_init(Some(&mut body), &init)
}
