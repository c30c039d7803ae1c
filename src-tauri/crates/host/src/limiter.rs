//! Bounds what one store may hold, and remembers which bound was hit.

use std::fmt;

use wasmtime::ResourceLimiter;

/// Linear memory of a component that sets no limit: 1 GiB.
pub(crate) const DEFAULT_MEMORY_IN_BYTES: u64 = 1 << 30;
/// Entries of one table.
const MAX_TABLE_ELEMENTS: usize = 1_000_000;
/// Core instances, tables and memories of one store.
const MAX_INSTANCES: usize = 10_000;

/// Counts the linear memory of all instances in a store together.
#[derive(Debug)]
pub(crate) struct Limiter {
    memory_limit_in_bytes: u64,
    memory_in_bytes: u64,
    refused: Option<Refused>,
}

/// The bound that was hit last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refused {
    Memory { wanted_in_bytes: u64, limit_in_bytes: u64 },
    Table { wanted: usize },
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory { wanted_in_bytes, limit_in_bytes } => write!(
                f,
                "it wanted {} MiB of memory, and its limit is {} MiB (`limits = {{ memory = … }}`)",
                wanted_in_bytes.div_ceil(1 << 20),
                limit_in_bytes / (1 << 20)
            ),
            Self::Table { wanted } => {
                write!(f, "it wanted a table of {wanted} elements, and the limit is {MAX_TABLE_ELEMENTS}")
            }
        }
    }
}

impl Limiter {
    pub(crate) fn new(memory_limit_in_bytes: u64) -> Self {
        Self { memory_limit_in_bytes, memory_in_bytes: 0, refused: None }
    }

    pub(crate) fn refused(&self) -> Option<Refused> {
        self.refused
    }
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let more = (desired as u64).saturating_sub(current as u64);
        let wanted_in_bytes = self.memory_in_bytes.saturating_add(more);
        let limit_in_bytes = self.memory_limit_in_bytes;
        if wanted_in_bytes > limit_in_bytes {
            self.refused = Some(Refused::Memory { wanted_in_bytes, limit_in_bytes });
            return Ok(false);
        }
        self.memory_in_bytes = wanted_in_bytes;
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let allowed = desired <= MAX_TABLE_ELEMENTS;
        if !allowed {
            self.refused = Some(Refused::Table { wanted: desired });
        }
        Ok(allowed)
    }

    fn instances(&self) -> usize {
        MAX_INSTANCES
    }

    fn tables(&self) -> usize {
        MAX_INSTANCES
    }

    fn memories(&self) -> usize {
        MAX_INSTANCES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_are_counted_together_and_the_refusal_is_remembered() {
        let mut limiter = Limiter::new(3 << 20);
        assert!(limiter.memory_growing(0, 2 << 20, None).unwrap());
        assert!(limiter.memory_growing(0, 1 << 20, None).unwrap());
        assert_eq!(limiter.refused(), None);
        assert!(!limiter.memory_growing(1 << 20, 2 << 20, None).unwrap());
        let refused = limiter.refused().expect("a refusal").to_string();
        assert!(refused.starts_with("it wanted 4 MiB of memory, and its limit is 3 MiB"), "{refused}");
    }
}
