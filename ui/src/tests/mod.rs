//! The window as its user sees it, over a recorded workbench: things are found by their label.

mod again;
mod calls;
mod crowded;
mod exchange;
mod fetching;
mod fixtures;
mod forms;
mod idle;
mod inspector;
mod library;
mod logs;
mod mcp;
mod measure;
mod picture;
mod probes;
mod recorded;
mod reload;
mod session;
mod state;
mod traces;
mod undo;
mod window;
mod wires;

pub(crate) use fixtures::cron;
