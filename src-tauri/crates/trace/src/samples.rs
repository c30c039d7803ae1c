//! Traces for tests.

use jackfield_protocol::{
    Argument, CallId, ComponentName, Cost, LogLevel, LogStream, Outcome, Provider, Span, Trace, TraceContext,
    TraceId, TraceLine, Unobserved,
};

fn argument(name: &str, value: &str) -> Argument {
    Argument { name: name.into(), value: value.to_owned() }
}

pub(crate) fn span(parent: Option<u32>, consumer: Option<&str>, provider: &str, function: &str) -> Span {
    Span {
        parent,
        consumer: consumer.map(ComponentName::new),
        provider: Provider::Component(provider.into()),
        function: function.into(),
        start_nanos: 0,
        duration_nanos: Some(1_000),
        held_nanos: 0,
        outcome: Outcome::Ok,
        args: Vec::new(),
        result: None,
        intervention: None,
    }
}

/// A trace of so many spans.
pub(crate) fn trace(spans: u32) -> Trace {
    let below = (1..spans).map(|number| Span {
        start_nanos: u64::from(number) * 2_000,
        args: vec![argument("x", &number.to_string())],
        result: Some((number * 2).to_string()),
        ..span(Some(0), Some("front"), "back", "test:test/api#double")
    });
    let root = Span {
        duration_nanos: Some(u64::from(spans) * 2_000 + 1_000),
        ..span(None, None, "front", "test:test/front#go")
    };
    Trace {
        id: TraceId(0),
        workload: None,
        workload_name: "test".to_owned(),
        call: Some(CallId(7)),
        start_unix_micros: 1_767_225_600_000_000,
        spans: std::iter::once(root).chain(below).collect(),
        dropped: 0,
        lines: Vec::new(),
        dropped_lines: 0,
        cost: Cost::default(),
        context: None,
        unobserved: Vec::new(),
    }
}

/// A trace in which nothing has its usual value.
pub(crate) fn rich() -> Trace {
    let mut trace = trace(4);
    trace.dropped = 3;
    trace.dropped_lines = 2;
    trace.cost = Cost { peak_memory_bytes: Some(1 << 20), fuel: Some(12_345) };
    trace.context = Some(TraceContext {
        trace_id: "0af7651916cd43dd8448eb211c80319c".to_owned(),
        parent_id: "b7ad6b7169203331".to_owned(),
        is_sampled: true,
    });
    trace.unobserved = vec![Unobserved {
        consumer: "front".into(),
        import: "test:test/other".to_owned(),
        reason: "it is asynchronous".to_owned(),
    }];
    trace.lines = vec![
        TraceLine {
            span: 1,
            at_nanos: 2_100,
            component: "back".into(),
            stream: LogStream::Log(LogLevel::Warn),
            text: "a \"line\"\u{1b}[2J\nwith everything: ä".to_owned(),
        },
        TraceLine {
            span: 0,
            at_nanos: 2_200,
            component: "front".into(),
            stream: LogStream::Stdout,
            text: String::new(),
        },
    ];
    trace.spans[1].outcome = Outcome::Error;
    trace.spans[1].held_nanos = 5;
    trace.spans[1].intervention = Some("arguments changed".to_owned());
    trace.spans[2].provider = Provider::Host("wasi:keyvalue".into());
    trace.spans[2].parent = Some(1);
    trace.spans[2].start_nanos = 2_050;
    trace.spans[2].duration_nanos = Some(10);
    trace.spans[3].duration_nanos = None;
    trace.spans[3].result = None;
    trace.spans[3].outcome = Outcome::Trap {
        message: "`back` trapped: unreachable".to_owned(),
        frames: vec!["panic".to_owned(), "double".to_owned()],
    };
    trace
}
