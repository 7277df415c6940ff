//! The effect protocol: a use case is straight-line `async` code that awaits effects; the host
//! performs them and replies (docs/DESIGN §2). No executor, no host types, no shared state.
//!
//! ```
//! use authcore::effect::{Effect, Failure, Step};
//!
//! /// The whole of a host that can do nothing: every effect fails, the operation still ends.
//! fn run<T>(mut step: Step<T>) -> T {
//!     loop {
//!         match step {
//!             Step::Done(value) => return value,
//!             Step::Perform(effect) => step = effect.fail(Failure::Unavailable),
//!         }
//!     }
//! }
//! ```

mod asks;
mod batch;
mod exchange;
mod host;
mod program;
mod protocol;
pub mod transcript;

pub(crate) use asks::Hashed;
pub use asks::{Admit, HashJob, HashOutcome, Mail, RangeAnswer, RangeQuery, StrengthJob};
pub use batch::{Batch, Dialect, Mode, Rows, Statement, Value};
pub use exchange::{Keep, Request, Response};
pub use host::{Host, drive};
pub use program::{Abandoned, Effects, start};
pub use protocol::{Ask, Effect, Failure, Pending, Resume, Step};
