//! The tools that components become.

use jackfield_component::{Component, read_bytes};
use jackfield_mcp::WorkloadTools;
use jackfield_protocol::ComponentName;
use serde_json::{Value, json};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve};

/// A component that exports what the world says.
fn component(wit: &str) -> Component {
    let mut resolve = Resolve::default();
    let package = resolve.push_str("test.wit", wit).expect("valid WIT");
    let world = resolve.select_world(&[package], None).expect("one world");
    let mut module = dummy_module(&resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8).expect("metadata");
    let encoder = ComponentEncoder::default().module(&module).expect("a module");
    read_bytes(encoder.validate(true).encode().expect("a component")).expect("a component")
}

fn calculator() -> Component {
    component(
        "package math:ops@1.0.0;
        interface powers {
            square: func(x: u8) -> u16;
            root: func(x: f64) -> result<f64, string>;
            forget: func();
        }
        interface memory {
            resource cell { get: func() -> u8; }
            open: func() -> cell;
        }
        world calculator {
            export powers;
            export memory;
            export greet: func(name: string, loud: option<bool>) -> string;
        }",
    )
}

fn tools() -> WorkloadTools {
    let component = calculator();
    WorkloadTools::new(&[(ComponentName::new("calc"), &component)])
}

#[test]
fn functions_become_tools_and_the_rest_says_why_not() {
    let tools = tools();
    let mut names: Vec<_> = tools.tools.iter().map(|tool| tool.view.name.as_str()).collect();
    names.sort_unstable();
    assert_eq!(names, ["calc_greet", "calc_powers_forget", "calc_powers_root", "calc_powers_square"]);
    let square = tools.get("calc_powers_square").expect("a tool");
    assert_eq!(square.component, *"calc");
    assert_eq!(square.interface.as_deref(), Some("math:ops/powers@1.0.0"));
    assert_eq!(square.function, "square");
    assert_eq!(square.view.input_schema["required"], json!(["x"]));
    assert_eq!(square.view.input_schema["properties"]["x"]["maximum"], 255);
    assert_eq!(square.view.output_schema.as_ref().expect("a schema")["required"], json!(["result"]));
    let greet = tools.get("calc_greet").expect("a tool");
    assert_eq!(greet.interface, None);
    assert_eq!(greet.view.input_schema["required"], json!(["name"]));
    assert!(tools.get("calc_memory_open").is_none());

    let mut refused: Vec<_> = tools
        .uncallable
        .iter()
        .map(|function| format!("{}: {}", function.function, function.reason))
        .collect();
    refused.sort_unstable();
    assert_eq!(refused.len(), 2, "{refused:?}");
    assert!(refused[0].starts_with("[method]cell.get: its parameter `self`"), "{refused:?}");
    assert!(refused[1].starts_with("open: its result"), "{refused:?}");
}

fn object(value: &Value) -> serde_json::Map<String, Value> {
    value.as_object().expect("an object").clone()
}

#[test]
fn arguments_become_wave_and_results_become_json() {
    let tools = tools();
    let greet = tools.get("calc_greet").expect("a tool");
    let wave = greet.arguments(&object(&json!({"name": "a\"b"}))).expect("arguments");
    assert_eq!(wave, ["\"a\\\"b\"", "none"]);
    let answer = greet.answer(Some("\"hello\"")).expect("an answer");
    assert_eq!(answer.structured, json!({"result": "hello"}));
    assert_eq!(answer.text, r#"{"result":"hello"}"#);
    assert!(!answer.is_error);

    let forget = tools.get("calc_powers_forget").expect("a tool").answer(None).expect("an answer");
    assert_eq!((forget.structured, forget.text.as_str(), forget.is_error), (json!({}), "{}", false));
}

#[test]
fn a_wit_error_is_a_tool_error_that_fits_the_schema() {
    let tools = tools();
    let root = tools.get("calc_powers_root").expect("a tool");
    let answer = root.answer(Some("err(\"negative\")")).expect("an answer");
    assert_eq!(answer.structured, json!({"result": {"err": "negative"}}));
    assert!(answer.is_error && answer.text.contains("negative"));
    let answer = root.answer(Some("ok(2)")).expect("an answer");
    assert!(!answer.is_error);
    assert_eq!(answer.structured["result"]["ok"], 2.0);
}

#[test]
fn wrong_arguments_and_results_are_named() {
    let tools = tools();
    let square = tools.get("calc_powers_square").expect("a tool");
    let error = square.arguments(&object(&json!({"x": 256, "y": 1}))).expect_err("wrong");
    let text = error.to_string();
    assert!(text.contains("/x: ") && text.contains("255") && text.contains("\"y\""), "{text}");
    square.answer(Some("\"text\"")).expect_err("no number");
    square.answer(None).expect_err("nothing");
}
