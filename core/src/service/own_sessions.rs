//! The sessions of who is signed in: listed, ended.

use serde::Serialize;

use super::authenticate::{Presented, authenticate_counted, authenticate_reading, ended};
use super::database::{self, Statements, Written};
use super::{Caller, Service};
use crate::effect::Effects;
use crate::error::{Code, Error};
use crate::id::SessionId;
use crate::store::sessions::{ListedSession, RevokedFor};
use crate::store::{accounts, sessions};

/// What GET /sessions answers.
#[derive(Serialize)]
pub(crate) struct SessionList {
    items: Vec<Session>,
    total: usize,
}

#[derive(Serialize)]
struct Session {
    id: SessionId,
    /// Whether it is the one that asks.
    current: bool,
    user_agent: String,
    address: String,
    /// How many factors its owner has shown: 1 or 2.
    aal: i64,
    /// Unix milliseconds.
    created_at: i64,
    /// Unix milliseconds.
    refreshed_at: i64,
    /// Unix milliseconds.
    expires_at: i64,
}

/// The live sessions of the account, the last begun first.
pub(crate) async fn list_sessions(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: Presented<'_>,
) -> Result<SessionList, Error> {
    let beside = |id: &_| [sessions::of_same_account(id, caller.now)];
    let (signed_in, [rows]) =
        authenticate_reading(service, fx, presented, caller.now, beside).await?;
    let listed = |row: ListedSession| Session {
        current: row.id == signed_in.session_id,
        id: row.id,
        user_agent: row.user_agent,
        address: row.address,
        aal: row.assurance_level,
        created_at: row.created_at,
        refreshed_at: row.refreshed_at,
        expires_at: row.idle_end,
    };
    let items: Vec<_> = sessions::read_list(rows)?.into_iter().map(listed).collect();
    Ok(SessionList { total: items.len(), items })
}

/// Which sessions end.
pub(crate) enum EndingSessions {
    One(SessionId),
    Others,
    /// An id that no session has.
    None,
}

/// Ends sessions of the account; another account's are not found (SECURITY 34).
pub(crate) async fn end_sessions(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: Presented<'_>,
    ending: EndingSessions,
) -> Result<(), Error> {
    let (signed_in, []) = authenticate_counted(service, fx, caller, presented, |_| []).await?;
    let (account, own) = (&signed_in.account_id, &signed_in.session_id);
    let mut statements = Statements::default();
    statements.extend([accounts::lock(account, &caller.op)]);
    let acted = statements.add(accounts::act_by_session(account, own, caller.now, &caller.op));
    let ended_one = match &ending {
        EndingSessions::One(id) => Some(statements.add(sessions::revoke_one(
            caller.now,
            RevokedFor::Owner,
            &caller.op,
            id,
            account,
        ))),
        EndingSessions::None => return Err(not_found()),
        EndingSessions::Others => {
            let why = RevokedFor::Owner;
            statements.extend([sessions::revoke_others(caller.now, why, &caller.op, own, account)]);
            None
        }
    };
    let Written::Done(mut answers) = statements.write(fx).await? else {
        // Asking again does no harm.
        return Err(database::unavailable());
    };
    if answers.take(acted).is_empty() {
        return Err(ended());
    }
    match ended_one {
        Some(place) if answers.take(place).is_empty() => Err(not_found()),
        _ => Ok(()),
    }
}

fn not_found() -> Error {
    Error::new(Code::NotFound, "no such session")
}
