//! `jack library`: the library on this machine, and a real registry.

use std::ffi::OsStr;
use std::fs;
use std::net::TcpListener;

use jackfield_protocol::{ComponentInfo, Error, ErrorKind, LibraryPage};
use jackfield_tests::files::{Workload, sample_component};
use jackfield_tests::jack::{self, Finished, PATIENCE, Running};
use rustix::process::Signal;
use serde_json::Value;
use tempfile::TempDir;

use crate::proxy::{Then, wire};
use crate::server::{PASSWORD, Server, USER};

const SQUARE: &str = "samples/calculator/square.wasm";
const SAMPLE_SQUARE: &str = "oci://samples/square:0.1.0";

/// A library that is empty but for the samples.
struct Home(TempDir);

impl Home {
    fn new() -> anyhow::Result<Self> {
        Ok(Self(tempfile::tempdir()?))
    }

    fn library<S: AsRef<OsStr>>(&self, args: impl IntoIterator<Item = S>) -> anyhow::Result<Finished> {
        let args: Vec<S> = args.into_iter().collect();
        let words = ["library".as_ref()].into_iter().chain(args.iter().map(AsRef::as_ref));
        jack::run_with(self.0.path(), words)
    }

    fn hypotenuse(&self, workload: &Workload) -> anyhow::Result<Finished> {
        let file = workload.file();
        let words = ["call".as_ref(), file.as_os_str()].into_iter();
        jack::run_with(self.0.path(), words.chain(["hypotenuse", "hypotenuse", "3", "4"].map(OsStr::new)))
    }
}

/// The calculator sample with `square` from this source, and the rest from the samples' layout.
fn calculator(square: &str) -> anyhow::Result<Workload> {
    Workload::new(&format!(
        "name = \"calculator\"\n\n\
         [components.hypotenuse]\nsource = \"oci://samples/hypotenuse:0.1.0\"\n\n\
         [components.square]\nsource = \"{square}\"\n\n\
         [components.square-root]\nsource = \"oci://samples/square-root:0.1.0\"\n"
    ))
}

fn names(finished: &Finished) -> anyhow::Result<Vec<String>> {
    let page: LibraryPage = serde_json::from_str(finished.success())?;
    Ok(page.entries.into_iter().map(|entry| entry.name).collect())
}

#[test]
fn the_samples_are_listed_from_the_start() -> anyhow::Result<()> {
    let home = Home::new()?;
    let finished = home.library(["list"])?;
    let lines: Vec<&str> = finished.success().lines().collect();
    let headings: Vec<&str> = lines[0].split_whitespace().collect();
    assert_eq!(headings, ["NAME", "VERSION", "SIZE", "FROM", "PORTS"], "{finished}");
    let square = lines.iter().find(|line| line.starts_with("samples/square ")).expect("a row");
    assert!(square.contains("  0.1.0  ") && square.contains(" KiB  layout samples  "), "{finished}");
    assert!(square.contains("  exports math:ops/square"), "{finished}");
    assert_eq!(finished.stderr, "");
    Ok(())
}

#[test]
fn a_query_looks_at_names_exports_and_imports() -> anyhow::Result<()> {
    let home = Home::new()?;
    for (query, expected) in [
        (&["exports:math:ops/hypotenuse"][..], &["samples/hypotenuse"][..]),
        (&["imports:math:ops/square"], &["samples/hypotenuse"]),
        (&["square", "exports:math:ops/square-root"], &["samples/square-root"]),
        (&["no-such-thing"], &[]),
    ] {
        let words = ["list"].iter().chain(query).chain(&["--json"]);
        assert_eq!(names(&home.library(words)?)?, expected, "{query:?}");
    }
    let finished = home.library(["list", "no-such-thing"])?;
    assert_eq!(finished.success(), "");
    assert!(finished.stderr.contains("fits") && finished.stderr.contains("help: "), "{finished}");
    Ok(())
}

#[test]
fn what_is_added_is_shown_under_all_its_names() -> anyhow::Result<()> {
    let home = Home::new()?;
    let finished = home.library(["add", SQUARE, "--alias", "my-square"])?;
    assert!(finished.success().starts_with("added my-square\n  digest    sha256:"), "{finished}");
    let finished = home.library(["alias", "quadrat", "my-square"])?;
    assert_eq!(finished.success(), "quadrat → my-square\n");

    let finished = home.library(["show", "quadrat"])?;
    let text = finished.success();
    assert!(text.starts_with("quadrat\n  also      my-square\n"), "{finished}");
    assert!(text.contains("square: func(x: f64) -> f64"), "{finished}");
    let shown: Value = serde_json::from_str(home.library(["show", "my-square", "--json"])?.success())?;
    assert!(shown["aliases"].as_array().is_some_and(|all| all.contains(&"quadrat".into())), "{shown}");
    let info: ComponentInfo = serde_json::from_value(shown["info"].clone())?;
    assert_eq!(info.size_in_bytes, sample_component("calculator", "square")?.len() as u64);

    assert_eq!(home.library(["alias", "--remove", "quadrat"])?.success(), "removed quadrat\n");
    let finished = home.library(["show", "quadrat"])?;
    assert!(finished.failure().contains("quadrat"), "{finished}");
    home.library(["show", "my-square"])?.success();
    Ok(())
}

#[test]
fn a_workload_takes_components_by_alias_and_from_the_layout() -> anyhow::Result<()> {
    let home = Home::new()?;
    home.library(["alias", "quadrat", SAMPLE_SQUARE])?.success();
    for source in ["quadrat", SAMPLE_SQUARE] {
        assert_eq!(home.hypotenuse(&calculator(source)?)?.success(), "5\n", "{source}");
    }
    let finished = home.hypotenuse(&calculator("no-such-alias")?)?;
    assert!(finished.failure().contains("no-such-alias"), "{finished}");
    Ok(())
}

#[test]
fn what_was_pulled_works_when_the_registry_is_gone() -> anyhow::Result<()> {
    let (here, there) = (Home::new()?, Home::new()?);
    let server = Server::start();
    let repository = format!("oci://{}/acme/square", server.host());
    for tag in ["1.0", "1.1"] {
        let finished = there.library(["push", SAMPLE_SQUARE, &format!("{repository}:{tag}")])?;
        let expected = format!("pushed {repository}:{tag}\n  as        {repository}@sha256:");
        assert!(finished.success().starts_with(&expected), "{finished}");
    }
    assert_eq!(here.library(["tags", &repository])?.success(), "1.0\n1.1\n");
    let reference = format!("{repository}:1.0");
    let finished = here.library(["pull", &reference])?;
    assert!(
        finished.success().starts_with(&format!("pulled {reference}\n  digest    sha256:")),
        "{finished}"
    );
    assert_eq!(finished.stderr, "", "no progress where nobody looks");
    drop(server);

    assert_eq!(here.hypotenuse(&calculator(&reference)?)?.success(), "5\n");
    let finished = here.library(["pull", &reference])?;
    assert!(finished.failure().contains("refuses the connection"), "{finished}");
    let finished = here.hypotenuse(&calculator(&format!("{repository}:1.1"))?)?;
    assert!(finished.failure().contains("library pull"), "{finished}");
    Ok(())
}

#[test]
fn what_was_not_pulled_names_the_command_that_fetches_it() -> anyhow::Result<()> {
    let (here, there) = (Home::new()?, Home::new()?);
    let server = Server::start();
    let reference = format!("oci://{}/acme/square:1.0", server.host());
    there.library(["push", SAMPLE_SQUARE, &reference])?.success();
    let workload = calculator(&reference)?;
    let file = workload.file();
    let file = file.to_str().expect("UTF-8");
    let command = format!("jack library pull {reference}");
    for args in [
        &["plan", file][..],
        &["up", file],
        &["call", file, "hypotenuse", "hypotenuse", "3", "4"],
        &["edit", file, "rename", "hypotenuse", "longest"],
        &["mcp", "tools", file],
        &["mcp", "call", file, "hypotenuse", r#"{"a": 3, "b": 4}"#],
        &["mcp", "serve", file],
        &["mcp", "serve", file, "--stdio"],
    ] {
        let finished = jack::run_with(here.0.path(), args)?;
        let stderr = finished.failure();
        assert!(stderr.contains(&format!("{file}:7:10: component `square`: ")), "{args:?}: {finished}");
        assert!(stderr.contains(&format!("help: fetch it first: `{command}`\n")), "{args:?}: {finished}");
        let as_json = jack::run_with(here.0.path(), args.iter().chain(&["--json"]))?;
        as_json.failure();
        let mut value: Value = serde_json::from_str(&as_json.stdout)?;
        let error: Error = serde_json::from_value(value["error"].take())?;
        let help = error.problems.first().and_then(|problem| problem.help.as_deref());
        assert!(help.is_some_and(|help| help.contains(&command)), "{args:?}: {as_json}");
    }
    jack::run_with(here.0.path(), command.split(' ').skip(1))?.success();
    assert_eq!(here.hypotenuse(&workload)?.success(), "5\n");
    Ok(())
}

#[test]
fn what_was_not_pulled_is_pulled_when_asked_for() -> anyhow::Result<()> {
    let there = Home::new()?;
    let server = Server::start();
    let reference = format!("oci://{}/acme/square:1.0", server.host());
    there.library(["push", SAMPLE_SQUARE, &reference])?.success();
    let pulled = format!("pulled {reference}\n");
    let workload = calculator(&reference)?;
    let file = workload.file();
    let file = file.to_str().expect("UTF-8");
    for (args, expected) in [
        (&["plan", file][..], "square"),
        (&["up", file, "--for", "0s"], ""),
        (&["call", file, "hypotenuse", "hypotenuse", "3", "4"], "5\n"),
        (&["edit", file, "set-name", "calculator"], "named the workload calculator\n"),
        (&["mcp", "tools", file], "hypotenuse"),
        (&["mcp", "call", file, "hypotenuse", r#"{"a": 3, "b": 4}"#], "5"),
    ] {
        let here = Home::new()?;
        let refused = jack::run_with(here.0.path(), args)?;
        assert!(refused.failure().contains("help: `--pull` fetches what is missing"), "{args:?}: {refused}");
        let finished = jack::run_with(here.0.path(), args.iter().chain(&["--pull"]))?;
        assert!(finished.success().contains(expected), "{args:?}: {finished}");
        assert!(finished.stderr.starts_with(&pulled), "{args:?}: {finished}");
        let again = jack::run_with(here.0.path(), args.iter().chain(&["--pull"]))?;
        assert!(again.success().contains(expected) && !again.stderr.contains("pulled"), "{args:?}: {again}");
    }
    Ok(())
}

#[test]
fn an_edit_pulls_what_it_adds_and_json_says_nothing_of_it() -> anyhow::Result<()> {
    let (here, there) = (Home::new()?, Home::new()?);
    let server = Server::start();
    let reference = format!("oci://{}/acme/square:1.0", server.host());
    there.library(["push", SAMPLE_SQUARE, &reference])?.success();
    let workload = Workload::new("name = \"made\"\n")?;
    let file = workload.file();
    let file = file.to_str().expect("UTF-8");
    let finished =
        jack::run_with(here.0.path(), ["edit", "--pull", "--json", file, "add", reference.as_str()])?;
    let change: Value = serde_json::from_str(finished.success())?;
    assert_eq!((change["component"].as_str(), finished.stderr.as_str()), (Some("square"), ""), "{finished}");
    Ok(())
}

#[test]
fn what_cannot_be_pulled_is_not_said_to_be() -> anyhow::Result<()> {
    let here = Home::new()?;
    let server = Server::start();
    let reference = format!("oci://{}/acme/square:1.0", server.host());
    let workload = calculator(&reference)?;
    let words = ["plan".into(), workload.file().into_os_string(), "--pull".into()];
    let finished = jack::run_with(here.0.path(), &words)?;
    assert!(finished.failure().contains("there is no such"), "{finished}");

    // Another problem stays after any pull, so nothing is pulled for nothing.
    let text = fs::read_to_string(workload.file())?;
    workload.add("workload.toml", format!("{text}\n[components.more]\nsource = \"./more.wasm\"\n"))?;
    let finished = jack::run_with(here.0.path(), &words)?;
    let stderr = finished.failure();
    assert!(stderr.contains("more.wasm") && stderr.contains("not in the library yet"), "{finished}");
    assert!(!stderr.contains("--pull"), "{finished}");
    Ok(())
}

#[test]
fn samples_that_are_not_there_are_not_to_be_pulled() -> anyhow::Result<()> {
    let home = Home::new()?;
    let workload = calculator(SAMPLE_SQUARE)?;
    let file = workload.file();
    let file = file.to_str().expect("UTF-8");
    for args in [
        &["plan", file][..],
        &["plan", file, "--pull"],
        &["library", "pull", SAMPLE_SQUARE],
        &["library", "show", SAMPLE_SQUARE],
        &["library", "tags", "oci://samples/square"],
    ] {
        let mut jack = jack::command(args)?;
        jack.env("JACKFIELD_DATA", home.0.path()).env("JACKFIELD_SAMPLES", workload.folder());
        let finished = Running::start(jack)?.finish(PATIENCE)?;
        let stderr = finished.failure();
        assert!(stderr.contains("`samples` is not a registry but a folder"), "{args:?}: {finished}");
        assert!(stderr.contains("cargo xtask samples"), "{args:?}: {finished}");
        assert!(!stderr.contains("library pull") && !stderr.contains("--pull"), "{args:?}: {finished}");
    }
    Ok(())
}

#[test]
fn refusals_say_what_is_wrong_and_what_to_do() -> anyhow::Result<()> {
    let home = Home::new()?;
    let (open, closed) = (Server::start(), Server::start_with_users());
    let of = |server: &Server, rest: &str| format!("oci://{}/{rest}", server.host());
    home.library(["push", SQUARE, &of(&open, "square:1")])?.success();
    let cut = wire(open.port, 2 << 10, Then::Cut);
    for (args, message, help) in [
        (&["pull", &of(&open, "square:2")][..], "no such tag", "tags"),
        (&["tags", &of(&open, "circle")], "no such repository", "name"),
        (&["pull", &of(&closed, "square:1")], "wants to know who you are", "docker login"),
        (&["pull", &format!("oci://127.0.0.1:{cut}/square:1")], "was cut off", "try again"),
        (&["pull", "square:1"], "begins with `oci://`", "oci://HOST"),
        (&["pull", "oci://"], "oci://", "oci://HOST"),
        (&["show", "oci://registry.invalid/acme/square:1"], "not in the library yet", "jack library pull"),
        (&["show", "\u{1b}[2Jx"], "^[[2Jx", ""),
        (&["add", "Cargo.toml"], "Cargo.toml", ""),
        (&["alias", "bad name", SAMPLE_SQUARE], "bad name", ""),
    ] {
        let finished = home.library(args)?;
        let stderr = finished.failure();
        assert!(stderr.starts_with("error: ") && stderr.contains(message), "{args:?}: {finished}");
        assert!(stderr.contains(help) && finished.stdout.is_empty(), "{args:?}: {finished}");
    }
    let finished = home.library(["tags", &of(&closed, "square"), "--json"])?;
    finished.failure();
    let mut value: Value = serde_json::from_str(&finished.stdout)?;
    assert_eq!(serde_json::from_value::<Error>(value["error"].take())?.kind, ErrorKind::Registry);
    Ok(())
}

#[test]
fn dockers_credentials_are_used() -> anyhow::Result<()> {
    let home = Home::new()?;
    let server = Server::start_with_users();
    let reference = format!("oci://{}/square:1", server.host());
    assert_eq!((USER, PASSWORD), ("ada", "correct horse"), "as below, in base64");
    let auths = format!(r#"{{"auths": {{"{}": {{"auth": "YWRhOmNvcnJlY3QgaG9yc2U="}}}}}}"#, server.host());
    fs::write(home.0.path().join("config.json"), auths)?;
    home.library(["push", SQUARE, &reference])?.success();
    home.library(["pull", &reference])?.success();
    assert!(Home::new()?.library(["pull", &reference])?.failure().contains("docker login"));
    Ok(())
}

#[test]
fn ctrl_c_gives_a_transfer_up() -> anyhow::Result<()> {
    let home = Home::new()?;
    // Takes connections, and says nothing.
    let listener = TcpListener::bind(("127.0.0.1", 0))?;
    let reference = format!("oci://{}/square:1", listener.local_addr()?);
    for args in [&["library", "pull", &reference][..], &["library", "push", SQUARE, &reference]] {
        let mut jack = jack::command(args)?;
        jack.env("JACKFIELD_DATA", home.0.path());
        let running = Running::start(jack)?;
        let (_connection, _) = listener.accept()?;
        running.group.signal(Signal::INT)?;
        let finished = running.finish(PATIENCE)?;
        assert_eq!(finished.failure(), format!("error: cancelled: {reference}\n"));
    }
    let unfinished = fs::read_dir(home.0.path().join("library/unfinished"))?;
    assert_eq!(unfinished.count(), 0, "nothing is left behind");
    Ok(())
}

/// `script` is the terminal.
#[test]
#[cfg(target_os = "linux")]
fn on_a_terminal_progress_is_shown_and_wiped_away() -> anyhow::Result<()> {
    let server = Server::start();
    let reference = format!("oci://{}/square:1", server.host());
    let jack = jack::command(["library", "push", SQUARE, &reference])?;
    let words = jack.get_args().map(|word| format!("'{}'", word.display())).collect::<Vec<_>>().join(" ");
    let mut script = std::process::Command::new("script");
    script
        .args(["-q", "-e", "-c"])
        .arg(format!("'{}' {words}", jack.get_program().display()))
        .arg("/dev/null");
    script.current_dir(jackfield_tests::files::root()).env("TERM", "xterm");
    for (key, value) in jack.get_envs() {
        script.env(key, value.unwrap_or_default());
    }
    let output = script.stdin(std::process::Stdio::null()).output()?;
    let shown = String::from_utf8(output.stdout)?;
    assert!(output.status.success(), "{shown}");
    let (progress, result) = shown.rsplit_once("\r\u{1b}[K").expect("progress");
    assert!(progress.contains("transferring: ") && progress.contains(" KiB"), "{shown:?}");
    assert!(result.contains(&reference), "{shown:?}");
    Ok(())
}
