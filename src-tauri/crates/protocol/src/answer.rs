//! What stubs answer, and what can be wrong with that.

use std::fmt;

use serde::{Deserialize, Serialize};

/// More names than this are not listed.
const MAX_NAMES: usize = 12;

/// What a stub answers to the calls of one function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct StubAnswer {
    /// The function's name in the binary (`get`, `[method]bucket.get`), or, if there is none like it, the
    /// name that the workload file has.
    pub function: String,
    /// A value in WAVE, as it is written; empty for a function without result.
    pub value: String,
}

/// Why a stub cannot give an answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum AnswerProblem {
    /// The import has no such function.
    NoFunction {
        /// The functions that it has.
        functions: Vec<String>,
    },
    /// The same function is answered twice, under two of its names.
    Twice,
    /// The text is no value of the result's type.
    WrongValue {
        /// What is written.
        value: String,
        /// The result's type in WIT.
        ty: String,
        /// What was expected, what was found, and where.
        reason: String,
    },
    /// The function gives nothing, and a value is written.
    NoResult {
        /// What is written.
        value: String,
    },
    /// Each result is or holds something that exists only while a component runs.
    NotWritable {
        /// The result's type in WIT.
        ty: String,
        /// What stands in the way: ``a handle to the resource `bucket` ``.
        what: String,
    },
}

impl AnswerProblem {
    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::NoFunction { .. } => "name one of its functions, or remove the answer".to_owned(),
            Self::Twice => "keep one of the two".to_owned(),
            Self::WrongValue { ty, .. } => format!("write a value of the type `{ty}` in WAVE"),
            Self::NoResult { .. } => "leave the answer empty: \"\"".to_owned(),
            Self::NotWritable { .. } => {
                "remove the answer; a component that makes such values has to take the stub's place"
                    .to_owned()
            }
        }
    }
}

impl fmt::Display for AnswerProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFunction { functions } if functions.is_empty() => {
                f.write_str("the import has no functions")
            }
            Self::NoFunction { functions } => {
                let mut names: Vec<String> =
                    functions.iter().take(MAX_NAMES).map(|name| format!("`{name}`")).collect();
                if functions.len() > MAX_NAMES {
                    names.push(format!("{} more", functions.len() - MAX_NAMES));
                }
                write!(f, "the import has no such function, but {}", names.join(", "))
            }
            Self::Twice => f.write_str("it is answered twice"),
            Self::WrongValue { value, ty, reason } => {
                write!(f, "`{value}` is no value of its result's type `{ty}`: {reason}")
            }
            Self::NoResult { value } => write!(f, "it gives no result, so `{value}` cannot be one"),
            Self::NotWritable { ty, what } => {
                write!(
                    f,
                    "its result `{ty}` always is or holds {what}, of which no value can be written down"
                )
            }
        }
    }
}
