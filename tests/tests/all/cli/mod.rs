//! The real `jack`, as a user runs it.

mod bad_inputs;
mod call;
mod completion;
mod edit;
mod inspect;
mod library;
mod mcp;
mod observe;
mod output;
mod plan;
mod session;
mod trace;
mod up;

use jackfield_tests::files::Workload;

use crate::guests;

/// A workload of one service, and nothing else.
fn service(component: impl AsRef<[u8]>) -> anyhow::Result<Workload> {
    let workload = Workload::new(
        "name = \"test\"\n\n[components.main]\nsource = \"./main.wasm\"\n\n[service]\ncomponent = \"main\"\nmax_restarts = 0\n",
    )?;
    workload.add("main.wasm", component)?;
    Ok(workload)
}

/// A workload of one component, whose function `price` takes a number, switches and a list.
fn shop() -> anyhow::Result<Workload> {
    let workload = Workload::new("name = \"shop\"\n\n[components.shop]\nsource = \"./shop.wasm\"\n")?;
    workload.add("shop.wasm", guests::price())?;
    Ok(workload)
}
