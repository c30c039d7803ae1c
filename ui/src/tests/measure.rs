//! Figures about the window's models. Run them with
//! `cargo test --release -p jackfield-ui measure -- --ignored --nocapture`.

use std::time::Instant;

use jackfield_protocol::{CallId, Event, FramePage, LogRecord, Request, Response, Span, TraceId};

use super::fixtures::{self, Window, cron, line};
use super::mcp::{click, run};
use super::session::{frame, id};
use super::traces::{trace, traced};
use crate::action::{Action, SessionAction};
use crate::command::Command;
use crate::model::mcp::{FRAME_PAGE, FrameFilter, Frames};
use crate::model::{Log, LogFilter};

const MANY: u64 = 100_000;

/// The memory of this process that is in use: KiB. Nothing where the system does not tell.
fn resident_in_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

#[test]
#[ignore = "prints figures, asserts nothing"]
fn frames_of_a_session() {
    let arriving: Vec<_> = (1..=MANY).map(frame).collect();
    let before = resident_in_kib();
    let (mut frames, start) = (Frames::default(), Instant::now());
    for frame in arriving.clone() {
        frames.extend([frame]);
    }
    let took = start.elapsed();
    println!("{MANY} frames into the model: {took:?}, {:.0} frames/s", MANY as f64 / took.as_secs_f64());
    println!("memory of the model: {} KiB by its own account", frames.memory_in_bytes() / 1024);
    println!("resident: {before} KiB with the arriving frames, {} KiB with the model", resident_in_kib());
    let start = Instant::now();
    frames.set_filter(FrameFilter { text: "tool-4999".into(), ..FrameFilter::default() });
    println!("a new filter over all of them: {:?}, {} shown", start.elapsed(), frames.shown());
}

#[test]
#[ignore = "prints figures, asserts nothing"]
fn lines_of_a_log() {
    let text = "2026-03-01T12:00:00Z \u{1b}[32mINFO\u{1b}[0m request handled in 12 ms, status 200";
    let record = |seq| LogRecord { call: Some(CallId(seq / 10)), ..line(seq, "job", text) };
    let before = resident_in_kib();
    let (mut log, start) = (Log::default(), Instant::now());
    for seq in 1..=MANY {
        log.extend([record(seq)]);
    }
    let took = start.elapsed();
    println!("{MANY} lines into the log: {took:?}, {:.0} lines/s", MANY as f64 / took.as_secs_f64());
    println!("resident: {before} KiB before, {} KiB with the log", resident_in_kib());
    let start = Instant::now();
    log.set_filter(LogFilter { text: "status 404".into(), ..LogFilter::default() });
    println!("a new text filter over all of them: {:?}", start.elapsed());
    let start = Instant::now();
    println!("lines of one call: {} in {:?}", log.of_call(CallId(5_000), 200).len(), start.elapsed());
}

#[test]
#[ignore = "prints figures, asserts nothing"]
fn drawing_with_many_rows() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    run(&mut window, Command::LargeDock);
    let draw = |window: &mut Window, what: &str| {
        window.step();
        let start = Instant::now();
        for _ in 0..50 {
            window.step();
        }
        println!("{what}: {:?} a frame", start.elapsed() / 50);
    };
    draw(&mut window, "an empty log");
    recorded
        .announce(Event::Logs((1..=MANY).map(|seq| line(seq, "job", "\u{1b}[32mhello\u{1b}[0m")).collect()));
    draw(&mut window, "100 000 log lines");
    click(&mut window, "Session");
    recorded.answer(&Request::Sessions, Ok(Response::Sessions(Vec::new())));
    let ctx = window.ctx.clone();
    window.state_mut().act(&ctx, Action::Session(SessionAction::Open(id())));
    let first = Request::Frames { session: id(), after: 0, limit: FRAME_PAGE };
    recorded.answer(&first, Ok(Response::Frames(FramePage { frames: Vec::new(), total: 0 })));
    window.run();
    recorded.announce(Event::Frames((1..=MANY).map(frame).collect()));
    draw(&mut window, "100 000 frames");
}

#[test]
#[ignore = "prints figures, asserts nothing"]
fn a_trace_with_many_calls() {
    let mut large = trace(1);
    let template = large.spans[1].clone();
    for at in 0..MANY {
        let parent = Some(u32::try_from(at / 10).unwrap());
        large.spans.push(Span { start_nanos: at, parent, ..template.clone() });
    }
    let (mut window, recorded) = traced(&[trace(1)]);
    run(&mut window, Command::LargeDock);
    click(&mut window, "trace 1");
    let start = Instant::now();
    recorded.answer(&Request::TraceById(TraceId(1)), Ok(Response::Trace(large)));
    window.step();
    println!("a trace of {MANY} calls into rows, and the first frame: {:?}", start.elapsed());
    window.run();
    let start = Instant::now();
    for _ in 0..50 {
        window.step();
    }
    println!("a trace of {MANY} calls: {:?} a frame", start.elapsed() / 50);
}
