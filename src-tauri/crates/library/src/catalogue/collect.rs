//! Making a catalogue.

use std::collections::BTreeMap;
use std::sync::Arc;

use jackfield_protocol::ComponentInfo;

use super::{Catalogue, Entry, InfoCache, Origin, Version};
use crate::artifact::{Annotations, annotation};
use crate::layout::{Layout, LayoutEntry};
use crate::library::Mount;
use crate::reference::RegistryReference;
use crate::store::{AliasTarget, Index, ReferenceRecord, Store, StoreError};

/// What the store and the mounts hold.
pub(crate) fn collect(store: &Store, mounts: &[Mount], cache: &InfoCache) -> Result<Catalogue, StoreError> {
    let index = store.index()?;
    let mut versions: BTreeMap<String, Vec<Version>> = BTreeMap::new();
    for (key, record) in &index.references {
        let Ok(reference) = key.parse::<RegistryReference>() else { continue };
        let version = of_reference(store, cache, &index, &reference, record);
        versions.entry(reference.name()).or_default().push(version);
    }
    for (alias, version) in of_aliases(store, cache, &index) {
        versions.entry(alias).or_default().push(version);
    }
    let mut problems = Vec::new();
    for mount in mounts {
        match mount.layout.list() {
            Ok(entries) => {
                for entry in entries {
                    match entry {
                        Ok(entry) => {
                            let name = format!("{}/{}", mount.name, entry.name);
                            versions.entry(name).or_default().push(of_layout(mount, cache, entry));
                        }
                        Err(error) => problems.push(error.to_string()),
                    }
                }
            }
            Err(error) => problems.push(error.to_string()),
        }
    }
    let entries = versions.into_iter().map(|(name, mut versions)| {
        versions.sort_by(Version::order);
        Entry { name, versions }
    });
    Ok(Catalogue { entries: entries.collect(), problems })
}

fn of_reference(
    store: &Store,
    cache: &InfoCache,
    index: &Index,
    reference: &RegistryReference,
    record: &ReferenceRecord,
) -> Version {
    let (info, problem) = split(in_store(store, cache, &record.digest));
    let key = reference.to_string();
    let is_own = |target: &AliasTarget| matches!(target, AliasTarget::Reference(other) if *other == key);
    let aliases = index.aliases.iter().filter(|(_, alias)| is_own(&alias.target));
    Version {
        tag: reference.tag().unwrap_or(record.manifest.short()).to_owned(),
        origin: Origin::Store,
        digest: record.digest.clone(),
        size_in_bytes: record.size_in_bytes,
        aliases: aliases.map(|(name, _)| name.clone()).collect(),
        added_at_millis: Some(record.added_at_millis),
        title: annotation_of(&record.annotations, annotation::TITLE),
        description: annotation_of(&record.annotations, annotation::DESCRIPTION),
        source: key,
        info,
        problem,
    }
}

/// An alias of a reference is shown there; one of a component stands for itself.
fn of_aliases(store: &Store, cache: &InfoCache, index: &Index) -> Vec<(String, Version)> {
    let mut found = Vec::new();
    for (name, alias) in &index.aliases {
        let AliasTarget::Digest(digest) = &alias.target else { continue };
        let (info, problem) = split(in_store(store, cache, digest));
        let version = Version {
            tag: digest.short().to_owned(),
            source: name.clone(),
            origin: Origin::Store,
            size_in_bytes: info.as_ref().map_or(0, |info| info.size_in_bytes),
            digest: digest.clone(),
            aliases: Vec::new(),
            title: None,
            description: alias.source.clone(),
            added_at_millis: Some(alias.set_at_millis),
            info,
            problem,
        };
        found.push((name.clone(), version));
    }
    found
}

fn of_layout(mount: &Mount, cache: &InfoCache, entry: LayoutEntry) -> Version {
    let (info, problem) = split(in_layout(&mount.layout, cache, &entry));
    let reference = mount.reference(&entry);
    Version {
        title: annotation_of(&entry.annotations, annotation::TITLE),
        description: annotation_of(&entry.annotations, annotation::DESCRIPTION),
        tag: entry.tag,
        source: reference,
        origin: Origin::Mount(mount.name.clone()),
        digest: entry.digest,
        size_in_bytes: entry.size_in_bytes,
        aliases: Vec::new(),
        added_at_millis: None,
        info,
        problem,
    }
}

fn in_store(
    store: &Store,
    cache: &InfoCache,
    digest: &jackfield_protocol::Digest,
) -> Result<ComponentInfo, StoreError> {
    if !store.holds(digest) {
        return Err(StoreError::Missing { digest: digest.clone() });
    }
    cache.info(digest, || store.read(digest))
}

fn in_layout(layout: &Layout, cache: &InfoCache, entry: &LayoutEntry) -> Result<ComponentInfo, StoreError> {
    cache.info(&entry.digest, || layout.read(&entry.digest))
}

fn split(info: Result<ComponentInfo, StoreError>) -> (Option<Arc<ComponentInfo>>, Option<String>) {
    match info {
        Ok(info) => (Some(Arc::new(info)), None),
        Err(error) => (None, Some(error.to_string())),
    }
}

fn annotation_of(annotations: &Annotations, key: &str) -> Option<String> {
    annotations.get(key).filter(|text| !text.is_empty()).cloned()
}
