//! The top of a workload file.

use std::path::Path;

use indexmap::IndexMap;
use jackfield_protocol::{ComponentName, Problem};
use toml_edit::{Document, TomlError};

use super::reader::{Fields, Reader};
use super::{ComponentSpec, Workload, component, surroundings, wiring};

/// The keys at the top of the file.
const KEYS: [&str; 7] = ["name", "namespace", "components", "service", "links", "volumes", "host"];

/// Understands the text of a workload file.
///
/// `path` is the file, as problems name it; relative paths in the text are resolved against its
/// folder. Nothing is read but `text`.
///
/// # Errors
/// Every problem of the text, in the order of the text. If it is not TOML, that is the only one.
pub fn parse(text: &str, path: &Path) -> Result<Workload, Vec<Problem>> {
    let mut reader = Reader::new(text);
    let document = match Document::parse(text) {
        Ok(document) => document,
        Err(error) => {
            syntax_problem(&mut reader, &error);
            return Err(reader.into_problems(path));
        }
    };
    let top = Fields::new("", None, document.as_table());
    let workload = workload(&mut reader, &top, path);
    match reader.into_problems(path) {
        problems if problems.is_empty() => Ok(workload),
        problems => Err(problems),
    }
}

fn syntax_problem(reader: &mut Reader<'_>, error: &TomlError) {
    let help = (error.message() == "duplicate key")
        .then(|| "every key and every table can be there once; give one of them another name".to_owned());
    // The parser's text can have several lines.
    let message = error.message().trim_end().replace('\n', ", ");
    reader.problem(error.span().map(|span| span.start), format!("not valid TOML: {message}"), help);
}

/// The workload, with gaps where there are problems.
fn workload(reader: &mut Reader<'_>, top: &Fields<'_>, path: &Path) -> Workload {
    reader.only(top, &KEYS);
    let folder = path.parent().unwrap_or(Path::new(""));
    let component_names = keys_of(top, "components");
    let volume_names = keys_of(top, "volumes");
    let name = reader.required(top, "name", "name = \"my-workload\"");
    let namespace = top.get("namespace");
    let service = top.get("service");
    let links = top.get("links");
    let volumes = top.get("volumes");
    let host = top.get("host");
    Workload {
        name: name.and_then(|field| title(reader, &field)).unwrap_or_default(),
        namespace: namespace.and_then(|field| title(reader, &field)),
        path: path.to_owned(),
        components: components(reader, top, folder, &volume_names),
        service: service.and_then(|field| wiring::service(reader, &field, &component_names)),
        links: links.map(|field| wiring::links(reader, &field, &component_names)).unwrap_or_default(),
        volumes: volumes.map(|field| surroundings::volumes(reader, &field, folder)).unwrap_or_default(),
        host: host.map(|field| surroundings::host(reader, &field)).unwrap_or_default(),
    }
}

/// The keys of a table at the top, whatever is wrong inside: a component with a problem is still
/// there to be named.
fn keys_of<'d>(top: &Fields<'d>, key: &str) -> Vec<&'d str> {
    let table = top.get(key).and_then(|field| field.item().as_table_like());
    table.map(|table| table.iter().map(|(key, _)| key).collect()).unwrap_or_default()
}

/// A text that is shown to people in one line.
fn title(reader: &mut Reader<'_>, field: &super::reader::Field<'_>) -> Option<String> {
    let text = reader.string(field)?;
    if text.trim().is_empty() || text.chars().any(char::is_control) {
        let message = format!("`{}` must have a character that can be seen, and only one line", field.path);
        reader.problem(field.at(), message, None);
        return None;
    }
    Some(text.to_owned())
}

fn components(
    reader: &mut Reader<'_>,
    top: &Fields<'_>,
    folder: &Path,
    volumes: &[&str],
) -> IndexMap<ComponentName, ComponentSpec> {
    let mut components = IndexMap::new();
    let table = top.get("components").and_then(|field| reader.table(&field));
    for field in table.iter().flat_map(Fields::iter) {
        if let Some(problem) = super::name::component_name_problem(field.key) {
            reader.problem(field.key_at, problem, None);
        }
        if let Some(spec) = component::spec(reader, &field, folder, volumes) {
            components.insert(ComponentName::new(field.key), spec);
        }
    }
    components
}

#[cfg(test)]
mod tests;
