//! YAML as a tree whose every node knows where it stands.
//!
//! Built from the parser's events and not by a loader, because a loader forgets places, and copies what
//! an alias stands for: a kilobyte of aliases of aliases is a gigabyte then.

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};

/// Deeper ones are refused; manifests have a dozen levels.
const MAX_DEPTH: usize = 64;

/// A value in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Node {
    pub(crate) kind: NodeKind,
    /// Counted from 1.
    pub(crate) line: u32,
    /// Counted from 1, in characters.
    pub(crate) column: u32,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum NodeKind {
    Text(String),
    /// A scalar without quotes that is not a text: a number, `true`, `null`, as it is written.
    Bare(String),
    List(Vec<Node>),
    /// Each key in its place, in the order of the text.
    Map(Vec<(Node, Node)>),
}

/// Why a text is not the YAML that is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct YamlProblem {
    pub(crate) message: String,
    pub(crate) line: u32,
    pub(crate) column: u32,
}

impl Node {
    /// The text of a key; nothing if it is no text.
    pub(crate) fn text(&self) -> Option<&str> {
        match &self.kind {
            NodeKind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// Whether it says that there is nothing.
    pub(crate) fn is_null(&self) -> bool {
        matches!(&self.kind, NodeKind::Bare(text) if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The value of a key.
    pub(crate) fn get(&self, key: &str) -> Option<&Self> {
        let NodeKind::Map(entries) = &self.kind else { return None };
        entries.iter().find(|(name, _)| name.text() == Some(key)).map(|(_, value)| value)
    }
}

/// The documents of a text, without those that are empty.
pub(crate) fn documents(text: &str) -> Result<Vec<Node>, YamlProblem> {
    let mut events = Events { parser: Parser::new_from_str(text) };
    let mut documents = Vec::new();
    loop {
        let (event, span) = events.next()?;
        match event {
            Event::StreamEnd => return Ok(documents),
            Event::StreamStart | Event::DocumentStart(_) | Event::DocumentEnd | Event::Nothing => {}
            event => documents.push(events.node(event, span, 0)?),
        }
    }
}

struct Events<'t> {
    parser: Parser<'t, StrInput<'t>>,
}

impl<'t> Events<'t> {
    fn next(&mut self) -> Result<(Event<'t>, Span), YamlProblem> {
        match self.parser.next_event() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => {
                let (line, column) = place(error.marker().line(), error.marker().col());
                Err(YamlProblem { message: format!("not valid YAML: {}", error.info()), line, column })
            }
            // The parser tells the end of the stream before that.
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Result<Node, YamlProblem> {
        let (line, column) = place(span.start.line(), span.start.col());
        let problem = |message: &str| YamlProblem { message: message.to_owned(), line, column };
        if depth > MAX_DEPTH {
            return Err(problem("nested too deeply"));
        }
        let kind = match event {
            Event::Scalar(text, style, _, _) => scalar(&text, style),
            Event::SequenceStart(..) => NodeKind::List(self.list(depth)?),
            Event::MappingStart(..) => NodeKind::Map(self.map(depth)?),
            Event::Alias(_) => return Err(problem("aliases are not read: write out what it stands for")),
            _ => return Err(problem("not valid YAML: a value is missing")),
        };
        Ok(Node { kind, line, column })
    }

    fn list(&mut self, depth: usize) -> Result<Vec<Node>, YamlProblem> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(items),
                (event, span) => items.push(self.node(event, span, depth + 1)?),
            }
        }
    }

    fn map(&mut self, depth: usize) -> Result<Vec<(Node, Node)>, YamlProblem> {
        let mut entries: Vec<(Node, Node)> = Vec::new();
        loop {
            let key = match self.next()? {
                (Event::MappingEnd, _) => return Ok(entries),
                (event, span) => self.node(event, span, depth + 1)?,
            };
            if let Some((first, _)) = entries.iter().find(|(other, _)| other.kind == key.kind) {
                let message = format!("the key is there already, in line {}", first.line);
                return Err(YamlProblem { message, line: key.line, column: key.column });
            }
            let (event, span) = self.next()?;
            let value = self.node(event, span, depth + 1)?;
            entries.push((key, value));
        }
    }
}

fn place(line: usize, column: usize) -> (u32, u32) {
    let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    (number(line.max(1)), number(column.saturating_add(1)))
}

fn scalar(text: &str, style: ScalarStyle) -> NodeKind {
    let is_number = text.parse::<f64>().is_ok() && text.starts_with(|c: char| "+-.0123456789".contains(c));
    let is_word = matches!(text, "" | "~" | "null" | "Null" | "NULL")
        || matches!(text, "true" | "True" | "TRUE" | "false" | "False" | "FALSE");
    match style {
        ScalarStyle::Plain if is_number || is_word => NodeKind::Bare(text.to_owned()),
        _ => NodeKind::Text(text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problem(text: &str) -> (u32, u32, String) {
        let problem = documents(text).expect_err("a problem");
        (problem.line, problem.column, problem.message)
    }

    #[test]
    fn every_node_has_its_place() {
        let all = documents("# c\na:\n  - x: 1\n    ü: \"1\"\n---\n---\nb\n").expect("YAML");
        assert_eq!(all.len(), 3);
        let item = &all[0].get("a").expect("a").kind;
        let NodeKind::List(items) = item else { panic!("{item:?}") };
        assert_eq!((items[0].line, items[0].column), (3, 5));
        assert_eq!(items[0].get("x").map(|it| &it.kind), Some(&NodeKind::Bare("1".into())));
        assert_eq!(items[0].get("ü").map(|it| (it.text(), it.line, it.column)), Some((Some("1"), 4, 8)));
        assert!(all[1].is_null());
    }

    #[test]
    fn what_is_no_yaml_tells_where() {
        let (line, _, message) = problem("a: 1\nb: [1\nc: 2\n");
        assert!(line >= 2 && message.starts_with("not valid YAML"), "{line} {message}");
        assert_eq!(problem("a: 1\na: 2\n"), (2, 1, "the key is there already, in line 1".into()));
        assert_eq!(problem("a: &x [1]\nb: *x\n").0, 2);
    }

    #[test]
    fn depth_is_bounded() {
        assert!(problem(&"[".repeat(100)).2.contains("nested"));
        let deep = (0..100).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect::<String>();
        assert!(problem(&deep).2.contains("nested"));
    }
}
