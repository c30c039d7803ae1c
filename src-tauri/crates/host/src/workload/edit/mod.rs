//! Changes to the text of a workload file.
//!
//! A change keeps everything that it does not name: comments, order, spacing, line ends, and whichever of
//! TOML's ways to write a table the file's author chose. So the window can edit a file that people edit too.

mod components;
mod form;
mod keep;
mod links;
mod permissions;
mod settings;
mod source;
#[cfg(test)]
mod tests;

use std::path::Path;

use jackfield_protocol::{ComponentName, Edit, Error, ErrorKind};
use toml_edit::{DocumentMut, Item, Table, TableLike, value};

use form::Form;

pub use source::move_to;

/// A changed file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edited {
    /// The file's text.
    pub text: String,
    /// The component that was added or renamed.
    pub component: Option<ComponentName>,
}

/// The text of a workload without components.
#[must_use]
pub fn empty(name: &str) -> String {
    let mut document = DocumentMut::new();
    document.insert("name", value(name));
    document.to_string()
}

/// Makes one change to `text`, which is or will be the file `path`. Whether the result makes sense is
/// for [`super::parse`] to say.
///
/// # Errors
/// If the text is not TOML, or has no such component, link or table.
pub fn apply(text: &str, path: &Path, edit: &Edit) -> Result<Edited, Error> {
    let form = Form::of(text);
    let mut document = form.document()?;
    let top = document.as_table_mut();
    let mut named = None;
    match edit {
        Edit::AddComponent { name, source } => {
            named = Some(components::add(top, path, name.as_ref(), source)?);
        }
        Edit::RemoveComponents(names) => components::remove(&mut document, names)?,
        Edit::RenameComponent { from, to } => {
            components::rename(top, from, to)?;
            named = Some(to.clone());
        }
        Edit::SetSource { component, source } => {
            let text = source::as_written(source, path);
            settings::set(components::get(top, component)?, "source", value(text));
        }
        Edit::SetLink { component, import, to } => links::set(top, component, import, to.as_ref())?,
        Edit::SetAnswer { component, import, function, answer } => {
            links::set_answer(top, component, import, function, answer.as_deref())?;
        }
        Edit::SetService(component) => components::set_service(top, component.as_ref())?,
        Edit::SetName(name) => settings::set(top, "name", value(name)),
        Edit::SetEnv { component, key, value } => {
            settings::set_in(components::get(top, component)?, "env", key, value.as_deref())?;
        }
        Edit::SetConfig { component, key, value } => {
            settings::set_in(components::get(top, component)?, "config", key, value.as_deref())?;
        }
        Edit::SetNetwork { component, origin, is_granted } => {
            permissions::set_network(components::get(top, component)?, origin, *is_granted)?;
        }
        Edit::SetMemoryLimit { component, limit } => {
            settings::set_in(components::get(top, component)?, "limits", "memory", limit.as_deref())?;
        }
        Edit::SetTimeLimit { component, limit } => {
            settings::set_in(components::get(top, component)?, "limits", "time", limit.as_deref())?;
        }
    }
    Ok(Edited { text: form.write(document), component: named })
}

/// The table `key`, which is made if there is none; `[key]` itself is written only if it is not implicit.
fn table_in<'t>(table: &'t mut Table, key: &str, is_implicit: bool) -> Result<&'t mut dyn TableLike, Error> {
    let make = || {
        let mut made = Table::new();
        made.set_implicit(is_implicit);
        Item::Table(made)
    };
    table.entry(key).or_insert_with(make).as_table_like_mut().ok_or_else(|| not_a_table(key))
}

fn not_a_table(key: &str) -> Error {
    Error::new(ErrorKind::WorkloadFile, format!("`{key}` is not a table in the workload file"))
}

fn no_component(name: &ComponentName) -> Error {
    Error::new(ErrorKind::Request, format!("the workload has no component `{name}`"))
}
