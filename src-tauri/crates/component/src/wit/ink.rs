//! How much text may still be written.

/// Enough for what is written and, where an interface is both imported and exported, for what is
/// written a second time to be compared.
const INK_IN_BYTES: usize = 2 * super::MAX_WIT_IN_BYTES;

/// A supply that ends once and for all: after that nothing more is written, so that no text is longer
/// and no walk takes longer than the supply allows.
pub(super) struct Ink {
    left_in_bytes: usize,
    is_dry: bool,
}

impl Ink {
    pub(super) fn new() -> Self {
        Self { left_in_bytes: INK_IN_BYTES, is_dry: false }
    }

    /// Whether there is enough for a text of this length; takes it.
    pub(super) fn take(&mut self, bytes: usize) -> bool {
        match self.left_in_bytes.checked_sub(bytes) {
            Some(left) if !self.is_dry => self.left_in_bytes = left,
            _ => self.is_dry = true,
        }
        !self.is_dry
    }

    pub(super) fn is_dry(&self) -> bool {
        self.is_dry
    }
}
