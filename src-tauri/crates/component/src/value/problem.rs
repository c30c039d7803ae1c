//! What is wrong with some JSON, and what was probably meant.

use std::fmt;

use super::describe;

/// More problems than this are counted, and not listed.
const MAX_PROBLEMS: usize = 50;

/// Everything that is wrong with some JSON. Displays as a line for each.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ValueProblems {
    /// What is wrong, in the order of the types; the first fifty.
    pub problems: Vec<ValueProblem>,
    /// How many more there are.
    pub more: usize,
}

impl ValueProblems {
    pub(super) fn push(&mut self, pointer: &str, kind: ValueProblemKind) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(ValueProblem { pointer: pointer.to_owned(), kind });
        } else {
            self.more += 1;
        }
    }
}

impl fmt::Display for ValueProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            write!(f, "{}{problem}", if index == 0 { "" } else { "\n" })?;
        }
        if self.more > 0 {
            write!(f, "\n… and {} more problems", self.more)?;
        }
        Ok(())
    }
}

impl std::error::Error for ValueProblems {}

/// Something that is wrong with some JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{pointer}: {kind}")]
pub struct ValueProblem {
    /// Where it is: a JSON pointer (RFC 6901) from the object of arguments.
    pub pointer: String,
    /// What it is.
    pub kind: ValueProblemKind,
}

/// What can be wrong with some JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ValueProblemKind {
    /// It is of another kind.
    #[error("expected {expected}, found {found}")]
    Mismatch {
        /// What the type takes: `an integer from 0 to 255 (u8)`.
        expected: String,
        /// What is there: `the string "abc"`.
        found: String,
    },
    /// A number is too large for its type.
    #[error("{found} is more than {limit}, the largest {ty}")]
    TooLarge {
        /// The number.
        found: String,
        /// The largest that is allowed.
        limit: String,
        /// The type in WIT.
        ty: &'static str,
    },
    /// A number is too small for its type.
    #[error("{found} is less than {limit}, the smallest {ty}")]
    TooSmall {
        /// The number.
        found: String,
        /// The smallest that is allowed.
        limit: String,
        /// The type in WIT.
        ty: &'static str,
    },
    /// A parameter or a field is not there.
    #[error("missing; expected {expected}")]
    Missing {
        /// What the type takes.
        expected: String,
    },
    /// There is no such parameter, field, case or flag.
    #[error("there is no {thing} {}{}", describe::shown(.name), advice(.suggestion.as_deref(), .known))]
    Unknown {
        /// What it would be: `field`.
        thing: &'static str,
        /// What it is called.
        name: String,
        /// What was probably meant.
        suggestion: Option<String>,
        /// What there is.
        known: Vec<String>,
    },
    /// A list of flags has one twice.
    #[error("the flag {flag:?} is there twice")]
    Twice {
        /// Which.
        flag: String,
    },
}

fn advice(suggestion: Option<&str>, known: &[String]) -> String {
    match suggestion {
        Some(suggestion) => format!("; did you mean {suggestion:?}?"),
        None if known.is_empty() => "; there are none".to_owned(),
        None => format!("; expected {}", describe::one_of(known.iter().map(|name| format!("{name:?}")))),
    }
}

impl ValueProblemKind {
    /// A name that is none of `known`, and may be a mistyped one of `candidates`.
    pub(super) fn unknown<'n>(
        thing: &'static str,
        name: &str,
        candidates: impl Iterator<Item = &'n str>,
        known: impl Iterator<Item = &'n str>,
    ) -> Self {
        let suggestion = nearest(name, candidates).map(str::to_owned);
        Self::Unknown { thing, name: name.to_owned(), suggestion, known: known.map(str::to_owned).collect() }
    }
}

/// The candidate that was probably meant: at most a third of the letters are different.
fn nearest<'n>(name: &str, candidates: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    /// Nobody mistypes longer names, and comparing takes time.
    const MAX_COMPARED_IN_BYTES: usize = 64;
    let len = name.chars().count();
    let limit = (len / 3).max(1);
    // People write `first_name` and `FirstName` for `first-name`.
    let plain = |name: &str| name.to_lowercase().replace(['_', '-', ' '], "");
    candidates
        .filter(|candidate| candidate.len().max(name.len()) <= MAX_COMPARED_IN_BYTES)
        .map(|candidate| (strsim::osa_distance(&plain(name), &plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= limit && *distance < len)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
