//! `tools/list`, page by page.
//!
//! A cursor is the name of the last tool of the page before, so that tools which come or go between two
//! pages make no others be left out or come twice.

use jackfield_protocol::ToolView;

/// The most tools on one page. A page with large schemas stays well below a megabyte.
pub const PAGE_IN_TOOLS: usize = 100;

/// Some of the tools.
#[derive(Debug, PartialEq)]
pub(super) struct Page {
    pub(super) tools: Vec<ToolView>,
    /// For the page after; none at the end.
    pub(super) next: Option<String>,
}

/// The cursor is none of these tools' names: it was made up, or the tool is no longer there.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no page after {cursor:?}; ask for the first page again, without a cursor")]
pub(super) struct BadCursor {
    cursor: String,
}

/// The page after `cursor`.
pub(super) fn page(mut tools: Vec<ToolView>, cursor: Option<&str>) -> Result<Page, BadCursor> {
    let start = match cursor {
        None => 0,
        Some(cursor) => {
            let last = tools.iter().position(|tool| tool.name == cursor);
            1 + last.ok_or_else(|| BadCursor { cursor: cursor.to_owned() })?
        }
    };
    let mut tools = tools.split_off(start);
    let rest = tools.split_off(PAGE_IN_TOOLS.min(tools.len()));
    let next = tools.last().filter(|_| !rest.is_empty()).map(|tool| tool.name.clone());
    Ok(Page { tools, next })
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn tools(names: impl IntoIterator<Item = usize>) -> Vec<ToolView> {
        let tool = |number| ToolView {
            name: format!("tool-{number}"),
            title: None,
            description: None,
            input_schema: Value::Null,
            output_schema: None,
            annotations: None,
        };
        names.into_iter().map(tool).collect()
    }

    fn all_pages(count: usize) -> Vec<usize> {
        let (mut sizes, mut cursor) = (Vec::new(), None);
        loop {
            let page = page(tools(0..count), cursor.as_deref()).unwrap();
            sizes.push(page.tools.len());
            cursor = page.next;
            if cursor.is_none() {
                return sizes;
            }
        }
    }

    #[test]
    fn pages_cover_everything_once() {
        for (count, sizes) in
            [(0, vec![0]), (1, vec![1]), (100, vec![100]), (101, vec![100, 1]), (200, vec![100; 2])]
        {
            assert_eq!(all_pages(count), sizes);
        }
    }

    #[test]
    fn a_list_that_changes_between_pages_loses_nothing() {
        let first = page(tools(0..150), None).unwrap();
        let second = page(tools(50..200), first.next.as_deref()).unwrap();
        assert_eq!(second.tools, tools(100..200));
        assert_eq!(second.next, None);
    }

    #[test]
    fn a_cursor_that_nobody_gave_is_refused() {
        let error = page(tools(0..3), Some("tool-7")).unwrap_err();
        assert!(error.to_string().contains("\"tool-7\""), "{error}");
    }
}
