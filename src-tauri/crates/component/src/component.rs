//! A component in memory.

use std::fmt;
use std::sync::Arc;

use jackfield_protocol::{ComponentInfo, Function, FunctionTypes, Port, TypeGraph};

use crate::Signature;
use crate::collect::PortTypes;
use crate::exported::ExportedType;

/// A valid component: its bytes, and what can be told about it. Cheap to clone.
#[derive(Clone)]
pub struct Component {
    info: Arc<ComponentInfo>,
    table: Arc<PortTypes>,
    bytes: Arc<[u8]>,
}

impl Component {
    pub(crate) fn new(info: ComponentInfo, table: PortTypes, bytes: Vec<u8>) -> Self {
        Self { info: Arc::new(info), table: Arc::new(table), bytes: bytes.into() }
    }

    /// What can be told about it without running it.
    #[must_use]
    pub fn info(&self) -> &ComponentInfo {
        &self.info
    }

    /// The types that its functions take and give, and those that its interfaces declare.
    #[must_use]
    pub fn types(&self) -> &TypeGraph {
        &self.table.graph
    }

    /// The types of a function; none if `port` and `function` are not this component's.
    #[must_use]
    pub fn signature(&self, port: &Port, function: &Function) -> Option<Signature<'_>> {
        let is_port = |known: &Port| known.direction == port.direction && known.name == port.name;
        let port_index = self.info.ports.iter().position(is_port)?;
        let known = self.info.ports.get(port_index)?.functions();
        let index = known.iter().position(|known| known.name == function.name)?;
        let function = self.table.functions.get(port_index)?.get(index)?;
        Some(Signature { types: &self.table.graph, function })
    }

    /// The types that a port declares, by the port's place in [`ComponentInfo::ports`].
    pub(crate) fn exported_types(&self, port: usize) -> &[ExportedType] {
        self.table.exported.get(port).map(Vec::as_slice).unwrap_or_default()
    }

    /// The types of a port's functions, in the order of [`Port::functions`].
    pub(crate) fn function_types(&self, port: usize) -> &[FunctionTypes] {
        self.table.functions.get(port).map(Vec::as_slice).unwrap_or_default()
    }

    /// The binary, exactly as it was read: [`ComponentInfo::digest`] is the digest of these bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

impl fmt::Debug for Component {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Component").field("info", &self.info).finish_non_exhaustive()
    }
}
