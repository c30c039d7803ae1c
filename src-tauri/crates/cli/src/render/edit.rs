//! What became of a workload file.

use jackfield_protocol::{Link, LinkTarget};

use crate::page::Page;
use crate::style::Role;

/// That there is a new workload.
pub(crate) fn made(name: &str, path: &str) -> Page {
    let mut page = Page::default();
    page.line().add(Role::Good, "made").plain(" ").add(Role::Name, name).plain(": ").plain(path);
    page
}

/// What was done, and the links that came and went. Those to the host are counted: there are dozens.
pub(crate) fn page(done: &[String], added: &[Link], removed: &[Link]) -> Page {
    let mut page = Page::default();
    for line in done {
        page.line().plain(line);
    }
    for (sign, role, links) in [("-", Role::Error, removed), ("+", Role::Good, added)] {
        let mut from_host = 0;
        for link in links {
            let Some(target) = target(link) else {
                from_host += 1;
                continue;
            };
            let line = page.line().add(role, format!("  {sign} ")).add(Role::Name, &link.consumer);
            line.plain(format!(" {} → {target}", link.import));
        }
        if from_host > 0 {
            let plural = if from_host == 1 { "import" } else { "imports" };
            page.line()
                .add(role, format!("  {sign} "))
                .add(Role::Faint, format!("{from_host} {plural} from the host"));
        }
    }
    if added.is_empty() && removed.is_empty() {
        page.line().add(Role::Faint, "  no link changes");
    }
    page
}

/// What a link leads to, unless that is the host or nobody.
fn target(link: &Link) -> Option<String> {
    match &link.target {
        LinkTarget::Component { name, export } if *export == link.import => Some(name.to_string()),
        LinkTarget::Component { name, export } => Some(format!("{name} {export}")),
        LinkTarget::Stub => Some("stub".to_owned()),
        LinkTarget::Host { .. } | LinkTarget::Types => None,
    }
}
