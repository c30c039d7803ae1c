//! What holds for every command: colour, help, paths, and where output goes.

use std::ffi::OsStr;
use std::fs::File;
use std::os::unix::ffi::OsStrExt as _;

use jackfield_tests::jack::{self, PATIENCE};
use jackfield_tests::process::Group;

const CRON: &str = "samples/cron/workload.toml";
const COMMANDS: [&[&str]; 4] = [
    &["inspect", "samples/cron/job.wasm"],
    &["plan", CRON],
    &["up", CRON, "--for", "0s"],
    &["call", CRON, "job", "invoke"],
];

#[test]
fn there_is_no_colour_where_there_is_no_terminal() -> anyhow::Result<()> {
    for args in COMMANDS {
        let finished = jack::run(args)?;
        finished.success();
        assert!(!finished.stdout.contains('\u{1b}') && !finished.stderr.contains('\u{1b}'), "{finished}");
    }
    Ok(())
}

#[test]
fn colour_can_be_forced_and_forbidden() -> anyhow::Result<()> {
    assert!(jack::run(["plan", CRON, "--color", "always"])?.success().contains("\u{1b}[1m"));
    assert!(!jack::run(["plan", CRON, "--color", "never"])?.success().contains('\u{1b}'));
    Ok(())
}

#[test]
fn help_has_examples_and_the_version_is_told() -> anyhow::Result<()> {
    for command in [
        &[][..],
        &["inspect"],
        &["plan"],
        &["up"],
        &["call"],
        &["new"],
        &["completions"],
        &["edit"],
        &["library"],
        &["library", "pull"],
        &["mcp"],
    ] {
        let finished = jack::run(command.iter().chain(&["--help"]))?;
        assert!(finished.success().contains("Examples:\n  jack "), "{command:?}: {finished}");
    }
    let version = format!("jack {}\n", env!("CARGO_PKG_VERSION"));
    assert_eq!(jack::run(["--version"])?.success(), version);
    Ok(())
}

#[test]
fn wrong_arguments_exit_with_2() -> anyhow::Result<()> {
    for args in [
        &[][..],
        &["frobnicate"],
        &["plan"],
        &["plan", CRON, "--dot", "--json"],
        &["up", CRON, "--for", "5"],
        &["up", CRON, "--for", "-5s"],
        &["call", CRON, "job"],
        &["library"],
        &["library", "alias", "a"],
        &["edit", CRON],
        &["edit", CRON, "link", "ticker", "jackfield:cron/job"],
        &["mcp"],
    ] {
        let finished = jack::run(args)?;
        assert_eq!(finished.status.code(), Some(2), "{args:?}: {finished}");
        assert_eq!(finished.stdout, "", "{args:?}");
        assert!(finished.stderr.contains("--help") && !finished.stderr.contains("panicked"), "{finished}");
    }
    Ok(())
}

#[test]
fn a_path_that_is_not_utf_8_is_an_error_like_any_other() -> anyhow::Result<()> {
    let path = OsStr::from_bytes(b"no such \xff file");
    for command in ["inspect", "plan", "up"] {
        let finished = jack::run([OsStr::new(command), path])?;
        assert!(finished.failure().contains("is not UTF-8"), "{finished}");
    }
    let finished = jack::run([OsStr::new("call"), path, "a".as_ref(), "b".as_ref()])?;
    assert!(finished.failure().contains("is not UTF-8"), "{finished}");
    Ok(())
}

#[test]
#[cfg(target_os = "linux")]
fn output_that_cannot_be_written_is_a_failure() -> anyhow::Result<()> {
    for args in [COMMANDS[0], COMMANDS[1], &["plan", CRON, "--json"], &["up", CRON]] {
        let mut command = jack::command(args)?;
        let mut group = Group::spawn(command.stdout(File::create("/dev/full")?))?;
        let status = group.wait(PATIENCE)?;
        let stderr = std::io::read_to_string(group.child().stderr.take().expect("a pipe"))?;
        // Other codes are those of a service.
        let expected = if args[0] == "up" { 125 } else { 1 };
        assert_eq!(status.code(), Some(expected), "{args:?}: {stderr}");
        assert!(!stderr.contains("panicked"), "{args:?}: {stderr}");
    }
    Ok(())
}
