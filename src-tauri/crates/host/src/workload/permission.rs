//! `permissions` of a component.

use super::name::did_you_mean;
use super::reader::{Field, Fields, Reader};
use super::{Access, Permissions, VolumeGrant};

/// Reads what a component may reach. `volumes` are the names that `[volumes]` defines.
pub(super) fn permissions(reader: &mut Reader<'_>, field: &Field<'_>, volumes: &[&str]) -> Permissions {
    let Some(fields) = reader.table(field) else { return Permissions::default() };
    reader.only(&fields, &["network", "volumes"]);
    let network = fields.get("network").map(|field| network(reader, &field)).unwrap_or_default();
    let grants = fields.get("volumes").map(|field| grants(reader, &field, volumes)).unwrap_or_default();
    Permissions { network, volumes: grants }
}

fn network(reader: &mut Reader<'_>, field: &Field<'_>) -> Vec<String> {
    let mut origins = Vec::new();
    for (text, at) in reader.strings(field) {
        if is_origin(text) {
            origins.push(text.to_owned());
        } else {
            let message = format!("`{}` cannot grant `{}`", field.path, text.escape_debug());
            let help = "name a scheme, a host and, if it matters, a port: \"https://api.example.com:8443\"";
            reader.problem(at, message, Some(help.to_owned()));
        }
    }
    origins
}

/// `scheme://host` or `scheme://host:port`, and nothing after it: a path would look as if only that
/// path were granted.
fn is_origin(text: &str) -> bool {
    let Some((scheme, authority)) = text.split_once("://") else { return false };
    let (host, port) = match authority.rsplit_once(':') {
        // The colons of `[::1]` do not begin a port.
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_lowercase())
        && scheme.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || "+-.".contains(c));
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_host = match bare {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => !host.is_empty() && host.chars().all(|c| c.is_ascii_alphanumeric() || "-._*".contains(c)),
    };
    let is_port = port.is_none_or(|port| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0)
    });
    is_scheme && is_host && is_port
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

#[cfg(test)]
mod tests {
    use super::is_origin;

    #[test]
    fn a_grant_is_an_origin_and_no_more() {
        for origin in
            ["https://api.example.com", "http://localhost:8080", "tcp://[::1]:5432", "https://*.example.com"]
        {
            assert!(is_origin(origin), "{origin}");
        }
        for other in [
            "api.example.com",
            "https://",
            "https://a/b",
            "https://a:0",
            "https://a:65536",
            "https://a:+1",
            "https://user@a",
            "https://[zz]",
            "HTTPS://a",
            "https://a b",
        ] {
            assert!(!is_origin(other), "{other}");
        }
    }
}
