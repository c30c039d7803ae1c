//! Exports, read as the programs read them that they are for.

mod chrome;
mod collector;
mod otlp;
mod sending;

use std::fs;
use std::path::PathBuf;
use std::sync::Arc;

use jackfield_protocol::{Trace, TraceFormat};

use super::{Source, to_file};
use crate::samples::{rich, trace};
use crate::{Recorder, Recording};

fn source(traces: Vec<Trace>) -> impl Source {
    traces.into_iter().map(|trace| Ok(Arc::new(trace)))
}

/// The text that an export writes.
fn exported(traces: Vec<Trace>, format: TraceFormat) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out");
    let count = traces.len() as u64;
    assert_eq!(to_file(&path, format, source(traces)).unwrap(), count);
    fs::read_to_string(path).unwrap()
}

#[test]
fn json_is_the_protocols_own_a_trace_on_each_line() {
    let text = exported(vec![trace(2), rich()], TraceFormat::Json);
    let read: Vec<Trace> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(read, [trace(2), rich()]);
}

#[test]
fn an_export_replaces_a_file_as_a_whole_and_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("out.json");
    fs::write(&path, "old").unwrap();
    // A recording that cannot be read to its end.
    let recorded = folder.path().join("traces.jsonl");
    fs::write(&recorded, "{\"jackfield-traces\":1}\n{\"jackfield-traces\":9}\n").unwrap();
    let mut recording = Recording::open(&recorded).unwrap();
    let broken = std::iter::from_fn(|| recording.next_trace().transpose().map(|it| it.map(Arc::new)));
    to_file(&path, TraceFormat::Json, broken).expect_err("of a newer version");
    assert_eq!(fs::read_to_string(&path).unwrap(), "old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2, "nothing is left behind");
    to_file(&path, TraceFormat::Json, source(vec![trace(1)])).unwrap();
    assert!(fs::read_to_string(&path).unwrap().contains("test:test/front#go"));
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    for place in [folder.path().join("no/such/folder"), PathBuf::from("/"), folder.path().to_owned()] {
        let error = to_file(&place, TraceFormat::Json, source(vec![trace(1)])).expect_err("no place");
        assert!(error.to_string().starts_with("cannot write the traces: "), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn what_is_no_file_is_written_to_and_not_replaced() {
    assert_eq!(to_file("/dev/null".as_ref(), TraceFormat::Chrome, source(vec![rich()])).unwrap(), 1);
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn a_recording_exports_as_what_was_recorded_does() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("traces.jsonl");
    let recorder = Recorder::start(&path, |_| ()).unwrap();
    [trace(3), rich()].into_iter().for_each(|trace| recorder.keep(Arc::new(trace)));
    recorder.finish();
    let mut recording = Recording::open(&path).unwrap();
    let mut read = Vec::new();
    while let Some(trace) = recording.next_trace().unwrap() {
        read.push(trace);
    }
    assert_eq!(exported(read, TraceFormat::Otlp), exported(vec![trace(3), rich()], TraceFormat::Otlp));
}
