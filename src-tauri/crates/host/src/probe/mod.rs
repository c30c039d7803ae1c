//! Probes: observation points on links between components, and to the host.
//!
//! Links are fused ([`crate::compose`]), and what Wasmtime fuses nobody sees. So where a link is to be
//! observed, a small component is put in between: a *forwarder*, made for the interface of that link. It
//! imports the interface and exports the same interface with the same resources, passes each call on as it
//! came, and calls the host before and after. Wasmtime still does the calls: a forwarder costs two calls of
//! the host, and not the thread of control. Only where the host asks for it is it shown values, and may it
//! hold the call.
//!
//! What cannot be forwarded stays fused, and [`Unprobeable`] says why.
//!
//! | module | what it is for |
//! |---|---|
//! | `abi` | how values lie in registers and in memory |
//! | `scope` | component types, written where they are needed |
//! | `resources` | which resources a function passes handles of |
//! | `module` | core modules, written piece by piece |
//! | `heap` | the memory that values pass through, with its allocators |
//! | `flat` | core code that moves values between registers and memory |
//! | `walk` | core code that finds handles and pointers in values |
//! | `core` | the core code: a function for each that is forwarded |
//! | `concurrent` | the same for functions that are asynchronous |
//! | `assemble` | the component around it |
//! | `rep` | functions by which handles are identified |
//! | `hooks` | what the forwarders call in the host |
//! | `handles` | which handle stands for which resource |
//! | `held` | what becomes of calls that are held |
//! | `site` | a link with a probe on it |
//! | `wave` | the values that it is shown, as text |

mod abi;
mod assemble;
mod concurrent;
mod core;
mod flat;
mod handles;
mod heap;
mod held;
mod hooks;
mod module;
mod rep;
mod resources;
mod scope;
mod site;
mod walk;
mod wave;

use indexmap::IndexMap;
use wac_graph::types::{ItemKind, ResourceId, Types};

pub(crate) use self::{
    core::{HOLDS, HOOKS, NO_SPAN, TARGET, VALUES, WANTS_VALUES},
    handles::Handled,
    held::{Decider, Decision, Probing},
    hooks::{Probes, define, hooks_label, types_label, values_label},
    rep::{IDENTITY, with_identities},
    resources::{declared_in, resources, source_of},
    scope::HANDLE,
    site::{Function, Site},
    wave::{is_edited_where_cut, shown, shown_to_edit},
};

/// What a forwarder is made for.
#[derive(Debug, Clone)]
pub(crate) struct Order<'o> {
    pub(crate) types: &'o Types,
    /// The import, as which the forwarder exports it, too.
    pub(crate) name: &'o str,
    pub(crate) import: ItemKind,
    /// What the importing world imports.
    pub(crate) imports: &'o IndexMap<String, ItemKind>,
    /// The resources whose handles can be identified: for each, it imports [`identity_import`].
    pub(crate) identified: &'o [ResourceId],
    /// The types of a bare function are imported under names that begin so.
    pub(crate) types_prefix: String,
}

impl Order<'_> {
    /// As what the forwarder imports what it forwards to: an interface by its own name, so that the host's
    /// is found where nothing else is given.
    pub(crate) fn target(&self) -> &str {
        match self.import {
            ItemKind::Func(_) => TARGET,
            _ => self.name,
        }
    }
}

/// A component that stands on a link.
#[derive(Debug, Clone)]
pub(crate) struct Forwarder {
    /// The component. It imports its target, `hooks`, `values`, identities, and `foreign`.
    pub(crate) bytes: Vec<u8>,
    /// The functions that it forwards; the host is told their place in this list.
    pub(crate) functions: Vec<String>,
    /// The names of each function's parameters.
    pub(crate) params: Vec<Vec<String>>,
    /// Whether each function has a result.
    pub(crate) gives: Vec<bool>,
    /// The interfaces that it imports for their types, by name.
    pub(crate) foreign: Vec<String>,
}

/// Why a link cannot be observed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unprobeable {
    /// The interface has an item, or a type without a name, that a forwarder cannot have.
    #[error("its types cannot be written down again")]
    Type,
}

/// As what a forwarder imports the function that identifies handles of a resource.
pub(crate) fn identity_import(place: usize) -> String {
    format!("identity-n{place}")
}

/// Makes a forwarder.
pub(crate) fn forwarder(order: &Order<'_>) -> Result<Forwarder, Unprobeable> {
    assemble::assemble(order)
}

#[cfg(test)]
mod tests;
