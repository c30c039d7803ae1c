//! Sorts what a component declares into the world and the interfaces.

use std::collections::{HashMap, HashSet};

use jackfield_protocol::{Direction, Function, FunctionKind, FunctionTypes, Port, PortKind};

use super::body::Body;
use super::functions::{declare, declare_type, is_of_kind};
use super::ink::Ink;
use super::page::Page;
use super::types::{Draft, Scope};
use super::words::{InterfacePath, comment, docs, identifier};
use crate::Component;
use crate::exported::{ExportedType, Origin, Shape};

/// An interface of a package.
pub(super) struct Interface {
    pub(super) path: InterfacePath,
    pub(super) docs: String,
    pub(super) body: Body,
}

/// All that a component declares.
pub(super) struct Outline<'a> {
    component: &'a Component,
    ink: Ink,
    /// The names of the world's own types.
    world: Scope<'a>,
    pub(super) imports: Body,
    pub(super) exports: Body,
    /// In the order in which the component names them first.
    pub(super) interfaces: Vec<Interface>,
    by_path: HashMap<String, usize>,
    /// Interfaces and the types in them that `use` can name.
    usable: HashSet<(String, &'a str)>,
}

/// Where a declaration is: the port's place, and its interface.
#[derive(Clone, Copy)]
struct Place<'b> {
    port: usize,
    path: Option<&'b InterfacePath>,
}

impl<'a> Outline<'a> {
    pub(super) fn of(component: &'a Component) -> Self {
        let mut outline = Self {
            component,
            ink: Ink::new(),
            world: Scope::default(),
            imports: Body::default(),
            exports: Body::default(),
            interfaces: Vec::new(),
            by_path: HashMap::new(),
            usable: HashSet::new(),
        };
        for (index, port) in component.info().ports.iter().enumerate() {
            match &port.kind {
                PortKind::Instance { functions, .. } => outline.instance(index, port, functions),
                PortKind::Function(function) => outline.bare_function(index, port, function),
                PortKind::Type => outline.bare_type(index, port),
            }
        }
        outline
    }

    /// Whether something had to be left out.
    pub(super) fn is_cut(&self) -> bool {
        self.ink.is_dry()
    }

    fn instance(&mut self, index: usize, port: &'a Port, functions: &'a [Function]) {
        let path = InterfacePath::of_port(&port.name);
        let known = path.as_ref().and_then(|path| self.by_path.get(&path.full()).copied());
        let known = known.and_then(|index| self.interfaces.get_mut(index));
        let mut body = known.map(|interface| std::mem::take(&mut interface.body)).unwrap_or_default();
        let mut scope = Scope::default();
        let place = Place { port: index, path: path.as_ref() };
        for ty in self.component.exported_types(index) {
            self.declare(ty, place, &mut scope, &mut body);
        }
        for (function, types) in functions.iter().zip(self.component.function_types(index)) {
            self.function("", function, types, &scope, &mut body);
        }
        match path {
            Some(path) => self.interface(port, path, body),
            None => self.inline_interface(port, body),
        }
    }

    fn interface(&mut self, port: &Port, path: InterfacePath, body: Body) {
        let full = path.full();
        self.side(port.direction).add(&full, format!("{} {full};", word(port.direction)));
        if let Some(known) = self.by_path.get(&full).and_then(|index| self.interfaces.get_mut(*index)) {
            known.body = body;
            return;
        }
        let docs = docs(port.docs.as_deref(), "///");
        let docs = if self.ink.take(docs.len()) { docs } else { String::new() };
        self.by_path.insert(full, self.interfaces.len());
        self.interfaces.push(Interface { path, docs, body });
    }

    /// An interface without a package, whose place is the world.
    fn inline_interface(&mut self, port: &Port, body: Body) {
        let word = word(port.direction);
        let side = self.side(port.direction);
        match identifier(&port.name) {
            Some(name) => side.add_inline(&port.name, format!("{word} {name}: interface"), body),
            None => {
                let mut page = Page::new();
                page.block(&format!("{word} {}: interface", port.name), |page| body.print(page));
                side.remark(&page.finish(false));
            }
        }
    }

    fn side(&mut self, direction: Direction) -> &mut Body {
        match direction {
            Direction::Import => &mut self.imports,
            Direction::Export => &mut self.exports,
        }
    }

    fn bare_function(&mut self, index: usize, port: &'a Port, function: &'a Function) {
        let component = self.component;
        let Some(types) = component.function_types(index).first() else { return };
        let scope = std::mem::take(&mut self.world);
        let mut body = std::mem::take(self.side(port.direction));
        let prefix = format!("{} ", word(port.direction));
        self.function(&prefix, function, types, &scope, &mut body);
        *self.side(port.direction) = body;
        self.world = scope;
    }

    fn bare_type(&mut self, index: usize, port: &'a Port) {
        let component = self.component;
        let Some(ty) = component.exported_types(index).first() else { return };
        let mut scope = std::mem::take(&mut self.world);
        match port.direction {
            Direction::Import => {
                let mut body = std::mem::take(&mut self.imports);
                self.declare(ty, Place { port: index, path: None }, &mut scope, &mut body);
                self.imports = body;
            }
            Direction::Export => {
                let (text, _) = self.declaration(ty, index, &scope);
                self.exports.remark(&format!("A world of WIT cannot export a type:\n{text}"));
            }
        }
        self.world = scope;
    }

    fn declare(&mut self, ty: &'a ExportedType, place: Place<'_>, scope: &mut Scope<'a>, body: &mut Body) {
        let alias = ty.origin.as_ref().and_then(|origin| self.alias(ty, origin, place, scope));
        let is_alias = alias.is_some();
        let (text, is_wit) =
            alias.map_or_else(|| self.declaration(ty, place.port, scope), |text| (text, true));
        if self.ink.is_dry() {
            return;
        }
        if !is_wit {
            body.remark(&text);
            return;
        }
        match ty.shape {
            Shape::Resource => {
                scope.add_resource(&ty.name);
                if is_alias {
                    body.add(&ty.name, text);
                } else {
                    body.add_resource(&ty.name, text);
                }
            }
            Shape::Value(id) => {
                scope.add_type(&ty.name, id);
                body.add(&ty.name, text);
            }
            Shape::Beyond => {}
        }
        if let Some(path) = place.path {
            self.usable.insert((path.full(), &ty.name));
        }
    }

    /// `use …;` or `type a = b;`, if the type is one that was declared before and has a name here.
    fn alias(
        &mut self,
        ty: &ExportedType,
        origin: &Origin,
        place: Place<'_>,
        scope: &Scope<'_>,
    ) -> Option<String> {
        let name = identifier(&ty.name)?;
        let original = identifier(&origin.name)?;
        let port = self.component.info().ports.get(origin.port)?;
        let path = InterfacePath::of_port(&port.name).filter(|_| port.kind != PortKind::Type);
        let is_of_world = |port: &Port| port.kind == PortKind::Type;
        let both_of_world =
            is_of_world(port) && self.component.info().ports.get(place.port).is_some_and(is_of_world);
        let is_here =
            origin.port == place.port || both_of_world || (path.is_some() && path.as_ref() == place.path);
        let text = if is_here {
            // An export of the interface that is imported, too, says the same once more.
            if origin.name == ty.name || !scope.has(&origin.name) {
                return None;
            }
            format!("type {name} = {original};")
        } else {
            let path = path.filter(|path| self.usable.contains(&(path.full(), origin.name.as_str())))?;
            let same_package = place.path.is_some_and(|here| here.package() == path.package());
            let from = if same_package { path.interface.clone() } else { path.full() };
            let renamed = if name == original { String::new() } else { format!(" as {name}") };
            format!("use {from}.{{{original}{renamed}}};")
        };
        self.ink.take(text.len());
        Some(text)
    }

    /// A type's own declaration, with its docs, and whether it is WIT.
    fn declaration(&mut self, ty: &ExportedType, port: usize, scope: &Scope<'a>) -> (String, bool) {
        let component = self.component;
        let def = match ty.shape {
            Shape::Value(id) => component.types().get(id),
            _ => None,
        };
        let name_of = |port: usize| component.info().ports.get(port).map(|port| port.name.as_str());
        // An export of an imported interface has the import's resources under the same names.
        let original = ty.origin.as_ref().filter(|origin| name_of(origin.port) != name_of(port));
        let mut draft = self.draft(scope);
        let written = docs(ty.docs.as_deref().or_else(|| def?.docs.as_deref()), "///");
        draft.put(&written);
        match (ty.shape, def) {
            (Shape::Value(_), Some(def)) => draft.declaration(&ty.name, &def.kind),
            (Shape::Resource, _) => {
                if let Some(Origin { port, name }) = original {
                    let port = name_of(*port).unwrap_or_default();
                    draft.put(&comment(&format!("The same as `{name}` of `{port}`.")));
                }
                draft.put("resource ");
                draft.name(&ty.name);
            }
            _ => {
                draft.is_wit = false;
                draft.put("The type of something that is no value: ");
                draft.put(&ty.name);
            }
        }
        (draft.text, draft.is_wit)
    }

    fn draft<'b>(&'b mut self, scope: &'b Scope<'a>) -> Draft<'a, 'b> {
        let types = self.component.types();
        Draft { types, scope, ink: &mut self.ink, text: String::new(), is_wit: true }
    }

    fn function(
        &mut self,
        prefix: &str,
        function: &Function,
        types: &FunctionTypes,
        scope: &Scope<'a>,
        body: &mut Body,
    ) {
        let resource = match &function.kind {
            FunctionKind::Freestanding => None,
            FunctionKind::Method(name) | FunctionKind::Static(name) | FunctionKind::Constructor(name) => {
                Some(name)
            }
        };
        let is_declared = resource.is_none_or(|resource| body.members(resource).is_some());
        let fits = is_declared && is_of_kind(self.component.types(), &function.kind, types);
        let mut draft = self.draft(scope);
        let written = docs(function.docs.as_deref(), "///");
        draft.put(&written);
        if fits {
            declare(&mut draft, prefix, function, types);
        } else {
            draft.is_wit = false;
            draft.put(prefix);
            draft.put(&function.name);
            draft.put(": ");
            declare_type(&mut draft, function.is_async, &types.params, types.result);
        }
        let (text, is_wit) = (draft.text, draft.is_wit);
        if self.ink.is_dry() {
            return;
        }
        let target = match resource.filter(|_| fits).map(|resource| body.members(resource)) {
            Some(Some(members)) => members,
            Some(None) => return,
            None => body,
        };
        if is_wit {
            target.add(&function.name, text);
        } else {
            target.remark(&text);
        }
    }
}

fn word(direction: Direction) -> &'static str {
    match direction {
        Direction::Import => "import",
        Direction::Export => "export",
    }
}
