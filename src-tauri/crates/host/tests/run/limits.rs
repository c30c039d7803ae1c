//! Whatever a guest does, it harms its own call only, and the error says what it was.

use std::{sync::Arc, time::Duration};

use jackfield_host::{Failure, HostConfig, HostError, Limit, next_call};
use jackfield_protocol::{Error, ErrorKind};

use crate::support::{Bench, PATIENCE, call, result};

fn harm(more: &str) -> String {
    format!("name = \"test\"\n[components.harm]\nsource = \"./harm.wasm\"\n{more}\n")
}

/// Calls `function` while another call sleeps, and sees to it that the other one ends well.
async fn harmed(bench: &Bench, function: &str, args: &[&str]) -> HostError {
    let running = Arc::new(bench.started().await);
    let bystander = Arc::clone(&running);
    let sleeping = tokio::spawn(async move { call(&bystander, "harm", "sleep", &["100000000"]).await });
    let error = call(&running, "harm", function, args).await.unwrap_err();
    sleeping.await.unwrap().unwrap_or_else(|error| panic!("the other call: {error}"));
    assert_eq!(result(&running, "harm", "add", &["1", "2"]).await, "3");
    let text = error.to_string();
    let full_name = format!("test:guest/harm#{function}");
    assert!(text.contains("`harm`") && text.contains(&full_name), "{text}");
    error
}

fn failure(error: &HostError) -> &Failure {
    let HostError::Failed { failure, .. } = error else { panic!("{error}") };
    failure
}

fn limit(error: HostError) -> Limit {
    let limit = failure(&error).limit.clone().unwrap_or_else(|| panic!("{error}"));
    assert_eq!(Error::from(error).kind, ErrorKind::OverLimit);
    *limit
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_computes_for_ever() {
    let bench = Bench::new(&harm("limits = { time = \"300ms\" }"));
    let error = harmed(&bench, "spin", &[]).await;
    assert!(matches!(error, HostError::TimedOut { limit_millis: 300, .. }), "{error}");
    assert_eq!(Error::from(error).kind, ErrorKind::TimedOut);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_sleeps_for_ever() {
    let bench = Bench::new(&harm("limits = { time = \"300ms\" }"));
    let error = harmed(&bench, "sleep", &["3600000000000"]).await;
    assert!(matches!(error, HostError::TimedOut { limit_millis: 300, .. }), "{error}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_allocates_without_end() {
    let bench = Bench::new(&harm("limits = { memory = \"3MiB\" }"));
    let error = harmed(&bench, "allocate", &[]).await;
    assert!(failure(&error).frames.iter().any(|frame| frame.contains("allocate")), "{error}");
    let Limit::Memory { component, limit_in_bytes, wanted_in_bytes } = limit(error) else { panic!("memory") };
    assert_eq!(component, Some("harm".into()));
    assert_eq!(limit_in_bytes, 3 << 20);
    assert!(wanted_in_bytes > limit_in_bytes);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_whose_tables_grow_without_end() {
    let error = harmed(&Bench::new(&harm("")), "tables", &[]).await;
    let limit = limit(error);
    assert!(matches!(limit, Limit::Table { wanted, limit } if wanted > limit), "{limit}");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_recurses_without_end() {
    let error = harmed(&Bench::new(&harm("")), "recurse", &["0"]).await;
    assert_eq!(limit(error), Limit::Stack { limit_in_bytes: 512 << 10 });
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hoards_what_the_host_gives() {
    let error = harmed(&Bench::new(&harm("")), "hoard", &[]).await;
    assert!(matches!(limit(error), Limit::HostHandles { .. }));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_passes_more_to_the_host_than_it_takes() {
    let bytes = (4 << 20) + 1;
    let error =
        harmed(&Bench::new(&harm("limits = { memory = \"64MiB\" }")), "flood", &[&bytes.to_string()]).await;
    let limit = failure(&error).limit.clone();
    assert_eq!(limit.as_deref(), Some(&Limit::HostCall { limit_in_bytes: 128 << 20 }));
    assert!(error.to_string().contains("each value of a list counts as "), "{error}");
    let help = Error::from(error).help.unwrap_or_default();
    assert!(help.contains("`limits = { memory = \"…\" }` of [components.harm]"), "{help}");
    let bench = Bench::new(&harm("limits = { memory = \"256MiB\" }"));
    let running = bench.started().await;
    let flood = result(&running, "harm", "flood", &[&bytes.to_string()]).await;
    assert_eq!(flood.matches('0').count(), bytes, "who may have more may pass more");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_traps() {
    let error = harmed(&Bench::new(&harm("")), "trap", &[]).await;
    assert_eq!(failure(&error).limit, None);
    assert!(failure(&error).frames.first().is_some_and(|frame| frame == "fall_over (harm: m)"), "{error}");
    assert_eq!(Error::from(error).kind, ErrorKind::Trap);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_was_called_by_another_is_named_with_its_function() {
    let bench = Bench::new(
        "name = \"test\"\n[components]\nleft = { source = \"./left.wasm\" }\nfall = { source = \"./fall.wasm\" }\n",
    );
    let running = bench.started().await;
    let error = call(&running, "left", "get", &[]).await.unwrap_err();
    let text = error.to_string();
    assert!(
        text.starts_with("`left` failed: in `test:guest/left#get`: `fall` failed in `next`: wasm trap"),
        "{text}"
    );
    let frames = &failure(&error).frames;
    assert_eq!(frames[..2], ["fall_over (fall: m)", "test:guest/counter#next (fall: m)"], "{text}");
    assert!(frames.len() == 3 && frames[2].ends_with("(left: m)"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn frames_are_the_guests_own_in_the_words_of_its_source() {
    let bench = Bench::new("name = \"test\"\n[components.panic]\nsource = \"./panic.wasm\"\n");
    let running = bench.started().await;
    let error = call(&running, "panic", "crash", &[]).await.unwrap_err();
    let frames = &failure(&error).frames;
    assert_eq!(frames[..2], ["guest::crash (panic: m)", "deep (panic: m)"], "{error}");
    assert_eq!((frames.len(), frames[9].as_str()), (13, "… (10 more)"), "{error}");
    let error = call(&running, "panic", "leave", &[]).await.unwrap_err();
    assert_eq!((failure(&error).reason.as_str(), failure(&error).frames.len()), ("it exited with code 1", 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_may_have_more_memory_than_it_can_address() {
    let running = Bench::new(&harm("limits = { memory = \"5GiB\" }")).started().await;
    assert_eq!(result(&running, "harm", "add", &["1", "2"]).await, "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_is_cancelled_from_outside_and_no_other() {
    let bench = Bench::new(&harm(""));
    let running = Arc::new(bench.started().await);
    for function in ["spin", "sleep"] {
        let id = next_call();
        let (calling, harm) = (Arc::clone(&running), "harm".into());
        let args: Vec<String> = if function == "sleep" { vec!["3600000000000".into()] } else { vec![] };
        let endless = tokio::spawn(async move { calling.call(id, &harm, function, &args).await });
        let (beside, other) = (Arc::clone(&running), next_call());
        let other_args = vec!["200000000".to_owned()];
        let bystander =
            tokio::spawn(async move { beside.call(other, &"harm".into(), "sleep", &other_args).await });
        let cancelled = async {
            while !running.cancel(id) {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            endless.await.unwrap()
        };
        let error = tokio::time::timeout(PATIENCE, cancelled).await.unwrap().unwrap_err();
        assert!(matches!(error, HostError::Cancelled { .. }), "{error}");
        assert!(error.to_string().contains(function), "{error}");
        assert!(!running.cancel(id), "it has ended");
        bystander.await.unwrap().unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn calls_over_the_bound_wait_for_their_turn_until_their_time_is_over() {
    let workload = "name = \"test\"\n[components]\nharm = { source = \"./harm.wasm\" }\n\
                    math = { source = \"./math.wasm\", limits = { time = \"100ms\" } }\n";
    let bench = Bench::with(workload, &HostConfig { calls_at_once: Some(1), ..HostConfig::default() });
    let running = Arc::new(bench.started().await);
    assert_eq!(result(&running, "math", "add", &["1", "2"]).await, "3");
    let (calling, id) = (Arc::clone(&running), next_call());
    let args = vec!["3600000000000".to_owned()];
    let sleeping = tokio::spawn(async move { calling.call(id, &"harm".into(), "sleep", &args).await });
    let error = tokio::time::timeout(PATIENCE, async {
        loop {
            // The first ones may come before the sleeper.
            if let Err(error) = call(&running, "math", "add", &["1", "2"]).await {
                return error;
            }
        }
    });
    let error = error.await.unwrap();
    assert!(matches!(error, HostError::Busy { limit_millis: 100, .. }), "{error}");
    assert!(running.cancel(id));
    assert!(sleeping.await.unwrap().is_err());
    assert_eq!(result(&running, "math", "add", &["1", "2"]).await, "3");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_component_has_its_own_memory_limit_in_a_composition() {
    let workload = |top: &str, deep: &str| {
        format!(
            "name = \"test\"\n[components]\n\
             through = {{ source = \"./through.wasm\", limits = {{ memory = \"{top}\" }} }}\n\
             harm = {{ source = \"./harm.wasm\", limits = {{ memory = \"{deep}\" }} }}\n"
        )
    };
    let bench = Bench::new(&workload("64MiB", "2MiB"));
    let running = bench.started().await;
    let error = call(&running, "through", "pass", &[]).await.unwrap_err();
    let text = error.to_string();
    assert!(text.contains("`through` failed: in `pass`") && text.contains("(harm: m)"), "{text}");
    let expected = Limit::Memory {
        component: Some("harm".into()),
        wanted_in_bytes: (2 << 20) + (1 << 16),
        limit_in_bytes: 2 << 20,
    };
    assert_eq!(limit(error), expected);
}
