//! Types as WIT writes them where they are mentioned, and where they are declared.

use std::collections::{HashMap, HashSet};

use jackfield_protocol::{TypeGraph, TypeId, TypeKind};

use super::ink::Ink;
use super::words::{docs, identifier};

/// The names that hold in one interface, or in the world.
#[derive(Default)]
pub(super) struct Scope<'a> {
    types: HashMap<&'a str, TypeId>,
    resources: HashSet<&'a str>,
}

impl<'a> Scope<'a> {
    /// From here on, the type can be called by this name.
    pub(super) fn add_type(&mut self, name: &'a str, id: TypeId) {
        self.types.insert(name, id);
    }

    /// From here on, the resource can be called by this name.
    pub(super) fn add_resource(&mut self, name: &'a str) {
        self.resources.insert(name);
    }

    /// Whether there is a type or a resource of this name.
    pub(super) fn has(&self, name: &str) -> bool {
        self.types.contains_key(name) || self.resources.contains(name)
    }
}

/// A text in the making, which is WIT as long as nothing came that WIT cannot say.
pub(super) struct Draft<'a, 'b> {
    pub(super) types: &'a TypeGraph,
    pub(super) scope: &'b Scope<'a>,
    pub(super) ink: &'b mut Ink,
    pub(super) text: String,
    pub(super) is_wit: bool,
}

impl Draft<'_, '_> {
    pub(super) fn put(&mut self, text: &str) {
        if self.ink.take(text.len()) {
            self.text.push_str(text);
        }
    }

    /// A name, with `%` where it is a keyword.
    pub(super) fn name(&mut self, name: &str) {
        match identifier(name) {
            Some(name) => self.put(&name),
            None => {
                self.is_wit = false;
                self.put(name);
            }
        }
    }

    /// A type by its name if it has one here, and written out otherwise.
    pub(super) fn mention(&mut self, id: TypeId) {
        // Parts can be shared, so that the walk could take longer than the text is worth.
        if self.ink.is_dry() {
            return;
        }
        let Some(def) = self.types.get(id) else { return };
        match (&def.name, &def.kind) {
            (Some(name), _) if self.scope.types.get(name.as_str()) == Some(&id) => self.name(name),
            (None, TypeKind::Own(resource)) => self.resource(resource),
            (_, kind) => self.written_out(kind),
        }
    }

    fn resource(&mut self, name: &str) {
        self.is_wit &= self.scope.resources.contains(name);
        self.name(name);
    }

    /// A type without its name. Records and the like can only be declared, so those are no WIT here.
    pub(super) fn written_out(&mut self, kind: &TypeKind) {
        match kind {
            TypeKind::List(element) => self.generic("list", &[Some(*element)]),
            TypeKind::Option(some) => self.generic("option", &[Some(*some)]),
            TypeKind::Map { key, value } => self.generic("map", &[Some(*key), Some(*value)]),
            TypeKind::Result { ok, err } => self.generic("result", &[*ok, *err]),
            TypeKind::Stream(part) => self.generic("stream", &[*part]),
            TypeKind::Future(part) => self.generic("future", &[*part]),
            TypeKind::Tuple(parts) => {
                let parts: Vec<_> = parts.iter().copied().map(Some).collect();
                self.generic("tuple", &parts);
            }
            TypeKind::FixedLengthList { element, length } => {
                self.put("list<");
                self.mention(*element);
                self.put(&format!(", {length}>"));
            }
            TypeKind::Own(resource) | TypeKind::Borrow(resource) => {
                self.put(kind.word());
                self.put("<");
                self.resource(resource);
                self.put(">");
            }
            TypeKind::Record(_) | TypeKind::Variant(_) | TypeKind::Enum(_) | TypeKind::Flags(_) => {
                self.is_wit = false;
                self.put(kind.word());
                self.put(" { ");
                for (index, member) in Member::all(kind).iter().enumerate() {
                    self.put(if index == 0 { "" } else { ", " });
                    self.member(member);
                }
                self.put(" }");
            }
            leaf => self.put(leaf.word()),
        }
    }

    /// `name<a, b>`: arguments that are missing at the end are left out, others are `_`.
    fn generic(&mut self, name: &str, arguments: &[Option<TypeId>]) {
        self.put(name);
        let present = arguments.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        for (index, argument) in arguments.iter().take(present).enumerate() {
            self.put(if index == 0 { "<" } else { ", " });
            match argument {
                Some(ty) => self.mention(*ty),
                None => self.put("_"),
            }
        }
        if present > 0 {
            self.put(">");
        }
    }

    fn member(&mut self, member: &Member<'_>) {
        self.name(member.name);
        if let Some(ty) = member.ty {
            self.put(member.before);
            self.mention(ty);
            self.put(member.after);
        }
    }

    /// `record name { … }` and the like on lines of their own; `type name = …;` of anything else.
    pub(super) fn declaration(&mut self, name: &str, kind: &TypeKind) {
        let members = Member::all(kind);
        if members.is_empty() {
            self.put("type ");
            self.name(name);
            self.put(" = ");
            self.written_out(kind);
            self.put(";");
            return;
        }
        self.put(kind.word());
        self.put(" ");
        self.name(name);
        self.put(" {\n");
        for member in &members {
            let docs = docs(member.docs, "    ///");
            self.put(&docs);
            self.put("    ");
            self.member(member);
            self.put(",\n");
        }
        self.put("}");
    }
}

/// A field, a case or a label.
struct Member<'a> {
    name: &'a str,
    before: &'static str,
    ty: Option<TypeId>,
    after: &'static str,
    docs: Option<&'a str>,
}

impl<'a> Member<'a> {
    /// The members of a type; none of types that have no members with names.
    fn all(kind: &'a TypeKind) -> Vec<Self> {
        let member = |name: &'a String, ty, docs: &'a Option<String>| Self {
            name,
            before: if matches!(kind, TypeKind::Record(_)) { ": " } else { "(" },
            ty,
            after: if matches!(kind, TypeKind::Record(_)) { "" } else { ")" },
            docs: docs.as_deref(),
        };
        match kind {
            TypeKind::Record(fields) => {
                fields.iter().map(|field| member(&field.name, Some(field.ty), &field.docs)).collect()
            }
            TypeKind::Variant(cases) => {
                cases.iter().map(|case| member(&case.name, case.ty, &case.docs)).collect()
            }
            TypeKind::Enum(labels) | TypeKind::Flags(labels) => {
                labels.iter().map(|label| member(&label.name, None, &label.docs)).collect()
            }
            _ => Vec::new(),
        }
    }
}
