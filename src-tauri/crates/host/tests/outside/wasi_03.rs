//! The same rules by way of WASI 0.3: the sample `scout`.

use jackfield_host::Running;
use jackfield_protocol::Wanted;

use crate::{
    http::Server,
    support::{Bench, PATIENCE, call},
};

fn workload(scout: &str, more: &str) -> Bench {
    Bench::new(&format!("[components.scout]\nsource = \"./scout.wasm\"\n{scout}\n{more}\n"))
}

async fn scout(running: &Running, errand: &str, words: &[&str]) -> String {
    call(running, "scout", "scouting#scout", errand, words).await
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_granted_by_default() {
    let server = Server::start("").await;
    let bench = workload("", "");
    let running = bench.started().await;
    let authority = format!("127.0.0.1:{}", server.port);
    let answer = scout(&running, "get", &[&authority]).await;
    assert!(answer.contains("ConnectionRefused"), "{answer}");
    let answer = scout(&running, "send", &[&server.port.to_string(), "hello"]).await;
    assert!(answer.contains("ConnectionRefused"), "{answer}");
    let answer = scout(&running, "look-up", &["example.com"]).await;
    assert!(answer.contains("AccessDenied"), "{answer}");
    assert_eq!(scout(&running, "env", &[]).await, "ok(\"\")");
    assert_eq!(scout(&running, "folders", &[]).await, "ok(\"\")");
    assert_eq!(server.connections(), 0);
    let tcp = format!("tcp://{authority}");
    assert_eq!(bench.witness.missing_grants(), [&server.origin(), &tcp, "tcp://example.com"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_has_what_it_was_given() {
    let server = Server::start("").await;
    let bench = workload(
        &format!(
            "env = {{ WHO = \"scout\" }}\npermissions = {{ network = [\"{}\"], \
             volumes = [{{ name = \"notes\", at = \"/notes\" }}] }}",
            server.origin()
        ),
        "[volumes]\nnotes = { temporary = true }",
    );
    let running = bench.started().await;
    assert_eq!(scout(&running, "get", &[&format!("127.0.0.1:{}", server.port)]).await, "ok(\"200\")");
    assert_eq!(server.connections(), 1);
    assert_eq!(scout(&running, "env", &[]).await, "ok(\"WHO=scout\\n\")");
    assert_eq!(scout(&running, "folders", &[]).await, "ok(\"/notes\\n\")");
    assert_eq!(scout(&running, "print", &["hello"]).await, "ok(\"\")");
    bench.witness.until_line("scout stdout: hello").await;
    running.revoke(&"scout".into(), &server.origin()).unwrap();
    let answer = scout(&running, "get", &[&format!("127.0.0.1:{}", server.port)]).await;
    assert!(answer.contains("ConnectionRefused"), "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_it_may_not_do_with_files_is_told() {
    let volume = |access: &str| {
        format!(
            "permissions = {{ volumes = [{{ name = \"notes\", at = \"/notes\", access = \"{access}\" }}] }}"
        )
    };
    let reader = workload(&volume("read"), "[volumes]\nnotes = { temporary = true }");
    let running = reader.started().await;
    assert_eq!(scout(&running, "make-folder", &["new"]).await, "err(\"ErrorCode::NotPermitted\")");
    assert_eq!(scout(&running, "open", &["missing"]).await, "err(\"ErrorCode::NoEntry\")");
    let wanted: Vec<Wanted> = reader.witness.denials().into_iter().map(|denial| denial.wanted).collect();
    let (path, volume_name, at) = ("/notes/new".into(), "notes".into(), "/notes".into());
    assert_eq!(wanted, [Wanted::Write { path, volume: volume_name, at }]);

    let writer = workload(&volume("write"), "[volumes]\nnotes = { temporary = true }");
    let running = writer.started().await;
    assert_eq!(scout(&running, "make-folder", &["new"]).await, "ok(\"\")");
    assert!(scout(&running, "open", &["../outside"]).await.starts_with("err("));
    let wanted: Vec<Wanted> = writer.witness.denials().into_iter().map(|denial| denial.wanted).collect();
    assert_eq!(wanted, [Wanted::Leave { path: "/notes/../outside".into() }]);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_talks_to_a_service_of_its_workload_that_is_of_wasi_02() {
    let bench = workload(
        "",
        "[components.errands]\nsource = \"./errands.wasm\"\nargs = [\"serve\", \"7000\"]\n\
         [service]\ncomponent = \"errands\"",
    );
    let running = bench.started().await;
    bench.witness.until_line("errands stdout: listening on 127.0.0.1:7000").await;
    assert_eq!(scout(&running, "send", &["7000", "hello"]).await, "ok(\"hello from 7000\")");
    let answer = scout(&running, "listen", &["7000"]).await;
    assert!(answer.contains("AddressInUse"), "{answer}");
    for _ in 0..2 {
        assert_eq!(scout(&running, "listen", &["7001"]).await, "ok(\"7001\")");
    }
    assert_eq!(scout(&running, "look-up", &["localhost"]).await, "ok(\"127.0.0.1\\n\")");
    assert!(bench.witness.denials().is_empty());
    tokio::time::timeout(PATIENCE, running.stop()).await.expect("it ends");
}
