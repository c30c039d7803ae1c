//! Opening a workload whose components are in a registry, a real one.

use std::net::TcpListener;

use egui::{Key, Modifiers};
use egui_kittest::kittest::Queryable as _;
use jackfield_tests::files::Workload;
use jackfield_tests::jack;

use super::Flow;
use crate::server::Server;

const PULL: &str = "Pull and open";

/// The calculator sample with `square` from this reference.
fn calculator(square: &str) -> anyhow::Result<Workload> {
    Workload::new(&format!(
        "name = \"calculator\"\n\n\
         [components.hypotenuse]\nsource = \"oci://samples/hypotenuse:0.1.0\"\n\n\
         [components.square]\nsource = \"{square}\"\n"
    ))
}

#[test]
fn what_a_workload_misses_is_pulled_and_it_opens() -> anyhow::Result<()> {
    let server = Server::start();
    let reference = format!("oci://{}/acme/square:1.0", server.host());
    let workload = calculator(&reference)?;
    let mut flow = Flow::choosing(&workload.file())?;
    flow.press_keys(Modifiers::COMMAND, Key::O);
    flow.press(PULL);
    // The registry has nothing yet.
    flow.until_labelled_in_part(&format!("Could not pull {reference}, which "));
    jack::run(["library", "push", "oci://samples/square:0.1.0", &reference])?.success();
    flow.press(PULL);
    flow.until_labelled("link hypotenuse math:ops/square → square");
    flow.until_gone(PULL);
    Ok(())
}

#[test]
fn a_registry_that_says_nothing_is_given_up() -> anyhow::Result<()> {
    let silent = TcpListener::bind(("127.0.0.1", 0))?;
    let workload = calculator(&format!("oci://{}/acme/square:1.0", silent.local_addr()?))?;
    let file = workload.file();
    let mut flow = Flow::choosing(&file)?;
    flow.press_keys(Modifiers::COMMAND, Key::O);
    flow.press(PULL);
    let _connection = silent.accept()?;
    flow.until_labelled_in_part("asking the registry");
    let cancel = format!("cancel opening {}", file.display());
    flow.press(&cancel);
    flow.until_gone(&cancel);
    flow.until("no transfer", |harness| {
        harness.query_all_by_label_contains("asking the registry").next().is_none()
    });
    Ok(())
}
