//! What people hand over by mistake: each folder of the project's `tests/bad-inputs` is loaded and
//! planned, which must fail with every line of its `expected.txt` in what is said.

#![allow(clippy::expect_used, reason = "helpers of tests fail by panicking")]

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use jackfield_host::Host;
use jackfield_host::plan::plan;
use jackfield_host::workload::{OnlyFiles, load};
use jackfield_protocol::{Error, ErrorKind, Severity};

/// All that is said about the workload at `path`; none if nothing is wrong with it.
fn complaint(path: &Path) -> Option<String> {
    let loaded = match load(path, &OnlyFiles) {
        Ok(loaded) => loaded,
        Err(error) => return Some(error.to_string()),
    };
    let plan = plan(&loaded.workload, &loaded.components, &Host::catalog());
    let errors = plan.diagnostics.iter().filter(|diagnostic| diagnostic.severity() == Severity::Error);
    let lines: Vec<String> =
        errors.map(|error| format!("{} ({})", error.message(), error.suggestion())).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// A workload of one component in a folder of its own.
fn workload_with(make_component: impl FnOnce(&Path)) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    let text = "name = \"x\"\n\n[components.a]\nsource = \"./a.wasm\"\n";
    fs::write(folder.path().join("workload.toml"), text).expect("a workload file, written");
    make_component(&folder.path().join("a.wasm"));
    folder
}

fn load_error(path: &Path) -> Error {
    load(path, &OnlyFiles).map(|_| ()).expect_err("it cannot be loaded")
}

#[test]
fn every_bad_input_is_refused_with_what_is_wrong() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../tests/bad-inputs");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of bad inputs")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.is_dir())
        .collect();
    cases.sort();
    assert!(cases.len() >= 15, "only {} cases found", cases.len());
    let failures: Vec<String> = cases.iter().filter_map(|case| check(case)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// What is wrong with a case, if something is.
fn check(case: &Path) -> Option<String> {
    let argument = fs::read_to_string(case.join("argument.txt")).unwrap_or_default();
    let path = case.join(argument.trim());
    let expected = fs::read_to_string(case.join("expected.txt")).expect("what is expected");
    assert!(!expected.trim().is_empty(), "{} expects nothing", case.display());
    let said = complaint(&path).unwrap_or_default();
    let missing: Vec<&str> = expected.lines().filter(|line| !said.contains(line)).collect();
    (!missing.is_empty()).then(|| format!("--- {}: not said: {missing:#?}\n--- but:\n{said}", case.display()))
}

#[test]
fn a_hundred_megabytes_of_zeros_are_refused_at_once() {
    // Sparse: the file has no blocks.
    let make = |path: &Path| File::create(path).and_then(|file| file.set_len(100 << 20)).expect("a file");
    let folder = workload_with(make);
    let start = Instant::now();
    let said = complaint(folder.path()).expect("a complaint");
    assert!(start.elapsed() < Duration::from_millis(100), "{:?}", start.elapsed());
    assert!(said.contains("component `a`: not a WebAssembly component, but zeros"), "{said}");
    assert!(said.contains("workload.toml:4:10"), "{said}");

    // As the workload file itself, too.
    let said = complaint(&folder.path().join("a.wasm")).expect("a complaint");
    assert!(said.contains("too long for a workload file"), "{said}");
}

/// Skips where the file can be read in spite of its permissions, as the superuser can.
#[cfg(unix)]
#[test]
fn a_file_that_may_not_be_read_says_so() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = workload_with(|path| fs::write(path, b"\0asm\x0d\0\x01\0").expect("a component"));
    let lock = |name: &str| {
        let path = folder.path().join(name);
        fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).expect("permissions");
        path
    };
    if File::open(lock("a.wasm")).is_ok() {
        eprintln!("skipped: this user can read every file");
        return;
    }
    let said = complaint(folder.path()).expect("a complaint");
    assert!(said.contains("component `a`: no permission to read the file"), "{said}");
    let error = load_error(&lock("workload.toml"));
    assert_eq!(error.kind, ErrorKind::File);
    assert!(error.message.starts_with("no permission to read the file"), "{error}");
}

#[cfg(unix)]
#[test]
fn a_device_is_neither_a_workload_nor_a_component() {
    assert!(load_error(Path::new("/dev/zero")).message.starts_with("not an ordinary file"));
    let folder = workload_with(|path| std::os::unix::fs::symlink("/dev/zero", path).expect("a link"));
    let said = complaint(folder.path()).expect("a complaint");
    assert!(said.contains("component `a`: not an ordinary file"), "{said}");
}

#[test]
fn the_kind_of_error_tells_programs_what_is_wrong() {
    let missing = workload_with(|_| ());
    assert_eq!(load_error(missing.path()).kind, ErrorKind::File);
    let module = workload_with(|path| fs::write(path, b"\0asm\x01\0\0\0").expect("a module"));
    assert_eq!(load_error(module.path()).kind, ErrorKind::NotAComponent);
    fs::write(module.path().join("workload.toml"), "nme = 1").expect("a workload file");
    assert_eq!(load_error(module.path()).kind, ErrorKind::WorkloadFile);
}

#[test]
fn a_good_workload_loads_by_its_file_and_by_its_folder() {
    let folder = workload_with(|path| fs::write(path, b"\0asm\x0d\0\x01\0").expect("a component"));
    assert_eq!(complaint(folder.path()), None);
    let loaded = load(&folder.path().join("workload.toml"), &OnlyFiles).expect("a workload");
    assert_eq!(loaded.workload.path, folder.path().join("workload.toml"));
    assert_eq!(loaded.components.len(), 1);
}
