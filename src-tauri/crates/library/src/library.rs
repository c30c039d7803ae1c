//! The library as a whole: one store, and the layouts that are mounted beside it.

use std::path::{Path, PathBuf};

use jackfield_component::Component;
use jackfield_protocol::{Error, ErrorKind};
use tokio_util::sync::CancellationToken;

use crate::artifact::Annotations;
use crate::catalogue::{Catalogue, InfoCache, collect};
use crate::layout::{Layout, LayoutEntry};
use crate::reference::{ReferenceError, RegistryReference, SCHEME};
use crate::registry::{self, Access, OnProgress, Pushed, RegistryError};
use crate::store::{AliasTarget, Store, StoreError, now_millis};

/// A store and the layouts mounted beside it.
#[derive(Debug, Clone)]
pub struct Library {
    store: Store,
    cache: InfoCache,
    mounts: Vec<Mount>,
    absent: Vec<AbsentMount>,
}

/// An image layout that takes the place of a registry's host.
#[derive(Debug, Clone)]
pub struct Mount {
    /// What stands for the host in references: `samples` in `oci://samples/square:0.1.0`.
    pub name: String,
    /// The folder.
    pub layout: Layout,
}

/// An image layout that should take the place of a registry's host, and cannot be had.
#[derive(Debug, Clone)]
pub struct AbsentMount {
    /// What stands for the host in references.
    pub name: String,
    /// What is wrong: `the folder is not there`.
    pub problem: String,
    /// What to do about it.
    pub remedy: String,
}

/// Why a source means no component.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// It looks like a reference and is not one.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// It was never pulled.
    #[error("not in the library yet: {reference}")]
    NotPulled {
        /// The reference.
        reference: RegistryReference,
    },
    /// The store or the layout is in the way.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<ResolveError> for Error {
    fn from(error: ResolveError) -> Self {
        match error {
            ResolveError::Reference(error) => RegistryError::Reference(error).into(),
            ResolveError::Store(error) => error.into(),
            ResolveError::NotPulled { ref reference } => Self::new(ErrorKind::Request, error.to_string())
                .with_help(format!("fetch it first: `jack library pull {reference}`"))
                .with_pull(reference.to_string()),
        }
    }
}

impl Mount {
    /// How a workload file names an entry of the layout.
    #[must_use]
    pub fn reference(&self, entry: &LayoutEntry) -> String {
        let is_tagged = entry.annotations.contains_key(crate::annotation::REF_NAME);
        if is_tagged {
            format!("{SCHEME}{}/{}:{}", self.name, entry.name, entry.tag)
        } else {
            format!("{SCHEME}{}/{}@{}", self.name, "untagged", entry.manifest)
        }
    }

    fn entry(&self, reference: &RegistryReference) -> Result<LayoutEntry, StoreError> {
        match (reference.digest(), reference.tag()) {
            (Some(manifest), _) => self.layout.by_digest(manifest),
            (None, tag) => self.layout.by_tag(reference.repository(), tag.unwrap_or("latest")),
        }
    }
}

impl Library {
    /// Opens the library in a folder, which is made if need be.
    ///
    /// # Errors
    /// If the folder cannot be written.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        let store = Store::open(folder)?;
        Ok(Self { cache: InfoCache::new(folder), store, mounts: Vec::new(), absent: Vec::new() })
    }

    /// The components on this machine.
    #[must_use]
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The mounted layouts, in the order of mounting.
    #[must_use]
    pub fn mounts(&self) -> &[Mount] {
        &self.mounts
    }

    /// Lets an image layout answer for a host, in place of what may have done so.
    ///
    /// # Errors
    /// If the folder is not an image layout, or if a real host could have that name.
    pub fn mount(&mut self, name: &str, layout: &Path) -> Result<(), StoreError> {
        let is_plain =
            name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-');
        let is_host = format!("{SCHEME}{name}/a").parse::<RegistryReference>().is_ok();
        if !is_plain || !is_host || name == "localhost" {
            return Err(StoreError::BadName { name: name.to_owned() });
        }
        let mount = Mount { name: name.to_owned(), layout: Layout::open(layout)? };
        self.mounts.retain(|other| other.name != name);
        self.absent.retain(|other| other.name != name);
        self.mounts.push(mount);
        Ok(())
    }

    /// Lets references to a layout that cannot be mounted say so. No registry is asked for them: what would
    /// come from a real host of that name is not what they mean.
    pub fn miss(&mut self, absent: AbsentMount) {
        self.absent.push(absent);
    }

    /// The component that a workload file's `source` means, without a network: an alias or a reference.
    ///
    /// # Errors
    /// If it is not here.
    pub fn resolve(&self, source: &str) -> Result<Component, ResolveError> {
        if !source.starts_with(SCHEME) {
            let unknown = || StoreError::Unknown { name: source.to_owned() };
            let index = self.store.index()?;
            let digest = index.alias_digest(source).ok_or_else(unknown)?;
            return Ok(self.store.read(digest)?);
        }
        let reference: RegistryReference = source.parse()?;
        if let Some(mount) = self.mount_of(&reference)? {
            return Ok(mount.layout.read(&mount.entry(&reference)?.digest)?);
        }
        match self.store.find(&reference)? {
            Some(record) => Ok(self.store.read(&record.digest)?),
            None => Err(ResolveError::NotPulled { reference }),
        }
    }

    /// Stores the component in a file, under an alias.
    ///
    /// # Errors
    /// If the file is not a component, or if the alias cannot be one.
    pub fn add_file(&self, path: &Path, alias: &str) -> Result<Component, Error> {
        let component = jackfield_component::read_file(path)?;
        let digest = component.info().digest.clone();
        let source = std::path::absolute(path).unwrap_or_else(|_| PathBuf::from(path));
        // Component and name come in one step, so that no clean-up comes between them.
        crate::store::check_alias(alias)?;
        self.store.add(&component, |index| {
            let record = crate::store::AliasRecord {
                target: AliasTarget::Digest(digest),
                set_at_millis: now_millis(),
                source: Some(source.display().to_string()),
            };
            index.set_alias(alias.to_owned(), record);
        })?;
        Ok(component)
    }

    /// Fetches a component into the store; one of a mounted layout is there already.
    ///
    /// # Errors
    /// Whatever is in the way; see [`registry::pull`].
    pub async fn pull(
        &self,
        reference: &RegistryReference,
        access: &Access,
        cancel: &CancellationToken,
        on_progress: OnProgress<'_>,
    ) -> Result<Component, RegistryError> {
        if let Some(mount) = self.mount_of(reference)? {
            return Ok(mount.layout.read(&mount.entry(reference)?.digest)?);
        }
        registry::pull(&self.store, reference, access, cancel, on_progress)
            .await
            .map(|pulled| pulled.component)
    }

    /// Sends a component to a registry, or adds it to a mounted layout.
    ///
    /// # Errors
    /// Whatever is in the way; see [`registry::push`].
    pub async fn push(
        &self,
        component: &Component,
        reference: &RegistryReference,
        annotations: &Annotations,
        access: &Access,
        cancel: &CancellationToken,
        on_progress: OnProgress<'_>,
    ) -> Result<Pushed, RegistryError> {
        let Some(mount) = self.mount_of(reference)? else {
            return registry::push(component, reference, annotations, access, cancel, on_progress).await;
        };
        let tag = reference.tag().unwrap_or("latest");
        let entry = mount.layout.add(component, reference.repository(), tag, annotations)?;
        Ok(Pushed { reference: reference.with_digest(entry.manifest.clone()), manifest: entry.manifest })
    }

    /// The tags of a repository, in a registry or in a mounted layout.
    ///
    /// # Errors
    /// Whatever is in the way; see [`registry::list_tags`].
    pub async fn list_tags(
        &self,
        reference: &RegistryReference,
        access: &Access,
        cancel: &CancellationToken,
    ) -> Result<Vec<String>, RegistryError> {
        let Some(mount) = self.mount_of(reference)? else {
            return registry::list_tags(reference, access, cancel).await;
        };
        let entries = mount.layout.list()?.into_iter().flatten();
        let tags = entries.filter(|entry| entry.name == reference.repository()).map(|entry| entry.tag);
        Ok(tags.collect())
    }

    /// Everything that the library holds, as of now.
    ///
    /// # Errors
    /// If the store's index cannot be read.
    pub fn catalogue(&self) -> Result<Catalogue, StoreError> {
        collect(&self.store, &self.mounts, &self.cache)
    }

    fn mount_of(&self, reference: &RegistryReference) -> Result<Option<&Mount>, StoreError> {
        match self.absent.iter().find(|absent| absent.name == reference.host()) {
            Some(AbsentMount { name, problem, remedy }) => Err(StoreError::NotMounted {
                name: name.clone(),
                problem: problem.clone(),
                remedy: remedy.clone(),
            }),
            None => Ok(self.mounts.iter().find(|mount| mount.name == reference.host())),
        }
    }
}
