//! Values of every type survive JSON and WAVE, and what is no value is refused with its place.

use jackfield_component::Signature;
use jackfield_component::schema::{input_schema, output_schema};
use jackfield_component::value::{
    ConvertError, Value, args_from_json, from_wave, result_from_wave, result_to_json,
};
use serde_json::{Map, Value as Json};

use super::driver::{Target, run};
use super::generate::{Choices, Generated, a_value, change};
use super::mutate::mutated;
use super::validator::is_valid;

/// How many bytes make the types and values of one input, at most.
const MAX_BYTES: usize = 400;

/// What stands in WAVE and might be read wrongly elsewhere.
const WAVE: [&str; 24] = [
    "some(",
    "none",
    "ok",
    "err(",
    "{",
    "}",
    "[",
    "]",
    "(",
    ")",
    ",",
    ":",
    "{:}",
    "%true",
    "nan",
    "-inf",
    "-0",
    "18446744073709551616",
    "1e999",
    "'\\u{110000}'",
    "\"\\",
    "\"\"\"",
    "//",
    "\u{301}",
];

#[test]
fn values() {
    run(&Target { name: "values", seeds: Vec::new, fresh, words: &[], check });
}

fn fresh(choices: &mut Choices) -> Vec<u8> {
    let len = 1 + choices.below(MAX_BYTES);
    (0..len).map(|_| u8::try_from(choices.below(256)).unwrap_or_default()).collect()
}

fn check(bytes: &[u8]) {
    let mut choices = Choices::of_bytes(bytes);
    let generated = Generated::new(&mut choices);
    let signature = generated.signature();
    arguments(&mut choices, signature);
    let result = result(&mut choices, signature);
    broken_wave(&mut choices, signature, &result);
}

/// As text, in which all NaNs are one.
fn text(values: &[Value]) -> Vec<String> {
    values.iter().map(Value::to_string).collect()
}

/// Arguments to JSON, to text, and back; and JSON that was tampered with.
fn arguments(choices: &mut Choices, signature: Signature<'_>) {
    let params = &signature.function.params;
    let values: Vec<Value> = params.iter().map(|param| a_value(choices, signature.types, param.ty)).collect();
    let names = params.iter().map(|param| param.name.clone());
    let json: Map<String, Json> = names.zip(values.iter().map(Value::to_json)).collect();
    let mut json: Json = serde_json::from_str(&Json::Object(json).to_string()).expect("JSON");
    let schema = input_schema(signature).expect("callable");
    assert!(is_valid(&schema, &json), "{json} does not fit {}", Json::Object(schema));
    let read = args_from_json(signature, json.as_object().expect("an object")).expect("arguments");
    assert_eq!(text(&read), text(&values), "{json}");
    for (value, param) in values.iter().zip(params) {
        let wave = value.to_string();
        let read =
            from_wave(signature.types, param.ty, &wave).unwrap_or_else(|error| panic!("{error}: {wave}"));
        assert_eq!(read.to_string(), wave);
    }
    change(choices, &mut json);
    let Json::Object(args) = &json else { return };
    match args_from_json(signature, args) {
        Ok(_) => assert!(is_valid(&schema, &json), "{json} was read, and does not fit"),
        Err(ConvertError::Arguments(problems)) => assert!(!problems.problems.is_empty(), "{json}"),
        Err(error) => panic!("{error}: {json}"),
    }
}

/// A result to WAVE, back, and to JSON; gives its WAVE.
fn result(choices: &mut Choices, signature: Signature<'_>) -> String {
    let value = a_value(choices, signature.types, signature.function.result.expect("a result"));
    let wave = value.to_string();
    let read = result_from_wave(signature, Some(&wave)).unwrap_or_else(|error| panic!("{error}: {wave}"));
    assert_eq!(read.as_ref().map(Value::to_string).as_ref(), Some(&wave));
    let json = Json::Object(result_to_json(read.as_ref()));
    assert_eq!(json, Json::Object(result_to_json(Some(&value))), "{wave}");
    let schema = output_schema(signature).expect("callable");
    assert!(is_valid(&schema, &json), "{json} does not fit {}", Json::Object(schema));
    wave
}

/// What is read of a changed text is a value of the type: it can be written, and read again as the same.
fn broken_wave(choices: &mut Choices, signature: Signature<'_>, wave: &str) {
    let bytes = mutated(choices, &[wave.as_bytes().to_vec()], &WAVE);
    let text = String::from_utf8_lossy(&bytes);
    match result_from_wave(signature, Some(&text)) {
        Ok(read) => {
            let wave = read.as_ref().map(Value::to_string).expect("a result");
            let again = result_from_wave(signature, Some(&wave));
            let again = again.unwrap_or_else(|error| panic!("{error}: {wave}, from {text}"));
            assert_eq!(again.as_ref().map(Value::to_string), Some(wave), "from {text}");
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}
