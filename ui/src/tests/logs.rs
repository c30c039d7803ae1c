//! The log tab: many lines, filters, calls, colours.

use egui_kittest::kittest::Queryable as _;
use jackfield_protocol::{CallId, Event, LogRecord, LogStream};

use super::fixtures::{self, cron, line};
use super::mcp::{click, run, type_into};
use crate::command::Command;
use crate::model::MAX_LOG_LINES;

fn with_call(seq: u64, call: u64) -> LogRecord {
    LogRecord { call: Some(CallId(call)), ..line(seq, "job", &format!("line {seq}")) }
}

#[test]
fn the_call_column_filters_to_that_call() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    recorded.announce(Event::Logs((1..=6).map(|seq| with_call(seq, seq % 2 + 11)).collect()));
    window.run();
    click(&mut window, "call #12 of line 5");
    window.get_by_label("3 of 6 lines");
    assert!(window.query_by_label("job stderr: line 4").is_none());
    assert_eq!(window.get_by_label("Log of call").value().unwrap(), "#12");
    click(&mut window, "job stderr: line 5");
    click(&mut window, "Copy log");
    assert_eq!(recorded.copied(), ["00:00:05.000 job stderr #12 line 5\n"]);
    type_into(&mut window, "Log of call", "11");
    window.get_by_label("job stderr: line 4");
    run(&mut window, Command::ClearLogFilter);
    window.get_by_label("6 lines");
}

#[test]
fn what_the_host_says_can_be_filtered_too() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    let host = LogRecord { stream: LogStream::Host, ..line(2, "job", "denied") };
    recorded.announce(Event::Logs(vec![line(1, "job", "x"), host]));
    window.run();
    click(&mut window, "Log of stream");
    click(&mut window, "host");
    window.get_by_label("1 of 2 lines");
    window.get_by_label("job host: denied");
}

#[test]
fn colours_are_drawn_and_escape_sequences_are_not_text() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    let texts =
        ["\u{1b}[1;31mred\u{1b}[0m plain", "\u{1b}[38;2;1;2;3mdark\u{1b}]0;title\u{7}", "\u{1b}[7mback"];
    let lines = texts.iter().zip(1..).map(|(text, seq)| line(seq, "job", text)).collect();
    recorded.announce(Event::Logs(lines));
    for command in [Command::ThemeLight, Command::ThemeDark] {
        run(&mut window, command);
        window.get_by_label("job stderr: red plain");
        window.get_by_label("job stderr: dark");
        window.get_by_label("job stderr: back");
    }
}

#[test]
fn a_hundred_thousand_lines_are_kept_and_the_newest_is_in_view() {
    let (mut window, recorded) = fixtures::window(vec![cron()]);
    let many = u64::try_from(MAX_LOG_LINES).unwrap();
    recorded.announce(Event::Logs((1..=many + 10).map(|seq| line(seq, "job", "x")).collect()));
    recorded.announce(Event::Logs(vec![line(many + 11, "job", "the end")]));
    window.run();
    window.get_by_label("job stderr: the end");
    window.get_by_label("100 000 lines, 11 older dropped");
    type_into(&mut window, "Filter log", "END");
    let counter = window.get_by_label("1 of 100 000 lines, 11 older dropped").rect();
    assert!(counter.height() < 24.0, "it is on one line: {counter:?}");
}
