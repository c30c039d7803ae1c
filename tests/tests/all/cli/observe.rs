//! `--trace` of a running workload, `--break`, `--delay`, `--fail` and `--record`.

use std::ffi::OsStr;
use std::io::Write as _;
use std::process::Stdio;
use std::time::Duration;

use jackfield_protocol::{Outcome, Trace};
use jackfield_tests::files::{Workload, sample, sample_component};
use jackfield_tests::jack::{self, Finished, PATIENCE, Running};
use rustix::process::Signal;

/// Runs `jack`, and tells it `said` on its standard input.
fn tell(args: &[&OsStr], said: &str) -> anyhow::Result<Finished> {
    let mut command = jack::command(args)?;
    command.stdin(Stdio::piped());
    let mut running = Running::start(command)?;
    let mut stdin = running.group.child().stdin.take().expect("a pipe");
    stdin.write_all(said.as_bytes())?;
    drop(stdin);
    running.finish(PATIENCE)
}

/// The hypotenuse of 3 and 4, with what is done to the calls below.
fn hypotenuse(options: &[&str], said: &str) -> anyhow::Result<Finished> {
    let workload = sample("calculator");
    let mut args = vec![OsStr::new("call"), workload.as_os_str()];
    args.extend(["hypotenuse", "hypotenuse", "3", "4"].map(OsStr::new));
    args.extend(options.iter().map(OsStr::new));
    tell(&args, said)
}

#[test]
fn a_held_call_is_continued_changed_or_answered() -> anyhow::Result<()> {
    let finished = hypotenuse(&["--break", "square"], "s x=5\nc\na 144\n")?;
    assert_eq!(finished.success(), "13\n", "{finished}");
    for part in [
        "held: hypotenuse -> square  math:ops/square#square\n  x: f64 = 3\n  gives f64\n",
        "  x: f64 = 5  (was 3)\n",
        "  x: f64 = 4\n",
    ] {
        assert!(finished.stderr.contains(part), "{part}: {finished}");
    }
    Ok(())
}

#[test]
fn an_argument_that_is_not_changed_is_passed_on_whole() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("errand.txt");
    let errand = "x".repeat(10_000);
    std::fs::write(&file, &errand)?;
    let (workload, from_file) = (sample("errands"), format!("@{}", file.display()));
    let mut args = vec![OsStr::new("call"), workload.as_os_str()];
    let more = ["clerk", "desk#pass-on", from_file.as_str(), "[\"a\"]", "--break", "samples:errands/errands"];
    args.extend(more.map(OsStr::new));
    for said in ["s words=[\"b\"]\nc\n", "c\n"] {
        let finished = tell(&args, said)?;
        assert_eq!(finished.stdout.matches('x').count(), errand.len(), "{said}: {}", finished.stderr);
    }
    Ok(())
}

#[test]
fn what_the_host_was_not_asked_for_it_did_not_refuse() -> anyhow::Result<()> {
    let workload = sample("errands");
    let mut args = vec![OsStr::new("call"), workload.as_os_str()];
    let open = "errands/wasi:filesystem/types:[method]descriptor.open-at";
    let call = ["errands", "errands#run", "\"write\"", "[\"/notes/x\", \"text\"]", "--trace"];
    args.extend(call.into_iter().chain(["--fail", open]).map(OsStr::new));
    let finished = tell(&args, "")?;
    let line = finished.stdout.lines().find(|line| line.contains("descriptor.open-at"));
    let line = line.unwrap_or_else(|| panic!("{finished}"));
    assert!(line.contains("= err(access)  error  ") && !line.contains("denied"), "{line}");
    Ok(())
}

#[test]
fn what_does_not_fit_is_said_and_the_call_is_still_held() -> anyhow::Result<()> {
    let said = "a \"nine\"\nnonsense\ns y=1\ns x=nine\nc\ns x=3\na 9\nc\n";
    let finished = hypotenuse(&["--break", "hypotenuse->square:square"], said)?;
    assert_eq!(finished.success(), "5\n", "{finished}");
    for part in [
        "error: ",
        "that is no command: `c` continues, `a VALUE` answers",
        "there is no argument `y`; there are: x",
    ] {
        assert!(finished.stderr.contains(part), "{part}: {finished}");
    }
    Ok(())
}

#[test]
fn a_breakpoint_can_have_a_condition() -> anyhow::Result<()> {
    let finished = hypotenuse(&["--break", "square if args.x > 3.5"], "a 0\n")?;
    assert_eq!(finished.success(), "3\n", "{finished}");
    assert!(finished.stderr.contains("x: f64 = 4") && !finished.stderr.contains("x: f64 = 3"), "{finished}");
    Ok(())
}

#[test]
fn a_held_call_fails_or_everything_is_given_up() -> anyhow::Result<()> {
    let finished = hypotenuse(&["--break", "square"], "f no luck today\n")?;
    assert!(finished.failure().contains("no luck today"), "{finished}");
    let finished = hypotenuse(&["--break", "square"], "q\n")?;
    assert!(finished.failure().contains("given up at a breakpoint"), "{finished}");
    Ok(())
}

#[test]
fn ctrl_c_at_a_breakpoint_cancels_the_call_and_shows_what_was_held() -> anyhow::Result<()> {
    let workload = sample("calculator");
    let mut args = vec![OsStr::new("call"), workload.as_os_str()];
    args.extend(["hypotenuse", "hypotenuse", "3", "4", "--trace", "--break", "square"].map(OsStr::new));
    let mut command = jack::command(args)?;
    command.stdin(Stdio::piped());
    let mut running = Running::start(command)?;
    let _nobody_says_anything = running.group.child().stdin.take().expect("a pipe");
    running.stderr.wait_for(|line| line.starts_with("held: "), PATIENCE)?;
    running.group.signal(Signal::INT)?;
    let finished = running.finish(PATIENCE)?;
    assert_eq!(finished.status.code(), Some(130), "{finished}");
    assert!(finished.stderr.contains("error: ") && finished.stderr.contains("was cancelled"), "{finished}");
    for part in
        ["hypotenuse math:ops/hypotenuse#hypotenuse(a: 3, b: 4)", "square math:ops/square#square(x: 3)"]
    {
        let line = finished.stdout.lines().find(|line| line.contains(part));
        assert!(line.is_some_and(|line| line.contains("  cancelled")), "{part}: {finished}");
    }
    Ok(())
}

#[test]
fn where_nobody_can_say_anything_calls_go_on() -> anyhow::Result<()> {
    let finished = hypotenuse(&["--break", "square"], "")?;
    assert_eq!(finished.success(), "5\n", "{finished}");
    assert!(finished.stderr.contains("standard input has ended"), "{finished}");
    Ok(())
}

#[test]
fn calls_are_delayed_and_fail_and_the_trace_says_so() -> anyhow::Result<()> {
    let finished = hypotenuse(&["--delay", "square=150", "--trace"], "")?;
    assert!(finished.elapsed >= Duration::from_millis(300), "{finished}");
    assert_eq!(finished.success().matches("  held ").count(), 2, "{finished}");
    let finished = hypotenuse(&["--fail", "square=9", "--output", "wave"], "")?;
    assert!(finished.success().starts_with("4.24"), "{finished}");
    let finished = hypotenuse(&["--fail", "hypotenuse/square", "--trace"], "")?;
    finished.failure();
    assert!(finished.stdout.contains("square math:ops/square#square(x: 3)  trap"), "{finished}");
    Ok(())
}

#[test]
fn what_means_no_link_is_told_which_links_there_are() -> anyhow::Result<()> {
    for command in [&["call"][..], &["up"]] {
        let workload = sample("calculator");
        let mut args = vec![OsStr::new(command[0]), workload.as_os_str()];
        if command == ["call"] {
            args.extend(["hypotenuse", "hypotenuse", "3", "4"].map(OsStr::new));
        }
        args.extend(["--break", "hypotenuse->circle"].map(OsStr::new));
        let finished = tell(&args, "")?;
        for part in ["no link is called `hypotenuse->circle`", "hypotenuse/math:ops/square  (-> square)"] {
            assert!(finished.failure().contains(part), "{part}: {finished}");
        }
    }
    Ok(())
}

#[test]
fn traces_are_kept_in_a_file() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("calls");
    let path = file.to_str().expect("UTF-8");
    for count in 1..=2 {
        let finished = hypotenuse(&["--record", path], "")?;
        assert_eq!(finished.success(), "5\n", "the tree is not shown: {finished}");
        assert!(finished.stderr.contains("kept 1 trace in "), "{finished}");
        let kept = jack::run(["trace", "list", path, "--json"])?;
        let kept: serde_json::Value = serde_json::from_str(kept.success())?;
        assert_eq!(kept["total"], count, "{kept}");
    }
    Ok(())
}

fn cron(options: &[&str], said: &str) -> anyhow::Result<Finished> {
    let workload = Workload::quick_cron(50)?;
    let file = workload.file();
    let mut args = vec![OsStr::new("up"), file.as_os_str()];
    args.extend(options.iter().map(OsStr::new));
    tell(&args, said)
}

#[test]
fn a_running_workload_shows_each_call_as_it_ends() -> anyhow::Result<()> {
    let finished = cron(&["--trace", "--for", "1s"], "")?;
    let calls = finished.success().lines().filter(|line| line.contains(" job jackfield:cron/job")).count();
    assert!(calls >= 3, "{finished}");
    // Once for each call: in its trace, and not by itself.
    let in_place = finished.stdout.matches("· job stderr hello from the cron component").count();
    let hellos = finished.stdout.matches("hello from the cron component").count();
    assert!(in_place >= 3 && hellos <= in_place + 1, "the last call may not have ended: {finished}");
    let finished = cron(&["--trace=timing", "--for", "1s", "--json"], "")?;
    let mut traces = Vec::new();
    for line in finished.success().lines() {
        let mut line: serde_json::Value = serde_json::from_str(line)?;
        if let Some(trace) = line.get_mut("trace") {
            traces.push(serde_json::from_value::<Trace>(trace.take())?);
        }
    }
    assert!(traces.len() >= 3, "{finished}");
    for trace in &traces {
        assert_eq!(trace.root().map(|root| &root.outcome), Some(&Outcome::Ok), "{trace:?}");
    }
    Ok(())
}

#[test]
fn a_running_workload_holds_calls() -> anyhow::Result<()> {
    let finished = cron(&["--break", "ticker->job"], "c\nc\nq\n")?;
    finished.success();
    assert_eq!(finished.stderr.matches("held: ticker -> job").count(), 3, "{finished}");
    let hellos = finished.stdout.matches("hello from the cron component").count();
    assert!((2..=3).contains(&hellos), "{finished}");
    Ok(())
}

#[test]
fn what_stubs_answer_is_in_the_trace() -> anyhow::Result<()> {
    let stub = |import, answers| {
        format!("[[links]]\nfrom = \"hypotenuse\"\nimport = \"math:ops/{import}\"\nto = \"stub\"\n{answers}")
    };
    let workload = Workload::new(&format!(
        "name = \"test\"\n[components.hypotenuse]\nsource = \"./hypotenuse.wasm\"\n{}{}",
        stub("square", "answers = { square = \"8\" }\n"),
        stub("square-root", ""),
    ))?;
    workload.add("hypotenuse.wasm", sample_component("calculator", "hypotenuse")?)?;
    let file = workload.file();
    let args = ["hypotenuse", "hypotenuse", "3", "4", "--trace", "--wide"].map(OsStr::new);
    let finished = jack::run([OsStr::new("call"), file.as_os_str()].into_iter().chain(args))?;
    let squares = finished.stdout.matches("square#square(x: 3) = 8").count()
        + finished.stdout.matches("square#square(x: 4) = 8").count();
    assert_eq!(squares, 2, "{finished}");
    let root = finished.stdout.lines().find(|line| line.contains("square-root#square-root(x: 16)"));
    assert!(root.is_some_and(|line| line.contains("trap")), "{finished}");
    assert_eq!(finished.status.code(), Some(1), "{finished}");
    Ok(())
}
