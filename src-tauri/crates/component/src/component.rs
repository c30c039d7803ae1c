//! A component in memory.

use std::fmt;
use std::sync::Arc;

use jackfield_protocol::{ComponentInfo, Function, FunctionTypes, Port, TypeGraph};

use crate::Signature;

/// A valid component: its bytes, and what can be told about it. Cheap to clone.
#[derive(Clone)]
pub struct Component {
    info: Arc<ComponentInfo>,
    table: Arc<FunctionTable>,
    bytes: Arc<[u8]>,
}

/// The types of a component's functions.
pub(crate) struct FunctionTable {
    pub(crate) types: TypeGraph,
    /// For each port, in the order of [`ComponentInfo::ports`], the types of its functions, in the
    /// order of [`Port::functions`].
    pub(crate) functions: Vec<Vec<FunctionTypes>>,
}

impl Component {
    pub(crate) fn new(info: ComponentInfo, table: FunctionTable, bytes: Vec<u8>) -> Self {
        Self { info: Arc::new(info), table: Arc::new(table), bytes: bytes.into() }
    }

    /// What can be told about it without running it.
    #[must_use]
    pub fn info(&self) -> &ComponentInfo {
        &self.info
    }

    /// The types that its functions take and give.
    #[must_use]
    pub fn types(&self) -> &TypeGraph {
        &self.table.types
    }

    /// The types of a function; none if `port` and `function` are not this component's.
    #[must_use]
    pub fn signature(&self, port: &Port, function: &Function) -> Option<Signature<'_>> {
        let is_port = |known: &Port| known.direction == port.direction && known.name == port.name;
        let port_index = self.info.ports.iter().position(is_port)?;
        let known = self.info.ports.get(port_index)?.functions();
        let index = known.iter().position(|known| known.name == function.name)?;
        let function = self.table.functions.get(port_index)?.get(index)?;
        Some(Signature { types: &self.table.types, function })
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
