//! What the library holds, and what became of it.

use jackfield_protocol::{ComponentInfo, LibraryPage, LibraryVersion, Port};

use super::{Size, column_width};
use crate::page::Page;
use crate::style::Role;

/// Texts wider than this push what follows them to the right.
const WIDEST_COLUMN: usize = 48;
/// How many ports of each direction the table names.
const MAX_NAMED_PORTS: usize = 2;

/// One line for each version: name, version, size, where it is, ports.
pub(crate) fn table(page: &LibraryPage) -> Page {
    let rows: Vec<[String; 5]> = page
        .entries
        .iter()
        .flat_map(|entry| entry.versions.iter().map(|version| row(&entry.name, version)))
        .collect();
    let mut table = Page::default();
    if rows.is_empty() {
        return table;
    }
    let headings = ["NAME", "VERSION", "SIZE", "FROM", "PORTS"].map(str::to_owned);
    let widths: [usize; 4] = std::array::from_fn(|column| {
        let cells = rows.iter().chain([&headings]).filter_map(|row| row.get(column));
        column_width(cells.map(String::as_str), WIDEST_COLUMN)
    });
    add_row(&mut table, &headings, widths, [Role::Faint; 5]);
    for row in &rows {
        let roles = [Role::Name, Role::Plain, Role::Plain, Role::Faint, Role::Plain];
        add_row(&mut table, row, widths, roles);
    }
    table
}

fn row(name: &str, version: &LibraryVersion) -> [String; 5] {
    let from = match &version.layout {
        Some(layout) => format!("layout {layout}"),
        None => "store".to_owned(),
    };
    let ports = match (&version.info, &version.problem) {
        (Some(info), _) => ports(info),
        (None, Some(problem)) => format!("unreadable: {problem}"),
        (None, None) => String::new(),
    };
    [name.to_owned(), version.tag.clone(), Size(version.size_in_bytes).to_string(), from, ports]
}

fn add_row(page: &mut Page, [name, version, size, from, ports]: &[String; 5], w: [usize; 4], r: [Role; 5]) {
    let [name_width, version_width, size_width, from_width] = w;
    page.line()
        .add(r[0], format!("{name:name_width$}  "))
        .add(r[1], format!("{version:version_width$}  "))
        // Sizes are compared by eye, so their last digits stand below each other.
        .add(r[2], format!("{size:>size_width$}  "))
        .add(r[3], format!("{from:from_width$}  "))
        .add(r[4], ports);
}

/// The ports in short: all that it exports and imports, by name as far as there is room.
fn ports(info: &ComponentInfo) -> String {
    let exports = in_short(info.exports().collect());
    let imports = in_short(info.imports().collect());
    match (exports, imports) {
        (Some(exports), Some(imports)) => format!("exports {exports}; imports {imports}"),
        (Some(exports), None) => format!("exports {exports}"),
        (None, Some(imports)) => format!("imports {imports}"),
        (None, None) => "no ports".to_owned(),
    }
}

fn in_short(mut ports: Vec<&Port>) -> Option<String> {
    // What every component of a toolchain has tells least about it.
    ports.sort_by_key(|port| port.name.starts_with("wasi:"));
    let named: Vec<String> = ports.iter().take(MAX_NAMED_PORTS).map(|port| unversioned(port)).collect();
    let rest = ports.len() - named.len();
    let more = if rest > 0 { format!(" +{rest}") } else { String::new() };
    (!ports.is_empty()).then(|| format!("{}{more}", named.join(", ")))
}

fn unversioned(port: &Port) -> String {
    port.interface_name().map_or_else(|| port.name.clone(), |name| name.unversioned())
}

/// What is wrong with mounted layouts.
pub(crate) fn problems(page: &LibraryPage) -> Page {
    let mut notes = Page::default();
    for problem in &page.problems {
        notes.line().add(Role::Warning, "warning: ").plain(problem);
    }
    notes
}

/// That there is nothing to list, and what to do about it.
pub(crate) fn nothing(page: &LibraryPage, is_query: bool) -> Page {
    let mut note = Page::default();
    let (what, advice) = if is_query && page.total > 0 {
        let all = if page.total == 1 { "one that is".to_owned() } else { format!("{} that are", page.total) };
        (format!("no component of the {all} there fits"), "try fewer words, or `jack library list`")
    } else {
        let advice = "add a file with `jack library add FILE`, or fetch one with `jack library pull oci://…`";
        ("the library is empty".to_owned(), advice)
    };
    note.line().plain(what);
    note.line().add(Role::Faint, "help: ").plain(advice);
    note
}

/// That a component is in the library now, and how a workload file names it.
pub(crate) fn stored(verb: &str, source: &str, info: &ComponentInfo) -> Page {
    let mut page = done(verb, source);
    page.line().add(Role::Faint, "  digest    ").plain(&info.digest);
    page.line().add(Role::Faint, "  size      ").plain(Size(info.size_in_bytes));
    page.line().add(Role::Faint, "  ports     ").plain(ports(info));
    page
}

/// That a component is in a registry now, and what means exactly this one.
pub(crate) fn pushed(reference: &str, exact: &str) -> Page {
    let mut page = done("pushed", reference);
    page.line().add(Role::Faint, "  as        ").plain(exact);
    page
}

/// What was done, and with what.
pub(crate) fn done(verb: &str, what: &str) -> Page {
    let mut page = Page::default();
    page.line().add(Role::Good, verb).plain(" ").add(Role::Name, what);
    page
}

/// What an alias means now.
pub(crate) fn alias(alias: &str, source: &str) -> Page {
    let mut page = Page::default();
    page.line().add(Role::Name, alias).plain(" → ").plain(source);
    page
}

/// One tag a line, so that other programs can read them.
pub(crate) fn tags(tags: &[String]) -> Page {
    let mut page = Page::default();
    for tag in tags {
        page.line().plain(tag);
    }
    page
}
