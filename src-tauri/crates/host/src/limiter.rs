//! Bounds what one store may hold, and remembers which bound was hit.

use std::{fmt, sync::Arc};

use jackfield_protocol::ComponentName;
use wasmtime::{
    ResourceLimiter, Trap,
    component::{ResourceTableError, Val},
};

/// Linear memory of a component that sets no limit: 1 GiB.
pub(crate) const DEFAULT_MEMORY_IN_BYTES: u64 = 1 << 30;
/// Entries of all tables of one store together: 8 MiB.
pub(crate) const MAX_TABLE_ELEMENTS: usize = 1 << 20;
/// Core instances, tables and memories of one store.
const MAX_INSTANCES: usize = 10_000;
/// What any guest may pass to the host in one call, which the host holds a copy of meanwhile: 128 MiB. One that may
/// have more memory may pass as much as that.
const MIN_HOSTCALL_IN_BYTES: usize = 128 << 20;
/// Streams, files, requests and the like that one store's guests may hold of the host.
pub(crate) const MAX_HOST_HANDLES: usize = 100_000;
/// The stack of guest code. What recurses deeper traps.
pub(crate) const MAX_STACK_IN_BYTES: usize = 512 << 10;

/// A bound that a guest went over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Limit {
    /// Linear memory.
    Memory {
        /// Whose memory it was, if that can be told: what is composed together shares a store.
        component: Option<ComponentName>,
        /// What there would have been, had it been granted.
        wanted_in_bytes: u64,
        /// What there may be.
        limit_in_bytes: u64,
    },
    /// Elements of tables, in all of a store.
    Table {
        /// What there would have been, had it been granted.
        wanted: usize,
        /// What there may be.
        limit: usize,
    },
    /// The stack of calls.
    Stack {
        /// What there may be.
        limit_in_bytes: usize,
    },
    /// What is passed to the host in one call.
    HostCall {
        /// What there may be.
        limit_in_bytes: usize,
    },
    /// Things of the host that a guest holds: streams, files, requests.
    HostHandles {
        /// What there may be.
        limit: usize,
    },
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Memory { component, wanted_in_bytes, limit_in_bytes } => {
                match component {
                    Some(component) => write!(f, "`{component}`")?,
                    None => f.write_str("it")?,
                }
                let (wanted, limit) = (Size(*wanted_in_bytes), Size(*limit_in_bytes));
                write!(
                    f,
                    " wanted {wanted} of memory, and its limit is {limit} (`limits = {{ memory = … }}`)"
                )
            }
            Self::Table { wanted, limit } => {
                write!(f, "it wanted tables of {wanted} elements, and the limit is {limit}")
            }
            Self::Stack { limit_in_bytes } => {
                write!(f, "its calls went deeper than its stack of {}", Size(*limit_in_bytes as u64))
            }
            Self::HostCall { limit_in_bytes } => {
                let limit = Size(*limit_in_bytes as u64);
                write!(
                    f,
                    "it passed more to the host in one call than the limit of {limit}, where each value of a list \
                     counts as {} bytes (`limits = {{ memory = … }}`)",
                    size_of::<Val>()
                )
            }
            Self::HostHandles { limit } => {
                write!(f, "it holds as many streams, files and requests as the limit of {limit} allows")
            }
        }
    }
}

/// A size in the largest unit of which it has a whole number.
struct Size(u64);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            0 => f.write_str("0 bytes"),
            bytes if bytes.is_multiple_of(1 << 30) => write!(f, "{} GiB", bytes >> 30),
            bytes if bytes.is_multiple_of(1 << 20) => write!(f, "{} MiB", bytes >> 20),
            bytes if bytes.is_multiple_of(1 << 10) => write!(f, "{} KiB", bytes >> 10),
            bytes => write!(f, "{bytes} bytes"),
        }
    }
}

impl Limit {
    /// The bound that an error of Wasmtime's tells of, if it tells of one.
    pub(crate) fn from_error(error: &wasmtime::Error, limiter: &Limiter) -> Option<Self> {
        if error.downcast_ref::<Trap>() == Some(&Trap::StackOverflow) {
            return Some(Self::Stack { limit_in_bytes: MAX_STACK_IN_BYTES });
        }
        if matches!(error.downcast_ref::<ResourceTableError>(), Some(ResourceTableError::Full)) {
            return Some(Self::HostHandles { limit: MAX_HOST_HANDLES });
        }
        // Wasmtime keeps the type of this error to itself, so its text has to do; a test sees to it.
        let text = error.root_cause().to_string();
        text.contains("fuel allocated for hostcalls has been exhausted")
            .then_some(Self::HostCall { limit_in_bytes: limiter.hostcall_in_bytes() })
    }
}

/// What one member of a composition may hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct MemberMemory {
    pub(crate) component: ComponentName,
    pub(crate) limit_in_bytes: u64,
}

/// Counts the linear memory and the table elements of all instances in a store together.
///
/// What one member may hold is the maximum of its own memories, which [`crate::bounded`] has written
/// into its code, so it is enforced by the code itself. Here it is only recognised.
#[derive(Debug)]
pub(crate) struct Limiter {
    members: Arc<[MemberMemory]>,
    memory_limit_in_bytes: u64,
    /// What all memories take together.
    pub(crate) memory_in_bytes: u64,
    table_elements: usize,
    refused: Option<Limit>,
}

impl Limiter {
    pub(crate) fn new(members: Arc<[MemberMemory]>) -> Self {
        let memory_limit_in_bytes =
            members.iter().map(|member| member.limit_in_bytes).fold(0, u64::saturating_add);
        Self { members, memory_limit_in_bytes, memory_in_bytes: 0, table_elements: 0, refused: None }
    }

    /// What may be passed to the host in one call: nobody knows of which member a call is.
    pub(crate) fn hostcall_in_bytes(&self) -> usize {
        let largest = self.members.iter().map(|member| member.limit_in_bytes).max().unwrap_or_default();
        usize::try_from(largest).unwrap_or(usize::MAX).max(MIN_HOSTCALL_IN_BYTES)
    }

    /// The bound that was hit last since the last call began.
    pub(crate) fn refused(&self) -> Option<&Limit> {
        self.refused.as_ref()
    }

    /// What all memories have together: bytes. Memories never shrink, so it is the most that they had.
    pub(crate) fn memory_in_bytes(&self) -> u64 {
        self.memory_in_bytes
    }

    /// Forgets what an earlier call was refused.
    pub(crate) fn begin_call(&mut self) {
        self.refused = None;
    }

    /// Whose memory it is that may have at most `maximum_in_bytes`, if that can be told, and what its limit is; none
    /// if that is no member's limit.
    fn members_limited_to(&self, maximum_in_bytes: u64) -> Option<(Option<ComponentName>, u64)> {
        let is_meant = |member: &&MemberMemory| whole_pages(member.limit_in_bytes) == maximum_in_bytes;
        let mut members = self.members.iter().filter(is_meant);
        let first = members.next()?;
        Some(match members.next() {
            None => (Some(first.component.clone()), first.limit_in_bytes),
            // All that is known of it is what they have in common.
            Some(other) if other.limit_in_bytes != first.limit_in_bytes => (None, maximum_in_bytes),
            Some(_) => (None, first.limit_in_bytes),
        })
    }
}

/// The memory of whole wasm pages that fits.
pub(crate) fn whole_pages(bytes: u64) -> u64 {
    bytes & !0xffff
}

impl ResourceLimiter for Limiter {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        if let Some(maximum) = maximum.filter(|maximum| desired > *maximum) {
            // A guest that goes over a maximum of its own making is no concern of the host.
            if let Some((component, limit_in_bytes)) = self.members_limited_to(maximum as u64) {
                let wanted_in_bytes = desired as u64;
                self.refused = Some(Limit::Memory { component, wanted_in_bytes, limit_in_bytes });
            }
            return Ok(false);
        }
        let more = (desired as u64).saturating_sub(current as u64);
        let wanted_in_bytes = self.memory_in_bytes.saturating_add(more);
        let limit_in_bytes = self.memory_limit_in_bytes;
        if wanted_in_bytes > limit_in_bytes {
            self.refused = Some(Limit::Memory { component: None, wanted_in_bytes, limit_in_bytes });
            return Ok(false);
        }
        self.memory_in_bytes = wanted_in_bytes;
        Ok(true)
    }

    fn table_growing(&mut self, current: usize, desired: usize, _: Option<usize>) -> wasmtime::Result<bool> {
        let wanted = self.table_elements.saturating_add(desired.saturating_sub(current));
        if wanted > MAX_TABLE_ELEMENTS {
            self.refused = Some(Limit::Table { wanted, limit: MAX_TABLE_ELEMENTS });
            return Ok(false);
        }
        self.table_elements = wanted;
        Ok(true)
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

    fn limiter(limits: &[(&str, u64)]) -> Limiter {
        let member =
            |(name, limit): &(&str, u64)| MemberMemory { component: (*name).into(), limit_in_bytes: *limit };
        Limiter::new(limits.iter().map(member).collect())
    }

    fn refusal(limiter: &Limiter) -> String {
        limiter.refused().expect("a refusal").to_string()
    }

    #[test]
    fn memories_are_counted_together_and_the_refusal_is_remembered_for_one_call() {
        let mut limiter = limiter(&[("a", 3 << 20)]);
        assert!(limiter.memory_growing(0, 2 << 20, None).unwrap());
        assert!(limiter.memory_growing(0, 1 << 20, None).unwrap());
        assert_eq!(limiter.refused(), None);
        assert!(!limiter.memory_growing(1 << 20, 2 << 20, None).unwrap());
        assert_eq!(
            refusal(&limiter),
            "it wanted 4 MiB of memory, and its limit is 3 MiB (`limits = { memory = … }`)"
        );
        limiter.begin_call();
        assert_eq!(limiter.refused(), None);
    }

    #[test]
    fn whose_limit_was_hit_is_known_by_the_maximum_of_the_memory() {
        let mut limiter = limiter(&[("a", 1 << 20), ("b", (2 << 20) + 1), ("c", 4 << 20), ("d", 4 << 20)]);
        assert!(!limiter.memory_growing(0, 3 << 20, Some(2 << 20)).unwrap());
        assert_eq!(
            refusal(&limiter),
            "`b` wanted 3 MiB of memory, and its limit is 2097153 bytes (`limits = { memory = … }`)"
        );
        assert!(!limiter.memory_growing(0, 5 << 20, Some(4 << 20)).unwrap());
        assert_eq!(
            refusal(&limiter),
            "it wanted 5 MiB of memory, and its limit is 4 MiB (`limits = { memory = … }`)"
        );
        limiter.begin_call();
        assert!(!limiter.memory_growing(0, 64 << 10, Some(0)).unwrap());
        assert_eq!(limiter.refused(), None, "the guest's own maximum");
    }

    #[test]
    fn table_elements_are_counted_together() {
        let mut limiter = limiter(&[]);
        assert!(limiter.table_growing(0, MAX_TABLE_ELEMENTS, None).unwrap());
        assert!(!limiter.table_growing(0, 1, None).unwrap());
        assert!(refusal(&limiter).starts_with("it wanted tables of 1048577 elements"));
    }
}
