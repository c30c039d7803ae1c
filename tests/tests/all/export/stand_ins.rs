//! Components that stand in for plugins which `wasmtime` does not have: the sample `plugins` runs there with the same
//! output.

use std::fs;

use jackfield_protocol::{ErrorKind, ExportForm, Exported, Request};
use jackfield_tests::files::{Workload, root, sample, sample_component};
use jackfield_tests::jack;

use super::real_wasmtime::Exile;
use super::{ENTRIES, export_with, first, open, ports, wasm};
use crate::compose::with_samples;

const CONFIG: &str = "stand-ins/config.wasm";
const LOGGING: &str = "stand-ins/logging.wasm";
const DRAFT: &str = "stand-ins/keyvalue-draft.wasm";
const DRAFT2: &str = "stand-ins/keyvalue-draft2.wasm";
/// Keeps objects as files in the first folder that it is given.
const BLOBBY: &str = "blobby/blobby.wasm";

/// A function of the sample's interfaces, its arguments in WAVE, and a part of what it says on standard error.
type Call = (&'static str, &'static [&'static str], &'static str);

const SHELF: [Call; 8] = [
    ("messages.log", &["warn", "\"shop\"", "\"closing time\""], "closing time"),
    ("shelf.put-many", &["\"b\"", "[(\"../\", \"up\"), (\"\", \"empty\"), (\"k\", \"v\")]"], ""),
    ("shelf.get", &["\"another\"", "\"k\""], ""),
    ("shelf.get-many", &["\"b\"", "[\"\", \"nothing\", \"k\"]"], ""),
    ("shelf.add", &["\"b\"", "\"n\"", "42"], ""),
    ("shelf.add", &["\"b\"", "\"k\"", "2"], ""),
    ("shelf.remove-many", &["\"b\"", "[\"../\", \"nothing\"]"], ""),
    ("shelf.keys", &["\"b\""], ""),
];
const SETTINGS: [Call; 2] = [("settings.get", &["\"greeting\""], ""), ("settings.get-all", &[], "")];
const SWAPS: [Call; 2] = [
    ("swaps.swap", &["\"b\"", "\"k\"", "\"mine\"", "some(\"theirs\")"], ""),
    ("shelf.get", &["\"b\"", "\"k\""], ""),
];
// `wasmtime` cannot call `stream`, because that is a keyword of WIT.
const CUPBOARD: [Call; 10] = [
    ("cupboard.create", &["\"c\""], ""),
    ("cupboard.exists", &["\"c\""], ""),
    ("cupboard.put", &["\"c\"", "\"a\"", "\"0123456789\"", "true"], ""),
    ("cupboard.put", &["\"c\"", "\"half\"", "\"half\"", "false"], ""),
    ("cupboard.get", &["\"c\"", "\"a\"", "2", "4"], ""),
    ("cupboard.copy", &["(\"c\", \"a\")", "(\"c\", \"b\")", "false"], ""),
    ("cupboard.names", &["\"c\"", "0", "1"], ""),
    ("cupboard.has", &["\"c\"", "\"b\""], ""),
    ("cupboard.remove", &["\"c\"", "[\"a\"]", "true"], ""),
    ("cupboard.names", &["\"c\"", "0", "9"], ""),
];

/// The sample, with values and objects that are there for the next program, too.
fn plugins() -> anyhow::Result<Workload> {
    let text = fs::read_to_string(root().join(sample("plugins")))?;
    let text = text.replace("backend = \"memory\"", "BACKEND");
    let text = text.replacen("BACKEND", "backend = \"file\"\npath = \"./kv.db\"", 1);
    let text = text.replacen("BACKEND", "backend = \"folder\"\npath = \"./objects\"", 1);
    let workload = Workload::new(&text)?;
    for name in ["older-drafts", "newer-drafts", "cupboard"] {
        workload.add(&format!("{name}.wasm"), sample_component("plugins", name)?)?;
    }
    Ok(workload)
}

async fn exported(entry: &str, with: &[&str]) -> Exported {
    export_with(&with_samples(), &root().join("samples/plugins"), wasm(entry), with).await
}

fn told(exported: &Exported) -> Vec<String> {
    let finding = |it: &jackfield_protocol::ExportFinding| {
        format!("{it} | {} | {}", it.flags.join(" "), it.help.as_deref().unwrap_or_default())
    };
    exported.findings.iter().map(finding).collect()
}

/// Calls here and there, one after the other.
async fn runs_as_here(entry: &str, with: &[&str], folder: &str, calls: &[Call]) -> anyhow::Result<()> {
    let here = plugins()?;
    let exported = exported(entry, with).await;
    let Some(there) = Exile::new(&exported)? else { return Ok(()) };
    assert!(!there.command.contains("unknown-imports-trap"), "{}", there.command);
    fs::create_dir(there.folder.path().join("kept"))?;
    for (function, args, line) in calls {
        let name = function.replace('.', "#");
        let words = [&[entry, name.as_str()], *args].concat();
        let path = here.file().display().to_string();
        let finished = jack::run([&["call", path.as_str()], &words[..]].concat())?;
        let call = format!("samples:plugins/{function}({})", args.join(", "));
        let (result, lines) = there.call_with(&format!("--dir ./kept::{folder}"), &call)?;
        // It says so where there is no result.
        let result = result.strip_prefix("()").unwrap_or(&result);
        assert_eq!(result, finished.success().trim_end(), "{call}");
        assert!(lines.contains(line) && finished.stderr.contains(line), "{call}: {lines}{finished}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_older_drafts_run_there_as_here() -> anyhow::Result<()> {
    let calls = [&SETTINGS[..], &SHELF].concat();
    runs_as_here("older", &[CONFIG, LOGGING, DRAFT], "/keyvalue", &calls).await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newer_drafts_run_there_as_here() -> anyhow::Result<()> {
    // The order of all settings is wasmtime's own where nothing stands in for them.
    let calls = [&SETTINGS[..1], &SHELF, &SWAPS].concat();
    runs_as_here("newer", &[LOGGING, DRAFT2], "/keyvalue", &calls).await
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_kept_there_as_here() -> anyhow::Result<()> {
    runs_as_here("cupboard", &[BLOBBY], "/objects", &CUPBOARD).await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_folder_values_are_in_memory() -> anyhow::Result<()> {
    let exported = exported("newer", &[LOGGING, DRAFT2]).await;
    let Some(there) = Exile::new(&exported)? else { return Ok(()) };
    let swap = "samples:plugins/swaps.swap(\"b\", \"k\", \"mine\", some(\"theirs\"))";
    assert_eq!(there.call_with("", swap)?.0, "ok(2)");
    assert_eq!(there.call_with("", "samples:plugins/shelf.keys(\"b\")")?.0, "ok([])");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_left_for_wasmtime_is_told_and_what_is_taken_the_place_of() {
    let all = [CONFIG, LOGGING, DRAFT];
    let exported = exported("older", &all).await;
    let (imports, exports) = ports(first(&exported)).await;
    assert!(exports.iter().all(|name| name.starts_with("samples:plugins/")), "{exports:?}");
    let is_draft = |name: &&String| !name.contains("@0.2.") || name.contains("draft") || name.contains("rc");
    assert_eq!(imports.iter().filter(is_draft).collect::<Vec<_>>(), ["wasi:config/store@0.2.0-rc.1"]);
    let told = told(&exported);
    for expected in [
        "wasi:config tells `older` greeting=hello | -S config-var=greeting=hello | ",
        "`config` imports `wasi:config/store@0.2.0-rc.1`, which the runtime must have | -S config | ",
        "`keyvalue-draft` looks for folders, and is given none |  | if it keeps anything in files, give it a folder: \
         `--dir FOLDER::/PATH`",
        "the settings of the plugin `wasi:keyvalue` |  | `keyvalue-draft` takes its place, and knows nothing of them, \
         nor of what is kept here",
    ] {
        assert!(told.iter().any(|finding| finding == expected), "{expected}: {told:#?}");
    }
    let command = exported.commands.last().cloned().unwrap_or_default();
    let expected = "wasmtime run -S config-var=from=older -S config-var=greeting=hello -S config --invoke \
                    'samples:plugins/settings.get(KEY)' FILE";
    let sorted = |text: &str| {
        let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        words.sort();
        words
    };
    assert_eq!(sorted(&command), sorted(expected), "{command}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_stand_ins_each_gap_says_how_to_close_it() {
    let told = told(&exported("older", &[]).await);
    for expected in [
        "wasmtime's command line has only `wasi:config/store@0.2.0-rc.1`: put a component that exports it into the \
         export with `--with FILE`",
        "wasmtime tells it to `wasi:config/store@0.2.0-rc.1` alone",
        "wasmtime has one bucket, whose name is empty, in memory",
    ] {
        assert!(told.iter().any(|finding| finding.contains(expected)), "{expected}: {told:#?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nothing_uses_is_left_out_and_told() {
    let exported = exported("cupboard", &[BLOBBY, LOGGING]).await;
    let told = told(&exported);
    let expected = "`logging` is left out: nothing that is exported imports wasi:logging/logging@0.1.0-draft, \
                    wasi:logging/logging";
    assert!(told.iter().any(|finding| finding.starts_with(expected)), "{told:#?}");
    assert!(told.iter().any(|finding| finding.contains("`older` is left out")), "{told:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_open_workload_stays_as_it_is_and_stand_ins_are_no_ways_in() {
    let workbench = with_samples();
    let path = root().join("samples/calculator");
    let with = root().join("samples").join(LOGGING).display().to_string();
    let workload = open(&workbench, &path).await;
    let asked = |with: &str| Request::ExportWorkload {
        workload,
        form: ExportForm::Wac { entry: None },
        with: vec![with.to_owned()],
    };
    workbench.dispatch(asked(&with)).await.expect("one way in");
    let error = workbench.dispatch(asked("./no-such.wasm")).await.expect_err("no such file");
    assert_eq!(error.kind, ErrorKind::File, "{error}");
    let error = workbench.dispatch(asked("no-such")).await.expect_err("no such alias");
    assert!(!error.problems.is_empty(), "{error}");
    let again = open(&workbench, &path).await;
    assert_eq!(again, workload);
}

#[test]
fn they_are_named_as_files_seen_from_here() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("older.wasm").display().to_string();
    let with = ["--with", "samples/stand-ins/config.wasm", "--with", "samples/stand-ins/logging.wasm"];
    let args = ["export", "samples/plugins", "--entry", "older", "--wasm", file.as_str()];
    let finished = jack::run([&args[..], &with].concat())?;
    finished.success();
    assert!(finished.stderr.contains("instead: -S keyvalue\n"), "{finished}");
    assert!(!finished.stderr.contains("unknown-imports-trap"), "{finished}");
    Ok(())
}

#[test]
fn the_samples_entries_with_gaps_are_those_that_are_tried_here() {
    let plugins: Vec<&str> =
        ENTRIES.iter().filter(|(name, _)| *name == "plugins").map(|(_, entry)| *entry).collect();
    assert_eq!(plugins, ["cupboard", "newer", "older"]);
}
