//! Plan cases: each folder of `tests/plan` holds a workload file, the text of its components, and what
//! loading and planning it must give: `plan.txt` or `error.txt`.
//!
//! The sources name `.wat` files. The test compiles them into a folder of its own, under the same
//! names, and loads the workload there. `BLESS=1` writes the expected files instead of comparing:
//! look at the difference before it is committed.

#![allow(clippy::expect_used, clippy::panic, reason = "helpers of tests fail by panicking")]

#[path = "linking/agree.rs"]
mod agree;
#[path = "linking/dummy.rs"]
mod dummy;
#[path = "linking/mentioned.rs"]
mod mentioned;
#[path = "linking/run.rs"]
mod run_linked;
#[path = "linking/shared.rs"]
mod shared;
#[path = "linking/uses.rs"]
mod uses;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use jackfield_host::plan::{HostCatalog, plan};
use jackfield_host::plugin::SettingSpec;
use jackfield_host::workload::{Loaded, OnlyFiles, load};
use jackfield_protocol::{Error, LinkTarget, Plan, Severity, Why};

/// What the host of these cases has; not what the real one has, so that cases stay as they are.
fn host() -> HostCatalog {
    HostCatalog::from_pairs([
        ("wasi", "wasi:cli/stderr@0.2.12"),
        ("wasi", "wasi:cli/stdout@0.2.12"),
        ("wasi", "wasi:cli/stdout@0.3.0"),
        ("wasi:http", "wasi:http/types@0.2.12"),
        ("acme:cache", "acme:cache/cache@1.0.0"),
    ])
    .with_settings(
        "acme:cache",
        vec![
            SettingSpec::choice("backend", &["memory", "file"]),
            SettingSpec::path("path").required().only_with("backend", "file"),
            SettingSpec::size("limit").only_with("backend", "memory"),
            SettingSpec::flag("shared"),
        ],
    )
}

#[test]
fn every_case_gives_what_it_must() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut cases: Vec<PathBuf> = fs::read_dir(cases_folder())
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    cases.sort();
    assert!(cases.len() >= 15, "only {} cases found", cases.len());
    let failures: Vec<String> = cases.iter().filter_map(|case| check(case, bless)).collect();
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

fn cases_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plan")
}

/// What is wrong with a case, if something is.
fn check(case: &Path, bless: bool) -> Option<String> {
    let (name, unexpected, actual) = match run(case) {
        Ok(text) => ("plan.txt", "error.txt", text),
        Err(text) => ("error.txt", "plan.txt", text),
    };
    if bless {
        fs::write(case.join(name), actual).expect("the expected file, written");
        // The other one is there only if the case had another outcome before.
        let _ = fs::remove_file(case.join(unexpected));
        return None;
    }
    let expected = fs::read_to_string(case.join(name)).unwrap_or_default();
    (expected != actual)
        .then(|| format!("--- {}: expected {name}\n{expected}--- but got\n{actual}", case.display()))
}

/// The plan of a case as text, or the error of loading it.
fn run(case: &Path) -> Result<String, String> {
    let folder = tempfile::tempdir().expect("a folder");
    for entry in fs::read_dir(case).expect("a case") {
        let from = entry.expect("an entry").path();
        let to = folder.path().join(from.file_name().expect("a file"));
        if from.extension().is_some_and(|extension| extension == "wat") {
            let binary = wat::parse_file(&from).expect("valid WAT");
            fs::write(to, binary).expect("a binary, written");
        } else {
            fs::copy(from, to).expect("a file, copied");
        }
    }
    match load(folder.path(), &OnlyFiles) {
        Ok(loaded) => Ok(describe(&planned(&loaded))),
        Err(error) => Err(describe_error(&error, folder.path())),
    }
}

fn planned(loaded: &Loaded) -> Plan {
    plan(&loaded.workload, &loaded.components, &host())
}

/// The error as the user sees it, without the folder's name, which is another one each time.
fn describe_error(error: &Error, folder: &Path) -> String {
    let folder = format!("{}{}", folder.display(), std::path::MAIN_SEPARATOR);
    format!("{:?}: {error}\n", error.kind).replace(&folder, "")
}

/// One line for each thing in a plan.
fn describe(plan: &Plan) -> String {
    let mut text = String::new();
    for node in &plan.nodes {
        let service = if node.is_service { ", the service" } else { "" };
        put(&mut text, format_args!("node {} from {}{service}", node.name, node.source));
    }
    for link in &plan.links {
        let target = match &link.target {
            LinkTarget::Component { name, export } => format!("{name} {export}"),
            LinkTarget::Host { plugin } => format!("host plugin {plugin}"),
            LinkTarget::Stub => "stub".to_owned(),
            LinkTarget::Types => "nobody".to_owned(),
        };
        put(
            &mut text,
            format_args!("link {} {} -> {target} {}", link.consumer, link.import, because(&link.why)),
        );
    }
    for entry in &plan.entries {
        put(&mut text, format_args!("entry {} {} {:?}", entry.component, entry.export, entry.kind));
    }
    for diagnostic in &plan.diagnostics {
        let word = if diagnostic.severity() == Severity::Error { "error" } else { "warning" };
        put(&mut text, format_args!("{word}: {}", diagnostic.message()));
        put(&mut text, format_args!("  help: {}", diagnostic.suggestion()));
    }
    put(&mut text, format_args!("{}", if plan.is_runnable() { "runnable" } else { "not runnable" }));
    text
}

fn because(why: &Why) -> String {
    let version = |version: &Option<String>| version.clone().unwrap_or_else(|| "-".to_owned());
    let others = why.not_taken.iter().map(|other| format!(", not {other}"));
    format!(
        "({:?}, {} -> {}{})",
        why.rule,
        version(&why.import_version),
        version(&why.export_version),
        others.collect::<String>()
    )
}

fn put(text: &mut String, line: std::fmt::Arguments<'_>) {
    writeln!(text, "{line}").expect("a string takes every line");
}
