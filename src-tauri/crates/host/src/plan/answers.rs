//! What a stub is to answer, compared with what it can: the result types of the import's functions.

use std::collections::HashSet;

use jackfield_component::{Component, PortRef};
use jackfield_protocol::{AnswerProblem, Diagnostic, StubAnswer};

use crate::{answer, workload::LinkRow};

/// The answers of a row that leads to a stub, all of them, and what is wrong with those that cannot be given.
pub(super) fn of_row(
    component: &Component,
    port: PortRef<'_>,
    row: &LinkRow,
) -> (Vec<StubAnswer>, Vec<Diagnostic>) {
    let port = port.port();
    let mut seen = HashSet::new();
    let (mut answers, mut unusable) = (Vec::new(), Vec::new());
    for (written, value) in &row.answers {
        let function = answer::find(port, written);
        let problem = match function {
            None => {
                let functions = port.functions().iter().map(|function| function.name.clone()).collect();
                Some(AnswerProblem::NoFunction { functions })
            }
            Some(function) if !seen.insert(&function.name) => Some(AnswerProblem::Twice),
            Some(function) => answer::read(component, port, function, value).err(),
        };
        let named = function.map_or(written, |function| &function.name);
        answers.push(StubAnswer { function: named.clone(), value: value.clone() });
        unusable.extend(problem.map(|problem| Diagnostic::UnusableAnswer {
            component: row.from.clone(),
            import: port.name.clone(),
            function: written.clone(),
            problem,
        }));
    }
    (answers, unusable)
}
