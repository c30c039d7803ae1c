//! The WIT of a component, as text that people can read and that, as far as WIT can say what the
//! component is, tools can parse.
//!
//! It is written from what [`Component`] knows rather than by `wit_parser`'s decoder, which fails on
//! components that are valid but that WIT cannot write down. What WIT cannot say is a comment here.
//! A binary holds the names of packages and interfaces, but not its world's and not its own package's,
//! so these are made up.

mod body;
mod functions;
mod ink;
mod outline;
mod page;
mod types;
mod words;

use crate::Component;
use outline::{Interface, Outline};
use page::Page;

/// The text is never longer than this: 1 MiB. One that would be says so in its last line.
pub const MAX_WIT_IN_BYTES: usize = 1 << 20;

/// The component's world, and then, package by package, the interfaces that it imports and exports.
///
/// The text is the same for the same component, ends with a line feed, and has no other control
/// characters, whatever the component's doc comments and names are.
#[must_use]
pub fn text(component: &Component) -> String {
    let outline = Outline::of(component);
    let mut page = Page::new();
    let packages = packages(&outline.interfaces);
    page.lines(
        "// Made from a binary, which holds neither the name of its world nor of the world's package.",
    );
    page.lines(&format!("package {};\n\n", world_package(&packages)));
    page.block("world root", |page| {
        outline.imports.print(page);
        if !outline.imports.is_empty() && !outline.exports.is_empty() {
            page.lines("\n");
        }
        outline.exports.print(page);
    });
    for (package, interfaces) in packages {
        page.lines("\n");
        page.block(&format!("package {package}"), |page| print_package(&interfaces, page));
    }
    page.finish(outline.is_cut())
}

fn print_package(interfaces: &[&Interface], page: &mut Page) {
    for (index, interface) in interfaces.iter().enumerate() {
        if index > 0 {
            page.lines("\n");
        }
        page.lines(&interface.docs);
        page.block(&format!("interface {}", interface.path.interface), |page| interface.body.print(page));
    }
}

/// The interfaces of each package; packages and interfaces in the order of the component.
fn packages(interfaces: &[Interface]) -> Vec<(String, Vec<&Interface>)> {
    let mut packages: Vec<(String, Vec<&Interface>)> = Vec::new();
    let mut places = std::collections::HashMap::new();
    for interface in interfaces {
        let name = interface.path.package();
        let place = *places.entry(name.clone()).or_insert(packages.len());
        match packages.get_mut(place) {
            Some((_, known)) => known.push(interface),
            None => packages.push((name, vec![interface])),
        }
    }
    packages
}

/// The name of the world's package, which must be none of the others'.
fn world_package(packages: &[(String, Vec<&Interface>)]) -> String {
    let mut name = String::from("root:component");
    while packages.iter().any(|(package, _)| *package == name) {
        name.push_str("-of-world");
    }
    name
}
