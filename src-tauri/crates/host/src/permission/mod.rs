//! What the components of a workload may reach outside of it.
//!
//! What always holds: nothing is granted but what the workload file or its user grants, to one
//! component; every use is decided at the moment of use ([`Asker`]); and what is refused is told with
//! the grant that would allow it ([`denials`]).

mod address;
mod asker;
mod denials;
mod grants;
mod origin;
mod resolved;

use std::sync::Arc;

use jackfield_protocol::Plan;

use crate::{HostError, Observer, answer::Answers, network::Loopback, volume::Volumes, workload::Loaded};

#[cfg(test)]
pub(crate) use asker::tests::asker as asker_with;
pub(crate) use asker::{Asker, Refused};
pub(crate) use denials::Denials;
pub(crate) use grants::Grants;
pub(crate) use origin::{Origin, address_of, default_port};
pub(crate) use resolved::Resolved;

/// Everything around the components of one running workload.
pub(crate) struct Boundary {
    pub(crate) grants: Grants,
    pub(crate) denials: Denials,
    /// The names that components looked up.
    pub(crate) resolved: Resolved,
    pub(crate) volumes: Volumes,
    /// The network that the workload has for itself.
    pub(crate) loopback: Arc<Loopback>,
    /// What is said in the place of components that are not there.
    pub(crate) answers: Answers,
}

impl Boundary {
    /// Draws it for a workload that starts.
    ///
    /// # Errors
    /// If a volume is not there or cannot be made.
    pub(crate) fn of(loaded: &Loaded, plan: &Plan, observer: Arc<dyn Observer>) -> Result<Self, HostError> {
        let workload = &loaded.workload;
        Ok(Self {
            grants: Grants::of(workload),
            denials: Denials::new(observer),
            resolved: Resolved::default(),
            volumes: Volumes::prepare(workload)?,
            loopback: Arc::default(),
            answers: Answers::of(loaded, plan),
        })
    }
}
