//! Calls that are ended from outside, and sessions of calls, over the workbench.

use std::fs;
use std::time::Duration;

use jackfield_protocol::{
    CallSessionId, ComponentName, Error, ErrorKind, Request, Response, Ticket, WorkloadId, WorkloadView,
};
use jackfield_tests::files::{Workload, root};
use jackfield_workbench::{Config, Workbench};

use crate::workbench::ask;

/// A workbench in which a component of the host's own tests runs, from its text.
async fn running(guest: &str) -> (Workbench, WorkloadId, Workload) {
    let text = root().join("src-tauri/crates/host/tests/guests").join(guest).with_extension("wat");
    running_text(guest, &fs::read_to_string(text).expect("the guest")).await
}

/// A workbench in which a component runs, from its text.
async fn running_text(guest: &str, text: &str) -> (Workbench, WorkloadId, Workload) {
    let toml = format!("name = \"test\"\n\n[components.{guest}]\nsource = \"./{guest}.wasm\"\n");
    let workload = Workload::new(&toml).expect("a workload");
    workload.add(&format!("{guest}.wasm"), wat::parse_str(text).expect("WAT")).expect("a file");
    let workbench = Workbench::new(Config::default()).expect("a workbench");
    let path = workload.file().display().to_string();
    let Response::Opened(WorkloadView { id, .. }) = ask(&workbench, Request::Open { path }).await else {
        panic!("it opens")
    };
    ask(&workbench, Request::Start(id)).await;
    (workbench, id, workload)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_never_ends_is_ended_by_its_ticket_and_others_go_on() {
    let (workbench, workload, _folder) = running("math").await;
    let call = |function: &str, args: &[&str], ticket| Request::Call {
        workload,
        component: "math".into(),
        function: function.to_owned(),
        args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        ticket,
    };
    let ticket = Ticket(7);
    let (caller, request) = (workbench.clone(), call("spin", &[], Some(ticket)));
    let spinning = tokio::spawn(async move { caller.dispatch(request).await });
    tokio::time::sleep(Duration::from_millis(200)).await;
    ask(&workbench, Request::CancelCall { workload, ticket: Ticket(8) }).await;
    ask(&workbench, call("add", &["1", "2"], Some(Ticket(9)))).await;
    assert!(!spinning.is_finished());
    ask(&workbench, Request::CancelCall { workload, ticket }).await;
    let error = spinning.await.expect("it ends").expect_err("it was cancelled");
    assert_eq!(error.kind, ErrorKind::Cancelled);
    assert_eq!(error.message, "the call to `test:guest/math#spin` of `math` was cancelled");
    ask(&workbench, Request::CancelCall { workload, ticket }).await;
    workbench.shutdown().await;
}

async fn open(workbench: &Workbench, workload: WorkloadId) -> CallSessionId {
    let component = ComponentName::new("buckets");
    match ask(workbench, Request::OpenSession { workload, component }).await {
        Response::SessionOpened(session) => session,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_keeps_its_instance_until_it_is_closed_or_the_workload_stops() {
    let (workbench, workload, _folder) = running("buckets").await;
    let session = open(&workbench, workload).await;
    let call = |session, function: &str, args: &[&str]| Request::CallInSession {
        workload,
        session,
        function: function.to_owned(),
        args: args.iter().map(|arg| (*arg).to_owned()).collect(),
        ticket: None,
    };
    let Response::CalledInSession { outcome, handles } =
        ask(&workbench, call(session, "bucket", &["5"])).await
    else {
        panic!("called")
    };
    assert_eq!(
        (outcome.result.as_deref(), handles.as_slice()),
        (Some("#1"), &["#1 (bucket)".to_owned()][..])
    );
    let other = open(&workbench, workload).await;
    let error = workbench.dispatch(call(other, "bucket.size", &["#1"])).await.expect_err("not its own");
    assert!(error.message.contains("no handle #1"), "{error}");

    let dropped = ask(&workbench, Request::DropHandle { workload, session, handle: 1 }).await;
    assert_eq!(dropped, Response::Handles(Vec::new()));
    workbench.dispatch(call(session, "trap", &[])).await.expect_err("a trap");
    let error = workbench.dispatch(call(session, "dropped", &[])).await.expect_err("it has ended");
    assert!(error.help.is_some_and(|help| help.contains("open another one")));

    ask(&workbench, Request::CloseSession { workload, session: other }).await;
    let mut last = open(&workbench, workload).await;
    for _ in 1..16 {
        last = open(&workbench, workload).await;
    }
    let request = Request::OpenSession { workload, component: "buckets".into() };
    let error = workbench.dispatch(request).await.expect_err("too many");
    assert!(error.message.contains("16 open sessions"), "{error}");
    ask(&workbench, Request::Stop(workload)).await;
    ask(&workbench, Request::Start(workload)).await;
    workbench.dispatch(call(last, "dropped", &[])).await.expect_err("it ended with the workload");
    open(&workbench, workload).await;
    workbench.shutdown().await;
}

/// Counts down from a number, which takes a moment if it is a large one, and tells how many calls have ended so.
const COUNTING: &str = r#"(component
    (core module $m
      (global $calls (mut i32) (i32.const 0))
      (func (export "count") (param $from i64) (result i32)
        (loop $again
          (local.set $from (i64.sub (local.get $from) (i64.const 1)))
          (br_if $again (i64.gt_s (local.get $from) (i64.const 0))))
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (global.get $calls)))
    (core instance $i (instantiate $m))
    (func (export "count") (param "from" u64) (result u32) (canon lift (core func $i "count"))))"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_call_that_waits_for_its_turn_in_a_session_can_be_taken_out_of_the_queue() {
    let (workbench, workload, _folder) = running_text("counting", COUNTING).await;
    let open = Request::OpenSession { workload, component: "counting".into() };
    let Response::SessionOpened(session) = ask(&workbench, open).await else { panic!("not opened") };
    let call = |from: &str, ticket: u64| {
        let (workbench, args) = (workbench.clone(), vec![from.to_owned()]);
        let (function, ticket) = ("count".to_owned(), Some(Ticket(ticket)));
        let request = Request::CallInSession { workload, session, function, args, ticket };
        tokio::spawn(async move {
            match workbench.dispatch(request).await? {
                Response::CalledInSession { outcome, .. } => Ok::<_, Error>(outcome.result),
                other => panic!("{other:?}"),
            }
        })
    };
    let working = call("2000000000", 1);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let waiting = call("1", 2);
    tokio::time::sleep(Duration::from_millis(100)).await;
    ask(&workbench, Request::CancelCall { workload, ticket: Ticket(2) }).await;
    let error = waiting.await.expect("no panic").expect_err("it was cancelled");
    assert_eq!(error.kind, ErrorKind::Cancelled);
    assert!(!working.is_finished(), "it did wait");
    assert_eq!(working.await.expect("no panic").expect("it was left alone").as_deref(), Some("1"));
    let next = call("1", 3).await.expect("no panic").expect("the session goes on");
    assert_eq!(next.as_deref(), Some("2"), "the one that was cancelled has never begun");

    let working = call("1000000000000", 4);
    tokio::time::sleep(Duration::from_millis(100)).await;
    ask(&workbench, Request::CancelCall { workload, ticket: Ticket(4) }).await;
    working.await.expect("no panic").expect_err("it was cancelled halfway");
    let error = call("1", 5).await.expect("no panic").expect_err("nobody knows what its instance is like");
    assert!(error.message.contains("there is no session"), "{error}");
    workbench.shutdown().await;
}
