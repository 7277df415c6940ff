//! A Worker that does one task for each request, and nothing else: what `make bench-worker` sets
//! beside the same task in JavaScript, and beside the Worker that does nothing.

// The Worker's own.
#[path = "../../../../worker/src/signatures.rs"]
mod signatures;

use std::cell::RefCell;
use std::sync::OnceLock;

use argon2::{Algorithm, Argon2, Block, Params, Version};
use authcore::jwt::{Expected, KeySet, TokenType, verify};
use authcore::password::{Argon2Params, Ceilings, Password, Pool, hash_in};
use authcore::time::{Millis, UnixMillis};
use worker::js_sys::Date;
use worker::wasm_bindgen::JsValue;
use worker::web_sys::{Request, Response, ResponseInit};
use worker::{Context, Env, event};

const ISSUER: &str = "https://auth.example";
const AUDIENCE: &str = "https://api.example";
const PASSWORD: &str = "correct horse battery staple";

/// As the Worker keeps it.
static MEMORY: Pool = Pool::new(1, Ceilings::WORKER.memory_kib as usize);
/// Read once, as the Worker reads its settings.
static TASK: OnceLock<Task> = OnceLock::new();

thread_local! {
    /// The memory of the `argon2` crate, kept as well: its best case.
    static BLOCKS: RefCell<Vec<Block>> = const { RefCell::new(Vec::new()) };
}

/// What a process does for its whole life.
enum Task {
    /// Answer.
    Nothing,
    /// Check the token of the header, so often.
    Check(KeySet, u32),
    /// Hash a password with authcore.
    Hash,
    /// The same with the `argon2` crate.
    HashByCrate,
}

impl Task {
    fn read(env: &Env) -> Self {
        let text = |name: &str| env.var(name).map(|value| value.to_string()).unwrap_or_default();
        let keys = || KeySet::from_jwk(&text("KEY")).expect("a sound key");
        let times = || text("TIMES").parse().expect("a number");
        match text("TASK").as_str() {
            "check" => {
                Self::Check(keys().hosted(&signatures::Runtime).expect("a sound key"), times())
            }
            "check-by-core" => Self::Check(keys(), times()),
            "hash" => Self::Hash,
            "hash-by-crate" => Self::HashByCrate,
            _ => Self::Nothing,
        }
    }

    /// The status of the answer. A process that hashes answers HEAD without: it is then started, and
    /// its first hash is yet to come.
    fn perform(&self, incoming: &Request) -> Result<u16, JsValue> {
        match self {
            Self::Nothing => Ok(200),
            Self::Check(keys, times) => {
                let mut status = 401;
                for _ in 0..*times {
                    status = check(incoming, keys)?;
                }
                Ok(status)
            }
            Self::Hash | Self::HashByCrate if incoming.method() == "HEAD" => Ok(200),
            Self::Hash => {
                let password = Password::new(PASSWORD.to_owned()).expect("short enough");
                let hashed = hash_in(&MEMORY, &password, &Argon2Params::default(), salt());
                Ok(hashed.map_or(500, |_| 200))
            }
            Self::HashByCrate => Ok(BLOCKS.with_borrow_mut(hash_by_crate)),
        }
    }
}

/// All that a check takes, with the header that is read for it.
fn check(incoming: &Request, keys: &KeySet) -> Result<u16, JsValue> {
    let header = incoming.headers().get("authorization")?.unwrap_or_default();
    let token = header.strip_prefix("Bearer ").unwrap_or_default();
    let expected = Expected {
        token_type: TokenType::AccessToken,
        issuer: Some(ISSUER),
        audience: Some(AUDIENCE),
        now: UnixMillis::new(Date::now() as i64),
        leeway: Millis::ZERO,
    };
    Ok(verify(token, keys, &expected).map_or(401, |_| 200))
}

fn salt() -> [u8; 16] {
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).expect("the runtime's randomness");
    salt
}

/// With the cost that authcore has by default.
fn hash_by_crate(blocks: &mut Vec<Block>) -> u16 {
    let params = Params::new(19_456, 2, 1, Some(32)).expect("sound parameters");
    blocks.resize(params.block_count(), Block::default());
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (mut out, password) = ([0; 32], PASSWORD.as_bytes());
    let hashed = argon2.hash_password_into_with_memory(password, &salt(), &mut out, blocks);
    hashed.map_or(500, |()| 200)
}

/// Answers a request.
#[event(fetch)]
async fn fetch(incoming: Request, env: Env, _: Context) -> worker::Result<Response> {
    let task = TASK.get_or_init(|| Task::read(&env));
    let status = task.perform(&incoming)?;
    if status == 200 {
        return Ok(Response::new_with_opt_str(Some("ok"))?);
    }
    let init = ResponseInit::new();
    init.set_status(status);
    Ok(Response::new_with_opt_str_and_init(None, &init)?)
}
