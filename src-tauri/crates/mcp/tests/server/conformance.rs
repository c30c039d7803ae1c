//! The official conformance suite, which plays a client.
//!
//! `tests/peers/conformance-REVISION.yml` lists what the server does not pass, and why. The suite fails also
//! when one of these passes after all.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use jackfield_mcp::{HttpOptions, HttpServer};
use serde_json::Value;
use tokio::process::Command;

use crate::peers::{peer, root};
use crate::toolbox::TestTools;

async fn conforms(revision: &str) {
    let (Some(node), Some(suite)) = (peer("JACKFIELD_NODE"), peer("JACKFIELD_CONFORMANCE")) else { return };
    let server =
        HttpServer::start(TestTools::for_conformance(), HttpOptions::default()).await.expect("a server");
    let results = tempfile::tempdir().expect("a folder");
    let baseline = root().join(format!("tests/peers/conformance-{revision}.yml"));
    let mut command = Command::new(node);
    command.arg(suite).args(["server", "--url", &server.url(), "--requirements", revision]);
    command.arg("--expected-failures").arg(baseline).arg("--output-dir").arg(results.path());
    let output = command.stdin(Stdio::null()).kill_on_drop(true).output().await.expect("the suite runs");
    server.stop().await;

    let text = String::from_utf8_lossy(&output.stdout);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}\n{errors}\n{}", failures(results.path()).join("\n"));
    // A suite that tested nothing is no proof.
    for scenario in ["tools-list", "tools-call-simple-text", "tools-call-error", "dns-rebinding-protection"] {
        assert!(text.contains(&format!("✓ {scenario}: ")), "{scenario} did not pass:\n{text}");
    }
}

/// What the suite says about each failed check; its summary has only numbers.
fn failures(results: &Path) -> Vec<String> {
    let mut files: Vec<PathBuf> = std::fs::read_dir(results)
        .expect("a folder")
        .filter_map(|scenario| Some(scenario.ok()?.path().join("checks.json")))
        .collect();
    files.sort();
    let checks =
        files.iter().filter_map(|file| serde_json::from_slice::<Vec<Value>>(&std::fs::read(file).ok()?).ok());
    let failed =
        checks.flatten().filter(|check| check["status"] == "FAILURE" || check["status"] == "WARNING");
    failed.map(|check| format!("{} {}: {}", check["status"], check["id"], check["errorMessage"])).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suite_for_2025_11_25_passes() {
    conforms("2025-11-25").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_suite_for_2026_07_28_passes() {
    conforms("2026-07-28").await;
}
