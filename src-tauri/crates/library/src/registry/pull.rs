//! Fetching a component into the store.

use std::time::Duration;

use futures_util::StreamExt as _;
use jackfield_component::{Component, MAX_COMPONENT_IN_BYTES};
use jackfield_protocol::Digest;
use oci_client::client::LayerDescriptor;
use tokio::task::spawn_blocking;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use super::client::{Session, run};
use super::refusal::Asked;
use super::{Access, OnProgress, Progress, RegistryError, Step};
use crate::artifact::{self, Found, Layer, ManifestProblem};
use crate::digest;
use crate::reference::RegistryReference;
use crate::store::{BlobWriter, ReferenceRecord, Store, StoreError, now_millis};

/// For a manifest as a whole: it is at most a few megabytes.
const MANIFEST_LIMIT: Duration = Duration::from_secs(60);
const MAX_LISTS: usize = 3;

/// A component that was fetched, or that was there already.
#[derive(Debug, Clone)]
pub struct Pulled {
    /// The component, which is now in the store.
    pub component: Component,
    /// What the store notes about the reference, which keeps its time if it meant the component already.
    pub record: ReferenceRecord,
    /// How much of the component was transferred: nothing if the store had it.
    pub transferred_in_bytes: u64,
}

/// Fetches the component that a reference means, checks it, and stores it under that reference.
///
/// The manifest is always asked for, as a tag can move; the component itself is only transferred if the
/// store does not have it.
///
/// # Errors
/// Whatever is in the way. The store is then as it was before; only if it was cancelled in its last moment, the
/// component may have come in whole.
pub async fn pull(
    store: &Store,
    reference: &RegistryReference,
    access: &Access,
    cancel: &CancellationToken,
    on_progress: OnProgress<'_>,
) -> Result<Pulled, RegistryError> {
    run(reference, cancel, async {
        let session = Session::new(reference, access)?;
        on_progress(Progress { step: Step::Resolving, done_in_bytes: 0, total_in_bytes: 0 });
        let (manifest, layer) = session.resolve().await?;
        session.check_size(&layer, access)?;
        let record = ReferenceRecord {
            digest: layer.digest.clone(),
            manifest,
            size_in_bytes: layer.size_in_bytes,
            added_at_millis: now_millis(),
            annotations: layer.annotations.clone(),
        };
        if let Some(component) = session.take_present(store, &record).await? {
            return Ok(Pulled { component, record, transferred_in_bytes: 0 });
        }
        let blob = session.download(store, &layer, on_progress).await?;
        let total_in_bytes = layer.size_in_bytes;
        on_progress(Progress { step: Step::Finishing, done_in_bytes: total_in_bytes, total_in_bytes });
        let component = session.keep(store, blob, record.clone()).await?;
        Ok(Pulled { component, record, transferred_in_bytes: total_in_bytes })
    })
    .await
}

impl Session {
    /// The manifest that the reference means, and the component in it.
    async fn resolve(&self) -> Result<(Digest, Layer), RegistryError> {
        let mut target = self.target.clone();
        let mut first = None;
        for _ in 0..MAX_LISTS {
            let request = self.client.pull_manifest_raw(&target, &self.auth, &artifact::ACCEPTED);
            let (bytes, _) = timeout(MANIFEST_LIMIT, request)
                .await
                .map_err(|_| RegistryError::TimedOut { host: self.host() })?
                .map_err(|error| self.refusal(error, Asked::Manifest))?;
            let manifest = first.get_or_insert_with(|| digest::of(&bytes)).clone();
            // The client checks this as well; it is too important to rest on one pair of eyes.
            if let Some(expected) =
                target.digest().filter(|expected| *expected != digest::of(&bytes).as_str())
            {
                return Err(RegistryError::DigestMismatch {
                    host: self.host(),
                    expected: expected.to_owned(),
                });
            }
            match artifact::read(&bytes).map_err(|problem| self.bad_manifest(problem))? {
                Found::Component(layer) => return Ok((manifest, layer)),
                Found::Elsewhere(next) => target = target.clone_with_digest(next.to_string()),
            }
        }
        Err(self.bad_manifest(ManifestProblem::Malformed("a list of lists of lists".to_owned())))
    }

    fn bad_manifest(&self, problem: ManifestProblem) -> RegistryError {
        RegistryError::Manifest { problem, reference: self.reference.to_string() }
    }

    fn check_size(&self, layer: &Layer, access: &Access) -> Result<(), RegistryError> {
        let max_in_bytes = access.max_size_in_bytes.unwrap_or(u64::MAX).min(MAX_COMPONENT_IN_BYTES);
        let size_in_bytes = layer.size_in_bytes;
        if size_in_bytes <= max_in_bytes {
            return Ok(());
        }
        Err(RegistryError::TooLarge { reference: self.reference.to_string(), size_in_bytes, max_in_bytes })
    }

    /// Gives the reference to a component that the store has and that is whole.
    async fn take_present(
        &self,
        store: &Store,
        record: &ReferenceRecord,
    ) -> Result<Option<Component>, RegistryError> {
        let (store, record, key) = (store.clone(), record.clone(), self.reference.to_string());
        let take = move || {
            let component = store.read(&record.digest)?;
            let digest = record.digest.clone();
            store.name(&digest, |index| {
                index.set_reference(key, record);
            })?;
            Ok(component)
        };
        match in_background(take).await? {
            Ok(component) => Ok(Some(component)),
            // Fetched anew, it heals the store.
            Err(StoreError::Missing { .. } | StoreError::Corrupt { .. }) => Ok(None),
            Err(StoreError::NotAComponent { problem, .. }) => Err(self.not_a_component(problem)),
            Err(error) => Err(error.into()),
        }
    }

    async fn download(
        &self,
        store: &Store,
        layer: &Layer,
        on_progress: OnProgress<'_>,
    ) -> Result<BlobWriter, RegistryError> {
        let opened = store.clone();
        let mut blob = in_background(move || opened.begin()).await??;
        // Other addresses that a manifest may name for its content are not asked.
        let content = LayerDescriptor { digest: layer.digest.as_str(), urls: &None };
        let stream = self.client.pull_blob_stream(&self.target, &content).await;
        let mut stream = stream.map_err(|error| self.refusal(error, Asked::Content))?;
        let expected_in_bytes = layer.size_in_bytes;
        loop {
            let done_in_bytes = blob.size_in_bytes();
            on_progress(Progress {
                step: Step::Transferring,
                done_in_bytes,
                total_in_bytes: expected_in_bytes,
            });
            match stream.next().await {
                // Into the system's cache, which is quick; what waits for the disk comes later.
                Some(Ok(bytes)) => blob.write(&bytes).map_err(StoreError::io(store.root()))?,
                Some(Err(error)) => return Err(self.by_cause(&error, done_in_bytes)),
                None => break,
            }
            if blob.size_in_bytes() > expected_in_bytes {
                break;
            }
        }
        self.check_content(&blob, layer)?;
        Ok(blob)
    }

    fn check_content(&self, blob: &BlobWriter, layer: &Layer) -> Result<(), RegistryError> {
        let (expected_in_bytes, actual_in_bytes) = (layer.size_in_bytes, blob.size_in_bytes());
        if actual_in_bytes != expected_in_bytes {
            return Err(RegistryError::SizeMismatch {
                host: self.host(),
                expected_in_bytes,
                actual_in_bytes,
            });
        }
        if blob.digest() != layer.digest {
            return Err(RegistryError::DigestMismatch {
                host: self.host(),
                expected: layer.digest.to_string(),
            });
        }
        Ok(())
    }

    /// Only a component that can be read gets into the store.
    async fn keep(
        &self,
        store: &Store,
        mut blob: BlobWriter,
        record: ReferenceRecord,
    ) -> Result<Component, RegistryError> {
        let (store, key) = (store.clone(), self.reference.to_string());
        let keep = move || {
            let bytes = blob.read_back().map_err(StoreError::io(store.root()))?;
            let component = match jackfield_component::read_bytes(bytes) {
                Ok(component) => component,
                Err(error) => return Ok(Err(error.problem)),
            };
            store.keep(blob, |index| {
                index.set_reference(key, record);
            })?;
            Ok(Ok(component))
        };
        let kept: Result<_, StoreError> = in_background(keep).await?;
        kept?.map_err(|problem| self.not_a_component(problem))
    }

    fn not_a_component(&self, problem: jackfield_component::ReadProblem) -> RegistryError {
        RegistryError::NotAComponent { reference: self.reference.to_string(), problem }
    }
}

/// What waits for the disk, or computes for long, must not hold up other tasks.
pub(super) async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, RegistryError> {
    spawn_blocking(work).await.map_err(|error| {
        let path = std::path::Path::new("");
        StoreError::io(path)(std::io::Error::other(error)).into()
    })
}
