//! Every command, every effect, every fault, on each database (SECURITY 107, 109).

use authcore::error::Error;
use authcore::service::{Command, Outcome};
use authcore_tests::database::both;
use authcore_tests::faults::{Ended, FAULTS, Fault, drive_with};
use authcore_tests::{Client, Database, settings};

fn run(
    client: &mut Client,
    command: Command,
    at: usize,
    fault: Fault,
) -> Ended<Result<Outcome, Error>> {
    let arrival = client.arrival();
    drive_with(client.service.run(command, arrival), &mut *client.host, at, fault)
}

#[test]
fn a_migration_is_applied_whole_or_not() {
    both(|kind| {
        let wanted = Outcome::Migrated { version: authcore::store::schema::latest() };
        for fault in FAULTS {
            for at in 0.. {
                let database = Database::empty(kind);
                let mut client = Client::new(settings::service(&[]), database.connect());
                let ended = run(&mut client, Command::Migrate, at, fault);
                if ended.hit.is_none() {
                    break;
                }
                if let Some(Ok(outcome)) = ended.value {
                    assert_eq!(outcome, wanted);
                    let version = "SELECT version FROM schema_version";
                    assert_eq!(Outcome::Migrated { version: database.count(version) }, wanted);
                    assert_eq!(database.count("SELECT count(*) FROM roles"), 4);
                }
                assert_eq!(
                    client.run(Command::Migrate),
                    Ok(wanted.clone()),
                    "{kind:?} {at} {fault:?}"
                );
                assert_eq!(database.count("SELECT count(*) FROM roles"), 4);
            }
        }
    });
}

#[test]
fn a_sweep_is_acknowledged_only_when_it_swept() {
    both(|kind| {
        let database = Database::new(kind);
        let mut client = Client::new(settings::service(&[]), database.connect());
        for fault in FAULTS {
            for at in 0.. {
                database.query("DELETE FROM heartbeat WHERE id = 1", Vec::new());
                let ended = run(&mut client, Command::Sweep, at, fault);
                if ended.hit.is_none() {
                    break;
                }
                if let Some(Ok(outcome)) = ended.value {
                    assert_eq!(outcome, Outcome::Swept);
                    assert_eq!(database.count("SELECT count(*) FROM heartbeat"), 1, "{fault:?}");
                }
                assert_eq!(client.run(Command::Sweep), Ok(Outcome::Swept));
            }
        }
    });
}

// SECURITY 82
#[test]
fn the_use_of_ring_keys_is_told_whole_or_not() {
    both(|kind| {
        let database = Database::new(kind);
        let mut client = Client::new(settings::service(&[]), database.connect());
        let _ = client.enrolled("ada");
        let whole = client.run(Command::RingKeys).expect("counted");
        let Outcome::RingKeys(keys) = &whole else { panic!("{whole:?}") };
        assert!(keys.iter().any(|key| key.rows.len() > 3), "{keys:?}");
        for fault in FAULTS {
            for at in 0.. {
                let ended = run(&mut client, Command::RingKeys, at, fault);
                if ended.hit.is_none() {
                    assert!(at > 0);
                    break;
                }
                // A key that is not told of would be dropped, and rows lost with it.
                assert!(!matches!(ended.value, Some(Ok(_))), "{kind:?} {at} {fault:?}");
                assert_eq!(client.run(Command::RingKeys).expect("counted"), whole);
            }
        }
    });
}
