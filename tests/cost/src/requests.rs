//! Whole requests through the service, as transcripts have recorded them: what core does of each,
//! with the statements written for SQLite, between a host's own work.

use std::hint::black_box;
use std::sync::Arc;

use authcore::effect::transcript::{RecordedEffect, Reply, Transcript};
use authcore::effect::{Batch, Dialect, Failure, Host, Rows, Value, drive};
use authcore::service::Service;
use authcore::settings::Settings;

use crate::Operation;

/// A host that gives to each batch the rows that were recorded.
struct Answers<'a>(std::slice::Iter<'a, Vec<Rows>>);

impl Host for Answers<'_> {
    fn batch(&mut self, batch: &Batch) -> Result<Vec<Rows>, Failure> {
        for statement in &batch.statements {
            black_box(statement.sql(Dialect::Sqlite));
        }
        self.0.next().cloned().ok_or(Failure::Unavailable)
    }
}

/// The rows of a batch that succeeded.
fn rows(effect: &RecordedEffect) -> Option<Vec<Rows>> {
    let RecordedEffect::Batch { reply: Reply::Done(all), .. } = effect else { return None };
    let row = |cells: &Vec<_>| cells.iter().map(Value::from).collect();
    Some(all.iter().map(|rows| rows.iter().map(row).collect()).collect())
}

/// A recorded request that asks for batches, and for nothing that takes longer.
pub fn request(transcript: &str) -> Operation {
    let recorded: Transcript = serde_json::from_str(transcript).expect("a transcript");
    let settings = recorded.settings.iter().map(|(name, value)| (name, value.as_str()));
    let settings = Settings::from_variables(settings).expect("sound settings");
    let service = Service::new(settings).expect("a service");
    let replies: Vec<_> = recorded.effects.iter().filter_map(rows).collect();
    let request = recorded.request.request().expect("a request");
    let answered = move || {
        let arrival = recorded.arrival.arrival().expect("an arrival");
        let step = Arc::clone(&service).handle(request.clone(), arrival);
        drive(step, &mut Answers(replies.iter()))
    };
    // What is measured is what was recorded.
    let response = authcore::effect::transcript::RecordedResponse::of(&answered());
    let expected: Transcript = serde_json::from_str(transcript).expect("a transcript");
    assert_eq!(response, expected.response);
    Box::new(move || drop(black_box(answered())))
}
