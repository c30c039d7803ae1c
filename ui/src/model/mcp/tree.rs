//! A JSON value as rows that can be folded, so that only the rows in view are drawn whatever its size.

use std::collections::BTreeSet;

use serde_json::Value;

use super::check::step;

/// A new tree is unfolded level by level while it has no more rows than this.
const UNFOLD_UP_TO: usize = 150;
/// No more rows than this; the text view has the rest.
const MAX_ROWS: usize = 100_000;
/// A row shows this many characters of a text.
const MAX_TEXT_CHARS: usize = 300;

/// One row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeRow {
    /// Where in the value: a JSON pointer.
    pub at: String,
    /// How deep it is.
    pub depth: usize,
    /// The property's name, or the index.
    pub key: Option<String>,
    /// The value, or what it holds.
    pub text: String,
    /// What kind of value it is, for its colour.
    pub kind: TreeKind,
    /// Whether it is unfolded; none if there is nothing inside.
    pub is_open: Option<bool>,
}

/// A kind of value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeKind {
    /// An object or a list.
    Composite,
    /// A text.
    Text,
    /// A number.
    Number,
    /// True, false, or null.
    Word,
}

/// Something about a tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TreeAction {
    /// Folds or unfolds a row.
    Toggle(String),
    /// Selects a row.
    Select(String),
    /// Unfolds everything.
    UnfoldAll,
    /// Folds everything.
    FoldAll,
}

/// A JSON value, partly unfolded.
#[derive(Debug, Clone)]
pub struct JsonTree {
    value: Value,
    open: BTreeSet<String>,
    rows: Vec<TreeRow>,
    selected: Option<String>,
}

impl JsonTree {
    /// A tree that shows the first levels.
    #[must_use]
    pub fn new(value: Value) -> Self {
        let mut tree = Self { value, open: BTreeSet::new(), rows: Vec::new(), selected: None };
        tree.refresh();
        loop {
            let folded = tree.rows.iter().filter(|row| row.is_open == Some(false));
            let folded: Vec<String> = folded.map(|row| row.at.clone()).collect();
            let before = tree.open.clone();
            tree.open.extend(folded.iter().cloned());
            tree.refresh();
            if folded.is_empty() {
                return tree;
            }
            if tree.rows.len() > UNFOLD_UP_TO && !before.is_empty() {
                tree.open = before;
                tree.refresh();
                return tree;
            }
            if tree.rows.len() > UNFOLD_UP_TO {
                return tree;
            }
        }
    }

    /// The whole value.
    #[must_use]
    pub fn value(&self) -> &Value {
        &self.value
    }

    /// The rows that are not folded away.
    #[must_use]
    pub fn rows(&self) -> &[TreeRow] {
        &self.rows
    }

    /// Which row is selected.
    #[must_use]
    pub fn selected(&self) -> Option<&str> {
        self.selected.as_deref()
    }

    /// What is selected, as it is copied: a text as it stands, anything else as JSON.
    #[must_use]
    pub fn selected_text(&self) -> Option<String> {
        self.value.pointer(self.selected.as_deref()?).map(|value| match value {
            Value::String(text) => text.clone(),
            other => serde_json::to_string_pretty(other).unwrap_or_default(),
        })
    }

    /// Folds, unfolds or selects.
    pub fn act(&mut self, action: TreeAction) {
        match action {
            TreeAction::Select(at) => {
                self.selected = Some(at);
                return;
            }
            TreeAction::Toggle(at) => {
                if !self.open.remove(&at) {
                    self.open.insert(at);
                }
            }
            TreeAction::FoldAll => self.open = BTreeSet::from([String::new()]),
            TreeAction::UnfoldAll => {
                let mut left = MAX_ROWS;
                unfold(&self.value, "", &mut self.open, &mut left);
            }
        }
        self.refresh();
    }

    fn refresh(&mut self) {
        let mut rows = Vec::new();
        add(&self.value, None, "", 0, &self.open, &mut rows);
        self.rows = rows;
    }
}

fn children(value: &Value) -> Box<dyn Iterator<Item = (String, &Value)> + '_> {
    match value {
        Value::Object(object) => Box::new(object.iter().map(|(name, value)| (name.clone(), value))),
        Value::Array(items) => {
            Box::new(items.iter().enumerate().map(|(index, value)| (index.to_string(), value)))
        }
        _ => Box::new(std::iter::empty()),
    }
}

fn unfold(value: &Value, at: &str, open: &mut BTreeSet<String>, left: &mut usize) {
    for (key, child) in children(value) {
        let Some(fewer) = left.checked_sub(1) else { return };
        *left = fewer;
        open.insert(at.to_owned());
        unfold(child, &step(at, &key), open, left);
    }
}

/// Values that were parsed are nested 127 deep at most.
fn add(
    value: &Value,
    key: Option<String>,
    at: &str,
    depth: usize,
    open: &BTreeSet<String>,
    rows: &mut Vec<TreeRow>,
) {
    if rows.len() >= MAX_ROWS {
        return;
    }
    let (text, kind) = described(value);
    let has_children = matches!(kind, TreeKind::Composite) && children(value).next().is_some();
    let is_open = has_children.then(|| open.contains(at));
    rows.push(TreeRow { at: at.to_owned(), depth, key, text, kind, is_open });
    if is_open == Some(true) {
        for (key, child) in children(value) {
            let at = step(at, &key);
            add(child, Some(key), &at, depth + 1, open, rows);
        }
    }
}

fn described(value: &Value) -> (String, TreeKind) {
    match value {
        Value::Object(object) => (format!("{{{}}}", object.len()), TreeKind::Composite),
        Value::Array(items) => (format!("[{}]", items.len()), TreeKind::Composite),
        Value::String(text) => {
            let short: String = text.chars().take(MAX_TEXT_CHARS).collect();
            let more = if short.len() < text.len() { "…" } else { "" };
            let quoted = Value::String(short).to_string();
            (crate::text::printable(&format!("{quoted}{more}")).into_owned(), TreeKind::Text)
        }
        Value::Number(number) => (number.to_string(), TreeKind::Number),
        Value::Bool(_) | Value::Null => (value.to_string(), TreeKind::Word),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn seen(tree: &JsonTree) -> Vec<String> {
        tree.rows().iter().map(|row| format!("{}={}", row.at, row.text)).collect()
    }

    #[test]
    fn a_small_value_is_shown_whole_and_folds() {
        let mut tree = JsonTree::new(json!({"a/b": [1, "x"], "c": null}));
        assert_eq!(seen(&tree), ["={2}", "/a~1b=[2]", "/a~1b/0=1", "/a~1b/1=\"x\"", "/c=null"]);
        tree.act(TreeAction::Toggle("/a~1b".to_owned()));
        assert_eq!(seen(&tree), ["={2}", "/a~1b=[2]", "/c=null"]);
        tree.act(TreeAction::FoldAll);
        tree.act(TreeAction::UnfoldAll);
        assert_eq!(tree.rows().len(), 5);
        tree.act(TreeAction::Select("/a~1b/1".to_owned()));
        assert_eq!(tree.selected_text().unwrap(), "x");
    }

    #[test]
    fn a_large_value_shows_its_first_level_and_is_bounded() {
        let tree = JsonTree::new(json!(vec![vec![0; 100]; 100]));
        assert_eq!(tree.rows().len(), 101);
        let mut tree = JsonTree::new(json!(vec![0; 300_000]));
        tree.act(TreeAction::UnfoldAll);
        assert_eq!(tree.rows().len(), MAX_ROWS);
    }
}
