//! Components, references, and transfers that nobody watches.

use jackfield_component::{Component, read_bytes};
use jackfield_library::{
    Access, Annotations, Progress, Pushed, RegistryError, RegistryReference, Store, registry,
};
use jackfield_protocol::Digest;
use tokio_util::sync::CancellationToken;

/// A component that exports an interface of this name, and says nothing more.
pub(crate) fn component(export: &str) -> Component {
    let text = format!(
        r#"(component
            (core module $m (func (export "f")))
            (core instance $i (instantiate $m))
            (func $f (canon lift (core func $i "f")))
            (instance $e (export "f" (func $f)))
            (export "{export}" (instance $e)))"#
    );
    read_bytes(wat::parse_str(text).unwrap()).unwrap()
}

/// A component of at least this length, different for each seed.
pub(crate) fn large_component(size_in_bytes: usize, seed: u64) -> Component {
    let mut bytes = component("test:large/one@1.0.0").bytes().to_vec();
    let mut state = seed.wrapping_mul(2).wrapping_add(1);
    let mut noise = Vec::from(*b"\x05noise");
    while noise.len() < size_in_bytes {
        // A linear congruential generator: bytes that differ are all that is needed.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        noise.extend(state.to_be_bytes());
    }
    bytes.push(0);
    push_leb128(&mut bytes, noise.len());
    bytes.extend(noise);
    read_bytes(bytes).unwrap()
}

pub(crate) fn digest_of(bytes: &[u8]) -> Digest {
    use sha2::Digest as _;
    Digest::from_sha256(sha2::Sha256::digest(bytes).into())
}

fn push_leb128(bytes: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        bytes.push(u8::try_from(value & 0x7f).unwrap() | 0x80);
        value >>= 7;
    }
    bytes.push(u8::try_from(value).unwrap());
}

pub(crate) fn reference(text: &str) -> RegistryReference {
    text.parse().unwrap()
}

pub(crate) async fn pull(store: &Store, from: &RegistryReference) -> Result<registry::Pulled, RegistryError> {
    pull_as(store, from, &Access::default()).await
}

pub(crate) async fn pull_as(
    store: &Store,
    from: &RegistryReference,
    access: &Access,
) -> Result<registry::Pulled, RegistryError> {
    registry::pull(store, from, access, &CancellationToken::new(), &|_: Progress| ()).await
}

pub(crate) async fn push(component: &Component, to: &RegistryReference) -> Result<Pushed, RegistryError> {
    push_as(component, to, &Access::default()).await
}

pub(crate) async fn push_as(
    component: &Component,
    to: &RegistryReference,
    access: &Access,
) -> Result<Pushed, RegistryError> {
    let annotations = Annotations::new();
    registry::push(component, to, &annotations, access, &CancellationToken::new(), &|_: Progress| ()).await
}

/// A store that vanishes with its folder.
pub(crate) fn store() -> (tempfile::TempDir, Store) {
    let folder = tempfile::tempdir().unwrap();
    let store = Store::open(folder.path()).unwrap();
    (folder, store)
}

/// That a failed transfer left nothing behind.
pub(crate) fn assert_empty(store: &Store) {
    let count = |folder: &str| std::fs::read_dir(store.root().join(folder)).unwrap().count();
    assert_eq!((count("blobs/sha256"), count("unfinished")), (0, 0));
    assert!(store.index().unwrap().references.is_empty());
}
