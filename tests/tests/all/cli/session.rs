//! `jack session`.

use std::ffi::OsStr;
use std::fs;
use std::io::Write as _;
use std::process::Stdio;

use jackfield_tests::files::{Workload, root};
use jackfield_tests::jack::{self, Finished, PATIENCE};

/// A workload with a component of the host's own tests, from its text.
fn workload(guest: &str) -> anyhow::Result<Workload> {
    let workload =
        Workload::new(&format!("name = \"test\"\n\n[components.{guest}]\nsource = \"./{guest}.wasm\"\n"))?;
    let text = root().join("src-tauri/crates/host/tests/guests").join(guest).with_extension("wat");
    workload.add(&format!("{guest}.wasm"), wat::parse_str(fs::read_to_string(text)?)?)?;
    Ok(workload)
}

fn session(guest: &str, input: &str, more: &[&str]) -> anyhow::Result<Finished> {
    let workload = workload(guest)?;
    let file = workload.file();
    let args = [OsStr::new("session"), file.as_os_str(), guest.as_ref()];
    let mut command = jack::command(args.into_iter().chain(more.iter().map(OsStr::new)))?;
    command.stdin(Stdio::piped());
    let mut running = jack::Running::start(command)?;
    let mut stdin = running.group.child().stdin.take().expect("a pipe");
    stdin.write_all(input.as_bytes())?;
    drop(stdin);
    running.finish(PATIENCE)
}

#[test]
fn resources_live_from_line_to_line_and_are_dropped() -> anyhow::Result<()> {
    let finished = session(
        "buckets",
        "bucket(10)\nbucket(7)\nbucket.sum(#1, #2)\n\n:handles\n:drop #2\ndropped\n:handles\n:quit\ndropped()\n",
        &[],
    )?;
    assert_eq!(finished.success(), "#1\n#2\n17\n#1 (bucket)\n#2 (bucket)\n7\n#1 (bucket)\n");
    Ok(())
}

#[test]
fn ctrl_c_between_two_lines_ends_it_and_says_so() -> anyhow::Result<()> {
    let workload = workload("buckets")?;
    let file = workload.file();
    let mut command = jack::command([OsStr::new("session"), file.as_os_str(), "buckets".as_ref()])?;
    command.stdin(Stdio::piped());
    let mut running = jack::Running::start(command)?;
    let mut stdin = running.group.child().stdin.take().expect("a pipe");
    stdin.write_all(b"bucket(10)\n")?;
    running.stdout.wait_for(|line| line == "#1", PATIENCE)?;
    running.group.signal(rustix::process::Signal::INT)?;
    let finished = running.finish(PATIENCE)?;
    drop(stdin);
    assert_eq!(finished.status.code(), Some(130), "{finished}");
    Ok(())
}

#[test]
fn a_mistake_is_told_and_a_trap_ends_the_session() -> anyhow::Result<()> {
    let finished = session("buckets", "bucket(-1)\nbucket(1)\nnothing()\ntrap()\ndropped()\n", &[])?;
    assert_eq!((finished.stdout.as_str(), finished.status.code()), ("#1\n", Some(1)), "{finished}");
    for told in ["no value for the parameter `size: u32`", "no function `nothing`", "the session has ended"] {
        assert!(finished.stderr.contains(told), "{told}: {finished}");
    }
    Ok(())
}

#[test]
fn as_json_every_line_has_an_answer() -> anyhow::Result<()> {
    let finished = session("buckets", "bucket(1)\n:handles\nbucket.size(#3)\n", &["--json"])?;
    let lines: Vec<serde_json::Value> =
        finished.stdout.lines().map(serde_json::from_str).collect::<Result<_, _>>()?;
    assert_eq!(lines[0]["result"], "#1", "{finished}");
    assert_eq!(lines[1]["handles"][0], "#1 (bucket)", "{finished}");
    assert_eq!(lines[2]["error"]["kind"], "arguments", "{finished}");
    Ok(())
}
