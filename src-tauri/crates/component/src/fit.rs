//! Whether an export can satisfy an import, by their types.
//!
//! Follows what links components in the end, `wac-types` and Wasmtime's validator: an export may have
//! more functions and types than the import asks for, but a function, a record, a variant and so on must
//! be *the same* on both sides. The component model would allow more; nothing implements that yet. A
//! resource is the same if it was first declared under the same name; whether it is also made in the same
//! place, two interfaces alone cannot tell.

use std::collections::{HashMap, HashSet};

use jackfield_protocol::{
    Case, Difference, Digest, Direction, Field, Function, FunctionTypes, Label, Member, Mismatch, Port,
    PortKind, Step, TypeGraph, TypeId, TypeKind,
};

use crate::Component;
use crate::exported::{ExportedType, Shape};

/// More of a type than this is not printed.
const MAX_SHOWN_DEPTH: usize = 3;

/// A port of a component, with the types behind it.
#[derive(Debug, Clone, Copy)]
pub struct PortRef<'a> {
    component: &'a Component,
    index: usize,
    port: &'a Port,
}

impl<'a> PortRef<'a> {
    /// The ports of a component that face one way, in the order of its binary.
    pub fn all(component: &'a Component, direction: Direction) -> impl Iterator<Item = Self> {
        let ports = component.info().ports.iter().enumerate();
        let facing = ports.filter(move |(_, port)| port.direction == direction);
        facing.map(move |(index, port)| Self { component, index, port })
    }

    /// What tells its types apart from those of other ports: the binary, and the place in it.
    #[must_use]
    pub fn id(&self) -> (&'a Digest, usize) {
        (&self.component.info().digest, self.index)
    }

    /// The port itself.
    #[must_use]
    pub fn port(&self) -> &'a Port {
        self.port
    }

    /// Where the resource that the port calls `name` was declared first: another port of the same
    /// component if it came by `use`, otherwise this one; and its name there.
    #[must_use]
    pub fn origin_of_resource<'n>(&self, name: &'n str) -> (&'n Port, &'n str)
    where
        'a: 'n,
    {
        let mut here = (self.port, name);
        let mut at = self.index;
        // Each origin is an earlier declaration, so this ends.
        while let Some(origin) = find(self.component.exported_types(at), here.1)
            .and_then(|declared| declared.origin.as_ref())
            .filter(|origin| origin.port != at || origin.name != here.1)
        {
            let Some(port) = self.component.info().ports.get(origin.port) else { break };
            at = origin.port;
            here = (port, &origin.name);
        }
        here
    }

    /// The names of the resources that the port declares.
    pub fn resources(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let declared = self.component.exported_types(self.index).iter();
        declared.filter(|ty| ty.shape == Shape::Resource).map(|ty| ty.name.as_str())
    }

    fn declared(&self) -> &'a [ExportedType] {
        self.component.exported_types(self.index)
    }

    fn functions(&self) -> impl Iterator<Item = (&'a Function, &'a FunctionTypes)> + use<'a> {
        self.port.functions().iter().zip(self.component.function_types(self.index))
    }
}

fn find<'a>(declared: &'a [ExportedType], name: &str) -> Option<&'a ExportedType> {
    declared.iter().find(|ty| ty.name == name)
}

/// The first difference that keeps `offered`, an export, from satisfying `wanted`, an import; none if it
/// fits.
#[must_use]
pub fn mismatch(wanted: PortRef<'_>, offered: PortRef<'_>) -> Option<Mismatch> {
    let mut comparison = Comparison { wanted, offered, same: HashSet::new(), path: Vec::new() };
    comparison.ports().err().map(|difference| Mismatch { path: comparison.path, difference })
}

struct Comparison<'a> {
    wanted: PortRef<'a>,
    offered: PortRef<'a>,
    /// Types that were compared and are the same: types share their parts.
    same: HashSet<(TypeId, TypeId)>,
    /// Where the comparison is, and after a difference, where that is.
    path: Vec<Step>,
}

type Compared = Result<(), Difference>;

impl<'a> Comparison<'a> {
    /// Resources first, since functions are missing where one is; then functions, so that a difference
    /// in a type is told with a function that shows it; then the types that no function shows.
    fn ports(&mut self) -> Compared {
        if matches!(self.wanted.port.kind, PortKind::Function(_)) {
            return match (self.wanted.functions().next(), self.offered.functions().next()) {
                (Some(wanted), Some(offered)) => self.function(wanted, offered),
                (Some(_), None) => Err(Difference::FunctionMissing),
                (None, _) => Ok(()),
            };
        }
        self.declarations(true)?;
        let offered: HashMap<&str, (&Function, &FunctionTypes)> =
            self.offered.functions().map(|known| (known.0.name.as_str(), known)).collect();
        for wanted in self.wanted.functions() {
            self.path.push(Step::Function(wanted.0.display_name().to_owned()));
            let known = offered.get(wanted.0.name.as_str()).ok_or(Difference::FunctionMissing)?;
            self.function(wanted, *known)?;
            self.path.pop();
        }
        self.declarations(false)
    }

    fn declarations(&mut self, resources: bool) -> Compared {
        let offered: HashMap<&str, &ExportedType> =
            self.offered.declared().iter().map(|ty| (ty.name.as_str(), ty)).collect();
        let is_asked_for = |ty: &&ExportedType| (ty.shape == Shape::Resource) == resources;
        for wanted in self.wanted.declared().iter().filter(is_asked_for) {
            self.path.push(Step::Type(wanted.name.clone()));
            match (wanted.shape, offered.get(wanted.name.as_str()).map(|ty| ty.shape)) {
                (Shape::Value(wanted), Some(Shape::Value(offered))) => self.unnamed(wanted, offered)?,
                (Shape::Resource, Some(Shape::Resource)) => self.resource(&wanted.name, &wanted.name)?,
                (Shape::Resource, _) => return Err(Difference::ResourceMissing),
                (Shape::Value(_), Some(Shape::Resource)) => return Err(Difference::UnexpectedResource),
                (Shape::Beyond, Some(Shape::Beyond)) => {}
                _ => return Err(Difference::TypeMissing),
            }
            self.path.pop();
        }
        Ok(())
    }

    fn function(
        &mut self,
        (wanted, wanted_types): (&Function, &FunctionTypes),
        (offered, offered_types): (&Function, &FunctionTypes),
    ) -> Compared {
        if wanted.is_async != offered.is_async {
            return Err(Difference::Async { wanted: wanted.is_async });
        }
        let (params, others) = (&wanted_types.params, &offered_types.params);
        if params.len() != others.len() {
            return Err(Difference::ParamCount { wanted: params.len(), offered: others.len() });
        }
        for (param, other) in params.iter().zip(others) {
            if param.name != other.name {
                let (wanted, offered) = (param.name.clone(), other.name.clone());
                return Err(Difference::ParamName { wanted, offered });
            }
            self.step(Step::Param(param.name.clone()), param.ty, other.ty)?;
        }
        self.optional(Step::Result, wanted_types.result, offered_types.result)
    }

    /// Compares types one step further in.
    fn step(&mut self, step: Step, wanted: TypeId, offered: TypeId) -> Compared {
        self.path.push(step);
        self.ty(wanted, offered)?;
        self.path.pop();
        Ok(())
    }

    fn optional(&mut self, step: Step, wanted: Option<TypeId>, offered: Option<TypeId>) -> Compared {
        self.path.push(step);
        match (wanted, offered) {
            (Some(wanted), Some(offered)) => self.ty(wanted, offered)?,
            (Some(wanted), None) => return Err(Difference::Nothing { wanted: self.wanted_text(wanted) }),
            (None, Some(offered)) => {
                return Err(Difference::Something { offered: self.offered_text(offered) });
            }
            (None, None) => {}
        }
        self.path.pop();
        Ok(())
    }

    /// Compares types, and names the one at hand in the path if it has a name.
    fn ty(&mut self, wanted: TypeId, offered: TypeId) -> Compared {
        let def = self.wanted.component.types().get(wanted);
        match def.and_then(|def| def.name.as_ref()) {
            Some(name) => {
                self.path.push(Step::Type(name.clone()));
                self.unnamed(wanted, offered)?;
                self.path.pop();
                Ok(())
            }
            None => self.unnamed(wanted, offered),
        }
    }

    fn unnamed(&mut self, wanted: TypeId, offered: TypeId) -> Compared {
        if self.same.contains(&(wanted, offered)) {
            return Ok(());
        }
        let (wanted_types, offered_types) = (self.wanted.component.types(), self.offered.component.types());
        self.kinds((wanted, wanted_types.kind(wanted)), (offered, offered_types.kind(offered)))?;
        self.same.insert((wanted, offered));
        Ok(())
    }

    fn kinds(&mut self, (a, wanted): (TypeId, &TypeKind), (b, offered): (TypeId, &TypeKind)) -> Compared {
        use TypeKind as T;
        match (wanted, offered) {
            (T::List(a), T::List(b)) => self.step(Step::Element, *a, *b),
            (T::Option(a), T::Option(b)) => self.step(Step::Some, *a, *b),
            (T::FixedLengthList { element: a, length }, T::FixedLengthList { element: b, length: other }) => {
                same_length(*length as usize, *other as usize)?;
                self.step(Step::Element, *a, *b)
            }
            (T::Map { key, value }, T::Map { key: other_key, value: other_value }) => {
                self.step(Step::Key, *key, *other_key)?;
                self.step(Step::Value, *value, *other_value)
            }
            (T::Result { ok, err }, T::Result { ok: other_ok, err: other_err }) => {
                self.optional(Step::Ok, *ok, *other_ok)?;
                self.optional(Step::Err, *err, *other_err)
            }
            (T::Tuple(parts), T::Tuple(others)) => {
                same_length(parts.len(), others.len())?;
                let mut pairs = parts.iter().zip(others).enumerate();
                pairs.try_for_each(|(index, (a, b))| self.step(Step::Item(index), *a, *b))
            }
            (T::Record(fields), T::Record(others)) => {
                let name = |field: &Field| field.name.clone();
                same_members(Member::Field, fields.iter().map(name), others.iter().map(name))?;
                let mut pairs = fields.iter().zip(others);
                pairs.try_for_each(|(a, b)| self.step(Step::Field(a.name.clone()), a.ty, b.ty))
            }
            (T::Variant(cases), T::Variant(others)) => {
                let name = |case: &Case| case.name.clone();
                same_members(Member::Case, cases.iter().map(name), others.iter().map(name))?;
                let mut pairs = cases.iter().zip(others);
                pairs.try_for_each(|(a, b)| self.optional(Step::Case(a.name.clone()), a.ty, b.ty))
            }
            (T::Enum(labels), T::Enum(others)) => same_labels(Member::Case, labels, others),
            (T::Flags(labels), T::Flags(others)) => same_labels(Member::Flag, labels, others),
            (T::Own(a), T::Own(b)) | (T::Borrow(a), T::Borrow(b)) => self.resource(a, b),
            (T::Stream(a), T::Stream(b)) | (T::Future(a), T::Future(b)) => {
                self.optional(Step::Payload, *a, *b)
            }
            (wanted, offered) if wanted == offered && wanted.parts().is_empty() => Ok(()),
            _ => Err(Difference::Type { wanted: self.wanted_text(a), offered: self.offered_text(b) }),
        }
    }

    fn resource(&self, wanted: &str, offered: &str) -> Compared {
        let (_, first_wanted) = self.wanted.origin_of_resource(wanted);
        let (_, first_offered) = self.offered.origin_of_resource(offered);
        if first_wanted == first_offered {
            return Ok(());
        }
        Err(Difference::Resource { wanted: first_wanted.to_owned(), offered: first_offered.to_owned() })
    }

    fn wanted_text(&self, id: TypeId) -> String {
        text(self.wanted.component.types(), id, 0)
    }

    fn offered_text(&self, id: TypeId) -> String {
        text(self.offered.component.types(), id, 0)
    }
}

fn same_length(wanted: usize, offered: usize) -> Compared {
    if wanted == offered { Ok(()) } else { Err(Difference::Length { wanted, offered }) }
}

fn same_labels(member: Member, wanted: &[Label], offered: &[Label]) -> Compared {
    let name = |label: &Label| label.name.clone();
    same_members(member, wanted.iter().map(name), offered.iter().map(name))
}

/// The same names in the same order. What is missing is told first, since it is what the importing side
/// feels.
fn same_members(
    member: Member,
    wanted: impl Iterator<Item = String>,
    offered: impl Iterator<Item = String>,
) -> Compared {
    let (wanted, offered): (Vec<String>, Vec<String>) = (wanted.collect(), offered.collect());
    let lacks = |all: &[String], of: &[String]| {
        let all: HashSet<&String> = all.iter().collect();
        of.iter().find(|name| !all.contains(name)).cloned()
    };
    if wanted == offered {
        return Ok(());
    }
    if let Some(name) = lacks(&offered, &wanted) {
        return Err(Difference::MemberMissing { member, name });
    }
    if let Some(name) = lacks(&wanted, &offered) {
        return Err(Difference::MemberUnexpected { member, name });
    }
    let mut pairs = wanted.into_iter().zip(offered);
    match pairs.find(|(a, b)| a != b) {
        Some((wanted, offered)) => Err(Difference::MemberOrder { member, wanted, offered }),
        None => Ok(()),
    }
}

/// A type as WIT writes it; what has a name by its name and its kind.
fn text(types: &TypeGraph, id: TypeId, depth: usize) -> String {
    let kind = types.kind(id);
    if let Some(name) = types.get(id).and_then(|def| def.name.as_deref()) {
        let kind = kind.word();
        return if depth == 0 { format!("{kind} {name}") } else { name.to_owned() };
    }
    if let TypeKind::Own(resource) | TypeKind::Borrow(resource) = kind {
        return format!("{}<{resource}>", kind.word());
    }
    let parts = kind.parts();
    if parts.is_empty() {
        return kind.word().to_owned();
    }
    if depth >= MAX_SHOWN_DEPTH {
        return format!("{}<…>", kind.word());
    }
    let parts: Vec<String> = match kind {
        TypeKind::Result { ok: None, err: Some(err) } => {
            vec!["_".to_owned(), text(types, *err, depth + 1)]
        }
        _ => parts.into_iter().map(|part| text(types, part, depth + 1)).collect(),
    };
    format!("{}<{}>", kind.word(), parts.join(", "))
}
