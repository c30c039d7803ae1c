//! `jack call`.

use std::ffi::OsStr;
use std::process::Stdio;
use std::time::{Duration, Instant};

use jackfield_protocol::{CallOutcome, Error, ErrorKind};
use jackfield_tests::files::{Workload, root, sample};
use jackfield_tests::jack::{self, Finished, PATIENCE, Running};
use rustix::process::Signal;

use super::shop;
use crate::guests;

fn call(workload: &str, rest: &[&str]) -> anyhow::Result<Finished> {
    let workload = sample(workload);
    let args = [OsStr::new("call"), workload.as_os_str()];
    jack::run(args.into_iter().chain(rest.iter().map(OsStr::new)))
}

#[test]
fn the_result_and_nothing_else_is_on_standard_output() -> anyhow::Result<()> {
    for args in [
        ["hypotenuse", "hypotenuse", "3", "4"],
        ["hypotenuse", "hypotenuse", "-3", "-4.0"],
        ["hypotenuse", "hypotenuse#hypotenuse", "3", "4"],
        ["hypotenuse", "math:ops/hypotenuse#hypotenuse", "3", "4"],
    ] {
        assert_eq!(call("calculator", &args)?.success(), "5\n", "{args:?}");
    }
    Ok(())
}

#[test]
fn as_json_it_is_the_outcome() -> anyhow::Result<()> {
    let finished = call("calculator", &["hypotenuse", "hypotenuse", "3", "4", "--json"])?;
    let outcome: CallOutcome = serde_json::from_str(finished.success())?;
    assert_eq!(outcome.result.as_deref(), Some("5"));
    assert_eq!(outcome.function, "math:ops/hypotenuse#hypotenuse");
    Ok(())
}

#[test]
fn what_components_print_goes_to_standard_error() -> anyhow::Result<()> {
    let finished = call("cron", &["job", "invoke"])?;
    assert_eq!(finished.success(), "");
    assert!(finished.stderr.contains(" job    stderr hello from the cron component\n"), "{finished}");
    Ok(())
}

#[test]
fn a_wrong_call_names_what_is_wrong() -> anyhow::Result<()> {
    let cases: [(&[&str], &[&str]); 6] = [
        (&["hypotenus", "hypotenuse", "3", "4"], &["`hypotenus`", "hypotenuse"]),
        (&["hypotenuse", "hypo", "3", "4"], &["`hypo`", "hypotenuse"]),
        (&["hypotenuse", "hypotenuse", "3"], &["hypotenuse", "2", "1"]),
        (&["hypotenuse", "hypotenuse", "3", "4", "5"], &["hypotenuse", "2", "3"]),
        (&["hypotenuse", "hypotenuse", "3", "\"four\""], &["b", "f64"]),
        (&["hypotenuse", "hypotenuse", "", "4"], &["a", "f64"]),
    ];
    for (args, parts) in cases {
        let finished = call("calculator", args)?;
        let stderr = finished.failure();
        assert!(stderr.starts_with("error: "), "{args:?}: {finished}");
        for part in parts {
            assert!(stderr.contains(part), "{args:?} should mention {part}: {finished}");
        }
        assert_eq!(finished.stdout, "");
    }
    Ok(())
}

#[test]
fn as_json_a_failure_is_one_object() -> anyhow::Result<()> {
    let finished = call("calculator", &["hypotenuse", "hypotenuse", "--json"])?;
    finished.failure();
    let mut value: serde_json::Value = serde_json::from_str(&finished.stdout)?;
    let error: Error = serde_json::from_value(value["error"].take())?;
    assert_eq!(error.kind, ErrorKind::Arguments);
    Ok(())
}

#[test]
fn a_trace_shows_every_call_below_with_its_values() -> anyhow::Result<()> {
    let args = ["hypotenuse", "hypotenuse", "3", "4", "--trace"];
    let finished = call("calculator", &args)?;
    let lines: Vec<&str> = finished
        .success()
        .lines()
        // Below the tree it says what the call cost.
        .filter(|line| line.contains('('))
        .map(|line| {
            let (time, call) = line.trim_start().split_once("  ").unwrap_or_default();
            assert!(["ns", "µs", "ms", "s"].iter().any(|unit| time.ends_with(unit)), "{line}");
            call
        })
        .collect();
    assert_eq!(
        lines,
        [
            "hypotenuse math:ops/hypotenuse#hypotenuse(a: 3, b: 4) = 5",
            "├─ square math:ops/square#square(x: 3) = 9",
            "├─ square math:ops/square#square(x: 4) = 16",
            "└─ square-root math:ops/square-root#square-root(x: 25) = 5",
        ],
        "{finished}"
    );
    Ok(())
}

#[test]
fn as_json_a_call_that_fails_has_its_trace_beside_the_error() -> anyhow::Result<()> {
    let fail = ["hypotenuse", "hypotenuse", "3", "4", "--fail", "square-root", "--json"];
    for (options, spans) in [(&["--trace"][..], Some(4)), (&[], None)] {
        let finished = call("calculator", &[&fail[..], options].concat())?;
        finished.failure();
        let value: serde_json::Value = serde_json::from_str(&finished.stdout)?;
        assert!(value["error"]["message"].is_string(), "{finished}");
        let found = value.get("trace").map(|trace| trace["spans"].as_array().map_or(0, Vec::len));
        assert_eq!(found, spans, "{finished}");
    }
    Ok(())
}

#[test]
fn a_trace_changes_no_result_and_keeps_handles_recognisable() -> anyhow::Result<()> {
    for function in ["add", "text", "bytes", "distance", "next"] {
        let plain = call("calls", &["caller", function, "3"])?;
        let traced = call("calls", &["caller", function, "3", "--trace"])?;
        let root = format!("  caller {function}(calls: 3) = {}", plain.success());
        assert!(traced.success().contains(&root), "{plain}{traced}");
    }
    let finished = call("calls", &["caller", "next", "2", "--trace", "--json"])?;
    assert_eq!(finished.success().matches("\"trace\":").count(), 1, "no key is there twice: {finished}");
    let json: serde_json::Value = serde_json::from_str(finished.success())?;
    let spans = json["trace"]["spans"].as_array().expect("spans");
    let values = |span: &serde_json::Value| -> Vec<serde_json::Value> {
        span["args"].as_array().into_iter().flatten().map(|arg| arg["value"].clone()).collect()
    };
    let told: Vec<String> = spans
        .iter()
        .map(|span| format!("{} {} {}", span["parent"], serde_json::json!(values(span)), span["result"]))
        .collect();
    assert_eq!(
        told,
        [r#"null ["2"] "2""#, r#"0 [] "counter#1""#, r#"0 ["counter#1"] "1""#, r#"0 ["counter#1"] "2""#,],
        "{finished}"
    );
    assert_eq!(json["trace"]["unobserved"], serde_json::json!([]));
    Ok(())
}

#[test]
fn help_lists_the_functions_of_a_component_with_their_docs() -> anyhow::Result<()> {
    let finished = call("calculator", &["hypotenuse", "--help"])?;
    for part in [
        "math:ops/hypotenuse\n",
        "  hypotenuse: func(a: f64, b: f64) -> f64\n",
        "Returns the length of the side opposite the right angle",
        "hypotenuse FUNCTION --help\n",
    ] {
        assert!(finished.success().contains(part), "{part}: {finished}");
    }
    Ok(())
}

#[test]
fn help_shows_each_parameter_as_a_flag_and_a_call_that_works() -> anyhow::Result<()> {
    let finished = call("calls", &["callee", "distance", "--help"])?;
    for part in [
        "  How far from the origin it is, roughly.\n",
        "--point <point>",
        "point = record { x: f64, y: f64, is-visible: bool }",
        "is-visible: Whether it is drawn.",
        "Result:\n  f64\n",
    ] {
        assert!(finished.success().contains(part), "{part}: {finished}");
    }
    let (_, examples) = finished.stdout.split_once("Examples:\n").expect("examples");
    let examples: Vec<&str> = examples.lines().take_while(|line| line.starts_with("  jack call ")).collect();
    assert_eq!(examples.len(), 3, "{finished}");
    for example in examples {
        let script = example.replacen("jack", r#""$JACK""#, 1);
        let mut shell = std::process::Command::new("sh");
        let jack = jackfield_tests::files::program("jack")?;
        let shell = shell.args(["-c", &script]).env("JACK", jack).current_dir(jackfield_tests::files::root());
        let output = shell.output()?;
        assert!(output.status.success(), "{example}: {output:?}");
    }
    Ok(())
}

#[test]
fn help_is_json_too() -> anyhow::Result<()> {
    let finished = call("calculator", &["hypotenuse", "hypotenuse", "--help", "--json"])?;
    let functions: jackfield_protocol::Functions = serde_json::from_str(finished.success())?;
    assert_eq!(functions.functions[0].full_name(), "math:ops/hypotenuse#hypotenuse");
    Ok(())
}

#[test]
fn every_parameter_is_a_flag() -> anyhow::Result<()> {
    for args in [
        &["hypotenuse", "hypotenuse", "--a", "3", "--b", "4"][..],
        &["hypotenuse", "hypotenuse", "--b=-4", "--a=.3e1"],
        &["hypotenuse", "--json", "hypotenuse", "--b", "-4", "--a", "-3"],
        &["hypotenuse", "hypotenuse", "--arg", "a=3", "--b", "4"],
    ] {
        let finished = call("calculator", args)?;
        let result = if args.contains(&"--json") { "\"result\":\"5\"" } else { "5\n" };
        assert!(finished.success().contains(result), "{args:?}: {finished}");
    }
    let cases: [(&[&str], &[&str]); 6] = [
        (&["--a", "3", "4"], &["by name", "`4`", "--a … --b …"]),
        (&["--a", "3", "--c", "4"], &["--c: there is no such parameter"]),
        (&["--a", "3"], &["--b: missing"]),
        (&["--a", "3", "--b"], &["--b: its value is missing"]),
        (&["--a", "3", "--b", "four"], &["--b: `four` is no f64", "as WAVE: ", "as JSON: "]),
        (&["--a", "3", "--a", "3", "--b", "4"], &["--a: given 2 times"]),
    ];
    for (args, parts) in cases {
        let finished = call("calculator", &[&["hypotenuse", "hypotenuse"], args].concat())?;
        for part in parts {
            assert!(finished.failure().contains(part), "{args:?} should say {part}: {finished}");
        }
    }
    Ok(())
}

#[test]
fn a_value_with_parts_is_wave_or_json() -> anyhow::Result<()> {
    let mut results = Vec::new();
    for point in ["{x: 3, y: 4, is-visible: true}", r#"{"x": 3, "y": 4.0, "is-visible": true}"#] {
        results.push(call("calls", &["callee", "distance", "--point", point])?.success().to_owned());
        results.push(call("calls", &["callee", "distance", point])?.success().to_owned());
    }
    assert!(results.iter().all(|result| *result == results[0]), "{results:?}");
    let finished = call("calls", &["callee", "distance", "--point", r#"{"x": 3, "z": 4}"#])?;
    for part in ["as WAVE: at byte 1", "as JSON: /point/y: missing", "/point/z", "{\"x\":1.0"] {
        assert!(finished.failure().contains(part), "{part}: {finished}");
    }
    Ok(())
}

#[test]
fn text_needs_no_quotes_and_may_come_from_a_file_or_a_pipe() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("a file");
    std::fs::write(&file, "héllo\n")?;
    let at = format!("@{}", file.display());
    for (function, args, bytes) in [
        ("text", &["--text", "hello"][..], "5\n"),
        ("text", &["hello"], "5\n"),
        ("text", &["\"hello\""], "5\n"),
        ("text", &["--", "--json"], "6\n"),
        ("text", &["--text=--json"], "6\n"),
        ("text", &["--text", &at], "7\n"),
        ("bytes", &["--bytes", &at], "7\n"),
        ("bytes", &["--bytes", "1", "--bytes", "2"], "2\n"),
        ("bytes", &["[1, 2, 3]"], "3\n"),
    ] {
        let finished = call("calls", &[&["callee", function], args].concat())?;
        assert_eq!(finished.success(), bytes, "{function} {args:?}");
    }
    let workload = sample("calls");
    let args = [OsStr::new("call"), workload.as_os_str()];
    let rest = ["callee", "text", "--text", "-"];
    let mut command = jack::command(args.into_iter().chain(rest.iter().map(OsStr::new)))?;
    command.stdin(std::fs::File::open(&file)?);
    assert_eq!(jack::Running::start(command)?.finish(jack::PATIENCE)?.success(), "7\n");
    let finished = call("calls", &["callee", "text", "--text", "@no-such-file"])?;
    assert!(finished.failure().contains("--text: cannot read the file"), "{finished}");
    Ok(())
}

#[test]
fn a_result_is_text_json_or_wave() -> anyhow::Result<()> {
    for (form, result) in [
        ("wave", "ok(\"GREETING=hello\\n\")\n"),
        ("json", "{\"ok\":\"GREETING=hello\\n\"}\n"),
        ("text", "GREETING=hello\n"),
    ] {
        let args = ["errands", "run", "--errand", "env", "--words", "[]", "--output", form];
        assert_eq!(call("errands", &args)?.success(), result, "{form}");
    }
    Ok(())
}

#[test]
fn a_handle_sends_one_to_a_session() -> anyhow::Result<()> {
    let finished = call("calls", &["callee", "counter.next"])?;
    assert!(finished.failure().contains("jack session"), "{finished}");
    let finished = call("calls", &["callee", "--help"])?;
    assert!(finished.success().contains("jack session"), "{finished}");
    Ok(())
}

#[test]
fn ctrl_c_ends_the_call_itself_and_says_so() -> anyhow::Result<()> {
    let workload = Workload::new("name = \"test\"\n\n[components.math]\nsource = \"./math.wasm\"\n")?;
    let text = std::fs::read_to_string(root().join("src-tauri/crates/host/tests/guests/math.wat"))?;
    workload.add("math.wasm", wat::parse_str(text)?)?;
    let file = workload.file();
    let args = [OsStr::new("call"), file.as_os_str(), "math".as_ref(), "spin".as_ref()];
    let running = jack::start(args)?;
    std::thread::sleep(Duration::from_secs(2));
    running.group.signal(Signal::INT)?;
    let finished = running.finish(PATIENCE)?;
    assert_eq!(finished.status.code(), Some(130), "{finished}");
    assert!(finished.stderr.contains("was cancelled"), "{finished}");
    Ok(())
}

#[test]
fn ctrl_c_gives_a_start_up_that_takes_long() -> anyhow::Result<()> {
    let workload = Workload::new(
        "name = \"test\"\n\n[components.slow]\nsource = \"./slow.wasm\"\n\
         permissions = { volumes = [{ name = \"begun\", at = \"/begun\", access = \"write\" }] }\n\n[service]\ncomponent = \"slow\"\n\n\
         [volumes]\nbegun = { path = \"./begun\" }\n",
    )?;
    workload.add("slow.wasm", guests::never_ready())?;
    let (file, begun) = (workload.file(), workload.folder().join("begun"));
    for words in ["call FILE slow run", "session FILE slow", "mcp serve FILE --stdio"] {
        let args = words.split(' ').map(|word| if word == "FILE" { file.as_os_str() } else { word.as_ref() });
        let mut command = jack::command(args)?;
        command.stdin(Stdio::piped());
        let mut running = Running::start(command)?;
        let _open = running.group.child().stdin.take();
        // The folder of a volume is made when the start begins.
        let asked = Instant::now();
        while !begun.exists() {
            anyhow::ensure!(asked.elapsed() < PATIENCE, "`{words}` does not start");
            std::thread::sleep(Duration::from_millis(5));
        }
        running.group.signal(Signal::INT)?;
        let finished = running.finish(PATIENCE)?;
        assert!(finished.stderr.contains("error: "), "{words}: {finished}");
        assert_ne!(finished.status.code(), Some(0), "{words}: {finished}");
        std::fs::remove_dir(&begun)?;
    }
    Ok(())
}

#[test]
fn switches_options_and_lists_are_written_as_in_every_command_line() -> anyhow::Result<()> {
    let workload = shop()?;
    let file = workload.file();
    let price = |words: &[&str]| {
        let args = [OsStr::new("call"), file.as_os_str(), "shop".as_ref(), "price".as_ref()];
        jack::run(args.into_iter().chain(words.iter().map(OsStr::new)))
    };
    let list = &["--extras", "[]"][..];
    for (words, expected) in [
        (&["--count", "3"][..], "3\n"),
        (&["--count", "3", "--gift"], "103\n"),
        (&["--gift", "--count", "3"], "103\n"),
        (&["--count", "3", "--gift=true"], "103\n"),
        (&["--count", "3", "--gift=false"], "3\n"),
        (&["--count", "3", "--no-gift"], "3\n"),
        (&["--count", "3", "--rush"], "1003\n"),
        (&["--count", "3", "--no-rush"], "2003\n"),
    ] {
        let words = [words, list].concat();
        assert_eq!(price(&words)?.success(), expected, "{words:?}");
    }
    for words in [
        &["--count", "3", "--extras", "5", "--extras", "6"][..],
        &["--count", "3", "--extras", "[5, 6]"],
        &["3", "--gift=false", "none", "[5, 6]"],
    ] {
        assert_eq!(price(words)?.success(), "14\n", "{words:?}");
    }
    let finished = price(&["--count", "3"])?;
    assert!(finished.failure().contains("--extras: missing") && finished.stderr.contains("--extras '[]'"));
    let finished = price(&["--help"])?;
    for part in [
        "shop price --count <u32> [--gift] [--rush <bool>] --extras <list<u32>> …\n",
        "true if it is there, else false, as with --no-gift\n",
        "true or false; or none, or nothing at all; --no-rush for false\n",
        "repeat the flag for more\n",
        "shop price --count 1 --gift --rush true --extras ",
    ] {
        assert!(finished.success().contains(part), "{part}: {finished}");
    }
    Ok(())
}

#[test]
fn in_a_trace_what_was_printed_stands_in_its_place_and_nowhere_else() -> anyhow::Result<()> {
    let finished = call("calculator", &["hypotenuse", "hypotenuse", "3", "4", "--trace"])?;
    assert_eq!(finished.success().matches("hypotenuse stderr 3² + 4² = 25").count(), 1, "{finished}");
    assert_eq!(finished.stderr, "");
    let finished = call("calculator", &["hypotenuse", "hypotenuse", "3", "4", "--trace", "--json"])?;
    assert_eq!(finished.success().matches("3² + 4² = 25").count(), 1, "{finished}");
    assert_eq!(finished.stderr, "");
    let finished = call("calculator", &["hypotenuse", "hypotenuse", "3", "4"])?;
    assert_eq!(finished.success(), "5\n");
    assert_eq!(finished.stderr.matches("3² + 4² = 25").count(), 1, "{finished}");
    // The service is no part of the call.
    let finished = call("cron", &["job", "invoke", "--trace"])?;
    assert!(finished.success().contains("· job stderr hello from the cron component"), "{finished}");
    Ok(())
}
