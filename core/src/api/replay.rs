//! Replays a recorded operation on this host: the same bytes, or what differs. For tests.

use crate::effect::drive;
use crate::effect::transcript::{RecordedResponse, Replay, Transcript};
use crate::service::Service;
use crate::settings::Settings;

/// Replays a transcript, given as JSON text.
///
/// # Errors
/// What differs: an ask that was not recorded so, a response of other bytes, or a transcript that
/// cannot be read.
pub fn replay(transcript: &str) -> Result<(), String> {
    let transcript: Transcript =
        serde_json::from_str(transcript).map_err(|error| error.to_string())?;
    let settings = transcript.settings.iter().map(|(name, value)| (name, value.as_str()));
    let settings = Settings::from_variables(settings).map_err(|error| error.to_string())?;
    let service = Service::new(settings).map_err(|error| error.to_string())?;
    let request = transcript.request.request().map_err(|error| error.to_string())?;
    let arrival = transcript.arrival.arrival().map_err(|error| error.to_string())?;
    let mut host = Replay::new(&transcript.effects);
    let response = drive(service.handle(request, arrival), &mut host);
    if let Some(difference) = host.difference() {
        return Err(difference);
    }
    let response = RecordedResponse::of(&response);
    if response == transcript.response {
        Ok(())
    } else {
        Err(format!("the response differs: {response:?}"))
    }
}
