//! Session files: what is recorded is read again, whatever happened to the file.

use std::fs;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use jackfield_mcp::{Recorder, SessionError, Sessions};
use jackfield_protocol::{Frame, FrameBytes, FrameKind, FrameWay, SessionId, SessionRole};
use tempfile::TempDir;

fn store() -> (TempDir, Sessions) {
    let folder = tempfile::tempdir().unwrap();
    let sessions = Sessions::open(folder.path()).unwrap();
    (folder, sessions)
}

fn begin(sessions: &Sessions, label: &str) -> (Recorder, SessionId) {
    let recorder = sessions.record(label, SessionRole::Client, Vec::new()).unwrap();
    let id = recorder.session().unwrap().clone();
    (recorder, id)
}

fn file(folder: &TempDir, id: &SessionId) -> PathBuf {
    folder.path().join(format!("{id}.jsonl"))
}

fn tell(recorder: &Recorder, number: u64) {
    let text = format!("{{\"jsonrpc\":\"2.0\",\"id\":{number},\"method\":\"ping\"}}");
    recorder.message(FrameWay::ToServer, &text.into());
}

#[test]
fn a_session_is_listed_and_read_while_it_goes_on_and_after() {
    let (_folder, sessions) = store();
    let (recorder, id) = begin(&sessions, "a server");
    recorder.message(
        FrameWay::ToServer,
        &Bytes::from_static(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}"),
    );
    recorder.stderr(&Bytes::from_static(b"\xffraw"));
    let live = sessions.view(&id).unwrap();
    assert!(live.is_live);
    assert_eq!((live.frames, live.label.as_str(), live.problem.clone()), (2, "a server", None));
    assert!(matches!(sessions.delete(&id), Err(SessionError::Live { .. })));
    recorder.finish();
    let done = sessions.view(&id).unwrap();
    assert!(!done.is_live);
    assert_eq!(sessions.list().unwrap(), [done]);
    assert_eq!(sessions.bytes(&id, 2).unwrap(), FrameBytes::Hex("ff726177".to_owned()));
    assert_eq!(sessions.raw(&id, 2).unwrap(), b"\xffraw");
    assert!(matches!(sessions.raw(&id, 3), Err(SessionError::NoSuchFrame { number: 3, .. })));
    sessions.delete(&id).unwrap();
    assert_eq!(sessions.list().unwrap(), []);
    assert!(matches!(sessions.view(&id), Err(SessionError::NotFound { .. })));
}

#[test]
fn the_newest_comes_first_and_every_name_is_its_own() {
    let (_folder, sessions) = store();
    let recorders: Vec<_> = (0..20).map(|number| begin(&sessions, &number.to_string())).collect();
    let labels: Vec<String> = sessions.list().unwrap().into_iter().map(|view| view.label).collect();
    let mut ids: Vec<_> = recorders.iter().map(|(_, id)| id.clone()).collect();
    assert_eq!(labels.first().map(String::as_str), Some("19"));
    ids.sort();
    ids.dedup();
    assert_eq!(ids.len(), 20);
}

#[test]
fn another_process_sees_that_it_is_live() {
    let (folder, sessions) = store();
    let (recorder, id) = begin(&sessions, "shared");
    tell(&recorder, 1);
    recorder.flush();
    // A store of its own knows of the recorder by the lock alone, as another process does.
    let other = Sessions::open(folder.path()).unwrap();
    assert!(other.view(&id).unwrap().is_live);
    assert_eq!(other.page(&id, 0, 10).unwrap().frames.len(), 1);
    assert!(matches!(other.delete(&id), Err(SessionError::Live { .. })));
    recorder.finish();
    assert!(!other.view(&id).unwrap().is_live);
}

#[test]
fn a_recorder_that_was_killed_leaves_a_session_that_is_over() {
    let (folder, sessions) = store();
    let (recorder, id) = begin(&sessions, "killed");
    tell(&recorder, 1);
    recorder.finish();
    fs::write(folder.path().join(format!("{id}.live")), "").unwrap();
    assert!(!sessions.view(&id).unwrap().is_live);
    sessions.delete(&id).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn a_file_that_ends_anywhere_is_read_up_to_there() {
    let (folder, sessions) = store();
    let (recorder, id) = begin(&sessions, "torn");
    for number in 1..=4 {
        tell(&recorder, number);
    }
    recorder.stderr(&Bytes::from_static("grüße".as_bytes()));
    recorder.finish();
    let path = file(&folder, &id);
    let whole = fs::read(&path).unwrap();
    let ends: Vec<usize> =
        whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n').map(|(at, _)| at + 1).collect();
    for length in 0..=whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        // A store of its own: the file does not shrink under one that knows it.
        let sessions = Sessions::open(folder.path()).unwrap();
        let lines = ends.iter().filter(|end| **end <= length).count();
        let frames = lines.saturating_sub(1) as u64;
        let is_torn = !ends.contains(&length);
        let view = sessions.view(&id).unwrap();
        assert_eq!(view.frames, frames, "at {length}");
        assert_eq!(view.problem.is_some(), is_torn, "at {length}: {:?}", view.problem);
        assert_eq!(sessions.list().unwrap(), [view], "at {length}");
        assert_eq!(sessions.page(&id, 0, 10).unwrap().frames.len() as u64, frames);
        if frames > 0 {
            sessions.raw(&id, frames).unwrap();
        }
    }
}

#[test]
fn a_file_that_shrinks_under_a_store_is_read_anew() {
    let (folder, sessions) = store();
    let (recorder, id) = begin(&sessions, "shrinks");
    (1..=3).for_each(|number| tell(&recorder, number));
    recorder.finish();
    assert_eq!(sessions.page(&id, 0, 10).unwrap().total, 3);
    let path = file(&folder, &id);
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() - 5]).unwrap();
    assert_eq!(sessions.page(&id, 0, 10).unwrap().total, 2);
}

#[test]
fn unreadable_lines_are_told_and_the_rest_is_read() {
    let (folder, sessions) = store();
    let (recorder, id) = begin(&sessions, "damaged");
    (1..=5).for_each(|number| tell(&recorder, number));
    recorder.finish();
    let path = file(&folder, &id);
    let mut lines: Vec<String> = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
    lines[2] = "\0\0 what is this".to_owned();
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    let view = sessions.view(&id).unwrap();
    assert_eq!(view.problem.as_deref(), Some("1 of its lines cannot be read, the first of them line 3"));
    let page = sessions.page(&id, 0, 10).unwrap();
    assert_eq!(page.frames.iter().map(|frame| frame.number).collect::<Vec<_>>(), [1, 3, 4, 5]);
    assert_eq!(page.total, 5);
    lines[0] = "{}".to_owned();
    fs::write(&path, lines.join("\n") + "\n").unwrap();
    let view = Sessions::open(folder.path()).unwrap().view(&id).unwrap();
    assert!(view.problem.unwrap().contains("first line is unreadable"));
    assert_eq!(view.label, id.to_string());
}

#[test]
fn a_long_session_is_read_page_by_page() {
    const FRAMES: u64 = 100_000;
    let (_folder, sessions) = store();
    let (recorder, id) = begin(&sessions, "long");
    let began = std::time::Instant::now();
    (1..=FRAMES).for_each(|number| tell(&recorder, number));
    let told = began.elapsed();
    recorder.finish();
    println!("told {FRAMES} frames in {told:?}, written after {:?}", began.elapsed());
    assert_eq!(sessions.view(&id).unwrap().frames, FRAMES);
    let began = std::time::Instant::now();
    let mut after = 0;
    while after < FRAMES {
        let page = sessions.page(&id, after, 1_000).unwrap();
        assert_eq!(page.total, FRAMES);
        assert_eq!(page.frames.first().map(|frame| frame.number), Some(after + 1));
        after = page.frames.last().unwrap().number;
    }
    println!("read in pages of 1000 in {:?}", began.elapsed());
    let last = sessions.page(&id, FRAMES - 2, 10).unwrap();
    assert_eq!(last.frames.len(), 2);
    assert!(sessions.raw(&id, FRAMES / 2).unwrap().ends_with(b"\"method\":\"ping\"}"));
}

#[test]
fn sinks_hear_of_frames_in_order_when_they_can_be_read() {
    let (_folder, sessions) = store();
    let heard = Arc::new(Mutex::new(Vec::new()));
    let (sink, store) = (Arc::clone(&heard), sessions.clone());
    let hear = move |frame: &Frame| {
        let readable = store.raw(&frame.session, frame.number).is_ok();
        sink.lock().unwrap().push((frame.number, readable));
    };
    let recorder = sessions.record("heard", SessionRole::Between, vec![Arc::new(hear)]).unwrap();
    (1..=50).for_each(|number| tell(&recorder, number));
    recorder.finish();
    let expected: Vec<_> = (1..=50).map(|number| (number, true)).collect();
    assert_eq!(*heard.lock().unwrap(), expected);
}

#[test]
fn names_lead_nowhere_else() {
    let (folder, sessions) = store();
    fs::write(folder.path().join("secret.jsonl"), "{}\n").unwrap();
    for name in ["../secret", "", ".", "a/b", "..", "a\0b", "secret.jsonl/../secret", "C:\\secret"] {
        let view = sessions.view(&SessionId::new(name));
        assert!(matches!(view, Err(SessionError::NotFound { .. })), "{name:?}");
    }
}

#[test]
fn a_recorder_that_is_off_keeps_nothing() {
    let recorder = Recorder::off();
    tell(&recorder, 1);
    recorder.finish();
    assert_eq!(recorder.session(), None);
}

#[test]
fn requests_are_paired_by_way_and_id() {
    let (_folder, sessions) = store();
    let (recorder, id) = begin(&sessions, "pairs");
    let ask = Bytes::from_static(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"ping\"}");
    let answer = Bytes::from_static(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}");
    recorder.message(FrameWay::ToServer, &ask);
    recorder.message(FrameWay::ToClient, &ask);
    recorder.message(FrameWay::ToServer, &answer);
    recorder.message(FrameWay::ToClient, &answer);
    recorder.message(FrameWay::ToClient, &answer);
    recorder.finish();
    let frames = sessions.page(&id, 0, 10).unwrap().frames;
    let answers: Vec<_> = frames.iter().map(|frame| frame.answers).collect();
    assert_eq!(answers, [None, None, Some(2), Some(1), None]);
    assert_eq!(frames[4].problem.as_deref(), Some("no request with its id waits for an answer"));
    assert_eq!(frames[4].kind, FrameKind::Response);
}
