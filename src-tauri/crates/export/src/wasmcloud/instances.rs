//! How long an instance lives, there and here.
//!
//! There, `poolSize` instances are kept warm and serve up to `maxInvocations` calls each. One call each is what
//! `pool` means here; one instance for several calls is `reuse`.

use jackfield_host::workload::InstancePolicy;

/// More than any instance is called: what no limit is here.
const UNLIMITED: u32 = u32::MAX;

/// `poolSize` and `maxInvocations`, where a key is left out if there is none.
pub(super) fn keys(policy: InstancePolicy) -> (Option<u32>, Option<u32>) {
    match policy {
        InstancePolicy::Fresh => (None, None),
        InstancePolicy::Pool { size } => (Some(size), Some(1)),
        // Its numbers have 31 bits.
        InstancePolicy::Reuse { max_calls } => {
            (Some(1), i32::try_from(max_calls).is_ok().then_some(max_calls))
        }
    }
}

/// The policy that comes closest, and what it does not say.
pub(super) fn policy(
    pool_size: Option<u32>,
    max_invocations: Option<u32>,
) -> (InstancePolicy, Option<String>) {
    let max_ready = 64;
    match (pool_size.unwrap_or(0), max_invocations.unwrap_or(0)) {
        (0, 0) => (InstancePolicy::Fresh, None),
        (0, _) => {
            let note = "without `poolSize`, every call has an instance of its own".to_owned();
            (InstancePolicy::Fresh, Some(note))
        }
        (size, 1) if size <= max_ready => (InstancePolicy::Pool { size }, None),
        (_, 1) => {
            let note = format!("a pool keeps up to {max_ready} instances here");
            (InstancePolicy::Pool { size: max_ready }, Some(note))
        }
        (size, calls) => {
            let max_calls = if calls == 0 { UNLIMITED } else { calls };
            let note =
                (size > 1).then(|| "one instance at a time is kept here, for several calls".to_owned());
            (InstancePolicy::Reuse { max_calls }, note)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_come_back_as_they_were() {
        for before in [
            InstancePolicy::Fresh,
            InstancePolicy::Pool { size: 1 },
            InstancePolicy::Pool { size: 64 },
            InstancePolicy::Reuse { max_calls: 2 },
            InstancePolicy::Reuse { max_calls: u32::MAX },
        ] {
            let (size, calls) = keys(before);
            assert_eq!(policy(size, calls), (before, None));
        }
    }

    #[test]
    fn what_there_is_no_policy_for_is_told() {
        assert!(policy(Some(3), None).1.is_some());
        assert!(policy(Some(100), Some(1)).1.is_some());
        for size in [None, Some(0)] {
            let (policy, note) = policy(size, Some(5));
            assert!(policy == InstancePolicy::Fresh && note.is_some());
        }
    }
}
