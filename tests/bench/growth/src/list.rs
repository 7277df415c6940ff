//! What the list of accounts for administrators will ask the database: `{items, total, next}` of
//! docs/DESIGN §6. The benchmark's own statements, by the rules of §3, until there is the route
//! GET /v1/admin/accounts; core's will take their place then.
//!
//! By the order of ids alone: the schema has no index for a filter by status or by role yet.

use authcore::effect::{Batch, Mode, Statement, Value};

/// The accounts of a page.
pub const PAGE: usize = 50;

/// The accounts after a cursor, as administrators see them, and one more, which tells whether
/// there is a next page.
const ACCOUNTS: &str = "SELECT a.id, a.email, a.username, a.full_name, a.status, \
    a.email_verified_at, a.properties, a.created_at, a.last_login_at, a.deleted_at, a.blocked_at, \
    a.blocked_by, a.block_reason, a.admin_properties, (SELECT au.kind FROM authenticators au \
    WHERE au.account_id = a.id AND au.confirmed_at IS NOT NULL) FROM accounts a \
    WHERE a.id > ?1 ORDER BY a.id LIMIT 51";

/// The roles of the same accounts, all in one statement.
const ROLES: &str = "SELECT r.account_id, r.role FROM account_roles r WHERE r.account_id IN \
    (SELECT a.id FROM accounts a WHERE a.id > ?1 ORDER BY a.id LIMIT 50) \
    ORDER BY r.account_id, r.role";

/// How many there are, if no more than 1,000: `total` is null beyond. The range begins before every id: a plan
/// shows no limit, and without a condition it would look like one that reads the table whole.
const COUNT: &str = "SELECT count(*) FROM \
    (SELECT a.id FROM accounts a WHERE a.id > '' ORDER BY a.id LIMIT 1001) counted";

/// What a page takes: one batch, whose replies are the accounts, their roles, and the count.
pub fn page(cursor: &Value) -> Batch {
    let after = |text| Statement::new(text, vec![cursor.clone()]);
    let statements = vec![after(ACCOUNTS), after(ROLES), Statement::new(COUNT, Vec::new())];
    Batch { mode: Mode::Read, statements }
}

#[cfg(test)]
mod tests {
    use authcore::effect::Rows;
    use authcore_tests::{Database, database};

    use super::*;
    use crate::fill;
    use crate::rows::account;

    fn first_cells(rows: &Rows) -> Vec<Value> {
        rows.iter().map(|row| row[0].clone()).collect()
    }

    fn accounts(numbers: std::ops::Range<i64>) -> Vec<Value> {
        numbers.map(account).collect()
    }

    fn ask(database: &Database, cursor: &Value) -> [Rows; 3] {
        let replies = database.connect().batch(&page(cursor)).expect("sound statements");
        replies.try_into().expect("three statements")
    }

    #[test]
    fn a_page_holds_the_fifty_accounts_after_the_cursor_and_their_roles() {
        database::on_each(|database| {
            fill::fill(database, 300);
            let _ = database.query(
                "INSERT INTO account_roles (account_id, role, granted_at) VALUES (?1, 'admin', 0)",
                vec![account(100)],
            );
            let [found, roles, count] = ask(database, &account(77));
            // One more tells that there is a next page.
            assert_eq!(first_cells(&found), accounts(78..129));
            let mut bearers = accounts(78..128);
            bearers.insert(22, account(100));
            assert_eq!(first_cells(&roles), bearers);
            assert_eq!(roles[22..24], [role(100, "admin"), role(100, "user")]);
            assert_eq!(count, [[Value::Integer(300)]]);
            let factor = |n: usize| found[n - 78].last().cloned();
            assert_eq!(factor(79), Some(Value::Text("totp".to_owned())));
            assert_eq!(factor(80), Some(Value::Null));

            let [first, ..] = ask(database, &Value::Text(String::new()));
            assert_eq!(first_cells(&first), accounts(0..51));
            let [last, roles, _] = ask(database, &account(290));
            assert_eq!(first_cells(&last), accounts(291..300));
            assert_eq!(first_cells(&roles), accounts(291..300));
        });
    }

    #[test]
    fn no_more_accounts_are_counted_than_tell_that_the_total_is_not() {
        database::on_each(|database| {
            fill::fill(database, 1200);
            let [_, _, count] = ask(database, &account(0));
            assert_eq!(count, [[Value::Integer(1001)]]);
        });
    }

    fn role(n: i64, name: &str) -> Vec<Value> {
        vec![account(n), Value::Text(name.to_owned())]
    }
}
