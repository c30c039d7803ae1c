//! Host imports that act on the caller's own rights: each component has its own.
//!
//! In a composition these interfaces are imported once per component, under a label that names
//! its place ([`label`]), and the label is defined with closures that hold that place. So a
//! component's output carries its name and it sees its own environment, whatever else it is
//! composed with, and no guest can change it.

use jackfield_protocol::InterfaceName;
use wasmtime::{
    StoreContextMut,
    component::{Linker, LinkerInstance, Resource},
};
use wasmtime_wasi::{
    I32Exit,
    p2::{DynInputStream, DynOutputStream, pipe::ClosedInputStream},
};

use crate::store::State;

/// An interface that is imported once per component.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ScopedInterface {
    Environment,
    Exit,
    Stdin,
    Stdout,
    Stderr,
}

impl ScopedInterface {
    /// The scoped interface that an import names, if it names one.
    pub(crate) fn of_import(import: &str) -> Option<Self> {
        let name = InterfaceName::parse(import)?;
        let is_p2 = name.version.as_deref().is_some_and(|version| version.starts_with("0.2."));
        if (name.namespace.as_str(), name.package.as_str(), is_p2) != ("wasi", "cli", true) {
            return None;
        }
        Some(match name.interface.as_str() {
            "environment" => Self::Environment,
            "exit" => Self::Exit,
            "stdin" => Self::Stdin,
            "stdout" => Self::Stdout,
            "stderr" => Self::Stderr,
            _ => return None,
        })
    }

    fn name(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::Exit => "exit",
            Self::Stdin => "stdin",
            Self::Stdout => "stdout",
            Self::Stderr => "stderr",
        }
    }
}

/// The import's name in the composition, for the member at `place`.
pub(crate) fn label(place: usize, interface: ScopedInterface) -> String {
    format!("m{place}-wasi-cli-{}", interface.name())
}

/// Defines `interface` for the member at `place`.
pub(crate) fn define(
    linker: &mut Linker<State>,
    place: usize,
    interface: ScopedInterface,
) -> wasmtime::Result<()> {
    let mut instance = linker.instance(&label(place, interface))?;
    match interface {
        ScopedInterface::Environment => define_environment(&mut instance, place),
        ScopedInterface::Exit => define_exit(&mut instance),
        ScopedInterface::Stdin => {
            instance.func_wrap("get-stdin", |mut cx: StoreContextMut<'_, State>, ()| {
                let stream: DynInputStream = Box::new(ClosedInputStream);
                Ok((cx.data_mut().table.push(stream)?,))
            })
        }
        ScopedInterface::Stdout => {
            instance.func_wrap("get-stdout", move |mut cx: StoreContextMut<'_, State>, ()| {
                let stream = cx.data().stdio.get(place).map(|stdio| stdio.stdout.clone());
                push_output(cx.data_mut(), stream)
            })
        }
        ScopedInterface::Stderr => {
            instance.func_wrap("get-stderr", move |mut cx: StoreContextMut<'_, State>, ()| {
                let stream = cx.data().stdio.get(place).map(|stdio| stdio.stderr.clone());
                push_output(cx.data_mut(), stream)
            })
        }
    }
}

fn push_output(
    state: &mut State,
    stream: Option<crate::stdio::LineStream>,
) -> wasmtime::Result<(Resource<DynOutputStream>,)> {
    let stream = stream.ok_or_else(|| wasmtime::format_err!("the store has no such member"))?;
    let stream: DynOutputStream = Box::new(stream);
    Ok((state.table.push(stream)?,))
}

fn define_environment(instance: &mut LinkerInstance<'_, State>, place: usize) -> wasmtime::Result<()> {
    instance.func_wrap("get-environment", move |cx: StoreContextMut<'_, State>, ()| {
        let env = cx.data().members.get(place).map(|member| member.env.clone());
        Ok((env.unwrap_or_default(),))
    })?;
    // By custom the first argument names the program.
    instance.func_wrap("get-arguments", move |cx: StoreContextMut<'_, State>, ()| {
        let name = cx.data().members.get(place).map(|member| member.name.to_string());
        Ok((Vec::from_iter(name),))
    })?;
    instance.func_wrap("initial-cwd", |_: StoreContextMut<'_, State>, ()| Ok((None::<String>,)))
}

fn define_exit(instance: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    instance.func_wrap("exit", |_: StoreContextMut<'_, State>, (status,): (Result<(), ()>,)| {
        Err::<(), _>(wasmtime::Error::from(I32Exit(i32::from(status.is_err()))))
    })?;
    instance.func_wrap("exit-with-code", |_: StoreContextMut<'_, State>, (code,): (u8,)| {
        Err::<(), _>(wasmtime::Error::from(I32Exit(i32::from(code))))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_version_of_the_ambient_interfaces_is_scoped_and_nothing_else() {
        assert_eq!(ScopedInterface::of_import("wasi:cli/stdout@0.2.0"), Some(ScopedInterface::Stdout));
        assert_eq!(ScopedInterface::of_import("wasi:cli/exit@0.2.12"), Some(ScopedInterface::Exit));
        for other in ["wasi:io/streams@0.2.0", "wasi:cli/stdout@0.3.0", "acme:cli/stdout@0.2.0", "stdout"] {
            assert_eq!(ScopedInterface::of_import(other), None, "{other}");
        }
    }
}
