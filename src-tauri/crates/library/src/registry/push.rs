//! Sending a component to a registry.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use futures_util::stream;
use jackfield_component::Component;
use jackfield_protocol::Digest;
use oci_client::errors::OciDistributionError;
use tokio_util::sync::CancellationToken;

use super::client::{Session, run};
use super::refusal::Asked;
use super::{Access, OnProgress, Progress, RegistryError, Step};
use crate::artifact::{self, Annotations, MANIFEST_TYPE};
use crate::digest;
use crate::reference::RegistryReference;

/// What is sent in one request where the registry takes several.
const PIECE_IN_BYTES: usize = 1 << 20;

/// A component that a registry has taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pushed {
    /// The reference, bound to the manifest that was sent.
    pub reference: RegistryReference,
    /// The manifest's digest.
    pub manifest: Digest,
}

/// Sends a component, with a config and a manifest made from it, to where a reference says.
///
/// What the registry has already is not sent again. The tag is set last, so a transfer that ends in the
/// middle changes nothing that others can see.
///
/// # Errors
/// Whatever is in the way.
pub async fn push(
    component: &Component,
    reference: &RegistryReference,
    annotations: &Annotations,
    access: &Access,
    cancel: &CancellationToken,
    on_progress: OnProgress<'_>,
) -> Result<Pushed, RegistryError> {
    run(reference, cancel, async {
        let pushed = send(component, reference, annotations, access, on_progress, false).await;
        match pushed {
            Err(Failure::InPieces) => {
                send(component, reference, annotations, access, on_progress, true).await
            }
            pushed => pushed,
        }
        .map_err(|failure| failure.into_error(reference))
    })
    .await
}

enum Failure {
    /// The registry wants uploads in one piece.
    InPieces,
    Other(RegistryError),
}

impl Failure {
    fn into_error(self, reference: &RegistryReference) -> RegistryError {
        match self {
            Self::Other(error) => error,
            Self::InPieces => RegistryError::NotARegistry {
                host: reference.host().to_owned(),
                reason: "it takes uploads neither in several pieces nor in one".to_owned(),
            },
        }
    }
}

impl From<RegistryError> for Failure {
    fn from(error: RegistryError) -> Self {
        Self::Other(error)
    }
}

async fn send(
    component: &Component,
    reference: &RegistryReference,
    annotations: &Annotations,
    access: &Access,
    on_progress: OnProgress<'_>,
    in_one_piece: bool,
) -> Result<Pushed, Failure> {
    let session = Session::with_uploads(reference, access, in_one_piece)?;
    session.client.store_auth_if_needed(session.target.resolve_registry(), &session.auth).await;
    let packed = artifact::pack(component, annotations).map_err(|error| session.unpackable(&error))?;
    let total_in_bytes = component.info().size_in_bytes;
    on_progress(Progress { step: Step::Resolving, done_in_bytes: 0, total_in_bytes });
    let transferring = |done_in_bytes| Progress { step: Step::Transferring, done_in_bytes, total_in_bytes };
    session
        .upload(Bytes::from_owner(Content(component.clone())), &|done| on_progress(transferring(done)))
        .await?;
    session.upload(packed.config.into(), &|_| ()).await?;
    on_progress(Progress { step: Step::Finishing, done_in_bytes: total_in_bytes, total_in_bytes });
    let manifest = digest::of(&packed.manifest);
    session.announce(packed.manifest).await?;
    Ok(Pushed { reference: reference.with_digest(manifest.clone()), manifest })
}

/// A component's bytes, without a copy of them.
struct Content(Component);

impl AsRef<[u8]> for Content {
    fn as_ref(&self) -> &[u8] {
        self.0.bytes()
    }
}

impl Session {
    /// Sends content unless the registry has it.
    async fn upload(&self, content: Bytes, on_bytes: &(dyn Fn(u64) + Send + Sync)) -> Result<(), Failure> {
        let digest = digest::of(&content);
        on_bytes(0);
        // What cannot be asked is sent.
        if self.client.blob_exists(&self.target, digest.as_str()).await.unwrap_or(false) {
            return Ok(());
        }
        let sent = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&sent);
        let size_in_bytes = content.len() as u64;
        // A piece is asked for when the one before it has gone.
        let pieces = stream::iter((0..content.len()).step_by(PIECE_IN_BYTES).map(move |start| {
            let piece = content.slice(start..content.len().min(start + PIECE_IN_BYTES));
            counter.fetch_add(piece.len() as u64, Ordering::Relaxed);
            Ok(piece)
        }));
        let upload = self.client.push_blob_stream(&self.target, pieces, digest.as_str(), Some(size_in_bytes));
        tokio::pin!(upload);
        let result = loop {
            tokio::select! {
                result = &mut upload => break result,
                () = tokio::time::sleep(std::time::Duration::from_millis(50)) => {
                    on_bytes(sent.load(Ordering::Relaxed));
                }
            }
        };
        on_bytes(sent.load(Ordering::Relaxed));
        match result {
            Ok(_) => Ok(()),
            Err(OciDistributionError::SpecViolationError(_)) => Err(Failure::InPieces),
            Err(error) => {
                // The last piece that was asked for is the one that did not arrive.
                let gone_in_bytes = sent.load(Ordering::Relaxed).saturating_sub(PIECE_IN_BYTES as u64);
                Err(match self.refusal(error, Asked::Upload) {
                    RegistryError::CutOff { host, .. } => {
                        RegistryError::CutOff { host, done_in_bytes: gone_in_bytes }
                    }
                    other => other,
                }
                .into())
            }
        }
    }

    async fn announce(&self, manifest: Vec<u8>) -> Result<(), Failure> {
        let content_type = MANIFEST_TYPE.parse().map_err(|error| self.unpackable(&error))?;
        let result = self.client.push_manifest_raw(&self.target, manifest, content_type).await;
        result.map(|_| ()).map_err(|error| self.refusal(error, Asked::Upload).into())
    }

    fn unpackable(&self, error: &dyn std::error::Error) -> RegistryError {
        RegistryError::Server { host: self.host(), message: error.to_string() }
    }
}
