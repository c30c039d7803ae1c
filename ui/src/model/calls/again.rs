//! From a trace back to the form of its call, and from a call to its trace.

use jackfield_protocol::{Span, Trace, TraceId, WorkloadId};

use super::super::{Effect, Model};
use super::{Callable, Called, callables};
use crate::action::Selection;

/// A call that was observed, ready to be made again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Again {
    /// The workload.
    pub workload: WorkloadId,
    /// The function.
    pub callable: Callable,
    /// Its arguments in WAVE.
    pub args: Vec<String>,
}

/// Why a call cannot be made again from what was recorded of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotAgain {
    /// The trace comes from a file, or its workload was closed.
    NoWorkload,
    /// Nothing of that name can be called from outside, or it takes something else now.
    NoFunction,
    /// Only names and times were observed.
    NoValues,
    /// An argument was too long to be kept whole.
    Cut,
    /// An argument is a handle, which was good for its own call alone.
    Handle,
}

impl NotAgain {
    /// In a sentence, with what helps.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::NoWorkload => "The workload of this call is not open",
            Self::NoFunction => "The function that was called is not there any more, or takes something else",
            Self::NoValues => "The arguments were not recorded: observe values, and call again",
            Self::Cut => "An argument is too long to have been kept whole",
            Self::Handle => "An argument is a handle, which was good for that call alone",
        }
    }
}

impl Model {
    /// The call with which a trace begins, ready to be made again.
    ///
    /// # Errors
    /// If not enough is known of it.
    pub fn again(&self, trace: &Trace) -> Result<Again, NotAgain> {
        let open = trace.workload.and_then(|id| self.workload(id)).ok_or(NotAgain::NoWorkload)?;
        let (root, plan) = (trace.root().ok_or(NotAgain::NoFunction)?, &open.view.plan);
        let node = root.provider.component().and_then(|name| plan.node(name)).ok_or(NotAgain::NoFunction)?;
        let found = callables(plan, node).find(|(callable, _)| root.function == callable.function);
        let (callable, function) = found.ok_or(NotAgain::NoFunction)?;
        let args = arguments(root, function.params.len())?;
        Ok(Again { workload: open.view.id, callable, args })
    }

    /// Shows the form of a function with arguments in it.
    pub(in crate::model) fn fill_again(&mut self, again: Again) -> Vec<Effect> {
        let mut effects = self.commit_typed();
        let Again { workload, callable, args } = again;
        self.switch_to(workload);
        self.reveal(Selection::Component(callable.component.clone()));
        if !self.preferences.inspector_open {
            self.preferences.inspector_open = true;
            effects.push(Effect::Remember(self.preferences.to_text()));
        }
        if let Some(open) = self.workload_mut(workload) {
            for (place, text) in args.into_iter().enumerate() {
                open.calls.texts.insert((callable.clone(), place), text);
            }
            open.calls.revealed = Some(callable);
            open.calls.reveal += 1;
        }
        effects
    }

    /// The trace of the last call of a function. One that failed does not say which it is: it is the first of that
    /// function since the call began.
    #[must_use]
    pub fn trace_of_call(&self, workload: WorkloadId, callable: &Callable) -> Option<TraceId> {
        let calls = &self.workload(workload)?.calls;
        match calls.called(callable)? {
            Called::Running { .. } => None,
            Called::Done(Ok(outcome)) => {
                outcome.trace.or_else(|| self.traces.list.of_call(Some(workload), outcome.call))
            }
            Called::Done(Err(_)) => {
                let after = *calls.traced_before.get(callable)?;
                self.traces.list.first_failed(after, workload, &callable.component, &callable.function)
            }
        }
    }
}

/// What was passed, if all of it was kept.
fn arguments(root: &Span, params: usize) -> Result<Vec<String>, NotAgain> {
    match root.args.len() {
        args if args == params => {}
        0 => return Err(NotAgain::NoValues),
        _ => return Err(NotAgain::NoFunction),
    }
    root.args.iter().map(|argument| whole(&argument.value)).collect()
}

fn whole(value: &str) -> Result<String, NotAgain> {
    match value {
        value if value.ends_with('…') => Err(NotAgain::Cut),
        value if has_handle(value) => Err(NotAgain::Handle),
        value => Ok(value.to_owned()),
    }
}

/// Whether there is a `#` outside of texts: only handles have one.
fn has_handle(value: &str) -> bool {
    let mut quote = None;
    let mut chars = value.chars();
    while let Some(char) = chars.next() {
        match (quote, char) {
            (Some(_), '\\') => _ = chars.next(),
            (Some(open), char) if open == char => quote = None,
            (None, '"' | '\'') => quote = Some(char),
            (None, '#') => return true,
            _ => {}
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_kept_whole_is_passed_again() {
        for (value, kept) in [
            ("3", Ok(())),
            ("\"a #1 … b\"", Ok(())),
            ("{ c: '#', s: \"\\\"#\" }", Ok(())),
            ("[1, 2, 3…", Err(NotAgain::Cut)),
            ("{ b: bucket#3 }", Err(NotAgain::Handle)),
        ] {
            assert_eq!(whole(value).map(|_| ()), kept, "{value}");
        }
    }
}
