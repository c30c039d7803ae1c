//! Where and how the types of an export differ from those of an import.
//!
//! Made by comparing two interfaces, read by people: it names the function and the way into the type, so
//! that one look at the WIT of both sides is enough.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The first difference between what is imported and what is exported.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Mismatch {
    /// The way to it, from the outside in.
    pub path: Vec<Step>,
    /// What differs there.
    pub difference: Difference,
}

/// One step into an interface or a type.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// A function of the interface.
    Function(String),
    /// A type of the interface.
    Type(String),
    /// A parameter of a function.
    Param(String),
    /// What a function returns.
    Result,
    /// A field of a record.
    Field(String),
    /// What a case of a variant holds.
    Case(String),
    /// A part of a tuple, from 0.
    Item(usize),
    /// An element of a list.
    Element,
    /// What an option holds.
    Some,
    /// What a result holds when it is `ok`.
    Ok,
    /// What a result holds when it is `err`.
    Err,
    /// The key of a map.
    Key,
    /// The value of a map.
    Value,
    /// What a stream or a future carries.
    Payload,
}

/// How two things differ; `wanted` is the importing side, `offered` the exporting one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Difference {
    /// The export has no such function.
    FunctionMissing,
    /// The export declares no such type.
    TypeMissing,
    /// The export declares no such resource: the name is missing, or means another kind of type.
    ResourceMissing,
    /// The export has a resource where the import has a type of values.
    UnexpectedResource,
    /// One function is `async`, the other is not.
    Async {
        /// Whether the imported one is.
        wanted: bool,
    },
    /// The functions take different numbers of parameters.
    ParamCount {
        /// The importing side's.
        wanted: usize,
        /// The exporting side's.
        offered: usize,
    },
    /// The parameters are the same in number, but not in name.
    ParamName {
        /// The importing side's.
        wanted: String,
        /// The exporting side's.
        offered: String,
    },
    /// Other types.
    Type {
        /// The importing side's, as WIT writes it.
        wanted: String,
        /// The exporting side's.
        offered: String,
    },
    /// Handles of other resources.
    Resource {
        /// The importing side's.
        wanted: String,
        /// The exporting side's.
        offered: String,
    },
    /// Something is expected where the export has nothing.
    Nothing {
        /// The type of what is expected.
        wanted: String,
    },
    /// The export has something where nothing is expected.
    Something {
        /// Its type.
        offered: String,
    },
    /// A member that the importing side has, and the exporting side has not.
    MemberMissing {
        /// What it is.
        member: Member,
        /// Its name.
        name: String,
    },
    /// A member that only the exporting side has.
    MemberUnexpected {
        /// What it is.
        member: Member,
        /// Its name.
        name: String,
    },
    /// The same members in another order, which is another type.
    MemberOrder {
        /// What they are.
        member: Member,
        /// The importing side's at the first place that differs.
        wanted: String,
        /// The exporting side's there.
        offered: String,
    },
    /// Tuples or lists of different lengths.
    Length {
        /// The importing side's.
        wanted: usize,
        /// The exporting side's.
        offered: usize,
    },
}

/// A named part of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Member {
    /// Of a record.
    Field,
    /// Of a variant or an enum.
    Case,
    /// Of flags.
    Flag,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Function(name) => write!(f, "function `{name}`"),
            Self::Type(name) => write!(f, "type `{name}`"),
            Self::Param(name) => write!(f, "parameter `{name}`"),
            Self::Result => f.write_str("result"),
            Self::Field(name) => write!(f, "field `{name}`"),
            Self::Case(name) => write!(f, "case `{name}`"),
            Self::Item(index) => write!(f, "item {index}"),
            Self::Element => f.write_str("element"),
            Self::Some => f.write_str("option"),
            Self::Ok => f.write_str("ok"),
            Self::Err => f.write_str("err"),
            Self::Key => f.write_str("key"),
            Self::Value => f.write_str("value"),
            Self::Payload => f.write_str("payload"),
        }
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Field => "field",
            Self::Case => "case",
            Self::Flag => "flag",
        })
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::FunctionMissing | Self::TypeMissing => f.write_str("it is missing"),
            Self::ResourceMissing => f.write_str("there is no such resource"),
            Self::UnexpectedResource => f.write_str("it is a resource"),
            Self::Async { wanted: true } => f.write_str("wanted async, and it is not"),
            Self::Async { wanted: false } => f.write_str("it is async, and must not be"),
            Self::ParamCount { wanted, offered } => {
                write!(f, "the number of parameters is {offered}, wanted {wanted}")
            }
            Self::ParamName { wanted, offered } => {
                write!(f, "wanted a parameter `{wanted}`, it is called `{offered}`")
            }
            Self::Type { wanted, offered } => write!(f, "wanted {wanted}, has {offered}"),
            Self::Resource { wanted, offered } => {
                write!(f, "wanted the resource `{wanted}`, has `{offered}`")
            }
            Self::Nothing { wanted } => write!(f, "wanted {wanted}, has nothing"),
            Self::Something { offered } => write!(f, "wanted nothing, has {offered}"),
            Self::MemberMissing { member, name } => write!(f, "the {member} `{name}` is missing"),
            Self::MemberUnexpected { member, name } => write!(f, "there is a further {member} `{name}`"),
            Self::MemberOrder { member, wanted, offered } => {
                write!(
                    f,
                    "wanted the {member} `{wanted}` where there is `{offered}`: their order is part of the type"
                )
            }
            Self::Length { wanted, offered } => write!(f, "wanted {wanted} items, has {offered}"),
        }
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, step) in self.path.iter().enumerate() {
            write!(f, "{}{step}", if position == 0 { "" } else { ", " })?;
        }
        if self.path.is_empty() {
            write!(f, "{}", self.difference)
        } else {
            write!(f, ": {}", self.difference)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mismatch_reads_from_the_outside_in() {
        let mismatch = Mismatch {
            path: vec![Step::Function("get".into()), Step::Param("key".into()), Step::Field("id".into())],
            difference: Difference::Type { wanted: "u32".into(), offered: "string".into() },
        };
        assert_eq!(
            mismatch.to_string(),
            "function `get`, parameter `key`, field `id`: wanted u32, has string"
        );
        let bare =
            Mismatch { path: Vec::new(), difference: Difference::ParamCount { wanted: 1, offered: 2 } };
        assert_eq!(bare.to_string(), "the number of parameters is 2, wanted 1");
    }
}
