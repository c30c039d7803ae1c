//! `wasi:blobstore` behind the front of the sample `blobby`: the host's plugin, and a component in its place.

use std::{
    fs,
    io::{Read as _, Write as _},
    path::Path,
    sync::Arc,
};

use jackfield_host::Running;
use jackfield_protocol::LinkTarget;

use crate::support::{PATIENCE, host, planned, start_with};

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
