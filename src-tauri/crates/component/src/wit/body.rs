//! What stands between the braces of an interface, or what types a world needs.

use std::collections::HashMap;
use std::collections::btree_map::{BTreeMap, Entry};

use jackfield_protocol::{Function, FunctionKind, FunctionTypes, TypeDef, TypeGraph, TypeId, TypeKind};

use super::indented;
use super::words::{docs, escaped, harmless, is_identifier};

/// What a name means. Names that differ in case alone are one, as in the component model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Something other than a type.
    Other,
    /// A type that no function was seen to use so far.
    Unused,
    Type(TypeId),
    Resource,
}

/// Collects types, resources and functions.
pub(super) struct Body<'a> {
    types: &'a TypeGraph,
    left_in_bytes: usize,
    names: BTreeMap<String, Meaning>,
    /// The types that were declared, in that order.
    declared: Vec<String>,
    /// How each type is written where it is used; nothing if WIT cannot say it.
    written: HashMap<TypeId, Option<String>>,
    /// Lines, every type after its parts.
    definitions: Vec<String>,
    /// In the order of their declaration, each with its methods.
    resources: Vec<(String, Vec<String>)>,
    functions: Vec<String>,
    /// What was said of each function, by its name in the binary.
    known: HashMap<String, String>,
    remarks: Vec<String>,
}

impl<'a> Body<'a> {
    /// A body in which the names that are `taken` mean no types, and types may take so much text.
    pub(super) fn new<'n>(
        types: &'a TypeGraph,
        left_in_bytes: usize,
        taken: impl Iterator<Item = &'n str>,
    ) -> Self {
        Self {
            types,
            left_in_bytes,
            names: taken.map(|name| (key(name), Meaning::Other)).collect(),
            declared: Vec::new(),
            written: HashMap::new(),
            definitions: Vec::new(),
            resources: Vec::new(),
            functions: Vec::new(),
            known: HashMap::new(),
            remarks: Vec::new(),
        }
    }

    pub(super) fn left_in_bytes(&self) -> usize {
        self.left_in_bytes
    }

    /// Says that there is a resource.
    pub(super) fn declare_resource(&mut self, name: &str) {
        if is_identifier(name) {
            let _ = self.resource(name);
        }
    }

    /// Says that there is a type, which may turn out to be a resource.
    pub(super) fn declare(&mut self, name: &str) {
        if let Entry::Vacant(place) = self.names.entry(key(name)) {
            place.insert(Meaning::Unused);
            self.declared.push(name.to_owned());
        }
    }

    /// Adds a function of the interface.
    pub(super) fn add(&mut self, function: &Function, ty: &FunctionTypes) {
        let declaration = self.declaration(function, ty);
        let text = declaration.clone().map_or_else(|| function.signature(), |(_, text)| text);
        match self.known.get(&function.name) {
            Some(known) if *known == text => return,
            // Imported in one form and exported in another.
            Some(_) => return self.remarks.push(beyond(function)),
            None => self.known.insert(function.name.clone(), text),
        };
        let Some((resource, text)) = declaration else {
            return self.remarks.push(beyond(function));
        };
        let home = match resource {
            Some(resource) => {
                self.resources.iter_mut().find(|(name, _)| name == resource).map(|(_, lines)| lines)
            }
            None => Some(&mut self.functions),
        };
        if let Some(lines) = home {
            lines.extend(docs(function.docs.as_deref()));
            lines.push(text);
        }
    }

    /// The resource that a function belongs to, if it does, and its declaration.
    fn declaration<'f>(
        &mut self,
        function: &'f Function,
        ty: &FunctionTypes,
    ) -> Option<(Option<&'f str>, String)> {
        let name = function.display_name().rsplit('.').next().filter(|name| is_identifier(name))?;
        Some(match &function.kind {
            FunctionKind::Freestanding => {
                let name = Some(function.name.as_str()).filter(|name| is_identifier(name))?;
                (None, format!("{}: {};", escaped(name), self.signature(function, ty)?))
            }
            FunctionKind::Method(resource) => {
                self.resource(resource)?;
                let (receiver, params) = ty.params.split_first()?;
                let is_self = receiver.name == "self"
                    && matches!(self.types.kind(receiver.ty), TypeKind::Borrow(of) if of == resource);
                let params = params.to_vec();
                let rest = FunctionTypes { params, result: ty.result };
                is_self.then_some(())?;
                (Some(resource), format!("{}: {};", escaped(name), self.signature(function, &rest)?))
            }
            FunctionKind::Static(resource) => {
                self.resource(resource)?;
                let signature = self.signature(function, ty)?;
                (Some(resource), format!("{}: static {signature};", escaped(name)))
            }
            FunctionKind::Constructor(resource) => {
                self.resource(resource)?;
                (Some(resource), format!("{};", self.constructor(resource, function, ty)?))
            }
        })
    }

    fn constructor(&mut self, resource: &str, function: &Function, ty: &FunctionTypes) -> Option<String> {
        let makes = |kind: &TypeKind| matches!(kind, TypeKind::Own(of) if of == resource);
        let types = self.types;
        let result = match types.kind(ty.result?) {
            kind if makes(kind) => String::new(),
            TypeKind::Result { ok: Some(ok), .. } if makes(types.kind(*ok)) => {
                format!(" -> {}", self.ty(ty.result?)?)
            }
            _ => return None,
        };
        let params = self.params(ty)?;
        (!function.is_async).then(|| format!("constructor({params}){result}"))
    }

    /// `func(a: u8) -> string`, if WIT can say it.
    pub(super) fn signature(&mut self, function: &Function, ty: &FunctionTypes) -> Option<String> {
        let params = self.params(ty)?;
        let result = match ty.result {
            Some(result) => format!(" -> {}", self.ty(result)?),
            None => String::new(),
        };
        let marker = if function.is_async { "async func" } else { "func" };
        Some(format!("{marker}({params}){result}"))
    }

    fn params(&mut self, ty: &FunctionTypes) -> Option<String> {
        let params = ty.params.iter().map(|param| {
            let ty = self.ty(param.ty)?;
            is_identifier(&param.name).then(|| format!("{}: {ty}", escaped(&param.name)))
        });
        Some(params.collect::<Option<Vec<_>>>()?.join(", "))
    }

    /// How a type is written where it is used.
    fn ty(&mut self, id: TypeId) -> Option<String> {
        let written = match self.written.get(&id) {
            Some(written) => written.clone(),
            None => {
                let written = self.named(id).or_else(|| self.anonymous(id));
                self.written.insert(id, written.clone());
                written
            }
        };
        self.pay(written?)
    }

    fn pay(&mut self, text: String) -> Option<String> {
        self.left_in_bytes = self.left_in_bytes.checked_sub(text.len() + 1)?;
        Some(text)
    }

    /// The name of a type that has one, which is defined with that.
    fn named(&mut self, id: TypeId) -> Option<String> {
        let def = self.types.get(id)?;
        let name = def.name.as_deref().filter(|name| is_identifier(name))?;
        let before = self.names.get(&key(name)).copied();
        if !matches!(before, None | Some(Meaning::Unused)) {
            return None;
        }
        self.names.insert(key(name), Meaning::Type(id));
        match self.definition(name, def) {
            Some(lines) => {
                self.definitions.extend(lines);
                Some(escaped(name))
            }
            None => {
                match before {
                    Some(meaning) => self.names.insert(key(name), meaning),
                    None => self.names.remove(&key(name)),
                };
                None
            }
        }
    }

    fn definition(&mut self, name: &str, def: &TypeDef) -> Option<Vec<String>> {
        let name = escaped(name);
        let mut lines: Vec<String> = docs(def.docs.as_deref()).collect();
        let members: Vec<(&str, Option<String>, Option<&str>)> = match &def.kind {
            TypeKind::Record(fields) => fields
                .iter()
                .map(|field| {
                    Some((
                        field.name.as_str(),
                        Some(format!(": {}", self.ty(field.ty)?)),
                        field.docs.as_deref(),
                    ))
                })
                .collect::<Option<_>>()?,
            TypeKind::Variant(cases) => cases
                .iter()
                .map(|case| {
                    let ty = match case.ty {
                        Some(ty) => Some(format!("({})", self.ty(ty)?)),
                        None => None,
                    };
                    Some((case.name.as_str(), ty, case.docs.as_deref()))
                })
                .collect::<Option<_>>()?,
            TypeKind::Enum(labels) | TypeKind::Flags(labels) => {
                labels.iter().map(|label| (label.name.as_str(), None, label.docs.as_deref())).collect()
            }
            // A plain `bucket` would be another name for the resource itself.
            TypeKind::Own(resource) => {
                lines.push(format!("type {name} = own<{}>;", self.resource(resource)?));
                return Some(lines);
            }
            kind => {
                lines.push(format!("type {name} = {};", self.structure(kind)?));
                return Some(lines);
            }
        };
        lines.push(format!("{} {name} {{", def.kind.word()));
        for (member, ty, said) in members {
            let member = Some(member).filter(|member| is_identifier(member))?;
            lines.extend(docs(said).map(|line| indented(&line)));
            lines.push(indented(&format!("{}{},", escaped(member), ty.unwrap_or_default())));
        }
        lines.push("}".to_owned());
        Some(lines)
    }

    fn anonymous(&mut self, id: TypeId) -> Option<String> {
        let types = self.types;
        self.structure(types.kind(id))
    }

    /// A type without a name; WIT has none of records and the like.
    fn structure(&mut self, kind: &TypeKind) -> Option<String> {
        Some(match kind {
            TypeKind::List(part) => format!("list<{}>", self.ty(*part)?),
            TypeKind::FixedLengthList { element, length } => {
                format!("list<{}, {length}>", self.ty(*element)?)
            }
            TypeKind::Map { key, value } => format!("map<{}, {}>", self.ty(*key)?, self.ty(*value)?),
            TypeKind::Option(part) => format!("option<{}>", self.ty(*part)?),
            TypeKind::Result { ok: None, err: None } => "result".to_owned(),
            TypeKind::Result { ok: Some(ok), err: None } => format!("result<{}>", self.ty(*ok)?),
            TypeKind::Result { ok, err: Some(err) } => {
                let ok = match ok {
                    Some(ok) => self.ty(*ok)?,
                    None => "_".to_owned(),
                };
                format!("result<{ok}, {}>", self.ty(*err)?)
            }
            TypeKind::Tuple(parts) => {
                let parts = parts.iter().map(|part| self.ty(*part)).collect::<Option<Vec<_>>>()?;
                format!("tuple<{}>", parts.join(", "))
            }
            TypeKind::Stream(Some(part)) | TypeKind::Future(Some(part)) => {
                format!("{}<{}>", kind.word(), self.ty(*part)?)
            }
            TypeKind::Own(resource) => self.resource(resource)?,
            TypeKind::Borrow(resource) => format!("borrow<{}>", self.resource(resource)?),
            TypeKind::Record(_) | TypeKind::Variant(_) | TypeKind::Enum(_) | TypeKind::Flags(_) => {
                return None;
            }
            _ => kind.word().to_owned(),
        })
    }

    /// How a resource is written; it is declared if it is not yet.
    fn resource(&mut self, name: &str) -> Option<String> {
        match self.names.get(&key(name)) {
            Some(Meaning::Resource) => {}
            None | Some(Meaning::Unused) if is_identifier(name) => {
                self.names.insert(key(name), Meaning::Resource);
                self.resources.push((name.to_owned(), Vec::new()));
            }
            _ => return None,
        }
        Some(escaped(name))
    }

    /// Types, then resources, then functions, then what WIT cannot say.
    pub(super) fn into_lines(self) -> Vec<String> {
        let mut lines = self.definitions;
        for (name, methods) in self.resources {
            if methods.is_empty() {
                lines.push(format!("resource {};", escaped(&name)));
                continue;
            }
            lines.push(format!("resource {} {{", escaped(&name)));
            lines.extend(methods.iter().map(|line| indented(line)));
            lines.push("}".to_owned());
        }
        lines.extend(self.functions);
        lines.extend(self.remarks);
        let unused = self.declared.iter().filter(|name| self.names.get(&key(name)) == Some(&Meaning::Unused));
        lines.extend(unused.map(|name| format!("// no function uses the type {}", harmless(name))));
        lines
    }
}

fn key(name: &str) -> String {
    name.to_ascii_lowercase()
}

/// A function that WIT has no words for, as a comment.
fn beyond(function: &Function) -> String {
    format!("// beyond WIT: {}", harmless(&function.signature()))
}
