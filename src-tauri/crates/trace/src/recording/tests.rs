//! Recordings as they are written, damaged and read.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use jackfield_protocol::{Outcome, Trace, TraceId};

use super::queue::Queue;
use super::writer::Writer;
use super::*;
use crate::samples::{rich, trace};

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("traces.jsonl");
    (folder, path)
}

fn record(path: &Path, traces: impl IntoIterator<Item = Trace>) -> Progress {
    let recorder = Recorder::start(path, |progress| panic!("{progress:?}")).unwrap();
    traces.into_iter().for_each(|trace| recorder.keep(Arc::new(trace)));
    recorder.finish()
}

fn read(path: &Path) -> (Vec<Trace>, Vec<String>, u64) {
    let mut recording = Recording::open(path).unwrap();
    let mut traces = Vec::new();
    while let Some(trace) = recording.next_trace().unwrap() {
        traces.push(trace);
    }
    (traces, recording.damage(), recording.lost())
}

/// As it is read: its id is its place.
fn at(place: u64, trace: Trace) -> Trace {
    Trace { id: TraceId(place), ..trace }
}

#[test]
fn every_trace_is_read_as_it_was_with_its_place_for_its_id() {
    let (_folder, path) = folder();
    let progress = record(&path, [trace(1), rich(), trace(5), rich()]);
    assert_eq!((progress.traces, progress.lost, progress.problem), (4, 0, None));
    assert_eq!(progress.bytes, fs::metadata(&path).unwrap().len());
    let (traces, damage, lost) = read(&path);
    assert_eq!(traces, [at(1, trace(1)), at(2, rich()), at(3, trace(5)), at(4, rich())]);
    assert_eq!((damage, lost), (Vec::new(), 0));
    assert_eq!(Recording::open(&path).unwrap().find(2).unwrap(), at(2, rich()));
    let missing = Recording::open(&path).unwrap().find(5).unwrap_err().to_string();
    assert!(missing.contains("has 4 traces, and none with number 5"), "{missing}");
}

#[test]
fn names_stand_in_a_file_once() {
    let (_folder, path) = folder();
    record(&path, (0..100).map(|_| trace(10)));
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches("test:test/api#double").count(), 1);
    assert!(text.len() < 100 * 10 * 45, "{} bytes for 1000 spans with values", text.len());
}

#[test]
fn a_recording_goes_on_where_another_ended_and_after_one_that_was_killed() {
    let (_folder, path) = folder();
    record(&path, [trace(2)]);
    record(&path, [trace(3), rich()]);
    // A kill leaves what was written last at any length.
    let whole = fs::read(&path).unwrap();
    let end_of_second = whole.iter().rposition(|byte| *byte == b'\n').unwrap();
    let start_of_last = whole[..end_of_second].iter().rposition(|byte| *byte == b'\n').unwrap() + 1;
    for length in [start_of_last + 1, start_of_last + 30, whole.len() - 1] {
        fs::write(&path, &whole[..length]).unwrap();
        let (traces, damage, _) = read(&path);
        assert_eq!(traces, [at(1, trace(2)), at(2, trace(3))]);
        assert_eq!(damage.len(), 1, "{damage:?}");
        assert!(damage[0].contains("not written to its end; skipped"), "{damage:?}");
        record(&path, [trace(4), rich()]);
        let (traces, damage, _) = read(&path);
        assert_eq!(traces.last(), Some(&at(traces.len() as u64, rich())));
        assert!(traces.len() >= 4 && damage.len() <= 1, "{} {damage:?}", traces.len());
    }
}

#[test]
fn a_first_line_that_a_kill_cut_off_does_not_spoil_the_file() {
    let (_folder, path) = folder();
    fs::write(&path, "{\"jackf").unwrap();
    record(&path, [trace(2)]);
    assert_eq!(read(&path).0, [at(1, trace(2))]);
}

#[test]
fn damage_costs_what_it_hit_and_never_mixes_names_up() {
    let (_folder, path) = folder();
    record(&path, [trace(2)]);
    record(&path, [rich(), trace(2), rich()]);
    let lines: Vec<String> = fs::read_to_string(&path).unwrap().lines().map(str::to_owned).collect();
    let known = [trace(2), rich()];
    for broken in 0..lines.len() {
        let mut damaged = lines.clone();
        damaged[broken] = damaged[broken].replace(':', ";");
        fs::write(&path, damaged.join("\n") + "\n").unwrap();
        if broken == 0 {
            assert!(matches!(Recording::open(&path), Err(RecordingError::NotARecording { .. })));
            continue;
        }
        let (traces, damage, _) = read(&path);
        assert!(!damage.is_empty(), "line {broken}");
        for trace in traces {
            assert!(known.contains(&at(0, trace)), "line {broken}");
        }
    }
}

#[test]
fn other_files_are_neither_read_nor_appended_to() {
    let (folder, path) = folder();
    for content in ["name = \"x\"\n", "{\"jackfield-session\":1}\n", "no end of line", "\0asm"] {
        fs::write(&path, content).unwrap();
        for error in [Recording::open(&path).err(), Recorder::start(&path, |_| ()).err()] {
            assert!(matches!(error, Some(RecordingError::NotARecording { .. })), "{content:?} {error:?}");
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), content);
    }
    fs::write(&path, "{\"jackfield-traces\":2}\n").unwrap();
    let mut newer = Recording::open(&path).unwrap();
    assert!(matches!(newer.next_trace(), Err(RecordingError::Newer { .. })));
    let nowhere = folder.path().join("no/such/folder");
    assert!(matches!(Recorder::start(&nowhere, |_| ()), Err(RecordingError::File { .. })));
    assert!(Recording::open(folder.path()).is_err());
}

#[test]
fn one_recorder_at_a_time_writes_to_a_file_and_others_may_read() {
    let (_folder, path) = folder();
    let first = Recorder::start(&path, |_| ()).unwrap();
    assert!(matches!(Recorder::start(&path, |_| ()), Err(RecordingError::Busy { .. })));
    first.keep(Arc::new(trace(2)));
    first.wait_until_written();
    assert_eq!(read(&path).0, [at(1, trace(2))]);
    drop(first);
    record(&path, [trace(1)]);
}

#[cfg(unix)]
#[test]
fn only_the_owner_may_read_what_programs_were_called_with() {
    use std::os::unix::fs::PermissionsExt as _;
    let (_folder, path) = folder();
    record(&path, [trace(1)]);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
}

#[test]
fn functions_without_end_do_not_let_the_tables_grow() {
    let (_folder, path) = folder();
    let visits = (0..10_000).map(|number| {
        let mut visit = trace(1);
        visit.spans[0].function = format!("GET /item/{number}").into();
        visit
    });
    record(&path, visits);
    let text = fs::read_to_string(&path).unwrap();
    assert_eq!(text.matches("jackfield-traces").count(), 3);
    let (traces, damage, _) = read(&path);
    assert_eq!((traces.len(), damage), (10_000, Vec::new()));
    assert!(traces.iter().enumerate().all(|(n, it)| it.spans[0].function == format!("GET /item/{n}")));
}

/// A disk that is full for a while.
struct Disk {
    file: fs::File,
    room: Arc<Mutex<usize>>,
}

impl Write for Disk {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut room = self.room.lock().unwrap();
        if *room == 0 {
            return Err(io::ErrorKind::StorageFull.into());
        }
        let count = bytes.len().min(*room);
        *room -= count;
        self.file.write(bytes.get(..count).unwrap_or(bytes))
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn a_full_disk_is_told_and_recording_goes_on_when_there_is_room() {
    let (_folder, path) = folder();
    let file = OpenOptions::new().create(true).append(true).open(&path).unwrap();
    let room = Arc::new(Mutex::new(600));
    let heard: Arc<Mutex<Vec<Progress>>> = Arc::default();
    let (listening, progress) = (Arc::clone(&heard), Arc::default());
    let listener = Box::new(move |progress: &Progress| listening.lock().unwrap().push(progress.clone()));
    let disk = Disk { file, room: Arc::clone(&room) };
    let mut writer = Writer::begin(disk, false, Arc::clone(&progress), listener).unwrap();
    let queue = Arc::new(Queue::default());
    let taking = Arc::clone(&queue);
    let thread = std::thread::spawn(move || writer.run(&taking));

    (0..10).for_each(|_| queue.push(Arc::new(trace(3))));
    let limit = Instant::now() + Duration::from_secs(20);
    while heard.lock().unwrap().is_empty() {
        assert!(Instant::now() < limit, "nobody was told");
        std::thread::sleep(Duration::from_millis(5));
    }
    let first = heard.lock().unwrap()[0].clone();
    assert!(first.problem.as_ref().is_some_and(|text| text.contains("make room on the disk")), "{first:?}");
    assert!(first.lost > 0);
    *room.lock().unwrap() = usize::MAX;
    queue.push(Arc::new(rich()));
    queue.close();
    thread.join().unwrap();

    let last = heard.lock().unwrap().last().unwrap().clone();
    assert_eq!(last.problem, None);
    assert_eq!(last.traces + last.lost, 11);
    let (traces, damage, lost) = read(&path);
    assert_eq!((traces.len() as u64, lost), (last.traces, last.lost));
    assert_eq!(traces.last(), Some(&at(last.traces, rich())));
    assert!(damage.len() <= 1, "{damage:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_from_the_start_is_an_error_that_says_so() {
    let error = Recorder::start(Path::new("/dev/full"), |_| ()).expect_err("it is full");
    assert!(error.to_string().contains("No space left"), "{error}");
}

#[test]
fn outcomes_of_every_kind_come_back() {
    let (_folder, path) = folder();
    let all = [
        Outcome::Ok,
        Outcome::Error,
        Outcome::Denied,
        Outcome::TimedOut,
        Outcome::Cancelled,
        Outcome::Unfinished,
    ];
    let traces = all.clone().map(|outcome| {
        let mut it = trace(1);
        it.spans[0].outcome = outcome;
        it
    });
    record(&path, traces);
    let read: Vec<_> = read(&path).0.into_iter().map(|it| it.spans[0].outcome.clone()).collect();
    assert_eq!(read, all);
}

/// Where the program to be killed records to.
const RECORD_TO: &str = "JACKFIELD_TEST_RECORD_TO";

#[test]
#[ignore = "never ends; the next test starts it and kills it"]
fn records_until_it_is_killed() {
    let path = std::env::var(RECORD_TO).unwrap();
    let recorder = Recorder::start(Path::new(&path), |_| ()).unwrap();
    for number in 0.. {
        recorder.keep(Arc::new(Trace { start_unix_micros: number, ..rich() }));
        // Every length of what waits and of what is being written.
        if number % 7 == 0 {
            recorder.wait_until_written();
        }
    }
}

#[test]
fn what_a_killed_program_recorded_is_read_and_recording_goes_on() {
    let (_folder, path) = folder();
    let mut before = 0;
    for kill in 1..=3 {
        let mut program = std::process::Command::new(std::env::current_exe().unwrap())
            .args(["--ignored", "--exact", "recording::tests::records_until_it_is_killed"])
            .env(RECORD_TO, &path)
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let (goal, limit) = (before + 100_000, Instant::now() + Duration::from_secs(30));
        while fs::metadata(&path).map_or(0, |it| it.len()) < goal {
            assert!(Instant::now() < limit, "nothing is recorded");
            std::thread::sleep(Duration::from_millis(3));
        }
        program.kill().unwrap();
        program.wait().unwrap();
        before = fs::metadata(&path).unwrap().len();
        let (traces, damage, lost) = read(&path);
        assert!(traces.len() > 100 * kill, "{}", traces.len());
        assert!(damage.len() <= kill && lost == 0, "{damage:?}");
        // Each program's traces are there from its first on, without a gap.
        for pair in traces.windows(2) {
            let (one, next) = (pair[0].start_unix_micros, pair[1].start_unix_micros);
            assert!(next == one + 1 || next == 0, "{one} {next}");
            assert_eq!(
                Trace { id: TraceId(0), start_unix_micros: rich().start_unix_micros, ..pair[0].clone() },
                rich()
            );
        }
    }
}
