//! Calls that are held, delayed or failed: what they stand at, and how they go on.

use std::{sync::Arc, time::Instant};

use jackfield_protocol::{CallId, Provider};
use wasmtime::component::Val;

use super::{Tracer, arguments, nanos};
use crate::{
    Observer,
    calls::Clock,
    observe::{Board, SiteState},
    probe::Decision,
};

/// What a call stands at that is to be held, delayed or failed.
pub(in crate::observe) struct Stopped {
    pub(in crate::observe) board: Arc<Board>,
    pub(in crate::observe) observer: Arc<dyn Observer>,
    pub(in crate::observe) state: Arc<SiteState>,
    pub(in crate::observe) provider: Provider,
    pub(in crate::observe) function: String,
    pub(in crate::observe) args: Vec<Val>,
    pub(in crate::observe) call: Option<CallId>,
    pub(in crate::observe) clock: Clock,
}

impl Tracer {
    /// The call that a span stands for is to be held, delayed or failed: what it is, and since when it waits.
    pub(in crate::observe) fn stop(&mut self, number: u32) -> Option<Stopped> {
        let (board, observer) = (Arc::clone(&self.board), Arc::clone(&self.observer));
        let (call, clock) = (self.call, self.clock.clone());
        let open = self.open.iter_mut().rev().find(|open| open.number == number)?;
        let (args, probed) = (std::mem::take(&mut open.args), open.probed?);
        let (site, state, function) = self.probed(probed)?;
        let (provider, state, function) = (site.provider.clone(), Arc::clone(state), function.name.clone());
        Some(Stopped { board, observer, state, provider, function, args, call, clock })
    }

    /// It is held from now on, until it goes on.
    pub(in crate::observe) fn waits(&mut self, number: u32) {
        if let Some(open) = self.open.iter_mut().rev().find(|open| open.number == number) {
            open.held_since.get_or_insert_with(Instant::now);
        }
    }

    /// It goes on.
    pub(in crate::observe) fn go_on(&mut self, number: u32, decision: &Decision) {
        let Some(open) = self.open.iter_mut().rev().find(|open| open.number == number) else { return };
        if let Some(since) = open.held_since.take() {
            open.held_nanos = open.held_nanos.saturating_add(nanos(since.elapsed()));
        }
        open.is_settled = matches!(decision, Decision::Answer(_) | Decision::Fail(_));
        let (tree, place, probed) = (open.tree, open.place, open.probed);
        let params = probed.and_then(|probed| self.probed(probed)).map(|(.., function)| &function.params);
        let note = match decision {
            Decision::Continue => None,
            Decision::Answer(_) => Some("answered without being passed on"),
            Decision::Change(_) => Some("arguments changed"),
            Decision::Fail(_) => Some("made to fail"),
        };
        let args = match (decision, params) {
            (Decision::Change(values), Some(params)) => Some(arguments(params, values)),
            _ => None,
        };
        if let Some(span) = self.span(tree, place) {
            span.intervention = note.map(str::to_owned);
            if let (Some(args), false) = (args, span.args.is_empty()) {
                span.args = args;
            }
        }
    }
}
