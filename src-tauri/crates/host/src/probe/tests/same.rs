//! Whatever passes through a probe, resources included, arrives as it does without one.

use jackfield_component::Component;
use proptest::prelude::*;
use wac_graph::types::{InterfaceId, ItemKind, Types, ValueType};
use wasm_encoder::{ExportKind, Function, ValType};
use wasmtime::component::Val;

use super::{
    importer,
    lab::{Lab, Live, encoded, loaded},
};
use crate::observe::size;
use crate::probe::{
    abi::{self, MAX_FLAT_PARAMS},
    flat::{Mover, Way},
    heap,
    module::{Builder, Locals, MEMORY_TYPE},
};

const I32: ValType = ValType::I32;
/// What stands for a handle before there is one: an owned one, or the end of a future or of a stream.
const OWN: &str = "own";
const FUTURE: &str = "future";
const STREAM: &str = "stream";

/// A type.
#[derive(Debug, Clone)]
enum Ty {
    Primitive(&'static str),
    Handle(&'static str),
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
        4 => proptest::sample::select(&[OWN, OWN, FUTURE, STREAM]).prop_map(Ty::Handle),
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
    fn declared(&self, all: &mut Vec<(String, String)>, own: Handles) -> String {
        match self {
            Self::Primitive(name) => (*name).to_owned(),
            Self::Handle(kind) => own.name(kind).to_owned(),
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
            Self::Handle(kind) => {
                Val::Record(vec![((*kind).to_owned(), Val::U32(dice.roll(u32::MAX as usize) as u32))])
            }
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

/// As what handles are passed.
#[derive(Debug, Clone, Copy)]
enum Handles {
    Owned,
    /// And the others as numbers.
    Borrowed,
    /// As the numbers that they are in the component in between.
    Numbers,
}

impl Handles {
    fn name(self, kind: &str) -> &'static str {
        match (self, kind) {
            (Self::Owned, OWN) => "r",
            (Self::Borrowed, OWN) => "borrow<r>",
            (Self::Owned, FUTURE) => "future<u32>",
            (Self::Owned, _) => "stream<u32>",
            (Self::Borrowed | Self::Numbers, _) => "u32",
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

/// `swap` and `later` give both values back the other way round, and `peek` does with the numbers of resources
/// that it is lent. What is called from outside passes the handles of the component in between as the numbers
/// that they are: all that it needs besides is to make and to drop them.
fn wit(a: &Ty, b: &Ty) -> (String, String) {
    let functions = |owned: Handles, lent: Handles| {
        let mut types = Vec::new();
        let (x, y) = (a.declared(&mut types, owned), b.declared(&mut types, owned));
        let (lent, seen) = (a.declared(&mut types, lent), a.declared(&mut types, Handles::Numbers));
        let texts: Vec<_> = types.into_iter().map(|(_, text)| text).collect();
        format!(
            "{} swap: func(a: {x}, b: {y}) -> tuple<{y}, {x}>; \
             later: async func(a: {x}, b: {y}) -> tuple<{y}, {x}>; \
             peek: func(a: {lent}, b: u8) -> tuple<u8, {seen}>;",
            texts.join(" ")
        )
    };
    let kinds = [OWN, FUTURE, STREAM];
    let handles =
        kinds.map(|kind| format!("make-{kind}: func(n: u32) -> u32; {kind}-told: func(it: u32) -> u32;"));
    // `channels` is never called: it says of which types the ends are that are made.
    let interface = format!(
        "interface i {{ resource r; make: func(n: u32) -> r; value-of: func(it: borrow<r>) -> u32; \
         channels: func(f: future<u32>, s: stream<u32>); {} }}",
        functions(Handles::Owned, Handles::Borrowed)
    );
    let user =
        format!("interface j {{ {} {} }}", handles.join(" "), functions(Handles::Numbers, Handles::Numbers));
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

/// A function of two values that gives them back the other way round.
struct Swap<'t> {
    types: &'t Types,
    name: &'static str,
    is_async: bool,
    values: [ValueType; 2],
    /// What both are made of, in this order.
    slots: Vec<ValType>,
}

impl<'t> Swap<'t> {
    fn new(types: &'t Types, id: InterfaceId, name: &'static str) -> Self {
        let ItemKind::Func(function) = types[id].exports[name] else { panic!("no function") };
        let function = &types[function];
        let values: Vec<ValueType> = function.params.values().copied().collect();
        let mut slots = Vec::new();
        values.iter().for_each(|ty| abi::flatten(types, *ty, &mut slots));
        Self { types, name, is_async: function.is_async, values: [values[0], values[1]], slots }
    }

    fn is_spilled(&self) -> bool {
        self.slots.len() > MAX_FLAT_PARAMS
    }

    fn params(&self) -> Vec<ValType> {
        if self.is_spilled() { vec![I32] } else { self.slots.clone() }
    }

    fn swapped(&self) -> [ValueType; 2] {
        [self.values[1], self.values[0]]
    }

    /// What is told as the result by a function that does not return it.
    fn told(&self) -> Vec<ValType> {
        if self.is_spilled() {
            return vec![I32];
        }
        let (first, second) = self.slots.split_at(abi::flat(self.types, self.values[0]).len());
        [second, first].concat()
    }

    /// Takes memory for the result.
    fn take(&self, body: &mut Function, realloc: u32, result: u32) {
        let layout = abi::sequence(self.types, &self.swapped()).1;
        body.instructions().i32_const(0).i32_const(0).i32_const(layout.align as i32);
        body.instructions().i32_const(layout.size as i32).call(realloc).local_set(result);
    }

    /// Writes the result from the parameters.
    fn write(&self, body: &mut Function, result: u32) {
        let swapped = self.swapped();
        if !self.is_spilled() {
            let slots = slots(0, &self.slots);
            let (first, second) = slots.split_at(abi::flat(self.types, self.values[0]).len());
            let mover = Mover { types: self.types, at: result, way: Way::ToMemory };
            mover.row(&mut body.instructions(), &swapped, 0, &[second, first].concat());
            return;
        }
        let (to, from) = (abi::sequence(self.types, &swapped).0, abi::sequence(self.types, &self.values).0);
        for (ty, (to, from)) in swapped.iter().zip(to.iter().zip([from[1], from[0]])) {
            let mut code = body.instructions();
            code.local_get(result).i32_const(*to as i32).i32_add();
            code.local_get(0).i32_const(from as i32).i32_add();
            code.i32_const(abi::layout(self.types, *ty).size as i32).memory_copy(0, 0);
        }
    }

    /// Tells the result, by way of locals that are free from `first` on.
    fn tell(&self, body: &mut Function, result: u32, first: u32, tell: u32) {
        if self.is_spilled() {
            body.instructions().local_get(result).call(tell);
            return;
        }
        let slots = slots(first, &self.told());
        let mover = Mover { types: self.types, at: result, way: Way::ToRegisters };
        mover.row(&mut body.instructions(), &self.swapped(), 0, &slots);
        slots.iter().for_each(|(local, _)| {
            body.instructions().local_get(*local);
        });
        body.instructions().call(tell);
    }

    /// The provider's side. If it is asynchronous, it lets others have their turn first.
    fn provide(&self, guest: &mut Guest, outside: &Outside) {
        let params = self.params();
        let mut locals = Locals::after(params.len());
        let result = locals.add(I32);
        let mut body = locals.function();
        self.take(&mut body, guest.realloc, result);
        self.write(&mut body, result);
        if !self.is_async {
            body.instructions().local_get(result).end();
            guest.function(&format!("a:b/i#{}", self.name), &params, body);
            return;
        }
        body.instructions().local_get(result).call(outside.set).i32_const(1).end();
        guest.function(&format!("[async-lift]a:b/i#{}", self.name), &params, body);
        let mut locals = Locals::after(3);
        let result = locals.add(I32);
        let first = result + 1;
        self.told().into_iter().for_each(|ty| {
            locals.add(ty);
        });
        let mut body = locals.function();
        body.instructions().call(outside.get).local_set(result);
        self.tell(&mut body, result, first, outside.tell);
        body.instructions().i32_const(0).end();
        guest.function(&format!("[callback][async-lift]a:b/i#{}", self.name), &[I32; 3], body);
    }

    /// The consumer's side, which passes on what it is given.
    fn consume(&self, guest: &mut Guest, import: u32, tell: u32) {
        let params = self.params();
        let mut locals = Locals::after(params.len());
        let result = locals.add(I32);
        let first = result + 1;
        self.told().into_iter().for_each(|ty| {
            locals.add(ty);
        });
        let mut body = locals.function();
        self.take(&mut body, guest.realloc, result);
        for place in 0..params.len() {
            body.instructions().local_get(place as u32);
        }
        body.instructions().local_get(result).call(import);
        if !self.is_async {
            body.instructions().local_get(result).end();
            guest.function(&format!("a:b/j#{}", self.name), &params, body);
            return;
        }
        self.tell(&mut body, result, first, tell);
        body.instructions().i32_const(0).end();
        guest.function(&format!("[async-lift]a:b/j#{}", self.name), &params, body);
        let mut never = Function::new([]);
        never.instructions().unreachable().end();
        guest.function(&format!("[callback][async-lift]a:b/j#{}", self.name), &[I32; 3], never);
    }
}

/// The locals of a row of core values, from one on.
fn slots(first: u32, tys: &[ValType]) -> Vec<(u32, ValType)> {
    (first..).zip(tys.iter().copied()).collect()
}

/// What an asynchronous function of the provider imports.
struct Outside {
    tell: u32,
    set: u32,
    get: u32,
}

fn provider(swaps: &[Swap<'_>]) -> Vec<u8> {
    let mut builder = Builder::default();
    let new = builder.import("[export]a:b/i", "[resource-new]r", &[I32], &[I32]);
    let set = builder.import("$root", "[context-set-0]", &[I32], &[]);
    let get = builder.import("$root", "[context-get-0]", &[], &[I32]);
    let told = swaps.iter().find(|swap| swap.is_async).expect("one").told();
    let tell = builder.import("[export]a:b/i", "[task-return]later", &told, &[]);
    let mut guest = Guest::new(builder);
    let mut make = Function::new([]);
    make.instructions().local_get(0).call(new).end();
    guest.function("a:b/i#make", &[I32], make);
    let mut value_of = Function::new([]);
    value_of.instructions().local_get(0).end();
    guest.function("a:b/i#value-of", &[I32], value_of);
    let channels = guest.builder.declare(&[I32; 2], &[]);
    guest.builder.export("a:b/i#channels", channels);
    swaps.iter().for_each(|swap| swap.provide(&mut guest, &Outside { tell, set, get }));
    guest.finish()
}

fn consumer(swaps: &[Swap<'_>]) -> Vec<u8> {
    const I64: ValType = ValType::I64;
    let mut builder = Builder::default();
    let make = builder.import("a:b/i", "make", &[I32], &[I32]);
    let value_of = builder.import("a:b/i", "value-of", &[I32], &[I32]);
    let drop = builder.import("a:b/i", "[resource-drop]r", &[I32], &[]);
    let new_future = builder.import("a:b/i", "[future-new-0]channels", &[], &[I64]);
    let write_future = builder.import("a:b/i", "[async-lower][future-write-0]channels", &[I32; 2], &[I32]);
    let read_future = builder.import("a:b/i", "[async-lower][future-read-0]channels", &[I32; 2], &[I32]);
    let new_stream = builder.import("a:b/i", "[stream-new-1]channels", &[], &[I64]);
    let write_stream = builder.import("a:b/i", "[async-lower][stream-write-1]channels", &[I32; 3], &[I32]);
    let read_stream = builder.import("a:b/i", "[async-lower][stream-read-1]channels", &[I32; 3], &[I32]);
    let imports: Vec<u32> = swaps
        .iter()
        .map(|swap| {
            let lowered: Vec<_> = swap.params().into_iter().chain([I32]).collect();
            builder.import("a:b/i", swap.name, &lowered, &[])
        })
        .collect();
    let told = swaps.iter().find(|swap| swap.is_async).expect("one").told();
    let tell = builder.import("[export]a:b/j", "[task-return]later", &told, &[]);
    let mut guest = Guest::new(builder);
    let mut body = Function::new([]);
    body.instructions().local_get(0).call(make).end();
    guest.function("a:b/j#make-own", &[I32], body);
    let mut body = Function::new([]);
    body.instructions().local_get(0).call(value_of).local_get(0).call(drop).end();
    guest.function("a:b/j#own-told", &[I32], body);
    for (kind, new, write, read) in
        [(FUTURE, new_future, write_future, read_future), (STREAM, new_stream, write_stream, read_stream)]
    {
        let (number, at, ends) = (0, 1, 2);
        let take = |code: &mut wasm_encoder::InstructionSink<'_>| {
            code.i32_const(0).i32_const(0).i32_const(4).i32_const(4).call(guest.realloc).local_set(at);
        };
        // What is written waits until it is read.
        let mut body = Function::new([(1, I32), (1, I64)]);
        let mut code = body.instructions();
        take(&mut code);
        code.local_get(at).local_get(number).i32_store(heap::word(0)).call(new).local_tee(ends);
        code.i64_const(32).i64_shr_u().i32_wrap_i64().local_get(at);
        if kind == STREAM {
            code.i32_const(1);
        }
        code.call(write).drop().local_get(ends).i32_wrap_i64().end();
        let mut read_it = Function::new([(1, I32)]);
        let mut code = read_it.instructions();
        take(&mut code);
        code.local_get(number).local_get(at);
        if kind == STREAM {
            code.i32_const(1);
        }
        code.call(read).drop().local_get(at).i32_load(heap::word(0)).end();
        guest.function(&format!("a:b/j#make-{kind}"), &[I32], body);
        guest.function(&format!("a:b/j#{kind}-told"), &[I32], read_it);
    }
    for (swap, import) in swaps.iter().zip(imports) {
        swap.consume(&mut guest, import, tell);
    }
    guest.finish()
}

fn components(a: &Ty, b: &Ty) -> Vec<(&'static str, Vec<u8>)> {
    let (interface, wit) = wit(a, b);
    let (types, id) = importer(&interface);
    let swaps = ["swap", "later", "peek"].map(|name| Swap::new(&types, id, name));
    vec![
        ("provider", encoded(&wit, "provider", provider(&swaps))),
        ("consumer", encoded(&wit, "consumer", consumer(&swaps))),
    ]
}

/// What a value is that stands for a handle: its kind and its number.
fn handle(value: &Val) -> Option<(&str, &Val)> {
    match value {
        Val::Record(fields) => match fields.as_slice() {
            [(kind, number)] if [OWN, FUTURE, STREAM].contains(&kind.as_str()) => Some((kind, number)),
            _ => None,
        },
        _ => None,
    }
}

/// Replaces what stands for handles of these kinds by handles, and for others by their numbers.
async fn realized(live: &mut Live, kinds: &[&str], value: &mut Val) {
    if let Some((kind, number)) = handle(value) {
        let number = number.clone();
        *value = match kinds.contains(&kind) {
            false => number,
            true => {
                let make = format!("make-{kind}");
                live.call("a:b/j", &make, &[number]).await.expect("a handle").expect("a result")
            }
        };
        return;
    }
    for part in parts(value) {
        Box::pin(realized(live, kinds, part)).await;
    }
}

/// And back where it was so in a template, and drops them.
async fn told(live: &mut Live, kinds: &[&str], template: &mut Val, value: &mut Val) {
    if let Some((kind, number)) = handle(template) {
        let number = match kinds.contains(&kind) {
            false => number.clone(),
            true => {
                let tell = format!("{kind}-told");
                let number = live.call("a:b/j", &tell, std::slice::from_ref(value)).await;
                number.expect("its number").expect("a result")
            }
        };
        *value = Val::Record(vec![(kind.to_owned(), number)]);
        return;
    }
    for (template, part) in parts(template).into_iter().zip(parts(value)) {
        Box::pin(told(live, kinds, template, part)).await;
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

/// Passes two values through `swap` or `later`. Gives what comes back.
async fn swapped(live: &mut Live, function: &str, a: &Val, b: &Val) -> Val {
    const ALL: &[&str] = &[OWN, FUTURE, STREAM];
    let mut args = [a.clone(), b.clone()];
    for arg in &mut args {
        realized(live, ALL, arg).await;
    }
    let mut result = live.call("a:b/j", function, &args).await.expect("a result").expect("a value");
    told(live, ALL, &mut Val::Tuple(vec![b.clone(), a.clone()]), &mut result).await;
    result
}

/// Lends a value to `peek`. Gives what it saw, and what is left of it afterwards.
async fn peeked(live: &mut Live, a: &Val) -> (Val, Val) {
    let mut lent = a.clone();
    realized(live, &[OWN], &mut lent).await;
    let args = [lent.clone(), Val::U8(7)];
    let seen = live.call("a:b/j", "peek", &args).await.expect("a result").expect("a value");
    told(live, &[OWN], &mut a.clone(), &mut lent).await;
    (seen, lent)
}

/// The value with the numbers of its handles, as `peek` sees it.
fn numbers(mut value: Val) -> Val {
    if let Some((_, number)) = handle(&value) {
        return number.clone();
    }
    for part in parts(&mut value) {
        *part = numbers(part.clone());
    }
    value
}

/// How many bytes went over the link when both values went through `swap`, and how many the rule for calls from
/// outside counts for them.
async fn counted(lab: &Lab, consumer: &Component, a: &Val, b: &Val) -> (u64, u64) {
    let port = consumer.info().imports().find(|port| port.name == "a:b/i").expect("the import");
    let function = port.functions().iter().find(|function| function.name == "swap").expect("the function");
    let signature = consumer.signature(port, function).expect("its types");
    let args = [a.clone(), b.clone()];
    let result = Val::Tuple(vec![b.clone(), a.clone()]);
    let expected = size::of_call(signature, &args, Some(&result));
    let mut live = lab.live().await;
    let mut args = args;
    for arg in &mut args {
        realized(&mut live, &[OWN, FUTURE, STREAM], arg).await;
    }
    let before = lab.bytes();
    live.call("a:b/j", "swap", &args).await.expect("a result");
    (lab.bytes() - before, expected)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn values_of_every_type_arrive_as_they_do_without_a_probe(a in ty(), b in ty(), seed in any::<u64>()) {
        let components = components(&a, &b);
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let labs = [false, true].map(|is_probed| Lab::new(&components, |_| is_probed));
        prop_assert_eq!(&labs[1].composition.unobserved, &[]);
        let mut dice = Dice(seed);
        for _ in 0..3 {
            let (x, y) = (a.value(&mut dice), b.value(&mut dice));
            let expected = Val::Tuple(vec![y.clone(), x.clone()]);
            let seen = Val::Tuple(vec![Val::U8(7), numbers(x.clone())]);
            for (lab, is_probed) in labs.iter().zip([false, true]) {
                let mut live = runtime.block_on(lab.live());
                for function in ["swap", "later"] {
                    prop_assert_eq!(&runtime.block_on(swapped(&mut live, function, &x, &y)), &expected);
                }
                prop_assert_eq!(&runtime.block_on(peeked(&mut live, &x)), &(seen.clone(), x.clone()));
                let spans = live.spans();
                for function in ["swap(", "later(", "peek("] {
                    prop_assert_eq!(spans.iter().any(|span| span.contains(function)), is_probed);
                }
            }
        }
    }

    #[test]
    fn calls_from_outside_count_bytes_as_links_do(a in ty(), b in ty(), seed in any::<u64>()) {
        let loaded = loaded(&components(&a, &b));
        let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
        let lab = Lab::of(&loaded, "consumer", |_| true);
        let consumer = loaded.components.values().last().expect("the consumer");
        let mut dice = Dice(seed);
        for _ in 0..3 {
            let (x, y) = (a.value(&mut dice), b.value(&mut dice));
            let (counted, expected) = runtime.block_on(counted(&lab, consumer, &x, &y));
            prop_assert_eq!(counted, expected);
        }
    }
}
