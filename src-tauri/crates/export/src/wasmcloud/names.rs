//! What Kubernetes lets things be called.

/// The most characters of a name that is a DNS label.
const MAX_LABEL_IN_CHARS: usize = 63;

/// `name` as a DNS label: itself, if it is one.
pub(super) fn label(name: &str) -> String {
    let plain = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let name: String = name.chars().map(plain).take(MAX_LABEL_IN_CHARS).collect();
    let name = name.trim_matches('-');
    if name.is_empty() { "workload".to_owned() } else { name.to_owned() }
}

/// The name in the `Host` header by which a workload is found if nobody says another.
pub(super) fn own_host(workload: &str) -> String {
    format!("{}.localhost", label(workload))
}

/// The same for several, no two of which get the same.
pub(super) fn labels<'n>(names: impl IntoIterator<Item = &'n str>) -> Vec<(&'n str, String)> {
    let mut labels: Vec<(&str, String)> = Vec::new();
    for name in names {
        let wanted = label(name);
        let numbered = (2_u32..).map(|number| {
            let room = MAX_LABEL_IN_CHARS.saturating_sub(number.to_string().len() + 1);
            format!("{}-{number}", wanted.chars().take(room).collect::<String>())
        });
        let is_free = |label: &String| labels.iter().all(|(_, taken)| taken != label);
        let free = std::iter::once(wanted.clone()).chain(numbered).find(is_free).unwrap_or_default();
        labels.push((name, free));
    }
    labels
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_dns() {
        for (name, expected) in [("data", "data"), ("My_Data", "my-data"), ("_x", "x"), ("...", "workload")] {
            assert_eq!(label(name), expected, "{name}");
        }
        assert_eq!(label(&"x".repeat(100)).len(), MAX_LABEL_IN_CHARS);
    }

    #[test]
    fn no_two_get_the_same() {
        let all: Vec<String> = labels(["a.b", "a-b", "A.B"]).into_iter().map(|(_, label)| label).collect();
        assert_eq!(all, ["a-b", "a-b-2", "a-b-3"]);
    }
}
