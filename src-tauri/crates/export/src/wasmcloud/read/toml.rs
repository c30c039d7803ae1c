//! The text of the workload file.

use indexmap::IndexMap;
use jackfield_host::workload::{Access, InstancePolicy, VolumeGrant, VolumeSpec};
use toml_edit::{Array, DocumentMut, InlineTable, Item, Table, Value, value};

/// What of a manifest goes into a workload file.
#[derive(Debug, Default)]
pub(super) struct File {
    pub(super) name: String,
    pub(super) namespace: Option<String>,
    pub(super) components: Vec<Component>,
    /// Its component, and how often it is started again.
    pub(super) service: Option<(String, u32)>,
    pub(super) volumes: IndexMap<String, VolumeSpec>,
}

/// A component.
#[derive(Debug, Default)]
pub(super) struct Component {
    pub(super) name: String,
    pub(super) image: String,
    pub(super) config: Vec<(String, String)>,
    pub(super) env: Vec<(String, String)>,
    pub(super) instances: InstancePolicy,
    pub(super) network: Vec<String>,
    pub(super) volumes: Vec<VolumeGrant>,
}

impl File {
    pub(super) fn text(&self) -> String {
        let mut document = DocumentMut::new();
        document.insert("name", value(self.name.as_str()));
        if let Some(namespace) = &self.namespace {
            document.insert("namespace", value(namespace.as_str()));
        }
        let mut components = Table::new();
        components.set_implicit(true);
        for component in &self.components {
            components.insert(&component.name, Item::Table(component.table()));
        }
        if !components.is_empty() {
            document.insert("components", Item::Table(components));
        }
        if let Some((component, max_restarts)) = &self.service {
            let mut service = Table::new();
            service.insert("component", value(component.as_str()));
            service.insert("max_restarts", value(i64::from(*max_restarts)));
            document.insert("service", Item::Table(service));
        }
        if !self.volumes.is_empty() {
            let mut volumes = Table::new();
            for (name, volume) in &self.volumes {
                volumes.insert(name, value(volume_table(volume)));
            }
            document.insert("volumes", Item::Table(volumes));
        }
        document.to_string()
    }
}

impl Component {
    fn table(&self) -> Table {
        let mut table = Table::new();
        table.insert("source", value(format!("oci://{}", self.image)));
        for (key, entries) in [("config", &self.config), ("env", &self.env)] {
            if !entries.is_empty() {
                let entries = entries.iter().map(|(key, text)| (key.as_str(), text.as_str()));
                table.insert(key, value(entries.collect::<InlineTable>()));
            }
        }
        table.extend(instances(self.instances).map(|policy| ("instances", value(policy))));
        let permissions = self.permissions();
        if !permissions.is_empty() {
            table.insert("permissions", value(permissions));
        }
        table
    }

    fn permissions(&self) -> InlineTable {
        let mut permissions = InlineTable::new();
        if !self.network.is_empty() {
            permissions.insert("network", self.network.iter().map(String::as_str).collect::<Array>().into());
        }
        if !self.volumes.is_empty() {
            let grants: Array = self.volumes.iter().map(|grant| Value::from(grant_table(grant))).collect();
            permissions.insert("volumes", grants.into());
        }
        permissions
    }
}

fn instances(policy: InstancePolicy) -> Option<InlineTable> {
    let (name, number) = match policy {
        InstancePolicy::Fresh => return None,
        InstancePolicy::Pool { size } => ("pool", ("size", size)),
        InstancePolicy::Reuse { max_calls } => ("reuse", ("max_calls", max_calls)),
    };
    let mut table = InlineTable::new();
    table.insert("policy", name.into());
    table.insert(number.0, i64::from(number.1).into());
    Some(table)
}

fn grant_table(grant: &VolumeGrant) -> InlineTable {
    let access = match grant.access {
        Access::Read => "read",
        Access::Write => "write",
    };
    [("name", grant.name.as_str()), ("at", grant.at.as_str()), ("access", access)].into_iter().collect()
}

fn volume_table(volume: &VolumeSpec) -> InlineTable {
    let mut table = InlineTable::new();
    match volume {
        VolumeSpec::Temporary => table.insert("temporary", true.into()),
        VolumeSpec::Path(path) => table.insert("path", path.display().to_string().into()),
    };
    table
}
