//! Puts a forwarder together: a component that imports an interface and exports the same interface, with the
//! same resources; or a function, and the same function.
//!
//! ```text
//! (component
//!   (import FOREIGN (instance ..types..))     for each interface that the types are used from
//!   (import TARGET (instance ..))             what is forwarded to
//!   (import "hooks" (instance ..))            the host, told before and after each call
//!   (import "values" (instance ..))           the host, shown arguments and results, and giving others
//!   (import "identity-nN" (func ..))          for each resource whose handles can be identified
//!   ..core modules, lower, lift..
//!   (component $shim ..)                      gives the imported types and the lifted functions their names
//!   (export INTERFACE (instance $shim)))
//! ```
//!
//! The shim is what makes the exported resources the imported ones: an instance that is made of single
//! items has no names for the types in its functions, but one that a component exports has.

use indexmap::IndexMap;
use wac_graph::types::{
    FuncType, FuncTypeId, Interface, InterfaceId, ItemKind, ResourceId, Type, Types, UsedType, ValueType,
};
use wasm_encoder::{
    Alias, CanonicalOption, ComponentBuilder, ComponentExportKind, ComponentOuterAliasKind, ComponentTypeRef,
    ComponentValType, ExportKind, InstanceType, ModuleArg, PrimitiveValType, TypeBounds, ValType,
};

use super::abi::MAX_FLAT_PARAMS;
use super::core::{self, BUILTINS, HOOKS, IDENTITIES, MEMORY, Plan, ResultShape, Shape, TARGET, VALUES};
use super::heap;
use super::resources::{channels, declared_in, functions, handled};
use super::scope::{Onlooker, Root, Scope, Target, named_types};
use super::{Forwarder, Order, Unprobeable, identity_import};

/// Appended to what an onlooker is shown of a result that lies in memory, so that it is too much for
/// registers and is taken from where it lies. The bytes are those of [`core::PADDING`].
const SHOWN_PADDING: usize = MAX_FLAT_PARAMS + 1;

type Built<T> = Result<T, Unprobeable>;

/// A row of core functions by name, for the core module to import.
type Lowered = Vec<(String, u32)>;

/// Makes the forwarder of an import.
pub(super) fn assemble(order: &Order<'_>) -> Built<Forwarder> {
    match order.import {
        ItemKind::Instance(id) => interface(order, id),
        ItemKind::Func(id) => function(order, id),
        _ => Err(Unprobeable::Type),
    }
}

fn interface(order: &Order<'_>, id: InterfaceId) -> Built<Forwarder> {
    let types = order.types;
    let interface = &types[id];
    let functions = functions(types, interface);
    let mut assembler = Assembler::new(order, Root::default());
    let ty = assembler.instance_type(id, true)?;
    let builder = &mut assembler.scope.target.builder;
    let ty = builder.type_instance(None, &ty);
    let target = builder.import(order.target(), ComponentTypeRef::Instance(ty));
    assembler.name_types(id, target);
    let targets: Vec<u32> = functions
        .iter()
        .map(|(name, _)| {
            let builder = &mut assembler.scope.target.builder;
            builder.alias_export(target, name, ComponentExportKind::Func)
        })
        .collect();
    let lifted = assembler.forward(&targets, &functions)?;
    let shim = assembler.shim(interface, &functions)?;
    let Assembler { scope, foreign, named, .. } = assembler;
    let mut builder = scope.target.builder;
    let shim = builder.component(None, shim);
    let types = named.iter().enumerate();
    let types = types.map(|(place, (_, index))| (type_name(place), ComponentExportKind::Type, *index));
    let lifted = lifted.iter().enumerate();
    let lifted = lifted.map(|(place, index)| (function_name(place), ComponentExportKind::Func, *index));
    let arguments: Vec<(String, ComponentExportKind, u32)> = types.chain(lifted).collect();
    let instance = builder.instantiate(None, shim, arguments);
    builder.export(order.name, ComponentExportKind::Instance, instance, None);
    Ok(finished(builder, foreign, &functions))
}

fn function(order: &Order<'_>, id: FuncTypeId) -> Built<Forwarder> {
    let functions = [(order.name, &order.types[id])];
    let root = Root { imports_types_as: Some(order.types_prefix.clone()), ..Root::default() };
    let mut assembler = Assembler::new(order, root);
    let (_, ty) = functions[0];
    assembler.use_resources(ty)?;
    let ty = assembler.scope.function(ty)?;
    let builder = &mut assembler.scope.target.builder;
    let target = builder.import(order.target(), ComponentTypeRef::Func(ty));
    let lifted = assembler.forward(&[target], &functions)?;
    let mut builder = assembler.scope.target.builder;
    for index in lifted {
        builder.export(order.name, ComponentExportKind::Func, index, None);
    }
    Ok(finished(builder, assembler.foreign, &functions))
}

fn finished(
    builder: ComponentBuilder,
    foreign: IndexMap<String, u32>,
    functions: &[(&str, &FuncType)],
) -> Forwarder {
    Forwarder {
        bytes: builder.finish(),
        functions: functions.iter().map(|(name, _)| (*name).to_owned()).collect(),
        params: functions.iter().map(|(_, function)| function.params.keys().cloned().collect()).collect(),
        gives: functions.iter().map(|(_, function)| function.result.is_some()).collect(),
        foreign: foreign.into_keys().collect(),
    }
}

fn type_name(place: usize) -> String {
    format!("type-{place}")
}

fn function_name(place: usize) -> String {
    format!("func-{place}")
}

struct Assembler<'t> {
    types: &'t Types,
    /// The resources whose handles can be identified.
    identified: &'t [ResourceId],
    imports: &'t IndexMap<String, ItemKind>,
    /// The forwarder itself.
    scope: Scope<'t, Root>,
    /// The imported interfaces that types are used from, and their instances.
    foreign: IndexMap<String, u32>,
    /// The types with a name, each after those that it is made of, and their indices in the forwarder.
    named: Vec<(Type, u32)>,
}

impl<'t> Assembler<'t> {
    fn new(order: &Order<'t>, root: Root) -> Self {
        Self {
            types: order.types,
            identified: order.identified,
            imports: order.imports,
            scope: Scope::new(order.types, root),
            foreign: IndexMap::new(),
            named: Vec::new(),
        }
    }

    /// Makes an instance's types known.
    fn name_types(&mut self, id: InterfaceId, instance: u32) {
        for (name, ty) in named_types(&self.types[id].exports) {
            let builder = &mut self.scope.target.builder;
            let index = builder.alias_export(instance, name, ComponentExportKind::Type);
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
        let builder = &mut self.scope.target.builder;
        let ty = builder.type_instance(None, &ty);
        let instance = builder.import(name.as_str(), ComponentTypeRef::Instance(ty));
        self.foreign.insert(name, instance);
        self.name_types(id, instance);
        Ok(instance)
    }

    /// Imports the interfaces of the resources in a bare function, from which its world has them.
    fn use_resources(&mut self, function: &'t FuncType) -> Built<()> {
        let types = self.types;
        for resource in handled(types, [function]) {
            let (import, _) = declared_in(types, self.imports, resource).ok_or(Unprobeable::Type)?;
            let Some(ItemKind::Instance(interface)) = self.imports.get(&import) else {
                return Err(Unprobeable::Type);
            };
            self.import_foreign(*interface)?;
        }
        Ok(())
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
        let builder = &mut self.scope.target.builder;
        let outer = builder.alias_export(instance, name, ComponentExportKind::Type);
        let index = scope.target.type_count();
        scope.target.alias(Alias::Outer { kind: ComponentOuterAliasKind::Type, count: 1, index: outer });
        Ok(index)
    }

    /// Everything between the imports and the lifted functions, which it gives.
    fn forward(&mut self, targets: &[u32], functions: &[(&str, &'t FuncType)]) -> Built<Vec<u32>> {
        let types = self.types;
        let shapes: Vec<Shape> =
            functions.iter().map(|(name, function)| Shape::new(types, name, function)).collect();
        let only = || functions.iter().map(|(_, function)| *function);
        let resources = handled(types, only());
        let channels = channels(types, only());
        let plan = Plan {
            types,
            functions: &shapes,
            resources: &resources,
            channels: &channels,
            identified: self.identified,
        };
        let hooks = self.import_hooks(plan.is_concurrent());
        let values = self.import_values(functions, &shapes)?;
        let identities = self.import_identities()?;
        let memory = self.memory(plan.is_concurrent());
        let lowered: [(&str, Lowered); 5] = [
            (HOOKS, self.lower_hooks(hooks, plan.is_concurrent(), &memory)),
            (BUILTINS, self.builtins(&plan, &memory)?),
            (IDENTITIES, self.lower_all(&identities, &[])),
            (TARGET, self.lower_targets(targets, &shapes, &memory)),
            (VALUES, self.lower_values(values, &shapes, &memory)),
        ];
        let builder = &mut self.scope.target.builder;
        let module = builder.core_module(None, &core::forwarding_module(&plan));
        let mut arguments = vec![(MEMORY, ModuleArg::Instance(memory.instance))];
        for (name, functions) in &lowered {
            let exports: Vec<_> =
                functions.iter().map(|(name, index)| (name.as_str(), ExportKind::Func, *index)).collect();
            arguments.push((*name, ModuleArg::Instance(builder.core_instantiate_exports(None, exports))));
        }
        let instance = builder.core_instantiate(None, module, arguments);
        let lifted = functions.iter().zip(&shapes).enumerate();
        lifted
            .map(|(place, ((_, function), shape))| self.lift(instance, place, function, shape, &memory))
            .collect()
    }

    fn memory(&mut self, is_concurrent: bool) -> Memory {
        let module = match is_concurrent {
            true => heap::with_free_lists(),
            false => heap::forward_only(),
        };
        let builder = &mut self.scope.target.builder;
        let module = builder.core_module(None, &module);
        let instance = builder.core_instantiate(None, module, []);
        let memory = builder.core_alias_export(None, instance, "memory", ExportKind::Memory);
        let realloc = builder.core_alias_export(None, instance, "realloc", ExportKind::Func);
        let options =
            [CanonicalOption::UTF8, CanonicalOption::Memory(memory), CanonicalOption::Realloc(realloc)];
        Memory { instance, memory, options }
    }

    fn lift(
        &mut self,
        instance: u32,
        place: usize,
        function: &'t FuncType,
        shape: &Shape,
        memory: &Memory,
    ) -> Built<u32> {
        let ty = self.scope.function(function)?;
        let builder = &mut self.scope.target.builder;
        let mut core = |name: String| builder.core_alias_export(None, instance, &name, ExportKind::Func);
        let code = core(place.to_string());
        let mut options = Vec::new();
        if shape.is_async {
            options.extend([
                CanonicalOption::Async,
                CanonicalOption::Callback(core(format!("callback-{place}"))),
            ]);
            options.extend(memory.options);
        } else if shape.uses_memory {
            options.push(CanonicalOption::PostReturn(core(format!("done-{place}"))));
            options.extend(memory.options);
        }
        Ok(builder.lift_func(None, code, ty, options))
    }

    fn import_hooks(&mut self, is_concurrent: bool) -> u32 {
        let mut scope = Scope::new(self.types, InstanceType::new());
        let number = ComponentValType::Primitive(PrimitiveValType::U32);
        let both = ComponentValType::Primitive(PrimitiveValType::U64);
        let mut hook = |name: &str, params: &[&str], result: Option<ComponentValType>| {
            let params = params.iter().map(|name| (*name, number)).collect();
            let function = scope.write_function(params, result);
            scope.target.export(name, ComponentTypeRef::Func(function));
        };
        hook("enter", &["function"], Some(both));
        hook("leave", &["span", "bytes", "error"], Some(number));
        hook("hold", &["span"], Some(number));
        hook("kept", &["span", "handle"], Some(number));
        hook("known", &["resource", "handle", "rep", "role"], None);
        if is_concurrent {
            hook("cancelled", &["span"], None);
            let function = scope.target.type_count();
            scope.target.ty().function().async_(true).params([("span", number)]).result(Some(number));
            scope.target.export("hold-async", ComponentTypeRef::Func(function));
        }
        let builder = &mut self.scope.target.builder;
        let ty = builder.type_instance(None, &scope.target);
        builder.import(HOOKS, ComponentTypeRef::Instance(ty))
    }

    fn lower_hooks(&mut self, hooks: u32, is_concurrent: bool, memory: &Memory) -> Lowered {
        let builder = &mut self.scope.target.builder;
        let mut lower = |name: &str, options: Vec<CanonicalOption>| {
            let function = builder.alias_export(hooks, name, ComponentExportKind::Func);
            (name.to_owned(), builder.lower_func(None, function, options))
        };
        let mut lowered: Lowered =
            ["enter", "leave", "hold", "kept", "known"].map(|name| lower(name, Vec::new())).into();
        if is_concurrent {
            lowered.push(lower("cancelled", Vec::new()));
            let options = vec![CanonicalOption::Async, CanonicalOption::Memory(memory.memory)];
            lowered.push(lower("hold-async", options));
        }
        lowered
    }

    /// What the component model itself does for a forwarder.
    fn builtins(&mut self, plan: &Plan<'_>, memory: &Memory) -> Built<Lowered> {
        let mut lowered = Vec::new();
        for (place, resource) in plan.resources.iter().enumerate() {
            let index = self.scope.resource(*resource)?;
            lowered.push((format!("drop-{place}"), self.scope.target.builder.resource_drop(index)));
        }
        for (place, channel) in plan.channels.iter().enumerate() {
            let ComponentValType::Type(index) = self.scope.value(*channel)? else {
                return Err(Unprobeable::Type);
            };
            let builder = &mut self.scope.target.builder;
            let close = match is_stream(self.types, *channel) {
                true => builder.stream_drop_readable(index),
                false => builder.future_drop_readable(index),
            };
            lowered.push((format!("close-{place}"), close));
        }
        if plan.is_concurrent() {
            let builder = &mut self.scope.target.builder;
            lowered.extend([
                ("context-get".to_owned(), builder.context_get(ValType::I32, 0)),
                ("context-set".to_owned(), builder.context_set(ValType::I32, 0)),
                ("waitable-set-new".to_owned(), builder.waitable_set_new()),
                ("waitable-set-drop".to_owned(), builder.waitable_set_drop()),
                ("waitable-join".to_owned(), builder.waitable_join()),
                ("subtask-drop".to_owned(), builder.subtask_drop()),
                ("subtask-cancel".to_owned(), builder.subtask_cancel(true)),
                ("task-cancel".to_owned(), builder.task_cancel()),
            ]);
        }
        for (place, shape) in plan.functions.iter().enumerate().filter(|(_, shape)| shape.is_async) {
            let ty = shape.result_type.map(|ty| self.scope.value(ty)).transpose()?;
            let options = [CanonicalOption::UTF8, CanonicalOption::Memory(memory.memory)];
            let builder = &mut self.scope.target.builder;
            lowered.push((format!("task-return-{place}"), builder.task_return(ty, options)));
        }
        Ok(lowered)
    }

    /// Functions that give a handle's number in the component that defines the resource.
    fn import_identities(&mut self) -> Built<Vec<u32>> {
        let mut imported = Vec::new();
        for (place, resource) in self.identified.iter().enumerate() {
            let borrowed = self.scope.value(ValueType::Borrow(*resource))?;
            let number = ComponentValType::Primitive(PrimitiveValType::U32);
            let ty = self.scope.write_function(vec![("self", borrowed)], Some(number));
            let name = identity_import(place);
            let builder = &mut self.scope.target.builder;
            imported.push(builder.import(name.as_str(), ComponentTypeRef::Func(ty)));
        }
        Ok(imported)
    }

    fn lower_all(&mut self, functions: &[u32], options: &[CanonicalOption]) -> Lowered {
        let builder = &mut self.scope.target.builder;
        let lower = |(place, function): (usize, &u32)| {
            (place.to_string(), builder.lower_func(None, *function, options.iter().copied()))
        };
        functions.iter().enumerate().map(lower).collect()
    }

    fn lower_targets(&mut self, targets: &[u32], shapes: &[Shape], memory: &Memory) -> Lowered {
        let builder = &mut self.scope.target.builder;
        let mut lowered = Vec::new();
        for (place, (target, shape)) in targets.iter().zip(shapes).enumerate() {
            let mut options = Vec::new();
            if shape.is_async {
                options.push(CanonicalOption::Async);
            }
            if shape.uses_memory || shape.is_async {
                options.extend(memory.options);
            }
            lowered.push((place.to_string(), builder.lower_func(None, *target, options)));
        }
        lowered
    }

    fn import_values(&mut self, functions: &[(&str, &'t FuncType)], shapes: &[Shape]) -> Built<u32> {
        let mut scope = Scope::new(self.types, Onlooker::default());
        let byte = ComponentValType::Primitive(PrimitiveValType::U8);
        let span = ("span", ComponentValType::Primitive(PrimitiveValType::U32));
        for (place, ((_, function), shape)) in functions.iter().zip(shapes).enumerate() {
            let names: Vec<String> = (0..function.params.len()).map(|param| format!("p{param}")).collect();
            let tys = function.params.values().map(|ty| scope.value(*ty)).collect::<Built<Vec<_>>>()?;
            let params = names.iter().map(String::as_str).zip(tys.iter().copied()).collect();
            let args = scope.write_function(params, None);
            scope.target.ty.export(format!("args-{place}").as_str(), ComponentTypeRef::Func(args));
            if shape.has_params() {
                // With one more, they always come in memory.
                let all = scope.tuple(tys.into_iter().chain([byte]).collect());
                let changed = scope.write_function(vec![span], Some(all));
                scope.target.ty.export(format!("changed-{place}").as_str(), ComponentTypeRef::Func(changed));
            }
            let Some(ty) = shape.result_type else { continue };
            let ty = scope.value(ty)?;
            let names: Vec<String> = (0..SHOWN_PADDING).map(|byte| format!("padding{byte}")).collect();
            let mut shown = vec![("result", ty)];
            if let ResultShape::Memory(_) = shape.result {
                shown.extend(names.iter().map(|name| (name.as_str(), byte)));
            }
            let result = scope.write_function(shown, None);
            scope.target.ty.export(format!("result-{place}").as_str(), ComponentTypeRef::Func(result));
            let answer = match shape.is_async {
                true => scope.tuple(vec![ty, byte]),
                false => ty,
            };
            let answer = scope.write_function(vec![span], Some(answer));
            scope.target.ty.export(core::answer_name(place, shape).as_str(), ComponentTypeRef::Func(answer));
        }
        let builder = &mut self.scope.target.builder;
        let ty = builder.type_instance(None, &scope.target.ty);
        Ok(builder.import(VALUES, ComponentTypeRef::Instance(ty)))
    }

    fn lower_values(&mut self, values: u32, shapes: &[Shape], memory: &Memory) -> Lowered {
        let builder = &mut self.scope.target.builder;
        let mut lowered = Vec::new();
        for (place, shape) in shapes.iter().enumerate() {
            let has_result = shape.result_type.is_some();
            let shown = [
                (format!("args-{place}"), true),
                (format!("changed-{place}"), shape.has_params()),
                (format!("result-{place}"), has_result),
                (core::answer_name(place, shape), has_result),
            ];
            for (name, _) in shown.into_iter().filter(|(_, is_there)| *is_there) {
                let function = builder.alias_export(values, &name, ComponentExportKind::Func);
                lowered.push((name, builder.lower_func(None, function, memory.options)));
            }
        }
        lowered
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

/// The memory that values pass through.
struct Memory {
    instance: u32,
    memory: u32,
    options: [CanonicalOption; 3],
}

fn is_stream(types: &Types, ty: ValueType) -> bool {
    matches!(ty, ValueType::Defined(id) if matches!(types[id], wac_graph::types::DefinedType::Stream(_)))
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
