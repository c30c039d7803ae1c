//! What becomes of calls that are held.

use std::{collections::HashMap, fmt, future::ready, pin::Pin, sync::Arc};

use wasmtime::component::Val;

use super::handles::{Seen, mentions};

/// What becomes of a call that is held.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Decision {
    /// It goes on as it came.
    Continue,
    /// This is the result, if the function has one; the target is not called. Handles are those that were shown.
    Answer(Option<Val>),
    /// It goes on with other arguments. Handles are those that were shown.
    Change(Vec<Val>),
    /// It traps, for this reason.
    Fail(String),
}

/// A decision to come.
pub(crate) type Deciding = Pin<Box<dyn Future<Output = Decision> + Send>>;

/// Who decides about the calls that are held, given the span's number.
#[derive(Clone)]
pub(crate) struct Decider(Arc<dyn Fn(u32) -> Deciding + Send + Sync>);

impl Decider {
    pub(crate) fn new(decide: impl Fn(u32) -> Deciding + Send + Sync + 'static) -> Self {
        Self(Arc::new(decide))
    }
}

impl fmt::Debug for Decider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Decider")
    }
}

/// What a store's probes need between two calls of the host.
#[derive(Debug, Default)]
pub(crate) struct Probing {
    pub(crate) seen: Seen,
    /// Without one, every call that is held goes on.
    pub(crate) decider: Option<Decider>,
    decided: HashMap<u32, Decision>,
    /// Whether every call is held, whoever hears of it.
    #[cfg(test)]
    pub(super) holds_all: bool,
}

impl Probing {
    /// Asks what becomes of a call. It may take as long as its user takes.
    pub(crate) fn decide(&self, span: u32) -> Deciding {
        match &self.decider {
            Some(Decider(decide)) => decide(span),
            None => Box::pin(ready(Decision::Continue)),
        }
    }

    /// Holds every call from now on, and asks this.
    #[cfg(test)]
    pub(super) fn hold_all(&mut self, decider: Decider) {
        (self.holds_all, self.decider) = (true, Some(decider));
    }

    /// Keeps what was decided until the call is over.
    pub(super) fn keep(&mut self, span: u32, decision: Decision) {
        self.decided.insert(span, decision);
    }

    /// What was decided of a call.
    pub(super) fn decided(&self, span: u32) -> Option<&Decision> {
        self.decided.get(&span)
    }

    /// Whether a handle among a call's arguments is part of what was decided.
    pub(super) fn keeps(&self, span: u32, handle: u32) -> bool {
        match self.decided(span) {
            Some(Decision::Answer(Some(value))) => mentions(value, handle),
            Some(Decision::Change(values)) => values.iter().any(|value| mentions(value, handle)),
            _ => false,
        }
    }

    /// The call is over.
    pub(super) fn forget(&mut self, span: u32) {
        if !self.decided.is_empty() {
            self.decided.remove(&span);
        }
    }
}
