//! `jack library`, and workloads whose components come from it.

use std::fs;
use std::path::Path;

use jackfield_tests::jack::{self, Finished, PATIENCE, Running};
use tempfile::TempDir;

/// `jack` with a library of its own.
fn run(data: &TempDir, args: &[&str]) -> Finished {
    let mut command = jack::command(args).expect("jack");
    command.env("JACKFIELD_DATA", data.path());
    Running::start(&mut command).and_then(|running| running.finish(PATIENCE)).expect("it ends")
}

fn folder() -> TempDir {
    tempfile::tempdir().expect("a folder")
}

#[test]
fn the_samples_are_listed_and_found_by_their_ports() {
    let data = folder();
    let all = run(&data, &["library", "list"]);
    for name in ["clock-http", "hypotenuse", "job", "square", "square-root", "ticker"] {
        assert!(all.success().contains(&format!("oci://samples/{name}:0.1.0")), "{all}");
    }
    let found = run(&data, &["library", "list", "exports:math:ops/square-root"]);
    assert_eq!(found.success().lines().count(), 1, "{found}");
    assert!(found.stdout.starts_with("oci://samples/square-root:0.1.0"), "{found}");
    let json = run(&data, &["library", "list", "nothing-of-this-name", "--json"]);
    assert!(json.success().contains("\"entries\":[]"), "{json}");
    assert!(run(&data, &["library", "list", "nothing-of-this-name"]).success().contains("Nothing"));
}

#[test]
fn a_file_gets_a_name_that_workloads_can_use() {
    let (data, work) = (folder(), folder());
    run(&data, &["library", "add", "samples/calculator/square.wasm", "--alias", "my-square"]).success();
    assert!(run(&data, &["library", "show", "my-square"]).success().contains("math:ops/square"));
    let file = work.path().join("workload.toml");
    let text = "name = \"mixed\"\n[components.square]\nsource = \"my-square\"\n\
                [components.square-root]\nsource = \"oci://samples/square-root:0.1.0\"\n\
                [components.hypotenuse]\nsource = \"oci://samples/hypotenuse:0.1.0\"\n";
    fs::write(&file, text).expect("a workload");
    let called = run(&data, &["call", path(&file), "hypotenuse", "hypotenuse", "3", "4"]);
    assert_eq!(called.success(), "5\n");

    run(&data, &["library", "alias", "second", "my-square"]).success();
    run(&data, &["library", "alias", "my-square", "--remove"]).success();
    let gone = run(&data, &["plan", path(&file)]);
    assert!(gone.failure().contains("my-square"), "{gone}");
    assert!(run(&data, &["library", "show", "second"]).success().contains("math:ops/square"));
}

#[test]
fn what_was_not_pulled_or_does_not_exist_is_said_plainly() {
    let data = folder();
    for (args, expected) in [
        (["library", "show", "oci://ghcr.io/acme/square:1"].as_slice(), "jack library pull"),
        (&["library", "show", "no-such-name"], "no-such-name"),
        (&["library", "pull", "oci://"], "oci://"),
        (&["library", "pull", "oci://127.0.0.1:1/acme/square:1"], "127.0.0.1:1"),
        (&["library", "add", "Cargo.toml"], "Cargo.toml"),
        (&["library", "alias", "bad name", "oci://samples/square:0.1.0"], "bad name"),
    ] {
        let failed = run(&data, args);
        assert!(failed.failure().contains(expected), "{args:?}: {failed}");
    }
}

fn path(file: &Path) -> &str {
    file.to_str().expect("UTF-8")
}
