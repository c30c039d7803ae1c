//! Lines in their places. The calls go on as those of concurrent tasks do: in any order.

use jackfield_protocol::{LogStream, Trace, WorkloadId, WorkloadState};

use super::*;
use crate::observe::{ProbeBoard, tree::MAX_LINES};

struct Deaf;

impl Observer for Deaf {
    fn line(&self, _: Line) {}
    fn state(&self, _: WorkloadState) {}
}

fn service() -> Tracer {
    let board = ProbeBoard::new(WorkloadId(0));
    Tracer::of_service(Arc::clone(board.board()), Arc::new(Deaf), Arc::from([]), &[])
}

/// A call of the function `go` of the component `a`.
fn call() -> Tracer {
    let entry = (&"a".into(), "go".to_owned());
    service().of_call(CallId(1), Clock::default(), ProbeLevel::Values, entry, Vec::new(), None)
}

impl Tracer {
    fn begin(&mut self, consumer: &str, provider: &str, function: &str) -> u32 {
        let (consumer, now) = (ComponentName::new(consumer), Instant::now());
        let parent = self.caller(&consumer);
        let provider = ComponentName::new(provider);
        let who = Who {
            consumer: Some(consumer),
            provider: Provider::Component(provider.clone()),
            function: function.into(),
        };
        let (tree, place) = self.add(parent, now, Vec::new(), || who);
        self.open(tree, place, now, None, Some(provider))
    }

    fn print(&mut self, component: &str, text: &str) {
        self.line(&Line {
            time_unix_micros: 0,
            component: component.into(),
            stream: LogStream::Stdout,
            context: None,
            text: text.to_owned(),
            call: self.call,
        });
    }

    fn end(&mut self) -> Trace {
        self.finish(Ended { outcome: Outcome::Ok, result: None }).expect("a trace")
    }
}

/// Each line with the function below which it stands.
fn lines(trace: &Trace) -> Vec<(&str, &str)> {
    let function = |line: &TraceLine| trace.spans[line.span as usize].function.as_str();
    let lines: Vec<(&str, &TraceLine)> = trace.lines.iter().map(|line| (function(line), line)).collect();
    lines.into_iter().map(|(function, line)| (function, line.text.as_str())).collect()
}

#[test]
fn a_line_stands_below_the_innermost_call_into_its_component() {
    let mut tracer = call();
    tracer.print("a", "before");
    let one = tracer.begin("a", "b", "one");
    tracer.print("b", "in one");
    let two = tracer.begin("b", "c", "two");
    tracer.print("c", "in two");
    tracer.print("b", "in one again");
    tracer.print("unseen", "somewhere below");
    tracer.close(two, Outcome::Ok, 0);
    tracer.close(one, Outcome::Ok, 0);
    tracer.print("a", "after");
    let expected = [
        ("go", "before"),
        ("one", "in one"),
        ("two", "in two"),
        ("one", "in one again"),
        ("go", "somewhere below"),
        ("go", "after"),
    ];
    assert_eq!(lines(&tracer.end()), expected);
}

#[test]
fn of_calls_that_go_on_beside_each_other_none_gets_a_line_that_may_be_the_others() {
    let mut tracer = call();
    let one = tracer.begin("a", "b", "one");
    tracer.print("b", "one alone");
    let two = tracer.begin("a", "b", "two");
    tracer.print("b", "one or two");
    let inner = tracer.begin("b", "c", "inner");
    tracer.print("c", "inner alone");
    tracer.close(inner, Outcome::Ok, 0);
    tracer.close(one, Outcome::Ok, 0);
    tracer.print("b", "two alone");
    tracer.close(two, Outcome::Ok, 0);
    let expected =
        [("one", "one alone"), ("go", "one or two"), ("inner", "inner alone"), ("two", "two alone")];
    assert_eq!(lines(&tracer.end()), expected);
}

#[test]
fn the_same_component_twice_on_the_way_down_prints_in_the_innermost() {
    let mut tracer = call();
    tracer.begin("a", "b", "outer");
    tracer.begin("b", "c", "between");
    tracer.begin("c", "b", "inner");
    tracer.print("b", "innermost");
    assert_eq!(lines(&tracer.end()), [("inner", "innermost")]);
}

#[test]
fn a_service_with_several_calls_has_a_line_in_none_of_their_traces() {
    let mut tracer = service();
    tracer.begin("service", "b", "one");
    tracer.print("b", "one alone");
    tracer.print("service", "its own");
    tracer.begin("service", "b", "two");
    tracer.print("b", "one or two");
    let lines: Vec<&str> =
        tracer.trees.iter().flat_map(|tree| &tree.lines).map(|line| line.text.as_str()).collect();
    assert_eq!(lines, ["one alone"]);
}

#[test]
fn lines_that_a_trace_does_not_keep_are_counted() {
    let mut tracer = call();
    (0..MAX_LINES + 7).for_each(|_| tracer.print("a", "again"));
    let trace = tracer.end();
    assert_eq!((trace.lines.len(), trace.dropped_lines), (MAX_LINES, 7));
}
