//! What went wrong, and what to do about it.

use jackfield_protocol::{Diagnostic, Error, Problem, Severity};

use crate::page::Page;
use crate::style::Role;

/// The whole of an error.
pub(crate) fn page(error: &Error) -> Page {
    let mut page = Page::default();
    let mut lines = error.message.lines();
    page.line().add(Role::Error, "error: ").plain(lines.next().unwrap_or("something went wrong"));
    for line in lines {
        page.line().plain("  ").plain(line);
    }
    for problem in &error.problems {
        add_problem(&mut page, problem);
    }
    for diagnostic in &error.diagnostics {
        add_diagnostic(&mut page, "  ", diagnostic);
    }
    if let Some(help) = &error.help {
        add_advice(&mut page, "", "help", help);
    }
    page
}

fn add_problem(page: &mut Page, problem: &Problem) {
    let mut place = problem.path.clone();
    for number in [problem.line, problem.column].into_iter().map_while(|number| number) {
        place.push_str(&format!(":{number}"));
    }
    page.line().plain("  ").add(Role::Name, place).plain(": ").plain(&problem.message);
    if let Some(help) = &problem.help {
        add_advice(page, "    ", "help", help);
    }
}

/// A finding of a plan, and what to do about it.
pub(super) fn add_diagnostic(page: &mut Page, indent: &str, diagnostic: &Diagnostic) {
    let (role, label) = match diagnostic.severity() {
        Severity::Error => (Role::Error, "error: "),
        Severity::Warning => (Role::Warning, "warning: "),
    };
    page.line().plain(indent).add(role, label).plain(diagnostic.message());
    add_advice(page, &format!("{indent}  "), "help", &diagnostic.suggestion());
}

fn add_advice(page: &mut Page, indent: &str, label: &str, advice: &str) {
    for (position, line) in advice.lines().enumerate() {
        let label = if position == 0 { format!("{label}: ") } else { " ".repeat(label.len() + 2) };
        page.line().plain(indent).add(Role::Faint, label).plain(line);
    }
}

#[cfg(test)]
mod tests {
    use jackfield_protocol::ErrorKind;

    use super::*;

    #[test]
    fn every_part_of_an_error_is_shown_once() {
        let error = Error::new(ErrorKind::WorkloadFile, "the workload file has 1 problem")
            .with_problems(vec![Problem {
                message: "unknown key `sorce`".into(),
                help: Some("did you mean `source`?".into()),
                path: "a/workload.toml".into(),
                line: Some(3),
                column: Some(1),
                pull: None,
            }])
            .with_diagnostics(vec![Diagnostic::ServiceWithoutRun { component: "job".into() }])
            .with_help("see the\ndocs");
        assert_eq!(
            page(&error).render(false),
            "error: the workload file has 1 problem\n  \
             a/workload.toml:3:1: unknown key `sorce`\n    \
             help: did you mean `source`?\n  \
             error: `job` is the service, but does not export `wasi:cli/run`\n    \
             help: build `job` as a command (in Rust, a binary with `fn main`), or name another component\n\
             help: see the\n      docs\n"
        );
    }

    #[test]
    fn a_problem_with_a_whole_file_has_no_line() {
        let problem = Problem {
            message: "empty".into(),
            help: None,
            path: "w.toml".into(),
            line: None,
            column: None,
            pull: None,
        };
        let error = Error::new(ErrorKind::File, "bad").with_problems(vec![problem]);
        assert_eq!(page(&error).render(false), "error: bad\n  w.toml: empty\n");
    }
}
