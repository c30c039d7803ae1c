//! Child processes: where they run, what they get, and that nothing of them stays.

use jackfield_mcp::Failure;

use crate::support::{Bench, process};

/// Whether a process is there and is no zombie.
#[cfg(target_os = "linux")]
fn is_running(pid: &str) -> bool {
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap_or_default().trim_start().starts_with('Z'))
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn closing_ends_the_process_and_what_it_started() {
    let bench = Bench::new();
    let connection = bench.connect(process("stubborn.py", &[])).await.unwrap();
    let child = connection.server().title.clone().unwrap();
    assert!(is_running(&child));
    connection.close().await;
    assert_eq!(connection.ended().await, Failure::NotOpen);
    wait_until_gone(&child).await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn dropping_ends_the_process_and_what_it_started() {
    let bench = Bench::new();
    let connection = bench.connect(process("stubborn.py", &[])).await.unwrap();
    let child = connection.server().title.clone().unwrap();
    drop(connection);
    wait_until_gone(&child).await;
}

#[cfg(target_os = "linux")]
async fn wait_until_gone(pid: &str) {
    let gone = async {
        while is_running(pid) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::support::LONG, gone).await.unwrap();
}

#[tokio::test]
async fn several_at_once_do_not_mix() {
    let benches = [Bench::new(), Bench::new(), Bench::new()];
    let connections = futures_util::future::join_all(
        benches.iter().map(async |bench| bench.connect(process("plain.py", &[])).await.unwrap()),
    )
    .await;
    connections[0].close().await;
    assert!(!connections[0].is_open());
    assert!(connections[1].is_open() && connections[2].is_open());
}
