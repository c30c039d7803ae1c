//! The library: components in OCI registries, the ones that were fetched from there, and what there is to
//! know about them.
//!
//! | module | what it is for |
//! |---|---|
//! | `library` | [`Library`]: the store and the mounted layouts as one |
//! | `reference` | [`RegistryReference`]: `oci://host/repository:tag` |
//! | `registry` | [`registry::pull`], [`registry::push`], [`registry::list_tags`], and what can go wrong |
//! | `credentials` | [`Credentials`], also from docker's configuration |
//! | `artifact` | a component's manifest and config, as registries keep them |
//! | `store` | [`Store`]: components by digest, references and aliases, in a folder |
//! | `layout` | [`Layout`]: an OCI image layout, a folder that is a registry |
//! | `catalogue` | [`Catalogue`]: what there is, and searching it |
//! | `files`, `digest` | whole files or none, locks between processes; digests that are safe to use |
//!
//! What always holds: bytes are only ever given out with the digest that was asked for, and whatever has
//! been pulled once can be opened without a network. Whatever a registry, a layout or a damaged disk
//! holds, the answer is a component or an error that says what to do.
//!
//! The crate must never know Wasmtime, workloads, the window, or Tauri. It does not decide which folder is
//! the user's: the caller names it.

mod artifact;
#[cfg(feature = "registry")]
mod catalogue;
#[cfg(feature = "registry")]
mod credentials;
mod digest;
mod files;
mod layout;
#[cfg(feature = "registry")]
mod library;
mod reference;
#[cfg(feature = "registry")]
pub mod registry;
mod store;

pub use artifact::{Annotations, ManifestProblem, annotation};
#[cfg(feature = "registry")]
pub use catalogue::{Catalogue, Entry, Origin, Query, Version};
#[cfg(feature = "registry")]
pub use credentials::{Credentials, CredentialsError};
pub use layout::{Layout, LayoutEntry};
#[cfg(feature = "registry")]
pub use library::{AbsentMount, Library, Mount, ResolveError};
pub use reference::{ReferenceError, ReferenceProblem, RegistryReference, SCHEME};
#[cfg(feature = "registry")]
pub use registry::{Access, OnProgress, Progress, Pulled, Pushed, RegistryError, Step};
pub use store::{AliasRecord, AliasTarget, BlobWriter, Index, ReferenceRecord, Store, StoreError, Unused};
