//! Single values.

use jackfield_protocol::Error;
use toml_edit::{InlineTable, Item, TableLike, value};

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
    match text {
        Some(text) => set(table, entry, value(text)),
        None => {
            table.remove(entry);
        }
    }
    if table.is_empty() {
        component.remove(key);
    }
    Ok(())
}
