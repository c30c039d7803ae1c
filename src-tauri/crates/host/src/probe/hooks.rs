//! The host's side of the probes: what forwarders call before and after.

use std::sync::Arc;

use wasmtime::{
    StoreContextMut,
    component::{Component, Linker, Val, types::ComponentItem},
};

use super::site::Site;
use crate::store::State;

/// The probes of a composition; probe N is defined under [`hooks_label`] and [`values_label`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Probes(pub(crate) Vec<Arc<Site>>);

/// As what a composition imports `enter` and `leave` for a probe.
pub(crate) fn hooks_label(probe: usize) -> String {
    format!("probe-n{probe}-hooks")
}

/// As what a composition imports the functions that are shown values.
pub(crate) fn values_label(probe: usize) -> String {
    format!("probe-n{probe}-values")
}

/// Defines all that the probes of a composition call.
pub(crate) fn define(
    linker: &mut Linker<State>,
    engine: &wasmtime::Engine,
    composition: &Component,
    probes: &Probes,
) -> wasmtime::Result<()> {
    for (probe, site) in probes.0.iter().enumerate() {
        let mut hooks = linker.instance(&hooks_label(probe))?;
        let entered = Arc::clone(site);
        hooks.func_wrap("enter", move |cx: StoreContextMut<'_, State>, (function,): (u32,)| {
            let span = cx.data().tracer().map(|mut tracer| tracer.enter(&entered, function));
            Ok((span.map_or(u32::MAX, |(span, _)| span),))
        })?;
        hooks.func_wrap("leave", |cx: StoreContextMut<'_, State>, (span,): (u32,)| {
            if let Some(mut tracer) = cx.data().tracer() {
                tracer.leave(span, 0);
            }
            Ok(())
        })?;
        define_values(linker, engine, composition, probe)?;
    }
    Ok(())
}

fn define_values(
    linker: &mut Linker<State>,
    engine: &wasmtime::Engine,
    composition: &Component,
    probe: usize,
) -> wasmtime::Result<()> {
    let label = values_label(probe);
    let import = composition.component_type().get_import(engine, &label).map(|import| import.ty);
    let Some(ComponentItem::ComponentInstance(instance)) = import else { return Ok(()) };
    let mut values = linker.instance(&label)?;
    for (name, item) in instance.exports(engine) {
        if !matches!(item.ty, ComponentItem::ComponentFunc(_)) {
            continue;
        }
        let is_result = name.starts_with("result-");
        values.func_new(name, move |cx, _, params: &[Val], _| {
            if let Some(mut tracer) = cx.data().tracer() {
                match is_result {
                    // What lies behind a result in memory is padding.
                    true => tracer.result(params.first().cloned()),
                    false => tracer.args(params.to_vec()),
                }
            }
            Ok(())
        })?;
    }
    Ok(())
}
