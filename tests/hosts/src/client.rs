//! A client without a network: builds requests, drives the operation on a host, reads the answer.

use std::net::IpAddr;
use std::sync::Arc;

use authcore::arrival::{Arrival, Seed};
use authcore::effect::{Host, Request, Response, drive};
use authcore::error::Error;
use authcore::service::{Command, Outcome, Service};
use authcore::time::UnixMillis;
use serde_json::{Value as Json, json};

use crate::counting::{Counting, Counts};
use crate::database::Connection;
use crate::dated::Dated;
use crate::settings::NOW;

/// The password of the accounts that tests make.
pub const PASSWORD: &str = "tall zebra 42 crossing";

/// One client with its own clock, address and connection.
pub struct Client {
    /// The service it speaks to.
    pub service: Arc<Service>,
    /// The connection of the host in between.
    pub host: Connection,
    /// The moment of its requests, in Unix milliseconds.
    pub now: i64,
    /// What the database's clock says, if it is another moment.
    pub clock: Option<i64>,
    /// The address its requests come from.
    pub peer: Option<IpAddr>,
    /// What makes its seeds differ from those of another client.
    pub number: u32,
    requests: u32,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status code.
    pub status: u16,
    /// Names in lower case, and values.
    pub headers: Vec<(&'static str, String)>,
    /// The JSON of the body; null for an empty one, a string for another media type.
    pub body: Json,
    /// The effects it took.
    pub counts: Counts,
}

impl Answer {
    /// A member of the body that is text.
    ///
    /// # Panics
    /// If it is not.
    #[must_use]
    pub fn text(&self, member: &str) -> &str {
        let text = self.body.get(member).and_then(Json::as_str);
        text.unwrap_or_else(|| panic!("no text `{member}` in {} {}", self.status, self.body))
    }

    /// The `code` of a problem document; empty where it is none.
    #[must_use]
    pub fn code(&self) -> &str {
        self.body.get("code").and_then(Json::as_str).unwrap_or_default()
    }

    /// A header.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = self.headers.iter().find(|(found, _)| *found == name);
        named.map(|(_, value)| value.as_str())
    }

    /// The answer, if its status is this one.
    ///
    /// # Panics
    /// If it is another.
    #[must_use]
    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// Reads a response.
    #[must_use]
    pub fn of(response: Response, counts: Counts) -> Self {
        let is_json =
            |(name, value): &(&str, String)| *name == "content-type" && value.ends_with("json");
        let body = match response.body.as_slice() {
            [] => Json::Null,
            body if response.headers.iter().any(is_json) => {
                serde_json::from_slice(body).expect("JSON, as its type says")
            }
            body => Json::String(String::from_utf8_lossy(body).into_owned()),
        };
        Self { status: response.status, headers: response.headers, body, counts }
    }
}

/// A request without a body.
#[must_use]
pub fn get(target: &str) -> Request {
    let method = "GET".to_owned();
    Request { method, target: target.to_owned(), headers: Vec::new(), body: Vec::new() }
}

/// A request with a JSON body.
#[must_use]
pub fn post(target: &str, body: &Json) -> Request {
    let headers = vec![("content-type".to_owned(), b"application/json".to_vec())];
    let body = body.to_string().into_bytes();
    Request { method: "POST".to_owned(), target: target.to_owned(), headers, body }
}

/// The request with one more header.
#[must_use]
pub fn with(mut request: Request, name: &str, value: &str) -> Request {
    request.headers.push((name.to_owned(), value.as_bytes().to_vec()));
    request
}

/// The request with an access token.
#[must_use]
pub fn bearing(request: Request, token: &str) -> Request {
    with(request, "authorization", &format!("Bearer {token}"))
}

impl Client {
    /// A client at the moment [`NOW`], from an address of its own.
    #[must_use]
    pub fn new(service: Arc<Service>, host: Connection) -> Self {
        let peer = Some(IpAddr::from([192, 0, 2, 1]));
        Self { service, host, now: NOW, clock: None, peer, number: 0, requests: 0 }
    }

    /// What the next request arrives with. Seeds are distinct, and the same in every run.
    pub fn arrival(&mut self) -> Arrival {
        self.requests += 1;
        let seed = Seed::new(self.last_seed()).expect("not zeros");
        Arrival { now: UnixMillis::new(self.now), seed, peer: self.peer }
    }

    /// The seed of the last arrival.
    #[must_use]
    pub fn last_seed(&self) -> [u8; 32] {
        let mut seed = [7; 32];
        seed[..4].copy_from_slice(&self.number.to_be_bytes());
        seed[4..8].copy_from_slice(&self.requests.to_be_bytes());
        seed
    }

    /// Sends a request.
    pub fn send(&mut self, request: Request) -> Answer {
        let at = self.arrival();
        let mut dated = Dated::new(&mut *self.host, self.clock.unwrap_or(self.now));
        let mut counting = Counting::new(&mut dated);
        let response = drive(self.service.handle(request, at), &mut counting);
        let counts = counting.counts;
        Answer::of(response, counts)
    }

    /// Sends a request through a host that stands before the connection.
    pub fn send_through(&mut self, host: &mut dyn Host, request: Request) -> Answer {
        let at = self.arrival();
        Answer::of(drive(self.service.handle(request, at), host), Counts::default())
    }

    /// Runs a command.
    ///
    /// # Errors
    /// As the command.
    pub fn run(&mut self, command: Command) -> Result<Outcome, Error> {
        let at = self.arrival();
        drive(self.service.run(command, at), &mut *self.host)
    }

    /// POST /accounts with a username and [`PASSWORD`].
    pub fn sign_up(&mut self, username: &str) -> Answer {
        self.send(post("/v1/accounts", &json!({"username": username, "password": PASSWORD})))
    }

    /// POST /login.
    pub fn login(&mut self, name: &str, password: &str) -> Answer {
        self.send(post("/v1/login", &json!({"login": name, "password": password})))
    }

    /// POST /refresh.
    pub fn refresh(&mut self, token: &str) -> Answer {
        self.send(post("/v1/refresh", &json!({"refresh_token": token})))
    }

    /// GET /me.
    pub fn me(&mut self, token: &str) -> Answer {
        self.send(bearing(get("/v1/me"), token))
    }

    /// POST /logout with an access token.
    pub fn logout(&mut self, token: &str) -> Answer {
        let mut request = bearing(get("/v1/logout"), token);
        request.method = "POST".to_owned();
        self.send(request)
    }

    /// Signs up and logs in.
    #[track_caller]
    pub fn signed_in(&mut self, username: &str) -> Answer {
        let _ = self.sign_up(username).expect(201);
        self.login(username, PASSWORD).expect(200)
    }
}
