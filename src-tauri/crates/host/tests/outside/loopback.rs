//! The network that a workload has for itself.

use jackfield_host::Running;

use crate::support::{Bench, call, errand, errand_of};

/// A service that answers at a port of its workload, and a clerk who can talk to it.
fn server(port: u16) -> Bench {
    let args = format!("args = [\"serve\", \"{port}\"]");
    Bench::office("", &args, "[service]\ncomponent = \"errands\"")
}

async fn serving(bench: &Bench, port: u16) -> Running {
    let running = bench.started().await;
    bench.witness.until_line(&format!("errands stdout: listening on 127.0.0.1:{port}")).await;
    running
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_talks_to_the_service_of_its_workload_and_of_no_other() {
    let (one, other) = (server(7000), server(7000));
    let (first, second) = (serving(&one, 7000).await, serving(&other, 7000).await);
    assert_eq!(errand(&first, "clerk", "send", &["127.0.0.1:7000", "hello"]).await, "ok(\"hello\")");
    one.witness.until_line("errands stdout: received 5 bytes").await;
    assert!(!other.witness.lines().iter().any(|line| line.contains("received")));
    assert_eq!(errand(&second, "clerk", "send", &["127.0.0.1:7000", "to you"]).await, "ok(\"to you\")");
    other.witness.until_line("errands stdout: received 6 bytes").await;
    // One after the other, in stores of their own.
    for _ in 0..3 {
        assert_eq!(errand(&first, "clerk", "send", &["127.0.0.1:7000", "again"]).await, "ok(\"again\")");
    }
    assert_eq!(errand(&first, "clerk", "look-up", &["localhost"]).await, "ok(\"127.0.0.1\\n\")");
    let denials = [one.witness.denials(), other.witness.denials()].concat();
    assert!(denials.is_empty(), "{denials:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_to_the_workloads_own_address_go_to_its_service() {
    for place in ["127.0.0.1:7000", "[::1]:7000"] {
        let args = format!("args = [\"serve-http\", \"{place}\"]");
        let more = "[components.scout]\nsource = \"./scout.wasm\"\n[service]\ncomponent = \"errands\"";
        let bench = Bench::office("", &args, more);
        let running = bench.started().await;
        bench.witness.until_line(&format!("errands stdout: listening on {place}")).await;
        for host in [place, "localhost:7000"] {
            let answer = errand(&running, "clerk", "get", &[&format!("http://{host}/here")]).await;
            assert_eq!(answer, "ok(\"200\\n\\nGET /here HTTP/1.1\")");
            assert_eq!(call(&running, "scout", "scouting#scout", "get", &[host]).await, "ok(\"200\")");
        }
        assert!(bench.witness.denials().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_to_where_nobody_of_the_workload_listens_is_refused() {
    let bench = server(7000);
    let running = serving(&bench, 7000).await;
    for origin in ["http://127.0.0.1:7001", "http://localhost:7001", "http://[::1]:7000"] {
        let answer = errand(&running, "clerk", "get", &[origin]).await;
        assert_eq!(answer, "err(\"ErrorCode::ConnectionRefused\")");
        // Something of this machine may be meant.
        assert_eq!(bench.witness.missing_grants().last().map(String::as_str), Some(origin));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_is_taken_while_someone_listens_and_free_afterwards() {
    let bench = server(7000);
    let running = serving(&bench, 7000).await;
    let listen = async |address| errand_of(&running, "errands", "listen", &[address]).await;
    assert_eq!(listen("127.0.0.1:7000").await, "err(\"address-in-use\")");
    assert_eq!(listen("0.0.0.0:7000").await, "err(\"address-in-use\")");
    for _ in 0..2 {
        assert_eq!(listen("0.0.0.0:7001").await, "ok(\"\")");
    }
    let answer = errand(&running, "clerk", "send", &["127.0.0.1:7001", "hello"]).await;
    assert_eq!(answer, "err(\"connection-refused\")", "nobody is there any more");
    assert_eq!(bench.witness.missing_grants(), ["tcp://127.0.0.1:7001"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_workloads_own_network_speaks_ipv6_too() {
    let args = "args = [\"serve\", \"[::1]:7000\"]";
    let bench = Bench::office("", args, "[service]\ncomponent = \"errands\"");
    let running = bench.started().await;
    bench.witness.until_line("errands stdout: listening on [::1]:7000").await;
    assert_eq!(errand(&running, "clerk", "send", &["[::1]:7000", "hello"]).await, "ok(\"hello\")");
    assert!(bench.witness.denials().is_empty());
    let other_family = errand(&running, "clerk", "send", &["127.0.0.1:7000", "hello"]).await;
    assert_eq!(other_family, "err(\"connection-refused\")");
}

/// The inodes of the sockets that this process has.
#[cfg(target_os = "linux")]
pub(crate) fn own_sockets() -> Vec<String> {
    std::fs::read_dir("/proc/self/fd")
        .unwrap()
        .flatten()
        .filter_map(|entry| std::fs::read_link(entry.path()).ok())
        .filter_map(|link| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned()))
        .collect()
}

/// The ports of this machine's loopback interface at which this process listens.
#[cfg(target_os = "linux")]
fn listening_ports() -> Vec<u16> {
    let own = own_sockets();
    let table = std::fs::read_to_string("/proc/self/net/tcp").unwrap();
    let rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
    // Local address, state (0A listens) and inode.
    let listening = rows.filter(|row| row[3] == "0A" && own.iter().any(|inode| inode == row[9]));
    listening
        .map(|row| u16::from_str_radix(row[1].strip_prefix("0100007F:").expect("loopback only"), 16).unwrap())
        .collect()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn other_programs_of_this_machine_are_not_heard() {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
    };

    let bench = server(7000);
    let running = serving(&bench, 7000).await;
    let ports = listening_ports();
    // `clerk` and `errands` answer no HTTP, so the service's is the only one.
    assert_eq!(ports.len(), 1, "{ports:?}");
    // It may be closed at any moment.
    if let Ok(mut stranger) = TcpStream::connect(("127.0.0.1", ports[0])).await {
        let _ = stranger.write_all(b"let me in").await;
        let mut answer = Vec::new();
        let _ = stranger.read_to_end(&mut answer).await;
        assert_eq!(answer, b"");
    }
    assert_eq!(errand(&running, "clerk", "send", &["127.0.0.1:7000", "hello"]).await, "ok(\"hello\")");
    let received: Vec<_> =
        bench.witness.lines().into_iter().filter(|line| line.contains("received")).collect();
    assert_eq!(received, ["errands stdout: received 5 bytes"]);
}
