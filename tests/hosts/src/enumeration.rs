//! Every fault at every effect of a use case; each fault has an account of its own.

use authcore::effect::{Failure, Request, Response};

use crate::client::{Answer, Client};
use crate::database::{Database, Kind, text};
use crate::faults::{Ended, FAULTS, Fault, Hit, drive_with};
use crate::settings;

/// What must never be in a database: each counts violations.
const INVARIANTS: [&str; 9] = [
    "SELECT count(*) FROM accounts a WHERE NOT EXISTS \
     (SELECT 1 FROM credentials c WHERE c.account_id = a.id)",
    "SELECT count(*) FROM accounts a WHERE NOT EXISTS \
     (SELECT 1 FROM account_roles r WHERE r.account_id = a.id)",
    "SELECT count(*) FROM sessions s WHERE s.previous_hash IS NULL AND s.generation <> 1",
    "SELECT count(*) FROM sessions s WHERE s.revoked_at IS NULL AND s.revoked_for IS NOT NULL",
    "SELECT count(*) FROM signing_keys n WHERE n.state <> 'active' AND NOT EXISTS \
     (SELECT 1 FROM signing_keys a WHERE a.state = 'active')",
    // A session without a shown factor, where there was one, and no device was remembered.
    "SELECT count(*) FROM sessions s JOIN authenticators au ON au.account_id = s.account_id \
     WHERE au.confirmed_at < s.created_at AND s.factor_time IS NULL AND NOT EXISTS \
     (SELECT 1 FROM remembered_devices d WHERE d.account_id = s.account_id)",
    "SELECT count(*) FROM challenges WHERE attempts > 3",
    // A challenge that was used for no session.
    "SELECT count(*) FROM challenges c WHERE c.used_by IS NOT NULL AND NOT EXISTS \
     (SELECT 1 FROM sessions s WHERE s.op = c.used_by)",
    "SELECT count(*) FROM authenticators au WHERE au.confirmed_at IS NOT NULL AND NOT EXISTS \
     (SELECT 1 FROM backup_codes b WHERE b.account_id = au.account_id)",
];

/// One database for all faults of a use case; each fault has an account of its own.
pub struct Bench {
    /// The database of all rounds.
    pub database: Database,
    /// The client of this round, with an address of its own.
    pub client: Client,
    round: u32,
    /// The name and the id of this round's account.
    pub name: String,
}

impl Bench {
    /// A bench with the account that all others are made from.
    #[must_use]
    pub fn new(kind: Kind) -> Self {
        let database = Database::new(kind);
        let mut client = Client::new(settings::service(&[]), database.connect());
        let _ = client.signed_in("template");
        Self { database, client, round: 0, name: String::new() }
    }

    /// A new account that has the template's password: made without a hash.
    pub fn account(&mut self) {
        self.round += 1;
        // Its id and its name in one.
        self.name = format!("018f0000-0000-7000-8000-{:012x}", self.round);
        self.client.number = self.round;
        let [_, _, high, low] = self.round.to_be_bytes();
        self.client.peer = Some([10, 0, high, low].into());
        self.client.now = settings::NOW;
        for sql in [
            "INSERT INTO accounts (id, username, username_folded, email, email_folded, status, \
             properties, admin_properties, created_at, op) \
             VALUES (?1, ?1, ?1, ?1, ?1, 'active', '{}', '{}', 0, 'test')",
            "INSERT INTO credentials (account_id, phc, version, changed_at) \
             SELECT CAST(?1 AS TEXT), c.phc, 1, 0 FROM credentials c \
             JOIN accounts a ON a.id = c.account_id WHERE a.username = 'template'",
            "INSERT INTO account_roles (account_id, role, granted_at) VALUES (?1, 'user', 0)",
        ] {
            self.database.query(sql, vec![text(&self.name)]);
        }
    }

    /// How many sessions this round's account has had.
    #[must_use]
    pub fn sessions(&self) -> usize {
        let sql = "SELECT id FROM sessions WHERE account_id = ?1";
        self.database.query(sql, vec![text(&self.name)]).len()
    }

    /// Sends a request whose effect number `at` goes wrong.
    pub fn handle(&mut self, request: Request, at: usize, fault: Fault) -> Ended<Answer> {
        let arrival = self.client.arrival();
        let step = self.client.service.handle(request, arrival);
        let ended: Ended<Response> = drive_with(step, &mut *self.client.host, at, fault);
        let value = ended.value.map(|response| Answer::of(response, Default::default()));
        Ended { value, hit: ended.hit }
    }

    /// Counts violations of the invariants.
    ///
    /// # Panics
    /// If there is one.
    pub fn check(&self, what: &str) {
        for sql in INVARIANTS {
            assert_eq!(self.database.count(sql), 0, "{what}: {sql}");
        }
    }
}

/// Whether a batch that was committed and not answered must be answered with success: all writes
/// but the one that counts a try, which is not evaluated then.
fn recognised(hit: Hit, first: usize) -> bool {
    matches!(hit, Hit::Write(number) if number >= first)
}

/// Runs a use case with every fault at every effect. `first` is the number of the write batch from
/// which on a lost answer is found again.
///
/// # Panics
/// If something is half done, or acknowledged and not written.
pub fn enumerate(
    kind: Kind,
    first: usize,
    mut prepare: impl FnMut(&mut Bench) -> Request,
    mut succeeded: impl FnMut(&mut Bench, &Answer),
    mut next: impl FnMut(&mut Bench, Request),
) {
    let mut bench = Bench::new(kind);
    for fault in FAULTS {
        for at in 0.. {
            bench.account();
            let request = prepare(&mut bench);
            let ended = bench.handle(request.clone(), at, fault);
            let Some(hit) = ended.hit else { break };
            let what = format!("{kind:?}, effect {at} ({hit:?}), {fault:?}");
            bench.check(&what);
            match &ended.value {
                Some(answer) if answer.status < 300 => succeeded(&mut bench, answer),
                Some(answer) => {
                    assert_eq!(answer.status, 503, "{what}: {}", answer.body);
                    assert!(answer.body["retry_after"].as_u64() >= Some(1), "{what}");
                    assert!(answer.body.get("access_token").is_none(), "{what}");
                    let lost = fault == Fault::CommittedUnknown && recognised(hit, first);
                    assert!(!lost, "{what}: the commit was not recognised");
                }
                None => assert!(matches!(fault, Fault::DroppedBefore | Fault::DroppedAfter)),
            }
            let optional = matches!(hit, Hit::Admit | Hit::Strength);
            if optional && fault == Fault::Fails(Failure::Unsupported) {
                let done = ended.value.is_some_and(|answer| answer.status < 300);
                assert!(done, "{what}: core does without");
            }
            next(&mut bench, request);
            bench.check(&what);
            assert!(at < 12, "a use case has few effects");
        }
    }
}
