//! Which names the addresses stand for that components looked up.
//!
//! A socket connects to an address, and a permission names a host. So the addresses that a component
//! was told for a name are remembered, and connecting to them counts as connecting to that name.

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

use jackfield_protocol::ComponentName;

/// How many addresses are remembered. When there are more, the guest has to look up again.
const MAX_ADDRESSES: usize = 4096;
/// How many names are remembered for one address.
const MAX_NAMES: usize = 16;

/// What components were told.
#[derive(Debug, Default)]
pub(crate) struct Resolved(Mutex<HashMap<(ComponentName, IpAddr), Vec<String>>>);

impl Resolved {
    /// Remembers that a component was told these addresses for a name.
    pub(crate) fn remember(&self, component: &ComponentName, name: &str, addresses: &[IpAddr]) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for address in addresses {
            if known.len() >= MAX_ADDRESSES {
                known.clear();
            }
            let names = known.entry((component.clone(), *address)).or_default();
            if names.len() < MAX_NAMES && !names.iter().any(|known| known == name) {
                names.push(name.to_owned());
            }
        }
    }

    /// The names for which a component was told this address.
    pub(crate) fn names(&self, component: &ComponentName, address: IpAddr) -> Vec<String> {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        known.get(&(component.clone(), address)).cloned().unwrap_or_default()
    }
}
