//! `jack call`.

use std::ffi::OsStr;

use jackfield_protocol::{CallOutcome, Error, ErrorKind};
use jackfield_tests::files::sample;
use jackfield_tests::jack::{self, Finished};

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
        .map(|line| line.rsplit_once("  ").map_or(line, |(line, _)| line))
        .collect();
    assert_eq!(
        lines,
        [
            "hypotenuse math:ops/hypotenuse#hypotenuse(3, 4) = 5",
            "├─ square math:ops/square#square(3) = 9",
            "├─ square math:ops/square#square(4) = 16",
            "└─ square-root math:ops/square-root#square-root(25) = 5",
        ],
        "{finished}"
    );
    Ok(())
}

#[test]
fn a_trace_changes_no_result_and_keeps_handles_recognisable() -> anyhow::Result<()> {
    for function in ["add", "text", "bytes", "distance", "next"] {
        let plain = call("calls", &["caller", function, "3"])?;
        let traced = call("calls", &["caller", function, "3", "--trace"])?;
        let root = format!("caller {function}(3) = {}  ", plain.success().trim_end());
        assert!(traced.success().starts_with(&root), "{plain}{traced}");
    }
    let finished = call("calls", &["caller", "next", "2", "--trace", "--json"])?;
    let json: serde_json::Value = serde_json::from_str(finished.success())?;
    let spans = json["trace"]["spans"].as_array().expect("spans");
    let told: Vec<String> =
        spans.iter().map(|span| format!("{} {} {}", span["parent"], span["args"], span["result"])).collect();
    assert_eq!(
        told,
        [r#"null ["2"] "2""#, r#"0 [] "counter#1""#, r#"0 ["counter#1"] "1""#, r#"0 ["counter#1"] "2""#,],
        "{finished}"
    );
    assert_eq!(json["trace"]["unobserved"], serde_json::json!([]));
    Ok(())
}
