//! The catalogue over a store and a mounted layout.

use std::fs;

use jackfield_library::{Annotations, Layout, Library, Origin, annotation};

use crate::support::component;

#[test]
fn the_catalogue_shows_and_finds_what_store_and_mounts_hold() {
    let [folder, samples] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let (square, root) = (component("math:ops/square@1.0.0"), component("math:ops/square-root@1.0.0"));
    let layout = Layout::create(samples.path()).unwrap();
    let describe = |text: &str| Annotations::from([(annotation::DESCRIPTION.to_owned(), text.to_owned())]);
    layout.add(&square, "square", "0.9.0", &Annotations::new()).unwrap();
    layout.add(&square, "square", "0.10.0", &describe("Multiplies by itself")).unwrap();
    layout.add(&root, "square-root", "0.1.0", &Annotations::new()).unwrap();

    let mut library = Library::open(folder.path()).unwrap();
    library.mount("samples", samples.path()).unwrap();
    let file = folder.path().join("mine.wasm");
    fs::write(&file, component("acme:log/log@2.1.0").bytes()).unwrap();
    library.add_file(&file, "mine").unwrap();

    let catalogue = library.catalogue().unwrap();
    assert!(catalogue.problems.is_empty());
    let names: Vec<_> = catalogue.entries.iter().map(|entry| entry.name.as_str()).collect();
    assert_eq!(names, ["mine", "samples/square", "samples/square-root"]);
    let newest = &catalogue.entries[1].versions[0];
    assert_eq!((newest.tag.as_str(), newest.source.as_str()), ("0.10.0", "oci://samples/square:0.10.0"));
    assert_eq!(newest.origin, Origin::Mount("samples".into()));
    assert_eq!(newest.description.as_deref(), Some("Multiplies by itself"));
    assert_eq!(newest.info.as_deref(), Some(square.info()));
    assert_eq!(library.resolve(&newest.source).unwrap().bytes(), square.bytes());

    let found = |query: &str| -> Vec<String> {
        let Ok(query) = query.parse();
        catalogue.search(&query).into_iter().map(|entry| entry.name).collect()
    };
    assert_eq!(found("square"), ["samples/square", "samples/square-root"]);
    assert_eq!(found("exports:math:ops/square@1"), ["samples/square"]);
    assert_eq!(found("exports:math:ops itself"), ["samples/square"]);
    assert_eq!(found("exports:acme:log/log@2"), ["mine"]);
    assert!(found("imports:math:ops").is_empty() && found("exports:acme square").is_empty());
}

#[test]
fn a_second_look_needs_no_component() {
    let [folder, samples] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    let square = component("math:ops/square@1.0.0");
    let layout = Layout::create(samples.path()).unwrap();
    let entry = layout.add(&square, "square", "1.0.0", &Annotations::new()).unwrap();
    let mut library = Library::open(folder.path()).unwrap();
    library.mount("samples", samples.path()).unwrap();
    let first = library.catalogue().unwrap();

    let hex = entry.digest.as_str().strip_prefix("sha256:").unwrap();
    fs::remove_file(samples.path().join("blobs/sha256").join(hex)).unwrap();
    assert_eq!(library.catalogue().unwrap(), first);
    let other = tempfile::tempdir().unwrap();
    let mut fresh = Library::open(other.path()).unwrap();
    fresh.mount("samples", samples.path()).unwrap();
    let version = &fresh.catalogue().unwrap().entries[0].versions[0];
    assert!(version.info.is_none() && version.problem.is_some());
}

#[test]
fn a_mount_cannot_take_a_real_hosts_name() {
    let [folder, samples] = [(); 2].map(|()| tempfile::tempdir().unwrap());
    Layout::create(samples.path()).unwrap();
    let mut library = Library::open(folder.path()).unwrap();
    for name in ["ghcr.io", "localhost", "host:5000", "", "Samples", "a/b", "-"] {
        assert!(library.mount(name, samples.path()).is_err(), "{name}");
    }
    assert!(library.mount("samples", folder.path()).is_err(), "not a layout");
}
