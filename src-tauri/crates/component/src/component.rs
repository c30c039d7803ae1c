//! A component in memory.

use std::fmt;
use std::sync::Arc;

use jackfield_protocol::ComponentInfo;

/// A valid component: its bytes, and what can be told about it. Cheap to clone.
#[derive(Clone)]
pub struct Component {
    info: Arc<ComponentInfo>,
    bytes: Arc<[u8]>,
}

impl Component {
    pub(crate) fn new(info: ComponentInfo, bytes: Vec<u8>) -> Self {
        Self { info: Arc::new(info), bytes: bytes.into() }
    }

    /// What can be told about it without running it.
    #[must_use]
    pub fn info(&self) -> &ComponentInfo {
        &self.info
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
