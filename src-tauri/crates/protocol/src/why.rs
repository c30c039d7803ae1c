//! Why an import is linked as it is, and why not to what else there was.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{ComponentName, LinkTarget, Mismatch};

/// Why a link is as it is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Why {
    /// The rule that made it.
    pub rule: Rule,
    /// The version that the import asks for.
    pub import_version: Option<String>,
    /// The version of what it got.
    pub export_version: Option<String>,
    /// What else has the interface or the function: components in the order of the workload file, then
    /// the host.
    pub not_taken: Vec<NotTaken>,
}

/// The rules of linking, in the order in which they are tried.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Rule {
    /// A `[[links]]` row of the workload file says so.
    Explicit,
    /// Exactly one component exports what is imported, under the same name.
    SameName,
    /// Exactly one component exports what is imported, in another version that is compatible.
    CompatibleVersion,
    /// Several components export it, and all but the last import it as well: each is in front of the next.
    Chain,
    /// Several components export it in compatible versions, and one has the highest.
    HighestVersion,
    /// A host plugin has the interface in a compatible version.
    HostPlugin,
    /// Types alone are imported, and they need nobody. This goes before all rules but the explicit row.
    TypesAlone,
}

/// Something that has what is imported, and was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct NotTaken {
    /// What could have been linked to.
    pub target: LinkTarget,
    /// Its version.
    pub version: Option<String>,
    /// Why not.
    pub reason: Reason,
}

/// Why a candidate was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Reason {
    /// A `[[links]]` row chose something else.
    RowChoseAnother,
    /// Components of the workload go before the host.
    ComponentsFirst,
    /// The one that was taken has a higher version.
    LowerVersion,
    /// It is further along the chain, behind the one that was taken.
    BehindInChain,
    /// It is further up in the chain, in front of the component that imports.
    BeforeInChain,
    /// It is the component that imports, which is never linked to itself.
    Itself,
    /// Its version is not compatible.
    OtherVersion,
    /// Its types are not those that are imported.
    Mismatch(Mismatch),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::RowChoseAnother => f.write_str("a [[links]] row says otherwise"),
            Self::ComponentsFirst => f.write_str("components go before the host"),
            Self::LowerVersion => f.write_str("another has a higher version"),
            Self::BehindInChain => f.write_str("it is behind the one taken, in the same chain"),
            Self::BeforeInChain => f.write_str("it is in front of this one, in the same chain"),
            Self::Itself => f.write_str("a component is never linked to itself"),
            Self::OtherVersion => f.write_str("its version is not compatible"),
            Self::Mismatch(mismatch) => write!(f, "its types differ: {mismatch}"),
        }
    }
}

impl fmt::Display for NotTaken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.target {
            LinkTarget::Component { name, export } => write!(f, "`{export}` of `{name}`")?,
            LinkTarget::Host { plugin } => {
                let version = self.version.as_ref().map(|version| format!(" in {version}"));
                write!(f, "the host ({plugin}){}", version.unwrap_or_default())?;
            }
            LinkTarget::Stub => f.write_str("a stub")?,
            LinkTarget::Types => f.write_str("nobody")?,
        }
        write!(f, " ({})", self.reason)
    }
}

impl NotTaken {
    /// The component that exports it, if it is one's.
    #[must_use]
    pub fn component(&self) -> Option<&ComponentName> {
        match &self.target {
            LinkTarget::Component { name, .. } => Some(name),
            _ => None,
        }
    }
}
