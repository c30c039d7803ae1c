//! Which handle stands for which resource: numbers that stay the same from call to call and from link to link.
//!
//! A forwarder tells a handle's number in its own table, which is used again at once, with the resource's
//! `rep`, which is used again when the resource is gone. From both together follows which resource it is:
//! resources are numbered in the order in which they are first seen, and one with a `rep` that is known is new
//! where its component gives out an owned handle of it that it had not got.

use std::collections::HashMap;

use wasmtime::component::Val;

use super::{
    core::{IS_CONSTRUCTED, IS_OWNED, IS_RESULT},
    scope::HANDLE,
};

/// The field with the number of the resource, in what stands for a handle.
pub(super) const NUMBER: &str = "number";

/// So many resources are told apart at a time. Services live long, and resources come and go unseen.
const MAX_KNOWN: usize = 100_000;

/// A resource that a link passes handles of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Handled {
    /// The place among all identified resources of the composition.
    pub(crate) resource: u32,
    /// The place of its name among theirs: those of one name are numbered together, because they are told by name and
    /// number alone.
    pub(crate) name: u32,
    /// Whether the link leads to the component that defines it.
    pub(crate) is_providers: bool,
}

/// The resources that were seen in an instance.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    known: HashMap<(u32, u32), Known>,
    /// How many there are of each name.
    counts: HashMap<u32, u32>,
    /// The numbers of the handles that are shown next.
    told: Vec<(u32, u32)>,
}

#[derive(Debug, Clone, Copy)]
struct Known {
    number: u32,
    /// Whether it was given back to the component that defines it, which may give it out again.
    is_given_back: bool,
}

impl Seen {
    /// A handle is passed, in a role as forwarders tell it.
    pub(crate) fn tell(&mut self, handled: Handled, handle: u32, rep: u32, role: u32) {
        let is = |what: u32| role & what != 0;
        let key = (handled.resource, rep);
        let known = self.known.get(&key).copied();
        let is_owned_result = is(IS_RESULT) && is(IS_OWNED) && handled.is_providers;
        let known = known.filter(|known| !is_owned_result || (known.is_given_back && !is(IS_CONSTRUCTED)));
        let number = known.map_or_else(|| self.next(handled.name), |known| known.number);
        let is_given = !is(IS_RESULT) && is(IS_OWNED) && handled.is_providers;
        let was_given = known.is_some_and(|known| known.is_given_back);
        let is_given_back = is_given || (was_given && !is_owned_result);
        if known.is_none() && self.known.len() >= MAX_KNOWN {
            // Those that are still there get another number, which nobody has had.
            self.known.clear();
        }
        self.known.insert(key, Known { number, is_given_back });
        self.told.push((handle, number));
    }

    fn next(&mut self, name: u32) -> u32 {
        let count = self.counts.entry(name).or_default();
        *count = count.saturating_add(1);
        *count
    }

    /// The values with the numbers of what their handles stand for.
    pub(crate) fn named(&mut self, values: &[Val]) -> Vec<Val> {
        let mut values = values.to_vec();
        let told = std::mem::take(&mut self.told);
        if !told.is_empty() {
            values.iter_mut().for_each(|value| name(value, &told));
        }
        values
    }
}

/// The number in the forwarder's table of what stands for a handle.
fn handle(value: &Val) -> Option<u32> {
    match value {
        Val::Record(fields) => match fields.as_slice() {
            [(field, Val::U32(handle)), ..] if field.starts_with(HANDLE) => Some(*handle),
            _ => None,
        },
        _ => None,
    }
}

fn name(value: &mut Val, told: &[(u32, u32)]) {
    if let Some(handle) = handle(value) {
        // The same handle twice is the same resource.
        if let (Val::Record(fields), Some((_, number))) =
            (value, told.iter().find(|(known, _)| *known == handle))
        {
            fields.truncate(1);
            fields.push((NUMBER.to_owned(), Val::U32(*number)));
        }
        return;
    }
    each_part(value, &mut |part| name(part, told));
}

/// The value as a forwarder takes it back.
pub(crate) fn unnamed(mut value: Val) -> Val {
    strip(&mut value);
    value
}

fn strip(value: &mut Val) {
    match (handle(value).is_some(), value) {
        (true, Val::Record(fields)) => fields.truncate(1),
        (_, value) => each_part(value, &mut strip),
    }
}

/// Whether a value has this handle in it.
pub(crate) fn mentions(value: &Val, number: u32) -> bool {
    if let Some(handle) = handle(value) {
        return handle == number;
    }
    let of = |part: &Val| mentions(part, number);
    match value {
        Val::List(parts) | Val::FixedLengthList(parts) | Val::Tuple(parts) => parts.iter().any(of),
        Val::Record(fields) => fields.iter().any(|(_, part)| of(part)),
        Val::Variant(_, part) | Val::Option(part) => part.as_deref().is_some_and(of),
        Val::Result(Ok(part) | Err(part)) => part.as_deref().is_some_and(of),
        Val::Map(pairs) => pairs.iter().any(|(key, value)| of(key) || of(value)),
        _ => false,
    }
}

fn each_part(value: &mut Val, what: &mut dyn FnMut(&mut Val)) {
    match value {
        Val::List(parts) | Val::FixedLengthList(parts) | Val::Tuple(parts) => {
            parts.iter_mut().for_each(what);
        }
        Val::Record(fields) => fields.iter_mut().for_each(|(_, part)| what(part)),
        Val::Variant(_, part) | Val::Option(part) => part.iter_mut().for_each(|part| what(part)),
        Val::Result(Ok(part) | Err(part)) => part.iter_mut().for_each(|part| what(part)),
        Val::Map(pairs) => {
            for (key, value) in pairs {
                what(key);
                what(value);
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROVIDERS: Handled = Handled { resource: 0, name: 0, is_providers: true };
    const ELSEWHERE: Handled = Handled { resource: 0, name: 0, is_providers: false };

    fn number(seen: &mut Seen, handled: Handled, rep: u32, role: u32) -> Val {
        seen.tell(handled, 7, rep, role);
        let handle = Val::Record(vec![(format!("{HANDLE}node"), Val::U32(7))]);
        seen.named(&[Val::Option(Some(Box::new(handle)))]).remove(0)
    }

    fn node(number: u32) -> Val {
        let fields = vec![(format!("{HANDLE}node"), Val::U32(7)), (NUMBER.to_owned(), Val::U32(number))];
        Val::Option(Some(Box::new(Val::Record(fields))))
    }

    #[test]
    fn a_resource_keeps_its_number_and_a_new_one_gets_another() {
        let made = IS_RESULT | IS_OWNED | IS_CONSTRUCTED;
        let mut seen = Seen::default();
        assert_eq!(number(&mut seen, PROVIDERS, 100, made), node(1));
        assert_eq!(number(&mut seen, PROVIDERS, 100, 0), node(1));
        assert_eq!(number(&mut seen, ELSEWHERE, 100, IS_RESULT | IS_OWNED), node(1));
        assert_eq!(number(&mut seen, PROVIDERS, 200, made), node(2));
        // The first is gone, and its place taken by another.
        assert_eq!(number(&mut seen, PROVIDERS, 100, made), node(3));
        assert_eq!(number(&mut seen, PROVIDERS, 100, IS_RESULT | IS_OWNED), node(4));
    }

    #[test]
    fn those_of_two_components_with_one_name_have_different_numbers() {
        let made = IS_RESULT | IS_OWNED | IS_CONSTRUCTED;
        let other = Handled { resource: 1, ..PROVIDERS };
        let mut seen = Seen::default();
        assert_eq!(number(&mut seen, PROVIDERS, 100, made), node(1));
        assert_eq!(number(&mut seen, other, 100, made), node(2));
        assert_eq!(number(&mut seen, PROVIDERS, 100, 0), node(1));
        assert_eq!(number(&mut seen, other, 100, 0), node(2));
        assert_eq!(number(&mut seen, Handled { resource: 2, name: 1, ..PROVIDERS }, 100, made), node(1));
    }

    #[test]
    fn what_was_given_back_may_come_again() {
        let mut seen = Seen::default();
        assert_eq!(number(&mut seen, PROVIDERS, 100, IS_RESULT | IS_OWNED), node(1));
        assert_eq!(number(&mut seen, PROVIDERS, 100, IS_OWNED), node(1));
        assert_eq!(number(&mut seen, PROVIDERS, 100, IS_RESULT | IS_OWNED), node(1));
        assert_eq!(number(&mut seen, PROVIDERS, 100, IS_RESULT | IS_OWNED), node(2));
    }

    #[test]
    fn handles_are_found_inside_of_values_and_given_back_as_they_came() {
        let value = node(3);
        assert!(mentions(&value, 7) && !mentions(&value, 3));
        let plain = Val::Record(vec![(format!("{HANDLE}node"), Val::U32(7))]);
        assert_eq!(unnamed(value), Val::Option(Some(Box::new(plain))));
    }
}
