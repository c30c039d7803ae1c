//! `jack export` and `jack import`, as a user runs them.

use std::fs;

use jackfield_tests::jack;
use serde_json::Value;

fn run(args: &[&str]) -> anyhow::Result<jack::Finished> {
    jack::run(args)
}

#[test]
fn a_file_is_written_and_the_command_that_runs_it_is_told() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("calculator.wasm");
    let path = file.to_str().expect("a path");
    let finished = run(&["export", "samples/calculator", "--wasm", path])?;
    assert_eq!(finished.success(), format!("wrote {path}\n"));
    let command = format!("run it: wasmtime run --invoke 'hypotenuse(A, B)' {path}");
    assert!(finished.stderr.contains(&command), "{finished}");
    assert!(fs::read(&file)?.starts_with(b"\0asm"));

    let finished = run(&["export", "samples/calculator", "--wasm", path])?;
    assert!(finished.failure().contains("there is something already"), "{finished}");
    assert!(finished.stderr.contains("--force"), "{finished}");
    run(&["export", "samples/calculator", "--wasm", path, "--force"])?.success();
    Ok(())
}

#[test]
fn a_source_for_wac_has_its_components_beside_it() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("c.wac").display().to_string();
    let finished = run(&["export", "samples/calculator", "--wac", &path, "--json"])?;
    let told: Value = serde_json::from_str(finished.success())?;
    let command = told["commands"][0].as_str().unwrap_or_default();
    assert_eq!(
        command,
        format!("wac compose --deps-dir {}/deps -o calculator.wasm {path}", folder.path().display())
    );
    assert_eq!(told["files"].as_array().map(Vec::len), Some(4));
    assert!(folder.path().join("deps/part/square-root.wasm").is_file());
    // One that is there already keeps all from being written.
    let other = folder.path().join("other.wac").display().to_string();
    assert!(run(&["export", "samples/calculator", "--wac", &other])?.failure().contains("deps/part/square"));
    assert!(!folder.path().join("other.wac").exists());
    Ok(())
}

#[test]
fn standard_output_is_a_file_too() -> anyhow::Result<()> {
    let finished = run(&["export", "samples/cron", "--wac", "-"])?;
    assert!(finished.success().starts_with("package samples:cron;\n"), "{finished}");
    assert!(finished.stderr.contains("not written: deps/part/job.wasm"), "{finished}");
    Ok(())
}

#[test]
fn what_is_not_in_the_file_is_listed_with_what_to_do() -> anyhow::Result<()> {
    let finished = run(&["export", "samples/echo-http", "--wasm", "-", "--entry", "echo-p2", "--json"]);
    drop(finished);
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("e.wasm").display().to_string();
    let finished = run(&["export", "samples/errands", "--wasm", &path, "--entry", "clerk"])?;
    finished.success();
    for expected in [
        "not in the file: the environment of `errands` has GREETING=hello\n  instead: --env GREETING=hello\n",
        "`clerk` finds the volume `notes` at /notes, to read\n  instead: --dir ./notes::/notes\n",
        "make an empty folder for it first",
    ] {
        assert!(finished.stderr.contains(expected), "{expected}: {finished}");
    }
    Ok(())
}

#[test]
fn files_cannot_be_deployed_and_every_one_is_told() -> anyhow::Result<()> {
    let finished = run(&["export", "samples/calculator", "--wasmcloud", "-"])?;
    let text = finished.failure();
    for name in ["hypotenuse", "square", "square-root"] {
        assert!(text.contains(&format!("`{name}` comes from `./{name}.wasm`")), "{finished}");
        assert!(text.contains(&format!("--image {name}=REGISTRY/{name}:VERSION")), "{finished}");
    }
    Ok(())
}

#[test]
fn there_and_back_again() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let at = |name: &str| folder.path().join(name).display().to_string();
    let images = ["job=ghcr.io/acme/job:1.0", "--image", "ticker=ghcr.io/acme/ticker:1.0"];
    let args = ["export", "samples/cron", "--wasmcloud", &at("d.yaml"), "--image"];
    run(&[&args[..], &images[..]].concat())?.success();
    let finished = run(&["import", &at("d.yaml"), "-o", &at("workload.toml")])?;
    assert_eq!(finished.success(), format!("wrote {}\n", at("workload.toml")));
    let text = fs::read_to_string(at("workload.toml"))?;
    assert_eq!(
        text,
        "name = \"cron\"\nnamespace = \"samples\"\n\n[components.job]\nsource = \"oci://ghcr.io/acme/job:1.0\"\n\n\
         [components.ticker]\nsource = \"oci://ghcr.io/acme/ticker:1.0\"\n\n\
         [service]\ncomponent = \"ticker\"\nmax_restarts = 3\n"
    );
    assert!(run(&["import", &at("d.yaml"), "-o", &at("workload.toml")])?.failure().contains("--force"));
    Ok(())
}

#[test]
fn bad_manifests_tell_where() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("d.yaml");
    let name = path.display();
    for (text, expected) in [
        ("a: [1\nb: 2\n", format!("{name}:2:")),
        ("kind: Pod\n", format!("{name}:1:1: there is no WorkloadDeployment in it")),
        ("", "there is no WorkloadDeployment in it".to_owned()),
        ("\0asm", "not valid YAML".to_owned()),
    ] {
        fs::write(&path, text)?;
        let finished = run(&["import", path.to_str().expect("a path")])?;
        assert!(finished.failure().contains(&expected), "{text}: {finished}");
    }
    assert!(run(&["import", "no-such.yaml"])?.failure().contains("no-such.yaml"));
    Ok(())
}

#[test]
fn the_help_says_it_all() -> anyhow::Result<()> {
    let finished = run(&["export", "--help"])?;
    for expected in ["--wasm <FILE>", "--wac <FILE>", "--wasmcloud <FILE>", "--entry", "--force", "Examples:"]
    {
        assert!(finished.success().contains(expected), "{expected}: {finished}");
    }
    Ok(())
}
