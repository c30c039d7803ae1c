//! The host's side of the probes: what forwarders call before and after.

use std::sync::Arc;

use jackfield_protocol::Outcome;
use wasmtime::{
    StoreContextMut,
    component::{Accessor, Component, Linker, LinkerInstance, Val, types::ComponentItem},
};

use super::{
    core::{ANSWER, CHANGE, NO_SPAN},
    handles::unnamed,
    held::Decision,
    site::Site,
};
use crate::{engine::Backend, store::State};

/// The probes of a composition; probe N is defined under [`hooks_label`] and [`values_label`].
#[derive(Debug, Clone, Default)]
pub(crate) struct Probes(pub(crate) Vec<Arc<Site>>);

/// As what a composition imports `enter`, `leave` and what goes with them for a probe.
pub(crate) fn hooks_label(probe: usize) -> String {
    format!("probe-n{probe}-hooks")
}

/// As what a composition imports the functions that are shown values.
pub(crate) fn values_label(probe: usize) -> String {
    format!("probe-n{probe}-values")
}

/// As what a composition imports the types of a bare function.
pub(crate) fn types_label(probe: usize) -> String {
    format!("probe-n{probe}-type")
}

type Cx<'a> = StoreContextMut<'a, State>;

/// Defines all that the probes of a composition call.
pub(crate) fn define(
    linker: &mut Linker<State>,
    backend: &Backend,
    composition: &Component,
    probes: &Probes,
) -> wasmtime::Result<()> {
    for (probe, site) in probes.0.iter().enumerate() {
        let mut hooks = linker.instance(&hooks_label(probe))?;
        let number = u32::try_from(probe).unwrap_or(u32::MAX);
        define_course(&mut hooks, number, site)?;
        define_holding(&mut hooks)?;
        if backend.mode.is_concurrent {
            define_concurrent_holding(&mut hooks)?;
        }
        define_values(linker, &backend.engine, composition, probe)?;
    }
    Ok(())
}

/// What is told of every call: cheap, because it is.
fn define_course(
    hooks: &mut LinkerInstance<'_, State>,
    number: u32,
    site: &Arc<Site>,
) -> wasmtime::Result<()> {
    hooks.func_wrap("enter", move |cx: Cx<'_>, (function,): (u32,)| {
        let state = cx.data();
        let (span, wanted) = state.tracer().map_or((NO_SPAN, 0), |mut tracer| tracer.enter(number, function));
        #[cfg(test)]
        let wanted = if state.probing.holds_all { wanted | super::core::HOLDS } else { wanted };
        Ok((u64::from(wanted) << 32 | u64::from(span),))
    })?;
    hooks.func_wrap("leave", |mut cx: Cx<'_>, (span, bytes, error): (u32, u32, u32)| {
        cx.data_mut().probing.forget(span);
        let outcome = if error == 0 { Outcome::Ok } else { Outcome::Error };
        Ok((cx.data().tracer().map_or(0, |mut tracer| tracer.leave(span, bytes, outcome)),))
    })?;
    hooks.func_wrap("cancelled", |mut cx: Cx<'_>, (span,): (u32,)| {
        cx.data_mut().probing.forget(span);
        if let Some(mut tracer) = cx.data().tracer() {
            tracer.cancelled(span);
        }
        Ok(())
    })?;
    let site = Arc::clone(site);
    hooks.func_wrap("known", move |mut cx: Cx<'_>, (resource, handle, rep, role): (u32, u32, u32, u32)| {
        if let Some(handled) = site.resources.get(resource as usize) {
            cx.data_mut().probing.seen.tell(*handled, handle, rep, role);
        }
        Ok(())
    })
}

fn define_holding(hooks: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    hooks.func_wrap_async("hold", |mut cx: Cx<'_>, (span,): (u32,)| {
        Box::new(async move {
            let decision = cx.data().probing.decide(span).await;
            settle(cx.data_mut(), span, decision)
        })
    })?;
    hooks.func_wrap("kept", |cx: Cx<'_>, (span, handle): (u32, u32)| {
        Ok((u32::from(cx.data().probing.keeps(span, handle)),))
    })
}

/// For async functions.
fn define_concurrent_holding(hooks: &mut LinkerInstance<'_, State>) -> wasmtime::Result<()> {
    hooks.func_wrap_concurrent("hold-async", |accessor: &Accessor<State>, (span,): (u32,)| {
        Box::pin(async move {
            let deciding = accessor.with(|mut access| access.get().probing.decide(span));
            let decision = deciding.await;
            accessor.with(|mut access| settle(access.get(), span, decision))
        })
    })
}

/// What a forwarder is told of a decision.
fn settle(state: &mut State, span: u32, decision: Decision) -> wasmtime::Result<(u32,)> {
    let told = match &decision {
        Decision::Continue => return Ok((0,)),
        Decision::Answer(_) => ANSWER,
        Decision::Change(_) => CHANGE,
        Decision::Fail(reason) => return Err(wasmtime::format_err!("{reason}")),
    };
    state.probing.keep(span, decision);
    Ok((told,))
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
        let ComponentItem::ComponentFunc(_) = item.ty else { continue };
        match name.split('-').next() {
            Some("args") => values.func_new(name, |mut cx, _, params: &[Val], _| {
                let args = cx.data_mut().probing.seen.named(params);
                if let Some(mut tracer) = cx.data().tracer() {
                    tracer.args(args);
                }
                Ok(())
            })?,
            Some("result") => values.func_new(name, |mut cx, _, params: &[Val], _| {
                // What lies behind a result in memory is padding.
                let shown = params.get(..1).unwrap_or_default();
                let result = cx.data_mut().probing.seen.named(shown);
                if let Some(mut tracer) = cx.data().tracer() {
                    tracer.result(result.first());
                }
                Ok(())
            })?,
            Some("answer") => {
                let value = if name.starts_with("answer-padded") { padded_answer } else { answer };
                values.func_new(name, move |cx, _, params, results| give(&cx, params, results, value))?;
            }
            Some("changed") => {
                values.func_new(name, |cx, _, params, results| give(&cx, params, results, changed))?;
            }
            _ => {}
        }
    }
    Ok(())
}

/// Gives what was decided of a span in the place of a result.
fn give(
    cx: &Cx<'_>,
    params: &[Val],
    results: &mut [Val],
    value: fn(&Decision) -> Option<Val>,
) -> wasmtime::Result<()> {
    let decision = match params {
        [Val::U32(span)] => cx.data().probing.decided(*span),
        _ => None,
    };
    let (Some(decision), [result]) = (decision, results) else {
        return Err(wasmtime::format_err!("nothing was decided of this call"));
    };
    let value = value(decision);
    *result = value.ok_or_else(|| wasmtime::format_err!("a value is missing in what was decided"))?;
    Ok(())
}

fn answer(decision: &Decision) -> Option<Val> {
    match decision {
        Decision::Answer(value) => value.clone().map(unnamed),
        _ => None,
    }
}

/// With a byte behind it.
fn padded_answer(decision: &Decision) -> Option<Val> {
    Some(Val::Tuple(vec![answer(decision)?, Val::U8(0)]))
}

/// With a byte behind the arguments.
fn changed(decision: &Decision) -> Option<Val> {
    match decision {
        Decision::Change(values) => {
            let values = values.iter().cloned().map(unnamed);
            Some(Val::Tuple(values.chain([Val::U8(0)]).collect()))
        }
        _ => None,
    }
}
