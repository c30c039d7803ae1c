//! The types of a component's functions, as a [`TypeGraph`].
//!
//! The validator gives each mention of a type an identity of its own, and what a type is called
//! depends on the interface at hand, so types are told apart by what they are: equal ones are one
//! node. What is looked at is paid for out of a [`Budget`] as large as the printer's, which bounds
//! both the memory and the time.

use std::collections::HashMap;

use jackfield_protocol::{
    Case, Direction, Field, FunctionTypes, Integer, Label, ParamType, Port, TypeDef, TypeGraph, TypeId,
    TypeKind,
};
use wasmparser::PrimitiveValType;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentDefinedType, ComponentDefinedTypeId, ComponentEntityType,
    ComponentFuncTypeId, ComponentValType,
};
use wasmparser::types::Types;

use crate::ReadProblem;
use crate::decode::Extern;
use crate::docs::{DocumentedType, TypeDocs};
use crate::exported::{ExportedType, Origin, Origins, Shape};
use crate::names::{Names, Scope};
use crate::ports::Budget;

/// What a node takes beside its texts, its copy in the table of known nodes included.
const NODE_IN_BYTES: usize = 256;
/// What a field, a case or a label takes beside its texts.
const MEMBER_IN_BYTES: usize = 128;

type Collected<T> = Result<T, ReadProblem>;

/// The types of a component's ports.
pub(crate) struct PortTypes {
    pub(crate) graph: TypeGraph,
    /// As many lists as there are ports, each as long as the port has functions.
    pub(crate) functions: Vec<Vec<FunctionTypes>>,
    /// As many lists as there are ports: what each declares.
    pub(crate) exported: Vec<Vec<ExportedType>>,
}

/// The types of the functions of every port, and the types that it declares.
pub(crate) fn collect(
    types: &Types,
    externs: &[Extern<'_>],
    ports: &[Port],
    docs: Option<&TypeDocs<'_>>,
) -> Collected<PortTypes> {
    let items: HashMap<(Direction, &str), ComponentEntityType> = externs
        .iter()
        .map(|external| ((external.direction, external.name.as_str()), external.item.ty))
        .collect();
    let mut collector = Collector::new(types, externs, docs);
    let mut functions = Vec::with_capacity(ports.len());
    for port in ports {
        functions.push(match items.get(&(port.direction, port.name.as_str())) {
            Some(ComponentEntityType::Instance(id)) => collector.instance(&types[*id].exports)?,
            Some(ComponentEntityType::Func(id)) => vec![collector.bare_function(*id)?],
            _ => Vec::new(),
        });
    }
    let exported = collector.exported(ports, &items);
    Ok(PortTypes { graph: collector.graph, functions, exported })
}

struct Collector<'a> {
    types: &'a Types,
    names: Names<'a>,
    docs: HashMap<ComponentAnyTypeId, DocumentedType<'a>>,
    graph: TypeGraph,
    /// The nodes of the graph by what they are.
    known: HashMap<TypeDef, TypeId>,
    /// The types that were looked at with the names of the interface at hand.
    seen: HashMap<ComponentDefinedTypeId, TypeId>,
    budget: Budget,
}

type Exports = wasmparser::collections::IndexMap<String, wasmparser::component_types::ComponentItem>;

impl<'a> Collector<'a> {
    fn new(types: &'a Types, externs: &'a [Extern<'a>], docs: Option<&TypeDocs<'a>>) -> Self {
        Self {
            types,
            names: Names::of_component(types, externs),
            docs: docs.map(|docs| documented(types, externs, docs)).unwrap_or_default(),
            graph: TypeGraph::default(),
            known: HashMap::new(),
            seen: HashMap::new(),
            budget: Budget::new(),
        }
    }

    fn instance(&mut self, exports: &'a Exports) -> Collected<Vec<FunctionTypes>> {
        let names = Names::of_interface(exports);
        self.seen.clear();
        let functions = exports.values().filter_map(|item| match item.ty {
            ComponentEntityType::Func(id) => Some(id),
            _ => None,
        });
        functions.map(|id| self.function(id, &names)).collect()
    }

    fn bare_function(&mut self, id: ComponentFuncTypeId) -> Collected<FunctionTypes> {
        self.seen.clear();
        self.function(id, &Names::default())
    }

    /// What the ports declare. Nobody needs it to link or to call anything, so it has a budget of its
    /// own, and where that ends the rest is left out instead of the component being refused.
    fn exported(
        &mut self,
        ports: &[Port],
        items: &HashMap<(Direction, &str), ComponentEntityType>,
    ) -> Vec<Vec<ExportedType>> {
        self.budget = Budget::new();
        let types = self.types;
        let mut origins = Origins::default();
        let mut exported: Vec<Vec<ExportedType>> = Vec::with_capacity(ports.len());
        for (index, port) in ports.iter().enumerate() {
            self.seen.clear();
            let here: Vec<(&str, ComponentEntityType)>;
            let mut names = Names::default();
            match items.get(&(port.direction, port.name.as_str())) {
                Some(ComponentEntityType::Instance(id)) => {
                    let exports = &types[*id].exports;
                    names = Names::of_interface(exports);
                    here = exports.iter().map(|(name, item)| (name.as_str(), item.ty)).collect();
                }
                Some(ty) => here = vec![(port.name.as_str(), *ty)],
                None => here = Vec::new(),
            }
            let mut declared = Vec::new();
            for (name, ty) in here {
                let ComponentEntityType::Type { created, .. } = ty else { continue };
                let origin = origins.register(types, created, (index, name));
                let Ok(ty) = self.exported_type(name, created, &names, origin) else { break };
                declared.push(ty);
            }
            exported.push(declared);
        }
        exported
    }

    fn exported_type(
        &mut self,
        name: &str,
        created: ComponentAnyTypeId,
        interface: &Names<'a>,
        origin: Option<Origin>,
    ) -> Collected<ExportedType> {
        self.pay(NODE_IN_BYTES, name)?;
        let docs = self.docs.get(&created).and_then(|documented| documented.docs());
        self.pay(0, docs.as_deref().unwrap_or_default())?;
        let shape = match created {
            ComponentAnyTypeId::Defined(id) => {
                Shape::Value(self.value(ComponentValType::Type(id), interface)?)
            }
            ComponentAnyTypeId::Resource(_) => Shape::Resource,
            _ => Shape::Beyond,
        };
        Ok(ExportedType { name: name.to_owned(), docs, shape, origin })
    }

    fn function(&mut self, id: ComponentFuncTypeId, interface: &Names<'a>) -> Collected<FunctionTypes> {
        let ty = &self.types[id];
        let mut params = Vec::with_capacity(ty.params.len());
        for (name, param) in &ty.params {
            self.pay(MEMBER_IN_BYTES, name)?;
            params.push(ParamType { name: name.to_string(), ty: self.value(*param, interface)? });
        }
        let result = ty.result.map(|result| self.value(result, interface)).transpose()?;
        Ok(FunctionTypes { params, result })
    }

    fn value(&mut self, ty: ComponentValType, interface: &Names<'a>) -> Collected<TypeId> {
        let id = match ty {
            ComponentValType::Primitive(primitive) => return self.node(primitive_kind(primitive).into()),
            ComponentValType::Type(id) => id,
        };
        if let Some(seen) = self.seen.get(&id) {
            return Ok(*seen);
        }
        self.budget.spend_bytes(NODE_IN_BYTES)?;
        let names = &self.names;
        let name = Scope { types: self.types, interface, component: names }.of_type(id).map(str::to_owned);
        let documented = self.docs_of(id);
        let docs = documented.and_then(DocumentedType::docs);
        let kind = self.kind(id, interface, documented)?;
        self.pay(0, name.as_deref().unwrap_or_default())?;
        self.pay(0, docs.as_deref().unwrap_or_default())?;
        let node = self.node(TypeDef { name, docs, kind })?;
        self.seen.insert(id, node);
        Ok(node)
    }

    fn kind(
        &mut self,
        id: ComponentDefinedTypeId,
        interface: &Names<'a>,
        documented: Option<DocumentedType<'a>>,
    ) -> Collected<TypeKind> {
        let docs_of = |member: &str| documented.and_then(|documented| documented.docs_of_item(member));
        let types = self.types;
        Ok(match &types[id] {
            ComponentDefinedType::Primitive(primitive) => primitive_kind(*primitive),
            ComponentDefinedType::List { element, .. } => TypeKind::List(self.value(*element, interface)?),
            ComponentDefinedType::FixedLengthList { element, length, .. } => {
                TypeKind::FixedLengthList { element: self.value(*element, interface)?, length: *length }
            }
            ComponentDefinedType::Map { key, value, .. } => {
                TypeKind::Map { key: self.value(*key, interface)?, value: self.value(*value, interface)? }
            }
            ComponentDefinedType::Option { ty, .. } => TypeKind::Option(self.value(*ty, interface)?),
            ComponentDefinedType::Result { ok, err, .. } => {
                TypeKind::Result { ok: self.optional(*ok, interface)?, err: self.optional(*err, interface)? }
            }
            ComponentDefinedType::Tuple(tuple) => {
                self.budget.spend_bytes(tuple.types.len() * MEMBER_IN_BYTES)?;
                let parts = tuple.types.iter().map(|part| self.value(*part, interface));
                TypeKind::Tuple(parts.collect::<Collected<_>>()?)
            }
            ComponentDefinedType::Record(record) => {
                let mut fields = Vec::with_capacity(record.fields.len());
                for (name, ty) in &record.fields {
                    let Label { name, docs } = self.label(name.as_str(), docs_of(name.as_str()))?;
                    fields.push(Field { name, ty: self.value(*ty, interface)?, docs });
                }
                TypeKind::Record(fields)
            }
            ComponentDefinedType::Variant(variant) => {
                let mut cases = Vec::with_capacity(variant.cases.len());
                for (name, case) in &variant.cases {
                    let Label { name, docs } = self.label(name.as_str(), docs_of(name.as_str()))?;
                    cases.push(Case { name, ty: self.optional(case.ty, interface)?, docs });
                }
                TypeKind::Variant(cases)
            }
            ComponentDefinedType::Enum(names) => {
                let labels = names.iter().map(|name| self.label(name.as_str(), docs_of(name.as_str())));
                TypeKind::Enum(labels.collect::<Collected<_>>()?)
            }
            ComponentDefinedType::Flags(names) => {
                let labels = names.iter().map(|name| self.label(name.as_str(), docs_of(name.as_str())));
                TypeKind::Flags(labels.collect::<Collected<_>>()?)
            }
            ComponentDefinedType::Own(resource) | ComponentDefinedType::Borrow(resource) => {
                let scope = Scope { types, interface, component: &self.names };
                let name = scope.of_resource(*resource).unwrap_or("resource").to_owned();
                self.budget.spend(&name)?;
                match &types[id] {
                    ComponentDefinedType::Own(_) => TypeKind::Own(name),
                    _ => TypeKind::Borrow(name),
                }
            }
            ComponentDefinedType::Stream { ty, .. } => TypeKind::Stream(self.optional(*ty, interface)?),
            ComponentDefinedType::Future { ty, .. } => TypeKind::Future(self.optional(*ty, interface)?),
        })
    }

    fn optional(&mut self, ty: Option<ComponentValType>, interface: &Names<'a>) -> Collected<Option<TypeId>> {
        ty.map(|ty| self.value(ty, interface)).transpose()
    }

    fn label(&mut self, name: &str, docs: Option<String>) -> Collected<Label> {
        self.pay(MEMBER_IN_BYTES, name)?;
        self.pay(0, docs.as_deref().unwrap_or_default())?;
        Ok(Label { name: name.to_owned(), docs })
    }

    fn pay(&mut self, bytes: usize, text: &str) -> Collected<()> {
        // Twice: in the graph and in the table of known nodes.
        self.budget.spend_bytes(bytes.saturating_add(text.len().saturating_mul(2)))
    }

    fn node(&mut self, def: TypeDef) -> Collected<TypeId> {
        if let Some(known) = self.known.get(&def) {
            return Ok(*known);
        }
        // The validator's own limit of depth is lower, so this refuses nothing.
        let id = self.graph.add(def.clone()).map_err(|_| ReadProblem::TypesTooLong)?;
        self.known.insert(def, id);
        Ok(id)
    }

    fn docs_of(&self, id: ComponentDefinedTypeId) -> Option<DocumentedType<'a>> {
        if self.docs.is_empty() {
            return None;
        }
        let id = ComponentAnyTypeId::Defined(id);
        std::iter::successors(Some(id), |id| self.types.peel_alias(*id))
            .find_map(|id| self.docs.get(&id).copied())
    }
}

/// The documented types of all interfaces.
fn documented<'a>(
    types: &'a Types,
    externs: &'a [Extern<'a>],
    docs: &TypeDocs<'a>,
) -> HashMap<ComponentAnyTypeId, DocumentedType<'a>> {
    let mut found = HashMap::new();
    for external in externs {
        let ComponentEntityType::Instance(id) = external.item.ty else { continue };
        for (name, item) in &types[id].exports {
            let ComponentEntityType::Type { created, .. } = item.ty else { continue };
            if let Some(documented) = docs.get(&external.name, name) {
                found.entry(created).or_insert(documented);
            }
        }
    }
    found
}

fn primitive_kind(ty: PrimitiveValType) -> TypeKind {
    match ty {
        PrimitiveValType::Bool => TypeKind::Bool,
        PrimitiveValType::S8 => TypeKind::Integer(Integer::S8),
        PrimitiveValType::U8 => TypeKind::Integer(Integer::U8),
        PrimitiveValType::S16 => TypeKind::Integer(Integer::S16),
        PrimitiveValType::U16 => TypeKind::Integer(Integer::U16),
        PrimitiveValType::S32 => TypeKind::Integer(Integer::S32),
        PrimitiveValType::U32 => TypeKind::Integer(Integer::U32),
        PrimitiveValType::S64 => TypeKind::Integer(Integer::S64),
        PrimitiveValType::U64 => TypeKind::Integer(Integer::U64),
        PrimitiveValType::F32 => TypeKind::F32,
        PrimitiveValType::F64 => TypeKind::F64,
        PrimitiveValType::Char => TypeKind::Char,
        PrimitiveValType::String => TypeKind::String,
        PrimitiveValType::ErrorContext => TypeKind::ErrorContext,
    }
}
