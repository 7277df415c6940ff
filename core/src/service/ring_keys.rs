//! Which keys of the ring are still needed, so that an old one can be dropped (SECURITY 82).

use super::{Caller, Service, database};
use crate::effect::{Effects, Rows};
use crate::error::Error;
use crate::store::{self, authenticators, backup_codes, outbox, remembered_devices};
use crate::store::{sessions, signing_keys};

/// Where a key stands in AUTHCORE_SECRET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum RingPlace {
    /// The first: it seals and hashes what is new.
    Current,
    /// Behind the first: it opens and finds what is old.
    Older,
    /// Not there, though rows need it.
    Lost,
}

impl RingPlace {
    /// Its name, for the host that shows it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Current => "current",
            Self::Older => "older",
            Self::Lost => "lost",
        }
    }
}

/// A key of the ring, or one that rows need, and how many rows of each table need it.
///
/// Not counted is what may be lost without harm: counters of names and addresses, which begin
/// anew, challenges, which live for minutes, and idempotency keys, which are honoured for a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingKeyUse {
    /// The key's id.
    pub id: String,
    /// Where it stands.
    pub place: RingPlace,
    /// Tables with rows that need it, and how many; empty if none does.
    pub rows: Vec<(&'static str, i64)>,
}

impl RingKeyUse {
    /// Whether AUTHCORE_SECRET must hold it.
    #[must_use]
    pub const fn is_needed(&self) -> bool {
        match self.place {
            RingPlace::Current | RingPlace::Lost => true,
            RingPlace::Older => !self.rows.is_empty(),
        }
    }
}

/// All keys of the ring, newest first, and then the lost ones.
pub(super) async fn ring_keys(
    service: &Service,
    fx: &mut Effects,
    caller: &Caller,
) -> Result<Vec<RingKeyUse>, Error> {
    let now = caller.now;
    let tables = [
        ("signing_keys", signing_keys::ring_keys()),
        ("sessions", sessions::ring_keys(now)),
        ("authenticators", authenticators::ring_keys()),
        ("backup_codes", backup_codes::ring_keys()),
        ("remembered_devices", remembered_devices::ring_keys(now)),
        ("outbox", outbox::ring_keys(now)),
    ];
    let names = tables.each_ref().map(|(table, _)| *table);
    let counted = database::read(fx, tables.map(|(_, statement)| statement)).await?;
    let mut uses: Vec<RingKeyUse> = Vec::new();
    for (number, key) in service.settings.ring.keys().enumerate() {
        let place = if number == 0 { RingPlace::Current } else { RingPlace::Older };
        uses.push(RingKeyUse { id: key.id().to_owned(), place, rows: Vec::new() });
    }
    for (table, rows) in names.into_iter().zip(counted) {
        for (id, count) in store::read_ring_keys(rows)? {
            match uses.iter_mut().find(|key| key.id == id) {
                Some(key) => key.rows.push((table, count)),
                None => {
                    let rows = vec![(table, count)];
                    uses.push(RingKeyUse { id, place: RingPlace::Lost, rows });
                }
            }
        }
    }
    Ok(uses)
}

/// The ids of keys that these rows need and the ring lacks.
pub(super) fn lost(service: &Service, rows: Rows) -> Result<Vec<String>, Error> {
    let mut needed = store::read_ring_keys(rows)?;
    needed.retain(|(id, count)| *count > 0 && service.settings.ring.find(id).is_none());
    needed.sort_unstable();
    needed.dedup_by(|one, other| one.0 == other.0);
    Ok(needed.into_iter().map(|(id, _)| id).collect())
}
