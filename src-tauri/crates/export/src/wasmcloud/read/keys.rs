//! Maps of a manifest, of which every key is asked for or told.

use jackfield_protocol::{Fate, ImportFinding, Problem};

use super::unread;
use crate::yaml::{Node, NodeKind};

/// What was found so far.
pub(super) struct Reading {
    path: String,
    pub(super) problems: Vec<Problem>,
    pub(super) findings: Vec<ImportFinding>,
}

impl Reading {
    pub(super) fn new(path: &str) -> Self {
        Self { path: path.to_owned(), problems: Vec::new(), findings: Vec::new() }
    }

    pub(super) fn problem_at(
        &self,
        line: u32,
        column: u32,
        message: String,
        help: Option<String>,
    ) -> Problem {
        let (line, column) = (Some(line), Some(column));
        Problem { message, help, path: self.path.clone(), line, column, pull: None }
    }

    pub(super) fn problem(&mut self, node: &Node, message: String, help: &str) {
        let problem = self.problem_at(node.line, node.column, message, Some(help.to_owned()));
        self.problems.push(problem);
    }

    pub(super) fn finding(&mut self, key: &str, node: &Node, fate: Fate, note: &str) {
        let (key, note) = (key.to_owned(), note.to_owned());
        self.findings.push(ImportFinding { key, line: node.line, column: node.column, fate, note });
    }
}

/// A map, and which of its keys were asked for.
pub(super) struct Keys<'n> {
    pub(super) node: &'n Node,
    path: String,
    asked: Vec<String>,
}

impl<'n> Keys<'n> {
    /// The map that a node must be.
    pub(super) fn of(reading: &mut Reading, path: &str, node: &'n Node) -> Option<Self> {
        if !matches!(node.kind, NodeKind::Map(_)) {
            let what = if path.is_empty() { "the manifest" } else { path };
            reading.problem(node, format!("`{what}` is no map"), "write `key: value` below it");
            return None;
        }
        Some(Self { node, path: path.to_owned(), asked: Vec::new() })
    }

    pub(super) fn path_of(&self, key: &str) -> String {
        if self.path.is_empty() { key.to_owned() } else { format!("{}.{key}", self.path) }
    }

    /// Its keys and values, all of which are asked for with this.
    pub(super) fn texts(&mut self, reading: &mut Reading) -> Vec<(&'n str, &'n str, &'n Node)> {
        let NodeKind::Map(entries) = &self.node.kind else { return Vec::new() };
        let mut texts = Vec::new();
        for (key, value) in entries {
            let Some(name) = key.text() else {
                reading.problem(key, "a key must be a text".to_owned(), "put it in quotes");
                continue;
            };
            texts.extend(self.text(reading, name).map(|(text, _)| (name, text, value)));
        }
        texts
    }

    /// The value of a key, unless it says that there is none.
    fn ask(&mut self, key: &str) -> Option<&'n Node> {
        self.asked.push(key.to_owned());
        self.node.get(key).filter(|node| !node.is_null())
    }

    /// Keys that mean nothing here, and are no loss.
    pub(super) fn ignore(&mut self, keys: &[&str]) {
        self.asked.extend(keys.iter().map(|key| (*key).to_owned()));
    }

    pub(super) fn text(&mut self, reading: &mut Reading, key: &str) -> Option<(&'n str, &'n Node)> {
        let node = self.ask(key)?;
        let text = node.text();
        if text.is_none() {
            let message = format!("`{}` must be a text", self.path_of(key));
            reading.problem(node, message, "if it is one, put it in quotes");
        }
        Some((text?, node))
    }

    pub(super) fn required(&mut self, reading: &mut Reading, key: &str) -> Option<(&'n str, &'n Node)> {
        if self.ask(key).is_none() {
            reading.problem(
                self.node,
                format!("`{}` is missing", self.path_of(key)),
                &format!("add `{key}:`"),
            );
        }
        self.text(reading, key)
    }

    pub(super) fn number(&mut self, reading: &mut Reading, key: &str) -> Option<(u32, &'n Node)> {
        let node = self.ask(key)?;
        let number = match &node.kind {
            NodeKind::Bare(text) => text.parse().ok(),
            _ => None,
        };
        if number.is_none() {
            let message = format!("`{}` must be a whole number, not below 0", self.path_of(key));
            reading.problem(node, message, "write it without quotes");
        }
        Some((number?, node))
    }

    pub(super) fn flag(&mut self, reading: &mut Reading, key: &str) -> Option<bool> {
        let node = self.ask(key)?;
        let flag = match &node.kind {
            NodeKind::Bare(text) => text.to_ascii_lowercase().parse().ok(),
            _ => None,
        };
        if flag.is_none() {
            let message = format!("`{}` must be true or false", self.path_of(key));
            reading.problem(node, message, "write it without quotes");
        }
        flag
    }

    pub(super) fn map(&mut self, reading: &mut Reading, key: &str) -> Option<Self> {
        let node = self.ask(key)?;
        Self::of(reading, &self.path_of(key), node)
    }

    /// The maps of a list.
    pub(super) fn maps(&mut self, reading: &mut Reading, key: &str) -> Vec<Self> {
        let path = self.path_of(key);
        let items = self.items(reading, key).iter().enumerate();
        items.filter_map(|(position, node)| Self::of(reading, &format!("{path}[{position}]"), node)).collect()
    }

    /// The items of a list.
    pub(super) fn items(&mut self, reading: &mut Reading, key: &str) -> &'n [Node] {
        let Some(node) = self.ask(key) else { return &[] };
        match &node.kind {
            NodeKind::List(items) => items,
            _ => {
                let message = format!("`{}` must be a list", self.path_of(key));
                reading.problem(node, message, "begin each item with `- `");
                &[]
            }
        }
    }

    /// Tells the keys that nobody asked for.
    pub(super) fn finish(&self, reading: &mut Reading) {
        let NodeKind::Map(entries) = &self.node.kind else { return };
        for (key, value) in entries {
            let name = key.text().unwrap_or("?");
            // What is empty is no loss.
            let is_empty = match &value.kind {
                NodeKind::List(items) => items.is_empty(),
                NodeKind::Map(entries) => entries.is_empty(),
                _ => value.is_null(),
            };
            if !is_empty && !self.asked.iter().any(|asked| asked == name) {
                reading.findings.push(unread(&self.path_of(name), key));
            }
        }
    }
}
