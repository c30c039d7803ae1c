//! Which exported functions are tools, and what the tools are called.
//!
//! A tool's name must not change when something else in the workload does, because people put names
//! into prompts and permissions. So it is made of the function's own names alone, and only names that
//! would be equal are told apart by more of them.

use std::collections::HashMap;

use jackfield_protocol::{ComponentInfo, Function, Port, PortKind};
use sha2::{Digest as _, Sha256};

/// MCP allows 128 characters; many clients allow 64.
pub const MAX_TOOL_NAME_IN_CHARS: usize = 64;

/// Between the parts of a name. MCP allows `.` as well, many clients do not; and no WIT name has `_`.
const SEPARATOR: &str = "_";
/// Hexadecimal digits of the digest that tells apart what has no other difference.
const DIGEST_IN_CHARS: usize = 8;

/// A function of a workload's component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct ToolSource<'a> {
    /// What the workload calls the component.
    pub component: &'a str,
    /// The interface that holds the function, as the port is called; none for a bare function.
    pub interface: Option<&'a str>,
    /// The function's name in the binary.
    pub function: &'a str,
}

/// The functions that a component offers to callers, with their ports: all but those that toolchains
/// export for themselves.
pub fn exported_functions(info: &ComponentInfo) -> impl Iterator<Item = (&Port, &Function)> {
    info.exports()
        .filter(|port| !is_of_toolchain(info, port))
        .flat_map(|port| port.functions().iter().map(move |function| (port, function)))
}

/// Whether an export is one that a toolchain has left behind, which it has called itself while it made the component:
/// the instance `exports` of `componentize-py`, and the function `init` of `componentize-qjs`. They are known by all
/// that they are, so that nobody's own function is taken for one.
#[must_use]
pub fn is_of_toolchain(info: &ComponentInfo, port: &Port) -> bool {
    let [init] = port.functions() else { return false };
    let params: Vec<&str> = init.params.iter().map(|param| param.name.as_str()).collect();
    let types: Vec<&str> = init.params.iter().map(|param| param.ty.as_str()).collect();
    init.name == "init"
        && match &port.kind {
            PortKind::Instance { .. } => {
                port.name == "exports" && params == ["app-name", "symbols", "stub-wasi"]
            }
            _ => {
                params == ["shim", "script", "entry-path", "disable-gc"]
                    && types == ["string", "string", "option<string>", "bool"]
                    && init.result.as_deref() == Some("result<_, string>")
                    && info.producers.iter().any(|producer| producer.name == "Rust")
            }
        }
}

/// The names of tools, one for each of `sources` and no two alike, also to clients that do not tell
/// capitals from small letters. They are made of ASCII letters, digits, `-` and `_`, and are at most
/// [`MAX_TOOL_NAME_IN_CHARS`] long.
///
/// The order of `sources` does not matter, and what no other would be called does not depend on others:
///
/// | what | is called |
/// |---|---|
/// | `cube` of `math:ops/powers@1.0.0` in `calculator` | `calculator_powers_cube` |
/// | the same, where the workload has it of version 2 too | `calculator_math-ops-powers-1-0-0_cube` |
/// | `[static]file.open` of `disk:io/files` in `disk` | `disk_files_file-open` |
/// | `square` of `math:ops/square` in `square` | `square` |
#[must_use]
pub fn tool_names(sources: &[ToolSource<'_>]) -> Vec<String> {
    let mut names: Vec<String> = sources.iter().map(short_name).collect();
    rename_doubles(&mut names, sources, long_name);
    rename_doubles(&mut names, sources, name_with_digest);
    // Only the same function twice is left, or what somebody took pains to name alike.
    let mut taken: HashMap<String, usize> = HashMap::new();
    for name in &mut names {
        let count = taken.entry(name.to_ascii_lowercase()).or_insert(0);
        *count += 1;
        if *count > 1 {
            let number = format!("{SEPARATOR}{count}");
            name.truncate(MAX_TOOL_NAME_IN_CHARS.saturating_sub(number.len()));
            name.push_str(&number);
        }
    }
    names
}

/// Gives another name to each of those that have the same.
fn rename_doubles(
    names: &mut [String],
    sources: &[ToolSource<'_>],
    rename: impl Fn(&ToolSource<'_>) -> String,
) {
    let mut counts: HashMap<String, usize> = HashMap::new();
    for name in names.iter() {
        *counts.entry(name.to_ascii_lowercase()).or_insert(0) += 1;
    }
    for (name, source) in names.iter_mut().zip(sources) {
        if counts.get(&name.to_ascii_lowercase()).is_some_and(|count| *count > 1) {
            *name = rename(source);
        }
    }
}

/// Component, the interface's last part, function; of equal neighbours one.
fn short_name(source: &ToolSource<'_>) -> String {
    let interface = source.interface.map(|name| {
        let unversioned = name.split_once('@').map_or(name, |(name, _)| name);
        unversioned.rsplit_once('/').map_or(unversioned, |(_, last)| last)
    });
    let mut parts: Vec<String> =
        [Some(source.component), interface].into_iter().flatten().map(plain).collect();
    parts.push(function_part(source));
    parts.dedup();
    fitting(&parts.join(SEPARATOR), source)
}

/// With the interface's whole name, and every part.
fn long_name(source: &ToolSource<'_>) -> String {
    let parts = [Some(plain(source.component)), source.interface.map(plain), Some(function_part(source))];
    fitting(&parts.into_iter().flatten().collect::<Vec<_>>().join(SEPARATOR), source)
}

/// A method is called by its resource and its own name, a constructor by its resource and `new`.
fn function_part(source: &ToolSource<'_>) -> String {
    let name = source.function;
    match name.strip_prefix("[constructor]") {
        Some(resource) => plain(&format!("{resource}-new")),
        None => plain(name.split_once(']').map_or(name, |(_, name)| name)),
    }
}

/// A name that is too long is cut and gets the digest instead of its end.
fn fitting(name: &str, source: &ToolSource<'_>) -> String {
    if name.len() > MAX_TOOL_NAME_IN_CHARS { name_with_digest(source) } else { name.to_owned() }
}

/// Component and function as far as there is room, and the digest of all three names.
fn name_with_digest(source: &ToolSource<'_>) -> String {
    let room = MAX_TOOL_NAME_IN_CHARS - DIGEST_IN_CHARS - SEPARATOR.len();
    let mut function = function_part(source);
    function.truncate(room);
    let mut name = plain(source.component);
    name.truncate(room.saturating_sub(function.len() + SEPARATOR.len()));
    if !name.is_empty() {
        name.push_str(SEPARATOR);
    }
    format!("{name}{function}{SEPARATOR}{}", digest(source))
}

fn digest(source: &ToolSource<'_>) -> String {
    let mut hasher = Sha256::new();
    for part in [Some(source.component), source.interface, Some(source.function)] {
        hasher.update(part.unwrap_or_default());
        hasher.update([0]);
    }
    let mut digits: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    digits.truncate(DIGEST_IN_CHARS);
    digits
}

/// A name in the characters that every client allows.
fn plain(name: &str) -> String {
    let allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    name.chars().map(|c| if allowed(c) { c } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source<'a>(component: &'a str, interface: &'a str, function: &'a str) -> ToolSource<'a> {
        ToolSource { component, interface: Some(interface).filter(|name| !name.is_empty()), function }
    }

    #[test]
    fn names_by_example() {
        for (component, interface, function, expected) in [
            ("calculator", "math:ops/powers@1.0.0", "cube", "calculator_powers_cube"),
            ("square", "math:ops/square", "square", "square"),
            ("calculator", "math:ops/square", "square", "calculator_square"),
            ("disk", "disk:io/files", "[static]file.open", "disk_files_file-open"),
            ("disk", "disk:io/files", "[method]file.read", "disk_files_file-read"),
            ("disk", "disk:io/files", "[constructor]file", "disk_files_file-new"),
            ("log", "", "write", "log_write"),
            ("a.b", "plain", "f", "a-b_plain_f"),
            ("größe", "", "f", "gr--e_f"),
        ] {
            assert_eq!(tool_names(&[source(component, interface, function)]), [expected]);
        }
    }

    #[test]
    fn collisions_are_told_apart_without_the_help_of_order() {
        let sources = [
            source("c", "a:b/i@1.0.0", "f"),
            source("c", "a:b/i@2.0.0", "f"),
            source("c", "a:b/j", "f"),
            source("a.b", "", "f"),
            source("a-b", "", "f"),
            source("A-b", "", "f"),
        ];
        let names = tool_names(&sources);
        assert_eq!(names[..3], ["c_a-b-i-1-0-0_f", "c_a-b-i-2-0-0_f", "c_j_f"]);
        assert!(names[3].starts_with("a-b_f_") && names[4].starts_with("a-b_f_"), "{names:?}");
        let mut reversed = sources;
        reversed.reverse();
        let mut again = tool_names(&reversed);
        again.reverse();
        assert_eq!(again, names);
    }

    #[test]
    fn long_names_are_cut_and_stay_different() {
        let long = "long-".repeat(20);
        let (one, two) = (format!("{long}1"), format!("{long}2"));
        let sources =
            [source(&one, "i", "f"), source(&two, "i", "f"), source("c", "i", &one), source("c", "i", &two)];
        let names = tool_names(&sources);
        assert!(names.iter().all(|name| name.len() <= MAX_TOOL_NAME_IN_CHARS), "{names:?}");
        assert!(names[0].contains("_f_"), "the function's name stays: {names:?}");
    }
}
