//! Functions that give the identity of a handle, added to the components that define resources.
//!
//! A handle's number is its component's own: another has another number for the same resource, and uses it again
//! for the next. What stays the same is the resource's `rep`, which only the component sees that defines it. A
//! borrowed handle that is passed to that component arrives as the `rep`, so a function that gives back its
//! argument is all that it takes.
//!
//! Only resources that the component itself defines can be so identified, and not those of a component inside.

use wasm_encoder::{
    Alias, CanonicalFunctionSection, CodeSection, ComponentAliasSection, ComponentExportKind,
    ComponentExportSection, ComponentSection, ComponentTypeSection, ComponentValType, ExportKind,
    ExportSection, Function, FunctionSection, InstanceSection, Module, ModuleArg, ModuleSection,
    PrimitiveValType, TypeSection, ValType,
};
use wasmparser::{
    BinaryReaderError, ComponentExternalKind, ComponentType, Parser, Payload, ValidPayload, Validator,
    WasmFeatures,
    component_types::{ComponentAnyTypeId, ComponentEntityType},
    types::{Types, TypesRef},
};

/// The added exports begin so.
pub(crate) const IDENTITY: &str = "jackfield-identity";

/// An added function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Identity {
    /// The exported interface with the resource, and the resource's name in it.
    pub(crate) interface: String,
    pub(crate) resource: String,
    /// The export that gives a handle's `rep`.
    pub(crate) function: String,
}

/// The component with a function for each resource that it defines and exports. One that is not valid stays as
/// it is: whoever reads it next says why.
pub(crate) fn with_identities(bytes: Vec<u8>) -> (Vec<u8>, Vec<Identity>) {
    match exported_resources(&bytes) {
        Ok(Some((types, found))) => added(bytes, types.as_ref(), &found),
        Ok(None) | Err(_) => (bytes, Vec::new()),
    }
}

/// The resources that the outermost component defines and exports, if there are any.
fn exported_resources(bytes: &[u8]) -> Result<Option<(Types, Vec<Found>)>, BinaryReaderError> {
    if !defines_resources(bytes)? {
        return Ok(None);
    }
    let mut scan = Scan::default();
    let mut validator = Validator::new_with_features(WasmFeatures::all());
    for payload in Parser::new(0).parse_all(bytes) {
        let payload = payload?;
        scan.before(&payload, &validator)?;
        if let (ValidPayload::End(types), 0) = (validator.payload(&payload)?, scan.depth) {
            let found = scan.found(types.as_ref());
            return Ok((!found.is_empty()).then_some((types, found)));
        }
    }
    Ok(None)
}

/// Whether it is worth looking closely.
fn defines_resources(bytes: &[u8]) -> Result<bool, BinaryReaderError> {
    let mut depth = 0;
    for payload in Parser::new(0).parse_all(bytes) {
        match payload? {
            Payload::Version { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentTypeSection(reader) if depth == 1 => {
                for ty in reader {
                    if let ComponentType::Resource { .. } = ty? {
                        return Ok(true);
                    }
                }
            }
            _ => {}
        }
    }
    Ok(false)
}

/// What is found in the outermost component.
#[derive(Default)]
struct Scan {
    depth: u32,
    /// The types of its own resources.
    own: Vec<u32>,
    /// The exported instances, as which they are known inside from then on.
    exported: Vec<(String, u32)>,
}

/// A resource that is exported: the interface, its name there, and the instance.
struct Found {
    interface: String,
    resource: String,
    instance: u32,
}

impl Scan {
    fn before(&mut self, payload: &Payload<'_>, validator: &Validator) -> Result<(), BinaryReaderError> {
        let types = validator.types(0);
        match payload {
            Payload::Version { .. } => self.depth += 1,
            Payload::End(_) => self.depth -= 1,
            Payload::ComponentTypeSection(reader) if self.depth == 1 => {
                let first = types.map_or(0, |types| types.component_type_count());
                for (index, ty) in (first..).zip(reader.clone()) {
                    if let ComponentType::Resource { .. } = ty? {
                        self.own.push(index);
                    }
                }
            }
            Payload::ComponentExportSection(reader) if self.depth == 1 => {
                let mut next = types.map_or(0, |types| types.component_instance_count());
                for export in reader.clone() {
                    let export = export?;
                    if export.kind == ComponentExternalKind::Instance {
                        self.exported.push((export.name.name.to_owned(), next));
                        next += 1;
                    }
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn found(&self, types: TypesRef<'_>) -> Vec<Found> {
        let resource = |ty: ComponentAnyTypeId| match ty {
            ComponentAnyTypeId::Resource(resource) => Some(resource.resource()),
            _ => None,
        };
        let own: Vec<_> =
            self.own.iter().filter_map(|index| resource(types.component_any_type_at(*index))).collect();
        let mut found = Vec::new();
        for (interface, instance) in &self.exported {
            for (name, item) in &types[types.component_instance_at(*instance)].exports {
                let ComponentEntityType::Type { created, .. } = item.ty else { continue };
                if resource(created).is_some_and(|resource| own.contains(&resource)) {
                    found.push(Found {
                        interface: interface.clone(),
                        resource: name.clone(),
                        instance: *instance,
                    });
                }
            }
        }
        found
    }
}

/// Appends what is needed, which is allowed of any component.
fn added(mut bytes: Vec<u8>, types: TypesRef<'_>, found: &[Found]) -> (Vec<u8>, Vec<Identity>) {
    let module = types.module_count();
    let instance = types.core_instance_count();
    let code = types.function_count();
    let first_type = types.component_type_count();
    let first_function = types.component_function_count();
    let mut instances = InstanceSection::new();
    instances.instantiate(module, std::iter::empty::<(&str, ModuleArg)>());
    let mut aliases = ComponentAliasSection::new();
    aliases.alias(Alias::CoreInstanceExport { instance, kind: ExportKind::Func, name: "same" });
    for found in found {
        aliases.alias(Alias::InstanceExport {
            instance: found.instance,
            kind: ComponentExportKind::Type,
            name: &found.resource,
        });
    }
    let count = found.len() as u32;
    let mut signatures = ComponentTypeSection::new();
    let mut lifts = CanonicalFunctionSection::new();
    let mut exports = ComponentExportSection::new();
    let mut identities = Vec::new();
    for (place, found) in (0..).zip(found) {
        let borrowed = first_type + count + 2 * place;
        signatures.defined_type().borrow(first_type + place);
        signatures
            .function()
            .params([("self", ComponentValType::Type(borrowed))])
            .result(Some(ComponentValType::Primitive(PrimitiveValType::U32)));
        lifts.lift(code, borrowed + 1, []);
        let function = format!("{IDENTITY}-n{place}");
        exports.export(function.as_str(), ComponentExportKind::Func, first_function + place, None);
        identities.push(Identity {
            interface: found.interface.clone(),
            resource: found.resource.clone(),
            function,
        });
    }
    let same = same();
    let sections: [&dyn ComponentSection; 6] =
        [&ModuleSection(&same), &instances, &aliases, &signatures, &lifts, &exports];
    for section in sections {
        section.append_to_component(&mut bytes);
    }
    (bytes, identities)
}

/// A module with a function that gives back its argument.
fn same() -> Module {
    let mut types = TypeSection::new();
    types.ty().function([ValType::I32], [ValType::I32]);
    let mut functions = FunctionSection::new();
    functions.function(0);
    let mut exports = ExportSection::new();
    exports.export("same", ExportKind::Func, 0);
    let mut code = CodeSection::new();
    let mut body = Function::new([]);
    body.instructions().local_get(0).end();
    code.function(&body);
    let mut module = Module::new();
    module.section(&types).section(&functions).section(&exports).section(&code);
    module
}
