//! The outcome of a call.

use serde::{Deserialize, Serialize};

use crate::{CallId, TraceId};

/// What a call to an entry gave back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct CallOutcome {
    /// The call; log lines that it caused carry the same id.
    pub call: CallId,
    /// The interface and function that were called: `math:ops/hypotenuse#hypotenuse`.
    pub function: String,
    /// The result in WAVE; none if the function has no result.
    pub result: Option<String>,
    /// From the first argument lowered to the result lifted, instantiation included: microseconds.
    pub duration_micros: u64,
    /// What happened below, if it was observed.
    #[serde(default)]
    pub trace: Option<TraceId>,
}
