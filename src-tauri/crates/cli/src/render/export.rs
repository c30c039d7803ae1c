//! What left, what did not, and what came.

use jackfield_protocol::{ExportFinding, ExportedFile, ImportFinding};

use crate::page::Page;
use crate::style::Role;

/// That files were written.
pub(crate) fn written(paths: &[String]) -> Page {
    let mut page = Page::default();
    for path in paths {
        page.line().add(Role::Good, "wrote").plain(" ").plain(path);
    }
    page
}

/// Files that would lie beside what went to standard output.
pub(crate) fn beside(files: &[ExportedFile]) -> Page {
    let mut page = Page::default();
    for file in files.iter().skip(1) {
        page.line().add(Role::Warning, "not written: ").plain(&file.path);
    }
    page
}

/// What an exported file does not carry.
pub(crate) fn findings(findings: &[ExportFinding]) -> Page {
    let mut page = Page::default();
    for finding in findings {
        page.line().add(Role::Warning, "not in the file: ").plain(finding);
        if !finding.flags.is_empty() {
            page.line().add(Role::Faint, "  instead: ").plain(finding.flags.join(" "));
        }
        add_help(&mut page, finding.help.as_deref());
    }
    page
}

/// How to run it.
pub(crate) fn commands(commands: &[String]) -> Page {
    let mut page = Page::default();
    for (position, command) in commands.iter().enumerate() {
        let label = if position == 0 { "run it: " } else { "   then: " };
        page.line().add(Role::Faint, label).plain(command);
    }
    page
}

/// What of a manifest is not in the workload file.
pub(crate) fn not_imported(path: &str, findings: &[ImportFinding]) -> Page {
    let mut page = Page::default();
    for finding in findings {
        let line = page.line();
        line.add(Role::Name, format!("{path}:{}:{}", finding.line, finding.column)).plain(": ");
        line.add(Role::Warning, "not imported: ").plain(finding);
        add_help(&mut page, Some(&finding.note));
    }
    page
}

fn add_help(page: &mut Page, help: Option<&str>) {
    if let Some(help) = help {
        page.line().add(Role::Faint, "  help: ").plain(help);
    }
}
