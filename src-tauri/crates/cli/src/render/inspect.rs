//! A component from the outside.

use jackfield_protocol::{ComponentInfo, Function, Port, PortKind};

use super::Size;
use crate::page::Page;
use crate::style::Role;

/// Digest, size, producers, and every port with its functions and types.
pub(crate) fn page(path: &str, info: &ComponentInfo) -> Page {
    page_with_names(path, &[], info)
}

/// The same, with what else the library calls it.
pub(crate) fn page_with_names(path: &str, names: &[String], info: &ComponentInfo) -> Page {
    let mut page = Page::default();
    page.line().add(Role::Heading, path);
    for name in names {
        page.line().add(Role::Faint, "  also      ").add(Role::Name, name);
    }
    page.line().add(Role::Faint, "  digest    ").plain(&info.digest);
    page.line().add(Role::Faint, "  size      ").plain(Size(info.size_in_bytes));
    for producer in &info.producers {
        let name = format!("{} {}", producer.name, producer.version);
        page.line()
            .add(Role::Faint, "  made by   ")
            .plain(name.trim_end())
            .add(Role::Faint, format!(" ({})", producer.role));
    }
    add_ports(&mut page, "Imports", info.imports());
    add_ports(&mut page, "Exports", info.exports());
    page
}

/// Lines of text by others, made harmless; comments are fainter.
pub(crate) fn lines(text: &str) -> Page {
    let mut page = Page::default();
    for line in text.lines() {
        let is_comment = line.trim_start().starts_with("//");
        page.line().add(if is_comment { Role::Faint } else { Role::Plain }, line);
    }
    page
}

fn add_ports<'a>(page: &mut Page, heading: &str, ports: impl Iterator<Item = &'a Port>) {
    page.section(heading);
    let mut any = false;
    for port in ports {
        any = true;
        add_port(page, port);
    }
    if !any {
        page.line().add(Role::Faint, "  none");
    }
}

fn add_port(page: &mut Page, port: &Port) {
    match &port.kind {
        PortKind::Instance { functions, types, .. } => {
            add_docs(page, "  ", port.docs.as_deref());
            let line = page.line();
            line.plain("  ").add(Role::Name, &port.name);
            if let Some(interface) = &port.implements {
                line.add(Role::Faint, " is ").add(Role::Name, interface);
            }
            if !types.is_empty() {
                page.line().add(Role::Faint, "    types: ").plain(types.join(", "));
            }
            for function in functions {
                add_function(page, "    ", function);
            }
        }
        PortKind::Function(function) => add_function(page, "  ", function),
        PortKind::Type => {
            add_docs(page, "  ", port.docs.as_deref());
            page.line().plain("  ").add(Role::Name, &port.name).add(Role::Faint, " (type)");
        }
    }
}

fn add_function(page: &mut Page, indent: &str, function: &Function) {
    add_docs(page, indent, function.docs.as_deref());
    page.line().plain(indent).plain(function.signature());
}

fn add_docs(page: &mut Page, indent: &str, docs: Option<&str>) {
    for line in docs.unwrap_or_default().lines() {
        page.line().plain(indent).add(Role::Faint, format!("/// {line}").trim_end());
    }
}
