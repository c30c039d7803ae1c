//! What a component's functions take and give, for whoever makes a form or a command line of it.

use jackfield_component::{Component, exported_functions};
use jackfield_protocol::{ExportedFunction, Function, FunctionTypes, Functions, Port, PortKind};

/// The functions of `component`, but not those that toolchains export for themselves.
pub(crate) fn of(component: &Component) -> Functions {
    let functions = exported_functions(component.info()).filter_map(|(port, function)| {
        let types = component.signature(port, function)?.function.clone();
        Some(exported(port, function, types))
    });
    Functions { functions: functions.collect(), types: component.types().clone() }
}

fn exported(port: &Port, function: &Function, types: FunctionTypes) -> ExportedFunction {
    let is_instance = matches!(port.kind, PortKind::Instance { .. });
    ExportedFunction {
        interface: is_instance.then(|| port.name.clone()),
        interface_docs: port.docs.clone().filter(|_| is_instance),
        function: function.clone(),
        types,
    }
}
