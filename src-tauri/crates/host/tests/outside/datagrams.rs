//! Datagrams in the network that a workload has for itself.

use jackfield_host::Running;
use tokio::net::UdpSocket;

use crate::support::{Bench, call, errand, errand_of};

/// A service that answers datagrams at a place of its workload, a clerk and a scout who can ask it.
fn server(place: &str, clerk: &str) -> Bench {
    let args = format!("args = [\"serve-datagrams\", \"{place}\"]");
    let more = "[components.scout]\nsource = \"./scout.wasm\"\n[service]\ncomponent = \"errands\"";
    Bench::office(clerk, &args, more)
}

async fn serving(bench: &Bench, address: &str) -> Running {
    let running = bench.started().await;
    bench.witness.until_line(&format!("errands stdout: taking datagrams at {address}")).await;
    running
}

#[tokio::test(flavor = "multi_thread")]
async fn a_component_asks_the_service_of_its_workload_and_of_no_other() {
    let (one, other) = (server("7000", ""), server("7000", ""));
    let (first, second) = (serving(&one, "127.0.0.1:7000").await, serving(&other, "127.0.0.1:7000").await);
    let answer = errand(&first, "clerk", "ask", &["127.0.0.1:7000", "hello"]).await;
    assert_eq!(answer, "ok(\"hello from 127.0.0.1:7000\")");
    assert!(!other.witness.lines().iter().any(|line| line.contains("received")));
    let answer = errand(&second, "clerk", "ask", &["127.0.0.1:7000", "to you"]).await;
    assert_eq!(answer, "ok(\"to you from 127.0.0.1:7000\")");
    // By way of WASI 0.3, which binds by itself.
    let answer = call(&first, "scout", "scouting#scout", "ask", &["7000", "good day"]).await;
    assert_eq!(answer, "ok(\"good day from 7000\")");
    let denials = [one.witness.denials(), other.witness.denials()].concat();
    assert!(denials.is_empty(), "{denials:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_gone_is_still_heard() {
    let bench = server("0.0.0.0:7000", "");
    let running = serving(&bench, "0.0.0.0:7000").await;
    for _ in 0..3 {
        assert_eq!(errand(&running, "clerk", "tell", &["127.0.0.1:7000", "hello"]).await, "ok(\"\")");
    }
    let received = |line: &&String| line.contains("received 5 bytes");
    bench.witness.until(|it| it.lines().iter().filter(received).count() == 3).await;
    // To answer them is no fault of the service.
    assert_eq!(
        errand(&running, "clerk", "ask", &["127.0.0.1:7000", "now"]).await,
        "ok(\"now from 127.0.0.1:7000\")"
    );
    assert!(
        bench.witness.denials().is_empty()
            && !bench.witness.lines().iter().any(|line| line.contains("cannot"))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn wasi_03_takes_datagrams_too() {
    let bench = server("7000", "");
    let running = serving(&bench, "127.0.0.1:7000").await;
    let answer = call(&running, "scout", "scouting#scout", "talk", &["7001", "hello"]).await;
    assert_eq!(answer, "ok(\"hello from the other, answered from 7001\")");
    let taken = call(&running, "scout", "scouting#scout", "talk", &["7000", "hello"]).await;
    assert_eq!(taken, "err(\"ErrorCode::AddressInUse\")");
    assert!(bench.witness.denials().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_port_is_taken_while_someone_has_it_and_free_afterwards() {
    let bench = server("[::1]:7000", "");
    let running = serving(&bench, "[::1]:7000").await;
    let take = async |address| errand_of(&running, "errands", "take", &[address]).await;
    assert_eq!(take("[::]:7000").await, "err(\"address-in-use\")");
    for _ in 0..2 {
        assert_eq!(take("127.0.0.1:7000").await, "ok(\"127.0.0.1:7000\")", "another family");
        assert_eq!(take("0.0.0.0:7001").await, "ok(\"0.0.0.0:7001\")");
    }
    // Connections and datagrams have ports of their own.
    assert_eq!(errand_of(&running, "errands", "listen", &["[::1]:7000"]).await, "ok(\"\")");
    let answer = errand(&running, "clerk", "ask", &["[::1]:7000", "hello"]).await;
    assert_eq!(answer, "ok(\"hello from [::1]:7000\")");
    assert!(bench.witness.denials().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_to_this_machine_without_a_grant() {
    let machine = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    let address = machine.local_addr().unwrap().to_string();
    let bench = server("7000", "");
    let running = serving(&bench, "127.0.0.1:7000").await;
    for errands in ["ask", "tell"] {
        let answer = errand(&running, "clerk", errands, &[&address, "hello"]).await;
        assert_eq!(answer, "err(\"connection-refused\")");
    }
    let answer =
        call(&running, "scout", "scouting#scout", "ask", &[address.split_once(':').unwrap().1, "hello"])
            .await;
    assert_eq!(answer, "err(\"ErrorCode::ConnectionRefused\")");
    let answer = errand(&running, "clerk", "tell", &["10.0.0.1:53", "hello"]).await;
    assert_eq!(answer, "err(\"access-denied\")");
    let grant = format!("udp://{address}");
    assert_eq!(bench.witness.missing_grants(), [grant.as_str(), grant.as_str(), "udp://10.0.0.1:53"]);
    assert!(machine.try_recv(&mut [0; 8]).is_err(), "nothing came");

    running.grant(&"clerk".into(), &grant).unwrap();
    let words = [address.as_str(), "hello"];
    let asked = errand(&running, "clerk", "ask", &words);
    let answered = async {
        let mut data = [0; 8];
        let (count, from) = machine.recv_from(&mut data).await.unwrap();
        machine.send_to(&data[..count], from).await.unwrap();
    };
    let (answer, ()) = tokio::join!(asked, answered);
    assert_eq!(answer, format!("ok(\"hello from {address}\")"));
}

/// The ports of this machine's loopback interface at which this process takes datagrams.
#[cfg(target_os = "linux")]
fn ports_of_datagrams() -> Vec<u16> {
    let table = std::fs::read_to_string("/proc/self/net/udp").unwrap();
    let rows = table.lines().skip(1).map(|row| row.split_whitespace().collect::<Vec<_>>());
    let own = crate::loopback::own_sockets();
    let rows = rows.filter(|row| own.iter().any(|inode| inode == row[9]));
    let ports = rows.filter_map(|row| row[1].strip_prefix("0100007F:").map(str::to_owned));
    ports.map(|port| u16::from_str_radix(&port, 16).unwrap()).collect()
}

#[cfg(target_os = "linux")]
#[tokio::test(flavor = "multi_thread")]
async fn other_programs_of_this_machine_are_not_heard() {
    let bench = server("7000", "");
    let running = serving(&bench, "127.0.0.1:7000").await;
    let ports = ports_of_datagrams();
    assert_eq!(ports.len(), 1, "{ports:?}");
    let stranger = UdpSocket::bind("127.0.0.1:0").await.unwrap();
    stranger.send_to(b"let me in", ("127.0.0.1", ports[0])).await.unwrap();
    let answer = errand(&running, "clerk", "ask", &["127.0.0.1:7000", "hello"]).await;
    assert_eq!(answer, "ok(\"hello from 127.0.0.1:7000\")");
    let received: Vec<_> =
        bench.witness.lines().into_iter().filter(|line| line.contains("received")).collect();
    assert_eq!(received, ["errands stdout: received 5 bytes"]);
}
