//! A link with a probe on it.

use std::sync::{Arc, OnceLock};

use jackfield_protocol::{ComponentName, Link, Provider, SharedText};

use super::{Forwarder, Handled};
use crate::observe::SiteState;

/// A link with a probe on it, in one composition.
#[derive(Debug)]
pub(crate) struct Site {
    pub(crate) consumer: ComponentName,
    pub(crate) provider: Provider,
    pub(crate) import: String,
    /// Its functions, in the order in which the forwarder counts them.
    functions: Vec<Function>,
    /// The resources whose handles are identified, in the order in which the forwarder counts them.
    pub(crate) resources: Vec<Handled>,
    state: OnceLock<Arc<SiteState>>,
}

/// A function that goes over a link.
#[derive(Debug)]
pub(crate) struct Function {
    pub(crate) name: String,
    /// With its interface, as spans name it.
    pub(crate) full_name: SharedText,
    /// The names of its parameters.
    pub(crate) params: Vec<SharedText>,
    /// Whether it has a result; the forwarder of one that has none never tells any.
    pub(crate) gives: bool,
}

impl Site {
    /// A site for the functions of a forwarder.
    pub(crate) fn new(
        link: &Link,
        provider: Provider,
        forwarder: Forwarder,
        resources: Vec<Handled>,
    ) -> Self {
        let (consumer, import) = (link.consumer.clone(), link.import.clone());
        let Forwarder { functions, params, gives, .. } = forwarder;
        let functions =
            functions.into_iter().zip(params).zip(gives).map(|((name, params), gives)| Function {
                full_name: match import == name {
                    true => SharedText::from(name.as_str()),
                    false => format!("{import}#{name}").into(),
                },
                name,
                params: params.into_iter().map(SharedText::from).collect(),
                gives,
            });
        let functions = functions.collect();
        Self { consumer, provider, import, functions, resources, state: OnceLock::new() }
    }

    /// Says how much of it is observed. Set once, when it is composed.
    pub(crate) fn watch(&self, state: &Arc<SiteState>) {
        let _ = self.state.set(Arc::clone(state));
    }

    /// How much of it is observed; nothing if nobody watches.
    pub(crate) fn state(&self) -> Option<&Arc<SiteState>> {
        self.state.get()
    }

    /// A function, as the forwarder counts them.
    pub(crate) fn function(&self, index: u32) -> Option<&Function> {
        self.functions.get(index as usize)
    }
}
