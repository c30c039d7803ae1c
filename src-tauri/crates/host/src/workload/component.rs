//! `[components.NAME]`.

use std::path::Path;

use indexmap::IndexMap;

use super::permission::permissions;
use super::reader::{Field, Fields, Reader};
use super::{ComponentSpec, InstancePolicy, Limits, Source, units};

const KEYS: [&str; 7] = ["source", "config", "env", "args", "limits", "instances", "permissions"];
/// Instances of one component that are kept ready: each holds its memory while it waits.
const MAX_READY: u32 = 64;
pub(super) const OCI: &str = "oci://";

/// Reads a component's table; none if it has no usable source.
pub(super) fn spec(
    reader: &mut Reader<'_>,
    field: &Field<'_>,
    folder: &Path,
    volumes: &[&str],
) -> Option<ComponentSpec> {
    let fields = reader.table(field)?;
    reader.only(&fields, &KEYS);
    let source_field = reader.required(&fields, "source", "source = \"./component.wasm\"");
    let config = fields.get("config").map(|field| config(reader, &field)).unwrap_or_default();
    let env = fields.get("env").map(|field| env(reader, &field)).unwrap_or_default();
    let args = fields.get("args").map(|field| args(reader, &field)).unwrap_or_default();
    let limits = fields.get("limits").map(|field| limits(reader, &field)).unwrap_or_default();
    let instances = fields.get("instances").and_then(|field| instances(reader, &field)).unwrap_or_default();
    let permissions =
        fields.get("permissions").map(|field| permissions(reader, &field, volumes)).unwrap_or_default();
    let source_field = source_field?;
    let (source, source_text) = source(reader, &source_field, folder)?;
    let source_place = source_field.at().map(|at| reader.place(at));
    Some(ComponentSpec {
        source,
        source_text,
        source_place,
        config,
        env,
        args,
        limits,
        instances,
        permissions,
    })
}

fn source(reader: &mut Reader<'_>, field: &Field<'_>, folder: &Path) -> Option<(Source, String)> {
    let text = reader.string(field)?;
    let source = if let Some(reference) = text.strip_prefix(OCI) {
        Some(reference).filter(|reference| !reference.is_empty()).map(|text| Source::Oci(text.to_owned()))
    } else if text.contains("://") || text.is_empty() || text.contains('\0') {
        None
    } else if is_file(text) {
        // By way of its components, so that `./` does not stay in the middle.
        Some(Source::File(folder.join(text).components().collect()))
    } else {
        Some(Source::Alias(text.to_owned()))
    };
    if source.is_none() {
        let help =
            "a source is a file (`./square.wasm`), an OCI reference (`oci://…`) or a name in the library";
        let message = format!("`{}` is not a source: `{}`", field.path, text.escape_debug());
        reader.problem(field.at(), message, Some(help.to_owned()));
    }
    source.map(|source| (source, text.to_owned()))
}

/// Whether a source is a file: it is told from a name in the library by its separator or its ending.
#[must_use]
pub fn is_file(text: &str) -> bool {
    text.contains(['/', '\\']) || text.ends_with(".wasm") || text.ends_with(".wat")
}

fn config(reader: &mut Reader<'_>, field: &Field<'_>) -> IndexMap<String, String> {
    let pairs = reader.string_table(field).into_iter();
    pairs.map(|(field, value)| (field.key.to_owned(), value.to_owned())).collect()
}

fn env(reader: &mut Reader<'_>, field: &Field<'_>) -> IndexMap<String, String> {
    let mut env = IndexMap::new();
    for (field, value) in reader.string_table(field) {
        if field.key.is_empty() || field.key.contains(['=', '\0']) {
            let message = format!("`{}` cannot be the name of an environment variable", field.path);
            reader.problem(field.key_at, message, None);
        } else if value.contains('\0') {
            reader.problem(field.at(), format!("`{}` cannot contain a zero byte", field.path), None);
        } else {
            env.insert(field.key.to_owned(), value.to_owned());
        }
    }
    env
}

fn args(reader: &mut Reader<'_>, field: &Field<'_>) -> Vec<String> {
    let mut args = Vec::new();
    for (text, at) in reader.strings(field) {
        if text.contains('\0') {
            reader.problem(at, format!("`{}` cannot contain a zero byte", field.path), None);
        } else {
            args.push(text.to_owned());
        }
    }
    args
}

fn limits(reader: &mut Reader<'_>, field: &Field<'_>) -> Limits {
    let Some(fields) = reader.table(field) else { return Limits::default() };
    reader.only(&fields, &["memory", "time"]);
    let memory_in_bytes = quantity(reader, &fields, "memory", units::bytes, "a size such as \"64MiB\"");
    let time = quantity(reader, &fields, "time", units::duration, "a time such as \"10s\" or \"500ms\"");
    Limits { memory_in_bytes, time }
}

fn quantity<T>(
    reader: &mut Reader<'_>,
    fields: &Fields<'_>,
    key: &str,
    parse: fn(&str) -> Option<T>,
    wanted: &str,
) -> Option<T> {
    let field = fields.get(key)?;
    let quantity = field.item().as_str().and_then(parse);
    if quantity.is_none() {
        reader.problem(field.at(), format!("`{}` must be {wanted}, above 0", field.path), None);
    }
    quantity
}

fn instances(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<InstancePolicy> {
    let fields = reader.table(field)?;
    reader.only(&fields, &["policy", "size", "max_calls"]);
    let policy_field = reader.required(&fields, "policy", "policy = \"fresh\"")?;
    let policy = reader.string(&policy_field)?;
    let number = match policy {
        "fresh" => None,
        "pool" => Some(("size", "size = 4", MAX_READY)),
        "reuse" => Some(("max_calls", "max_calls = 100", u32::MAX)),
        _ => {
            let message = format!("`{}` must be \"fresh\", \"pool\" or \"reuse\"", policy_field.path);
            let help = super::name::did_you_mean(policy, ["fresh", "pool", "reuse"]);
            reader.problem(policy_field.at(), message, help);
            return None;
        }
    };
    for key in ["size", "max_calls"] {
        let belongs = number.is_some_and(|(name, ..)| name == key);
        if let Some(field) = fields.get(key).filter(|_| !belongs) {
            reader.problem(field.key_at, format!("`{}` means nothing with \"{policy}\"", field.path), None);
        }
    }
    let Some((key, example, most)) = number else { return Some(InstancePolicy::Fresh) };
    let number = reader.required(&fields, key, example)?;
    let number = reader.count(&number, 1..=most)?;
    Some(match policy {
        "pool" => InstancePolicy::Pool { size: number },
        _ => InstancePolicy::Reuse { max_calls: number },
    })
}
