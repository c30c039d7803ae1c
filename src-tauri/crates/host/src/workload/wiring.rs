//! `[service]` and `[[links]]`: the tables that name components.

use std::collections::HashMap;

use indexmap::IndexMap;
use jackfield_protocol::ComponentName;

use super::name::{HOST, STUB, did_you_mean};
use super::reader::{Field, Fields, Reader};
use super::{LinkEnd, LinkRow, ServiceSpec};

/// How often a service that fails is started again, if the workload file does not say.
pub const DEFAULT_MAX_RESTARTS: u32 = 3;

/// Reads `[service]`. `components` are the names that the file defines.
pub(super) fn service(
    reader: &mut Reader<'_>,
    field: &Field<'_>,
    components: &[&str],
) -> Option<ServiceSpec> {
    let fields = reader.table(field)?;
    reader.only(&fields, &["component", "max_restarts"]);
    let max_restarts = match fields.get("max_restarts") {
        Some(field) => reader.count(&field, 0..=u32::MAX),
        None => Some(DEFAULT_MAX_RESTARTS),
    };
    let component = reader.required(&fields, "component", "component = \"NAME\"")?;
    let component = component_name(reader, &component, components, &[])?;
    Some(ServiceSpec { component: ComponentName::new(component), max_restarts: max_restarts? })
}

/// Reads `[[links]]`. `components` are the names that the file defines.
pub(super) fn links(reader: &mut Reader<'_>, field: &Field<'_>, components: &[&str]) -> Vec<LinkRow> {
    let mut rows = Vec::new();
    let mut first_row_at: HashMap<(String, String), Option<usize>> = HashMap::new();
    for fields in reader.tables(field) {
        let Some((row, import_at)) = link(reader, &fields, components) else { continue };
        let import = (row.from.as_str().to_owned(), row.import.clone());
        if let Some(first) = first_row_at.get(&import) {
            let line = first.map(|at| format!(" in line {}", reader.place(at).line)).unwrap_or_default();
            let message = format!("`{}` of `{}` is linked already{line}", row.import, row.from);
            reader.problem(import_at, message, Some("keep one of the two rows".to_owned()));
            continue;
        }
        first_row_at.insert(import, import_at);
        rows.push(row);
    }
    rows
}

fn link(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    components: &[&str],
) -> Option<(LinkRow, Option<usize>)> {
    reader.only(fields, &["from", "import", "to", "answers"]);
    let from_field = reader.required(fields, "from", "from = \"NAME\"");
    let from = from_field.and_then(|field| component_name(reader, &field, components, &[]));
    let import_field = reader.required(fields, "import", "import = \"namespace:package/interface\"");
    let import = import_field.as_ref().and_then(|field| import(reader, field));
    let to_field = reader.required(fields, "to", "to = \"NAME\"")?;
    let to = component_name(reader, &to_field, components, &[HOST, STUB])?;
    let answers = answers(reader, fields, to);
    if from == Some(to) {
        let message = format!("`{to}` cannot be linked to itself");
        reader.problem(to_field.at(), message, Some("link it to another component".to_owned()));
        return None;
    }
    let to = match to {
        HOST => LinkEnd::Host,
        STUB => LinkEnd::Stub,
        name => LinkEnd::Component(ComponentName::new(name)),
    };
    let row = LinkRow { from: ComponentName::new(from?), import: import?.to_owned(), to, answers };
    Some((row, import_field.and_then(|field| field.at())))
}

/// What a stub is to answer. What it can answer is for the plan to say, which knows the types.
fn answers(reader: &mut Reader<'_>, fields: &Fields<'_>, to: &str) -> IndexMap<String, String> {
    let Some(field) = fields.get("answers") else { return IndexMap::new() };
    if to != STUB {
        let message = format!("`{}` are for stubs, and this row leads to `{to}`", field.path);
        reader.problem(field.at(), message, Some(format!("remove them, or write to = \"{STUB}\"")));
        return IndexMap::new();
    }
    let answers = reader.string_table(&field);
    answers.into_iter().map(|(field, value)| (field.key.to_owned(), value.to_owned())).collect()
}

fn import<'d>(reader: &mut Reader<'_>, field: &Field<'d>) -> Option<&'d str> {
    let import = reader.string(field)?;
    if import.is_empty() {
        reader.problem(field.at(), format!("`{}` cannot be empty", field.path), None);
        return None;
    }
    Some(import)
}

/// The name of a component that the file defines, or one of the `special` words.
fn component_name<'d>(
    reader: &mut Reader<'_>,
    field: &Field<'d>,
    components: &[&str],
    special: &[&str],
) -> Option<&'d str> {
    let name = reader.string(field)?;
    if components.contains(&name) || special.contains(&name) {
        return Some(name);
    }
    let message = format!("`{}`: there is no component `{}`", field.path, name.escape_debug());
    let help = did_you_mean(name, components.iter().chain(special).copied());
    reader.problem(field.at(), message, Some(help.unwrap_or_else(|| what_there_is(components, special))));
    None
}

fn what_there_is(components: &[&str], special: &[&str]) -> String {
    /// More names than this do not help.
    const SHOWN: usize = 10;
    if components.is_empty() {
        return "add it: [components.NAME]".to_owned();
    }
    let mut names: Vec<&str> = components.iter().take(SHOWN).copied().collect();
    if components.len() > SHOWN {
        names.push("…");
    }
    let special: String = special.iter().map(|word| format!(", or \"{word}\"")).collect();
    format!("there is {}{special}", names.join(", "))
}
