//! `jack plan`.

use std::ffi::OsStr;

use jackfield_protocol::{Diagnostic, LinkTarget, Plan};
use jackfield_tests::files::{Workload, sample, sample_component};
use jackfield_tests::jack::{self, Finished};

use crate::guests;

fn plan(workload: &OsStr, rest: &[&str]) -> anyhow::Result<Finished> {
    let args = [OsStr::new("plan"), workload];
    jack::run(args.into_iter().chain(rest.iter().map(OsStr::new)))
}

/// The cron sample without the component that does the job.
fn half_a_cron() -> anyhow::Result<Workload> {
    let workload = Workload::new(
        "name = \"half\"\n\n[components.ticker]\nsource = \"./ticker.wasm\"\n\n[service]\ncomponent = \"ticker\"\n",
    )?;
    workload.add("ticker.wasm", sample_component("cron", "ticker")?)?;
    Ok(workload)
}

#[test]
fn it_shows_links_with_their_reasons() -> anyhow::Result<()> {
    let finished = plan(sample("cron").as_os_str(), &[])?;
    let text = finished.success();
    for part in [
        "samples/cron can run\n",
        "  ticker jackfield:cron/job → job\n    the only component that exports it\n",
        "  job jackfield:cron/job can be called: invoke\n",
        "  job\n    wasi:",
        "service",
    ] {
        assert!(text.contains(part), "{part:?} is missing: {finished}");
    }
    assert_eq!(finished.stderr, "");
    Ok(())
}

/// As `clerk` and `errands` do with `wasi:clocks/wall-clock`, of which they have the type of a file's times.
#[test]
fn imports_of_types_alone_are_told_too() -> anyhow::Result<()> {
    let finished = plan(sample("errands").as_os_str(), &["--json"])?;
    let told: Plan = serde_json::from_str(finished.success())?;
    let mut types = 0;
    for node in &told.nodes {
        for import in node.component.imports() {
            let link =
                told.link(&node.name, &import.name).unwrap_or_else(|| panic!("{} has no link", import.name));
            assert_eq!(link.target == LinkTarget::Types, !import.needs_provider(), "{link:?}");
            types += usize::from(link.target == LinkTarget::Types);
        }
    }
    assert!(types > 0, "{finished}");
    let finished = plan(sample("errands").as_os_str(), &[])?;
    let part = "Only types, which each component has itself\n  clerk\n    wasi:clocks@";
    assert!(finished.success().contains(part), "{finished}");
    Ok(())
}

#[test]
fn a_folder_stands_for_the_workload_file_in_it() -> anyhow::Result<()> {
    let by_folder = plan("samples/cron".as_ref(), &["--json"])?;
    let by_file = plan(sample("cron").as_os_str(), &["--json"])?;
    assert_eq!(by_folder.success(), by_file.success());
    Ok(())
}

#[test]
fn as_json_it_is_the_plan() -> anyhow::Result<()> {
    let finished = plan(sample("cron").as_os_str(), &["--json"])?;
    let plan: Plan = serde_json::from_str(finished.success())?;
    assert!(plan.is_runnable());
    let link = plan.link(&"ticker".into(), "jackfield:cron/job").expect("the link");
    assert!(matches!(&link.target, LinkTarget::Component { name, .. } if *name == "job"));
    Ok(())
}

#[test]
fn a_missing_component_is_named_with_what_would_satisfy_the_import() -> anyhow::Result<()> {
    let workload = half_a_cron()?;
    let finished = plan(workload.file().as_os_str(), &[])?;
    finished.failure();
    for part in [
        "half cannot run: 1 error\n",
        "error: `ticker` imports `jackfield:cron/job` (for invoke)",
        "help: add a component that exports `jackfield:cron/job`",
    ] {
        assert!(finished.stdout.contains(part), "{part:?} is missing: {finished}");
    }
    Ok(())
}

#[test]
fn as_json_a_plan_with_errors_is_still_a_plan() -> anyhow::Result<()> {
    let workload = half_a_cron()?;
    let finished = plan(workload.file().as_os_str(), &["--json"])?;
    finished.failure();
    let plan: Plan = serde_json::from_str(&finished.stdout)?;
    assert!(matches!(plan.diagnostics.as_slice(), [Diagnostic::UnresolvedImport { .. }]), "{plan:?}");
    Ok(())
}

#[test]
fn a_workload_that_cannot_run_is_not_started() -> anyhow::Result<()> {
    let workload = half_a_cron()?;
    let finished = jack::run([OsStr::new("up"), workload.file().as_os_str()])?;
    assert!(finished.failure().contains("error: `ticker` imports `jackfield:cron/job`"), "{finished}");
    assert_eq!(finished.stdout, "");
    Ok(())
}

#[test]
fn a_cycle_shows_its_path() -> anyhow::Result<()> {
    let workload = Workload::new(
        "name = \"round\"\n\n[components.a]\nsource = \"a.wasm\"\n\n[components.b]\nsource = \"b.wasm\"\n",
    )?;
    workload.add("a.wasm", guests::exporter("test:cycle/a", Some("test:cycle/b")))?;
    workload.add("b.wasm", guests::exporter("test:cycle/b", Some("test:cycle/a")))?;
    let finished = plan(workload.file().as_os_str(), &[])?;
    finished.failure();
    assert!(finished.stdout.contains("in a circle: a → b → a"), "{finished}");
    Ok(())
}

#[test]
fn a_plan_tells_what_else_there_was_and_json_has_the_fixes() -> anyhow::Result<()> {
    let workload = Workload::new(
        "name = \"three\"\n\n[components.user]\nsource = \"user.wasm\"\n\n[components.old]\nsource = \"old.wasm\"\n\n\
         [components.new]\nsource = \"new.wasm\"\n\n[components.same]\nsource = \"same.wasm\"\n",
    )?;
    workload.add("user.wasm", guests::importer("test:some/thing@1.0.0"))?;
    workload.add("old.wasm", guests::exporter("test:some/thing@1.1.0", None))?;
    workload.add("new.wasm", guests::exporter("test:some/thing@1.2.0", None))?;
    workload.add("same.wasm", guests::exporter("test:some/thing@1.0.0", None))?;
    let finished = plan(workload.file().as_os_str(), &[])?;
    for part in [
        "the highest version of several that are compatible; wants 1.0.0, gets 1.2.0",
        "not `test:some/thing@1.1.0` of `old` (another has a higher version)",
    ] {
        assert!(finished.success().contains(part), "{part:?} is missing: {finished}");
    }
    workload.add("same.wasm", guests::exporter("test:some/thing@1.2.0", None))?;
    let finished = plan(workload.file().as_os_str(), &["--json"])?;
    finished.failure();
    let plan: serde_json::Value = serde_json::from_str(&finished.stdout)?;
    let fix = &plan["diagnostics"][0]["fixes"][1]["edit"]["set-link"];
    assert_eq!(fix["to"]["component"], "new", "{finished}");
    Ok(())
}

#[test]
fn dot_is_well_formed_whatever_the_names() -> anyhow::Result<()> {
    let half = half_a_cron()?;
    let odd = Workload::new("name = \"o\\\"dd\\\\] -> {\"\n\n[components.a]\nsource = \"a.wasm\"\n")?;
    odd.add("a.wasm", guests::importer("test:nowhere/to-be@1.0.0"))?;
    for file in [sample("cron"), sample("calculator"), half.file(), odd.file()] {
        let finished = plan(file.as_os_str(), &["--dot"])?;
        check_dot(&finished.stdout).unwrap_or_else(|problem| panic!("{problem}: {finished}"));
        assert!(!finished.stdout.contains('\u{1b}'), "{finished}");
    }
    Ok(())
}

#[test]
fn dot_shows_links_and_what_is_missing() -> anyhow::Result<()> {
    let finished = plan(sample("cron").as_os_str(), &["--dot"])?;
    let link = r#""component ticker" -> "component job" [label="jackfield:cron/job"];"#;
    assert!(finished.success().contains(link), "{finished}");
    let half = half_a_cron()?;
    let finished = plan(half.file().as_os_str(), &["--dot"])?;
    assert!(finished.failure().contains("`ticker` imports `jackfield:cron/job`"), "{finished}");
    assert!(finished.stdout.contains(r#""component ticker" -> "missing ticker jackfield:cron/job""#));
    Ok(())
}

/// Whether quotes end, brackets nest, and each statement inside the graph ends with a semicolon.
fn check_dot(text: &str) -> Result<(), String> {
    let mut open = Vec::new();
    let mut chars = text.chars();
    let mut outside = String::new();
    while let Some(c) = chars.next() {
        match c {
            '"' => skip_quoted(&mut chars)?,
            '{' | '[' => open.push(c),
            '}' | ']' if open.pop() != Some(if c == '}' { '{' } else { '[' }) => {
                return Err(format!("`{c}` closes nothing"));
            }
            _ => {}
        }
        outside.push(c);
    }
    let statements = outside.lines().filter(|line| line.starts_with("  "));
    let unfinished = statements.clone().find(|line| !line.ends_with(';'));
    match (open.is_empty(), unfinished, statements.count()) {
        (true, None, 1..) => Ok(()),
        (closed, unfinished, count) => Err(format!("closed: {closed}, {unfinished:?}, {count} statements")),
    }
}

fn skip_quoted(chars: &mut std::str::Chars<'_>) -> Result<(), String> {
    while let Some(c) = chars.next() {
        match c {
            '"' => return Ok(()),
            '\\' => drop(chars.next()),
            '\n' => break,
            _ => {}
        }
    }
    Err("a quoted string without an end".to_owned())
}
