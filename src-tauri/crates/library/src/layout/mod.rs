//! An OCI image layout: a folder that is a registry.
//!
//! As the image specification's "OCI Image Layout" says: `oci-layout`, `index.json`, and `blobs/ALGORITHM/HEX`.
//! What is in the index has a name in the annotation `org.opencontainers.image.ref.name`; here that
//! is `NAME:TAG`, which its grammar allows, so that one folder can hold many components.
//!
//! Reading takes what other tools write; writing gives the same bytes for the same components.

mod write;

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use jackfield_component::Component;
use jackfield_protocol::Digest;
use serde::{Deserialize, Serialize};

use crate::artifact::{
    self, Annotations, Descriptor, Found, MAX_MANIFEST_IN_BYTES, ManifestProblem, annotation,
};
use crate::digest;
use crate::store::StoreError;

const MARKER: &str = "oci-layout";
const INDEX: &str = "index.json";
const LAYOUT_VERSION: &str = "1.0.0";

/// Lists of lists are followed this far; there is no use for more.
const MAX_DEPTH: usize = 3;

/// A folder in the form of an OCI image layout.
#[derive(Debug, Clone)]
pub struct Layout {
    root: PathBuf,
}

/// One component in a layout.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayoutEntry {
    /// The name, without the tag: `samples/square`. Empty if the layout gives a tag only.
    pub name: String,
    /// The tag; the manifest's short digest if it has none.
    pub tag: String,
    /// The manifest's digest.
    pub manifest: Digest,
    /// The component.
    pub digest: Digest,
    /// Its length.
    pub size_in_bytes: u64,
    /// The annotations of the manifest, and over them those of the index.
    pub annotations: Annotations,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Marker {
    image_layout_version: String,
}

/// The part of an image index that a layout uses; what else is in it stays in `others`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Index {
    schema_version: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    media_type: Option<String>,
    manifests: Vec<Descriptor>,
    #[serde(flatten)]
    others: std::collections::BTreeMap<String, serde_json::Value>,
}

impl Layout {
    /// Opens a layout that is there.
    ///
    /// # Errors
    /// If the folder is not an image layout.
    pub fn open(root: &Path) -> Result<Self, StoreError> {
        let layout = Self { root: root.to_owned() };
        let not_a_layout = |reason: String| StoreError::NotALayout { path: root.to_owned(), reason };
        let bytes = match layout.read_bounded(&root.join(MARKER)) {
            Ok(bytes) => bytes,
            Err(error) => return Err(not_a_layout(format!("`{MARKER}` cannot be read: {error}"))),
        };
        let marker: Marker =
            serde_json::from_slice(&bytes).map_err(|error| not_a_layout(format!("`{MARKER}`: {error}")))?;
        if marker.image_layout_version != LAYOUT_VERSION {
            return Err(not_a_layout(format!(
                "version {}, not {LAYOUT_VERSION}",
                marker.image_layout_version
            )));
        }
        layout.index()?;
        Ok(layout)
    }

    /// The folder.
    #[must_use]
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// Every component, by name and tag. What is not a component is an error of its own, so that one
    /// bad manifest does not hide the others.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn list(&self) -> Result<Vec<Result<LayoutEntry, StoreError>>, StoreError> {
        let mut entries: Vec<_> = self.index()?.manifests.iter().map(|entry| self.entry(entry)).collect();
        entries.sort_by(|a, b| match (a, b) {
            (Ok(a), Ok(b)) => (&a.name, &a.tag, &a.manifest).cmp(&(&b.name, &b.tag, &b.manifest)),
            (a, b) => a.is_err().cmp(&b.is_err()),
        });
        Ok(entries)
    }

    /// The entry of a name and tag.
    ///
    /// # Errors
    /// If there is none, or if it is not a component.
    pub fn by_tag(&self, name: &str, tag: &str) -> Result<LayoutEntry, StoreError> {
        let wanted = |entry: &&Descriptor| split_ref_name(entry).is_some_and(|found| found == (name, tag));
        let index = self.index()?;
        let entry = index.manifests.iter().find(wanted);
        self.entry(entry.ok_or_else(|| StoreError::Unknown { name: format!("{name}:{tag}") })?)
    }

    /// The entry of a manifest's digest.
    ///
    /// # Errors
    /// If there is none, or if it is not a component.
    pub fn by_digest(&self, manifest: &Digest) -> Result<LayoutEntry, StoreError> {
        let index = self.index()?;
        let entry = index.manifests.iter().find(|entry| entry.digest == manifest.as_str());
        self.entry(entry.ok_or_else(|| StoreError::Unknown { name: manifest.to_string() })?)
    }

    /// Reads a component and checks its digest.
    ///
    /// # Errors
    /// If it is not there, or if its bytes are others.
    pub fn read(&self, digest: &Digest) -> Result<Component, StoreError> {
        let path = self.blob_path(digest)?;
        let bytes = fs::read(&path).map_err(|error| missing_or_io(error, digest, &path))?;
        self.check(digest, &path, &bytes)?;
        jackfield_component::read_bytes(bytes)
            .map_err(|error| StoreError::NotAComponent { digest: digest.clone(), problem: error.problem })
    }

    fn entry(&self, descriptor: &Descriptor) -> Result<LayoutEntry, StoreError> {
        let name = descriptor.annotations.get(annotation::REF_NAME).unwrap_or(&descriptor.digest);
        let refuse = |problem| StoreError::Manifest { name: name.clone(), problem, path: self.root.clone() };
        let manifest = digest::parse(&descriptor.digest)
            .ok_or_else(|| refuse(ManifestProblem::Digest(descriptor.digest.clone())))?;
        let mut layer = self.resolve(&manifest, &refuse)?;
        layer.annotations.extend(descriptor.annotations.clone());
        let (name, tag) = split_ref_name(descriptor).unwrap_or(("", manifest.short()));
        Ok(LayoutEntry {
            name: name.to_owned(),
            tag: tag.to_owned(),
            digest: layer.digest,
            size_in_bytes: layer.size_in_bytes,
            annotations: layer.annotations,
            manifest,
        })
    }

    fn resolve(
        &self,
        manifest: &Digest,
        refuse: &impl Fn(ManifestProblem) -> StoreError,
    ) -> Result<artifact::Layer, StoreError> {
        let mut digest = manifest.clone();
        for _ in 0..MAX_DEPTH {
            let path = self.blob_path(&digest)?;
            let bytes = self.read_bounded(&path).map_err(|error| missing_or_io(error, &digest, &path))?;
            self.check(&digest, &path, &bytes)?;
            match artifact::read(&bytes).map_err(refuse)? {
                Found::Component(layer) => return Ok(layer),
                Found::Elsewhere(next) => digest = next,
            }
        }
        Err(refuse(ManifestProblem::Malformed("a list of lists of lists".to_owned())))
    }

    fn index(&self) -> Result<Index, StoreError> {
        let path = self.root.join(INDEX);
        let not_a_layout = |reason: String| StoreError::NotALayout { path: self.root.clone(), reason };
        let bytes = self
            .read_bounded(&path)
            .map_err(|error| not_a_layout(format!("`{INDEX}` cannot be read: {error}")))?;
        serde_json::from_slice(&bytes).map_err(|error| not_a_layout(format!("`{INDEX}`: {error}")))
    }

    fn check(&self, digest: &Digest, path: &Path, bytes: &[u8]) -> Result<(), StoreError> {
        if digest::of(bytes) == *digest {
            return Ok(());
        }
        Err(StoreError::LayoutCorrupt { digest: digest.clone(), path: path.to_owned() })
    }

    /// Whatever is longer than a manifest may be is cut, and then does not parse or has another digest.
    fn read_bounded(&self, path: &Path) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        File::open(path)?.take(MAX_MANIFEST_IN_BYTES).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    fn blob_path(&self, digest: &Digest) -> Result<PathBuf, StoreError> {
        let hex = digest::hex(digest).ok_or_else(|| StoreError::Missing { digest: digest.clone() })?;
        Ok(self.blobs().join(hex))
    }

    fn blobs(&self) -> PathBuf {
        self.root.join("blobs").join("sha256")
    }
}

fn missing_or_io(error: io::Error, digest: &Digest, path: &Path) -> StoreError {
    match error.kind() {
        io::ErrorKind::NotFound => StoreError::Missing { digest: digest.clone() },
        _ => StoreError::io(path)(error),
    }
}

/// `NAME:TAG` taken apart; what has no colon is a tag, as other tools write it.
fn split_ref_name(descriptor: &Descriptor) -> Option<(&str, &str)> {
    let text = descriptor.annotations.get(annotation::REF_NAME)?;
    // A colon before the last slash belongs to a host's port.
    Some(match text.rsplit_once(':') {
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ if text.contains('/') => (text, "latest"),
        _ => ("", text),
    })
}
