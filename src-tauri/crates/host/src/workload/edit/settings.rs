//! Single values.

use jackfield_protocol::Error;
use toml_edit::{InlineTable, Item, TableLike, Value, value};

use super::not_a_table;

/// Sets a value, and keeps what is written around the one that was there.
pub(super) fn set(table: &mut (impl TableLike + ?Sized), key: &str, mut item: Item) {
    if let Some(old) = table.get(key).and_then(Item::as_value)
        && let Some(new) = item.as_value_mut()
    {
        *new.decor_mut() = old.decor().clone();
    }
    match table.get_mut(key) {
        // In place, so that the key stays as it is written.
        Some(old) => *old = item,
        None => {
            table.insert(key, item);
        }
    }
}

/// Takes the blank between the last value of an inline table and its brace away, for the one that is the last
/// after a change.
pub(super) fn take_last_blank(table: &mut dyn TableLike) -> Option<String> {
    let value = last(table)?;
    let blank = value.decor().suffix()?.as_str()?.to_owned();
    let is_blank = !blank.is_empty() && blank.chars().all(|c| c == ' ');
    is_blank.then(|| {
        value.decor_mut().set_suffix("");
        blank
    })
}

/// Sets or removes a text in a table of a component, which comes and goes with its first and last entry.
pub(super) fn set_in(
    component: &mut dyn TableLike,
    key: &str,
    entry: &str,
    text: Option<&str>,
) -> Result<(), Error> {
    if component.get(key).is_none_or(Item::is_none) {
        if text.is_none() {
            return Ok(());
        }
        component.insert(key, value(InlineTable::new()));
    }
    let item = component.get_mut(key).and_then(Item::as_table_like_mut);
    let table = item.ok_or_else(|| not_a_table(key))?;
    let blank = take_last_blank(table);
    match text {
        Some(text) => set(table, entry, value(text)),
        None => {
            table.remove(entry);
        }
    }
    give_last_blank(table, blank);
    if table.is_empty() {
        component.remove(key);
    }
    Ok(())
}

pub(super) fn give_last_blank(table: &mut dyn TableLike, blank: Option<String>) {
    if let (Some(blank), Some(value)) = (blank, last(table)) {
        value.decor_mut().set_suffix(blank);
    }
}

fn last(table: &mut dyn TableLike) -> Option<&mut Value> {
    let key = table.iter().last().map(|(key, _)| key.to_owned())?;
    table.get_mut(&key).and_then(Item::as_value_mut)
}
