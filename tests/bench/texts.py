"""What docs/benchmarks.md says around its tables: what was measured, of whom, and how."""

from __future__ import annotations

INTRODUCTION = """# Benchmarks

authcore beside its peers, each pinned and in its best case, as it is published: keys parsed before,
warmed up, the same cost and the same claims. The variants of a row run in turn, round by round, in
one process (in workerd: in one process each), so that whatever else the machine does meets them
alike. **Read the ratios within a row**, not the times: how many times as long as authcore the
fastest peer took.
`make bench` measures again and writes this page; no test judges a time (what CI judges is the
[instructions](decisions/0025-what-cost-is-judged-by.md)). What made it fast, and what did not:
[Performance](performance.md).
"""

ABOUT_NATIVE = """argon2-cffi is its stock wheel from PyPI, the reference implementation's C for
SSE2, by which the goal is judged; beside it stands the same version as the compiler makes it for
this processor (`-O3 -march=native`), which nobody gets by `pip install`. PyNaCl is its stock wheel
with libsodium; the `argon2` crate stands beside core in `cargo bench --package authcore-argon2id`.
@node-rs/argon2 is its stock binary from npm, called synchronously in a process of its own, in turn
with the others: its ratio is looser. pyotp searches a window until a code matches, core always
searches all of it; codes for which both search all have rows of their own. joserfc warns at each
EdDSA token that RFC 9864 gives the algorithm another name, and is told to be silent. The estimator
of passwords is core's, in a module that is built for this page alone, as the package has no
function for it; it hands over the whole verdict.
"""

ABOUT_WORKER = """CPU time of workerd's process for a request, eight connections, each variant in a
process of its own (the clock of a Worker stands still while it computes). A token check is what a
request costs above one that does nothing, in worker-rs for authcore and in JavaScript for its peers
(differences of lower quartiles, not medians, and without a least); checks are of the token alone.
authcore's are with the flag `nodejs_compat`, as the Worker is deployed, above a Worker that does
nothing with it: the runtime's `node:crypto` then verifies EdDSA and ES256, once an isolate has
verified a hundred ([why](decisions/0027-signatures-by-the-host.md)).
What does nothing moves by tens of microseconds from run to run, so that one check in a request
cannot be told closely; of 50 in a request, one can. `GET /v1/me` is what the service does, which
always reads the session too ([why](decisions/0005-token-check.md)): its D1 is Miniflare's, in the
same process. First hashes and starts are times, on bare workerd; what a start takes above another
is the difference of both medians, in brackets of both leasts.

"JWT ... in a Worker" is the npm package as a Worker in JavaScript imports it, with the flag
`nodejs_compat` and without: with it, EdDSA and ES256 are the runtime's, by `node:crypto`. A request
issues or verifies one token 200 times over, with one key, and what a request of a Worker that does
nothing takes is taken off. The peers of both rows are the same: fast-jwt with the flag, without
which it does not run, jose and WebCrypto without it. fast-jwt does not verify ES256 in workerd,
which refuses a KeyObject in the options of `createVerify(...).verify` (ERR_INVALID_ARG_TYPE), as
Node does not. WebCrypto is no library but the least that a Worker can write itself: a header that
is written once, a signature, and of a token that is verified issuer, audience and expiry.
"""

ABOUT_GROWTH = """Accounts with two sessions each, throttles, ten audit rows, and for one in ten an
authenticator, backup codes, a device and a notice; filled straight into SQLite's file and D1's, by
COPY into PostgreSQL (without fsync). Who logs in is one of them, met by a stride over the whole
table; what is checked and refreshed is the session of such a login, whose own row is new and stands
last in its table, with few accounts and with many.

On SQLite and PostgreSQL core runs in the process that measures. The goal is judged of the
database's part, too: a login's hash would hide the rest; sweep and list have none. There is no
audit log yet: its table is the benchmark's, and on these two a row is appended to it in each batch
of a login and of a refresh that writes, two for each, with a MAC that nobody computes. Nor is there
a list of accounts for administrators: measured is what one will ask the database, 50 accounts after
a cursor with their roles, and how many there are up to 1,000. It is in the order of ids: no index
serves a filter yet.

D1's rows are the Worker's requests, whole, by CPU time of workerd with Miniflare's D1 in the same
process; its audit table is filled, and nothing is appended. Each login is of another account, and
512 sessions have their turns at refresh and token check. A login's row there is mostly its hash,
which no setting makes cheap: its statements are those that are timed alone on SQLite.
"""

ABOUT_GROWTH_CHART = """Each time relative to that with the fewest accounts, which is the line; of a
request the database's part. Dashed is the goal, which is set for the most accounts: green keeps
within it, red does not, and what has none is grey. The project asks for the same; that 1.25 times
is the same is this page's own bound.
"""

ABOUT_PLANS = """How it is looked up: EXPLAIN of each statement, as it was sent, by the planners'
defaults, but for those that append to the audit log, which look nothing up; in PostgreSQL by the
plan that the prepared statement has come to. Where the number of accounts makes a difference, it
stands before the tables: with few, PostgreSQL reads many whole, since they are small. The list's
count ends after 1,001 rows of an index. The statistics are of the filled tables, and still count
what the sweeps of a run have deleted: PostgreSQL comes to expect up to a thousand rows of the next
one, and reads a table of a hundred thousand whole for them. D1 is Miniflare's, and empty: without
statistics SQLite plans by the schema alone. `signing_keys` holds a handful of rows,
`challenges` none.
"""

ABOUT_BEFORE = """Both builds in turn (`make bench-before`). Of a refresh and of `/v1/me` most is
D1, which Miniflare computes in the same process.
"""

ABOUT_INSTRUCTIONS = """## Instructions

Of core's operations, natively, counted by Valgrind (`make instructions`): at commit 0fadb85, before
the work on speed began, and [on record](../tests/cost/instructions.json) now.
"""
