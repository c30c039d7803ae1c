//! Exported samples in the real `wasmtime`: the commands that Jackfield prints, as a user would type them.
//!
//! `cargo xtask test` installs the program and says with `JACKFIELD_WASMTIME` where it is. Without that these tests
//! pass over what they cannot do, unless `JACKFIELD_PEERS=required`.

use std::env;
use std::fs;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use jackfield_protocol::Exported;
use jackfield_tests::files::{Workload, sample};
use jackfield_tests::jack::{self, PATIENCE};
use jackfield_tests::process::{Group, Lines};
use tempfile::TempDir;

use super::{export, export_sample, first, wasm};
use crate::compose::with_samples;

/// The folder that has the program.
fn wasmtime() -> Option<PathBuf> {
    let required = env::var("JACKFIELD_PEERS").is_ok_and(|peers| peers == "required");
    let program = env::var_os("JACKFIELD_WASMTIME").map(PathBuf::from);
    assert!(program.is_some() || !required, "JACKFIELD_WASMTIME must name the program");
    program.and_then(|program| program.parent().map(Path::to_owned))
}

/// An export in a folder of its own, where its command runs.
pub(super) struct Exile {
    pub(super) folder: TempDir,
    pub(super) command: String,
    programs: PathBuf,
}

impl Exile {
    /// None where there is no `wasmtime`.
    pub(super) fn new(exported: &Exported) -> anyhow::Result<Option<Self>> {
        let Some(programs) = wasmtime() else { return Ok(None) };
        let folder = tempfile::tempdir()?;
        fs::write(folder.path().join("it.wasm"), first(exported))?;
        let command = exported.commands.last().expect("a command").replace("FILE", "it.wasm");
        Ok(Some(Self { folder, command, programs }))
    }

    fn shell(&self, command: &str) -> Command {
        let path = env::var("PATH").unwrap_or_default();
        let mut shell = Command::new("sh");
        shell.arg("-c").arg(format!("exec {command}")).current_dir(self.folder.path());
        shell.env("PATH", format!("{}:{path}", self.programs.display()));
        shell.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        shell
    }

    /// What the command prints when it is asked to call a function.
    fn call(&self, call: &str) -> anyhow::Result<String> {
        Ok(self.call_with("", call)?.0)
    }

    /// The same with more flags, and what goes to standard error.
    pub(super) fn call_with(&self, flags: &str, call: &str) -> anyhow::Result<(String, String)> {
        let (before, after) = self.command.split_once("--invoke ").expect("a call");
        let file = after.rsplit(' ').next().expect("a file");
        let output = self.shell(&format!("{before}{flags} --invoke '{call}' {file}")).output()?;
        let problems = String::from_utf8_lossy(&output.stderr).into_owned();
        anyhow::ensure!(output.status.success(), "{}: {call}: {problems}", self.command);
        Ok((String::from_utf8(output.stdout)?.trim_end().to_owned(), problems))
    }

    /// Serves on a free port, until it is dropped.
    fn serve(&self) -> anyhow::Result<(Group, Lines, String)> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let mut group = Group::spawn(&mut self.shell(&self.command.replace("127.0.0.1:8080", &address)))?;
        let mut errors = Lines::of(group.child().stderr.take().expect("a pipe"));
        errors.wait_for(|line| line.contains("Serving HTTP on"), PATIENCE)?;
        Ok((group, errors, format!("http://{address}/")))
    }
}

fn jack_call(sample_name: &str, words: &[&str]) -> anyhow::Result<String> {
    let file = sample(sample_name);
    let args = ["call", file.to_str().expect("a path")].into_iter().chain(words.iter().copied());
    Ok(jack::run(args)?.success().trim_end().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_give_what_jack_call_gives() -> anyhow::Result<()> {
    for (name, entry, function, args) in [
        ("calculator", "hypotenuse", "hypotenuse", vec!["3", "4"]),
        ("calls", "caller", "add", vec!["10"]),
        ("calls", "caller", "next", vec!["10"]),
        ("errands", "clerk", "pass-on", vec!["\"env\"", "[\"GREETING\"]"]),
        ("errands", "clerk", "myself", vec!["\"list\"", "[\"/notes\"]"]),
    ] {
        let exported = export_sample(name, wasm(entry)).await;
        let Some(exile) = Exile::new(&exported)? else { return Ok(()) };
        fs::create_dir(exile.folder.path().join("notes"))?;
        let there = exile.call(&format!("{function}({})", args.join(", ")))?;
        let words: Vec<&str> = [entry, function].into_iter().chain(args).collect();
        assert_eq!(there, jack_call(name, &words)?, "{name} {words:?}");
    }
    Ok(())
}

/// Its function has a type of its own, and no interface; and it uses another component, so that both are composed.
const TYPED: &str = r#"(component
    (import "test:d/bottom" (instance (export "f" (func (result u32)))))
    (core module $m (func (export "id") (param i32) (result i32) local.get 0))
    (core instance $i (instantiate $m))
    (type $record (record (field "a" u32)))
    (export $point "point" (type $record))
    (func $id (param "it" $point) (result $point) (canon lift (core func $i "id")))
    (export "id" (func $id)))"#;
const BOTTOM: &str = r#"(component
    (core module $m (func (export "f") (result i32) i32.const 7))
    (core instance $i (instantiate $m))
    (func $f (result u32) (canon lift (core func $i "f")))
    (instance $e (export "f" (func $f)))
    (export "test:d/bottom" (instance $e)))"#;

#[tokio::test(flavor = "multi_thread")]
async fn functions_without_an_interface_are_found_there_with_their_types() -> anyhow::Result<()> {
    let components =
        ["top", "bottom"].map(|name| format!("[components.{name}]\nsource = \"./{name}.wasm\"\n"));
    let workload = Workload::new(&format!("name = \"typed\"\n{}", components.concat()))?;
    workload.add("top.wasm", wat::parse_str(TYPED)?)?;
    workload.add("bottom.wasm", wat::parse_str(BOTTOM)?)?;
    let exported = export(&with_samples(), workload.folder(), wasm("top")).await;
    let Some(exile) = Exile::new(&exported)? else { return Ok(()) };
    assert_eq!(exile.call("id({a: 3})")?, "{a: 3}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn cron_says_hello_there_as_often_as_here() -> anyhow::Result<()> {
    let workload = Workload::quick_cron(50)?;
    let exported = export(&with_samples(), workload.folder(), wasm("ticker")).await;
    let Some(exile) = Exile::new(&exported)? else { return Ok(()) };
    assert!(exile.command.contains("--env INTERVAL_MILLIS=50"), "{}", exile.command);
    let mut group = Group::spawn(&mut exile.shell(&exile.command))?;
    let mut errors = Lines::of(group.child().stderr.take().expect("a pipe"));
    let hello = |line: &str| line == "hello from the cron component";
    errors.wait_for(hello, PATIENCE)?;
    let started = Instant::now();
    for _ in 0..5 {
        errors.wait_for(hello, PATIENCE)?;
    }
    assert!(started.elapsed() >= Duration::from_millis(150), "the interval is not seen");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn echoes_come_back_there_as_here() -> anyhow::Result<()> {
    let mut running = jack::start(["up".as_ref(), sample("echo-http").as_os_str()])?;
    for entry in ["echo-p2", "echo-p3"] {
        let line =
            running.stderr.wait_for(|line| line.contains(&format!("{entry} answers HTTP")), PATIENCE)?;
        let here = line.rsplit(' ').next().expect("a URL").to_owned();
        let exported = export_sample("echo-http", wasm(entry)).await;
        let Some(exile) = Exile::new(&exported)? else { return Ok(()) };
        let (_serving, _errors, there) = exile.serve()?;
        let post = |url: &str| -> anyhow::Result<(u16, String)> {
            let mut response = ureq::post(format!("{url}a?b=c")).send("hello")?;
            Ok((response.status().as_u16(), response.body_mut().read_to_string()?))
        };
        assert_eq!(post(&there)?, post(&here)?, "{entry}");
        assert!(post(&there)?.1.contains("hello"), "{entry}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_clock_tells_the_same_time_there() -> anyhow::Result<()> {
    let mut running = jack::start(["up".as_ref(), sample("clock-http").as_os_str()])?;
    let line = running.stderr.wait_for(|line| line.contains("clock answers HTTP"), PATIENCE)?;
    let here = line.rsplit(' ').next().expect("a URL").to_owned();
    let Some(exile) = Exile::new(&export_sample("clock-http", wasm("clock")).await)? else { return Ok(()) };
    let (_serving, _errors, there) = exile.serve()?;
    let get = |url: &str| -> anyhow::Result<(u16, String)> {
        let mut response = ureq::get(url).call()?;
        let page = response.body_mut().read_to_string()?;
        // All but the time itself.
        Ok((response.status().as_u16(), page.chars().filter(|c| !c.is_ascii_digit()).collect()))
    };
    assert_eq!(get(&there)?, get(&here)?);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn blobby_keeps_objects_in_the_folder_that_it_is_told() -> anyhow::Result<()> {
    let Some(exile) = Exile::new(&export_sample("blobby", wasm("front")).await)? else { return Ok(()) };
    assert!(exile.command.contains("--dir ./objects::/objects"), "{}", exile.command);
    let objects = exile.folder.path().join("objects");
    fs::create_dir(&objects)?;
    let (_serving, _errors, url) = exile.serve()?;
    assert_eq!(ureq::put(format!("{url}greeting")).send("hello")?.status(), 201);
    assert_eq!(ureq::get(format!("{url}greeting")).call()?.body_mut().read_to_string()?, "hello");
    assert!(fs::read_dir(&objects)?.next().is_some(), "nothing in the folder");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_wasmtime_does_not_have_is_told_and_with_what_is_told_it_starts() -> anyhow::Result<()> {
    for (entry, missing) in
        [("older", "wasi:config/runtime"), ("cupboard", "wasi:blobstore/"), ("newer", "wasi:logging/")]
    {
        let exported = export_sample("plugins", wasm(entry)).await;
        let told: Vec<String> = exported.findings.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|finding| finding.contains(missing)), "{entry}: {told:?}");
        let Some(exile) = Exile::new(&exported)? else { return Ok(()) };
        assert!(exile.command.contains("unknown-imports-trap=y"), "{}", exile.command);
        // What is there traps only where it calls what is not.
        let output = exile.shell(&exile.command.replace("--invoke ", "--invoke no-such-")).output()?;
        let problem = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!problem.contains("matching implementation was not found"), "{entry}: {problem}");
    }
    Ok(())
}
