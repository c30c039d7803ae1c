//! Calling functions of the components of a workload that runs: what is typed, what is under way, what came of
//! it, and the instances that are kept between calls.

mod again;

use std::collections::BTreeMap;

pub use again::{Again, NotAgain};
use jackfield_protocol::{
    CallOutcome, CallSessionId, ComponentName, EntryKind, Error, ErrorKind, Function, Node, Plan, Request,
    Response, Ticket, TraceId, WorkloadId, WorkloadState,
};

use super::{Effect, Model, Purpose};

/// A function that can be called.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Callable {
    /// The component that exports it.
    pub component: ComponentName,
    /// `ns:pkg/interface@version#function`, or a bare function's name.
    pub function: String,
}

/// Something that the user asks for while calling.
#[derive(Debug, Clone, PartialEq)]
pub enum CallAction {
    /// This stands in the field of a parameter now.
    Type(Callable, usize, String),
    /// Calls, with so many arguments.
    Call(Callable, usize),
    /// Ends the call.
    Cancel(Callable),
    /// Shows the form of a call that was observed, with its arguments in it.
    Again(Again),
    /// Keeps the instance of a component from call to call, or does so no longer.
    Keep(ComponentName, bool),
    /// Drops a handle that a kept instance gave.
    DropHandle(ComponentName, u64),
}

/// What a request about calls was sent for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallPurpose {
    /// A call.
    Call(WorkloadId, Callable),
    /// To end one.
    Cancel,
    /// An instance to keep.
    Open(WorkloadId, ComponentName),
    /// To keep it no longer.
    Close,
    /// To have a handle less.
    DropHandle(WorkloadId, ComponentName),
}

/// The last call of a function.
#[derive(Debug, Clone, PartialEq)]
pub enum Called {
    /// It goes on.
    Running {
        /// Names it.
        ticket: Ticket,
        /// On egui's clock.
        since_seconds: f64,
        /// Whether the user wants it ended.
        is_given_up: bool,
    },
    /// It has ended.
    Done(Result<CallOutcome, Error>),
}

/// An instance that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// It is being made.
    Opening,
    /// It is there.
    Open {
        /// Its session.
        session: CallSessionId,
        /// What lives in it: `#1 (bucket)`.
        handles: Vec<String>,
    },
}

/// The calls of one workload.
#[derive(Debug, Clone, Default)]
pub struct Calls {
    texts: BTreeMap<(Callable, usize), String>,
    called: BTreeMap<Callable, Called>,
    kept: BTreeMap<ComponentName, Kept>,
    /// The newest trace that was known when a function was called last.
    traced_before: BTreeMap<Callable, TraceId>,
    /// The function whose form is to be brought into view.
    pub revealed: Option<Callable>,
    /// Counts up with every such wish.
    pub reveal: u64,
}

impl Calls {
    /// What stands in the field of a parameter.
    #[must_use]
    pub fn text(&self, callable: &Callable, param: usize) -> &str {
        self.texts.get(&(callable.clone(), param)).map(String::as_str).unwrap_or_default()
    }

    /// The last call of a function.
    #[must_use]
    pub fn called(&self, callable: &Callable) -> Option<&Called> {
        self.called.get(callable)
    }

    /// The instance of a component that is kept.
    #[must_use]
    pub fn kept(&self, component: &ComponentName) -> Option<&Kept> {
        self.kept.get(component)
    }

    /// Whether a call goes on, whose seconds are to be counted.
    pub(super) fn is_any_running(&self) -> bool {
        self.called.values().any(|called| matches!(called, Called::Running { .. }))
    }

    /// Nothing runs any more, so nothing is kept either.
    pub(super) fn stopped(&mut self) {
        self.kept.clear();
    }
}

/// The functions of a component that can be called, in the order of its binary.
pub fn callables<'p>(plan: &'p Plan, node: &'p Node) -> impl Iterator<Item = (Callable, &'p Function)> {
    let is_entry = |export: &str| {
        plan.entries.iter().any(|entry| {
            entry.component == node.name && entry.export == export && entry.kind == EntryKind::Functions
        })
    };
    let ports = node.component.exports().filter(move |port| is_entry(&port.name));
    ports.flat_map(|port| {
        port.functions().iter().map(|function| {
            let is_bare = matches!(port.kind, jackfield_protocol::PortKind::Function(_));
            let full =
                if is_bare { function.name.clone() } else { format!("{}#{}", port.name, function.name) };
            (Callable { component: node.name.clone(), function: full }, function)
        })
    })
}

impl Model {
    /// Carries out what the user asked for.
    pub(super) fn apply_to_calls(&mut self, action: CallAction) -> Vec<Effect> {
        if let CallAction::Again(again) = action {
            return self.fill_again(again);
        }
        let (now, ticket, traced) = (self.now_seconds, self.mcp.ticket(), self.traces.list.last());
        let Some(open) = self.current_mut() else { return Vec::new() };
        let (workload, calls) = (open.view.id, &mut open.calls);
        match action {
            CallAction::Type(callable, param, text) => {
                calls.texts.insert((callable, param), text);
                Vec::new()
            }
            CallAction::Call(callable, params) => {
                if matches!(calls.called(&callable), Some(Called::Running { .. })) {
                    return Vec::new();
                }
                let args = (0..params).map(|param| calls.text(&callable, param).trim().to_owned()).collect();
                let running = Called::Running { ticket, since_seconds: now, is_given_up: false };
                calls.called.insert(callable.clone(), running);
                calls.traced_before.insert(callable.clone(), traced);
                let request = request(workload, calls, &callable, args, ticket);
                vec![Effect::Send(request, Purpose::Calls(CallPurpose::Call(workload, callable)))]
            }
            CallAction::Again(_) => Vec::new(),
            CallAction::Cancel(callable) => match calls.called.get_mut(&callable) {
                Some(Called::Running { ticket, is_given_up, .. }) => {
                    *is_given_up = true;
                    let request = Request::CancelCall { workload, ticket: *ticket };
                    vec![Effect::Send(request, Purpose::Calls(CallPurpose::Cancel))]
                }
                _ => Vec::new(),
            },
            CallAction::Keep(component, true) => {
                if calls.kept.contains_key(&component) || open.view.state != WorkloadState::Running {
                    return Vec::new();
                }
                calls.kept.insert(component.clone(), Kept::Opening);
                let request = Request::OpenSession { workload, component: component.clone() };
                vec![Effect::Send(request, Purpose::Calls(CallPurpose::Open(workload, component)))]
            }
            CallAction::Keep(component, false) => match calls.kept.remove(&component) {
                Some(Kept::Open { session, .. }) => {
                    let request = Request::CloseSession { workload, session };
                    vec![Effect::Send(request, Purpose::Calls(CallPurpose::Close))]
                }
                _ => Vec::new(),
            },
            CallAction::DropHandle(component, handle) => match calls.kept(&component) {
                Some(Kept::Open { session, .. }) => {
                    let request = Request::DropHandle { workload, session: *session, handle };
                    vec![Effect::Send(request, Purpose::Calls(CallPurpose::DropHandle(workload, component)))]
                }
                _ => Vec::new(),
            },
        }
    }

    /// Takes in what came of a request about calls.
    pub(super) fn calls_answered(
        &mut self,
        purpose: &CallPurpose,
        result: &Result<Response, Error>,
    ) -> Vec<Effect> {
        let (CallPurpose::Call(id, Callable { component, .. })
        | CallPurpose::Open(id, component)
        | CallPurpose::DropHandle(id, component)) = purpose
        else {
            return Vec::new();
        };
        let Some(open) = self.workload_mut(*id) else { return Vec::new() };
        let calls = &mut open.calls;
        if let CallPurpose::Call(_, callable) = purpose {
            calls.called.insert(callable.clone(), Called::Done(outcome(result)));
        }
        match (purpose, result) {
            (CallPurpose::Open(..), Ok(Response::SessionOpened(session))) => {
                match calls.kept.get_mut(component) {
                    Some(kept) => *kept = Kept::Open { session: *session, handles: Vec::new() },
                    // It is not wanted any more.
                    None => {
                        let request = Request::CloseSession { workload: *id, session: *session };
                        return vec![Effect::Send(request, Purpose::Calls(CallPurpose::Close))];
                    }
                }
            }
            (_, Ok(Response::CalledInSession { handles: now, .. } | Response::Handles(now))) => {
                if let Some(Kept::Open { handles, .. }) = calls.kept.get_mut(component) {
                    handles.clone_from(now);
                }
            }
            // A call that fails ends its session.
            (CallPurpose::Call(..), Err(error)) if is_harmless(error) => {}
            // It may have waited for its turn only, and its session goes on.
            (CallPurpose::Call(..), Err(Error { kind: ErrorKind::Cancelled | ErrorKind::TimedOut, .. })) => {
                if let Some(Kept::Open { session, .. }) = calls.kept(component) {
                    let request = Request::Handles { workload: *id, session: *session };
                    let purpose = CallPurpose::DropHandle(*id, component.clone());
                    return vec![Effect::Send(request, Purpose::Calls(purpose))];
                }
            }
            (_, Err(_)) => _ = calls.kept.remove(component),
            _ => {}
        }
        Vec::new()
    }
}

fn request(
    workload: WorkloadId,
    calls: &Calls,
    callable: &Callable,
    args: Vec<String>,
    ticket: Ticket,
) -> Request {
    let (function, ticket) = (callable.function.clone(), Some(ticket));
    match calls.kept(&callable.component) {
        Some(Kept::Open { session, .. }) => {
            Request::CallInSession { workload, session: *session, function, args, ticket }
        }
        _ => Request::Call { workload, component: callable.component.clone(), function, args, ticket },
    }
}

fn outcome(result: &Result<Response, Error>) -> Result<CallOutcome, Error> {
    match result {
        Ok(Response::Called(outcome) | Response::CalledInSession { outcome, .. }) => Ok(outcome.clone()),
        Ok(_) => Err(Error::new(ErrorKind::Request, "the workbench gave another answer")),
        Err(error) => Err(error.clone()),
    }
}

/// Whether a call that ended like this has left a kept instance as it was.
fn is_harmless(error: &Error) -> bool {
    matches!(error.kind, ErrorKind::Arguments | ErrorKind::Request)
}
