//! `jack up`.

use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::Context as _;
use jackfield_protocol::{Event, LogStream, WorkloadState};
use jackfield_tests::files::{self, Workload, sample, sample_component};
use jackfield_tests::jack::{self, Finished, PATIENCE};
use jackfield_tests::process::Group;
use rustix::process::{Pid, Signal};

use super::service;
use crate::guests;

/// The design asks for 100 ms; the rest is for a busy machine and the end of the process.
const SOON: Duration = Duration::from_secs(2);
const HELLO: &str = "hello from the cron component";

#[test]
fn the_cron_sample_says_hello_every_second() -> anyhow::Result<()> {
    let finished =
        jack::run([OsStr::new("up"), sample("cron").as_os_str(), "--for".as_ref(), "5s".as_ref()])?;
    let lines: Vec<&str> = finished.success().lines().collect();
    let hellos = lines.iter().filter(|line| is_hello(line)).count();
    assert!((4..=7).contains(&hellos), "{hellos} times: {finished}");
    assert_eq!(lines.len(), hellos, "nothing else on standard output: {finished}");
    assert!(
        finished.stderr.contains("cron: running") && finished.stderr.contains("cron: stopped"),
        "{finished}"
    );
    Ok(())
}

/// `12:03:04.123 job    stderr hello from the cron component`
fn is_hello(line: &str) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let [time, component, stream, text @ ..] = words.as_slice() else { return false };
    let digits: String = time.chars().map(|c| if c.is_ascii_digit() { '0' } else { c }).collect();
    digits == "00:00:00.000" && *component == "job" && *stream == "stderr" && text.join(" ") == HELLO
}

#[test]
fn as_json_every_line_is_an_event_and_no_record_is_missing() -> anyhow::Result<()> {
    let workload = Workload::quick_cron(5)?;
    let file = workload.file();
    let args = [OsStr::new("up"), file.as_os_str(), "--for".as_ref(), "500ms".as_ref(), "--json".as_ref()];
    let finished = jack::run(args)?;
    let events = events(&finished)?;
    assert!(matches!(events.first(), Some(Event::Opened(view)) if view.name == "cron"), "{finished}");
    let states: Vec<&WorkloadState> = events
        .iter()
        .filter_map(|event| match event {
            Event::State { state, .. } => Some(state),
            _ => None,
        })
        .collect();
    assert_eq!(states, [&WorkloadState::Starting, &WorkloadState::Running, &WorkloadState::Stopped]);
    let records: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            Event::Logs(records) => Some(records),
            _ => None,
        })
        .flatten()
        .collect();
    assert!(records.len() >= 10, "{finished}");
    assert!(records.iter().zip(1..).all(|(record, seq)| record.seq == seq), "numbered without gaps");
    assert!(records.iter().all(|record| record.component == "job" && record.stream == LogStream::Stderr));
    assert_eq!(finished.stderr, "", "everything is in the events");
    Ok(())
}

#[test]
fn of_a_flood_every_line_is_shown_or_counted_as_lost() -> anyhow::Result<()> {
    let workload = service(guests::flood(&r"a line of a flood\n".repeat(50)))?;
    let file = workload.file();
    let args = [OsStr::new("up"), file.as_os_str(), "--for".as_ref(), "500ms".as_ref(), "--json".as_ref()];
    let finished = jack::run(args)?;
    let mut next_seq = 1;
    for event in events(&finished)? {
        match event {
            Event::Skipped(count) => next_seq += count,
            Event::Logs(records) => {
                for record in records {
                    assert_eq!(record.seq, next_seq);
                    next_seq += 1;
                }
            }
            _ => {}
        }
    }
    assert!(next_seq > 5_000, "no flood: {next_seq} lines");
    Ok(())
}

fn events(finished: &Finished) -> anyhow::Result<Vec<Event>> {
    Ok(finished.success().lines().map(serde_json::from_str).collect::<Result<_, _>>()?)
}

#[test]
fn ctrl_c_sigterm_and_a_terminal_that_closes_end_it_cleanly() -> anyhow::Result<()> {
    let workload = Workload::quick_cron(20)?;
    for signal in [Signal::INT, Signal::TERM, Signal::HUP] {
        let mut running = jack::start([OsStr::new("up"), workload.file().as_os_str()])?;
        running.stdout.wait_for(is_hello, PATIENCE)?;
        running.group.signal(signal)?;
        let finished = running.finish(SOON)?;
        finished.success();
        assert!(finished.stderr.ends_with("cron: stopped\n"), "{finished}");
    }
    Ok(())
}

#[test]
fn a_terminal_that_closes_twice_lets_it_end_and_nohup_lets_it_run() -> anyhow::Result<()> {
    let workload = Workload::quick_cron(20)?;
    let mut running = jack::start([OsStr::new("up"), workload.file().as_os_str()])?;
    running.stdout.wait_for(is_hello, PATIENCE)?;
    running.group.signal(Signal::HUP)?;
    // It may have ended in between.
    let _ = running.group.signal(Signal::HUP);
    let finished = running.finish(SOON)?;
    finished.success();
    assert!(finished.stderr.ends_with("cron: stopped\n"), "{finished}");

    let program = files::program("jack")?;
    let mut nohup = Command::new("nohup");
    nohup.arg(program).arg("up").arg(workload.file()).args(["--for", "1s"]);
    nohup.env("JACKFIELD_DATA", workload.folder().join("data")).stdin(Stdio::null());
    let mut nohup = nohup.stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
    let mut lines = BufReader::new(nohup.stdout.take().context("no pipe")?).lines();
    lines.next().context("it says nothing")??;
    let pid = Pid::from_child(&nohup);
    rustix::process::kill_process(pid, Signal::HUP)?;
    let later = lines.map_while(Result::ok).count();
    assert!(nohup.wait()?.success());
    assert!(later >= 10, "it ended when it was not to: {later} lines");
    Ok(())
}

#[test]
fn a_service_that_computes_for_ever_can_be_stopped() -> anyhow::Result<()> {
    let workload = service(guests::command("(loop (br 0)) unreachable"))?;
    let mut running = jack::start([OsStr::new("up"), workload.file().as_os_str()])?;
    running.stderr.wait_for(|line| line == "test: running", PATIENCE)?;
    running.group.signal(Signal::INT)?;
    running.finish(SOON)?.success();
    Ok(())
}

#[test]
fn it_ends_by_itself_when_the_service_does() -> anyhow::Result<()> {
    let workload = service(guests::command("(i32.const 0)"))?;
    let finished = jack::run([OsStr::new("up"), workload.file().as_os_str()])?;
    finished.success();
    assert!(finished.stderr.contains("test: completed"), "{finished}");
    Ok(())
}

#[test]
fn a_service_that_fails_is_a_failure_with_a_reason() -> anyhow::Result<()> {
    for (body, code) in [("(i32.const 1)", 1), ("unreachable", 134)] {
        let workload = service(guests::command(body))?;
        let finished = jack::run([OsStr::new("up"), workload.file().as_os_str()])?;
        assert_eq!(finished.status.code(), Some(code), "{body}: {finished}");
        assert!(finished.stderr.contains("error: test failed: `main`: "), "{body}: {finished}");
    }
    Ok(())
}

#[test]
fn it_exits_as_its_service_does() -> anyhow::Result<()> {
    for code in [0, 3, 255] {
        let workload = service(guests::exiting(code))?;
        let finished = jack::run([OsStr::new("up"), workload.file().as_os_str()])?;
        assert_eq!(finished.status.code(), Some(code.into()), "{finished}");
    }
    let workload = service(guests::exiting(7))?;
    let finished = jack::run([OsStr::new("up"), workload.file().as_os_str(), "--json".as_ref()])?;
    assert_eq!(finished.status.code(), Some(7), "{finished}");
    assert!(finished.stdout.contains("\"exit-code\":7"), "{finished}");
    Ok(())
}

#[test]
fn what_cannot_be_started_has_an_exit_code_that_no_service_has() -> anyhow::Result<()> {
    let incomplete = service(guests::importer("test:missing/part"))?;
    for file in [incomplete.file(), incomplete.folder().join("no-such-file.toml")] {
        let finished = jack::run([OsStr::new("up"), file.as_os_str(), "--for".as_ref(), "1s".as_ref()])?;
        assert_eq!(finished.status.code(), Some(125), "{finished}");
        assert!(finished.stderr.contains("error: "), "{finished}");
    }
    // Found out when it is started only.
    let no_folder = Workload::new(
        "name = \"test\"\n\n[components.main]\nsource = \"./main.wasm\"\n\
         permissions = { volumes = [{ name = \"r\", at = \"/r\" }] }\n\n\
         [service]\ncomponent = \"main\"\n\n[volumes]\nr = { path = \"./main.wasm\" }\n",
    )?;
    no_folder.add("main.wasm", guests::exiting(0))?;
    let finished = jack::run([OsStr::new("up"), no_folder.file().as_os_str()])?;
    assert_eq!(finished.status.code(), Some(125), "{finished}");
    assert!(finished.stderr.contains("error: ") && finished.stderr.contains("volume"), "{finished}");
    Ok(())
}

#[test]
fn a_component_that_is_built_anew_is_reloaded_and_its_service_told_of() -> anyhow::Result<()> {
    let workload = Workload::quick_cron(20)?;
    let mut running = jack::start([OsStr::new("up"), workload.file().as_os_str()])?;
    running.stdout.wait_for(is_hello, PATIENCE)?;
    // The same with an empty custom section behind it, named `x`.
    let job = [sample_component("cron", "job")?, vec![0, 2, 1, b'x']].concat();
    workload.add("job.wasm", job)?;
    running.stdout.wait_for(|line| line.contains("its file changed; reloaded in "), PATIENCE)?;
    running.stdout.wait_for(
        |line| line.contains("ticker host") && line.contains("until the workload is restarted"),
        PATIENCE,
    )?;
    running.group.signal(Signal::INT)?;
    running.finish(SOON)?.success();
    Ok(())
}

#[test]
fn a_workload_without_a_service_waits_and_says_what_can_be_called() -> anyhow::Result<()> {
    let calculator = sample("calculator");
    let finished = jack::run([OsStr::new("up"), calculator.as_os_str(), "--for".as_ref(), "200ms".as_ref()])?;
    finished.success();
    assert!(finished.stderr.contains("hypotenuse hypotenuse: func(a: f64, b: f64) -> f64"), "{finished}");
    assert!(finished.stderr.contains("jack call"), "{finished}");
    Ok(())
}

#[test]
fn a_closed_pipe_ends_it_quietly() -> anyhow::Result<()> {
    let workload = Workload::quick_cron(20)?;
    let mut jack = jack::command([OsStr::new("up"), workload.file().as_os_str()])?;
    let mut group = Group::spawn(&mut jack)?;
    let mut line = String::new();
    let stdout = group.child().stdout.take().expect("a pipe");
    BufReader::new(stdout).read_line(&mut line)?;
    assert!(is_hello(line.trim_end()), "{line}");
    assert!(group.wait(SOON)?.success());
    let stderr = std::io::read_to_string(group.child().stderr.take().expect("a pipe"))?;
    assert_eq!(stderr, "cron: starting\ncron: running\ncron: stopped\n");
    Ok(())
}

#[test]
fn a_component_cannot_act_on_the_terminal() -> anyhow::Result<()> {
    let workload = service(guests::printer(r"one\1b[2J\1b[31mtwo\07\0dthree\n"))?;
    let finished = jack::run([OsStr::new("up"), workload.file().as_os_str()])?;
    assert!(finished.success().ends_with(" main stdout one^[[2Jtwo^G^Mthree\n"), "{finished}");
    Ok(())
}

#[test]
fn what_was_printed_before_a_failure_is_shown() -> anyhow::Result<()> {
    // No line end: the line ends with the service.
    let workload = service(guests::printer("last words"))?;
    let finished = jack::run([OsStr::new("up"), workload.file().as_os_str()])?;
    assert!(finished.success().ends_with(" main stdout last words\n"), "{finished}");
    Ok(())
}
