//! The Trace Event Format, checked against what its description asks of each event.

use std::collections::BTreeMap;

use serde_json::Value;

use super::*;

fn events(traces: Vec<Trace>) -> Vec<Value> {
    let text = exported(traces, TraceFormat::Chrome);
    let mut file: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(file["displayTimeUnit"], "ns");
    serde_json::from_value(file["traceEvents"].take()).unwrap()
}

fn nanos(event: &Value, key: &str) -> i64 {
    (event[key].as_f64().unwrap() * 1000.0).round() as i64
}

#[test]
fn every_event_has_what_its_kind_needs() {
    let mut other = trace(2);
    other.workload_name = "other".to_owned();
    let events = events(vec![trace(3), rich(), other]);
    let mut names: BTreeMap<(u64, Option<u64>), String> = BTreeMap::new();
    for event in &events {
        let (pid, tid) = (event["pid"].as_u64().unwrap(), event["tid"].as_u64());
        assert!(event["name"].is_string() && event["args"].is_object(), "{event}");
        match event["ph"].as_str().unwrap() {
            "M" => {
                let kind = if tid.is_some() { "thread_name" } else { "process_name" };
                assert_eq!(event["name"], kind);
                let name = event["args"]["name"].as_str().unwrap().to_owned();
                assert_eq!(names.insert((pid, tid), name), None, "named once");
            }
            "X" => assert!(event["ts"].is_f64() && event["dur"].as_f64().unwrap() >= 0.0, "{event}"),
            "i" => assert!(event["ts"].is_f64() && event["s"] == "t", "{event}"),
            other => panic!("{other}"),
        }
        assert!(names.contains_key(&(pid, None)) && names.contains_key(&(pid, tid)), "{event} has no name");
    }
    let mut names: Vec<_> = names.into_values().collect();
    names.sort();
    assert_eq!(names[0], "back");
    for name in ["front", "other", "test", "wasi:keyvalue"] {
        assert!(names.iter().any(|it| it == name), "{name} in {names:?}");
    }
}

#[test]
fn a_call_has_its_time_its_values_and_how_it_ended() {
    let events = events(vec![rich()]);
    let calls: Vec<_> = events.iter().filter(|event| event["ph"] == "X").collect();
    let origin = nanos(calls[0], "ts");
    let times: Vec<_> = calls.iter().map(|it| (nanos(it, "ts") - origin, nanos(it, "dur"))).collect();
    // What did not return lasts as long as anything that is known.
    assert_eq!(times, [(0, 9_000), (2_000, 1_005), (2_050, 10), (6_000, 3_000)]);
    assert_eq!(calls[1]["args"]["args.x"], "1");
    assert_eq!(calls[1]["args"]["result"], "2");
    assert_eq!(calls[1]["args"]["outcome"], "error");
    assert_eq!(calls[1]["args"]["caller"], "front");
    assert_eq!(calls[2]["cat"], "host");
    assert_eq!(calls[3]["args"]["frames"], "panic\ndouble");
    let line = events.iter().find(|event| event["ph"] == "i").unwrap();
    assert_eq!(nanos(line, "ts") - origin, 2_100);
    assert_eq!(line["args"]["stream"], "warn");
    assert_eq!(line["tid"], calls[1]["tid"]);
}

#[test]
fn on_one_thread_calls_lie_within_or_beside_each_other() {
    // Eight calls at once, each of which calls twice at once.
    let traces = (0..8).map(|number| {
        let mut it = trace(3);
        it.start_unix_micros += number;
        it.spans[1].duration_nanos = Some(3_000);
        it
    });
    let mut threads: BTreeMap<u64, Vec<(i64, i64)>> = BTreeMap::new();
    for event in events(traces.collect()).iter().filter(|event| event["ph"] == "X") {
        let start = nanos(event, "ts");
        let thread = threads.entry(event["tid"].as_u64().unwrap()).or_default();
        thread.push((start, start + nanos(event, "dur")));
    }
    assert!(threads.len() > 2, "{threads:?}");
    for calls in threads.values() {
        for (start, end) in calls {
            for (other_start, other_end) in calls {
                let is_apart = end <= other_start || other_end <= start;
                let is_within =
                    (start >= other_start && end <= other_end) || (other_start >= start && other_end <= end);
                assert!(is_apart || is_within, "{calls:?}");
            }
        }
    }
}

#[test]
fn no_traces_are_a_file_without_events() {
    assert!(events(Vec::new()).is_empty());
}
