//! What stubs answer: from the texts of a workload file to values that a call can be given.
//!
//! The plan has said what is wrong with them before anything runs; here only those that can be given are
//! kept. Every store reads them at each call, so that what is typed counts at once.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use jackfield_component::{Component, Signature, value::Value};
use jackfield_protocol::{
    AnswerProblem, ComponentName, Function, FunctionTypes, Link, LinkTarget, Plan, Port, TypeGraph, TypeId,
};
use wasmtime::component::Val;

use crate::{
    function::read_value,
    value::{Handles, ToGuest},
    workload::Loaded,
};

/// A unit, as a person may write the answer of a function that gives nothing.
const UNIT: &str = "()";

/// A function that a stub stands for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Answered {
    /// Whose import it is.
    pub(crate) component: ComponentName,
    /// The import's name in the component's binary.
    pub(crate) import: String,
    /// The function's name in the binary.
    pub(crate) function: String,
}

/// What a call is answered with; none for a function without result.
pub(crate) type Answer = Option<Val>;

/// The answers of the stubs of one running workload.
#[derive(Debug, Default)]
pub(crate) struct Answers(RwLock<HashMap<Answered, Answer>>);

impl Answers {
    /// Those of a workload that starts.
    pub(crate) fn of(loaded: &Loaded, plan: &Plan) -> Self {
        let answers = Self::default();
        answers.adopt(loaded, plan);
        answers
    }

    /// What the stub of a function answers, if anything.
    pub(crate) fn get(&self, stub: &Answered) -> Option<Answer> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(stub).cloned()
    }

    /// Puts the answers of a plan's stubs in the place of those that they had. What is no stub in it keeps
    /// its answers.
    pub(crate) fn adopt(&self, loaded: &Loaded, plan: &Plan) {
        let stubs: Vec<&Link> = plan.links.iter().filter(|link| link.target == LinkTarget::Stub).collect();
        let read: Vec<_> = stubs.iter().flat_map(|link| of_link(loaded, link)).collect();
        let is_of_stub = |answered: &Answered| {
            stubs.iter().any(|link| (&link.consumer, &link.import) == (&answered.component, &answered.import))
        };
        let mut answers = self.0.write().unwrap_or_else(PoisonError::into_inner);
        answers.retain(|answered, _| !is_of_stub(answered));
        answers.extend(read);
    }
}

fn of_link(loaded: &Loaded, link: &Link) -> Vec<(Answered, Answer)> {
    let Some(component) = loaded.components.get(&link.consumer) else { return Vec::new() };
    let Some(port) = component.info().imports().find(|port| port.name == link.import) else {
        return Vec::new();
    };
    let read = link.answers.iter().filter_map(|answer| {
        let function = find(port, &answer.function)?;
        let value = read(component, port, function, &answer.value).ok()?;
        let answered = Answered {
            component: link.consumer.clone(),
            import: link.import.clone(),
            function: function.name.clone(),
        };
        Some((answered, value))
    });
    read.collect()
}

/// The function that a workload file means: in full, or without its kind (`bucket.get`).
pub(crate) fn find<'p>(port: &'p Port, written: &str) -> Option<&'p Function> {
    let functions = port.functions();
    let exact = functions.iter().find(|function| function.name == written);
    exact.or_else(|| functions.iter().find(|function| function.display_name() == written))
}

/// Reads the answer of a function of an import.
pub(crate) fn read(
    component: &Component,
    port: &Port,
    function: &Function,
    text: &str,
) -> Result<Answer, AnswerProblem> {
    let signature = component.signature(port, function);
    let result = signature.and_then(|signature| Some((signature.types, signature.function.result?)));
    let Some((types, ty)) = result else {
        return match text.trim() {
            "" | UNIT => Ok(None),
            value => Err(AnswerProblem::NoResult { value: value.to_owned() }),
        };
    };
    let written_ty = || function.result.clone().unwrap_or_default();
    let only_result = FunctionTypes { params: Vec::new(), result: Some(ty) };
    if let Some(what) = (Signature { types, function: &only_result }).unanswerable() {
        return Err(AnswerProblem::NotWritable { ty: written_ty(), what });
    }
    let wrong =
        |reason: String| AnswerProblem::WrongValue { value: text.to_owned(), ty: written_ty(), reason };
    let value = read_value(types, ty, text).map_err(wrong)?;
    given(types, ty, value).map(Some).map_err(wrong)
}

/// What is given to a guest in the place of a result that somebody has written down.
///
/// # Errors
/// If there is a handle in it, which nobody can write: there is nothing yet that it stands for.
pub(crate) fn given(types: &TypeGraph, ty: TypeId, value: Value) -> Result<Val, String> {
    if let Some(handle) = value.first_handle() {
        return Err(format!(
            "`#{handle}` would be a handle, and only a component can make what that stands for"
        ));
    }
    ToGuest::new(types, &Handles::default()).value(ty, value).map_err(|error| error.to_string())
}
