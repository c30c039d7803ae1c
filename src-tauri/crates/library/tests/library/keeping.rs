//! The store: names, changed bytes, and what nobody needs any more.

use std::fs;

use jackfield_library::{AbsentMount, AliasTarget, Index, Layout, Library, ResolveError, StoreError};
use jackfield_protocol::Error;

use crate::support::{component, store};

#[test]
fn changed_bytes_are_moved_away_and_can_be_stored_again() {
    let (_folder, store) = store();
    let square = component("math:ops/square@1.0.0");
    let digest = &square.info().digest;
    store.add(&square, |_| ()).unwrap();
    let hex = digest.as_str().strip_prefix("sha256:").unwrap();
    let blob = store.root().join("blobs/sha256").join(hex);
    fs::write(&blob, "changed").unwrap();

    let problems = store.check().unwrap();
    let [StoreError::Corrupt { moved_to, .. }] = problems.as_slice() else { panic!("{problems:?}") };
    assert_eq!(fs::read(moved_to).unwrap(), b"changed");
    assert!(matches!(store.read(digest), Err(StoreError::Missing { .. })));

    store.add(&square, |_| ()).unwrap();
    assert_eq!(store.read(digest).unwrap().bytes(), square.bytes());
    assert!(store.check().unwrap().is_empty());
}

#[test]
fn what_has_a_name_stays_and_the_rest_can_be_removed() {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(folder.path()).unwrap();
    let store = library.store();
    let (square, log) = (component("math:ops/square@1.0.0"), component("acme:log/log@1.0.0"));
    let file = folder.path().join("square.wasm");
    fs::write(&file, square.bytes()).unwrap();
    library.add_file(&file, "square").unwrap();
    store.add(&log, |_| ()).unwrap();
    assert_eq!(library.resolve("square").unwrap().bytes(), square.bytes());

    let unused = store.unused().unwrap();
    assert_eq!(unused.len(), 1);
    assert_eq!((&unused[0].digest, unused[0].size_in_bytes), (&log.info().digest, log.info().size_in_bytes));
    assert_eq!(store.remove_unused().unwrap(), unused);
    assert!(!store.holds(&log.info().digest));
    assert!(store.remove_unused().unwrap().is_empty());

    store.forget("square").unwrap();
    assert!(matches!(store.forget("square"), Err(StoreError::Unknown { .. })));
    assert!(matches!(library.resolve("square"), Err(ResolveError::Store(StoreError::Unknown { .. }))));
    assert_eq!(store.remove_unused().unwrap().len(), 1);
}

#[test]
fn a_name_keeps_its_time_while_it_means_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let library = Library::open(folder.path()).unwrap();
    let store = library.store();
    let (first, second) = (component("math:ops/square@1.0.0"), component("math:ops/square@2.0.0"));
    let file = folder.path().join("square.wasm");
    let set_at = || store.index().unwrap().aliases["square"].set_at_millis;
    fs::write(&file, first.bytes()).unwrap();
    library.add_file(&file, "square").unwrap();
    let long_ago = |index: &mut Index| index.aliases.get_mut("square").unwrap().set_at_millis = 5;
    store.name(&first.info().digest, long_ago).unwrap();
    library.add_file(&file, "square").unwrap();
    store.set_alias("square", AliasTarget::Digest(first.info().digest.clone()), None).unwrap();
    assert_eq!(set_at(), 5);
    fs::write(&file, second.bytes()).unwrap();
    library.add_file(&file, "square").unwrap();
    assert!(set_at() > 5);
}

#[test]
fn a_layout_that_cannot_be_had_is_not_taken_for_a_registry() {
    let folder = tempfile::tempdir().unwrap();
    let mut library = Library::open(folder.path()).unwrap();
    let (name, problem, remedy) = ("samples".to_owned(), "it is gone".to_owned(), "make it".to_owned());
    library.miss(AbsentMount { name, problem, remedy });
    let error = library.resolve("oci://samples/square:1").unwrap_err();
    assert!(matches!(error, ResolveError::Store(StoreError::NotMounted { .. })), "{error}");
    let error = Error::from(error);
    assert!(error.message.contains("it is gone"), "{error}");
    assert_eq!((error.help.as_deref(), error.pull), (Some("make it"), None));
    let other = Error::from(library.resolve("oci://registry.invalid/square:1").unwrap_err());
    assert_eq!(other.pull.as_deref(), Some("oci://registry.invalid/square:1"));

    Layout::create(&folder.path().join("layout")).unwrap();
    library.mount("samples", &folder.path().join("layout")).unwrap();
    let error = library.resolve("oci://samples/square:1").unwrap_err();
    assert!(matches!(error, ResolveError::Store(StoreError::Unknown { .. })), "{error}");
}

#[test]
fn names_that_could_mean_something_else_are_refused() {
    let (_folder, store) = store();
    let square = component("math:ops/square@1.0.0");
    store.add(&square, |_| ()).unwrap();
    let target = AliasTarget::Digest(square.info().digest.clone());
    for name in ["", "Square", "./square", "a/b", "oci:", "square.wasm", ".square", &"a".repeat(65)] {
        let result = store.set_alias(name, target.clone(), None);
        assert!(matches!(result, Err(StoreError::BadName { .. })), "{name}");
    }
    store.set_alias("square-1.0_x", target, None).unwrap();
    let nothing = AliasTarget::Reference("oci://host/a:1".into());
    assert!(matches!(store.set_alias("nothing", nothing, None), Err(StoreError::Unknown { .. })));
    let missing = AliasTarget::Digest(component("a:b/c@1.0.0").info().digest.clone());
    assert!(matches!(store.set_alias("missing", missing, None), Err(StoreError::Missing { .. })));
}

#[test]
fn a_damaged_or_newer_index_is_said_to_be_so_and_not_overwritten() {
    let (_folder, store) = store();
    let index = store.root().join("index.json");
    let path_in_digest = r#"{"format": 1, "references": {}, "aliases":
        {"a": {"target": {"digest": "sha256:../../x"}, "set-at-millis": 0, "source": null}}}"#;
    for (text, expected) in
        [("{", "damaged"), ("[]", "damaged"), (path_in_digest, "damaged"), (r#"{"format": 9}"#, "newer")]
    {
        fs::write(&index, text).unwrap();
        let error = store.index().unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
        assert!(store.add(&component("a:b/c@1.0.0"), |index| index.aliases.clear()).is_err());
        assert_eq!(fs::read_to_string(&index).unwrap(), text);
    }
}
