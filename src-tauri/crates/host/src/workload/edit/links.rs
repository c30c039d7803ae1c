//! `[[links]]`, written as tables or as an array of inline tables.

use jackfield_protocol::{ComponentName, EditLinkEnd, Error, ErrorKind, InterfaceName};
use toml_edit::{Array, ArrayOfTables, InlineTable, Item, Table, TableLike, Value, value};

use super::super::name::{HOST, STUB};
use super::{components, keep, not_a_table, settings};

const LINKS: &str = "links";
const ANSWERS: &str = "answers";

/// Links an import of a component to what is said, or leaves it to the rules.
pub(super) fn set(
    top: &mut Table,
    component: &ComponentName,
    import: &str,
    to: Option<&EditLinkEnd>,
) -> Result<(), Error> {
    components::get(top, component)?;
    let is_meant = |row: &dyn TableLike| is_for(row, component, import);
    let Some(to) = to else {
        retain(top, |row| !is_meant(row));
        return Ok(());
    };
    let to = match to {
        EditLinkEnd::Component(name) => {
            components::get(top, name)?;
            name.as_str()
        }
        EditLinkEnd::Host => HOST,
        EditLinkEnd::Stub => STUB,
    };
    let mut found = false;
    for_each(top, |row| {
        if is_meant(row) {
            settings::set(row, "to", value(to));
            if to != STUB {
                row.remove(ANSWERS);
            }
            found = true;
        }
    });
    if found { Ok(()) } else { push(top, component.as_str(), import, to) }
}

/// Sets or removes what a stub answers to the calls of a function. Without a row for the import, one is
/// made.
pub(super) fn set_answer(
    top: &mut Table,
    component: &ComponentName,
    import: &str,
    function: &str,
    answer: Option<&str>,
) -> Result<(), Error> {
    components::get(top, component)?;
    let mut elsewhere = None;
    let mut found = false;
    for_each(top, |row| {
        if is_for(row, component, import) {
            found = true;
            elsewhere = text(row, "to").filter(|to| *to != STUB).map(str::to_owned);
        }
    });
    if let Some(to) = elsewhere {
        let message = format!("`{import}` of `{component}` is linked to `{to}`, and only stubs have answers");
        return Err(Error::new(ErrorKind::Request, message).with_help("link it to a stub first"));
    }
    match (found, answer) {
        (false, None) => return Ok(()),
        (false, Some(_)) => push(top, component.as_str(), import, STUB)?,
        (true, _) => {}
    }
    let mut changed = Ok(());
    for_each(top, |row| {
        if is_for(row, component, import) {
            let written = written_name(row, function);
            changed = settings::set_in(row, ANSWERS, &written, answer);
        }
    });
    changed
}

/// The name under which a row answers a function: in full, or without its kind (`bucket.get`).
fn written_name(row: &dyn TableLike, function: &str) -> String {
    let short = function.split_once(']').map_or(function, |(_, name)| name);
    let answers = row.get(ANSWERS).and_then(Item::as_table_like);
    let has = |name: &str| answers.is_some_and(|answers| answers.contains_key(name));
    let name = if !has(function) && has(short) { short } else { function };
    name.to_owned()
}

fn is_for(row: &dyn TableLike, component: &ComponentName, import: &str) -> bool {
    text(row, "from") == Some(component.as_str())
        && text(row, "import").is_some_and(|written| means(written, import))
}

/// Whether a row's import, which may go without its version, is the port of this name.
fn means(written: &str, port: &str) -> bool {
    written == port || InterfaceName::parse(port).is_some_and(|interface| interface.unversioned() == written)
}

fn push(top: &mut Table, from: &str, import: &str, to: &str) -> Result<(), Error> {
    let pairs = [("from", from), ("import", import), ("to", to)];
    let links = top.entry(LINKS).or_insert_with(|| Item::ArrayOfTables(ArrayOfTables::new()));
    match links {
        Item::ArrayOfTables(rows) => {
            let mut row = Table::new();
            for (key, text) in pairs {
                row.insert(key, value(text));
            }
            rows.push(row);
        }
        Item::Value(Value::Array(rows)) => {
            let row: InlineTable = pairs.into_iter().collect();
            rows.push(row);
        }
        _ => return Err(not_a_table(LINKS)),
    }
    Ok(())
}

/// Removes the links from and to components, and gives back the comments that stood apart before them.
pub(super) fn remove_all(top: &mut Table, is_removed: impl Fn(&str) -> bool) -> Vec<String> {
    let is_affected =
        |row: &dyn TableLike| ["from", "to"].iter().any(|key| text(row, key).is_some_and(&is_removed));
    retain(top, |row| !is_affected(row))
}

/// Gives a component another name in all links.
pub(super) fn rename(top: &mut Table, from: &ComponentName, to: &ComponentName) {
    for_each(top, |row| {
        for key in ["from", "to"] {
            if text(row, key) == Some(from.as_str()) {
                settings::set(row, key, value(to.as_str()));
            }
        }
    });
}

fn text<'r>(row: &'r dyn TableLike, key: &str) -> Option<&'r str> {
    row.get(key).and_then(Item::as_str)
}

fn for_each(top: &mut Table, mut change: impl FnMut(&mut dyn TableLike)) {
    match top.get_mut(LINKS) {
        Some(Item::ArrayOfTables(rows)) => rows.iter_mut().for_each(|row| change(row)),
        Some(Item::Value(Value::Array(rows))) => {
            rows.iter_mut().filter_map(Value::as_inline_table_mut).for_each(|row| change(row));
        }
        _ => {}
    }
}

/// Keeps some rows; takes the whole table away if none is left.
fn retain(top: &mut Table, is_kept: impl Fn(&dyn TableLike) -> bool) -> Vec<String> {
    let mut left_over = Vec::new();
    let is_empty = match top.get_mut(LINKS) {
        Some(Item::ArrayOfTables(rows)) => {
            let gone = rows.iter().filter(|row| !is_kept(*row));
            left_over.extend(gone.filter_map(|row| keep::comments_in(row.decor())));
            rows.retain(|row| is_kept(row));
            rows.is_empty()
        }
        Some(Item::Value(Value::Array(rows))) => {
            let is_kept_value = |row: &Value| row.as_inline_table().is_none_or(|row| is_kept(row));
            Array::retain(rows, is_kept_value);
            rows.is_empty()
        }
        _ => false,
    };
    if is_empty {
        top.remove(LINKS);
    }
    left_over
}
