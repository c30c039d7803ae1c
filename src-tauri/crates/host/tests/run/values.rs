//! Values of every type, there and back; resources in sessions of calls.

use jackfield_host::{CallError, CallSession, HostError, next_call};

use serde_json::json;

use crate::support::{Bench, call, result};

fn one(guest: &str) -> String {
    format!("name = \"test\"\n[components.{guest}]\nsource = \"./{guest}.wasm\"\n")
}

#[tokio::test(flavor = "multi_thread")]
async fn values_of_every_type_come_back_as_they_were() {
    let bench = Bench::new(&one("echo"));
    let running = bench.started().await;
    for (function, value) in [
        ("bools", "[true, false]"),
        ("s8s", "[-128, 0, 127]"),
        ("u64s", "[0, 9007199254740993, 18446744073709551615]"),
        ("s64s", "[-9223372036854775808, 9223372036854775807]"),
        ("f32s", "[0.1, -0, 340282350000000000000000000000000000000, inf, -inf, nan]"),
        ("f64s", "[0.1, -0, 5e-324, inf, -inf, nan]"),
        ("chars", r"['a', '\'', '\u{0}', '🎚', '\n']"),
        ("texts", r#"["", "\"quoted\"", "two\nlines", "çok güzel 🎚"]"#),
        ("perhaps", "[none, some(none), some(some(0))]"),
        ("outcomes", r#"[ok(ok(some("x"))), ok(ok(none)), ok(err(7)), err([red, %true]), err([])]"#),
        ("verdicts", "[ok, err]"),
        ("tuples", r#"[(65535, "a", (true)), (0, "", (false))]"#),
        ("points", r#"[{x: -1, label: some("a")}, {x: 2, label: none}]"#),
        (
            "shapes",
            r#"[%none, dot({x: 1, label: some("é")}), line(({x: 0, label: none}, {x: 1, label: none})), list([1, 2])]"#,
        ),
        ("colours", "[red, green, %true]"),
        ("all-rights", "[{}, {read}, {read, write, run}]"),
        ("triples", "[[1, 2, 3], [65535, 0, 0]]"),
        ("maps", r#"{"a": [1], "": [], "é": [2, 3]}"#),
        ("maps-of-chars", "{'x': some(18446744073709551615), 'y': none}"),
    ] {
        let back = result(&running, "echo", function, &[value]).await;
        let plain = |text: &str| text.replace("5e-324", &format!("{}", 5e-324)).replace(", label: none", "");
        assert_eq!(plain(&back), plain(value), "{function}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_value_that_does_not_fit_is_refused_with_its_place() {
    let bench = Bench::new(&one("echo"));
    let running = bench.started().await;
    for (function, value, wanted) in [
        (
            "s8s",
            "[1, 128]",
            "at byte 4 of the text: expected an integer from -128 to 127 (s8), found \"128\"",
        ),
        ("u64s", "[18446744073709551616]", "expected an integer from 0 to 18446744073709551615 (u64)"),
        ("chars", "['ab']", "expected the end of the character"),
        ("colours", "[blue]", "one of red, green, true"),
        ("triples", "[[1, 2]]", "expected 3 items, found 2 items"),
        ("points", "[{label: none}]", "found a record without `x`"),
        ("maps", "{1: []}", "expected a string"),
        ("perhaps", "[some(some(some(1)))]", "expected an integer"),
    ] {
        let error = call(&running, "echo", function, &[value]).await.unwrap_err();
        assert!(matches!(error, HostError::Call(CallError::Argument { .. })), "{error}");
        assert!(error.to_string().contains(wanted), "{function}: {error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn arguments_and_results_can_be_json() {
    let bench = Bench::new(&one("echo"));
    let echo = "echo".into();
    let running = bench.started().await;
    for (function, value) in [
        ("u64s", json!([1, "9007199254740993", "18446744073709551615"])),
        ("f64s", json!([0.1, "nan", "inf", "-inf"])),
        ("chars", json!(["a", "🎚"])),
        ("perhaps", json!([null, {"some": null}, {"some": 7}])),
        ("outcomes", json!([{"ok": {"ok": "x"}}, {"ok": {"err": 7}}, {"err": ["red", "true"]}])),
        ("points", json!([{"x": -1, "label": "a"}, {"x": 2, "label": null}])),
        ("shapes", json!(["none", {"dot": {"x": 1, "label": null}}, {"list": [1, 2]}])),
        ("all-rights", json!([[], ["read", "run"]])),
        ("triples", json!([[1, 2, 3]])),
        ("maps", json!({"a": [1], "": []})),
    ] {
        let args = json!({ "x": value });
        let called = running.call_json(next_call(), &echo, function, args.as_object().unwrap());
        let (outcome, answer) = called.await.unwrap_or_else(|error| panic!("{function}: {error}"));
        assert_eq!(answer.get("result"), Some(&value), "{function}: {:?}", outcome.result);
    }
    let args = json!({ "x": [1, -129, "a"], "y": 1 });
    let called = running.call_json(next_call(), &echo, "s8s", args.as_object().unwrap());
    let error = called.await.unwrap_err().to_string();
    for wanted in ["-129", "\"a\"", "y"] {
        assert!(error.contains(wanted), "{wanted}: {error}");
    }
}

async fn told(session: &CallSession, function: &str, args: &[&str]) -> Result<String, HostError> {
    let args: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
    session.call(next_call(), function, &args).await.map(|outcome| outcome.result.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn resources_live_in_a_session_of_calls() {
    let bench = Bench::new(&one("buckets"));
    let running = bench.started().await;
    let session = running.open_session(next_call(), &"buckets".into()).await.unwrap();
    assert_eq!(told(&session, "[constructor]bucket", &["5"]).await.unwrap(), "#1");
    assert_eq!(told(&session, "bucket.size", &["#1"]).await.unwrap(), "5");
    assert_eq!(told(&session, "two", &["10"]).await.unwrap(), "[#2, #3]");
    assert_eq!(told(&session, "bucket.sum", &["#2", "#3"]).await.unwrap(), "21");
    assert_eq!(session.handles().await, ["#1 (bucket)", "#2 (bucket)", "#3 (bucket)"]);

    // Given away, and dropped there; released here.
    assert_eq!(told(&session, "throw-away", &["#3"]).await.unwrap(), "");
    session.release(next_call(), 1).await.unwrap();
    assert_eq!(told(&session, "dropped", &[]).await.unwrap(), "16");
    for (args, wanted) in [
        (["#1"], "there is no handle #1 in this session any more: it was dropped"),
        (["#3"], "there is no handle #3 in this session any more: it was given to `throw-away`"),
        (["#9"], "there is no handle #9 in this session"),
        (["#"], "a handle of this session to the resource `bucket`"),
    ] {
        let error = told(&session, "bucket.size", &args).await.unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
    }
    assert!(session.release(next_call(), 1).await.is_err());
    assert_eq!(session.handles().await, ["#2 (bucket)"]);

    // What does not fit is refused before the call, so the session goes on.
    assert_eq!(told(&session, "[constructor]lid", &["1"]).await.unwrap(), "#4");
    for (function, args, wanted) in [
        ("bucket.size", &["#4"][..], "the handle #4 is a `lid`, which is not the resource that `self` takes"),
        ("bucket.sum", &["#2", "#4"], "#4 is a `lid`"),
        ("both", &["(some(#2), #4)"], "not the resource that `pair` takes"),
        ("both", &["(some(#4), #2)"], "not the resource that `pair` takes"),
        ("both", &["(some(#2), #2)"], "the handle #2 is given away in this call"),
    ] {
        let error = told(&session, function, args).await.unwrap_err();
        assert!(error.to_string().contains(wanted), "{error}");
    }
    assert_eq!(told(&session, "bucket.size", &["#2"]).await.unwrap(), "10");
    assert_eq!(told(&session, "both", &["(none, #2)"]).await.unwrap(), "");
    assert_eq!(session.handles().await, ["#4 (lid)"]);

    // Another session has handles of its own.
    let other = running.open_session(next_call(), &"buckets".into()).await.unwrap();
    assert_eq!(told(&other, "dropped", &[]).await.unwrap(), "0");
    assert!(told(&other, "bucket.size", &["#2"]).await.is_err());

    // A trap ends the session, and no other.
    assert!(matches!(told(&session, "trap", &[]).await, Err(HostError::Failed { .. })));
    let ended = told(&session, "dropped", &[]).await;
    assert!(matches!(ended, Err(HostError::Call(CallError::SessionEnded))), "{ended:?}");
    assert_eq!(told(&other, "dropped", &[]).await.unwrap(), "0");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_session_there_are_no_handles() {
    let bench = Bench::new(&one("buckets"));
    let running = bench.started().await;
    for (function, args) in [("[constructor]bucket", &["5"][..]), ("bucket.size", &["#1"]), ("two", &["1"])] {
        let error = call(&running, "buckets", function, args).await.unwrap_err();
        assert!(matches!(error, HostError::Call(CallError::NeedsSession { .. })), "{error}");
    }
    assert_eq!(result(&running, "buckets", "dropped", &[]).await, "0");
}
