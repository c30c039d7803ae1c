//! The store's list of names: what each reference and each alias means.
//!
//! One JSON file, replaced as a whole and only under the store's lock, read without it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io;
use std::path::Path;

use jackfield_protocol::Digest;
use serde::{Deserialize, Serialize};

use super::StoreError;
use crate::artifact::Annotations;
use crate::{digest, files};

const FORMAT: u32 = 1;

/// What is known about a reference that was pulled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ReferenceRecord {
    /// The component.
    pub digest: Digest,
    /// The manifest that led to it.
    pub manifest: Digest,
    /// The component's length.
    pub size_in_bytes: u64,
    /// When the reference first meant this component here, in milliseconds since 1970, UTC. Pulling the same
    /// again does not change it.
    #[serde(alias = "pulled-at-millis")]
    pub added_at_millis: u64,
    /// The manifest's annotations.
    #[serde(default)]
    pub annotations: Annotations,
}

/// What an alias stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct AliasRecord {
    /// What it means.
    pub target: AliasTarget,
    /// When it was given this meaning, in milliseconds since 1970, UTC. Giving it the same again does not
    /// change it.
    pub set_at_millis: u64,
    /// Where the component came from, if it was not pulled: the path of a file.
    pub source: Option<String>,
}

/// What an alias means.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AliasTarget {
    /// Whatever the reference means, also after it is pulled anew.
    Reference(String),
    /// Always this component.
    Digest(Digest),
}

/// Every name in the store.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Index {
    format: u32,
    /// By reference, as it is written in a workload file.
    pub references: BTreeMap<String, ReferenceRecord>,
    /// By alias.
    pub aliases: BTreeMap<String, AliasRecord>,
}

impl Index {
    pub(super) fn load(path: &Path) -> Result<Self, StoreError> {
        let bytes = match fs::read(path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Self::default()),
            Err(error) => return Err(StoreError::io(path)(error)),
        };
        let damaged = |reason| StoreError::Damaged { path: path.to_owned(), reason };
        let value: serde_json::Value =
            serde_json::from_slice(&bytes).map_err(|error| damaged(error.to_string()))?;
        match value.get("format").and_then(serde_json::Value::as_u64) {
            Some(format) if format > u64::from(FORMAT) => {
                let format = u32::try_from(format).unwrap_or(u32::MAX);
                return Err(StoreError::Newer { path: path.to_owned(), format });
            }
            _ => {}
        }
        let index: Self = serde_json::from_value(value).map_err(|error| damaged(error.to_string()))?;
        if let Some(digest) = index.digests().find(|digest| digest::hex(digest).is_none()) {
            return Err(damaged(format!("`{digest}` is not a digest")));
        }
        Ok(index)
    }

    pub(super) fn save(&mut self, unfinished: &Path, path: &Path) -> Result<(), StoreError> {
        self.format = FORMAT;
        let text = serde_json::to_vec_pretty(self).map_err(|error| StoreError::io(path)(error.into()))?;
        files::write(unfinished, path, &text).map_err(StoreError::io(path))
    }

    /// Notes what a reference means.
    pub fn set_reference(&mut self, reference: String, mut record: ReferenceRecord) {
        let known = self.references.get(&reference).filter(|known| known.digest == record.digest);
        if let Some(known) = known {
            record.added_at_millis = known.added_at_millis;
        }
        self.references.insert(reference, record);
    }

    /// Notes what an alias means.
    pub fn set_alias(&mut self, alias: String, mut record: AliasRecord) {
        let known = self.aliases.get(&alias).filter(|known| known.target == record.target);
        if let Some(known) = known {
            record.set_at_millis = known.set_at_millis;
        }
        self.aliases.insert(alias, record);
    }

    /// The component that an alias means.
    #[must_use]
    pub fn alias_digest(&self, alias: &str) -> Option<&Digest> {
        match &self.aliases.get(alias)?.target {
            AliasTarget::Reference(reference) => self.references.get(reference).map(|record| &record.digest),
            AliasTarget::Digest(digest) => Some(digest),
        }
    }

    /// The components that some name means.
    pub(super) fn used(&self) -> BTreeSet<Digest> {
        self.digests().cloned().collect()
    }

    fn digests(&self) -> impl Iterator<Item = &Digest> {
        let aliased = self.aliases.values().filter_map(|alias| match &alias.target {
            AliasTarget::Digest(digest) => Some(digest),
            AliasTarget::Reference(_) => None,
        });
        self.references.values().map(|record| &record.digest).chain(aliased)
    }
}
