//! Whatever passes through a probe, resources included, arrives as it does without one.

use proptest::prelude::*;
use wac_graph::types::{ItemKind, ValueType};
use wasm_encoder::{ExportKind, Function, ValType};
use wasmtime::component::Val;

use super::{
    importer,
    lab::{Lab, Live, encoded},
};
use crate::probe::{
    abi::{self, MAX_FLAT_PARAMS},
    flat::{Mover, Way},
    heap,
    module::{Builder, Locals, MEMORY_TYPE},
};

const I32: ValType = ValType::I32;
/// What stands for an owned handle before there is one.
const OWN: &str = "own";

/// A type.
#[derive(Debug, Clone)]
enum Ty {
    Primitive(&'static str),
    Own,
    List(Box<Ty>),
    Option(Box<Ty>),
    Result(Option<Box<Ty>>, Option<Box<Ty>>),
    Tuple(Vec<Ty>),
    Record(Vec<Ty>),
    Variant(Vec<Option<Ty>>),
    Enum(usize),
    Flags(usize),
}

fn ty() -> impl Strategy<Value = Ty> {
    const PRIMITIVES: &[&str] =
        &["bool", "u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64", "char", "string"];
    let leaf = prop_oneof![
        6 => proptest::sample::select(PRIMITIVES).prop_map(Ty::Primitive),
        2 => Just(Ty::Own),
        1 => (1..300_usize).prop_map(Ty::Enum),
        1 => (1..32_usize).prop_map(Ty::Flags),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let boxed = inner.clone().prop_map(Box::new);
        let optional = proptest::option::of(boxed.clone());
        prop_oneof![
            boxed.clone().prop_map(Ty::List),
            boxed.prop_map(Ty::Option),
            (optional.clone(), optional).prop_map(|(ok, err)| Ty::Result(ok, err)),
            proptest::collection::vec(inner.clone(), 1..6).prop_map(Ty::Tuple),
            proptest::collection::vec(inner.clone(), 1..6).prop_map(Ty::Record),
            proptest::collection::vec(proptest::option::of(inner), 1..5).prop_map(Ty::Variant),
        ]
    })
}

impl Ty {
    /// Its name in WIT; what needs a declaration is declared.
    fn declared(&self, all: &mut Vec<(String, String)>, own: &str) -> String {
        match self {
            Self::Primitive(name) => (*name).to_owned(),
            Self::Own => own.to_owned(),
            Self::List(element) => format!("list<{}>", element.declared(all, own)),
            Self::Option(some) => format!("option<{}>", some.declared(all, own)),
            Self::Result(ok, err) => {
                let mut some = |ty: &Option<Box<Self>>| ty.as_ref().map(|ty| ty.declared(all, own));
                match (some(ok), some(err)) {
                    (Some(ok), Some(err)) => format!("result<{ok}, {err}>"),
                    (Some(ok), None) => format!("result<{ok}>"),
                    (None, Some(err)) => format!("result<_, {err}>"),
                    (None, None) => "result".to_owned(),
                }
            }
            Self::Tuple(parts) => {
                let parts: Vec<_> = parts.iter().map(|part| part.declared(all, own)).collect();
                format!("tuple<{}>", parts.join(", "))
            }
            Self::Record(fields) => {
                let fields = fields.iter().enumerate();
                let fields: Vec<_> =
                    fields.map(|(n, ty)| format!("x{n}: {}", ty.declared(all, own))).collect();
                declare(all, "record", &fields.join(", "))
            }
            Self::Variant(cases) => {
                let cases = cases.iter().enumerate().map(|(n, ty)| match ty {
                    Some(ty) => format!("c{n}({})", ty.declared(all, own)),
                    None => format!("c{n}"),
                });
                let cases: Vec<_> = cases.collect();
                declare(all, "variant", &cases.join(", "))
            }
            Self::Enum(count) => {
                let cases: Vec<_> = (0..*count).map(|n| format!("c{n}")).collect();
                declare(all, "enum", &cases.join(", "))
            }
            Self::Flags(count) => {
                let flags: Vec<_> = (0..*count).map(|n| format!("c{n}")).collect();
                declare(all, "flags", &flags.join(", "))
            }
        }
    }

    /// Some value of it, in which numbers stand for handles.
    fn value(&self, dice: &mut Dice) -> Val {
        match self {
            Self::Primitive(name) => primitive(name, dice),
            Self::Own => Val::Record(vec![(OWN.to_owned(), Val::U32(dice.roll(u32::MAX as usize) as u32))]),
            Self::List(element) => Val::List((0..dice.roll(4)).map(|_| element.value(dice)).collect()),
            Self::Option(some) => Val::Option((dice.roll(2) == 1).then(|| Box::new(some.value(dice)))),
            Self::Result(ok, err) => match dice.roll(2) == 0 {
                true => Val::Result(Ok(ok.as_ref().map(|ty| Box::new(ty.value(dice))))),
                false => Val::Result(Err(err.as_ref().map(|ty| Box::new(ty.value(dice))))),
            },
            Self::Tuple(parts) => Val::Tuple(parts.iter().map(|part| part.value(dice)).collect()),
            Self::Record(fields) => {
                let fields = fields.iter().enumerate();
                Val::Record(fields.map(|(n, ty)| (format!("x{n}"), ty.value(dice))).collect())
            }
            Self::Variant(cases) => {
                let n = dice.roll(cases.len());
                let value = cases[n].as_ref().map(|ty| Box::new(ty.value(dice)));
                Val::Variant(format!("c{n}"), value)
            }
            Self::Enum(count) => Val::Enum(format!("c{}", dice.roll(*count))),
            Self::Flags(count) => {
                Val::Flags((0..*count).filter(|_| dice.roll(2) == 1).map(|n| format!("c{n}")).collect())
            }
        }
    }
}

fn declare(all: &mut Vec<(String, String)>, what: &str, parts: &str) -> String {
    let name = format!("t{}", all.len());
    all.push((name.clone(), format!("{what} {name} {{ {parts} }}")));
    name
}

fn primitive(name: &str, dice: &mut Dice) -> Val {
    let number = dice.next();
    match name {
        "bool" => Val::Bool(number & 1 == 1),
        "u8" => Val::U8(number as u8),
        "s8" => Val::S8(number as i8),
        "u16" => Val::U16(number as u16),
        "s16" => Val::S16(number as i16),
        "u32" => Val::U32(number as u32),
        "s32" => Val::S32(number as i32),
        "u64" => Val::U64(number),
        "s64" => Val::S64(number as i64),
        "f32" => Val::Float32(number as i16 as f32 / 4.0),
        "f64" => Val::Float64(number as i32 as f64 / 4.0),
        "char" => Val::Char(char::from(b'a' + (number % 26) as u8)),
        _ => Val::String("é".repeat(number as usize % 40)),
    }
}

/// Numbers that are the same every time.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed ^ (mixed >> 27)
    }

    fn roll(&mut self, sides: usize) -> usize {
        (self.next() % sides as u64) as usize
    }
}

/// `swap` gives both values back the other way round. What is called from outside passes the handles of the
/// component in between as the numbers that they are: all that it needs besides is to drop them.
fn wit(a: &Ty, b: &Ty) -> (String, String) {
    let functions = |own: &str, borrowed: &str| {
        let mut types = Vec::new();
        let (a, b) = (a.declared(&mut types, own), b.declared(&mut types, own));
        let texts: Vec<_> = types.into_iter().map(|(_, text)| text).collect();
        format!(
            "{} make: func(n: u32) -> {own}; value-of: func(it: {borrowed}) -> u32; \
             swap: func(a: {a}, b: {b}) -> tuple<{b}, {a}>;",
            texts.join(" ")
        )
    };
    let interface = format!("interface i {{ resource r; {} }}", functions("r", "borrow<r>"));
    let user = format!("interface j {{ {} }}", functions("u32", "u32"));
    let worlds = "world provider { export i; } world consumer { import i; export j; }";
    (interface.clone(), format!("package a:b; {interface} {user} {worlds}"))
}

/// A module with a memory and an allocator, and these functions.
struct Guest {
    builder: Builder,
    realloc: u32,
}

impl Guest {
    fn new(mut builder: Builder) -> Self {
        let (top, taken) = (builder.global(1024), builder.global(0));
        let realloc = builder.declare(&[I32; 4], &[I32]);
        builder.define(realloc, heap::take_next(top, taken));
        builder.export("cabi_realloc", realloc);
        builder.exports.export("memory", ExportKind::Memory, 0);
        Self { builder, realloc }
    }

    fn function(&mut self, name: &str, params: &[ValType], body: Function) {
        let function = self.builder.declare(params, &[I32]);
        self.builder.export(name, function);
        self.builder.define(function, body);
    }

    fn finish(self) -> Vec<u8> {
        self.builder.finish(Some(MEMORY_TYPE)).finish()
    }
}

fn components(a: &Ty, b: &Ty) -> Vec<(&'static str, Vec<u8>)> {
    let (interface, wit) = wit(a, b);
    let (types, id) = importer(&interface);
    let ItemKind::Func(swap) = types[id].exports["swap"] else { panic!("no function") };
    let tys: Vec<ValueType> = types[swap].params.values().copied().collect();
    let mut params = Vec::new();
    tys.iter().for_each(|ty| abi::flatten(&types, *ty, &mut params));
    let is_spilled = params.len() > MAX_FLAT_PARAMS;
    let params = if is_spilled { vec![I32] } else { params };
    let swapped = [tys[1], tys[0]];
    let (to, layout) = abi::sequence(&types, &swapped);
    let take = |body: &mut Function, realloc: u32, result: u32| {
        body.instructions().i32_const(0).i32_const(0).i32_const(layout.align as i32);
        body.instructions().i32_const(layout.size as i32).call(realloc).local_set(result);
    };

    let mut builder = Builder::default();
    let new = builder.import("[export]a:b/i", "[resource-new]r", &[I32], &[I32]);
    let mut provider = Guest::new(builder);
    let mut make = Function::new([]);
    make.instructions().local_get(0).call(new).end();
    provider.function("a:b/i#make", &[I32], make);
    let mut value_of = Function::new([]);
    value_of.instructions().local_get(0).end();
    provider.function("a:b/i#value-of", &[I32], value_of);
    let mut locals = Locals::after(params.len());
    let result = locals.add(I32);
    let mut body = locals.function();
    take(&mut body, provider.realloc, result);
    if is_spilled {
        let from = abi::sequence(&types, &tys).0;
        for (place, (to, from)) in to.iter().zip([from[1], from[0]]).enumerate() {
            let mut code = body.instructions();
            code.local_get(result).i32_const(*to as i32).i32_add();
            code.local_get(0).i32_const(from as i32).i32_add();
            code.i32_const(abi::layout(&types, swapped[place]).size as i32).memory_copy(0, 0);
        }
    } else {
        let slots: Vec<_> = params.iter().enumerate().map(|(place, ty)| (place as u32, *ty)).collect();
        let (first, second) = slots.split_at(abi::flat(&types, tys[0]).len());
        let mover = Mover { types: &types, at: result, way: Way::ToMemory };
        mover.row(&mut body.instructions(), &swapped, 0, &[second, first].concat());
    }
    body.instructions().local_get(result).end();
    provider.function("a:b/i#swap", &params, body);

    let mut builder = Builder::default();
    let make = builder.import("a:b/i", "make", &[I32], &[I32]);
    let value_of = builder.import("a:b/i", "value-of", &[I32], &[I32]);
    let drop = builder.import("a:b/i", "[resource-drop]r", &[I32], &[]);
    let lowered: Vec<_> = params.iter().copied().chain([I32]).collect();
    let swap = builder.import("a:b/i", "swap", &lowered, &[]);
    let mut consumer = Guest::new(builder);
    let mut body = Function::new([]);
    body.instructions().local_get(0).call(make).end();
    consumer.function("a:b/j#make", &[I32], body);
    let mut body = Function::new([]);
    body.instructions().local_get(0).call(value_of).local_get(0).call(drop).end();
    consumer.function("a:b/j#value-of", &[I32], body);
    let mut locals = Locals::after(params.len());
    let result = locals.add(I32);
    let mut body = locals.function();
    take(&mut body, consumer.realloc, result);
    for place in 0..params.len() {
        body.instructions().local_get(place as u32);
    }
    body.instructions().local_get(result).call(swap).local_get(result).end();
    consumer.function("a:b/j#swap", &params, body);
    vec![
        ("provider", encoded(&wit, "provider", provider.finish())),
        ("consumer", encoded(&wit, "consumer", consumer.finish())),
    ]
}

/// Replaces what stands for handles by handles.
async fn realized(live: &mut Live, value: &mut Val) {
    if let Val::Record(fields) = value
        && let [(name, number)] = fields.as_slice()
        && name == OWN
    {
        let made = live.call("a:b/j", "make", std::slice::from_ref(number)).await.expect("a resource");
        *value = made.expect("a result");
        return;
    }
    for part in parts(value) {
        Box::pin(realized(live, part)).await;
    }
}

/// And back where it was so in a template, and drops them.
async fn told(live: &mut Live, template: &mut Val, value: &mut Val) {
    if let Val::Record(fields) = template
        && fields.iter().any(|(name, _)| name == OWN)
    {
        let number = live.call("a:b/j", "value-of", std::slice::from_ref(value)).await.expect("its number");
        *value = Val::Record(vec![(OWN.to_owned(), number.expect("a result"))]);
        return;
    }
    for (template, part) in parts(template).into_iter().zip(parts(value)) {
        Box::pin(told(live, template, part)).await;
    }
}

fn parts(value: &mut Val) -> Vec<&mut Val> {
    match value {
        Val::List(parts) | Val::Tuple(parts) => parts.iter_mut().collect(),
        Val::Record(fields) => fields.iter_mut().map(|(_, part)| part).collect(),
        Val::Variant(_, part) | Val::Option(part) | Val::Result(Ok(part) | Err(part)) => {
            part.iter_mut().map(|part| &mut **part).collect()
        }
        _ => Vec::new(),
    }
}

async fn swapped(lab: &Lab, a: &Val, b: &Val) -> (Val, Vec<String>) {
    let mut live = lab.live().await;
    let mut args = [a.clone(), b.clone()];
    for arg in &mut args {
        realized(&mut live, arg).await;
    }
    let mut result = live.call("a:b/j", "swap", &args).await.expect("a result").expect("a value");
    told(&mut live, &mut Val::Tuple(vec![b.clone(), a.clone()]), &mut result).await;
    (result, live.spans())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_of_every_type_arrive_as_they_do_without_a_probe(a in ty(), b in ty(), seed in any::<u64>()) {
        let components = components(&a, &b);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let plain = Lab::new(&components, |_| false);
        let probed = Lab::new(&components, |_| true);
        prop_assert_eq!(&probed.composition.unobserved, &[]);
        let mut dice = Dice(seed);
        for _ in 0..3 {
            let (x, y) = (a.value(&mut dice), b.value(&mut dice));
            let expected = Val::Tuple(vec![y.clone(), x.clone()]);
            let (result, _) = runtime.block_on(swapped(&plain, &x, &y));
            prop_assert_eq!(&result, &expected);
            let (result, spans) = runtime.block_on(swapped(&probed, &x, &y));
            prop_assert_eq!(&result, &expected);
            prop_assert!(spans.iter().any(|span| span.contains("swap(")));
        }
    }
}
