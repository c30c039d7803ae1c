//! What a component is from the outside: its ports, and where it came from.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::Digest;

/// All that can be told about a component without running it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct ComponentInfo {
    /// The digest of its bytes.
    pub digest: Digest,
    /// The length of its binary, in bytes.
    pub size_in_bytes: u64,
    /// Imports first, then exports, each in the order of the binary.
    pub ports: Vec<Port>,
    /// The tools that made it, from its `producers` custom section.
    pub producers: Vec<Producer>,
}

impl ComponentInfo {
    /// The ports through which the component needs something.
    pub fn imports(&self) -> impl Iterator<Item = &Port> {
        self.ports.iter().filter(|port| port.direction == Direction::Import)
    }

    /// The ports through which the component offers something.
    pub fn exports(&self) -> impl Iterator<Item = &Port> {
        self.ports.iter().filter(|port| port.direction == Direction::Export)
    }
}

/// Which way a port faces.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum Direction {
    /// The component needs it.
    Import,
    /// The component offers it.
    Export,
}

/// One import or export of a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Port {
    /// Which way it faces.
    pub direction: Direction,
    /// The name in the binary: `wasi:cli/stdout@0.2.6`, or a plain name such as `log`.
    pub name: String,
    /// The interface that it is, where the name is a plain one of the component's choosing: a component may import an
    /// interface several times so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub implements: Option<String>,
    /// What goes through it.
    pub kind: PortKind,
    /// The interface's doc comment in WIT, if the component carries it.
    pub docs: Option<String>,
}

impl Port {
    /// The interface that it is (`namespace:package/interface@version`), or the plain name of a function or of an
    /// interface that is defined in place.
    #[must_use]
    pub fn interface(&self) -> &str {
        self.implements.as_deref().unwrap_or(&self.name)
    }

    /// The interface taken apart, if it is one with a name.
    #[must_use]
    pub fn interface_name(&self) -> Option<InterfaceName> {
        InterfaceName::parse(self.interface())
    }

    /// Whether something must provide what is imported. Types alone need nobody: each side has its
    /// own definition of a record. A resource is made by one component and must come from it.
    #[must_use]
    pub fn needs_provider(&self) -> bool {
        match &self.kind {
            PortKind::Instance { functions, resources, .. } => !functions.is_empty() || !resources.is_empty(),
            PortKind::Function(_) => true,
            PortKind::Type => false,
        }
    }

    /// The functions that can be called through the port.
    #[must_use]
    pub fn functions(&self) -> &[Function] {
        match &self.kind {
            PortKind::Instance { functions, .. } => functions,
            PortKind::Function(function) => std::slice::from_ref(function),
            PortKind::Type => &[],
        }
    }
}

/// What goes through a port.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum PortKind {
    /// An instance of an interface.
    Instance {
        /// Its functions, methods of resources included, in the order of the interface.
        functions: Vec<Function>,
        /// The names of the types that it defines, resources included.
        types: Vec<String>,
        /// Which of the types are resources.
        #[serde(default)]
        resources: Vec<String>,
    },
    /// A bare function of the component's world.
    Function(Function),
    /// A bare type of the component's world.
    Type,
}

/// A function as WIT declares it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Function {
    /// The name in the binary: `parse`, `[method]bucket.get`, `[constructor]bucket`.
    pub name: String,
    /// Whether it belongs to a resource, and how.
    pub kind: FunctionKind,
    /// Declared `async` in WIT.
    pub is_async: bool,
    /// The parameters; a method's `self` included.
    pub params: Vec<Param>,
    /// The result's type in WIT, if there is a result.
    pub result: Option<String>,
    /// The doc comment in WIT, if the component carries it.
    pub docs: Option<String>,
}

impl Function {
    /// The name as a person would say it: `bucket.get` for `[method]bucket.get`.
    #[must_use]
    pub fn display_name(&self) -> &str {
        self.name.split_once(']').map_or(self.name.as_str(), |(_, name)| name)
    }

    /// The declaration in WIT: `parse: func(text: string) -> result<u32, string>`.
    #[must_use]
    pub fn signature(&self) -> String {
        let params: Vec<String> =
            self.params.iter().map(|param| format!("{}: {}", param.name, param.ty)).collect();
        let marker = if self.is_async { "async func" } else { "func" };
        let result = self.result.as_ref().map(|ty| format!(" -> {ty}")).unwrap_or_default();
        format!("{}: {marker}({}){result}", self.display_name(), params.join(", "))
    }
}

/// How a function belongs to a resource.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case")]
pub enum FunctionKind {
    /// Not at all.
    Freestanding,
    /// Called on a handle of the named resource.
    Method(String),
    /// In the namespace of the named resource.
    Static(String),
    /// Makes a handle of the named resource.
    Constructor(String),
}

/// A parameter of a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Param {
    /// Its name in WIT.
    pub name: String,
    /// Its type in WIT.
    pub ty: String,
}

/// A tool that had a hand in making a component.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Producer {
    /// What it was: `language`, `processed-by`, `sdk`.
    pub role: String,
    /// Its name.
    pub name: String,
    /// Its version; may be empty.
    pub version: String,
}

/// The name of an interface, taken apart: `namespace:package/interface@version`.
///
/// Follows the component model's `interfacename` grammar; nested namespaces and projections are
/// not taken apart and give `None`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct InterfaceName {
    /// Before the colon: `wasi`.
    pub namespace: String,
    /// Between colon and slash: `cli`.
    pub package: String,
    /// After the slash: `stdout`.
    pub interface: String,
    /// After the at sign: `0.2.6`.
    pub version: Option<String>,
}

impl InterfaceName {
    /// Takes `name` apart, or `None` if it is a plain name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        let (path, version) = match name.split_once('@') {
            Some((path, version)) => (path, Some(version.to_owned())),
            None => (name, None),
        };
        let (namespace, rest) = path.split_once(':')?;
        let (package, interface) = rest.split_once('/')?;
        let parts = [namespace, package, interface];
        let plain = parts.iter().all(|part| !part.is_empty() && !part.contains([':', '/']));
        plain.then(|| Self {
            namespace: namespace.to_owned(),
            package: package.to_owned(),
            interface: interface.to_owned(),
            version,
        })
    }

    /// The name without its version: `wasi:cli/stdout`.
    #[must_use]
    pub fn unversioned(&self) -> String {
        format!("{}:{}/{}", self.namespace, self.package, self.interface)
    }
}

impl fmt::Display for InterfaceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}/{}", self.namespace, self.package, self.interface)?;
        self.version.as_ref().map_or(Ok(()), |version| write!(f, "@{version}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn interface_names_come_apart_and_together() {
        for name in ["wasi:cli/stdout@0.2.6", "math:ops/square", "wasi:config/store@0.2.0-rc.1"] {
            assert_eq!(InterfaceName::parse(name).expect(name).to_string(), name);
        }
        for name in ["log", "a:b", "a/b", ":b/c", "a:b/c/d", ""] {
            assert_eq!(InterfaceName::parse(name), None, "{name}");
        }
    }

    #[test]
    fn a_signature_reads_like_wit() {
        let function = Function {
            name: "[method]bucket.get".into(),
            kind: FunctionKind::Method("bucket".into()),
            is_async: false,
            params: vec![
                Param { name: "self".into(), ty: "borrow<bucket>".into() },
                Param { name: "key".into(), ty: "string".into() },
            ],
            result: Some("option<list<u8>>".into()),
            docs: None,
        };
        assert_eq!(
            function.signature(),
            "bucket.get: func(self: borrow<bucket>, key: string) -> option<list<u8>>"
        );
    }
}
