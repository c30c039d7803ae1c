//! Probes: observation points on links between components.
//!
//! Links are fused ([`crate::compose`]), and what Wasmtime fuses nobody sees. So where a link is to be
//! observed, a small component is put in between: a *forwarder*, made for the interface of that link. It
//! imports the interface and exports the same interface with the same resources, passes each call on as it
//! came, and calls the host before and after. Wasmtime still does the calls: a forwarder costs two calls of
//! the host, and not the thread of control.
//!
//! What cannot be forwarded stays fused, and [`Unprobeable`] says why.
//!
//! | module | what it is for |
//! |---|---|
//! | `abi` | how values lie in registers and in memory |
//! | `scope` | component types, written where they are needed |
//! | `core` | the core code: an allocator, and a function for each that is forwarded |
//! | `assemble` | the component around it |
//! | `hooks` | what the forwarders call in the host |
//! | `tracer` | the spans of one call |
//! | `wave` | the values that it is shown, as text |

mod abi;
mod assemble;
mod core;
mod hooks;
mod scope;
mod site;
mod wave;

use wac_graph::types::{InterfaceId, Types};

pub(crate) use self::{
    core::{HOOKS, TARGET, VALUES},
    hooks::{Probes, define, hooks_label, values_label},
    scope::HANDLE,
    site::Site,
    wave::{shown, shown_whole},
};

pub(crate) const NO_SPAN: u32 = u32::MAX;
pub(crate) const WANTS_VALUES: u32 = 1;
pub(crate) const HOLDS: u32 = 2;
#[derive(Debug, Clone)]
pub(crate) enum Decision {
    Continue,
    Answer(Option<wasmtime::component::Val>),
    Change(Vec<wasmtime::component::Val>),
    Fail(String),
}

/// A component that stands on a link.
#[derive(Debug, Clone)]
pub(crate) struct Forwarder {
    /// The component. It imports `target`, `hooks`, `values` if it shows values, and `foreign`.
    pub(crate) bytes: Vec<u8>,
    /// The functions that it forwards; the host is told their place in this list.
    pub(crate) functions: Vec<String>,
    /// The interfaces that it imports for their types, by name.
    pub(crate) foreign: Vec<String>,
}

/// Why a link cannot be observed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unprobeable {
    /// An asynchronous function may be called again before it has returned, which a forwarder would hold up.
    #[error("`{function}` is asynchronous")]
    Async {
        /// Its name in the interface.
        function: String,
    },
    /// A borrowed handle has to be given back, and one inside of another value is not found.
    #[error("`{function}` takes borrowed handles inside of other values")]
    NestedBorrow {
        /// Its name in the interface.
        function: String,
    },
    /// The interface has an item, or a type without a name, that a forwarder cannot have.
    #[error("its types cannot be written down again")]
    Type,
}

/// Makes the forwarder for a link of `interface`, which it exports as `name`. With `shows_values`, it hands
/// the host the arguments and the result of each call, too.
pub(crate) fn forwarder(
    types: &Types,
    interface: InterfaceId,
    name: &str,
    shows_values: bool,
) -> Result<Forwarder, Unprobeable> {
    assemble::assemble(types, interface, name, shows_values)
}

#[cfg(test)]
mod tests;
