//! A source for `wac`, and the components that it names.
//!
//! `wac` looks for the package `part:NAME` in `deps/part/NAME.wasm`; the packages have a namespace of
//! their own, so that none is called as the composition is.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use indexmap::IndexMap;
use jackfield_host::export::{Mentioned, fuse};
use jackfield_protocol::{ComponentName, Exported, ExportedFile, LinkTarget};

use crate::{ExportError, Parcel, entry, first_file, runtime::Runtime, settings};

const PARTS: &str = "part";
/// Words of the language, which name nothing else.
const KEYWORDS: [&str; 45] = [
    "as",
    "async",
    "bool",
    "borrow",
    "char",
    "constructor",
    "enum",
    "export",
    "f32",
    "f64",
    "flags",
    "float32",
    "float64",
    "from",
    "func",
    "future",
    "import",
    "include",
    "interface",
    "let",
    "list",
    "map",
    "new",
    "option",
    "own",
    "package",
    "record",
    "resource",
    "result",
    "s16",
    "s32",
    "s64",
    "s8",
    "static",
    "stream",
    "string",
    "targets",
    "tuple",
    "type",
    "u16",
    "u32",
    "u64",
    "u8",
    "use",
    "world",
];

pub(crate) fn export(parcel: Parcel<'_>, entry: Option<&ComponentName>) -> Result<Exported, ExportError> {
    let Parcel { loaded, plan, .. } = parcel;
    let entry = entry::choose(parcel, entry)?;
    let runtime = Runtime::of(plan, entry);
    let names = names(&runtime.members);
    let mentioned = fuse(plan, &loaded.components, entry)?.mentioned;
    let mut files = vec![first_file(source(parcel, &names, entry, &mentioned).into_bytes())];
    for (component, name) in &names {
        let bytes = loaded.components.get(*component).map(|it| it.bytes().to_vec()).unwrap_or_default();
        files.push(ExportedFile { path: format!("deps/{PARTS}/{name}.wasm"), bytes });
    }
    let findings = settings::findings(parcel, entry, &runtime);
    let composed = format!("{}.wasm", identifier(&loaded.workload.name));
    let mut commands = vec![format!("wac compose --deps-dir FOLDER/deps -o {composed} FILE")];
    commands.extend(runtime.commands(&findings, settings::args(loaded, entry), &composed));
    Ok(Exported { files, findings, commands })
}

fn source(
    parcel: Parcel<'_>,
    names: &IndexMap<&ComponentName, String>,
    entry: &ComponentName,
    mentioned: &[Mentioned],
) -> String {
    let Parcel { loaded, plan, .. } = parcel;
    let namespace = loaded.workload.namespace.as_deref().unwrap_or("jackfield");
    let mut text = format!("package {}:{};\n", identifier(namespace), identifier(&loaded.workload.name));
    for (component, name) in names {
        // Writing to a text cannot fail.
        let _ = write!(text, "\nlet {name} = new {PARTS}:{name} {{\n");
        for link in plan.links.iter().filter(|link| link.consumer == **component) {
            let LinkTarget::Component { name: provider, export } = &link.target else { continue };
            if let Some(provider) = names.get(provider) {
                let _ = writeln!(text, "    \"{}\": {provider}[\"{export}\"],", link.import);
            }
        }
        text.push_str("    ...\n};\n");
    }
    for Mentioned { component, export, name } in mentioned {
        if let Some(provider) = component.as_ref().and_then(|component| names.get(component)) {
            let _ = write!(text, "\nexport {provider}[\"{export}\"] as \"{name}\";\n");
        }
    }
    if let Some(entry) = names.get(entry) {
        let _ = write!(text, "\nexport {entry}...;\n");
    }
    text
}

/// A name in the language for each component, no two the same.
fn names(members: &[ComponentName]) -> IndexMap<&ComponentName, String> {
    let mut taken: BTreeSet<String> = BTreeSet::new();
    let mut names = IndexMap::new();
    for member in members {
        let wanted = identifier(member.as_str());
        let numbered = (2_u32..).map(|number| format!("{wanted}-n{number}"));
        let name = std::iter::once(wanted.clone()).chain(numbered).find(|name| !taken.contains(name));
        let name = name.unwrap_or_default();
        taken.insert(name.clone());
        names.insert(member, name);
    }
    names
}

/// A text as WAC and WIT take names: words of lower-case letters and digits, each beginning with a letter.
pub(crate) fn identifier(text: &str) -> String {
    let lower = text.to_ascii_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let words = words.map(|word| match word.starts_with(|c: char| c.is_ascii_digit()) {
        true => format!("n{word}"),
        false => word.to_owned(),
    });
    let name = words.collect::<Vec<_>>().join("-");
    match name.as_str() {
        "" => "workload".to_owned(),
        keyword if is_keyword(keyword) => format!("the-{keyword}"),
        _ => name,
    }
}

/// Whether a name is a word of WAC or WIT.
pub(crate) fn is_keyword(name: &str) -> bool {
    KEYWORDS.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_words_that_mean_nothing_else() {
        for (text, expected) in [
            ("square", "square"),
            ("square-root", "square-root"),
            ("Square_2", "square-n2"),
            ("a.b", "a-b"),
            ("import", "the-import"),
            ("1", "n1"),
            ("__", "workload"),
        ] {
            assert_eq!(identifier(text), expected, "{text}");
        }
    }

    #[test]
    fn components_whose_names_differ_in_signs_alone_stay_apart() {
        let members = ["a.b", "a-b", "a_b"].map(ComponentName::from);
        let names: Vec<String> = names(&members).into_values().collect();
        assert_eq!(names, ["a-b", "a-b-n2", "a-b-n3"]);
    }
}
