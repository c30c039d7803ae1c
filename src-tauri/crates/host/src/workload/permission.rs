//! `permissions` of a component.

use super::name::did_you_mean;
use super::reader::{Field, Fields, Reader};
use super::{Access, Permissions, VolumeGrant};
use crate::{error::ORIGIN_HELP, permission::Origin};

/// Reads what a component may reach. `volumes` are the names that `[volumes]` defines.
pub(super) fn permissions(reader: &mut Reader<'_>, field: &Field<'_>, volumes: &[&str]) -> Permissions {
    let Some(fields) = reader.table(field) else { return Permissions::default() };
    reader.only(&fields, &["network", "volumes"]);
    let network = fields.get("network").map(|field| network(reader, &field)).unwrap_or_default();
    let grants = fields.get("volumes").map(|field| grants(reader, &field, volumes)).unwrap_or_default();
    Permissions { network, volumes: grants }
}

/// Whether `permissions.network` can have this text.
#[must_use]
pub fn is_origin(text: &str) -> bool {
    Origin::parse(text).is_some()
}

fn network(reader: &mut Reader<'_>, field: &Field<'_>) -> Vec<String> {
    let mut origins = Vec::new();
    for (text, at) in reader.strings(field) {
        if Origin::parse(text).is_some() {
            origins.push(text.to_owned());
        } else {
            let message = format!("`{}` cannot grant `{}`", field.path, text.escape_debug());
            reader.problem(at, message, Some(ORIGIN_HELP.to_owned()));
        }
    }
    origins
}

fn grants(reader: &mut Reader<'_>, field: &Field<'_>, volumes: &[&str]) -> Vec<VolumeGrant> {
    let mut grants: Vec<VolumeGrant> = Vec::new();
    for fields in reader.tables(field) {
        reader.only(&fields, &["name", "at", "access"]);
        let name = volume_name(reader, &fields, volumes);
        let at = guest_path(reader, &fields, &grants);
        let access = fields.get("access").and_then(|field| access(reader, &field)).unwrap_or_default();
        if let (Some(name), Some(at)) = (name, at) {
            grants.push(VolumeGrant { name, at, access });
        }
    }
    grants
}

fn volume_name(reader: &mut Reader<'_>, fields: &Fields<'_>, volumes: &[&str]) -> Option<String> {
    let field = reader.required(fields, "name", "name = \"data\"")?;
    let name = reader.string(&field)?;
    if volumes.contains(&name) {
        return Some(name.to_owned());
    }
    let message = format!("there is no volume `{}`", name.escape_debug());
    let help = did_you_mean(name, volumes.iter().copied())
        .unwrap_or_else(|| "add it to [volumes]: data = { path = \"./data\" }".to_owned());
    reader.problem(field.at(), message, Some(help));
    None
}

fn guest_path(reader: &mut Reader<'_>, fields: &Fields<'_>, grants: &[VolumeGrant]) -> Option<String> {
    let field = reader.required(fields, "at", "at = \"/data\"")?;
    let at = reader.string(&field)?;
    let problem = if !at.starts_with('/') || at.contains('\0') {
        format!("`{}` must be an absolute path as the component sees it, such as \"/data\"", field.path)
    } else if grants.iter().any(|grant| grant.at == at) {
        format!("another volume is already at `{}`", at.escape_debug())
    } else {
        return Some(at.to_owned());
    };
    reader.problem(field.at(), problem, None);
    None
}

fn access(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Access> {
    match reader.string(field)? {
        "read" => Some(Access::Read),
        "write" => Some(Access::Write),
        other => {
            let help = did_you_mean(other, ["read", "write"])
                .unwrap_or_else(|| "\"write\" includes reading".to_owned());
            reader.problem(field.at(), format!("`{}` must be \"read\" or \"write\"", field.path), Some(help));
            None
        }
    }
}
