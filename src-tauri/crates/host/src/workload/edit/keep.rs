//! Comments that must outlive what they stand before.
//!
//! A comment right above a table is about the table and goes with it. One with an empty line after it is
//! about the file: a licence, a heading. It moves to what comes next.

use toml_edit::{Decor, DocumentMut, Item, RawString, Table};

/// The comments before a removed item that are not about it.
pub(super) fn comments_before(item: &Item) -> Option<String> {
    comments_in(item.as_table()?.decor())
}

/// The comments in the space before a removed table that are not about it.
pub(super) fn comments_in(decor: &Decor) -> Option<String> {
    let before = decor.prefix().and_then(RawString::as_str)?;
    let (apart, _) = before.rsplit_once("\n\n")?;
    apart.contains('#').then(|| format!("{apart}\n"))
}

/// Puts comments before the first table that is left, or at the end if there is none.
pub(super) fn put_back(document: &mut DocumentMut, comments: &[String]) {
    if comments.is_empty() {
        return;
    }
    let comments = comments.concat();
    match first_table(document.as_table_mut()) {
        Some(table) => {
            let before = table.decor().prefix().and_then(RawString::as_str).unwrap_or("\n").to_owned();
            table.decor_mut().set_prefix(format!("{comments}{before}"));
        }
        None => {
            let end = document.trailing().as_str().unwrap_or_default().to_owned();
            document.set_trailing(format!("{comments}{end}"));
        }
    }
}

/// The table whose header comes first in the file.
fn first_table(table: &mut Table) -> Option<&mut Table> {
    let children = table.iter_mut().flat_map(|(_, item)| match item {
        Item::Table(table) => vec![table],
        Item::ArrayOfTables(tables) => tables.iter_mut().collect(),
        _ => Vec::new(),
    });
    let written = children.filter_map(|child| {
        let has_header = !child.is_implicit() && !child.is_dotted();
        if has_header { Some(child) } else { first_table(child) }
    });
    written.min_by_key(|table| table.position().unwrap_or(isize::MAX))
}
