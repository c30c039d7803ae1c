//! A line of bash as words, also while it is being written.

/// The words of `line`, without their quotes. The last one is the one that the cursor is at, and may be empty.
pub(super) fn words(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    let mut chars = line.chars();
    let mut is_between = true;
    while let Some(c) = chars.next() {
        let push = |words: &mut Vec<String>, c| {
            if let Some(word) = words.last_mut() {
                word.push(c);
            }
        };
        match (quote, c) {
            (None, ' ' | '\t' | '\n') => {
                if !is_between {
                    words.push(String::new());
                }
                is_between = true;
                continue;
            }
            (None, '\'' | '"') => quote = Some(c),
            (Some(open), c) if open == c => quote = None,
            (None | Some('"'), '\\') => push(&mut words, chars.next().unwrap_or('\\')),
            (_, c) => push(&mut words, c),
        }
        is_between = false;
    }
    words
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn a_line_comes_apart_where_a_shell_takes_it_apart() {
        for (line, expected) in [
            ("jack ", vec!["jack", ""]),
            ("jack  ca", vec!["jack", "ca"]),
            (r#"jack 'a b' "c \"d"#, vec!["jack", "a b", "c \"d"]),
            (r"jack a\ b=c:d ", vec!["jack", "a b=c:d", ""]),
            ("jack '' x", vec!["jack", "", "x"]),
        ] {
            assert_eq!(words(line), expected, "{line}");
        }
    }
}
