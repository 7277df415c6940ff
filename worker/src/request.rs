//! A fetch `Request` as core's request.

use authcore::effect::Request;
use worker::js_sys::futures::JsFuture;
use worker::js_sys::{Array, Boolean, Reflect, Uint8Array};
use worker::wasm_bindgen::{JsCast, JsValue};
use worker::web_sys;

/// Reads a request, its body up to one byte more than core takes.
///
/// # Errors
/// What went wrong, if the runtime fails or the client goes away before its body is there.
pub async fn incoming(incoming: &web_sys::Request) -> Result<Request, String> {
    Ok(Request {
        method: incoming.method(),
        target: target(&incoming.url()).to_owned(),
        headers: headers(&incoming.headers())?,
        body: match incoming.body() {
            None => Vec::new(),
            Some(stream) => body(&stream).await?,
        },
    })
}

/// The target in origin form: all of the URL behind its authority. The runtime gives a URL of the
/// WHATWG standard: dot segments are resolved and a fragment is gone before anyone sees them, while
/// doubled slashes, percent-encoding, case and query stand as they were sent.
pub fn target(url: &str) -> &str {
    let behind = url.split_once("://").map_or(url, |(_, behind)| behind);
    behind.find('/').and_then(|start| behind.get(start..)).unwrap_or("/")
}

/// All headers. The runtime has joined doubled ones with a comma, and lower-cased their names.
fn headers(headers: &web_sys::Headers) -> Result<Vec<(String, Vec<u8>)>, String> {
    let mut read = Vec::new();
    for entry in headers.entries() {
        let entry: Array = entry.map_err(|error| format!("headers: {error:?}"))?.unchecked_into();
        let text = |index| entry.get(index).as_string();
        let (Some(name), Some(value)) = (text(0), text(1)) else {
            return Err("headers: not text".to_owned());
        };
        // The runtime has read it as UTF-8, and put U+FFFD for what is none.
        read.push((name, value.into_bytes()));
    }
    Ok(read)
}

/// Reads the body and stops at the first byte too many: a stream without an end costs no memory.
async fn body(stream: &web_sys::ReadableStream) -> Result<Vec<u8>, String> {
    let failed = |error: JsValue| format!("the body could not be read: {error:?}");
    let reader: web_sys::ReadableStreamDefaultReader = stream.get_reader().unchecked_into();
    let mut read = Vec::new();
    loop {
        let part = JsFuture::from(reader.read()).await.map_err(failed)?;
        let member = |name: &str| Reflect::get(&part, &JsValue::from_str(name)).map_err(failed);
        if member("done")?.dyn_into::<Boolean>().is_ok_and(|done| done.value_of()) {
            return Ok(read);
        }
        let part: Uint8Array = member("value")?.unchecked_into();
        // Both fit: a body is cut long before 2^32 bytes.
        let room = (Request::MAX_BODY + 1).saturating_sub(read.len());
        let taken = part.length().min(u32::try_from(room).unwrap_or(u32::MAX));
        let (begun, taken) = (read.len(), part.subarray(0, taken));
        read.resize(begun.saturating_add(taken.byte_length() as usize), 0);
        taken.copy_to(read.get_mut(begun..).unwrap_or_default());
        if read.len() > Request::MAX_BODY {
            // Not awaited, and it may fail: the client has not finished sending.
            drop(reader.cancel());
            return Ok(read);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_target_is_what_stands_behind_the_authority() {
        assert_eq!(target("http://localhost:8787/v1/me?x=1"), "/v1/me?x=1");
        assert_eq!(target("https://auth.example//v1/%6de"), "//v1/%6de");
        assert_eq!(target("https://auth.example"), "/");
    }
}
