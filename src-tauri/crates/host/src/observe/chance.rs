//! Choices that are the same each time: with the same seed, the same calls are chosen.

/// A million of a million.
pub(super) const ALWAYS: u32 = 1_000_000;

/// The number that belongs to the `nth` call under a seed. Source: `SplitMix64` by Steele, Lea and Flood.
fn number(seed: u64, nth: u64) -> u64 {
    let mut bits = seed.wrapping_add(nth.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15));
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Whether the `nth` call is one of so many of a million.
pub(super) fn is_chosen(seed: u64, nth: u64, parts_per_million: u32) -> bool {
    parts_per_million >= ALWAYS || number(seed, nth) % u64::from(ALWAYS) < u64::from(parts_per_million)
}

/// A number from `min` to `max` for the `nth` call.
pub(super) fn between(seed: u64, nth: u64, min: u64, max: u64) -> u64 {
    match max.checked_sub(min) {
        None | Some(0) => min,
        Some(u64::MAX) => number(seed, nth),
        Some(span) => min + number(seed, nth) % (span + 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn about_as_many_are_chosen_as_was_said_and_always_the_same() {
        for parts in [0, 10_000, 250_000, 900_000, ALWAYS] {
            let chosen = |seed| (0..100_000).filter(|nth| is_chosen(seed, *nth, parts)).count();
            let wanted = parts as usize / 10;
            assert!(chosen(7).abs_diff(wanted) < 600, "{} of {wanted}", chosen(7));
            assert_eq!(chosen(7), chosen(7));
        }
        let calls = |seed| (0..50).map(|nth| is_chosen(seed, nth, 500_000)).collect::<Vec<_>>();
        assert_ne!(calls(1), calls(2));
    }

    #[test]
    fn a_range_has_both_of_its_ends() {
        let drawn: std::collections::BTreeSet<u64> = (0..200).map(|nth| between(3, nth, 5, 8)).collect();
        assert_eq!(drawn, [5, 6, 7, 8].into());
        assert_eq!(between(3, 1, 9, 9), 9);
        assert_eq!(between(3, 1, 9, 2), 9);
    }
}
