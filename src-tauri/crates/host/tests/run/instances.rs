//! How long instances live, and where they come from.

use std::{sync::Arc, time::Duration};

use jackfield_host::{HostConfig, HostError, Running};

use crate::support::{Bench, PATIENCE, call, result};

fn memo(more: &str) -> String {
    format!("name = \"test\"\n[components.memo]\nsource = \"./memo.wasm\"\n{more}\n")
}

async fn next(running: &Running) -> String {
    result(running, "memo", "next", &[]).await
}

/// The results of so many calls at the same time, sorted.
async fn at_once(running: &Arc<Running>, count: usize, function: &'static str, args: &[&str]) -> Vec<u32> {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    let calls = (0..count).map(|_| {
        let (running, args) = (Arc::clone(running), args.clone());
        tokio::spawn(async move {
            let args: Vec<&str> = args.iter().map(String::as_str).collect();
            result(&running, "memo", function, &args).await.parse().unwrap()
        })
    });
    let mut results = Vec::new();
    for call in calls.collect::<Vec<_>>() {
        results.push(call.await.unwrap());
    }
    results.sort_unstable();
    results
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_is_used_again_as_often_as_it_may_be() {
    let bench = Bench::new(&memo("instances = { policy = \"reuse\", max_calls = 3 }"));
    let running = bench.started().await;
    let mut counted = Vec::new();
    for _ in 0..7 {
        counted.push(next(&running).await);
    }
    assert_eq!(counted, ["1", "2", "3", "1", "2", "3", "1"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_instance_that_trapped_or_was_stopped_is_not_used_again() {
    let more = "limits = { time = \"200ms\" }\ninstances = { policy = \"reuse\", max_calls = 100 }";
    let bench = Bench::new(&memo(more));
    let running = bench.started().await;
    for (function, args) in [("trap", &[][..]), ("spin", &[]), ("slowly", &["3600000000000"])] {
        assert_eq!((next(&running).await, next(&running).await), ("1".to_owned(), "2".to_owned()));
        assert!(call(&running, "memo", function, args).await.is_err());
    }
    assert_eq!(next(&running).await, "1");
    // What never reached the guest does not harm it either.
    assert!(call(&running, "memo", "slowly", &["no number"]).await.is_err());
    assert_eq!(next(&running).await, "2");
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_at_the_same_time_take_turns_in_one_instance() {
    let bench = Bench::new(&memo("instances = { policy = \"reuse\", max_calls = 100 }"));
    let running = Arc::new(bench.started().await);
    assert_eq!(at_once(&running, 5, "slowly", &["10000000"]).await, [1, 2, 3, 4, 5]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_waits_for_the_instance_in_vain_is_told_so() {
    let more = "limits = { time = \"500ms\" }\ninstances = { policy = \"reuse\", max_calls = 100 }";
    let bench = Bench::new(&memo(more));
    let running = Arc::new(bench.started().await);
    // They begin together, so the time of both is over before either has given the instance back.
    let spin = || {
        let running = Arc::clone(&running);
        tokio::spawn(async move { call(&running, "memo", "spin", &[]).await.unwrap_err() })
    };
    let (one, other) = (spin(), spin());
    for error in [one.await.unwrap(), other.await.unwrap()] {
        assert!(matches!(error, HostError::TimedOut { .. } | HostError::Busy { .. }), "{error}");
    }
    assert_eq!(next(&running).await, "1");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_has_instances_ready_and_each_call_gets_its_own() {
    let bench = Bench::new(&memo("instances = { policy = \"pool\", size = 3 }"));
    let running = Arc::new(bench.started().await);
    tokio::time::timeout(PATIENCE, async {
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            let nanos: u64 = result(&running, "memo", "age", &[]).await.parse().unwrap();
            if nanos > 10_000_000 {
                return;
            }
        }
    })
    .await
    .expect("an instance that was there before the call");
    assert_eq!(at_once(&running, 10, "slowly", &["10000000"]).await, [1; 10]);
    assert_eq!(next(&running).await, "1");
    tokio::time::timeout(PATIENCE, running.stop()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_finds_no_place_in_the_pool_runs_without() {
    // `harm` has a memory and `memo` has none.
    let workload = "name = \"test\"\n[components]\nharm = { source = \"./harm.wasm\" }\n";
    let config = |memories| HostConfig { pooled_memories: Some(memories), ..HostConfig::default() };
    let bench = Bench::with(workload, &config(1));
    assert!(bench.host.is_pooled());
    let running = Arc::new(bench.started().await);
    let calls: Vec<_> = (0..8)
        .map(|_| {
            let running = Arc::clone(&running);
            tokio::spawn(async move { call(&running, "harm", "sleep", &["50000000"]).await })
        })
        .collect();
    for call in calls {
        call.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_address_space_for_a_pool_there_is_none() {
    // 0 of them, or 800 TiB.
    for memories in [0, 200_000] {
        let config = HostConfig { pooled_memories: Some(memories), ..HostConfig::default() };
        let bench = Bench::with(&memo(""), &config);
        assert!(!bench.host.is_pooled());
        assert_eq!(next(&bench.started().await).await, "1");
    }
}
