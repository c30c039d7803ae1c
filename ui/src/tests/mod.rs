//! The window as its user sees it, over a recorded workbench: things are found by their label.

mod fixtures;
mod idle;
mod recorded;
mod state;
mod window;
