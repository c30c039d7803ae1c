//! Puts a forwarder together: a component that imports an interface and exports the same interface, with the
//! same resources.
//!
//! ```text
//! (component
//!   (import FOREIGN (instance ..types..))     for each interface that the types are used from
//!   (import "target" (instance ..))           what is forwarded to
//!   (import "hooks" (instance enter leave))   the host, told before and after each call
//!   (import "values" (instance ..))           the host, shown arguments and results, if it wants to be
//!   ..core modules, lower, lift..
//!   (component $shim ..)                      gives the imported types and the lifted functions their names
//!   (export INTERFACE (instance $shim)))
//! ```
//!
//! The shim is what makes the exported resources the imported ones: an instance that is made of single
//! items has no names for the types in its functions, but one that a component exports has.

use indexmap::IndexMap;
use wac_graph::types::{
    FuncType, Interface, InterfaceId, ItemKind, ResourceId, Type, Types, UsedType, ValueType,
};
use wasm_encoder::{
    Alias, CanonicalOption, ComponentBuilder, ComponentExportKind, ComponentOuterAliasKind, ComponentTypeRef,
    ComponentValType, ExportKind, InstanceType, ModuleArg, PrimitiveValType, TypeBounds, ValType,
};

use super::abi::{self, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS};
use super::core::{self, DROPS, HOOKS, MEMORY, Plan, ResultShape, Shape, TARGET, VALUES};
use super::scope::{Onlooker, Scope, Target, named_types};
use super::{Forwarder, Unprobeable};

/// Appended to what an onlooker is shown of a result that lies in memory, so that it is too much for
/// registers and is taken from where it lies. The bytes are those of [`core::PADDING`].
const SHOWN_PADDING: usize = MAX_FLAT_PARAMS + 1;

type Built<T> = Result<T, Unprobeable>;

/// Makes the forwarder of an interface, exported as `name`.
pub(super) fn assemble(types: &Types, id: InterfaceId, name: &str, shows_values: bool) -> Built<Forwarder> {
    let interface = &types[id];
    let functions: Vec<(&str, &FuncType)> = interface
        .exports
        .iter()
        .filter_map(|(name, kind)| match kind {
            ItemKind::Func(function) => Some((name.as_str(), &types[*function])),
            _ => None,
        })
        .collect();
    let shapes = functions.iter().map(|(name, ty)| shape(types, name, ty)).collect::<Built<Vec<_>>>()?;
    let mut assembler = Assembler {
        types,
        scope: Scope::new(types, ComponentBuilder::default()),
        foreign: IndexMap::new(),
        named: Vec::new(),
    };
    let target = assembler.import_target(id)?;
    let lifted = assembler.forward(target, &functions, &shapes, shows_values)?;
    let shim = assembler.shim(interface, &functions)?;
    let Assembler { scope, foreign, named, .. } = assembler;
    let mut builder = scope.target;
    let shim = builder.component(None, shim);
    let arguments: Vec<(String, ComponentExportKind, u32)> = named
        .iter()
        .enumerate()
        .map(|(place, (_, index))| (type_name(place), ComponentExportKind::Type, *index))
        .chain(
            lifted
                .iter()
                .enumerate()
                .map(|(place, index)| (function_name(place), ComponentExportKind::Func, *index)),
        )
        .collect();
    let instance = builder.instantiate(None, shim, arguments);
    builder.export(name, ComponentExportKind::Instance, instance, None);
    Ok(Forwarder {
        bytes: builder.finish(),
        functions: functions.into_iter().map(|(name, _)| name.to_owned()).collect(),
        foreign: foreign.into_keys().collect(),
    })
}

fn type_name(place: usize) -> String {
    format!("type-{place}")
}

fn function_name(place: usize) -> String {
    format!("func-{place}")
}

/// How a function is called, or why it cannot be forwarded.
fn shape(types: &Types, name: &str, function: &FuncType) -> Built<Shape> {
    if function.is_async {
        return Err(Unprobeable::Async { function: name.to_owned() });
    }
    let mut params = Vec::new();
    let mut borrows = Vec::new();
    for ty in function.params.values() {
        let place = params.len() as u32;
        match types.resolve_value_type(*ty) {
            ValueType::Borrow(resource) => borrows.push((place, resource)),
            ty if abi::has_borrow(types, ty) => {
                return Err(Unprobeable::NestedBorrow { function: name.to_owned() });
            }
            _ => {}
        }
        abi::flatten(types, *ty, &mut params);
    }
    let is_spilled = params.len() > MAX_FLAT_PARAMS;
    if is_spilled {
        if !borrows.is_empty() {
            return Err(Unprobeable::NestedBorrow { function: name.to_owned() });
        }
        params = vec![ValType::I32];
    }
    let result = result_shape(types, function.result);
    let has_pointer = |ty: &ValueType| abi::has_pointer(types, *ty);
    let uses_memory = is_spilled
        || matches!(result, ResultShape::Memory(_))
        || function.params.values().any(has_pointer)
        || function.result.as_ref().is_some_and(has_pointer);
    Ok(Shape { params, result, borrows, uses_memory })
}

fn result_shape(types: &Types, result: Option<ValueType>) -> ResultShape {
    let Some(ty) = result else { return ResultShape::None };
    let mut flat = Vec::new();
    abi::flatten(types, ty, &mut flat);
    match flat.as_slice() {
        [] => ResultShape::None,
        [ty] if flat.len() <= MAX_FLAT_RESULTS => ResultShape::Flat(*ty),
        _ => ResultShape::Memory(abi::layout(types, ty)),
    }
}

struct Assembler<'t> {
    types: &'t Types,
    /// The forwarder itself.
    scope: Scope<'t, ComponentBuilder>,
    /// The imported interfaces that types are used from, and their instances.
    foreign: IndexMap<String, u32>,
    /// The types with a name, each after those that it is made of, and their indices in the forwarder.
    named: Vec<(Type, u32)>,
}

impl<'t> Assembler<'t> {
    fn import_target(&mut self, id: InterfaceId) -> Built<u32> {
        let ty = self.instance_type(id, true)?;
        let ty = self.scope.target.type_instance(None, &ty);
        let instance = self.scope.target.import(TARGET, ComponentTypeRef::Instance(ty));
        self.name_types(id, instance);
        Ok(instance)
    }

    /// Makes an instance's types known.
    fn name_types(&mut self, id: InterfaceId, instance: u32) {
        for (name, ty) in named_types(&self.types[id].exports) {
            let index = self.scope.target.alias_export(instance, name, ComponentExportKind::Type);
            self.scope.know(ty, index);
            self.named.push((ty, index));
        }
    }

    /// Imports an interface for the types that are used from it, and before it those that it uses.
    fn import_foreign(&mut self, id: InterfaceId) -> Built<u32> {
        let name = self.types[id].id.clone().ok_or(Unprobeable::Type)?;
        if let Some(instance) = self.foreign.get(&name) {
            return Ok(*instance);
        }
        let ty = self.instance_type(id, false)?;
        let ty = self.scope.target.type_instance(None, &ty);
        let instance = self.scope.target.import(name.as_str(), ComponentTypeRef::Instance(ty));
        self.foreign.insert(name, instance);
        self.name_types(id, instance);
        Ok(instance)
    }

    /// The type of an interface's instance, with its functions or only with its types.
    fn instance_type(&mut self, id: InterfaceId, has_functions: bool) -> Built<InstanceType> {
        let types = self.types;
        let interface = &types[id];
        let mut scope = Scope::new(types, InstanceType::new());
        for (name, kind) in &interface.exports {
            match kind {
                ItemKind::Type(ty) => {
                    let bounds = match interface.uses.get(name) {
                        Some(used) => TypeBounds::Eq(self.used(used, name, &mut scope)?),
                        None => own_bounds(types, &mut scope, *ty)?,
                    };
                    let index = scope.target.type_count();
                    scope.target.export(name.as_str(), ComponentTypeRef::Type(bounds));
                    scope.know(*ty, index);
                }
                ItemKind::Func(function) if has_functions => {
                    let function = scope.function(&types[*function])?;
                    scope.target.export(name.as_str(), ComponentTypeRef::Func(function));
                }
                ItemKind::Func(_) => {}
                _ => return Err(Unprobeable::Type),
            }
        }
        Ok(scope.target)
    }

    /// A type of another interface, aliased into the type of an instance.
    fn used(&mut self, used: &UsedType, name: &str, scope: &mut Scope<'t, InstanceType>) -> Built<u32> {
        let instance = self.import_foreign(used.interface)?;
        let name = used.name.as_deref().unwrap_or(name);
        let outer = self.scope.target.alias_export(instance, name, ComponentExportKind::Type);
        let index = scope.target.type_count();
        scope.target.alias(Alias::Outer { kind: ComponentOuterAliasKind::Type, count: 1, index: outer });
        Ok(index)
    }

    /// Everything between the imports and the lifted functions, which it gives.
    fn forward(
        &mut self,
        target: u32,
        functions: &[(&str, &FuncType)],
        shapes: &[Shape],
        shows_values: bool,
    ) -> Built<Vec<u32>> {
        let hooks = self.import_hooks();
        let values = shows_values.then(|| self.import_values(functions, shapes)).transpose()?;
        let dropped = self.dropped(shapes);
        let builder = &mut self.scope.target;
        let memory_module = builder.core_module(None, &core::memory_module());
        let memory_instance = builder.core_instantiate(None, memory_module, []);
        let memory = builder.core_alias_export(None, memory_instance, "memory", ExportKind::Memory);
        let realloc = builder.core_alias_export(None, memory_instance, "realloc", ExportKind::Func);
        let in_memory =
            [CanonicalOption::UTF8, CanonicalOption::Memory(memory), CanonicalOption::Realloc(realloc)];

        let mut lowered: Vec<(&str, Vec<(String, u32)>)> = Vec::new();
        let hook_functions = ["enter", "leave"].map(|name| {
            let function = builder.alias_export(hooks, name, ComponentExportKind::Func);
            (name.to_owned(), builder.lower_func(None, function, []))
        });
        lowered.push((HOOKS, hook_functions.into()));
        let mut drops = Vec::new();
        for (place, resource) in dropped.iter().enumerate() {
            let index = self.scope.index(Type::Resource(*resource)).ok_or(Unprobeable::Type)?;
            drops.push((place.to_string(), self.scope.target.resource_drop(index)));
        }
        lowered.push((DROPS, drops));
        let builder = &mut self.scope.target;
        let lower = |builder: &mut ComponentBuilder, instance, name: &str, shape: &Shape| {
            let function = builder.alias_export(instance, name, ComponentExportKind::Func);
            match shape.uses_memory {
                true => builder.lower_func(None, function, in_memory),
                false => builder.lower_func(None, function, []),
            }
        };
        let mut forwarded = Vec::new();
        for (place, ((name, _), shape)) in functions.iter().zip(shapes).enumerate() {
            forwarded.push((place.to_string(), lower(builder, target, name, shape)));
        }
        lowered.push((TARGET, forwarded));
        if let Some(values) = values {
            let mut shown = Vec::new();
            for (place, shape) in shapes.iter().enumerate() {
                for name in [format!("args-{place}"), format!("result-{place}")] {
                    let index = lower(builder, values, &name, shape);
                    shown.push((name, index));
                }
            }
            lowered.push((VALUES, shown));
        }
        let plan = Plan { functions: shapes, dropped: &dropped, shows_values };
        let module = builder.core_module(None, &core::forwarding_module(&plan));
        let mut arguments = vec![(MEMORY, ModuleArg::Instance(memory_instance))];
        for (name, functions) in &lowered {
            let exports: Vec<_> =
                functions.iter().map(|(name, index)| (name.as_str(), ExportKind::Func, *index)).collect();
            arguments.push((*name, ModuleArg::Instance(builder.core_instantiate_exports(None, exports))));
        }
        let instance = builder.core_instantiate(None, module, arguments);
        functions
            .iter()
            .zip(shapes)
            .enumerate()
            .map(|(place, ((_, function), shape))| {
                let ty = self.scope.function(function)?;
                let builder = &mut self.scope.target;
                let code = builder.core_alias_export(None, instance, &place.to_string(), ExportKind::Func);
                if !shape.uses_memory {
                    return Ok(builder.lift_func(None, code, ty, []));
                }
                let done = format!("done-{place}");
                let done = builder.core_alias_export(None, instance, &done, ExportKind::Func);
                let options = in_memory.into_iter().chain([CanonicalOption::PostReturn(done)]);
                Ok(builder.lift_func(None, code, ty, options.collect::<Vec<_>>()))
            })
            .collect()
    }

    fn import_hooks(&mut self) -> u32 {
        let mut scope = Scope::new(self.types, InstanceType::new());
        let number = ComponentValType::Primitive(PrimitiveValType::U32);
        let enter = scope.write_function(vec![("site", number)], Some(number));
        scope.target.export("enter", ComponentTypeRef::Func(enter));
        let leave = scope.write_function(vec![("span", number)], None);
        scope.target.export("leave", ComponentTypeRef::Func(leave));
        let builder = &mut self.scope.target;
        let ty = builder.type_instance(None, &scope.target);
        builder.import(HOOKS, ComponentTypeRef::Instance(ty))
    }

    fn import_values(&mut self, functions: &[(&str, &FuncType)], shapes: &[Shape]) -> Built<u32> {
        let mut scope = Scope::new(self.types, Onlooker::default());
        for (place, ((_, function), shape)) in functions.iter().zip(shapes).enumerate() {
            let names: Vec<String> = (0..function.params.len()).map(|param| format!("p{param}")).collect();
            let params = names.iter().zip(function.params.values());
            let params = params.map(|(name, ty)| Ok((name.as_str(), scope.value(*ty)?)));
            let params = params.collect::<Built<Vec<_>>>()?;
            let args = scope.write_function(params, None);
            scope.target.ty.export(format!("args-{place}").as_str(), ComponentTypeRef::Func(args));

            let names: Vec<String> = (0..SHOWN_PADDING).map(|byte| format!("padding{byte}")).collect();
            let mut shown = Vec::new();
            if let (Some(ty), true) = (function.result, shape.result != ResultShape::None) {
                shown.push(("result", scope.value(ty)?));
            }
            if let ResultShape::Memory(_) = shape.result {
                let byte = ComponentValType::Primitive(PrimitiveValType::U8);
                shown.extend(names.iter().map(|name| (name.as_str(), byte)));
            }
            let result = scope.write_function(shown, None);
            scope.target.ty.export(format!("result-{place}").as_str(), ComponentTypeRef::Func(result));
        }
        let builder = &mut self.scope.target;
        let ty = builder.type_instance(None, &scope.target.ty);
        Ok(builder.import(VALUES, ComponentTypeRef::Instance(ty)))
    }

    /// The resources of which borrowed handles are to be dropped, by the names that the shapes have for them.
    fn dropped(&self, shapes: &[Shape]) -> Vec<ResourceId> {
        let mut dropped = Vec::new();
        for (_, resource) in shapes.iter().flat_map(|shape| &shape.borrows) {
            if !dropped.contains(resource) {
                dropped.push(*resource);
            }
        }
        dropped
    }

    /// The component that names types and functions.
    fn shim(&self, interface: &Interface, functions: &[(&str, &FuncType)]) -> Built<ComponentBuilder> {
        let mut scope = Scope::new(self.types, ComponentBuilder::default());
        for (place, (ty, _)) in self.named.iter().enumerate() {
            let bounds = own_bounds(self.types, &mut scope, *ty)?;
            let index = scope.target.import(type_name(place).as_str(), ComponentTypeRef::Type(bounds));
            scope.know(*ty, index);
        }
        let mut imported = Vec::new();
        for (place, (_, function)) in functions.iter().enumerate() {
            let ty = scope.function(function)?;
            let name = function_name(place);
            imported.push(scope.target.import(name.as_str(), ComponentTypeRef::Func(ty)));
        }
        for (name, ty) in named_types(&interface.exports) {
            let index = scope.index(ty).ok_or(Unprobeable::Type)?;
            let index = scope.target.export(name, ComponentExportKind::Type, index, None);
            scope.know(ty, index);
        }
        for ((name, function), index) in functions.iter().zip(imported) {
            let ty = ComponentTypeRef::Func(scope.function(function)?);
            scope.target.export(*name, ComponentExportKind::Func, index, Some(ty));
        }
        Ok(scope.target)
    }
}

/// What a named type is where it is declared: a resource of its own, the same as an earlier one, or what it is
/// made of.
fn own_bounds<T: Target>(types: &Types, scope: &mut Scope<'_, T>, ty: Type) -> Built<TypeBounds> {
    match ty {
        Type::Resource(resource) => {
            let source = types[resource].alias.as_ref().map(|alias| alias.source);
            let known = source.and_then(|source| scope.index(Type::Resource(source)));
            Ok(known.map_or(TypeBounds::SubResource, TypeBounds::Eq))
        }
        ty => Ok(TypeBounds::Eq(scope.definition(ty)?)),
    }
}
