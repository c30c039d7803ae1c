//! Components of generated worlds, encoded as real toolchains do it. Their functions trap.

use jackfield_component::{Component, read_bytes};
use wit_component::{ComponentEncoder, StringEncoding, dummy_module, embed_component_metadata};
use wit_parser::{LiftLowerAbi, ManglingAndAbi, Resolve, WorldId};

use super::generate::Choices;

/// Versions of which some are compatible and some only look like it.
const VERSIONS: [&str; 8] = ["", "@0.1.0", "@0.1.3", "@0.2.0", "@1.0.0", "@1.2.0", "@1.2.0-rc.1", "@2.0.0"];

/// What the host has, too.
const OF_THE_HOST: [(&str, &str); 2] = [
    (
        "wasi:logging/logging@0.1.0-draft",
        "enum level { trace, error } log: func(level: level, context: string, message: string);",
    ),
    ("wasi:cli/environment@0.2.3", "get-arguments: func() -> list<string>;"),
];

/// A component that imports and exports some of a few packages, so that several of them have much to do
/// with one another. None if `wit-component` cannot encode it: it makes one import of two compatible versions, and
/// fails if the older one has more.
pub(crate) fn related(choices: &mut Choices) -> Option<Component> {
    let wit = related_wit(choices);
    let mut resolve = Resolve { all_features: true, ..Resolve::default() };
    let package = resolve.push_str("fuzz.wit", &wit).unwrap_or_else(|error| panic!("{error}\n{wit}"));
    let world = resolve.select_world(&[package], Some("it")).expect("the world");
    let bytes = encode(&resolve, world).ok()?;
    Some(read_bytes(bytes).unwrap_or_else(|error| panic!("{error}\n{wit}")))
}

fn related_wit(choices: &mut Choices) -> String {
    let mut packages = String::new();
    let mut world = String::new();
    let a = choices.one_of(&VERSIONS);
    packages += &package_a(choices, a);
    let mut interfaces =
        vec![format!("fuzz:a/types{a}"), format!("fuzz:a/api{a}"), format!("fuzz:a/plain{a}")];
    let b = choices.one_of(&VERSIONS);
    packages += &package_b(choices, a, b);
    interfaces.extend([format!("fuzz:b/store{b}"), format!("fuzz:b/only{b}")]);
    if choices.below(3) == 0 {
        let other = choices.one_of(&VERSIONS);
        if other != a {
            packages += &package_a(choices, other);
            interfaces.push(format!("fuzz:a/plain{other}"));
        }
    }
    if choices.below(3) == 0 {
        let (name, body) = choices.one_of(&OF_THE_HOST);
        let (package, rest) = name.split_once('/').unwrap_or_default();
        let (interface, version) = rest.split_once('@').unwrap_or_default();
        packages += &format!("package {package}@{version} {{ interface {interface} {{ {body} }} }}\n");
        interfaces.push(name.to_owned());
    }
    for interface in &interfaces {
        match choices.below(5) {
            0 | 1 => world += &format!("import {interface};\n"),
            2 => world += &format!("export {interface};\n"),
            3 => world += &format!("import {interface};\nexport {interface};\n"),
            _ => {}
        }
    }
    let result = choices.one_of(&["u32", "string"]);
    match choices.below(6) {
        0 => world += &format!("import log: func(x: {result});\n"),
        1 => world += &format!("export log: func(x: {result});\n"),
        2 => world += &format!("import inline: interface {{ get: func() -> {result}; }}\n"),
        3 => world += &format!("export inline: interface {{ get: func() -> {result}; }}\n"),
        _ => {}
    }
    format!("package fuzz:it;\nworld it {{\n{world}}}\n{packages}")
}

/// Resources, values, and a function that may differ.
fn package_a(choices: &mut Choices, version: &str) -> String {
    let number = choices.one_of(&["u32", "u32", "u32", "u64"]);
    let more = choices.one_of(&["", "", "more: func();"]);
    let size = choices.one_of(&["", "size: func() -> u32;"]);
    format!(
        "package fuzz:a{version} {{
            interface types {{ resource thing {{ constructor(); {size} }} record point {{ x: {number}, y: u32 }} }}
            interface api {{ use types.{{thing, point}}; make: func(at: point) -> thing; {more} }}
            interface plain {{ run: func(text: string) -> result<{number}, string>; {more} }}
        }}\n"
    )
}

/// What uses the resources of the other package.
fn package_b(choices: &mut Choices, a: &str, version: &str) -> String {
    let handle = choices.one_of(&["thing", "borrow<thing>", "list<thing>"]);
    let own = choices.one_of(&["", "resource box { constructor(thing: thing); }"]);
    format!(
        "package fuzz:b{version} {{
            interface store {{ use fuzz:a/types{a}.{{thing}}; {own} put: func(it: {handle}); }}
            interface only {{ use fuzz:a/types{a}.{{point}}; type points = list<point>; }}
        }}\n"
    )
}

/// A component whose types are odd: all kinds, in one another, declared, renamed and used elsewhere. None if the
/// bytes have made something that WIT forbids.
pub(crate) fn odd(choices: &mut Choices) -> Option<Vec<u8>> {
    let wit = Odd::default().package(choices);
    let mut resolve = Resolve { all_features: true, ..Resolve::default() };
    let package = resolve.push_str("odd.wit", &wit).ok()?;
    let world = resolve.select_world(&[package], Some("it")).ok()?;
    encode(&resolve, world).ok()
}

/// Writes WIT.
#[derive(Default)]
struct Odd {
    /// The types that can be named so far.
    declared: Vec<String>,
    /// Those of them that are resources.
    resources: Vec<String>,
    count: usize,
}

impl Odd {
    fn package(mut self, choices: &mut Choices) -> String {
        let mut text = String::from("package odd:it@0.3.1-pre.2+x;\n");
        let mut world = String::new();
        let mut before: Option<(String, Vec<String>)> = None;
        for place in 0..1 + choices.below(3) {
            self.declared.clear();
            let resources = std::mem::take(&mut self.resources);
            let name = format!("i{place}");
            text += &format!("interface {name} {{\n");
            if let Some((from, names)) = before.filter(|(_, names)| !names.is_empty()) {
                let used = &names[choices.below(names.len())];
                let to = self.name("u");
                text += &format!("use {from}.{{{used} as {to}}};\n");
                if resources.contains(used) {
                    self.resources.push(to.clone());
                }
                self.declared.push(to);
            }
            for _ in 0..choices.below(6) {
                text += &self.declaration(choices);
            }
            for _ in 0..choices.below(4) {
                text += &format!("{};\n", self.function(choices, ""));
            }
            text += "}\n";
            before = Some((name.clone(), self.declared.clone()));
            match choices.below(4) {
                0 => world += &format!("import {name};\n"),
                1 => world += &format!("export {name};\n"),
                2 => world += &format!("import {name};\nexport {name};\n"),
                _ => {}
            }
        }
        (self.declared, self.resources) = Default::default();
        for _ in 0..choices.below(3) {
            world += &self.declaration(choices);
        }
        for word in ["import", "export"].iter().cycle().take(choices.below(4)) {
            world += &format!("{word} {};\n", self.function(choices, ""));
        }
        text + &format!("world it {{\n{world}}}\n")
    }

    fn name(&mut self, prefix: &str) -> String {
        self.count += 1;
        // Capitals and keywords are names, too.
        let odd = ["", "-URL", "-a", "-resource"];
        format!("{prefix}{}{}", self.count, odd[self.count % odd.len()])
    }

    fn declaration(&mut self, choices: &mut Choices) -> String {
        let name = self.name("t");
        let text = match choices.below(7) {
            0 | 1 => format!("record {name} {{ a: {}, %b: {} }}\n", self.ty(choices, 2), self.ty(choices, 2)),
            2 => format!("variant {name} {{ none, some({}), ok }}\n", self.ty(choices, 2)),
            3 => format!("enum {name} {{ a, b-c, D }}\n"),
            4 => format!(
                "flags {name} {{ {} }}\n",
                (0..1 + choices.below(40)).map(|n| format!("f{n},")).collect::<String>()
            ),
            5 => format!("type {name} = {};\n", self.ty(choices, 3)),
            _ => {
                self.resources.push(name.clone());
                self.declared.push(name.clone());
                let constructor = if choices.below(2) == 0 { "constructor();" } else { "" };
                let method = self.function(choices, "");
                let function = self.function(choices, "static ");
                return format!("resource {name} {{ {constructor} {method}; {function}; }}\n");
            }
        };
        self.declared.push(name);
        text
    }

    fn function(&mut self, choices: &mut Choices, word: &str) -> String {
        let name = self.name("f");
        let is_async = if choices.below(5) == 0 { "async " } else { "" };
        let params: Vec<String> =
            (0..choices.below(4)).map(|place| format!("p{place}: {}", self.param(choices))).collect();
        let result =
            if choices.below(4) == 0 { String::new() } else { format!(" -> {}", self.ty(choices, 3)) };
        format!("{name}: {word}{is_async}func({}){result}", params.join(", "))
    }

    /// Only parameters can be borrowed.
    fn param(&mut self, choices: &mut Choices) -> String {
        if !self.resources.is_empty() && choices.below(4) == 0 {
            return format!("borrow<{}>", self.resources[choices.below(self.resources.len())]);
        }
        self.ty(choices, 3)
    }

    fn ty(&mut self, choices: &mut Choices, depth: usize) -> String {
        const LEAVES: [&str; 13] =
            ["bool", "u8", "s8", "u16", "s16", "u32", "s32", "u64", "s64", "f32", "f64", "char", "string"];
        if depth == 0 || choices.below(3) == 0 {
            let declared = (!self.declared.is_empty()).then(|| choices.below(self.declared.len()));
            return match (declared, choices.below(2)) {
                (Some(place), 0) => self.declared[place].clone(),
                _ => choices.one_of(&LEAVES).to_owned(),
            };
        }
        let kind = choices.below(13);
        let mut inner = || self.ty(choices, depth - 1);
        match kind {
            0 | 1 => format!("list<{}>", inner()),
            2 | 3 => format!("option<{}>", inner()),
            4 => format!("result<{}, {}>", inner(), inner()),
            5 => format!("result<_, {}>", inner()),
            6 => "result".to_owned(),
            7 => format!("tuple<{}, {}>", inner(), inner()),
            8 => format!("list<{}, 4>", inner()),
            9 => format!("map<string, {}>", inner()),
            10 => format!("future<{}>", inner()),
            11 => format!("stream<{}>", inner()),
            _ => "error-context".to_owned(),
        }
    }
}

/// A component of a world, or why there is none.
pub(crate) fn encode(resolve: &Resolve, world: WorldId) -> anyhow::Result<Vec<u8>> {
    let mut module = dummy_module(resolve, world, ManglingAndAbi::Legacy(LiftLowerAbi::Sync));
    embed_component_metadata(&mut module, resolve, world, StringEncoding::UTF8)?;
    ComponentEncoder::default().module(&module)?.validate(true).encode()
}
