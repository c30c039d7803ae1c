//! Values between JSON and WAVE, of generated types.

use jackfield_component::Signature;
use jackfield_component::schema::{input_schema, output_schema};
use jackfield_component::value::{
    ConvertError, Value, ValueProblemKind, args_from_json, args_to_wave, result_from_wave, result_to_json,
};
use jackfield_protocol::{FunctionTypes, ParamType, TypeGraph, TypeId, TypeKind};
use proptest::prelude::*;
use serde_json::{Map, Value as Json, json};
use wasm_wave::value::Type as WaveType;
use wasm_wave::wasm::{WasmType as _, WasmTypeKind};

use crate::generate::{Choices, Generated, a_value, change};
use crate::validator::is_valid;

/// The arguments of a function, generated, and as JSON.
fn arguments(choices: &mut Choices, signature: Signature<'_>) -> (Vec<Value>, Map<String, Json>) {
    let params = &signature.function.params;
    let values: Vec<Value> = params.iter().map(|param| a_value(choices, signature.types, param.ty)).collect();
    let names = params.iter().map(|param| param.name.clone());
    let json = names.zip(values.iter().map(Value::to_json)).collect();
    (values, json)
}

/// As text, in which all NaNs are one.
fn text(values: &[Value]) -> Vec<String> {
    values.iter().map(Value::to_string).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn arguments_survive_json_and_fit_the_schema(seed in any::<u64>()) {
        let mut choices = Choices::seeded(seed);
        let generated = Generated::new(&mut choices);
        let signature = generated.signature();
        let (values, json) = arguments(&mut choices, signature);
        // As they arrive: through text.
        let json: Json = serde_json::from_str(&Json::Object(json).to_string()).expect("JSON");
        let schema = input_schema(signature).expect("callable");
        prop_assert!(is_valid(&schema, &json), "{json} does not fit {}", Json::Object(schema));
        let read = args_from_json(signature, json.as_object().expect("an object"));
        prop_assert_eq!(text(&read.expect("arguments")), text(&values));
    }

    #[test]
    fn results_survive_wave_and_fit_the_schema(seed in any::<u64>()) {
        let mut choices = Choices::seeded(seed);
        let generated = Generated::new(&mut choices);
        let signature = generated.signature();
        let value = a_value(&mut choices, signature.types, signature.function.result.expect("a result"));
        let wave = value.to_string();
        let read = result_from_wave(signature, Some(&wave)).expect("a value");
        prop_assert_eq!(read.as_ref().map(Value::to_string), Some(wave));
        let json = Json::Object(result_to_json(read.as_ref()));
        prop_assert_eq!(&json, &Json::Object(result_to_json(Some(&value))));
        let schema = output_schema(signature).expect("callable");
        prop_assert!(is_valid(&schema, &json), "{json} does not fit {}", Json::Object(schema));
    }

    #[test]
    fn schema_and_reader_refuse_the_same(seed in any::<u64>()) {
        let mut choices = Choices::seeded(seed);
        let generated = Generated::new(&mut choices);
        let signature = generated.signature();
        let mut json = Json::Object(arguments(&mut choices, signature).1);
        for _ in 0..=choices.below(2) {
            change(&mut choices, &mut json);
        }
        let Json::Object(args) = &json else { return Ok(()) };
        let schema = input_schema(signature).expect("callable");
        let fits = is_valid(&schema, &json);
        match args_from_json(signature, args) {
            Ok(values) => {
                prop_assert!(fits, "{json} was read, and does not fit {}", Json::Object(schema));
                let again = values.iter().zip(&signature.function.params);
                let again = again.map(|(value, param)| (param.name.clone(), value.to_json())).collect();
                let again = args_from_json(signature, &again).expect("arguments");
                prop_assert_eq!(text(&again), text(&values));
            }
            Err(ConvertError::Arguments(problems)) => {
                // A schema has no bounds for numbers that are written as strings.
                let is_out_of_range = |kind: &ValueProblemKind| {
                    matches!(kind, ValueProblemKind::TooLarge { .. } | ValueProblemKind::TooSmall { .. })
                };
                let is_range = problems.problems.iter().all(|problem| is_out_of_range(&problem.kind));
                prop_assert!(!fits || is_range, "{json} fits {}, but {problems}", Json::Object(schema));
                for problem in &problems.problems {
                    let is_there = json.pointer(&problem.pointer).is_some();
                    let is_missing = matches!(problem.kind, ValueProblemKind::Missing { .. });
                    prop_assert!(is_there != is_missing, "{problem} in {json}");
                }
            }
            Err(error) => prop_assert!(false, "{error}"),
        }
    }

    #[test]
    fn wasm_wave_reads_and_writes_the_same(seed in any::<u64>()) {
        let mut choices = Choices::seeded(seed);
        let generated = Generated::new(&mut choices);
        let types = generated.signature().types;
        let result = generated.signature().function.result.expect("a result");
        let Some(ty) = wave_type(types, result) else { return Ok(()) };
        let wave = a_value(&mut choices, types, result).to_string();
        let value: wasm_wave::value::Value =
            wasm_wave::from_str(&ty, &wave).unwrap_or_else(|error| panic!("{error}: {wave}"));
        prop_assert_eq!(wasm_wave::to_string(&value).expect("a text"), wave);
    }

    #[test]
    fn any_text_has_an_answer(seed in any::<u64>(), text in "[ \\-0-9a-z{}\\[\\](),:%\"'\\\\/.\u{301}]{0,24}") {
        let generated = Generated::new(&mut Choices::seeded(seed));
        let _ = result_from_wave(generated.signature(), Some(&text));
    }

    #[test]
    fn broken_wave_has_an_answer(seed in any::<u64>()) {
        let mut choices = Choices::seeded(seed);
        let generated = Generated::new(&mut choices);
        let signature = generated.signature();
        let value = a_value(&mut choices, signature.types, signature.function.result.expect("a result"));
        let mut chars: Vec<char> = value.to_string().chars().collect();
        let index = choices.below(chars.len());
        chars.remove(index);
        let _ = result_from_wave(signature, Some(&chars.into_iter().collect::<String>()));
    }
}

/// The type as `wasm-wave` has it; none if it is or holds a map, which its release does not know.
fn wave_type(types: &TypeGraph, id: TypeId) -> Option<WaveType> {
    let of = |id: TypeId| wave_type(types, id);
    let optional = |id: Option<TypeId>| id.map_or(Some(None), |id| of(id).map(Some));
    match types.kind(id) {
        TypeKind::Bool => WaveType::simple(WasmTypeKind::Bool),
        TypeKind::Integer(integer) => WaveType::simple(match integer.word() {
            "u8" => WasmTypeKind::U8,
            "s8" => WasmTypeKind::S8,
            "u16" => WasmTypeKind::U16,
            "s16" => WasmTypeKind::S16,
            "u32" => WasmTypeKind::U32,
            "s32" => WasmTypeKind::S32,
            "u64" => WasmTypeKind::U64,
            _ => WasmTypeKind::S64,
        }),
        TypeKind::F32 => WaveType::simple(WasmTypeKind::F32),
        TypeKind::F64 => WaveType::simple(WasmTypeKind::F64),
        TypeKind::Char => WaveType::simple(WasmTypeKind::Char),
        TypeKind::String => WaveType::simple(WasmTypeKind::String),
        // It writes lists of a fixed length and does not read them; the text is the same.
        TypeKind::List(element) | TypeKind::FixedLengthList { element, .. } => {
            Some(WaveType::list(of(*element)?))
        }
        TypeKind::Option(some) => Some(WaveType::option(of(*some)?)),
        TypeKind::Result { ok, err } => Some(WaveType::result(optional(*ok)?, optional(*err)?)),
        TypeKind::Tuple(parts) => {
            WaveType::tuple(parts.iter().map(|part| of(*part)).collect::<Option<Vec<_>>>()?)
        }
        TypeKind::Record(fields) => WaveType::record(
            fields
                .iter()
                .map(|field| Some((field.name.as_str(), of(field.ty)?)))
                .collect::<Option<Vec<_>>>()?,
        ),
        TypeKind::Variant(cases) => WaveType::variant(
            cases
                .iter()
                .map(|case| Some((case.name.as_str(), optional(case.ty)?)))
                .collect::<Option<Vec<_>>>()?,
        ),
        TypeKind::Enum(labels) => WaveType::enum_ty(labels.iter().map(|label| label.name.as_str())),
        TypeKind::Flags(labels) => WaveType::flags(labels.iter().map(|label| label.name.as_str())),
        _ => None,
    }
    .filter(|ty| ty.kind() != WasmTypeKind::Unsupported)
}

#[test]
fn every_character_survives() {
    let mut types = TypeGraph::default();
    let string = types.add(TypeKind::String.into()).expect("a type");
    let char = types.add(TypeKind::Char.into()).expect("a type");
    let function = FunctionTypes { params: Vec::new(), result: Some(string) };
    let all: String = ('\0'..=char::MAX).collect();
    let signature = Signature { types: &types, function: &function };
    let read = result_from_wave(signature, Some(&Value::String(all.clone()).to_string()));
    assert!(read.expect("a string") == Some(Value::String(all.clone())));
    let function = FunctionTypes { params: Vec::new(), result: Some(char) };
    let signature = Signature { types: &types, function: &function };
    for c in all.chars() {
        let read = result_from_wave(signature, Some(&Value::Char(c).to_string()));
        assert_eq!(read.expect("a character"), Some(Value::Char(c)));
    }
}

#[test]
fn wave_may_be_written_in_other_ways() {
    let mut types = TypeGraph::default();
    let byte = types.add(TypeKind::Integer(jackfield_protocol::Integer::U8).into()).expect("a type");
    let option = types.add(TypeKind::Option(byte).into()).expect("a type");
    let list = types.add(TypeKind::List(option).into()).expect("a type");
    let map = types.add(TypeKind::Map { key: byte, value: byte }.into()).expect("a type");
    for (ty, text, expected) in [
        (list, "[1, some(2), none, // the last\n]", "[some(1), some(2), none]"),
        (map, "{1: 2, 3: 4, 1: 5,}", "{1: 5, 3: 4}"),
        (map, "{:}", "{}"),
    ] {
        let value = jackfield_component::value::from_wave(&types, ty, text).expect("a value");
        assert_eq!(value.to_string(), expected);
    }
    for (ty, text, expected) in [
        (list, "[1, 300]", "at byte 4 of the text: expected an integer from 0 to 255 (u8), found \"300\""),
        (list, "[1", "at byte 2 of the text: expected `,`, found the end"),
        (map, "{1: 2} x", "at byte 7 of the text: expected the end, found \"x\""),
    ] {
        let error = jackfield_component::value::from_wave(&types, ty, text).expect_err("no value");
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn many_problems_are_counted() {
    let mut types = TypeGraph::default();
    let bool = types.add(TypeKind::Bool.into()).expect("a type");
    let list = types.add(TypeKind::List(bool).into()).expect("a type");
    let params = vec![ParamType { name: "all".into(), ty: list }];
    let function = FunctionTypes { params, result: None };
    let signature = Signature { types: &types, function: &function };
    let args = json!({ "all": vec![0; 1_000] });
    let error = args_to_wave(signature, args.as_object().expect("an object")).expect_err("problems");
    let text = error.to_string();
    assert_eq!(text.lines().count(), 51);
    assert!(text.starts_with("/all/0: expected true or false, found 0\n/all/1: "), "{text}");
    assert!(text.ends_with("\n… and 950 more problems"), "{text}");
    assert_eq!(result_from_wave(signature, None).expect("nothing"), None);
    assert!(result_from_wave(signature, Some("1")).is_err());
}

#[test]
fn results_by_example() {
    let mut types = TypeGraph::default();
    let mut add = |kind: TypeKind| types.add(kind.into()).expect("a type");
    let wide = add(TypeKind::Integer(jackfield_protocol::Integer::S64));
    let (single, double) = (add(TypeKind::F32), add(TypeKind::F64));
    let option = add(TypeKind::Option(single));
    let nested = add(TypeKind::Option(option));
    let result = add(TypeKind::Result { ok: None, err: Some(double) });
    let map = add(TypeKind::Map { key: wide, value: nested });
    for (ty, wave, expected) in [
        (wide, "9007199254740991", json!(9_007_199_254_740_991_u64)),
        (wide, "9007199254740992", json!("9007199254740992")),
        (wide, "-9223372036854775808", json!("-9223372036854775808")),
        (single, "0.1", json!(0.1)),
        (single, "340282350000000000000000000000000000000", json!(f32::MAX)),
        (double, "-0", json!(-0.0)),
        (double, "nan", json!("nan")),
        (double, "-inf", json!("-inf")),
        (option, "none", json!(null)),
        (option, "1.5", json!(1.5)),
        (nested, "none", json!(null)),
        (nested, "some(none)", json!({ "some": null })),
        (nested, "some(some(1.5))", json!({ "some": 1.5 })),
        (result, "ok", json!("ok")),
        (result, "err(2)", json!({ "err": 2.0 })),
        (map, "{-1: none, 2: some(none)}", json!({ "-1": null, "2": { "some": null } })),
    ] {
        let function = FunctionTypes { params: Vec::new(), result: Some(ty) };
        let signature = Signature { types: &types, function: &function };
        let read = result_from_wave(signature, Some(wave)).expect("a value");
        let json = Json::Object(result_to_json(read.as_ref()));
        assert_eq!(json.to_string(), json!({ "result": expected }).to_string(), "{wave}");
    }
}
