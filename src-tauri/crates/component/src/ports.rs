//! Imports and exports as [`Port`]s.

use jackfield_protocol::{Direction, Function, FunctionKind, Param, Port, PortKind};
use wasmparser::collections::IndexMap;
use wasmparser::component_types::{
    ComponentAnyTypeId, ComponentEntityType, ComponentFuncTypeId, ComponentItem, ComponentValType,
};
use wasmparser::types::Types;

use crate::ReadProblem;
use crate::decode::Extern;
use crate::names::{Names, Scope};
use crate::types::Printer;

/// A component whose names and types take more text than this is refused: 64 MiB. Types can share
/// their parts, so that a short binary can have types that are very long when they are printed.
pub const MAX_TEXT_IN_BYTES: usize = 64 << 20;

/// How much text may still be made.
pub(crate) struct Budget(usize);

impl Budget {
    pub(crate) fn new() -> Self {
        Self(MAX_TEXT_IN_BYTES)
    }

    /// Accounts for `text`.
    pub(crate) fn spend(&mut self, text: &str) -> Result<(), ReadProblem> {
        // One more, so that empty texts are not free.
        self.spend_bytes(text.len() + 1)
    }

    /// Accounts for what is not text.
    pub(crate) fn spend_bytes(&mut self, bytes: usize) -> Result<(), ReadProblem> {
        self.0 = self.0.checked_sub(bytes).ok_or(ReadProblem::TypesTooLong)?;
        Ok(())
    }

    fn own(&mut self, text: &str) -> Result<String, ReadProblem> {
        self.spend(text)?;
        Ok(text.to_owned())
    }
}

/// Turns what the validator knows into ports.
pub(crate) struct Describer<'a> {
    types: &'a Types,
    names: Names<'a>,
    budget: Budget,
}

impl<'a> Describer<'a> {
    pub(crate) fn new(types: &'a Types, externs: &'a [Extern<'a>]) -> Self {
        let names = Names::of_component(types, externs);
        Self { types, names, budget: Budget::new() }
    }

    /// Imports first, then exports, each in the order of the binary.
    pub(crate) fn ports(&mut self, externs: &'a [Extern<'a>]) -> Result<Vec<Port>, ReadProblem> {
        let mut ports = Vec::with_capacity(externs.len());
        for direction in [Direction::Import, Direction::Export] {
            for external in externs.iter().filter(|external| external.direction == direction) {
                ports.extend(self.port(external)?);
            }
        }
        Ok(ports)
    }

    /// The port that an import or export is; none for exports that no link can use.
    fn port(&mut self, external: &'a Extern<'a>) -> Result<Option<Port>, ReadProblem> {
        let Extern { direction, name, implements, item } = external;
        let kind = match item.ty {
            ComponentEntityType::Instance(id) => self.instance(&self.types[id].exports)?,
            ComponentEntityType::Func(id) => {
                PortKind::Function(self.function(name, id, &Names::default())?)
            }
            ComponentEntityType::Type { .. } => PortKind::Type,
            ComponentEntityType::Module(_)
            | ComponentEntityType::Component(_)
            | ComponentEntityType::Value(_) => match direction {
                Direction::Import => {
                    return Err(ReadProblem::UnlinkableImport { import: name.clone() });
                }
                Direction::Export => return Ok(None),
            },
        };
        let implements = implements.as_deref().map(|interface| self.budget.own(interface)).transpose()?;
        let name = self.budget.own(name)?;
        Ok(Some(Port { direction: *direction, name, implements, kind, docs: None }))
    }

    /// An interface's functions and types. Nested instances, which WIT does not have, are left out.
    fn instance(&mut self, exports: &'a IndexMap<String, ComponentItem>) -> Result<PortKind, ReadProblem> {
        let names = Names::of_interface(exports);
        let mut functions = Vec::new();
        let (mut types, mut resources) = (Vec::new(), Vec::new());
        for (name, item) in exports {
            match item.ty {
                ComponentEntityType::Func(id) => functions.push(self.function(name, id, &names)?),
                ComponentEntityType::Type { created, .. } => {
                    types.push(self.budget.own(name)?);
                    if matches!(created, ComponentAnyTypeId::Resource(_)) {
                        resources.push(self.budget.own(name)?);
                    }
                }
                _ => {}
            }
        }
        Ok(PortKind::Instance { functions, types, resources })
    }

    fn function(
        &mut self,
        name: &str,
        id: ComponentFuncTypeId,
        interface: &Names<'a>,
    ) -> Result<Function, ReadProblem> {
        let ty = &self.types[id];
        let mut params = Vec::with_capacity(ty.params.len());
        for (param, param_ty) in &ty.params {
            params.push(Param { name: self.budget.own(param)?, ty: self.print(*param_ty, interface)? });
        }
        let result = ty.result.map(|result| self.print(result, interface)).transpose()?;
        let name = self.budget.own(name)?;
        let kind = function_kind(&name);
        Ok(Function { name, kind, is_async: ty.async_, params, result, docs: None })
    }

    fn print(&mut self, ty: ComponentValType, interface: &Names<'a>) -> Result<String, ReadProblem> {
        let scope = Scope { types: self.types, interface, component: &self.names };
        let mut printer = Printer { scope: &scope, budget: &mut self.budget, text: String::new() };
        printer.value(ty)?;
        Ok(printer.text)
    }
}

/// How a function belongs to a resource, which the component model says in its name
/// (`Explainer.md`, 'import and export definitions').
fn function_kind(name: &str) -> FunctionKind {
    let resource_of = |name: &str| name.split_once('.').map_or(name, |(resource, _)| resource).to_owned();
    if let Some(rest) = name.strip_prefix("[method]") {
        FunctionKind::Method(resource_of(rest))
    } else if let Some(rest) = name.strip_prefix("[static]") {
        FunctionKind::Static(resource_of(rest))
    } else if let Some(resource) = name.strip_prefix("[constructor]") {
        FunctionKind::Constructor(resource.to_owned())
    } else {
        FunctionKind::Freestanding
    }
}
