//! What things may be called, and what was probably meant.

/// What `to` of a link may be beside a component, and what no component may be called therefore.
pub(super) const HOST: &str = "host";
/// See [`HOST`].
pub(super) const STUB: &str = "stub";

/// Longer words are not compared: nobody mistypes them, and comparing takes time.
const MAX_COMPARED_IN_CHARS: usize = 64;

/// Why `name` cannot be a component's name, if it cannot.
pub fn component_name_problem(name: &str) -> Option<String> {
    if [HOST, STUB].contains(&name) {
        return Some(format!("no component can be called `{name}`: in [[links]] that means something else"));
    }
    plain_name_problem("component", name)
}

/// Why `name` cannot be the name of a `thing`, if it cannot.
pub fn plain_name_problem(thing: &str, name: &str) -> Option<String> {
    if name.is_empty() {
        return Some(format!("a {thing}'s name cannot be empty"));
    }
    if name.starts_with(['-', '.']) {
        return Some(format!("a {thing}'s name cannot start with `-` or `.`: `{}`", name.escape_debug()));
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (!name.chars().all(allowed)).then(|| {
        format!(
            "a {thing}'s name is made of ASCII letters, digits, `-`, `_` and `.`, not `{}`",
            name.escape_debug()
        )
    })
}

/// `did you mean …?`, if one of `known` is close to `word`.
pub(super) fn did_you_mean<'k>(word: &str, known: impl IntoIterator<Item = &'k str>) -> Option<String> {
    let len = word.chars().count();
    let limit = (len / 3).max(1);
    let near = known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        // A word of which nothing is left was not mistyped.
        .filter(|(distance, _)| *distance <= limit && *distance < len)
        .min_by_key(|(distance, _)| *distance)?;
    Some(format!("did you mean `{}`?", near.1))
}

/// How many characters must be put in, taken out, changed or swapped with their neighbour to make
/// `b` of `a` (the optimal string alignment distance).
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.to_lowercase().chars().collect();
    let b: Vec<char> = b.to_lowercase().chars().collect();
    if a.len().max(b.len()) > MAX_COMPARED_IN_CHARS {
        return usize::MAX;
    }
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=b.len()).collect();
    let at = |row: &[usize], index: usize| row.get(index).copied().unwrap_or(usize::MAX - 1);
    for (i, from) in a.iter().enumerate() {
        let mut row = vec![i + 1];
        for (j, to) in b.iter().enumerate() {
            let changed = at(&last, j) + usize::from(from != to);
            let mut best = changed.min(at(&last, j + 1) + 1).min(at(&row, j) + 1);
            let swapped = i > 0 && j > 0 && a.get(i - 1) == Some(to) && b.get(j - 1) == Some(from);
            if swapped {
                best = best.min(at(&before_last, j - 1) + 1);
            }
            row.push(best);
        }
        before_last = std::mem::replace(&mut last, row);
    }
    at(&last, b.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn component_names() {
        for name in ["square", "square-root", "Square_2", "a.b", "1", "_x"] {
            assert_eq!(component_name_problem(name), None, "{name}");
        }
        for name in ["", "-a", ".a", "a b", "é", "a/b", "host", "stub", "a\n"] {
            assert!(component_name_problem(name).is_some(), "{name}");
        }
    }

    #[test]
    fn distances() {
        for (a, b, expected) in [
            ("", "", 0),
            ("source", "source", 0),
            ("source", "soruce", 1),
            ("source", "sourc", 1),
            ("Source", "source", 0),
            ("from", "form", 1),
            ("env", "", 3),
            ("kitten", "sitting", 3),
        ] {
            assert_eq!(distance(a, b), expected, "{a} {b}");
        }
    }

    #[test]
    fn only_what_is_close_is_suggested() {
        let known = ["source", "config", "env"];
        assert_eq!(did_you_mean("soruce", known).as_deref(), Some("did you mean `source`?"));
        assert_eq!(did_you_mean("evn", known).as_deref(), Some("did you mean `env`?"));
        assert_eq!(did_you_mean("password", known), None);
        assert_eq!(did_you_mean("a", ["b", "c"]), None);
        assert_eq!(did_you_mean(&"x".repeat(10_000), known), None);
    }
}
