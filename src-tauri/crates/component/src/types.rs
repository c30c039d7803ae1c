//! Prints types as WIT.
//!
//! A type that has a name is printed as that name. The definition of a named type is not repeated.
//! An owned handle is printed as `own<bucket>`, which WIT also accepts, so that it can be told from
//! a type of that name.

use wasmparser::PrimitiveValType;
use wasmparser::component_types::{
    ComponentDefinedType, ComponentDefinedTypeId, ComponentValType, VariantCase,
};

use crate::ReadProblem;
use crate::names::Scope;
use crate::ports::Budget;

/// Appends types to a text. Recursion is bounded: the validator refuses types that are nested more
/// than 100 levels deep.
pub(crate) struct Printer<'a, 'b> {
    pub(crate) scope: &'b Scope<'a, 'b>,
    pub(crate) budget: &'b mut Budget,
    pub(crate) text: String,
}

type Printed = Result<(), ReadProblem>;

impl Printer<'_, '_> {
    /// Prints a type.
    pub(crate) fn value(&mut self, ty: ComponentValType) -> Printed {
        match ty {
            ComponentValType::Primitive(primitive) => self.put(primitive_name(primitive)),
            ComponentValType::Type(id) => match self.scope.of_type(id) {
                Some(name) => self.put(name),
                None => self.definition(id),
            },
        }
    }

    fn definition(&mut self, id: ComponentDefinedTypeId) -> Printed {
        let types = self.scope.types;
        match &types[id] {
            ComponentDefinedType::Primitive(primitive) => self.put(primitive_name(*primitive)),
            ComponentDefinedType::List { element, .. } => self.generic("list", &[Some(*element)]),
            ComponentDefinedType::Option { ty, .. } => self.generic("option", &[Some(*ty)]),
            ComponentDefinedType::Stream { ty, .. } => self.generic("stream", &[*ty]),
            ComponentDefinedType::Future { ty, .. } => self.generic("future", &[*ty]),
            ComponentDefinedType::Map { key, value, .. } => self.generic("map", &[Some(*key), Some(*value)]),
            ComponentDefinedType::Result { ok, err, .. } => self.generic("result", &[*ok, *err]),
            ComponentDefinedType::Tuple(tuple) => {
                let types: Vec<_> = tuple.types.iter().copied().map(Some).collect();
                self.generic("tuple", &types)
            }
            ComponentDefinedType::FixedLengthList { element, length, .. } => {
                self.put("list<")?;
                self.value(*element)?;
                self.put(&format!(", {length}>"))
            }
            ComponentDefinedType::Own(id) => self.handle("own", self.scope.of_resource(*id)),
            ComponentDefinedType::Borrow(id) => self.handle("borrow", self.scope.of_resource(*id)),
            ComponentDefinedType::Record(record) => {
                let fields = record.fields.iter().map(|(name, ty)| (name.as_str(), Some(*ty)));
                self.body("record", ": ", "", fields)
            }
            ComponentDefinedType::Variant(variant) => {
                let cases = variant.cases.iter().map(|(name, VariantCase { ty })| (name.as_str(), *ty));
                self.body("variant", "(", ")", cases)
            }
            ComponentDefinedType::Flags(names) => {
                self.body("flags", "", "", names.iter().map(|name| (name.as_str(), None)))
            }
            ComponentDefinedType::Enum(names) => {
                self.body("enum", "", "", names.iter().map(|name| (name.as_str(), None)))
            }
        }
    }

    /// `name<a, b>`: arguments that are missing at the end are left out, others are `_`.
    fn generic(&mut self, name: &str, arguments: &[Option<ComponentValType>]) -> Printed {
        self.put(name)?;
        let present = arguments.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        for (index, argument) in arguments.iter().take(present).enumerate() {
            self.put(if index == 0 { "<" } else { ", " })?;
            match argument {
                Some(ty) => self.value(*ty)?,
                None => self.put("_")?,
            }
        }
        if present > 0 { self.put(">") } else { Ok(()) }
    }

    fn handle(&mut self, kind: &str, resource: Option<&str>) -> Printed {
        self.put(kind)?;
        self.put("<")?;
        self.put(resource.unwrap_or("resource"))?;
        self.put(">")
    }

    /// `record { a: u32, b: string }` and the like, for types that have no name.
    fn body<'n>(
        &mut self,
        keyword: &str,
        before_type: &str,
        after_type: &str,
        members: impl Iterator<Item = (&'n str, Option<ComponentValType>)>,
    ) -> Printed {
        self.put(keyword)?;
        self.put(" {")?;
        for (index, (name, ty)) in members.enumerate() {
            self.put(if index == 0 { " " } else { ", " })?;
            self.put(name)?;
            if let Some(ty) = ty {
                self.put(before_type)?;
                self.value(ty)?;
                self.put(after_type)?;
            }
        }
        self.put(" }")
    }

    fn put(&mut self, text: &str) -> Printed {
        self.budget.spend(text)?;
        self.text.push_str(text);
        Ok(())
    }
}

fn primitive_name(ty: PrimitiveValType) -> &'static str {
    match ty {
        PrimitiveValType::Bool => "bool",
        PrimitiveValType::S8 => "s8",
        PrimitiveValType::U8 => "u8",
        PrimitiveValType::S16 => "s16",
        PrimitiveValType::U16 => "u16",
        PrimitiveValType::S32 => "s32",
        PrimitiveValType::U32 => "u32",
        PrimitiveValType::S64 => "s64",
        PrimitiveValType::U64 => "u64",
        PrimitiveValType::F32 => "f32",
        PrimitiveValType::F64 => "f64",
        PrimitiveValType::Char => "char",
        PrimitiveValType::String => "string",
        PrimitiveValType::ErrorContext => "error-context",
    }
}
