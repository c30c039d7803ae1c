//! `[volumes]` and `[host]`: what lies around the components.

use std::path::Path;

use indexmap::IndexMap;
use toml_edit::{Item, TableLike, Value};

use super::name::plain_name_problem;
use super::reader::{Field, Fields, Reader};
use super::{PlacedSetting, PluginSettings, Setting, VolumeSpec};

/// Reads `[volumes]`.
pub(super) fn volumes(
    reader: &mut Reader<'_>,
    field: &Field<'_>,
    folder: &Path,
) -> IndexMap<String, VolumeSpec> {
    let mut volumes = IndexMap::new();
    let table = reader.table(field);
    for field in table.iter().flat_map(Fields::iter) {
        if let Some(problem) = plain_name_problem("volume", field.key) {
            reader.problem(field.key_at, problem, None);
        }
        if let Some(volume) = volume(reader, &field, folder) {
            volumes.insert(field.key.to_owned(), volume);
        }
    }
    volumes
}

fn volume(reader: &mut Reader<'_>, field: &Field<'_>, folder: &Path) -> Option<VolumeSpec> {
    let fields = reader.table(field)?;
    reader.only(&fields, &["path", "temporary"]);
    let path = match fields.get("path") {
        Some(field) => {
            let text = reader.string(&field)?;
            if text.is_empty() || text.contains('\0') {
                reader.problem(field.at(), format!("`{}` is not a path", field.path), None);
                return None;
            }
            Some(folder.join(text))
        }
        None => None,
    };
    let temporary = match fields.get("temporary") {
        Some(field) => reader.boolean(&field)?,
        None => false,
    };
    match (path, temporary) {
        (Some(path), false) => Some(VolumeSpec::Path(path)),
        (None, true) => Some(VolumeSpec::Temporary),
        _ => {
            let message = format!("`{}` must have either `path` or `temporary = true`", field.path);
            reader.problem(field.key_at, message, None);
            None
        }
    }
}

/// Reads `[host]`: for each plugin a table whose content the plugin understands.
pub(super) fn host(reader: &mut Reader<'_>, field: &Field<'_>) -> IndexMap<String, PluginSettings> {
    let mut plugins = IndexMap::new();
    let table = reader.table(field);
    for field in table.iter().flat_map(Fields::iter) {
        let Some(fields) = reader.table(&field) else { continue };
        let place = field.key_at.map(|at| reader.place(at));
        let mut settings = PluginSettings { place, values: IndexMap::new() };
        for setting_field in fields.iter() {
            match setting(setting_field.item()) {
                Some(value) => {
                    let place = setting_field.at().map(|at| reader.place(at));
                    settings.values.insert(setting_field.key.to_owned(), PlacedSetting { value, place });
                }
                None => {
                    let message = format!("`{}` contains a date or a time", setting_field.path);
                    let help = "put it in quotes: settings have no dates".to_owned();
                    reader.problem(setting_field.at(), message, Some(help));
                }
            }
        }
        plugins.insert(field.key.to_owned(), settings);
    }
    plugins
}

/// The value as a setting; none if there is a date or a time in it. TOML's parser bounds how deep
/// values are nested.
fn setting(item: &Item) -> Option<Setting> {
    match item {
        Item::None => None,
        Item::Value(value) => value_setting(value),
        Item::Table(table) => table_setting(table),
        Item::ArrayOfTables(tables) => {
            tables.iter().map(|table| table_setting(table)).collect::<Option<_>>().map(Setting::List)
        }
    }
}

fn value_setting(value: &Value) -> Option<Setting> {
    Some(match value {
        Value::String(text) => Setting::Text(text.value().clone()),
        Value::Integer(number) => Setting::Integer(*number.value()),
        Value::Float(number) => Setting::Number(*number.value()),
        Value::Boolean(flag) => Setting::Flag(*flag.value()),
        Value::Datetime(_) => return None,
        Value::Array(array) => Setting::List(array.iter().map(value_setting).collect::<Option<_>>()?),
        Value::InlineTable(table) => return table_setting(table),
    })
}

fn table_setting(table: &dyn TableLike) -> Option<Setting> {
    let settings = table.iter().map(|(key, item)| Some((key.to_owned(), setting(item)?)));
    settings.collect::<Option<_>>().map(Setting::Table)
}
