//! The host's plugins, called by real components: the sample `plugins`, of which one component was built with
//! the older drafts and one with the newer.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "helpers of tests fail by panicking"
)]

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    path::Path,
    process::{Command, Stdio},
    sync::{Arc, Mutex},
    time::Duration,
};

use jackfield_host::{
    Host, HostConfig, HostError, Line, Observer, Running, next_call,
    plan::plan,
    workload::{OnlyFiles, load},
};
use jackfield_protocol::{Diagnostic, LinkTarget, LogLevel, LogStream, Plan, WorkloadState};

/// Long enough for a slow machine; reached only when something is wrong.
const PATIENCE: Duration = Duration::from_secs(60);

/// The two components of the sample, as they stand in a workload.
const BOTH: &str = "name = \"test\"\n[components.older]\nsource = \"./older-drafts.wasm\"\n\
                    [components.newer]\nsource = \"./newer-drafts.wasm\"\n";

const DRAFTS: [&str; 2] = ["older", "newer"];

/// Remembers the lines that it hears.
#[derive(Default)]
struct Witness(Mutex<Vec<Line>>);

impl Observer for Witness {
    fn line(&self, line: Line) {
        self.0.lock().unwrap().push(line);
    }

    fn state(&self, _: WorkloadState) {}
}

/// Writes a workload with the sample's components into a folder.
fn write(folder: &Path, text: &str) {
    let samples = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../samples/plugins");
    for name in ["older-drafts.wasm", "newer-drafts.wasm"] {
        fs::copy(samples.join(name), folder.join(name)).expect("the samples: run `cargo xtask samples`");
    }
    fs::write(folder.join("workload.toml"), text).unwrap();
}

async fn start_with(host: &Host, folder: &Path, witness: Arc<Witness>) -> Result<Running, HostError> {
    let loaded = load(folder, &OnlyFiles).unwrap();
    let plan = planned(host, folder);
    host.start(Arc::new(loaded), Arc::new(plan), witness).await
}

fn planned(host: &Host, folder: &Path) -> Plan {
    let loaded = load(folder, &OnlyFiles).unwrap();
    let infos = loaded.components.iter().map(|(name, it)| (name.clone(), it.info().clone())).collect();
    plan(&loaded.workload, &infos, &host.plugins().catalog())
}

fn host() -> Host {
    Host::new(&HostConfig::default()).unwrap()
}

/// A workload of both components with these lines after them, running.
async fn running(more: &str) -> (tempfile::TempDir, Running) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &format!("{BOTH}{more}"));
    let running = start_with(&host(), folder.path(), Arc::default()).await.unwrap();
    (folder, running)
}

async fn call(running: &Running, component: &str, function: &str, args: &[&str]) -> String {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    let component = component.into();
    let call = running.call(next_call(), &component, function, &args);
    let outcome = tokio::time::timeout(PATIENCE, call).await.expect("it returns").unwrap();
    outcome.result.unwrap_or_default()
}

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

/// Everything that `store`, `atomics` and `batch` promise, for one draft.
async fn keeps_values(running: &Running, draft: &str) {
    let shelf = async |function: &str, args: &[&str]| {
        let bucket = format!("\"{draft}\"");
        let args: Vec<&str> = std::iter::once(bucket.as_str()).chain(args.iter().copied()).collect();
        call(running, draft, &format!("shelf#{function}"), &args).await
    };
    assert_eq!(shelf("get", &["\"a\""]).await, "ok(none)");
    assert_eq!(shelf("put", &["\"a\"", "\"1\""]).await, "ok");
    assert_eq!(shelf("put", &["\"a\"", "\"é\""]).await, "ok");
    assert_eq!(shelf("get", &["\"a\""]).await, "ok(some(\"é\"))");
    assert_eq!(shelf("has", &["\"a\""]).await, "ok(true)");
    assert_eq!(shelf("remove", &["\"a\""]).await, "ok");
    assert_eq!(shelf("remove", &["\"a\""]).await, "ok");
    assert_eq!(shelf("has", &["\"a\""]).await, "ok(false)");
    assert_eq!(shelf("keys", &[]).await, "ok([])");

    assert_eq!(shelf("add", &["\"n\"", "5"]).await, "ok(5)");
    assert_eq!(shelf("add", &["\"n\"", "37"]).await, "ok(42)");
    assert_eq!(shelf("get", &["\"n\""]).await, "ok(some(\"42\"))");
    assert_eq!(shelf("put", &["\"word\"", "\"x\""]).await, "ok");
    assert!(shelf("add", &["\"word\"", "1"]).await.contains("not a number"));
    if draft == "newer" {
        assert_eq!(shelf("add", &["\"n\"", "-43"]).await, "ok(-1)");
        assert!(shelf("add", &["\"n\"", "-9223372036854775808"]).await.contains("beyond"));
    }

    assert_eq!(shelf("put-many", &["[(\"x\", \"1\"), (\"y\", \"2\"), (\"\", \"0\")]"]).await, "ok");
    assert_eq!(
        shelf("get-many", &["[\"y\", \"nobody\", \"x\", \"\"]"]).await,
        "ok([some(\"2\"), none, some(\"1\"), some(\"0\")])"
    );
    assert_eq!(shelf("keys", &[]).await, "ok([\"\", \"n\", \"word\", \"x\", \"y\"])");
    assert_eq!(shelf("remove-many", &["[\"x\", \"nobody\", \"\"]"]).await, "ok");
    assert_eq!(shelf("keys", &[]).await, "ok([\"n\", \"word\", \"y\"])");

    // Another bucket of the same store has nothing of this.
    assert_eq!(call(running, draft, "shelf#keys", &["\"another\""]).await, "ok([])");
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_kept_in_memory_in_every_draft() {
    let (_folder, running) = running("").await;
    for draft in DRAFTS {
        keeps_values(&running, draft).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn values_are_kept_in_a_file_in_every_draft() {
    let (folder, running) =
        running("[host.\"wasi:keyvalue\"]\nbackend = \"file\"\npath = \"./deep/kv.db\"\n").await;
    for draft in DRAFTS {
        keeps_values(&running, draft).await;
    }
    assert!(folder.path().join("deep/kv.db").is_file(), "beside the workload file");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_swap_succeeds_once_nobody_was_quicker() {
    let (_folder, running) = running("").await;
    let swap = async |key: &str, meanwhile: &str| {
        call(&running, "newer", "swaps#swap", &["\"b\"", key, "\"new\"", meanwhile]).await
    };
    assert_eq!(swap("\"k\"", "none").await, "ok(1)");
    assert_eq!(swap("\"k\"", "some(\"other\")").await, "ok(2)");
    assert_eq!(swap("\"fresh\"", "some(\"other\")").await, "ok(2)");
    assert_eq!(call(&running, "newer", "shelf#get", &["\"b\"", "\"k\""]).await, "ok(some(\"new\"))");
}

#[tokio::test(flavor = "multi_thread")]
async fn long_lists_of_keys_come_in_pages_and_whole() {
    for settings in ["", "[host.\"wasi:keyvalue\"]\nbackend = \"file\"\npath = \"kv.db\"\n"] {
        let (_folder, running) = running(settings).await;
        let values: Vec<_> = (0..2001).map(|n| format!("(\"k{n:04}\", \"\")")).collect();
        let values = format!("[{}]", values.join(", "));
        call(&running, "older", "shelf#put-many", &["\"b\"", &values]).await;
        for draft in DRAFTS {
            let keys = call(&running, draft, "shelf#keys", &["\"b\""]).await;
            assert_eq!(keys.matches("\"k").count(), 2001, "{draft}");
            assert!(keys.starts_with("ok([\"k0000\", \"k0001\"") && keys.ends_with("\"k2000\"])"));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_components_of_a_workload_share_what_is_kept_and_two_workloads_do_not() {
    let host = host();
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(one.path(), BOTH);
    write(other.path(), BOTH);
    let one = start_with(&host, one.path(), Arc::default()).await.unwrap();
    let other = start_with(&host, other.path(), Arc::default()).await.unwrap();
    call(&one, "older", "shelf#put", &["\"b\"", "\"k\"", "\"v\""]).await;
    assert_eq!(call(&one, "newer", "shelf#get", &["\"b\"", "\"k\""]).await, "ok(some(\"v\"))");
    assert_eq!(call(&other, "newer", "shelf#get", &["\"b\"", "\"k\""]).await, "ok(none)");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_survives_a_restart_and_is_shared_by_workloads_that_name_it() {
    let host = host();
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let file = folders[0].path().join("kv.db");
    write(
        folders[0].path(),
        &format!("{BOTH}[host.\"wasi:keyvalue\"]\nbackend = \"file\"\npath = \"./kv.db\"\n"),
    );
    write(
        folders[1].path(),
        &format!("{BOTH}[host.\"wasi:keyvalue\"]\nbackend = \"file\"\npath = '{}'\n", file.display()),
    );
    let first = start_with(&host, folders[0].path(), Arc::default()).await.unwrap();
    let second = start_with(&host, folders[1].path(), Arc::default()).await.unwrap();
    call(&first, "older", "shelf#put", &["\"b\"", "\"k\"", "\"v\""]).await;
    assert_eq!(call(&second, "newer", "shelf#get", &["\"b\"", "\"k\""]).await, "ok(some(\"v\"))");
    for running in [first, second] {
        running.stop().await;
    }
    let again = start_with(&self::host(), folders[0].path(), Arc::default()).await.unwrap();
    assert_eq!(call(&again, "newer", "shelf#get", &["\"b\"", "\"k\""]).await, "ok(some(\"v\"))");
}

/// Names the folder for the process that is to be killed.
const VICTIM: &str = "JACKFIELD_TEST_VICTIM";
/// What its keys begin with.
const PREFIX: &str = "JACKFIELD_TEST_PREFIX";

/// Not a test of its own: what the process does that the next test kills.
#[tokio::test(flavor = "multi_thread")]
async fn writes_until_it_is_killed() {
    let Some(folder) = std::env::var_os(VICTIM) else { return };
    let running = start_with(&host(), Path::new(&folder), Arc::default()).await.unwrap();
    let prefix = std::env::var(PREFIX).unwrap();
    for n in 0.. {
        let key = format!("\"{prefix}-{n}\"");
        assert_eq!(call(&running, "newer", "shelf#put", &["\"b\"", &key, "\"v\""]).await, "ok");
        // Past the test harness, which holds back what is printed by `println!`.
        writeln!(std::io::stderr(), "committed {n}").unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_committed_survives_a_kill_in_the_middle_of_writing() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &format!("{BOTH}[host.\"wasi:keyvalue\"]\nbackend = \"file\"\npath = \"./kv.db\"\n"),
    );
    let mut committed = Vec::new();
    for round in 0..3 {
        let mut victim = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "writes_until_it_is_killed", "--nocapture"])
            .env(VICTIM, folder.path())
            .env(PREFIX, round.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(victim.stderr.take().unwrap()).lines().map_while(Result::ok);
        let mut last =
            lines.by_ref().filter_map(|line| line.strip_prefix("committed ")?.parse().ok()).take(20);
        let at_least = last.by_ref().last().unwrap();
        victim.kill().unwrap();
        victim.wait().unwrap();
        let rest = lines.filter_map(|line| line.strip_prefix("committed ")?.parse::<u32>().ok());
        committed.push(rest.last().unwrap_or(at_least));

        let running = start_with(&host(), folder.path(), Arc::default()).await.unwrap();
        for (round, last) in committed.iter().enumerate() {
            for n in 0..=*last {
                let key = format!("\"{round}-{n}\"");
                let found = call(&running, "older", "shelf#get", &["\"b\"", &key]).await;
                assert_eq!(found, "ok(some(\"v\"))", "{n} of {last} in round {round}");
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_store_in_memory_has_a_limit_and_names_it() {
    let (_folder, running) = running("[host.\"wasi:keyvalue\"]\nlimit = \"4KiB\"\n").await;
    let error = call(&running, "older", "shelf#fill", &["\"b\"", "1000"]).await;
    assert!(error.contains("its limit is 4096 bytes (`limit` of [host."), "{error}");
    assert_eq!(call(&running, "older", "shelf#get", &["\"b\"", "\"item-0\""]).await, "ok(some(\"0\"))");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_is_no_store_stops_the_start_with_advice() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &format!("{BOTH}[host.\"wasi:keyvalue\"]\nbackend = \"file\"\npath = \"./workload.toml\"\n"),
    );
    let Err(error) = start_with(&host(), folder.path(), Arc::default()).await else { panic!("it started") };
    let text = error.to_string();
    assert!(matches!(error, HostError::Plugin { .. }), "{text}");
    assert!(text.contains("`wasi:keyvalue`: the file cannot be opened"), "{text}");
    assert!(fs::read_to_string(folder.path().join("workload.toml")).unwrap().starts_with("name"));
}

#[test]
fn settings_of_the_built_in_plugins_are_checked() {
    let host = host();
    let folder = tempfile::tempdir().unwrap();
    for (settings, wanted) in [
        ("wasi:keyvalue\"]\nbackend = \"fiel\"", "must be \"memory\" or \"file\""),
        (
            "wasi:keyvalue\"]\nbackend = \"file\"",
            "`host.\"wasi:keyvalue\".path` (line 6, column 7) is missing",
        ),
        ("wasi:keyvalue\"]\npath = \"x\"", "means nothing unless `backend` is \"file\""),
        ("wasi:config\"]\na = \"x\"", "is not known to the plugin"),
        ("wasi:kv\"]\na = \"x\"", "is no plugin of this host"),
    ] {
        write(folder.path(), &format!("{BOTH}[host.\"{settings}\n"));
        let plan = planned(&host, folder.path());
        let messages: Vec<_> = plan.diagnostics.iter().map(Diagnostic::message).collect();
        assert!(messages.len() == 1 && messages[0].contains(wanted), "{messages:?}");
        assert!(!plan.is_runnable());
    }
}

#[test]
fn an_import_of_an_unknown_version_says_which_there_are() {
    let host = host();
    let folder = tempfile::tempdir().unwrap();
    for (import, versions) in [
        ("wasi:keyvalue/store@0.2.0", "0.2.0-draft2, 0.2.0-draft"),
        ("wasi:keyvalue/atomics@0.3.0", "0.2.0-draft2, 0.2.0-draft"),
        ("wasi:config/store@0.2.0-rc.2", "0.2.0-rc.1, 0.2.0-draft"),
        ("wasi:logging/logging@0.1.0", "0.1.0-draft"),
    ] {
        let text = format!("(component (import \"{import}\" (instance (export \"f\" (func)))))");
        fs::write(folder.path().join("a.wasm"), wat::parse_str(text).unwrap()).unwrap();
        let workload = "name = \"test\"\n[components.a]\nsource = \"./a.wasm\"\n";
        fs::write(folder.path().join("workload.toml"), workload).unwrap();
        let plan = planned(&host, folder.path());
        let suggestions: Vec<_> = plan.diagnostics.iter().map(Diagnostic::suggestion).collect();
        assert_eq!(suggestions, [format!("the host has it in {versions}: rebuild against that")]);
    }
}

/// The sample `blobby` without the component `blobby`: its HTTP front keeps objects in the host's plugin.
const FRONT: &str = "name = \"test\"\n[components.front]\nsource = \"./blobby-front.wasm\"\n";

/// Writes a workload with the sample's front into a folder.
fn write_front(folder: &Path, text: &str) {
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../samples/blobby");
    for name in ["blobby-front.wasm", "blobby.wasm"] {
        fs::copy(sample.join(name), folder.join(name)).expect("the samples: run `cargo xtask samples`");
    }
    fs::write(folder.join("workload.toml"), text).unwrap();
}

/// One HTTP request: the status, and the body.
async fn http(running: &Running, method: &str, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
    let address = running.listening()[0].url.trim_start_matches("http://").trim_end_matches('/').to_owned();
    let mut request = format!(
        "{method} {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\nContent-Length: {}\r\n\r\n",
        body.len()
    )
    .into_bytes();
    request.extend_from_slice(body);
    let exchange = tokio::task::spawn_blocking(move || {
        let mut stream = std::net::TcpStream::connect(address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(&request).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        answer
    });
    let answer = exchange.await.unwrap();
    let end = answer.windows(4).position(|four| four == b"\r\n\r\n").expect("a head");
    let head = String::from_utf8_lossy(&answer[..end]).to_lowercase();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    let body = &answer[end + 4..];
    (status, if head.contains("chunked") { unchunk(body) } else { body.to_vec() })
}

fn unchunk(mut body: &[u8]) -> Vec<u8> {
    let mut whole = Vec::new();
    while let Some(end) = body.windows(2).position(|two| two == b"\r\n") {
        let len = usize::from_str_radix(std::str::from_utf8(&body[..end]).unwrap(), 16).unwrap();
        whole.extend_from_slice(&body[end + 2..end + 2 + len]);
        body = &body[end + 2 + len + 2..];
    }
    whole
}

/// Everything that the front does with a blobstore, whoever implements it.
async fn keeps_objects(running: &Running) {
    let request = async |method, path, body: &[u8]| {
        let (status, body) = http(running, method, path, body).await;
        (status, String::from_utf8_lossy(&body).into_owned())
    };
    assert_eq!(request("GET", "/", b"").await, (200, String::new()));
    assert_eq!(request("PUT", "/a.txt", b"one").await.0, 201);
    assert_eq!(request("PUT", "/deep/b", b"").await.0, 201);
    assert_eq!(request("PUT", "/../up", b"x").await.0, 201);
    assert_eq!(request("GET", "/", b"").await, (200, "../up\na.txt\ndeep/b\n".to_owned()));
    assert_eq!(request("GET", "/a.txt", b"").await, (200, "one".to_owned()));
    assert_eq!(request("PUT", "/a.txt", b"another").await.0, 201);
    assert_eq!(request("GET", "/a.txt", b"").await, (200, "another".to_owned()));
    assert_eq!(request("GET", "/deep/b", b"").await, (200, String::new()));
    assert_eq!(request("GET", "/nobody", b"").await.0, 404);
    assert_eq!(request("DELETE", "/deep/b", b"").await.0, 200);
    assert_eq!(request("DELETE", "/deep/b", b"").await.0, 200);
    assert_eq!(request("GET", "/", b"").await, (200, "../up\na.txt\n".to_owned()));
    let large: Vec<u8> = (0..3_000_000_u32).map(|n| n.to_le_bytes()[0] ^ n.to_le_bytes()[1]).collect();
    assert_eq!(http(running, "PUT", "/large", &large).await.0, 201);
    let (status, back) = http(running, "GET", "/large", b"").await;
    assert!(status == 200 && back == large, "{} bytes came back", back.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_kept_in_memory_up_to_a_limit() {
    let folder = tempfile::tempdir().unwrap();
    write_front(folder.path(), &format!("{FRONT}[host.\"wasi:blobstore\"]\nlimit = \"4MiB\"\n"));
    let running = start_with(&host(), folder.path(), Arc::default()).await.unwrap();
    keeps_objects(&running).await;
    let (status, text) = http(&running, "PUT", "/too-large", &vec![0; 2_000_000]).await;
    assert_eq!(status, 500);
    assert!(String::from_utf8_lossy(&text).contains("its limit is 4194304 bytes"));
    // What was not finished takes no room.
    assert_eq!(http(&running, "PUT", "/smaller", &vec![0; 1_000_000]).await.0, 201);
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_are_kept_in_a_folder_and_survive_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    write_front(
        folder.path(),
        &format!("{FRONT}[host.\"wasi:blobstore\"]\nbackend = \"folder\"\npath = \"./blobs\"\n"),
    );
    let host = host();
    let running = start_with(&host, folder.path(), Arc::default()).await.unwrap();
    keeps_objects(&running).await;
    running.stop().await;
    let front = folder.path().join("blobs/front");
    assert_eq!(fs::read(front.join("a.txt")).unwrap(), b"another", "readable without Jackfield");
    assert!(!folder.path().join("blobs/up").exists() && !folder.path().join("up").exists());
    fs::write(front.join("by hand.txt"), "hello").unwrap();
    let again = start_with(&host, folder.path(), Arc::default()).await.unwrap();
    let (_, names) = http(&again, "GET", "/", b"").await;
    assert_eq!(String::from_utf8(names).unwrap(), "../up\na.txt\nby hand.txt\nlarge\n");
    assert_eq!(fs::read_dir(folder.path().join("blobs/.partial")).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_workloads_have_objects_of_their_own() {
    let host = host();
    let folder = tempfile::tempdir().unwrap();
    write_front(folder.path(), FRONT);
    let one = start_with(&host, folder.path(), Arc::default()).await.unwrap();
    let other = start_with(&host, folder.path(), Arc::default()).await.unwrap();
    assert_eq!(http(&one, "PUT", "/a", b"x").await.0, 201);
    assert_eq!(http(&other, "GET", "/a", b"").await.0, 404);
}

#[test]
fn a_component_takes_the_place_of_the_plugin_by_being_there() {
    let host = host();
    let folder = tempfile::tempdir().unwrap();
    let providers = |text: &str| {
        write_front(folder.path(), text);
        let plan = planned(&host, folder.path());
        let links = plan.links.iter().filter(|it| it.import.starts_with("wasi:blobstore/"));
        links.map(|link| link.target.clone()).collect::<Vec<_>>()
    };
    let plugin = LinkTarget::Host { plugin: "wasi:blobstore".to_owned() };
    assert_eq!(providers(FRONT), [plugin.clone(), plugin.clone(), plugin]);
    let blobby = providers(&format!("{FRONT}[components.blobby]\nsource = \"./blobby.wasm\"\n"));
    assert!(blobby.len() == 3, "{blobby:?}");
    let is_blobby =
        |it: &LinkTarget| matches!(it, LinkTarget::Component { name, .. } if name.as_str() == "blobby");
    assert!(blobby.iter().all(is_blobby), "{blobby:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn blobby_keeps_objects_as_files_in_the_plugins_stead() {
    let folder = tempfile::tempdir().unwrap();
    let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../samples/blobby/workload.toml");
    let text = fs::read_to_string(sample).unwrap();
    write_front(folder.path(), &text.replace("{ temporary = true }", "{ path = \"./objects\" }"));
    fs::create_dir(folder.path().join("objects")).unwrap();
    let host = host();
    let running = start_with(&host, folder.path(), Arc::default()).await.unwrap();
    keeps_objects(&running).await;
    running.stop().await;
    let objects = folder.path().join("objects");
    assert_eq!(fs::read(objects.join("front/a.txt")).unwrap(), b"another");
    let names: Vec<_> = fs::read_dir(&objects).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["front"], "nothing is left half written");
    let again = start_with(&host, folder.path(), Arc::default()).await.unwrap();
    assert_eq!(http(&again, "GET", "/a.txt", b"").await, (200, b"another".to_vec()));
}

#[tokio::test(flavor = "multi_thread")]
async fn blobby_without_a_volume_says_what_it_needs() {
    let folder = tempfile::tempdir().unwrap();
    write_front(folder.path(), &format!("{FRONT}[components.blobby]\nsource = \"./blobby.wasm\"\n"));
    let running = start_with(&host(), folder.path(), Arc::default()).await.unwrap();
    let (status, text) = http(&running, "GET", "/", b"").await;
    assert_eq!(status, 500);
    assert!(String::from_utf8_lossy(&text).contains("give this component a volume"));
}
