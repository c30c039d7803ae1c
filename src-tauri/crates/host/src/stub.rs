//! Stubs: imports that are linked to nothing. They answer what the workload file says, or say whose they are.

use std::{collections::HashSet, sync::Arc};

use jackfield_protocol::{ComponentName, Outcome, SharedText};
use wasmtime::{
    Engine,
    component::{
        Component, Linker, LinkerInstance, ResourceType, Val,
        types::{ComponentFunc, ComponentItem},
    },
};

use crate::{
    answer::{Answer, Answered},
    observe::arguments,
    probe::shown,
    store::State,
};

/// An import of a composition that is to be stubbed. Components whose stubs have resources in common share one; it
/// answers as that of the first does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stub {
    /// Its name in the composition.
    pub(crate) label: String,
    /// Whose import it is.
    pub(crate) component: ComponentName,
    /// Its name in that component's binary.
    pub(crate) import: String,
}

/// What traces call the provider of what stubs answer.
const STUB: &str = "stub";

/// Stands for every resource of a stubbed interface. No handle to one can come into being.
struct StubResource;

/// Defines the stubs of a composition: every function gives the answer that it has at that moment, or traps
/// with a message that names the import.
pub(crate) fn define(
    linker: &mut Linker<State>,
    engine: &Engine,
    composition: &Component,
    stubs: &[Stub],
) -> wasmtime::Result<()> {
    let ty = composition.component_type();
    let mut seen = HashSet::new();
    // One that lends resources has the name of its interface, which the host may have, too.
    linker.allow_shadowing(true);
    for stub in stubs.iter().filter(|stub| seen.insert(&stub.label)) {
        let Some(import) = ty.get_import(engine, &stub.label) else { continue };
        match import.ty {
            ComponentItem::ComponentInstance(instance) => {
                let mut defined = linker.instance(&stub.label)?;
                for (name, item) in instance.exports(engine) {
                    define_item(&mut defined, stub, name, name, &item.ty)?;
                }
            }
            item => define_item(&mut linker.root(), stub, &stub.label, "", &item)?,
        }
    }
    linker.allow_shadowing(false);
    Ok(())
}

fn define_item(
    instance: &mut LinkerInstance<'_, State>,
    stub: &Stub,
    name: &str,
    function: &str,
    item: &ComponentItem,
) -> wasmtime::Result<()> {
    match item {
        ComponentItem::ComponentFunc(ty) => {
            let called = Arc::new(Called::new(stub, function));
            match ty.async_() {
                false => instance.func_new(name, move |store, ty, args, results| {
                    called.call(store.data(), &ty, args, results)
                }),
                true => instance.func_new_concurrent(name, move |store, ty, args, results| {
                    let called = Arc::clone(&called);
                    Box::pin(
                        async move { store.with(|mut access| called.call(access.get(), &ty, args, results)) },
                    )
                }),
            }
        }
        ComponentItem::Resource(_) => {
            instance.resource(name, ResourceType::host::<StubResource>(), |_, _| Ok(()))
        }
        _ => Ok(()),
    }
}

/// A function of a stub.
struct Called {
    answered: Answered,
    /// What is said without an answer.
    message: String,
}

impl Called {
    /// A bare function has the import's name, and its `function` is empty.
    fn new(stub: &Stub, function: &str) -> Self {
        let Stub { component, import, .. } = stub;
        let (called, function) = match function {
            "" => (import.clone(), import),
            function => (format!("{import}#{function}"), &function.to_owned()),
        };
        Self {
            answered: Answered {
                component: component.clone(),
                import: import.clone(),
                function: function.clone(),
            },
            message: format!("`{component}` called `{called}`, which is linked to a stub"),
        }
    }

    /// Answers a call, and tells of it where calls are observed.
    fn call(
        &self,
        state: &State,
        ty: &ComponentFunc,
        args: &[Val],
        results: &mut [Val],
    ) -> wasmtime::Result<()> {
        let span = state.tracer().map(|mut tracer| {
            let names: Vec<SharedText> = ty.params().map(|(name, _)| name.into()).collect();
            let function = match self.answered.function == self.answered.import {
                true => self.answered.function.clone(),
                false => format!("{}#{}", self.answered.import, self.answered.function),
            };
            tracer.enter_host(&self.answered.component, STUB, function, arguments(&names, args))
        });
        let given = self.give(state.answer(&self.answered), results);
        if let (Some(span), Some(mut tracer)) = (span, state.tracer()) {
            let (outcome, result) = match (&given, results.first()) {
                (Err(error), _) => (Outcome::Trap { message: error.to_string(), frames: Vec::new() }, None),
                (Ok(()), Some(error @ Val::Result(Err(_)))) => (Outcome::Error, Some(shown(error))),
                (Ok(()), result) => (Outcome::Ok, result.map(shown)),
            };
            tracer.leave_host(span, outcome, result);
        }
        given
    }

    fn give(&self, answer: Option<Answer>, results: &mut [Val]) -> wasmtime::Result<()> {
        let answer = answer.ok_or_else(|| wasmtime::format_err!("{}", self.message))?;
        if let (Some(result), Some(value)) = (results.first_mut(), answer) {
            *result = value;
        }
        Ok(())
    }
}
