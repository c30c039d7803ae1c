//! Doc comments: the custom section `jackfield:package-docs`.
//!
//! A component's binary has no place for the doc comments of its WIT. `wit-parser` defines a section
//! that carries those of one package (`metadata.rs` there: a version byte, then JSON), and writes it
//! into encoded WIT packages as `package-docs`. In a component, the same content under a name of our
//! own documents the package of the interfaces that the component exports (under the original name,
//! tools over wit-parser would refuse the component). Docs are a kindness to the reader, so what
//! cannot be understood is passed over: the section never makes a component unreadable.

use std::cmp::Reverse;
use std::collections::HashMap;

use jackfield_protocol::{Direction, InterfaceName, Port, PortKind};
use serde_json::Value;

/// The docs of one WIT package.
pub(crate) struct PackageDocs(Value);

impl PackageDocs {
    /// The section's name.
    pub(crate) const SECTION: &'static str = "jackfield:package-docs";

    /// Reads the section's content; none if it is of an unknown version or broken.
    pub(crate) fn parse(section: &[u8]) -> Option<Self> {
        match section.split_first()? {
            (0 | 1, json) => serde_json::from_slice(json).ok().map(Self),
            _ => None,
        }
    }

    /// Puts the docs where they belong: on the ports of the documented package, imported or
    /// exported, and on bare functions, which belong to a world of that package.
    pub(crate) fn attach(&self, ports: &mut [Port]) {
        let package = self.package(ports);
        let imported_functions = self.world_functions(&["funcs"]);
        // `funcs` holds exports too, unless there is an import of the same name.
        let exported_functions = self.world_functions(&["func_exports", "funcs"]);
        for port in ports {
            let interface = port.interface_name();
            let Port { kind, docs, direction, .. } = port;
            match kind {
                PortKind::Instance { functions, .. } => {
                    let interface = interface
                        .filter(|name| package.as_ref() == Some(&package_of(name)))
                        .and_then(|name| self.interface(&name));
                    let Some(interface) = interface else { continue };
                    *docs = docs_of(interface);
                    for function in functions {
                        function.docs = interface
                            .get("funcs")
                            .and_then(|functions| functions.get(&function.name))
                            .and_then(docs_of);
                    }
                }
                PortKind::Function(function) => {
                    let known = match direction {
                        Direction::Import => &imported_functions,
                        Direction::Export => &exported_functions,
                    };
                    function.docs = known.get(function.name.as_str()).cloned();
                    docs.clone_from(&function.docs);
                }
                PortKind::Type => {}
            }
        }
    }

    /// The docs of types, of the package that the docs are about.
    pub(crate) fn types(&self, ports: &[Port]) -> TypeDocs<'_> {
        TypeDocs { docs: self, package: self.package(ports) }
    }

    /// The package that the docs are about. The section does not name it: it is the package of which
    /// the component exports the most documented interfaces, and of several the first.
    fn package(&self, ports: &[Port]) -> Option<Package> {
        let mut counts: HashMap<Package, (usize, Reverse<usize>)> = HashMap::new();
        for (index, port) in ports.iter().enumerate() {
            let Some(name) = port.interface_name() else { continue };
            if port.direction == Direction::Export && self.interface(&name).is_some() {
                counts.entry(package_of(&name)).or_insert((0, Reverse(index))).0 += 1;
            }
        }
        counts.into_iter().max_by_key(|(_, rank)| *rank).map(|(package, _)| package)
    }

    fn interface(&self, name: &InterfaceName) -> Option<&Value> {
        self.0.get("interfaces")?.get(&name.interface)
    }

    /// The docs of bare functions, found under `keys` in each of the package's worlds: a binary does
    /// not tell its world's name.
    fn world_functions(&self, keys: &[&str]) -> HashMap<&str, String> {
        let mut functions = HashMap::new();
        let worlds = self.0.get("worlds").and_then(Value::as_object);
        for world in worlds.into_iter().flat_map(|worlds| worlds.values()) {
            for key in keys {
                let documented = world.get(key).and_then(Value::as_object);
                for (name, entry) in documented.into_iter().flatten() {
                    if let Some(docs) = docs_of(entry) {
                        functions.entry(name.as_str()).or_insert(docs);
                    }
                }
            }
        }
        functions
    }
}

/// The docs of the types in one package's interfaces.
pub(crate) struct TypeDocs<'a> {
    docs: &'a PackageDocs,
    package: Option<Package>,
}

impl<'a> TypeDocs<'a> {
    /// What is said about a type of the interface `port`.
    pub(crate) fn get(&self, port: &str, name: &str) -> Option<DocumentedType<'a>> {
        let interface =
            InterfaceName::parse(port).filter(|name| self.package.as_ref() == Some(&package_of(name)))?;
        self.docs.interface(&interface)?.get("types")?.get(name).map(DocumentedType)
    }
}

/// What is said about a type.
#[derive(Clone, Copy)]
pub(crate) struct DocumentedType<'a>(&'a Value);

impl DocumentedType<'_> {
    /// The type's doc comment.
    pub(crate) fn docs(self) -> Option<String> {
        docs_of(self.0)
    }

    /// The doc comment of a field, a case or a flag.
    pub(crate) fn docs_of_item(self, name: &str) -> Option<String> {
        self.0.get("items")?.get(name)?.as_str().map(str::to_owned)
    }
}

/// Namespace, name and version of a package.
type Package = (String, String, Option<String>);

fn package_of(name: &InterfaceName) -> Package {
    (name.namespace.clone(), name.package.clone(), name.version.clone())
}

/// The docs of an interface or a function. Version 0 had a plain string for a function.
fn docs_of(item: &Value) -> Option<String> {
    item.as_str().or_else(|| item.get("docs")?.as_str()).map(str::to_owned)
}
