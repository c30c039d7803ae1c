//! `wasi:config` and `wasi:logging`, which each component has for itself.

use std::sync::Arc;

use jackfield_protocol::{LogLevel, LogStream};

use crate::support::{BOTH, DRAFTS, Witness, call, host, start_with, write};

#[tokio::test(flavor = "multi_thread")]
async fn each_component_has_its_own_configuration_in_every_draft() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        "name = \"test\"\n[components.older]\nsource = \"./older-drafts.wasm\"\nconfig = { who = \"o\", b = \"2\" }\n\
         [components.newer]\nsource = \"./newer-drafts.wasm\"\nconfig = { who = \"n\" }\n\
         [components.neither]\nsource = \"./newer-drafts.wasm\"\n",
    );
    let running = start_with(&host(), folder.path(), Arc::default()).await.unwrap();
    assert_eq!(call(&running, "older", "settings#get", &["\"who\""]).await, "ok(some(\"o\"))");
    assert_eq!(call(&running, "newer", "settings#get", &["\"who\""]).await, "ok(some(\"n\"))");
    assert_eq!(call(&running, "newer", "settings#get", &["\"b\""]).await, "ok(none)");
    assert_eq!(
        call(&running, "older", "settings#get-all", &[]).await,
        "ok([(\"b\", \"2\"), (\"who\", \"o\")])"
    );
    assert_eq!(call(&running, "neither", "settings#get-all", &[]).await, "ok([])");
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_are_told_with_component_level_context_and_call() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), BOTH);
    let witness = Arc::<Witness>::default();
    let running = start_with(&host(), folder.path(), witness.clone()).await.unwrap();
    for component in DRAFTS {
        call(&running, component, "messages#log", &["warn", "\"timer\"", "\"late\\nagain\\n\""]).await;
    }
    call(&running, "newer", "messages#log", &["critical", "\"\"", "\"\""]).await;
    let lines = witness.0.lock().unwrap();
    let told: Vec<_> = lines
        .iter()
        .map(|line| (line.component.as_str(), line.stream, line.context.as_deref(), line.text.as_str()))
        .collect();
    let warn = LogStream::Log(LogLevel::Warn);
    assert_eq!(
        told,
        [
            ("older", warn, Some("timer"), "late"),
            ("older", warn, Some("timer"), "again"),
            ("newer", warn, Some("timer"), "late"),
            ("newer", warn, Some("timer"), "again"),
            ("newer", LogStream::Log(LogLevel::Critical), None, ""),
        ]
    );
    assert!(lines[0].call.is_some() && lines[0].call != lines[2].call);
}
