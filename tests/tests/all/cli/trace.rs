//! `jack trace`, over a recording of the calculator.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::net::TcpListener;
use std::path::PathBuf;

use jackfield_protocol::Trace;
use jackfield_tests::jack::{self, Finished};
use serde_json::Value;
use tempfile::TempDir;

/// A recording of three calls.
struct Recorded {
    folder: TempDir,
    path: PathBuf,
}

impl Recorded {
    async fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("traces.jsonl");
        // In a box, because what asks the workbench is a deep future already.
        Box::pin(crate::traces::record(&path)).await;
        Self { folder, path }
    }

    fn jack(&self, command: &str, args: &[&str]) -> Finished {
        let path = self.path.to_str().expect("UTF-8");
        let words = ["trace", command, path].into_iter().chain(args.iter().copied());
        jack::run(words).expect("jack")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_listed_and_its_calls_are_shown_as_trees() {
    let recorded = Recorded::new().await;
    let listed = recorded.jack("list", &[]);
    let lines: Vec<_> = listed.success().lines().collect();
    assert_eq!(lines.len(), 3, "{listed}");
    for (number, line) in (1..).zip(&lines) {
        assert!(line.starts_with(&format!("{number}  20")), "{line}");
        assert!(line.contains("4 calls  ok          hypotenuse  math:ops/hypotenuse"), "{line}");
    }
    let shown = recorded.jack("show", &["1"]);
    for line in [
        "  hypotenuse math:ops/hypotenuse#hypotenuse(a: 3, b: 4) = 5\n",
        "  ├─ square math:ops/square#square(x: 3) = 9\n",
        "  └─ square-root math:ops/square-root#square-root(x: 25) = 5\n",
    ] {
        assert!(shown.success().contains(line), "{line}{shown}");
    }
    let last = recorded.jack("show", &["--json"]);
    let last: Trace = serde_json::from_str(last.success()).expect("a trace");
    assert_eq!((last.id.0, last.spans[0].result.as_deref()), (3, Some("17")));
    let missing = recorded.jack("show", &["4"]);
    assert!(missing.failure().contains("has 3 traces, and none with number 4"), "{missing}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_is_told_and_the_rest_is_shown() {
    let recorded = Recorded::new().await;
    let mut file = OpenOptions::new().append(true).open(&recorded.path).expect("the file");
    file.write_all(b"{\"lost\":7}\n{\"trace\":{\"of\":0,\"sta").expect("written");
    let listed = recorded.jack("list", &[]);
    assert_eq!(listed.success().lines().count(), 3);
    assert!(listed.stderr.contains("not written to its end; skipped"), "{listed}");
    assert!(listed.stderr.contains("7 traces are missing: the disk was too slow or full"), "{listed}");
    let json: Value = serde_json::from_str(recorded.jack("list", &["--json"]).success()).expect("JSON");
    assert_eq!((&json["total"], &json["lost"]), (&3.into(), &7.into()));
    assert_eq!(json["damage"].as_array().map(Vec::len), Some(1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_is_exported_for_each_program() {
    let recorded = Recorded::new().await;
    let out = recorded.folder.path().join("out.json");
    for (format, what) in [("json", "workload-name"), ("chrome", "traceEvents"), ("otlp", "resourceSpans")] {
        let done = recorded.jack("export", &["--format", format, "-o", out.to_str().expect("UTF-8")]);
        assert_eq!(done.success(), "");
        assert!(done.stderr.contains("3 traces were written to "), "{done}");
        let text = fs::read_to_string(&out).expect("the file");
        assert!(text.contains(what) && text.contains("square-root"), "{format}: {text}");
    }
    let straight = recorded.jack("export", &["--format", "json", "-o", "/dev/stdout"]);
    assert_eq!(straight.success().lines().count(), 3, "{straight}");
    let dash = recorded.jack("export", &["--format", "json", "-o", "-"]);
    assert_eq!(dash.success(), straight.stdout, "a file called `-` would not be where standard output is");
    let failed = recorded.jack("export", &["--format", "json", "-o", "/no/such/folder/out.json"]);
    assert!(failed.failure().contains("cannot write the traces: No such file or directory"), "{failed}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_goes_wrong_says_what_to_do() {
    let recorded = Recorded::new().await;
    let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("its address");
    let sent = recorded.jack("send", &["--endpoint", &format!("http://{free}")]);
    assert!(sent.failure().contains("no collector can be reached") && sent.stderr.contains("4318"), "{sent}");
    let other = jack::run(["trace", "list", "Cargo.toml"]).expect("jack");
    assert!(other.failure().contains("is no recording of traces: Cargo.toml"), "{other}");
    let missing = jack::run(["trace", "list", "no-such-file"]).expect("jack");
    assert!(missing.failure().contains("cannot read the recording: No such file"), "{missing}");
}
