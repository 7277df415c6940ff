//! The remembered devices of who is signed in: listed, ended.

use serde::Serialize;

use super::authenticate::{Presented, authenticate_counted, authenticate_reading, ended};
use super::database::{self, Statements, Written};
use super::{Caller, Service};
use crate::effect::Effects;
use crate::error::{Code, Error};
use crate::id::DeviceId;
use crate::store::remembered_devices::DeviceRow;
use crate::store::{accounts, remembered_devices};

/// What GET /devices answers.
#[derive(Serialize)]
pub(crate) struct DeviceList {
    items: Vec<ListedDevice>,
    total: usize,
}

#[derive(Serialize)]
struct ListedDevice {
    id: DeviceId,
    user_agent: String,
    address: String,
    /// Unix milliseconds.
    created_at: i64,
    /// Unix milliseconds.
    expires_at: i64,
}

/// The devices on which the second factor is not asked for.
pub(crate) async fn list_devices(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: Presented<'_>,
) -> Result<DeviceList, Error> {
    let beside = |id: &_| [remembered_devices::of_session(id, caller.now)];
    let (_, [rows]) = authenticate_reading(service, fx, presented, caller.now, beside).await?;
    let listed = |row: DeviceRow| ListedDevice {
        id: row.id,
        user_agent: row.user_agent,
        address: row.address,
        created_at: row.created_at,
        expires_at: row.expires_at,
    };
    let items: Vec<_> = remembered_devices::read(rows)?.into_iter().map(listed).collect();
    Ok(DeviceList { total: items.len(), items })
}

/// Which devices end.
pub(crate) enum Ending {
    One(DeviceId),
    All,
    /// An id that no device has.
    None,
}

/// Ends devices: the second factor is asked for there again.
pub(crate) async fn end_devices(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
    presented: Presented<'_>,
    ending: Ending,
) -> Result<(), Error> {
    let (signed_in, []) = authenticate_counted(service, fx, caller, presented, |_| []).await?;
    let account = &signed_in.account_id;
    let mut statements = Statements::default();
    statements.extend([accounts::lock(account, &caller.op)]);
    let session = &signed_in.session_id;
    let acted = statements.add(accounts::act_by_session(account, session, caller.now, &caller.op));
    let deleted = match &ending {
        Ending::One(id) => {
            Some(statements.add(remembered_devices::delete_one(id, account, &caller.op)))
        }
        Ending::None => return Err(not_found()),
        Ending::All => {
            statements.extend([remembered_devices::delete(account, &caller.op)]);
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
    match deleted {
        Some(place) if answers.take(place).is_empty() => Err(not_found()),
        _ => Ok(()),
    }
}

fn not_found() -> Error {
    Error::new(Code::NotFound, "no such device")
}
