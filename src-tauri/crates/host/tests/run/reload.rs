//! Component files that change while their workload runs.

use std::{fs, sync::Arc};

use jackfield_host::next_call;
use jackfield_protocol::{ComponentName, ErrorKind};

use crate::support::{Bench, call, result};

/// Two entries that reach the counter, and one that does not.
const WORKLOAD: &str = "name = \"test\"\n[components]\nleft = { source = \"./left.wasm\" }\n\
    right = { source = \"./right.wasm\" }\nmath = { source = \"./math.wasm\" }\n\
    counter = { source = \"./counter.wasm\", instances = { policy = \"reuse\", max_calls = 100 } }\n";

/// A counter that begins with `first`.
fn counter(first: u32) -> String {
    let guests = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guests/counter.wat");
    let text = fs::read_to_string(guests).unwrap();
    text.replace("(mut i32) (i32.const 0)", &format!("(mut i32) (i32.const {})", first - 1))
}

#[tokio::test(flavor = "multi_thread")]
async fn what_reaches_a_changed_file_runs_the_new_code_and_nothing_else_is_compiled() {
    let bench = Bench::new(WORKLOAD);
    let running = bench.started().await;
    for (component, function, expected) in
        [("left", "get", "1"), ("counter", "next", "1"), ("counter", "next", "2")]
    {
        assert_eq!(result(&running, component, function, &[]).await, expected);
    }
    assert!(bench.witness.reloads().is_empty());
    for first in [100, 200] {
        bench.replace("counter", &counter(first));
        assert_eq!(result(&running, "math", "add", &["1", "2"]).await, "3");
        let reloads = bench.witness.reloads();
        let [Ok(reloaded)] = reloads.as_slice() else { panic!("{reloads:?}") };
        assert_eq!(reloaded.components, ["counter"]);
        // `right` was not called yet, but nobody else reaches it, so it was compiled at the start.
        assert_eq!(reloaded.entries, ["left", "right", "counter"]);
        for component in ["left", "right"] {
            assert_eq!(result(&running, component, "get", &[]).await, first.to_string());
        }
        assert_eq!(result(&running, "counter", "next", &[]).await, first.to_string());
        assert!(bench.witness.reloads().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_ends_on_the_code_that_it_began_with() {
    let bench = Bench::new("name = \"test\"\n[components.memo]\nsource = \"./memo.wasm\"\n");
    let running = Arc::new(bench.started().await);
    let (calling, id) = (Arc::clone(&running), next_call());
    let slow =
        tokio::spawn(
            async move { calling.call(id, &"memo".into(), "slowly", &["400000000".to_owned()]).await },
        );
    tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    let other = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guests/memo.wat")).unwrap();
    bench.replace("memo", &other.replace("(mut i32) (i32.const 0)", "(mut i32) (i32.const 41)"));
    assert_eq!(result(&running, "memo", "next", &[]).await, "42");
    assert!(!slow.is_finished(), "the machine is too slow for this test");
    assert_eq!(slow.await.unwrap().unwrap().result.as_deref(), Some("1"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_run_takes_the_place_of_nothing() {
    let bench = Bench::new(WORKLOAD);
    let running = bench.started().await;
    let unfit = "(component (import \"test:guest/nobody\" (instance (export \"f\" (func)))))";
    let cases: [(&[u8], ErrorKind); 3] = [
        (b"\0asm", ErrorKind::NotAComponent),
        (&wat::parse_str(unfit).unwrap(), ErrorKind::Plan),
        // Without what `left` and `right` import.
        (&wat::parse_str("(component)").unwrap(), ErrorKind::Plan),
    ];
    for (bytes, kind) in cases {
        fs::write(bench.folder.path().join("counter.wasm"), bytes).unwrap();
        assert_eq!(result(&running, "left", "get", &[]).await, "1");
        let reloads = bench.witness.reloads();
        let [Err(problem)] = reloads.as_slice() else { panic!("{reloads:?}") };
        assert_eq!(
            (problem.components.as_slice(), problem.error.kind),
            (&[ComponentName::from("counter")][..], kind)
        );
        assert!(call(&running, "right", "get", &[]).await.is_ok());
        assert!(bench.witness.reloads().is_empty(), "told once");
    }
    fs::remove_file(bench.folder.path().join("counter.wasm")).unwrap();
    assert_eq!(result(&running, "left", "get", &[]).await, "1");
    bench.replace("counter", &counter(5));
    assert_eq!(result(&running, "left", "get", &[]).await, "5");
    assert_eq!(bench.witness.reloads().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn new_code_may_be_linked_otherwise() {
    let bench = Bench::new(WORKLOAD);
    let running = bench.started().await;
    assert_eq!(result(&running, "left", "get", &[]).await, "1");
    // `right` counts by itself now.
    let text = counter(7)
        .replace("test:guest/counter", "test:guest/right")
        .replace("\"next\" (func $next)", "\"get\" (func $next)");
    bench.replace("right", &text);
    running.refresh().await;
    let reloads = bench.witness.reloads();
    let [Ok(reloaded)] = reloads.as_slice() else { panic!("{reloads:?}") };
    assert_eq!(reloaded.entries, ["right"]);
    assert!(!reloaded.plan.links.iter().any(|link| link.consumer == "right"));
    assert_eq!(*running.plan(), *reloaded.plan);
    assert_eq!(result(&running, "right", "get", &[]).await, "7");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_runs_goes_on_with_its_code_and_is_told_of() {
    let bench = Bench::service("spin", "");
    let running = bench.started().await;
    let spin = fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guests/spin.wat")).unwrap();
    bench.replace("spin", &spin.replace("(component", "(component (core module)"));
    running.refresh().await;
    let reloads = bench.witness.reloads();
    let [Ok(reloaded)] = reloads.as_slice() else { panic!("{reloads:?}") };
    assert_eq!(reloaded.outdated_service, Some(ComponentName::new("spin")));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_mended_while_it_fails_is_restarted_with_what_is_in_its_file() {
    let bench = Bench::service("trap", "");
    let running = bench.started().await;
    let guests = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/guests/complete.wat");
    bench.replace("trap", &fs::read_to_string(guests).unwrap());
    bench.witness.until(|it| it.labels().last() == Some(&"completed")).await;
    running.stop().await;
}
