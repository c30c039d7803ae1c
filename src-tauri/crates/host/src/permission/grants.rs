//! What the components of a workload may reach on the network, now.

use std::{
    collections::HashMap,
    sync::{PoisonError, RwLock},
};

use jackfield_protocol::{ComponentName, Permitted, PermittedVolume};

use super::Origin;
use crate::workload::{Access, Permissions, Workload};

/// The network permissions of a running workload. Every store reads them at each use, so that what
/// is granted or taken counts at once.
#[derive(Debug, Default)]
pub(crate) struct Grants {
    origins: RwLock<HashMap<ComponentName, Vec<Origin>>>,
    /// What stands in the file, whatever was granted and taken beside it.
    written: RwLock<HashMap<ComponentName, Permitted>>,
}

impl Grants {
    /// What the workload file grants.
    pub(crate) fn of(workload: &Workload) -> Self {
        let origins = workload.components.iter().map(|(name, spec)| {
            (name.clone(), spec.permissions.network.iter().filter_map(|text| Origin::parse(text)).collect())
        });
        Self { origins: RwLock::new(origins.collect()), written: RwLock::new(written(workload)) }
    }

    /// What the workload file says of a component.
    pub(crate) fn written(&self, component: &ComponentName) -> Permitted {
        let written = self.written.read().unwrap_or_else(PoisonError::into_inner);
        written.get(component).cloned().unwrap_or_default()
    }

    /// The file says something else from now on.
    pub(crate) fn note_written(&self, now: &Workload) {
        *self.written.write().unwrap_or_else(PoisonError::into_inner) = written(now);
    }

    /// Whether a component has a grant like this.
    pub(crate) fn any(&self, component: &ComponentName, is_it: impl Fn(&Origin) -> bool) -> bool {
        let origins = self.origins.read().unwrap_or_else(PoisonError::into_inner);
        origins.get(component).is_some_and(|origins| origins.iter().any(is_it))
    }

    pub(crate) fn grant(&self, component: &ComponentName, origin: Origin) {
        let mut origins = self.origins.write().unwrap_or_else(PoisonError::into_inner);
        let origins = origins.entry(component.clone()).or_default();
        if !origins.contains(&origin) {
            origins.push(origin);
        }
    }

    /// Grants and takes what differs for a component between two states of its file. True if anything does.
    pub(crate) fn adopt(&self, component: &ComponentName, before: &Workload, now: &Workload) -> bool {
        let of = |workload: &Workload| -> Vec<Origin> {
            let spec = workload.components.get(component);
            let texts = spec.iter().flat_map(|spec| &spec.permissions.network);
            texts.filter_map(|text| Origin::parse(text)).collect()
        };
        let (before, now) = (of(before), of(now));
        for gone in before.iter().filter(|origin| !now.contains(origin)) {
            self.revoke(component, gone);
        }
        for new in now.iter().filter(|origin| !before.contains(origin)) {
            self.grant(component, new.clone());
        }
        before != now
    }

    pub(crate) fn revoke(&self, component: &ComponentName, origin: &Origin) {
        let mut origins = self.origins.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(origins) = origins.get_mut(component) {
            origins.retain(|granted| granted != origin);
        }
    }
}

fn written(workload: &Workload) -> HashMap<ComponentName, Permitted> {
    let permitted = |permissions: &Permissions| Permitted {
        network: permissions.network.clone(),
        volumes: permissions
            .volumes
            .iter()
            .map(|volume| PermittedVolume {
                name: volume.name.clone(),
                at: volume.at.clone(),
                may_write: volume.access == Access::Write,
            })
            .collect(),
    };
    let components = workload.components.iter();
    components.map(|(name, spec)| (name.clone(), permitted(&spec.permissions))).collect()
}
