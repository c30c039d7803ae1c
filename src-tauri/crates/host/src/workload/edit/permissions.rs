//! `permissions` of a component.

use jackfield_protocol::Error;
use toml_edit::{Array, InlineTable, Item, TableLike, Value, value};

use super::{
    not_a_table,
    settings::{give_last_blank, take_last_blank},
};

const PERMISSIONS: &str = "permissions";
const NETWORK: &str = "network";

/// Adds an origin to `permissions.network`, or takes it away. What is empty then goes, too.
pub(super) fn set_network(
    component: &mut dyn TableLike,
    origin: &str,
    is_granted: bool,
) -> Result<(), Error> {
    if component.get(PERMISSIONS).is_none_or(Item::is_none) {
        if !is_granted {
            return Ok(());
        }
        component.insert(PERMISSIONS, value(InlineTable::new()));
    }
    let item = component.get_mut(PERMISSIONS).and_then(Item::as_table_like_mut);
    let permissions = item.ok_or_else(|| not_a_table(PERMISSIONS))?;
    let blank = take_last_blank(permissions);
    if permissions.get(NETWORK).is_none_or(Item::is_none) {
        permissions.insert(NETWORK, value(Array::new()));
    }
    let origins = permissions.get_mut(NETWORK).and_then(Item::as_array_mut);
    let origins = origins.ok_or_else(|| not_a_table("permissions.network"))?;
    let is_meant = |written: &Value| written.as_str() == Some(origin);
    match is_granted {
        true if origins.iter().any(is_meant) => {}
        true => origins.push(origin),
        false => origins.retain(|written| !is_meant(written)),
    }
    if origins.is_empty() {
        permissions.remove(NETWORK);
    }
    give_last_blank(permissions, blank);
    if permissions.is_empty() {
        component.remove(PERMISSIONS);
    }
    Ok(())
}
