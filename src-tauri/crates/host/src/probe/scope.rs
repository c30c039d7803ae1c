//! Writes component types, in whichever of a forwarder's scopes they are needed.
//!
//! A type with a name (a resource, a record) has another index in each scope, because there it is imported,
//! aliased or exported. [`Scope`] knows the named ones and writes the others where they are first used.

use std::collections::HashMap;

use wac_graph::types::{DefinedType, FuncType, ItemKind, PrimitiveType, ResourceId, Type, Types, ValueType};
use wasm_encoder::{
    ComponentBuilder, ComponentTypeEncoder, ComponentTypeRef, ComponentValType, InstanceType,
    PrimitiveValType, TypeBounds,
};

use super::{Unprobeable, resources::has_handles};

/// A record whose field begins so is a handle, of what the rest says.
pub(crate) const HANDLE: &str = "jackfield-handle-";

/// What types are written into.
pub(super) trait Target {
    /// Begins another type.
    fn ty(&mut self) -> ComponentTypeEncoder<'_>;

    /// The index of the next type.
    fn next(&self) -> u32;

    /// What a type is called by that has just been written and that needs a name, if the target names it.
    fn named(&mut self, index: u32) -> u32 {
        index
    }

    /// Whether a type can be given a name here that has handles in its values.
    fn may_name_handles(&self) -> bool {
        true
    }

    /// Whether handles are only numbers: what only looks at values must not take anything away, and a
    /// composition cannot import what is told of resources that are made within.
    const IS_ONLOOKER: bool = false;
}

impl Target for ComponentBuilder {
    fn ty(&mut self) -> ComponentTypeEncoder<'_> {
        Self::ty(self, None).1
    }

    fn next(&self) -> u32 {
        self.type_count()
    }
}

/// A forwarder itself.
#[derive(Default)]
pub(super) struct Root {
    pub(super) builder: ComponentBuilder,
    /// A bare function's types have no interface to be named in: they are imported under names that begin so.
    pub(super) imports_types_as: Option<String>,
    pub(super) imported: u32,
}

impl Target for Root {
    fn ty(&mut self) -> ComponentTypeEncoder<'_> {
        self.builder.ty(None).1
    }

    fn next(&self) -> u32 {
        self.builder.type_count()
    }

    fn named(&mut self, index: u32) -> u32 {
        let Some(prefix) = &self.imports_types_as else { return index };
        let name = format!("{prefix}-n{}", self.imported);
        self.imported += 1;
        self.builder.import(name.as_str(), ComponentTypeRef::Type(TypeBounds::Eq(index)))
    }

    /// A composition cannot import what is made of resources within.
    fn may_name_handles(&self) -> bool {
        self.imports_types_as.is_none()
    }
}

impl Target for InstanceType {
    fn ty(&mut self) -> ComponentTypeEncoder<'_> {
        Self::ty(self)
    }

    fn next(&self) -> u32 {
        self.type_count()
    }
}

/// The type of an instance whose functions are shown what a forwarder forwards. It has each type of the
/// interface again, with records of one number in place of handles: these lie in registers and in memory as
/// handles do.
#[derive(Default)]
pub(super) struct Onlooker {
    pub(super) ty: InstanceType,
    names: u32,
}

impl Onlooker {
    fn export(&mut self, bounds: TypeBounds) -> u32 {
        let index = self.ty.type_count();
        self.ty.export(format!("t{}", self.names), ComponentTypeRef::Type(bounds));
        self.names += 1;
        index
    }
}

impl Target for Onlooker {
    fn ty(&mut self) -> ComponentTypeEncoder<'_> {
        self.ty.ty()
    }

    fn next(&self) -> u32 {
        self.ty.type_count()
    }

    fn named(&mut self, index: u32) -> u32 {
        self.export(TypeBounds::Eq(index))
    }

    const IS_ONLOOKER: bool = true;
}

/// A scope of types.
pub(super) struct Scope<'t, T> {
    types: &'t Types,
    pub(super) target: T,
    named: HashMap<Type, u32>,
    unnamed: HashMap<ValueType, u32>,
}

type Written<T> = Result<T, Unprobeable>;

impl<'t, T: Target> Scope<'t, T> {
    pub(super) fn new(types: &'t Types, target: T) -> Self {
        Self { types, target, named: HashMap::new(), unnamed: HashMap::new() }
    }

    /// Says by which index a named type is called here from now on.
    pub(super) fn know(&mut self, ty: Type, index: u32) {
        if self.named.insert(ty, index).is_some() {
            // They may be made of what was called differently.
            self.unnamed.clear();
        }
    }

    /// By which index a type is called here, if it is.
    pub(super) fn index(&self, ty: Type) -> Option<u32> {
        self.named.get(&ty).copied()
    }

    /// Writes what a named type is made of, without a name for it.
    pub(super) fn definition(&mut self, ty: Type) -> Written<u32> {
        match ty {
            Type::Value(ValueType::Defined(id)) => self.structure(&self.types[id]),
            _ => Err(Unprobeable::Type),
        }
    }

    /// Writes a function's type.
    pub(super) fn function(&mut self, function: &FuncType) -> Written<u32> {
        let params = function.params.iter().map(|(name, ty)| Ok((name.as_str(), self.value(*ty)?)));
        let params: Vec<_> = params.collect::<Written<_>>()?;
        let result = function.result.map(|ty| self.value(ty)).transpose()?;
        let index = self.target.next();
        self.target.ty().function().async_(function.is_async).params(params).result(result);
        Ok(index)
    }

    /// Writes the type of a function of the host's.
    pub(super) fn write_function(
        &mut self,
        params: Vec<(&str, ComponentValType)>,
        result: Option<ComponentValType>,
    ) -> u32 {
        let index = self.target.next();
        self.target.ty().function().params(params).result(result);
        index
    }

    /// Writes the type of several values in one.
    pub(super) fn tuple(&mut self, parts: Vec<ComponentValType>) -> ComponentValType {
        ComponentValType::Type(self.defined(|encoder| encoder.tuple(parts)))
    }

    /// The type of a value, written now if it has to be.
    pub(super) fn value(&mut self, ty: ValueType) -> Written<ComponentValType> {
        if let ValueType::Primitive(primitive) = ty {
            let is_number = T::IS_ONLOOKER && primitive == PrimitiveType::ErrorContext;
            let primitive = if is_number { PrimitiveType::U32 } else { primitive };
            return Ok(ComponentValType::Primitive(encoded(primitive)));
        }
        if let Some(index) = self.index(Type::Value(ty)).or_else(|| self.unnamed.get(&ty).copied()) {
            return Ok(ComponentValType::Type(index));
        }
        let index = match ty {
            ValueType::Own(resource) | ValueType::Borrow(resource) if T::IS_ONLOOKER => {
                let name = self.types[self.types.resolve_resource(resource)].name.clone();
                self.handle(&name)
            }
            ValueType::Own(resource) => {
                let resource = self.resource(resource)?;
                let index = self.target.next();
                self.target.ty().defined_type().own(resource);
                index
            }
            ValueType::Borrow(resource) => {
                let resource = self.resource(resource)?;
                let index = self.target.next();
                self.target.ty().defined_type().borrow(resource);
                index
            }
            ValueType::Defined(id) => self.structure(&self.types[id])?,
            ValueType::Primitive(_) => return Err(Unprobeable::Type),
        };
        self.unnamed.insert(ty, index);
        Ok(ComponentValType::Type(index))
    }

    /// A resource goes by several names where it is used from another interface; any of them will do.
    pub(super) fn resource(&self, id: ResourceId) -> Written<u32> {
        let is_same = |ty: &Type| matches!(ty, Type::Resource(known) if self.types.resolve_resource(*known) == self.types.resolve_resource(id));
        let exact = self.index(Type::Resource(id));
        let index = exact.or_else(|| self.named.iter().find(|(ty, _)| is_same(ty)).map(|(_, index)| *index));
        index.ok_or(Unprobeable::Type)
    }

    /// Something of this kind, as a number.
    fn handle(&mut self, kind: &str) -> u32 {
        let field = format!("{HANDLE}{kind}");
        let index = self.target.next();
        let number = ComponentValType::Primitive(PrimitiveValType::U32);
        self.target.ty().defined_type().record([(field.as_str(), number)]);
        self.target.named(index)
    }

    fn optional(&mut self, ty: Option<ValueType>) -> Written<Option<ComponentValType>> {
        ty.map(|ty| self.value(ty)).transpose()
    }

    fn structure(&mut self, ty: &DefinedType) -> Written<u32> {
        let may_have = |ty: &ValueType| self.target.may_name_handles() || !has_handles(self.types, *ty);
        let is_possible = match ty {
            DefinedType::Record(record) => record.fields.values().all(may_have),
            DefinedType::Variant(variant) => variant.cases.values().flatten().all(may_have),
            _ => true,
        };
        if !is_possible {
            return Err(Unprobeable::Type);
        }
        let mut needs_name = false;
        let index = match ty {
            DefinedType::Record(record) => {
                needs_name = true;
                let fields = record.fields.iter().map(|(name, ty)| Ok((name.as_str(), self.value(*ty)?)));
                let fields: Vec<_> = fields.collect::<Written<_>>()?;
                let index = self.target.next();
                self.target.ty().defined_type().record(fields);
                index
            }
            DefinedType::Variant(variant) => {
                needs_name = true;
                let cases = variant.cases.iter().map(|(name, ty)| Ok((name.as_str(), self.optional(*ty)?)));
                let cases: Vec<_> = cases.collect::<Written<_>>()?;
                let index = self.target.next();
                self.target.ty().defined_type().variant(cases);
                index
            }
            DefinedType::Flags(flags) => {
                needs_name = true;
                let names: Vec<_> = flags.0.iter().map(String::as_str).collect();
                let index = self.target.next();
                self.target.ty().defined_type().flags(names);
                index
            }
            DefinedType::Enum(cases) => {
                needs_name = true;
                let names: Vec<_> = cases.0.iter().map(String::as_str).collect();
                let index = self.target.next();
                self.target.ty().defined_type().enum_type(names);
                index
            }
            other => self.unnamed(other)?,
        };
        Ok(if needs_name { self.target.named(index) } else { index })
    }

    /// Types that need no name of their own.
    fn unnamed(&mut self, ty: &DefinedType) -> Written<u32> {
        match ty {
            DefinedType::Tuple(parts) => {
                let parts: Vec<_> = parts.iter().map(|ty| self.value(*ty)).collect::<Written<_>>()?;
                Ok(self.defined(|encoder| encoder.tuple(parts)))
            }
            DefinedType::List(element) => {
                let element = self.value(*element)?;
                Ok(self.defined(|encoder| encoder.list(element)))
            }
            DefinedType::FixedSizeList(element, count) => {
                let element = self.value(*element)?;
                Ok(self.defined(|encoder| encoder.fixed_length_list(element, *count)))
            }
            DefinedType::Map(key, value) => {
                let (key, value) = (self.value(*key)?, self.value(*value)?);
                Ok(self.defined(|encoder| encoder.map(key, value)))
            }
            DefinedType::Option(some) => {
                let some = self.value(*some)?;
                Ok(self.defined(|encoder| encoder.option(some)))
            }
            DefinedType::Result { ok, err } => {
                let (ok, err) = (self.optional(*ok)?, self.optional(*err)?);
                Ok(self.defined(|encoder| encoder.result(ok, err)))
            }
            DefinedType::Stream(_) if T::IS_ONLOOKER => Ok(self.handle("stream")),
            DefinedType::Future(_) if T::IS_ONLOOKER => Ok(self.handle("future")),
            DefinedType::Stream(element) => {
                let element = self.optional(*element)?;
                Ok(self.defined(|encoder| encoder.stream(element)))
            }
            DefinedType::Future(value) => {
                let value = self.optional(*value)?;
                Ok(self.defined(|encoder| encoder.future(value)))
            }
            DefinedType::Alias(ValueType::Primitive(primitive)) => {
                let primitive = encoded(*primitive);
                Ok(self.defined(|encoder| encoder.primitive(primitive)))
            }
            DefinedType::Alias(aliased) => match self.value(*aliased)? {
                ComponentValType::Type(index) => Ok(index),
                ComponentValType::Primitive(_) => Err(Unprobeable::Type),
            },
            _ => Err(Unprobeable::Type),
        }
    }

    fn defined(&mut self, write: impl FnOnce(wasm_encoder::ComponentDefinedTypeEncoder<'_>)) -> u32 {
        let index = self.target.next();
        write(self.target.ty().defined_type());
        index
    }
}

/// The exports of an interface that are types, with their names.
pub(super) fn named_types(
    exports: &indexmap::IndexMap<String, ItemKind>,
) -> impl Iterator<Item = (&str, Type)> {
    exports.iter().filter_map(|(name, kind)| match kind {
        ItemKind::Type(ty) => Some((name.as_str(), *ty)),
        _ => None,
    })
}

fn encoded(ty: PrimitiveType) -> PrimitiveValType {
    match ty {
        PrimitiveType::U8 => PrimitiveValType::U8,
        PrimitiveType::S8 => PrimitiveValType::S8,
        PrimitiveType::U16 => PrimitiveValType::U16,
        PrimitiveType::S16 => PrimitiveValType::S16,
        PrimitiveType::U32 => PrimitiveValType::U32,
        PrimitiveType::S32 => PrimitiveValType::S32,
        PrimitiveType::U64 => PrimitiveValType::U64,
        PrimitiveType::S64 => PrimitiveValType::S64,
        PrimitiveType::F32 => PrimitiveValType::F32,
        PrimitiveType::F64 => PrimitiveValType::F64,
        PrimitiveType::Char => PrimitiveValType::Char,
        PrimitiveType::Bool => PrimitiveValType::Bool,
        PrimitiveType::String => PrimitiveValType::String,
        PrimitiveType::ErrorContext => PrimitiveValType::ErrorContext,
    }
}
