//! Stubs: imports that are linked to nothing, and say so when they are called.

use jackfield_protocol::ComponentName;
use wasmtime::{
    Engine,
    component::{Component, Linker, LinkerInstance, ResourceType, types::ComponentItem},
};

use crate::store::State;

/// An import of a composition that is to be stubbed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Stub {
    /// Its name in the composition.
    pub(crate) label: String,
    /// Whose import it is.
    pub(crate) component: ComponentName,
    /// Its name in that component's binary.
    pub(crate) import: String,
}

/// Stands for every resource of a stubbed interface. No handle to one can come into being.
struct StubResource;

/// Defines the stubs of a composition: every function traps with a message that names the import.
pub(crate) fn define(
    linker: &mut Linker<State>,
    engine: &Engine,
    composition: &Component,
    stubs: &[Stub],
) -> wasmtime::Result<()> {
    let ty = composition.component_type();
    for stub in stubs {
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
        ComponentItem::ComponentFunc(_) => {
            let message = message(stub, function);
            instance.func_new(name, move |_, _, _, _| Err(wasmtime::format_err!("{message}")))
        }
        ComponentItem::Resource(_) => {
            instance.resource(name, ResourceType::host::<StubResource>(), |_, _| Ok(()))
        }
        _ => Ok(()),
    }
}

fn message(stub: &Stub, function: &str) -> String {
    let called = match function {
        "" => stub.import.clone(),
        function => format!("{}#{function}", stub.import),
    };
    format!("`{}` called `{called}`, which is linked to a stub", stub.component)
}
