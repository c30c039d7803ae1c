//! Files that are wrong: each must be refused quickly, by name and place, and without a panic.
//!
//! Most are committed in `tests/bad-inputs`, for people to try by hand. Those that are large, or that
//! a repository cannot hold, are made here.

use std::ffi::OsStr;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context as _;
use jackfield_protocol::{Error, Plan};
use jackfield_tests::files::{self, Workload, sample_component};
use jackfield_tests::jack::{self, Finished};

/// A debug build hashes a hundred megabytes in less; nothing else takes a tenth of it.
const QUICK: Duration = Duration::from_secs(10);
const ONE_COMPONENT: &str = "name = \"bad\"\n\n[components.it]\nsource = \"./it.wasm\"\n";

/// `jack` refuses `path`, and says `parts`: in the text, or in what a program makes of the JSON.
fn refusal(command: &[&str], path: &Path, parts: &[&str]) -> anyhow::Result<()> {
    let (name, rest) = command.split_first().context("a subcommand")?;
    let args = || [OsStr::new(name), path.as_os_str()].into_iter().chain(rest.iter().map(OsStr::new));
    let what = format!("{command:?} {}", path.display());
    let finished = jack::run(args())?;
    finished.failure();
    assert!(finished.elapsed < QUICK, "{what}: took {:?}", finished.elapsed);
    let as_json = jack::run(args().chain([OsStr::new("--json")]))?;
    let said = format!("{}{}{}", finished.stdout, finished.stderr, refusal_in_json(&as_json)?);
    for part in parts {
        assert!(said.contains(part), "{what}: should mention {part:?}: {finished}{said}");
    }
    Ok(())
}

/// One JSON object on standard output, as text: an error, or for `plan` a plan with errors in it.
fn refusal_in_json(finished: &Finished) -> anyhow::Result<String> {
    finished.failure();
    let last = finished.stdout.lines().last().context("no output")?;
    let mut value: serde_json::Value = serde_json::from_str(last)?;
    if value.get("error").is_some() {
        let error: Error = serde_json::from_value(value["error"].take())?;
        return Ok(error.to_string());
    }
    let plan: Plan = serde_json::from_value(value)?;
    assert!(!plan.is_runnable(), "{finished}");
    let findings = plan.diagnostics.iter();
    Ok(findings.map(|finding| format!("{}\n{}\n", finding.message(), finding.suggestion())).collect())
}

/// Each folder is a case, and is itself the argument unless `argument.txt` names a file in it; each
/// line of `expected.txt` is part of the message.
#[test]
fn the_committed_ones() -> anyhow::Result<()> {
    let folder = files::root().join("tests/bad-inputs");
    let mut cases: Vec<PathBuf> =
        fs::read_dir(&folder)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    cases.retain(|path| path.is_dir());
    cases.sort();
    assert!(cases.len() >= 15, "{} has {} cases", folder.display(), cases.len());
    for case in cases {
        let argument = match fs::read_to_string(case.join("argument.txt")) {
            Ok(name) => case.join(name.trim()),
            Err(_) => case.clone(),
        };
        let expected = fs::read_to_string(case.join("expected.txt"))?;
        let parts: Vec<&str> = expected.lines().collect();
        refusal(&["plan"], &argument, &parts)?;
        refusal(&["up"], &argument, &parts)?;
        refusal(&["call", "a", "b"], &argument, &parts)?;
    }
    Ok(())
}

/// The committed components that are none, by themselves.
#[test]
fn bad_components_are_refused_without_a_workload() -> anyhow::Result<()> {
    for (case, part) in [
        ("archive-as-component/a.wasm", "a.wasm"),
        ("core-module/a.wasm", "core module"),
        ("directory-as-component/folder.wasm", "folder"),
        ("empty-component/a.wasm", "empty"),
        ("invalid-component/a.wasm", "a.wasm"),
        ("newer-format/a.wasm", "version"),
        ("text-as-component/a.wasm", "a.wasm"),
        ("truncated-component/a.wasm", "a.wasm"),
        ("wat-as-component/a.wat", "text"),
        ("bad-toml/workload.toml", "workload.toml"),
        ("no/such/file", "no/such/file"),
    ] {
        refusal(&["inspect"], &files::root().join("tests/bad-inputs").join(case), &[part])?;
    }
    Ok(())
}

#[test]
fn components_that_end_too_early() -> anyhow::Result<()> {
    let job = sample_component("cron", "job")?;
    let workload = Workload::new(ONE_COMPONENT)?;
    // The first eight bytes alone are a component: an empty one.
    for length in [1, 4, 7, 9, 30, job.len() / 3, job.len() / 2, job.len() - 1] {
        workload.add("it.wasm", &job[..length])?;
        refusal(&["inspect"], &workload.folder().join("it.wasm"), &["it.wasm"])?;
        refusal(&["plan"], &workload.file(), &["workload.toml:4:10", "it.wasm"])?;
    }
    Ok(())
}

#[test]
fn a_hundred_megabytes_of_zeros() -> anyhow::Result<()> {
    let workload = Workload::new(ONE_COMPONENT)?;
    let path = workload.folder().join("it.wasm");
    // Sparse: it takes no room.
    File::create(&path)?.set_len(100 * 1024 * 1024)?;
    refusal(&["inspect"], &path, &["it.wasm"])?;
    refusal(&["plan"], &workload.file(), &["workload.toml:4:10", "it.wasm"])?;
    refusal(&["plan"], &path, &["it.wasm"])
}

#[test]
fn files_that_cannot_be_read() -> anyhow::Result<()> {
    let workload = Workload::new(ONE_COMPONENT)?;
    refusal(&["plan"], &workload.file().join("under-a-file"), &["under-a-file"])?;
    let endless = Path::new("/dev/zero");
    refusal(&["inspect"], endless, &["/dev/zero"])?;
    refusal(&["plan"], endless, &["/dev/zero"])?;
    let unreadable = unreadable(workload.folder())?;
    let name = unreadable.display().to_string();
    refusal(&["inspect"], &unreadable, &[&name])?;
    refusal(&["plan"], &unreadable, &[&name])?;
    workload.add("workload.toml", format!("name = \"bad\"\n[components.it]\nsource = \"{name}\"\n"))?;
    refusal(&["plan"], &workload.file(), &["workload.toml:3:10", &name])
}

/// A file that is there and cannot be read.
fn unreadable(folder: &Path) -> anyhow::Result<PathBuf> {
    let path = folder.join("unreadable");
    fs::write(&path, "name = \"secret\"")?;
    fs::set_permissions(&path, Permissions::from_mode(0o000))?;
    // The superuser reads everything but this.
    Ok(if fs::read(&path).is_ok() { PathBuf::from("/proc/self/mem") } else { path })
}

#[test]
fn workload_files_that_are_not_text() -> anyhow::Result<()> {
    let workload = Workload::new("")?;
    for (content, part) in [
        (&b"name = \"\xff\xfe\""[..], "UTF-8"),
        (b"\0\x01\x02", "workload.toml:1:"),
        (b"name = \"\x1b[2Jcleared\"", "workload.toml:1:"),
    ] {
        workload.add("workload.toml", content)?;
        refusal(&["plan"], &workload.file(), &["workload.toml", part])?;
        let finished = jack::run([OsStr::new("plan"), workload.file().as_os_str()])?;
        assert!(!finished.stderr.contains('\u{1b}'), "{finished:?}");
    }
    workload.add("workload.toml", "# a long comment\n".repeat(100_000))?;
    refusal(&["plan"], &workload.file(), &["workload.toml"])
}

#[test]
fn every_problem_of_a_file_is_told_at_once() -> anyhow::Result<()> {
    let toml =
        "name = 3\ncolour = \"red\"\n\n[components.it]\nsource = 5\n\n[service]\ncomponent = \"her\"\n";
    let workload = Workload::new(toml)?;
    let places = ["workload.toml:1:8", "workload.toml:2:1", "workload.toml:5:10", "workload.toml:8:13"];
    refusal(&["plan"], &workload.file(), &places)
}
