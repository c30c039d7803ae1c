//! A component's world as WIT text, for people to read.
//!
//! It is written from what the reader found out, not by way of `wit_parser::decode`, so that any valid
//! component has a text. Every interface stands for itself: a type that it uses of another is
//! written out again, because a binary need not tell where a type is from. What WIT has no words for is
//! said in a comment. The text parses as one file with nested packages.

mod body;
mod words;

use std::collections::BTreeSet;

use jackfield_protocol::{Direction, Function, FunctionTypes, InterfaceName, Port, PortKind};
use semver::Version;

use self::body::Body;
use self::words::{docs, escaped, harmless, is_identifier};
use crate::{Component, MAX_TEXT_IN_BYTES};

/// How far what is inside of braces stands to the right.
const INDENT: &str = "  ";

/// The world of a component: its imports and exports, then the interfaces by package, with docs.
///
/// The same component always gives the same text.
#[must_use]
pub fn text(component: &Component) -> String {
    let mut writer = Writer { component, left_in_bytes: MAX_TEXT_IN_BYTES, packages: Vec::new() };
    let world = writer.world();
    let mut text = format!("package {};\n\nworld component {{\n", writer.own_package());
    push_indented(&mut text, &world, 1);
    text.push_str("}\n");
    for (name, interfaces) in std::mem::take(&mut writer.packages) {
        text.push_str(&format!("\npackage {name} {{\n"));
        for (index, (interface, ports)) in interfaces.into_iter().enumerate() {
            if index > 0 {
                text.push('\n');
            }
            push_indented(&mut text, &writer.interface(&interface, &ports), 1);
        }
        text.push_str("}\n");
    }
    text
}

/// Interfaces of one package by name, each with the ports that are of it.
type Interfaces<'a> = Vec<(String, Vec<&'a Port>)>;

struct Writer<'a> {
    component: &'a Component,
    /// How much text of types may still be made: types share their parts, so a text can be far longer
    /// than the binary.
    left_in_bytes: usize,
    /// In the order of the ports.
    packages: Vec<(String, Interfaces<'a>)>,
}

impl<'a> Writer<'a> {
    /// The lines of the world, and takes note of the interfaces that it names.
    fn world(&mut self) -> Vec<String> {
        let ports = &self.component.info().ports;
        let taken = ports.iter().filter(|port| port.kind != PortKind::Type).map(|port| port.name.as_str());
        let mut body = Body::new(self.component.types(), self.left_in_bytes, taken);
        let mut lines = Vec::new();
        let mut remarks = Vec::new();
        for port in ports {
            match &port.kind {
                PortKind::Instance { .. } => match interface_name(&port.name) {
                    Some((package, interface)) => {
                        lines.push(format!("{} {};", word(port), full_name(&package, &interface)));
                        self.note(package, interface, port);
                    }
                    None => lines.extend(self.inline(port)),
                },
                PortKind::Function(function) => {
                    let ty = self.types_of(port, function);
                    let signature =
                        is_identifier(&port.name).then(|| body.signature(function, ty?)).flatten();
                    match signature {
                        Some(signature) => {
                            lines.extend(docs(function.docs.as_deref()));
                            lines.push(format!("{} {}: {signature};", word(port), escaped(&port.name)));
                        }
                        None => remarks.push(remark(port, Some(function))),
                    }
                }
                PortKind::Type => {
                    body.declare(&port.name);
                    if port.direction == Direction::Export {
                        remarks.push(remark(port, None));
                    }
                }
            }
        }
        self.left_in_bytes = body.left_in_bytes();
        let mut world = body.into_lines();
        if !world.is_empty() && !lines.is_empty() {
            world.push(String::new());
        }
        world.extend(lines);
        world.extend(remarks);
        world
    }

    fn note(&mut self, package: String, interface: String, port: &'a Port) {
        let interfaces = match self.packages.iter_mut().position(|(known, _)| *known == package) {
            Some(known) => self.packages.get_mut(known),
            None => Some(self.packages.push_mut((package, Vec::new()))),
        };
        let Some((_, interfaces)) = interfaces else { return };
        match interfaces.iter_mut().find(|(known, _)| *known == interface) {
            Some((_, ports)) => ports.push(port),
            None => interfaces.push((interface, vec![port])),
        }
    }

    /// An instance with a plain name, whose interface has no name of its own.
    fn inline(&mut self, port: &'a Port) -> Vec<String> {
        let mut lines: Vec<String> = docs(port.docs.as_deref()).collect();
        let body = self.body(&[port]);
        if is_identifier(&port.name) {
            lines.push(format!("{} {}: interface {{", word(port), escaped(&port.name)));
            lines.extend(body.into_iter().map(|line| indented(&line)));
            lines.push("}".to_owned());
        } else {
            lines.push(remark(port, None));
            lines.extend(
                port.functions().iter().map(|function| format!("//   {}", harmless(&function.signature()))),
            );
        }
        lines
    }

    /// An interface that is imported, exported, or both.
    fn interface(&mut self, name: &str, ports: &[&'a Port]) -> Vec<String> {
        let said = ports.iter().find_map(|port| port.docs.as_deref());
        let mut lines: Vec<String> = docs(said).collect();
        lines.push(format!("interface {} {{", escaped(name)));
        lines.extend(self.body(ports).into_iter().map(|line| indented(&line)));
        lines.push("}".to_owned());
        lines
    }

    fn body(&mut self, ports: &[&'a Port]) -> Vec<String> {
        let functions =
            || ports.iter().flat_map(|port| port.functions().iter().map(move |function| (*port, function)));
        let taken = functions().map(|(_, function)| function.name.as_str());
        let mut body = Body::new(self.component.types(), self.left_in_bytes, taken);
        for port in ports {
            if let PortKind::Instance { types, resources, .. } = &port.kind {
                resources.iter().for_each(|name| body.declare_resource(name));
                types.iter().for_each(|name| body.declare(name));
            }
        }
        for (port, function) in functions() {
            if let Some(ty) = self.types_of(port, function) {
                body.add(function, ty);
            }
        }
        self.left_in_bytes = body.left_in_bytes();
        body.into_lines()
    }

    fn types_of(&self, port: &Port, function: &Function) -> Option<&'a FunctionTypes> {
        self.component.signature(port, function).map(|signature| signature.function)
    }

    /// A name for the world's package that no interface's package has.
    fn own_package(&self) -> String {
        let taken: BTreeSet<&str> = self.packages.iter().map(|(name, _)| name.as_str()).collect();
        let numbered = (2..).map(|number| format!("root:component-n{number}"));
        let mut names = std::iter::once("root:component".to_owned()).chain(numbered);
        names.find(|name| !taken.contains(name.as_str())).unwrap_or_default()
    }
}

/// Package, with its version, and interface, if WIT can write the name down.
fn interface_name(name: &str) -> Option<(String, String)> {
    let InterfaceName { namespace, package, interface, version } = InterfaceName::parse(name)?;
    let are_words = [&namespace, &package, &interface].into_iter().all(|word| is_identifier(word));
    let is_version = version.as_ref().is_none_or(|version| Version::parse(version).is_ok());
    let version = version.map(|version| format!("@{version}")).unwrap_or_default();
    let package = format!("{}:{}{version}", escaped(&namespace), escaped(&package));
    (are_words && is_version).then_some((package, interface))
}

fn full_name(package: &str, interface: &str) -> String {
    let interface = escaped(interface);
    match package.split_once('@') {
        Some((package, version)) => format!("{package}/{interface}@{version}"),
        None => format!("{package}/{interface}"),
    }
}

fn word(port: &Port) -> &'static str {
    match port.direction {
        Direction::Import => "import",
        Direction::Export => "export",
    }
}

/// What WIT has no words for, as a comment.
fn remark(port: &Port, function: Option<&Function>) -> String {
    let what = match function {
        Some(function) => function.signature(),
        None if port.kind == PortKind::Type => format!("{}: type", port.name),
        None => format!("{}: interface", port.name),
    };
    format!("// beyond WIT: {} {}", word(port), harmless(&what))
}

fn indented(line: &str) -> String {
    if line.is_empty() { String::new() } else { format!("{INDENT}{line}") }
}

fn push_indented(text: &mut String, lines: &[String], levels: usize) {
    for line in lines {
        if !line.is_empty() {
            text.push_str(&INDENT.repeat(levels));
            text.push_str(line);
        }
        text.push('\n');
    }
}
