//! How sources are written, and what a component from one is called.

use std::path::{Component, Path, PathBuf};

use jackfield_protocol::Error;
use toml_edit::{Item, value};

use super::super::component::{OCI, is_file};
use super::super::name::component_name_problem;
use super::form::Form;
use super::settings;

/// How a component is called whose source gives no name.
const NAMELESS: &str = "component";

/// A source as the file `path` says it: files below its folder are relative to it, with `/`.
pub(super) fn as_written(source: &str, path: &Path) -> String {
    let file = Path::new(source);
    let is_ours = !source.contains("://") && is_file(source) && file.is_absolute();
    let path = std::path::absolute(path).ok();
    let folder = path.as_deref().and_then(Path::parent);
    let below = folder.filter(|_| is_ours).and_then(|folder| file.strip_prefix(folder).ok());
    let parts = below.and_then(|below| {
        let parts = below.components().map(|part| match part {
            Component::Normal(name) => name.to_str(),
            _ => None,
        });
        parts.collect::<Option<Vec<&str>>>()
    });
    parts.map_or_else(|| source.to_owned(), |parts| format!("./{}", parts.join("/")))
}

/// A name for a component from a source: `square` for `oci://ghcr.io/acme/square:1.0` and `./square.wasm`.
pub(super) fn suggested_name(source: &str) -> String {
    let last = |text: &str| text.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    let name = match source.strip_prefix(OCI) {
        Some(reference) => {
            let repository = reference.split('@').next().unwrap_or_default();
            last(repository).split(':').next().unwrap_or_default().to_owned()
        }
        None => {
            let name = last(source);
            let stem = name.strip_suffix(".wasm").or_else(|| name.strip_suffix(".wat"));
            stem.map(str::to_owned).unwrap_or(name)
        }
    };
    let plain = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_') { c } else { '-' };
    let name: String = name.chars().map(plain).collect();
    let name = name.trim_matches('-').to_owned();
    if component_name_problem(&name).is_some() { NAMELESS.to_owned() } else { name }
}

/// The text of the file `from` as it must be in the file `to`, so that its files are the same ones.
///
/// # Errors
/// If the text is not TOML.
pub fn move_to(text: &str, from: &Path, to: &Path) -> Result<String, Error> {
    let form = Form::of(text);
    let mut document = form.document()?;
    if from.parent() == to.parent() {
        return Ok(text.to_owned());
    }
    let folder = from.parent().unwrap_or(Path::new(""));
    let always: fn(&str) -> bool = |_| true;
    for (table, key, is_path) in
        [("components", "source", is_file as fn(&str) -> bool), ("volumes", "path", always)]
    {
        let Some(table) = document.get_mut(table).and_then(Item::as_table_like_mut) else { continue };
        for (_, item) in table.iter_mut() {
            move_path(item, key, folder, to, is_path);
        }
    }
    Ok(form.write(document))
}

fn move_path(item: &mut Item, key: &str, folder: &Path, to: &Path, is_path: fn(&str) -> bool) {
    let Some(table) = item.as_table_like_mut() else { return };
    let written = table.get(key).and_then(Item::as_str).map(str::to_owned);
    let Some(written) = written.filter(|text| !text.contains("://") && is_path(text)) else { return };
    let absolute: PathBuf = folder.join(&written).components().collect();
    let new_folder = to.parent().unwrap_or(Path::new(""));
    let Some(text) = relative(&absolute, new_folder).or_else(|| absolute.to_str().map(str::to_owned)) else {
        return;
    };
    settings::set(table, key, value(text));
}

/// `path` as `folder` sees it, if it is below it.
fn relative(path: &Path, folder: &Path) -> Option<String> {
    let below = path.strip_prefix(folder).ok()?;
    let parts: Option<Vec<&str>> = below.components().map(|part| part.as_os_str().to_str()).collect();
    Some(format!("./{}", parts?.join("/")))
}
