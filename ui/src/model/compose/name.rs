//! What things may be called: the workload file's rule, so that a bad name is seen while it is
//! typed. The workbench has the last word.

/// What `to` of a link may be beside a component.
const RESERVED: [&str; 2] = ["host", "stub"];

/// Why `name` cannot be a component's name, if it cannot.
pub(super) fn component_problem(name: &str) -> Option<String> {
    if RESERVED.contains(&name) {
        return Some(format!("no component can be called {name}: in a link that means something else"));
    }
    problem(name)
}

/// Why `name` cannot be a name, if it cannot.
pub(super) fn problem(name: &str) -> Option<String> {
    if name.is_empty() {
        return Some("a name cannot be empty".to_owned());
    }
    if name.starts_with(['-', '.']) {
        return Some("a name cannot start with - or .".to_owned());
    }
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let odd = name.chars().find(|c| !allowed(*c))?;
    let odd = odd.escape_debug();
    Some(format!("a name is made of ASCII letters, digits, -, _ and ., and not of “{odd}”"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_the_rule_of_the_workload_file() {
        for name in ["square", "square-root", "Square_2", "a.b", "1", "_x"] {
            assert_eq!(component_problem(name), None, "{name}");
        }
        for name in ["", "-a", ".a", "a b", "é", "a/b", "host", "stub", "a\n"] {
            assert!(component_problem(name).is_some(), "{name}");
        }
        assert_eq!(problem("host"), None, "a workload may be called so");
    }
}
