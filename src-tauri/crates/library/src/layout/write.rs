//! Adding components to an image layout.

use std::fs;
use std::path::Path;

use jackfield_component::Component;

use super::{INDEX, Index, LAYOUT_VERSION, Layout, LayoutEntry, MARKER, Marker};
use crate::artifact::{self, Annotations, Descriptor, INDEX_TYPE, MANIFEST_TYPE, annotation};
use crate::files::{self, Lock};
use crate::store::StoreError;
use crate::{RegistryReference, digest};

impl Layout {
    /// Opens the layout in a folder, and makes an empty one if there is none.
    ///
    /// # Errors
    /// If the folder cannot be written, or has something else in it.
    pub fn create(root: &Path) -> Result<Self, StoreError> {
        let layout = Self { root: root.to_owned() };
        fs::create_dir_all(layout.blobs()).map_err(StoreError::io(root))?;
        let marker = root.join(MARKER);
        if !marker.exists() {
            // The marker comes last: what has one is whole.
            layout.save(&Index {
                schema_version: 2,
                media_type: Some(INDEX_TYPE.to_owned()),
                manifests: Vec::new(),
                others: Default::default(),
            })?;
            layout.write_json(&marker, &Marker { image_layout_version: LAYOUT_VERSION.to_owned() })?;
        }
        Self::open(root)
    }

    /// Adds a component under a name and a tag, in place of what may have had them.
    ///
    /// # Errors
    /// If name or tag are not fit for a reference, or if the folder cannot be written.
    pub fn add(
        &self,
        component: &Component,
        name: &str,
        tag: &str,
        annotations: &Annotations,
    ) -> Result<LayoutEntry, StoreError> {
        let ref_name = format!("{name}:{tag}");
        if format!("oci://host/{ref_name}").parse::<RegistryReference>().is_err() {
            return Err(StoreError::BadName { name: ref_name });
        }
        // The marker is there anyway, and a lock does not change it.
        let marker = self.root.join(MARKER);
        let _lock = Lock::acquire(&marker).map_err(StoreError::io(&marker))?;
        files::sweep(&self.root).map_err(StoreError::io(&self.root))?;
        let packed = artifact::pack(component, annotations)
            .map_err(|error| StoreError::io(&self.root)(error.into()))?;
        self.write_blob(component.bytes())?;
        self.write_blob(&packed.config)?;
        self.write_blob(&packed.manifest)?;
        let manifest = digest::of(&packed.manifest);
        let mut entry = Descriptor::new(MANIFEST_TYPE, &manifest, packed.manifest.len() as u64);
        entry.annotations.insert(annotation::REF_NAME.to_owned(), ref_name);
        self.enter(entry)?;
        self.by_tag(name, tag)
    }

    /// The index is sorted by name, so that the order of adding does not show.
    fn enter(&self, entry: Descriptor) -> Result<(), StoreError> {
        let mut index = self.index()?;
        let name = |entry: &Descriptor| entry.annotations.get(annotation::REF_NAME).cloned();
        index.manifests.retain(|other| name(other) != name(&entry));
        index.manifests.push(entry);
        index.manifests.sort_by_key(|entry| (name(entry), entry.digest.clone()));
        self.save(&index)
    }

    fn save(&self, index: &Index) -> Result<(), StoreError> {
        self.write_json(&self.root.join(INDEX), index)
    }

    fn write_json(&self, path: &Path, value: &impl serde::Serialize) -> Result<(), StoreError> {
        let text = serde_json::to_vec_pretty(value).map_err(|error| StoreError::io(path)(error.into()))?;
        files::write(&self.root, path, &text).map_err(StoreError::io(path))
    }

    fn write_blob(&self, bytes: &[u8]) -> Result<(), StoreError> {
        let path = self.blob_path(&digest::of(bytes))?;
        let is_there = fs::read(&path).is_ok_and(|present| present == bytes);
        if is_there { Ok(()) } else { files::write(&self.root, &path, bytes).map_err(StoreError::io(&path)) }
    }
}
