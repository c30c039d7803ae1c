//! What stands between the braces of an interface, of a resource or of the world.
//!
//! An interface can be imported and exported, and has one text nevertheless: what is added a second
//! time is passed over if it is the same, and becomes a comment if it is not.

use std::collections::{HashMap, HashSet};

use super::page::Page;
use super::words::comment;

/// Declarations in their order.
#[derive(Default)]
pub(super) struct Body {
    items: Vec<Item>,
    /// The items that have a name, by their name.
    named: HashMap<String, usize>,
    remarks: HashSet<String>,
}

struct Item {
    /// With doc comments, and without braces.
    text: String,
    members: Option<Body>,
    /// What comes after the text if there are no members.
    without_members: &'static str,
}

impl Body {
    /// Adds a declaration.
    pub(super) fn add(&mut self, name: &str, text: String) {
        self.add_item(name, Item { text, members: None, without_members: "" });
    }

    /// Adds a resource, to which members can be added.
    pub(super) fn add_resource(&mut self, name: &str, text: String) {
        self.add_item(name, Item { text, members: Some(Self::default()), without_members: ";" });
    }

    /// Adds an interface that is declared where it is imported or exported.
    pub(super) fn add_inline(&mut self, name: &str, text: String, members: Self) {
        self.add_item(name, Item { text, members: Some(members), without_members: " {}" });
    }

    /// Adds what WIT cannot say.
    pub(super) fn remark(&mut self, text: &str) {
        let text = comment(text);
        if self.remarks.insert(text.clone()) {
            self.items.push(Item { text, members: None, without_members: "" });
        }
    }

    /// The members of the resource of this name.
    pub(super) fn members(&mut self, resource: &str) -> Option<&mut Self> {
        let index = self.named.get(resource)?;
        self.items.get_mut(*index)?.members.as_mut()
    }

    fn add_item(&mut self, name: &str, item: Item) {
        let known = self.named.get(name).and_then(|index| self.items.get(*index));
        match known {
            Some(known) if known.text == item.text => {}
            Some(_) => self.remark(&format!("The export has it otherwise:\n{}", item.text)),
            None => {
                self.named.insert(name.to_owned(), self.items.len());
                self.items.push(item);
            }
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.items.is_empty()
    }

    pub(super) fn print(&self, page: &mut Page) {
        for item in &self.items {
            item.print(page);
        }
    }
}

impl Item {
    fn print(&self, page: &mut Page) {
        match &self.members {
            Some(members) if !members.is_empty() => page.block(&self.text, |page| members.print(page)),
            _ => page.lines(&format!("{}{}", self.text, self.without_members)),
        }
    }
}
