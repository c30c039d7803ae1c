//! `[components]` and `[service]`.

use std::path::Path;

use jackfield_protocol::{ComponentName, Error, ErrorKind};
use toml_edit::{DocumentMut, Item, Table, TableLike, Value, value};

use super::super::name::component_name_problem;
use super::{keep, links, no_component, not_a_table, settings, source, table_in};

const COMPONENTS: &str = "components";
const SERVICE: &str = "service";

/// The table of a component.
pub(super) fn get<'t>(top: &'t mut Table, name: &ComponentName) -> Result<&'t mut dyn TableLike, Error> {
    let component = top
        .get_mut(COMPONENTS)
        .and_then(Item::as_table_like_mut)
        .and_then(|components| components.get_mut(name.as_str()))
        .ok_or_else(|| no_component(name))?;
    component.as_table_like_mut().ok_or_else(|| not_a_table(name.as_str()))
}

/// Adds a component after the others, and says how it is called.
pub(super) fn add(
    top: &mut Table,
    path: &Path,
    name: Option<&ComponentName>,
    from: &str,
) -> Result<ComponentName, Error> {
    let wanted = match name {
        Some(name) => checked(name)?.as_str().to_owned(),
        None => source::suggested_name(from),
    };
    let components = table_in(top, COMPONENTS, true)?;
    let name = free_name(components, &wanted);
    // As a file that is nothing but headers and values would have it: a table where tables can be.
    let mut table = Table::new();
    table.insert("source", value(source::as_written(from, path)));
    components.insert(&name, Item::Table(table));
    Ok(ComponentName::new(name))
}

fn free_name(components: &dyn TableLike, wanted: &str) -> String {
    let is_free = |name: &String| !components.contains_key(name);
    let numbered = (2_u32..).map(|number| format!("{wanted}-{number}"));
    std::iter::once(wanted.to_owned()).chain(numbered).find(is_free).unwrap_or_default()
}

fn checked(name: &ComponentName) -> Result<&ComponentName, Error> {
    match component_name_problem(name.as_str()) {
        Some(problem) => Err(Error::new(ErrorKind::Request, problem)),
        None => Ok(name),
    }
}

/// Removes components and all that names them.
pub(super) fn remove(document: &mut DocumentMut, names: &[ComponentName]) -> Result<(), Error> {
    let top = document.as_table_mut();
    for name in names {
        get(top, name)?;
    }
    let is_named = |text: &str| names.iter().any(|name| name == text);
    let mut left_over = links::remove_all(top, is_named);
    let service = top.get(SERVICE).and_then(|service| service.get("component")).and_then(Item::as_str);
    if service.is_some_and(is_named) {
        left_over.extend(top.remove(SERVICE).as_ref().and_then(keep::comments_before));
    }
    let components = table_in(top, COMPONENTS, true)?;
    for name in names {
        left_over.extend(components.remove(name.as_str()).as_ref().and_then(keep::comments_before));
    }
    if components.is_empty() && top.get(COMPONENTS).is_some_and(Item::is_table) {
        top.remove(COMPONENTS);
    }
    keep::put_back(document, &left_over);
    Ok(())
}

/// Gives a component another name, here and wherever it is named.
pub(super) fn rename(top: &mut Table, from: &ComponentName, to: &ComponentName) -> Result<(), Error> {
    get(top, from)?;
    if from == to {
        return Ok(());
    }
    checked(to)?;
    match top.get_mut(COMPONENTS) {
        Some(Item::Table(table)) => {
            refuse_double(table.contains_key(to.as_str()), to)?;
            rename_in_table(table, from.as_str(), to.as_str());
        }
        Some(Item::Value(Value::InlineTable(table))) => {
            refuse_double(table.contains_key(to.as_str()), to)?;
            let entries: Vec<_> = table.iter().map(|(key, value)| (key.to_owned(), value.clone())).collect();
            table.clear();
            for (key, value) in entries {
                let is_meant = from == key.as_str();
                table.insert(if is_meant { to.as_str() } else { &key }, value);
            }
        }
        _ => return Err(not_a_table(COMPONENTS)),
    }
    links::rename(top, from, to);
    let service = top.get_mut(SERVICE).and_then(Item::as_table_like_mut);
    if let Some(service) = service
        && service.get("component").and_then(Item::as_str) == Some(from.as_str())
    {
        settings::set(service, "component", value(to.as_str()));
    }
    Ok(())
}

fn refuse_double(is_there: bool, name: &ComponentName) -> Result<(), Error> {
    if is_there {
        return Err(Error::new(ErrorKind::Request, format!("there is a component `{name}` already"))
            .with_help("choose another name"));
    }
    Ok(())
}

/// The table's order is that of its keys, and a key cannot be changed in place.
fn rename_in_table(table: &mut Table, from: &str, to: &str) {
    let keys: Vec<String> = table.iter().map(|(key, _)| key.to_owned()).collect();
    for key in keys {
        let Some((kept, item)) = table.remove_entry(&key) else { continue };
        if key == from {
            table.insert(to, item);
        } else {
            table.insert_formatted(&kept, item);
        }
    }
}

/// Makes a component the service, or lets there be none.
pub(super) fn set_service(top: &mut Table, name: Option<&ComponentName>) -> Result<(), Error> {
    let Some(name) = name else {
        top.remove(SERVICE);
        return Ok(());
    };
    get(top, name)?;
    settings::set(table_in(top, SERVICE, false)?, "component", value(name.as_str()));
    Ok(())
}
