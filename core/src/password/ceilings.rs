//! What a hash may cost: the floor for new ones, the host's ceiling for all.

use std::fmt;

use crate::error::{Code, Error};

/// The most that a host bears for one hash. Checked before anything is allocated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Ceilings {
    /// Memory in KiB.
    pub memory_kib: u32,
    /// Passes over the memory.
    pub iterations: u32,
    /// Lanes.
    pub parallelism: u32,
}

impl Ceilings {
    /// What an isolate of 128 MiB bears; also the default of every other host.
    pub const WORKER: Self = Self { memory_kib: 64 * 1024, iterations: 8, parallelism: 4 };

    pub(super) fn admit(self, params: Argon2Params) -> Result<(), Error> {
        let Argon2Params { memory_kib: m, iterations: t, parallelism: p } = params;
        if m <= self.memory_kib && t <= self.iterations && p <= self.parallelism {
            return Ok(());
        }
        let Self { memory_kib, iterations, parallelism } = self;
        let detail = format!(
            "the hash costs m={m},t={t},p={p}; this host bears at most \
             m={memory_kib},t={iterations},p={parallelism}"
        );
        Err(Error::new(Code::HashTooCostly, detail))
    }
}

impl Default for Ceilings {
    fn default() -> Self {
        Self::WORKER
    }
}

/// Cost of argon2id (RFC 9106 §3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Argon2Params {
    /// m: memory in KiB.
    pub memory_kib: u32,
    /// t: passes over the memory.
    pub iterations: u32,
    /// p: lanes. They are computed one after the other.
    pub parallelism: u32,
}

/// As in a PHC string: `m=19456,t=2,p=1`.
impl fmt::Display for Argon2Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "m={},t={},p={}", self.memory_kib, self.iterations, self.parallelism)
    }
}

impl Argon2Params {
    /// m=19456, t=2, p=1: the least that the OWASP Password Storage Cheat Sheet and ASVS 5.0
    /// appendix C (requirement 11.4.2) accept at two passes. The default.
    pub const OWASP_MINIMUM: Self = Self { memory_kib: 19_456, iterations: 2, parallelism: 1 };

    /// Reads AUTHCORE_ARGON2, `m=19456,t=2,p=1`, within [`Ceilings::WORKER`].
    ///
    /// # Errors
    /// As [`Argon2Params::parse_within`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        Self::parse_within(text, &Ceilings::WORKER)
    }

    /// Reads AUTHCORE_ARGON2, `m=19456,t=2,p=1`, for a host of these ceilings.
    ///
    /// # Errors
    /// [`Code::InvalidSettings`] if it is malformed, weaker than ASVS 5.0 appendix C allows
    /// (t=1 m≥47104; t=2 m≥19456; t≥3 m≥12288), or above the ceilings.
    pub fn parse_within(text: &str, ceilings: &Ceilings) -> Result<Self, Error> {
        let refuse = |why: &str| {
            let detail = format!("AUTHCORE_ARGON2 is refused: `{text}` {why}");
            Error::new(Code::InvalidSettings, detail)
        };
        let params = Self::read(text.trim())
            .ok_or_else(|| refuse("is not of the form `m=19456,t=2,p=1`"))?;
        let floor = match params.iterations {
            0 => u32::MAX,
            1 => 47_104,
            2 => 19_456,
            _ => 12_288,
        };
        if params.memory_kib < floor || !params.is_possible() {
            return Err(refuse("is too weak; use at least `m=19456,t=2,p=1`"));
        }
        ceilings
            .admit(params)
            .map_err(|error| refuse(&format!("is too costly: {}", error.detail)))?;
        Ok(params)
    }

    /// Reads `m=…,t=…,p=…`: in this order, each once, decimal without sign or leading zero, as
    /// the reference implementation writes it.
    pub(super) fn read(text: &str) -> Option<Self> {
        let mut fields = text.split(',');
        let memory_kib = decimal(fields.next()?.strip_prefix("m=")?)?;
        let iterations = decimal(fields.next()?.strip_prefix("t=")?)?;
        let parallelism = decimal(fields.next()?.strip_prefix("p=")?)?;
        fields.next().is_none().then_some(Self { memory_kib, iterations, parallelism })
    }

    /// Work: KiB that are filled, over all passes.
    const fn work(self) -> u64 {
        (self.memory_kib as u64).saturating_mul(self.iterations as u64)
    }

    /// The parameters of a hash that takes what one of these takes more than one of `other`, in no
    /// more memory; none if it takes no more.
    pub(crate) fn beyond(self, other: Self) -> Option<Self> {
        let rest = self.work().checked_sub(other.work()).filter(|rest| *rest > 0)?;
        let passes = rest.div_ceil(u64::from(self.memory_kib).max(1));
        let memory = u32::try_from(rest.checked_div(passes)?).unwrap_or(u32::MAX);
        Some(Self {
            memory_kib: memory.max(self.parallelism.saturating_mul(8)),
            iterations: u32::try_from(passes).unwrap_or(u32::MAX),
            parallelism: self.parallelism,
        })
    }

    /// Whether argon2 is defined for it (RFC 9106 §3.1).
    pub(super) fn is_possible(self) -> bool {
        self.iterations >= 1
            && (1..1 << 24).contains(&self.parallelism)
            && self.memory_kib >= self.parallelism.saturating_mul(8)
    }
}

impl Default for Argon2Params {
    fn default() -> Self {
        Self::OWASP_MINIMUM
    }
}

fn decimal(text: &str) -> Option<u32> {
    let canonical =
        text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if canonical { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    // SECURITY 56
    #[test]
    fn what_a_cheaper_hash_lacks_is_made_up_for() {
        let of = |memory_kib, iterations| Argon2Params { memory_kib, iterations, parallelism: 1 };
        let now = of(19_456, 3);
        assert_eq!(now.beyond(of(19_456, 2)), Some(of(19_456, 1)));
        assert_eq!(now.beyond(of(12_288, 3)), Some(of(10_752, 2)));
        assert_eq!(now.beyond(now), None);
        assert_eq!(now.beyond(of(65_536, 1)), None);
        for other in [of(7_168, 5), of(9_216, 4), of(12_288, 3), of(19_456, 2), of(47_104, 1)] {
            let Some(more) = now.beyond(other) else { panic!("{other} is cheaper") };
            let missing = now.work().saturating_sub(other.work().saturating_add(more.work()));
            assert!(missing < u64::from(more.iterations), "{other} and {more}");
            assert!(more.memory_kib <= now.memory_kib, "{more}");
        }
    }

    // SECURITY 7
    #[test]
    fn settings_below_the_floor_or_above_the_ceiling_are_refused_by_name() {
        let bad = [
            "m=1024,t=1",
            "m=1024,t=1,p=1",
            "m=47103,t=1,p=1",
            "m=19455,t=2,p=1",
            "m=12287,t=3,p=1",
            "m=19456,t=0,p=1",
            "m=19456,t=2,p=0",
            "m=65537,t=2,p=1",
            "m=19456,t=9,p=1",
            "m=19456,t=2,p=5",
            "t=2,m=19456,p=1",
            "m=19456,t=2,p=1,x=1",
            "m=+19456,t=2,p=1",
            "m=019456,t=2,p=1",
            "m=4294967296,t=2,p=1",
            "m=-1,t=2,p=1",
            "",
            "m=,t=,p=",
        ];
        for text in bad {
            let error = Argon2Params::parse(text).expect_err(text);
            assert_eq!(error.code, Code::InvalidSettings, "{text}");
            assert!(error.detail.contains("AUTHCORE_ARGON2"), "{error}");
        }
        for text in ["m=47104,t=1,p=1", "m=19456,t=2,p=1", "m=12288,t=3,p=1", "m=65536,t=8,p=4"] {
            assert!(Argon2Params::parse(text).is_ok(), "{text}");
        }
        assert_eq!(Argon2Params::parse("m=19456,t=2,p=1").unwrap(), Argon2Params::default());
    }
}
