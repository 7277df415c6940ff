"""The security requirements, one short line each, and what is not met yet, with the reason."""

INTRODUCTION = """\
# Security: each requirement and its test

Written by `tests/security_map.py` from the comments in the tests (`SECURITY 44`); `make test` fails if it is not current. A requirement that is not met, or only in part, says so.

## What is promised less than it may seem

- **Fuzzing** runs on stable Rust: seeded, mutated inputs (`make test`), not coverage-guided `cargo fuzz`, which needs a nightly toolchain.
- **Constant time** rests on the `subtle` crate and on secret types without `==`; no statistical timing test (dudect) is run.
- **Wiping** of secrets and of the hash's memory rests on `zeroize` when values are dropped; no test reads freed memory.
- **Advisory databases** are asked where they can be reached; otherwise `make supply` says "not run". The version floors are always asserted.
- **On D1**, atomicity and isolation are the platform's; the tests run on the local simulator (workerd and SQLite), not on Cloudflare's network.
- **One counter per account** lets a stranger who fails at a username see that an e-mail address is locked too, and so belongs to the same account (DESIGN §6 wants it so).
- **Room for a hash** is given before a try is counted: a client that only collects 429s holds a place while its first batch runs, and can crowd others out into 503s.
- **The address counter** has four times the account's free tries ([why](decisions/0006-counting-tries.md)).
"""

TITLES = {
    1: "length of passwords, longer when it is the only factor",
    2: "long passwords, any Unicode, no composition rules",
    3: "passwords verified exactly as received",
    4: "a hard upper bound before any work",
    5: "common and contextual passwords refused by strength",
    6: "breached passwords refused by range query",
    7: "argon2id at or above the floor, random salt, PHC",
    8: "weaker hashes replaced at login by compare-and-set",
    9: "hostile hash parameters refused before anything is allocated",
    10: "a TOTP step accepted once over all routes",
    11: "replay judged by the matched step",
    12: "failed second factors counted over everything",
    13: "an attempt reserved before the code is checked",
    14: "no token before the second factor",
    15: "every path to a session passes the factor",
    16: "enrolment counts once confirmed",
    17: "seeds of 160 bits, URI equal to what is verified",
    18: "a window of one step",
    19: "backup codes: 64 bits, keyed, once",
    20: "e-mailed codes bound, short-lived, once",
    21: "changing a factor asks for the factor",
    22: "remembered devices bound, revocable, short",
    23: "refresh tokens opaque, random, stored hashed",
    24: "rotation at each use; replay ends the session",
    25: "grace for the immediate predecessor only",
    26: "parallel refreshes: one step, one successor",
    27: "idle limit and an absolute end",
    28: "logout and the like end a session at once",
    29: "a login always makes a new session",
    30: "cookie attributes and prefixes",
    31: "cross-site state changes refused",
    32: "no CORS by default",
    33: "no-store, nosniff, fitting types on every answer",
    34: "people see and end their sessions",
    35: "the key fixes the algorithm",
    36: "signature before claims; header keys ignored or refused",
    37: "any crit refused",
    38: "claims have exact types",
    39: "exp and nbf with bounded leeway, checked arithmetic",
    40: "iss and aud compared whole",
    41: "typ per purpose, disjoint",
    42: "access tokens carry what RFC 9068 asks for",
    43: "freshness from auth_time, not from a refresh",
    44: "strict compact form",
    45: "duplicate members refused",
    46: "strict Ed25519, one answer everywhere",
    47: "the key set holds public keys only",
    48: "forgot answers alike",
    49: "reset tokens single-use and bound",
    50: "links in mail from configuration only",
    51: "a reset does not pass over the factor",
    52: "pre-hijacking: first proof of an address wipes",
    53: "e-mail change proved at the new address",
    54: "administrators never choose a password",
    55: "verification and reset act on POST",
    56: "unknown, wrong, pending, blocked, deleted: alike",
    57: "sign-up does not tell, with activation by e-mail",
    58: "secrets compared in constant time",
    59: "throttles alike for unknown names, bounded",
    60: "a try is counted before the hash, atomically",
    61: "one counter whatever the form of the name",
    62: "strangers cannot lock an owner out for long",
    63: "address keys: /64, mapped, trusted proxies only",
    64: "limits on all other routes",
    65: "no address known: slowed, not refused",
    66: "limits hold over instances and cold starts",
    67: "an access matrix over the route table",
    68: "identity from the token only",
    69: "fields allow-listed per actor",
    70: "nobody acts above their level",
    71: "role changes count at once",
    72: "forward auth decides from the token only",
    73: "no default account, no sample secret",
    74: "reserved realms as a matrix",
    75: "a realm code counts once per verifier",
    76: "realm guesses are limited",
    77: "service tokens apart from account tokens",
    78: "service seeds shown once",
    79: "name@realm has one canonical form",
    80: "sealed values open in their own row only",
    81: "no nonce or key twice, even with a repeated seed",
    82: "the key ring rotates",
    83: "bad secrets refuse the start",
    84: "signing keys published before they sign, one active",
    85: "primitives equal the standards' vectors",
    86: "what depends on a guard carries it",
    87: "all SQL parameterised and constant",
    88: "no secret in logs, errors, Debug",
    89: "authentication events are recorded",
    90: "the audit chain detects tampering",
    91: "log text cannot be forged",
    92: "people are told of changes",
    93: "erasure leaves nothing personal",
    94: "one strict JSON reader on all hosts",
    95: "size, type and conflicting credentials refused",
    96: "e-mail: normalised, validated, compared",
    97: "usernames: profile and confusables",
    98: "paths match exactly; methods defined",
    99: "text encoded for its place",
    100: "no input panics",
    101: "dependencies banned, licensed, at their floors",
    102: "unsafe code, clocks and randomness kept out",
    103: "lock files, pinned tools, no install scripts",
    104: "artefacts rebuild to the same bytes",
    105: "dev features cannot run in production",
    106: "hashing is bounded, then 503",
    107: "any failing effect fails closed",
    108: "security reads go to the primary",
    109: "a kill at any effect leaves nothing half done",
    110: "growth bounded by expiry, sweep and cap",
}

_SECOND_FACTOR = "comes with the second factor"
_MAIL = "comes with mail and recovery"
_ROLES = "comes with roles and administration"
_REALMS = "comes with realms"
_AUDIT = "comes with the audit log"

NOT_MET = {
    1: "8 code points always; the longer rule comes with the second factor",
    5: "4,000 common passwords and names are refused; strength comes next",
    6: _MAIL,
    **dict.fromkeys(range(10, 23), _SECOND_FACTOR),
    30: "comes with cookies",
    32: "no CORS header is ever sent; listed origins come with cookies",
    34: "comes with /sessions",
    **dict.fromkeys(range(48, 56), _MAIL),
    57: "activation by e-mail comes with mail",
    62: "remembered devices come with the second factor",
    64: "login and sign-up are limited; the other routes come next",
    **dict.fromkeys(range(70, 73), _ROLES),
    **dict.fromkeys(range(74, 80), _REALMS),
    89: _AUDIT,
    90: _AUDIT,
    92: _MAIL,
    93: "comes with erasure",
    97: "ASCII profile and restricted names; PRECIS and confusables come later",
    99: "comes with mail",
    104: "artefacts are not compared yet; comes with the packages",
    108: "first-primary is used; a stale replica is not simulated yet",
    109: "killed at random, not at every effect of every host",
    110: "accounts that never sign in are not swept yet",
}

PARTLY = {
    28: "logout and reuse; block, delete, password change and reset come with their routes",
    31: "Origin and Sec-Fetch-Site are checked; there are no cookies yet",
}
