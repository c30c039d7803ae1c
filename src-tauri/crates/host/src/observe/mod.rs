//! Observing a workload: what is watched, what is done to its calls, and the traces that come of it.
//!
//! [`crate::probe`] makes calls visible; here is what is made of them. A [`ProbeBoard`] belongs to an open workload
//! and outlives its runs. It says which links are observed, which decides how entries are composed; a [`Tracer`]
//! belongs to one call and collects its spans, which become a [`Trace`](jackfield_protocol::Trace).
//!
//! | module | what it is for |
//! |---|---|
//! | `board` | levels and interventions of all sites of a workload |
//! | `site` | one link or entry: its level, figures and interventions |
//! | `figures` | counts and quantiles |
//! | `size` | the bytes of a call from outside, counted as probes count those of links |
//! | `tracer` | the spans of one call |
//! | `tree` | one trace while it grows |
//! | `refusal` | what the host refuses, told from what fails |
//! | `intervene` | breakpoints, delays and failures, when a call comes by |
//! | `holds` | the calls that are held |
//! | `condition` | on arguments, in CEL |
//! | `shape` | the types of a function: what it can be answered with |
//! | `chance` | choices that are the same each time |

mod board;
mod chance;
mod condition;
mod figures;
mod holds;
mod intervene;
mod refusal;
mod shape;
mod site;
pub(crate) mod size;
mod tracer;
mod tree;

pub use self::board::ProbeBoard;
pub(crate) use self::{
    board::{Board, Observed},
    intervene::decide,
    site::SiteState,
    tracer::{Ended, Tracer, arguments},
};
