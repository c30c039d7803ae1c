//! Traces in a file: appended while a workload runs, read without it.
//!
//! # The file
//! JSON, one value on each line. Names stand in it once; spans refer to them by number.
//!
//! ```json
//! {"jackfield-traces":1}
//! {"workloads":{"from":0,"new":[{"name":"calculator"}]}}
//! {"sites":{"from":0,"new":[{"provider":{"component":"hypotenuse"},"function":"math:ops/hypotenuse#hypotenuse","args":["a","b"]},{"consumer":"hypotenuse","provider":{"component":"square"},"function":"math:ops/square#square","args":["x"]}]}}
//! {"trace":{"of":0,"call":1,"start":1767225600000000,"spans":[[0,null,0,81250,["3","4"],"5"],[1,0,10125,2250,["3"],"9"]]}}
//! {"lost":2}
//! ```
//!
//! - `jackfield-traces` begins a section, with the version of the format. What was numbered before it is forgotten.
//!   Each recorder begins one, and again whenever the tables have grown large. So files can be put behind one another.
//! - `workloads` and `sites` number what is new, counted on `from`. A workload is its name and what of it could
//!   not be observed. A site is who called whom: `consumer` (left out for calls from outside), `provider`, `function` and the
//!   names of the parameters.
//! - `trace` is a trace: the number of its workload, its call if it came from outside, when it began in
//!   microseconds since 1970-01-01T00:00:00Z, and its spans. What has its usual value is left out: `dropped` (how
//!   many spans more there were), `cost`, `context`, and `lines`, each of which is the number of its span, nanoseconds since the
//!   start, component, stream and text.
//! - A span is `[site, parent, start, duration, args, result, more]`, of which the end is left out where it is empty:
//!   the number of its site, the place of the span that caused it, nanoseconds since the trace began, nanoseconds that it took (`null` where
//!   that is not known), values in WAVE, and an object with `outcome` (left out for `ok`), `held-nanos` and `intervention`.
//! - `lost` counts traces that are missing about there, because the disk was too slow or full.
//!
//! What was written stays as it is. A line that a killed program left half written is passed over by readers, and the
//! next recorder ends it and begins a section behind it.

mod decode;
mod encode;
mod error;
mod place;
mod queue;
mod read;
mod recorder;
#[cfg(test)]
mod tests;
mod writer;

pub use error::RecordingError;
pub use read::Recording;
pub use recorder::{Progress, Recorder};

/// The version of the format.
const VERSION: u32 = 1;
