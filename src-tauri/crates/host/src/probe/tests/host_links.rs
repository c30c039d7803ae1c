//! Links to the host: what the samples do there is seen like any other call.

use std::{fs, path::Path};

use jackfield_protocol::{Outcome, ProbeLevel, Span};
use wasmtime::component::Val;

use super::lab::{Lab, told};
use crate::workload::{Loaded, OnlyFiles, load};

/// A workload of samples.
fn samples(components: &str, files: &[&str]) -> (tempfile::TempDir, Loaded) {
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../samples");
    let folder = tempfile::tempdir().expect("a folder");
    for file in files {
        let name = Path::new(file).file_name().expect("a name");
        fs::copy(from.join(file), folder.path().join(name)).expect("the samples: run `cargo xtask samples`");
    }
    fs::write(folder.path().join("workload.toml"), format!("name = \"test\"\n{components}")).expect("a file");
    let loaded = load(folder.path(), &OnlyFiles).unwrap_or_else(|error| panic!("{error:?}"));
    (folder, loaded)
}

fn text(text: &str) -> Val {
    Val::String(text.into())
}

fn texts(words: &[&str]) -> Val {
    Val::List(words.iter().map(|word| text(word)).collect())
}

/// Calls an entry with all links observed, and with none. Gives the result, which is the same, and the spans.
async fn called(loaded: &Loaded, entry: &str, calls: &[(&str, &str, Vec<Val>)]) -> (Vec<Val>, Vec<String>) {
    let plain = Lab::of(loaded, entry, |_| false);
    let probed = Lab::of(loaded, entry, |_| true);
    assert_eq!(probed.composition.unobserved, []);
    let (mut plain, mut probed) = (plain.live().await, probed.live().await);
    let mut results = Vec::new();
    for (interface, function, args) in calls {
        let expected = plain.call(interface, function, args).await.unwrap();
        let result = probed.call(interface, function, args).await.unwrap();
        assert_eq!(result, expected, "{function}");
        results.extend(result);
    }
    (results, probed.spans())
}

#[track_caller]
fn assert_seen(spans: &[String], parts: &[&str]) {
    for part in parts {
        assert!(spans.iter().any(|span| span.contains(part)), "{part}: {spans:#?}");
    }
}

#[tokio::test]
async fn the_keyvalue_plugin_is_seen() {
    let toml = "[components.older]\nsource = \"./older-drafts.wasm\"\nconfig = { greeting = \"hello\" }\n";
    let (_folder, loaded) = samples(toml, &["plugins/older-drafts.wasm"]);
    let shelf = "samples:plugins/shelf";
    let calls = [
        (shelf, "put", vec![text("b"), text("key"), text("value")]),
        (shelf, "get", vec![text("b"), text("key")]),
        ("samples:plugins/settings", "get", vec![text("greeting")]),
    ];
    let (results, spans) = called(&loaded, "older", &calls).await;
    assert_eq!(format!("{:?}", results[1]), r#"Result(Ok(Some(Option(Some(String("value"))))))"#);
    assert_seen(
        &spans,
        &[
            "wasi:keyvalue store@",
            "#open(\"b\") = ok(bucket)",
            "#[method]bucket.set(bucket, \"key\", [118, 97",
            "wasi:config ",
        ],
    );
}

#[tokio::test]
async fn files_are_seen() {
    let toml = "[components.errands]\nsource = \"./errands.wasm\"\nenv = { GREETING = \"hello\" }\n\
        permissions = { volumes = [{ name = \"notes\", at = \"/notes\", access = \"write\" }] }\n\
        [volumes]\nnotes = { temporary = true }\n";
    let (_folder, loaded) = samples(toml, &["errands/errands.wasm"]);
    let errands = "samples:errands/errands";
    let calls = [
        (errands, "run", vec![text("write"), texts(&["/notes/a", "some text"])]),
        (errands, "run", vec![text("read"), texts(&["/notes/a"])]),
        (errands, "run", vec![text("env"), texts(&[])]),
        (errands, "run", vec![text("print"), texts(&["hello"])]),
        (errands, "run", vec![text("get"), texts(&["http://127.0.0.1:9/"])]),
    ];
    let (results, spans) = called(&loaded, "errands", &calls).await;
    assert!(format!("{:?}", results[1]).contains("some text"), "{results:?}");
    assert_seen(
        &spans,
        &[
            "types@0.2.",
            "#[method]descriptor.open-at(descriptor, ",
            "\"a\"",
            "#[method]descriptor.write-via-stream(descriptor, 0) = ok(output-stream)",
            "#[method]output-stream.write(output-stream, [115, 111, 109, 101, 32, 116, 101, 120, 116]) = ok",
            "#[method]descriptor.read-via-stream(descriptor, 0) = ok(input-stream)",
            "#[method]input-stream.blocking-read(input-stream, 9) = ok([115, 111, 109, 101, 32, 116, 101, 120, 116])",
            "preopens@",
            "outgoing-handler@",
            "environment@",
        ],
    );
}

#[tokio::test]
async fn sockets_are_seen_with_their_addresses() {
    let toml = "[components.errands]\nsource = \"./errands.wasm\"\n\
        [components.scout]\nsource = \"./scout.wasm\"\n";
    let (_folder, loaded) = samples(toml, &["errands/errands.wasm", "errands/scout.wasm"]);
    let calls = [
        ("samples:errands/errands", "run", vec![text("listen"), texts(&["127.0.0.1:7000"])]),
        ("samples:errands/errands", "run", vec![text("send"), texts(&["127.0.0.1:7001", "hello"])]),
        ("samples:errands/errands", "run", vec![text("tell"), texts(&["[::1]:7002", "hello"])]),
    ];
    let (_, spans) = called(&loaded, "errands", &calls).await;
    assert_seen(
        &spans,
        &[
            "#[method]tcp-socket.start-bind(tcp-socket, network, ipv4({port: 7000, address: (127, 0, 0, 1)})) = ok",
            "#[method]tcp-socket.start-connect(tcp-socket, network, ipv4({port: 7001, address: (127, 0, 0, 1)})) = ",
            "#[method]tcp-socket.finish-connect(tcp-socket) = err(connection-refused)",
            "#[method]outgoing-datagram-stream.send(outgoing-datagram-stream, [{data: [104, 101, 108, 108, 111], \
             remote-address: some(ipv6({port: 7002, ",
        ],
    );
    let scouting = "samples:errands/scouting";
    let calls = [
        (scouting, "scout", vec![text("send"), texts(&["7001", "hello"])]),
        (scouting, "scout", vec![text("talk"), texts(&["7002", "hello"])]),
    ];
    let (_, spans) = called(&loaded, "scout", &calls).await;
    assert_seen(
        &spans,
        &[
            "#[method]tcp-socket.connect(tcp-socket, ipv4({port: 7001, address: (127, 0, 0, 1)})) = err(connection-refused)",
            "#[method]udp-socket.send(udp-socket, [104, 101, 108, 108, 111], none) = ok",
            "#[method]udp-socket.receive(udp-socket) = ok(([104, 101, 108, 108, 111], ipv4({port: ",
        ],
    );
}

/// The calls of an instance of `errands`, each with an errand, at a level.
async fn errands_at(level: ProbeLevel, errands: &[(&str, &[&str])]) -> Vec<Span> {
    let toml = "[components.errands]\nsource = \"./errands.wasm\"\n\
        permissions = { volumes = [{ name = \"notes\", at = \"/notes\" }] }\n\
        [volumes]\nnotes = { temporary = true }\n";
    let (_folder, loaded) = samples(toml, &["errands/errands.wasm"]);
    let mut live = Lab::of(&loaded, "errands", |_| true).live_at(level).await;
    for (errand, words) in errands {
        let done = live.call("samples:errands/errands", "run", &[text(errand), texts(words)]).await.unwrap();
        assert!(matches!(done, Some(Val::Result(Err(_)))), "{errand}: {done:?}");
    }
    live.trace()
}

const REFUSED: [(&str, &[&str]); 5] = [
    ("send", &["10.0.0.1:80", "hello"]),
    ("listen", &["192.0.2.1:80"]),
    ("tell", &["10.0.0.1:53", "hello"]),
    ("look-up", &["example.com"]),
    ("get", &["http://192.0.2.1/"]),
];

#[track_caller]
fn assert_denied(spans: &[Span], functions: &[&str]) {
    let denied = spans.iter().filter(|span| span.outcome == Outcome::Denied);
    let name = |span: &Span| match span.function.starts_with("GET ") {
        true => span.function.to_string(),
        false => span.function.rsplit(['.', '#']).next().unwrap_or_default().to_owned(),
    };
    let denied: Vec<String> = denied.map(name).collect();
    assert_eq!(denied, functions, "{:#?}", spans.iter().map(told).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_is_refused_is_told_from_what_fails() {
    let spans = errands_at(ProbeLevel::Values, &REFUSED).await;
    assert_denied(
        &spans,
        &["finish-connect", "start-bind", "send", "resolve-addresses", "GET http://192.0.2.1/"],
    );
    let spans = errands_at(ProbeLevel::Values, &[("write", &["/notes/a", "text"])]).await;
    assert_denied(&spans, &["open-at"]);
    let spans = errands_at(ProbeLevel::Values, &[("read", &["/notes/none"])]).await;
    assert_denied(&spans, &[]);
    let open = spans.iter().find(|span| span.function.ends_with("open-at")).unwrap();
    assert_eq!((&open.outcome, open.result.as_deref()), (&Outcome::Error, Some("err(no-entry)")));
}

#[tokio::test]
async fn what_is_refused_is_known_without_the_values_too() {
    let spans = errands_at(ProbeLevel::Timing, &REFUSED).await;
    assert_denied(
        &spans,
        &["finish-connect", "start-bind", "send", "resolve-addresses", "GET http://192.0.2.1/"],
    );
    assert!(spans.iter().all(|span| span.args.is_empty() || span.provider.as_str() == "wasi:http"));
}

#[tokio::test]
async fn where_nobody_of_the_workload_listens_is_a_refusal_too() {
    let errands: [(&str, &[&str]); 2] =
        [("send", &["127.0.0.1:80", "hello"]), ("get", &["http://localhost/"])];
    let spans = errands_at(ProbeLevel::Timing, &errands).await;
    assert_denied(&spans, &["finish-connect", "GET http://localhost/"]);
    assert_eq!(spans.last().unwrap().outcome, Outcome::Ok, "what comes after it is as it was");
}

/// A server on this machine that answers one request.
fn server() -> std::io::Result<String> {
    use std::io::{Read as _, Write as _};

    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let origin = format!("http://{}", listener.local_addr()?);
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept()?;
        let _ = stream.read(&mut [0; 4096])?;
        stream.write_all(b"HTTP/1.1 404 Not Found\r\ncontent-length: 5\r\n\r\nhello")
    });
    Ok(origin)
}

#[tokio::test]
async fn requests_are_seen_with_their_status() {
    let origin = server().unwrap();
    let toml = format!(
        "[components.errands]\nsource = \"./errands.wasm\"\npermissions = {{ network = [\"{origin}\"] }}\n"
    );
    let (_folder, loaded) = samples(&toml, &["errands/errands.wasm"]);
    let mut live = Lab::of(&loaded, "errands", |_| false).live().await;
    let url = format!("{origin}/here");
    live.call("samples:errands/errands", "run", &[text("get"), texts(&[&url])]).await.unwrap();
    let spans = live.trace();
    let [get] = spans.as_slice() else { panic!("{:#?}", spans.iter().map(told).collect::<Vec<_>>()) };
    assert_eq!((get.provider.as_str(), get.function.as_str()), ("wasi:http", format!("GET {url}").as_str()));
    assert_eq!((get.result.as_deref(), &get.outcome), (Some("404"), &Outcome::Ok));
}

#[tokio::test]
async fn the_blobstore_plugin_is_seen() {
    let toml = "[components.cupboard]\nsource = \"./cupboard.wasm\"\n";
    let (_folder, loaded) = samples(toml, &["plugins/cupboard.wasm"]);
    let cupboard = "samples:plugins/cupboard";
    let calls = [
        (cupboard, "create", vec![text("c")]),
        (cupboard, "put", vec![text("c"), text("one"), text("content"), Val::Bool(true)]),
        (cupboard, "get", vec![text("c"), text("one"), Val::U64(1), Val::U64(3)]),
    ];
    let (results, spans) = called(&loaded, "cupboard", &calls).await;
    assert!(format!("{results:?}").contains("ont"), "{results:?}");
    assert_seen(
        &spans,
        &[
            "wasi:blobstore blobstore@0.2.0-draft#create-container(\"c\") = ok(container)",
            "#[method]container.write-data(container, \"one\", outgoing-value) = ok",
            "#[method]container.get-data(container, \"one\", 1, 3) = ok(incoming-value)",
        ],
    );
}

#[tokio::test]
async fn what_wasi_03_does_is_seen() {
    let toml = "[components.scout]\nsource = \"./scout.wasm\"\nenv = { WHO = \"scout\" }\n\
        permissions = { volumes = [{ name = \"notes\", at = \"/notes\" }] }\n\
        [volumes]\nnotes = { temporary = true }\n";
    let (_folder, loaded) = samples(toml, &["errands/scout.wasm"]);
    let scouting = "samples:errands/scouting";
    let calls = [
        (scouting, "scout", vec![text("env"), texts(&[])]),
        (scouting, "scout", vec![text("folders"), texts(&[])]),
        (scouting, "scout", vec![text("print"), texts(&["hello"])]),
        (scouting, "scout", vec![text("look-up"), texts(&["example.com"])]),
        (scouting, "scout", vec![text("get"), texts(&["127.0.0.1:9"])]),
    ];
    let (_, spans) = called(&loaded, "scout", &calls).await;
    assert_seen(
        &spans,
        &["#get-environment() = [(\"WHO\", \"scout\")]", "#send(request)", "write-via-stream(stream)"],
    );
}

#[tokio::test]
async fn a_component_in_the_place_of_a_plugin_is_seen() {
    let toml = "[components.cupboard]\nsource = \"./cupboard.wasm\"\n[components.blobby]\nsource = \"./blobby.wasm\"\n\
        permissions = { volumes = [{ name = \"objects\", at = \"/objects\", access = \"write\" }] }\n\
        [volumes]\nobjects = { temporary = true }\n";
    let (_folder, loaded) = samples(toml, &["plugins/cupboard.wasm", "blobby/blobby.wasm"]);
    let cupboard = "samples:plugins/cupboard";
    let put = |name| vec![text("c"), text(name), text("content"), Val::Bool(true)];
    let calls = [
        (cupboard, "create", vec![text("c")]),
        (cupboard, "put", put("one")),
        (cupboard, "put", put("two")),
        (cupboard, "names", vec![text("c"), Val::U64(0), Val::U64(1)]),
        (cupboard, "get", vec![text("c"), text("one"), Val::U64(1), Val::U64(3)]),
    ];
    let (results, spans) = called(&loaded, "cupboard", &calls).await;
    assert!(format!("{results:?}").contains("ont"), "{results:?}");
    assert_seen(
        &spans,
        &[
            "blobby blobstore@",
            "= ok(container#1)",
            "container.write-data(container#2, \"one\", outgoing-value#1)",
        ],
    );
}
