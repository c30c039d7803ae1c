//! What was probably meant by a name that there is not.

/// The candidate that differs the least, if at most a third of the letters do. People write `first_name` and
/// `firstName` for `first-name`, which are no differences.
pub(crate) fn nearest<'n>(name: &str, candidates: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let plain = |name: &str| name.to_lowercase().replace(['_', '-', ' ', '.'], "");
    let limit = (name.chars().count() / 3).max(1);
    candidates
        .map(|candidate| (strsim::osa_distance(&plain(name), &plain(candidate)), candidate))
        .filter(|(distance, _)| *distance <= limit && *distance < name.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_is_seen_and_another_word_is_not() {
        let names = || ["hypotenuse", "first-name", "x"].into_iter();
        assert_eq!(nearest("hypotenus", names()), Some("hypotenuse"));
        assert_eq!(nearest("first_name", names()), Some("first-name"));
        assert_eq!(nearest("y", names()), None);
        assert_eq!(nearest("square", names()), None);
    }
}
