//! Another process of a race: connects, waits for the start, sends its requests on many threads.
//!
//! Standard input: a line of JSON with kind, address, settings, threads, requests; then an empty
//! line, which is the start. Standard output: `ready`, then a line of JSON with the answers.

use std::io::{BufRead, Write};
use std::sync::{Barrier, Mutex};

use authcore_tests::client::{bearing, with};
use authcore_tests::owner::call;
use authcore_tests::{Client, Kind, database, settings};
use serde_json::{Value as Json, json};

fn main() {
    let mut lines = std::io::stdin().lock().lines();
    let mut line = || lines.next().expect("a line").expect("text");
    let race: Json = serde_json::from_str(&line()).expect("JSON");
    let text = |member: &str| race[member].as_str().expect("text").to_owned();
    let kind = if text("kind") == "Sqlite" { Kind::Sqlite } else { Kind::Postgres };
    let variables: Vec<(String, String)> =
        serde_json::from_value(race["settings"].clone()).expect("settings");
    let own: Vec<_> = variables.iter().map(|(n, v)| (n.as_str(), v.as_str())).collect();
    let service = settings::service(&own);
    let requests = race["requests"].as_array().expect("requests").clone();
    let threads = usize::try_from(race["threads"].as_u64().expect("threads")).expect("few");
    let start = Barrier::new(threads + 1);
    let answers = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for thread in 0..threads {
            let mut client =
                Client::new(service.clone(), database::connect(kind, &text("address")));
            let mine: Vec<_> = requests.iter().skip(thread).step_by(threads).collect();
            let (start, answers) = (&start, &answers);
            scope.spawn(move || {
                start.wait();
                for request in mine {
                    let answer = send(&mut client, request);
                    answers.lock().expect("no panic").push(answer);
                }
            });
        }
        println!("ready");
        std::io::stdout().flush().expect("a reader");
        line();
        start.wait();
    });
    let answers = answers.into_inner().expect("no panic");
    println!("{}", Json::Array(answers));
}

/// Sends one request: target, body (null for none, text for a form), number, peer; method, token
/// and Basic credential if not usual.
fn send(client: &mut Client, request: &Json) -> Json {
    let target = request["target"].as_str().expect("a target");
    client.number = u32::try_from(request["number"].as_u64().expect("a number")).expect("small");
    client.peer = request["peer"].as_str().map(|peer| peer.parse().expect("an address"));
    let method = request["method"].as_str();
    let mut sent = match &request["body"] {
        Json::Null => call(method.unwrap_or("GET"), target, &Json::Null),
        body => call(method.unwrap_or("POST"), target, body),
    };
    if let Json::String(form) = &request["body"] {
        sent.headers[0].1 = b"application/x-www-form-urlencoded".to_vec();
        sent.body = form.clone().into_bytes();
    }
    if let Some(pair) = request["basic"].as_str() {
        sent = with(sent, "authorization", &format!("Basic {pair}"));
    }
    if let Some(token) = request["token"].as_str() {
        sent = bearing(sent, token);
    }
    let answer = client.send(sent);
    json!({"status": answer.status, "body": answer.body, "hashes": answer.counts.hashes})
}
