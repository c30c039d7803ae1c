//! `wasi:logging`: messages go where lines go, with their level and context, under the component's name.

use std::sync::Arc;

use jackfield_protocol::{InterfaceName, LogLevel};
use wasmtime::{
    StoreContextMut,
    component::{ComponentType, Lift, LinkerInstance, Lower},
};

use super::{Binding, Bound, Caller, Plugin, PluginError, PluginInterface, State};

/// Before the draft had a version, components imported it without one, and many still do.
const INTERFACES: [&str; 2] = ["wasi:logging/logging@0.1.0-draft", "wasi:logging/logging"];

/// `wasi:logging`.
#[derive(Debug)]
pub(super) struct Logging;

#[derive(Debug, Clone, Copy, ComponentType, Lift, Lower)]
#[component(enum)]
#[repr(u8)]
#[allow(dead_code, reason = "made by lifting what a guest says")]
enum Level {
    #[component(name = "trace")]
    Trace,
    #[component(name = "debug")]
    Debug,
    #[component(name = "info")]
    Info,
    #[component(name = "warn")]
    Warn,
    #[component(name = "error")]
    Error,
    #[component(name = "critical")]
    Critical,
}

impl From<Level> for LogLevel {
    fn from(level: Level) -> Self {
        match level {
            Level::Trace => Self::Trace,
            Level::Debug => Self::Debug,
            Level::Info => Self::Info,
            Level::Warn => Self::Warn,
            Level::Error => Self::Error,
            Level::Critical => Self::Critical,
        }
    }
}

impl Plugin for Logging {
    fn id(&self) -> &str {
        "wasi:logging"
    }

    fn interfaces(&self) -> Vec<PluginInterface> {
        INTERFACES.map(PluginInterface::per_component).to_vec()
    }

    fn bind(&self, _: &Binding<'_>) -> Result<Arc<dyn Bound>, PluginError> {
        Ok(Arc::new(Self))
    }
}

impl Bound for Logging {
    fn define_for(
        &self,
        caller: &Caller<'_>,
        _: &InterfaceName,
        linker: &mut LinkerInstance<'_, State>,
    ) -> wasmtime::Result<()> {
        let component = caller.component.clone();
        linker.func_wrap(
            "log",
            move |cx: StoreContextMut<'_, State>, (level, context, message): (Level, String, String)| {
                cx.data().log(&component, level.into(), &context, &message);
                Ok(())
            },
        )
    }
}
