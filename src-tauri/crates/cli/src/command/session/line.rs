//! One line of a session: a call, or something about the session itself.

/// What a line asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Line {
    /// Nothing.
    Empty,
    /// `function(argument, argument)`, or `function` where there are none.
    Call {
        /// The function.
        function: String,
        /// A WAVE value for each parameter.
        args: Vec<String>,
    },
    /// `:handles`
    Handles,
    /// `:drop #1`
    Drop(u64),
    /// `:quit`
    Quit,
    /// `:help`
    Help,
}

/// Understands a line.
///
/// # Errors
/// In words, if it is none of these.
pub(super) fn read(text: &str) -> Result<Line, String> {
    let text = text.trim();
    match text.strip_prefix(':') {
        None if text.is_empty() => Ok(Line::Empty),
        None => call(text),
        Some(command) => match command.split_whitespace().collect::<Vec<_>>().as_slice() {
            ["handles"] => Ok(Line::Handles),
            ["quit"] => Ok(Line::Quit),
            ["help"] => Ok(Line::Help),
            ["drop", handle] => {
                let number = handle.strip_prefix('#').unwrap_or(handle).parse();
                number.map(Line::Drop).map_err(|_| format!("`{handle}` is no handle: write :drop #1"))
            }
            _ => Err(format!("there is no command `{text}`: there are :handles, :drop #1, :help and :quit")),
        },
    }
}

fn call(text: &str) -> Result<Line, String> {
    let Some((function, rest)) = text.split_once('(') else {
        return Ok(Line::Call { function: text.to_owned(), args: Vec::new() });
    };
    let inside = rest.strip_suffix(')').ok_or_else(|| "a call ends with `)`".to_owned())?;
    Ok(Line::Call { function: function.trim().to_owned(), args: arguments(inside) })
}

/// The arguments between commas that stand in no quotes and no brackets.
fn arguments(text: &str) -> Vec<String> {
    let mut args = vec![String::new()];
    let (mut depth, mut quote, mut is_escaped) = (0_usize, None, false);
    for character in text.chars() {
        match (quote, character) {
            (Some(_), _) if is_escaped => is_escaped = false,
            (Some(_), '\\') => is_escaped = true,
            (Some(open), _) if open == character => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(character),
            (None, '(' | '[' | '{') => depth += 1,
            (None, ')' | ']' | '}') => depth = depth.saturating_sub(1),
            (None, ',') if depth == 0 => {
                args.push(String::new());
                continue;
            }
            (None, _) => {}
        }
        if let Some(last) = args.last_mut() {
            last.push(character);
        }
    }
    let args: Vec<String> = args.into_iter().map(|arg| arg.trim().to_owned()).collect();
    if args == [""] { Vec::new() } else { args }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn called(text: &str) -> (String, Vec<String>) {
        match read(text) {
            Ok(Line::Call { function, args }) => (function, args),
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn arguments_are_told_apart_whatever_is_in_them() {
        for (text, expected) in [
            ("f", &[][..]),
            ("f()", &[]),
            ("f( 1 ,-2)", &["1", "-2"]),
            (r#"f("a, b)", 'x', [1, 2])"#, &[r#""a, b)""#, "'x'", "[1, 2]"]),
            (r#"f("\", ", {a: (1, 2), b: some(3)}, #1)"#, &[r#""\", ""#, "{a: (1, 2), b: some(3)}", "#1"]),
        ] {
            assert_eq!(called(text), ("f".to_owned(), expected.iter().map(|it| (*it).to_owned()).collect()));
        }
        assert_eq!(called("a:b/c@1.0.0#[method]d.e(#1)").0, "a:b/c@1.0.0#[method]d.e");
    }

    #[test]
    fn commands_begin_with_a_colon() {
        assert_eq!(read(" :handles "), Ok(Line::Handles));
        assert_eq!(read(":drop #12"), Ok(Line::Drop(12)));
        assert_eq!(read(""), Ok(Line::Empty));
        assert!(read(":drop it").is_err_and(|reason| reason.contains(":drop #1")));
        assert!(read(":jump").is_err_and(|reason| reason.contains(":handles")));
        assert!(read("f(1").is_err());
    }
}
