//! Traces in a list.

use jackfield_protocol::{Provider, TraceSummary};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use super::column_width;
use super::trace::duration;
use crate::page::Page;
use crate::style::Role;

/// A name longer than this pushes its own line to the right, and no other.
const WIDEST_NAME: usize = 24;

/// A line for each trace: number, time, whose function, how long, how many calls, and how it ended.
pub(crate) fn page(traces: &[TraceSummary]) -> Page {
    in_zone(traces, &TimeZone::system())
}

fn in_zone(traces: &[TraceSummary], zone: &TimeZone) -> Page {
    let mut page = Page::default();
    if traces.is_empty() {
        page.line().add(Role::Faint, "There are no traces in it.");
        return page;
    }
    let names = column_width(traces.iter().map(provider), WIDEST_NAME);
    let numbers = traces.iter().map(|trace| trace.id.0).max().unwrap_or(0).to_string().len();
    for trace in traces {
        let time = Timestamp::from_microsecond(trace.start_unix_micros).unwrap_or(Timestamp::UNIX_EPOCH);
        let time = time.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S%.3f").to_string();
        let took = trace.duration_nanos.map_or_else(|| "–".to_owned(), duration);
        let role = if trace.outcome.is_ok() { Role::Good } else { Role::Error };
        let calls = if trace.span_count == 1 { "call" } else { "calls" };
        page.line()
            .add(Role::Name, format!("{:>numbers$}", trace.id.0))
            .add(Role::Faint, format!("  {time}"))
            .plain(format!("  {took:>8}"))
            .add(Role::Faint, format!("  {:>5} {calls:<5}", trace.span_count))
            .add(role, format!("  {:<10}", trace.outcome.label()))
            .add(Role::Name, format!("  {:<names$}", provider(trace)))
            .plain(format!("  {}", trace.function));
    }
    page
}

/// Says that traces are missing in a recording, or that it goes on.
pub(crate) fn unrecorded(lost: u64, problem: Option<&str>) -> Page {
    let mut page = Page::default();
    let traces = if lost == 1 { "1 trace is" } else { &format!("{lost} traces are") };
    let why = problem.unwrap_or("it is being recorded again");
    page.line().add(Role::Warning, "warning: ").plain(format!("{traces} missing in the recording: {why}"));
    page
}

fn provider(trace: &TraceSummary) -> &str {
    trace.provider.as_ref().map_or("", Provider::as_str)
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::{Outcome, TraceId};

    use super::*;

    #[test]
    fn traces_stand_in_columns() {
        let trace = |id, function: &str, duration_nanos, outcome| TraceSummary {
            id: TraceId(id),
            workload: None,
            workload_name: "test".to_owned(),
            call: None,
            start_unix_micros: 1_767_225_600_123_456,
            provider: Some(Provider::Component("front".into())),
            function: function.into(),
            duration_nanos,
            outcome,
            span_count: id,
        };
        let traces =
            [trace(1, "go", Some(1_500_000), Outcome::Ok), trace(12, "stop", None, Outcome::TimedOut)];
        assert_eq!(
            in_zone(&traces, &TimeZone::UTC).render(false),
            " 1  2026-01-01 00:00:00.123    1.5 ms      1 call   ok          front  go\n\
             12  2026-01-01 00:00:00.123         –     12 calls  timed out   front  stop\n"
        );
    }
}
