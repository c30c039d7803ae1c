//! What the library holds.

use jackfield_protocol::{LibraryPage, LibraryVersion, Port};

use super::{Size, column_width};
use crate::page::Page;
use crate::style::Role;

/// Longer sources push what follows them to the right.
const MAX_SOURCE_IN_CHARS: usize = 60;

/// A line for each version: source, size, ports, other names.
pub(crate) fn page(library: &LibraryPage) -> Page {
    let mut page = Page::default();
    let versions = || library.entries.iter().flat_map(|entry| &entry.versions);
    let width = column_width(versions().map(|version| version.source.as_str()), MAX_SOURCE_IN_CHARS);
    for version in versions() {
        add(&mut page, version, width);
    }
    if library.entries.is_empty() {
        let text = if library.total == 0 {
            "The library is empty. `jack library pull` and `jack library add` fill it."
        } else {
            "Nothing in the library fits."
        };
        page.line().add(Role::Faint, text);
    }
    for problem in &library.problems {
        page.line().add(Role::Warning, problem);
    }
    page
}

fn add(page: &mut Page, version: &LibraryVersion, width: usize) {
    let line = page.line();
    line.add(Role::Name, format!("{:width$}", version.source));
    line.plain(format!("  {:>9}", Size(version.size_in_bytes).to_string()));
    if let Some(info) = &version.info {
        ports(line, "  → ", info.exports());
        ports(line, "  ← ", info.imports().filter(|port| !is_wasi(port)));
    }
    if !version.aliases.is_empty() {
        line.add(Role::Faint, format!("  = {}", version.aliases.join(", ")));
    }
    if let Some(problem) = &version.problem {
        line.add(Role::Error, format!("  {problem}"));
    }
}

fn ports<'a>(line: &mut crate::page::Line, arrow: &str, ports: impl Iterator<Item = &'a Port>) {
    let names: Vec<&str> = ports.map(|port| port.name.as_str()).collect();
    if !names.is_empty() {
        line.add(Role::Faint, arrow).plain(names.join(", "));
    }
}

/// What every host has says nothing about a component.
fn is_wasi(port: &Port) -> bool {
    port.name.starts_with("wasi:")
}
