//! Traces of real calls through the workbench: kept, told, recorded, read back and given to others.

use std::fs;
use std::path::Path;
use std::time::Duration;

use jackfield_protocol::{
    Event, Request, Response, Trace, TraceFormat, TraceId, TraceSelection, TraceSummary, WorkloadId,
    WorkloadView,
};
use jackfield_tests::files;
use jackfield_workbench::{Config, Subscription, Workbench};
use serde_json::Value;

use crate::workbench::ask;

/// A workbench in which the calculator runs.
async fn calculator() -> (Workbench, WorkloadId) {
    let workbench = Workbench::new(Config::default()).expect("a workbench");
    let path = files::root().join("samples/calculator").display().to_string();
    let Response::Opened(view) = ask(&workbench, Request::Open { path }).await else { panic!("opened") };
    ask(&workbench, Request::Start(view.id)).await;
    (workbench, view.id)
}

async fn hypotenuse(workbench: &Workbench, workload: WorkloadId, a: u32, b: u32) -> Trace {
    let (component, function) = ("hypotenuse".into(), "hypotenuse".to_owned());
    let args = vec![a.to_string(), b.to_string()];
    match ask(workbench, Request::Trace { workload, component, function, args, ticket: None }).await {
        Response::Traced { result, trace } => {
            result.expect("a result");
            trace
        }
        other => panic!("{other:?}"),
    }
}

async fn list(workbench: &Workbench, after: u64, limit: u32) -> Vec<u64> {
    let request = Request::Traces { workload: None, after: TraceId(after), limit };
    match ask(workbench, request).await {
        Response::Traces(traces) => traces.iter().map(|trace| trace.id.0).collect(),
        other => panic!("{other:?}"),
    }
}

async fn view(workbench: &Workbench) -> WorkloadView {
    let Response::Snapshot(snapshot) = ask(workbench, Request::Snapshot).await else { panic!("a snapshot") };
    snapshot.workloads.into_iter().next().expect("a workload")
}

/// Each announcement of traces until there were so many traces.
async fn told(events: &mut Subscription, count: usize) -> Vec<Vec<TraceSummary>> {
    let mut all: Vec<Vec<TraceSummary>> = Vec::new();
    let hear = async {
        while all.iter().map(Vec::len).sum::<usize>() < count {
            if let Event::Traced(traces) = events.next().await.expect("events") {
                all.push(traces);
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(20), hear).await.expect("told in time");
    all
}

/// Records three calls of the calculator to a file.
pub(crate) async fn record(path: &Path) -> Vec<Trace> {
    let (workbench, workload) = calculator().await;
    let path = Some(path.display().to_string());
    ask(&workbench, Request::Record { workload, path }).await;
    let mut traces = Vec::new();
    for (a, b) in [(3, 4), (5, 12), (8, 15)] {
        traces.push(Box::pin(hypotenuse(&workbench, workload, a, b)).await);
    }
    workbench.shutdown().await;
    traces
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_are_kept_by_their_ids_and_told_a_few_times_in_a_second_at_most() {
    let (workbench, workload) = calculator().await;
    let mut events = workbench.subscribe();
    let mut last = None;
    for number in 0..50 {
        last = Some(hypotenuse(&workbench, workload, 3 + number, 4).await);
    }
    let told = told(&mut events, 50).await;
    assert!(told.len() <= 25, "{} announcements", told.len());
    assert!(told.concat().iter().map(|it| it.id.0).eq(1..=50));
    let last = last.expect("a trace");
    assert_eq!(
        (last.id, last.workload, last.workload_name.as_str()),
        (TraceId(50), Some(workload), "calculator")
    );
    assert_eq!(told.concat().last(), Some(&last.summary()));
    assert_eq!(list(&workbench, 0, 1000).await.len(), 50);
    assert_eq!(list(&workbench, 47, 1000).await, [48, 49, 50]);
    assert_eq!(list(&workbench, 0, 2).await, [49, 50]);
    assert_eq!(ask(&workbench, Request::TraceById(last.id)).await, Response::Trace(last));
    ask(&workbench, Request::ClearTraces).await;
    assert!(list(&workbench, 0, 1000).await.is_empty());
    let gone = workbench.dispatch(Request::TraceById(TraceId(3))).await.expect_err("forgotten");
    assert!(gone.help.is_some_and(|help| help.contains("record")), "what to do");
    assert_eq!(hypotenuse(&workbench, workload, 3, 4).await.id, TraceId(51));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_recorded_is_read_without_the_workload() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("calculator.jsonl");
    let (workbench, workload) = calculator().await;
    let not_recorded = hypotenuse(&workbench, workload, 20, 21).await;
    let request = Request::Record { workload, path: Some(file.display().to_string()) };
    ask(&workbench, request.clone()).await;
    assert_eq!(view(&workbench).await.recording.as_deref(), file.to_str());
    let traces =
        [hypotenuse(&workbench, workload, 3, 4).await, hypotenuse(&workbench, workload, 5, 12).await];
    assert!(matches!(ask(&workbench, request).await, Response::Recording { .. }), "it goes on");
    let Response::Recording { path, traces: count } = ask(&workbench, Request::StopRecording(workload)).await
    else {
        panic!("a recording")
    };
    assert_eq!((Some(path.as_str()), count), (file.to_str(), 2));
    assert_eq!(view(&workbench).await.recording, None);
    hypotenuse(&workbench, workload, 8, 15).await;
    workbench.dispatch(Request::StopRecording(workload)).await.expect_err("it is over");

    let reader = Workbench::new(Config::default()).expect("a workbench");
    let Response::RecordingOpened { traces: opened, total, lost, damage } =
        ask(&reader, Request::OpenRecording { path: path.clone() }).await
    else {
        panic!("opened")
    };
    assert_eq!((opened.len(), total, lost, damage.len()), (2, 2, 0, 0));
    for (number, expected) in (1..).zip(traces) {
        let expected = Trace { id: TraceId(number), workload: None, ..expected };
        assert_ne!(expected.spans, not_recorded.spans);
        assert_eq!(
            ask(&reader, Request::TraceById(TraceId(number))).await,
            Response::Trace(expected.clone())
        );
        let one = Request::RecordedTrace { path: path.clone(), number };
        assert_eq!(ask(&reader, one).await, Response::Trace(expected));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_recording_without_a_name_goes_to_the_data_folder_and_ends_with_its_workload() {
    let folder = tempfile::tempdir().expect("a folder");
    let config = Config { data_dir: Some(folder.path().to_owned()), ..Config::default() };
    let workbench = Workbench::new(config).expect("a workbench");
    let path = files::root().join("samples/calculator").display().to_string();
    let Response::Opened(view) = ask(&workbench, Request::Open { path }).await else { panic!("opened") };
    ask(&workbench, Request::Start(view.id)).await;
    let request = Request::Record { workload: view.id, path: None };
    let Response::Recording { path, traces: 0 } = ask(&workbench, request).await else { panic!("recording") };
    assert!(Path::new(&path).starts_with(folder.path().join("traces")), "{path}");
    hypotenuse(&workbench, view.id, 3, 4).await;
    ask(&workbench, Request::Close(view.id)).await;
    let Response::RecordingOpened { total: 1, .. } = ask(&workbench, Request::OpenRecording { path }).await
    else {
        panic!("one trace")
    };
    let nowhere = Request::Record { workload: view.id, path: None };
    workbench.dispatch(nowhere).await.expect_err("it is closed");
}

#[tokio::test(flavor = "multi_thread")]
async fn traces_are_exported_from_memory_and_from_recordings() {
    let folder = tempfile::tempdir().expect("a folder");
    let (workbench, workload) = calculator().await;
    let recording = folder.path().join("traces.jsonl").display().to_string();
    ask(&workbench, Request::Record { workload, path: Some(recording.clone()) }).await;
    for b in [4, 5, 6] {
        hypotenuse(&workbench, workload, 3, b).await;
    }
    ask(&workbench, Request::StopRecording(workload)).await;
    let out = folder.path().join("out.json");
    let export = async |traces, format| {
        let path = out.display().to_string();
        match ask(&workbench, Request::ExportTraces { traces, format, path }).await {
            Response::Exported { traces, .. } => (traces, fs::read_to_string(&out).expect("the file")),
            other => panic!("{other:?}"),
        }
    };
    for (selection, count) in [
        (TraceSelection::All, 3),
        (TraceSelection::Workload(workload), 3),
        (TraceSelection::Workload(WorkloadId(99)), 0),
        (TraceSelection::These(vec![TraceId(2)]), 1),
        (TraceSelection::Recording(recording.clone()), 3),
    ] {
        let (traces, text) = export(selection, TraceFormat::Json).await;
        assert_eq!((traces, text.lines().count()), (count, count as usize));
    }
    let (_, live) = export(TraceSelection::All, TraceFormat::Otlp).await;
    let (_, read) = export(TraceSelection::Recording(recording), TraceFormat::Otlp).await;
    assert_eq!(live, read, "the same ids wherever they are exported from");

    let (_, chrome) = export(TraceSelection::These(vec![TraceId(1)]), TraceFormat::Chrome).await;
    let chrome: Value = serde_json::from_str(&chrome).expect("JSON");
    let events = chrome["traceEvents"].as_array().expect("events");
    let calls: Vec<_> = events.iter().filter(|event| event["ph"] == "X").collect();
    let names: Vec<_> = calls.iter().filter_map(|call| call["name"].as_str()?.split('#').nth(1)).collect();
    assert_eq!(names, ["hypotenuse", "square", "square", "square-root"]);
    assert_eq!((&calls[0]["args"]["result"], &calls[3]["args"]["result"]), (&"5".into(), &"5".into()));

    let gone = Request::ExportTraces {
        traces: TraceSelection::These(vec![TraceId(77)]),
        format: TraceFormat::Json,
        path: out.display().to_string(),
    };
    let error = workbench.dispatch(gone).await.expect_err("not there");
    assert!(error.message.contains("trace 77"), "{error}");
}
