//! Which types stand in `$defs`, and under which names.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use jackfield_protocol::{TypeGraph, TypeId, TypeKind};

/// Up to this size a type is repeated where it is used: `option<string>` is easier to read in place.
const SMALL_IN_TYPES: usize = 3;
/// From this size on, a type gets a definition of its own, even if it is used once.
const LARGE_IN_TYPES: usize = 40;
/// So does one that is nested this deep: readers of JSON refuse what is nested too deep.
const DEEP_IN_TYPES: usize = 8;

/// The types that stand in `$defs`, with their names. The parts of a type come before it.
pub(super) fn definitions(
    types: &TypeGraph,
    roots: impl Iterator<Item = TypeId>,
) -> BTreeMap<TypeId, String> {
    let uses = uses(types, roots);
    let mut extents: HashMap<TypeId, Extent> = HashMap::new();
    let mut definitions = BTreeMap::new();
    let mut taken = BTreeSet::new();
    // In the order of ids, so that what a type is made of is known before it.
    for (id, uses) in uses {
        let mut extent = Extent { size: 1, depth: 1 };
        for part in types.kind(id).parts() {
            extent.add(extents.get(&part).copied().unwrap_or_default());
        }
        if wants_definition(types, id, extent, uses) {
            definitions.insert(id, free_name(types, id, &mut taken));
            extent = Extent { size: 1, depth: 1 };
        }
        extents.insert(id, extent);
    }
    definitions
}

/// How much of a schema a type takes where it stands.
#[derive(Clone, Copy, Default)]
struct Extent {
    size: usize,
    depth: usize,
}

impl Extent {
    fn add(&mut self, part: Self) {
        self.size = self.size.saturating_add(part.size);
        self.depth = self.depth.max(part.depth + 1);
    }
}

fn wants_definition(types: &TypeGraph, id: TypeId, extent: Extent, uses: usize) -> bool {
    let is_named = types.get(id).is_some_and(|def| def.name.is_some());
    let is_worth_it = extent.size > SMALL_IN_TYPES || (is_named && is_composite(types.kind(id)));
    let is_shared = uses > 1 && is_worth_it && !is_wrapper(types, id);
    is_shared || extent.size > LARGE_IN_TYPES || extent.depth > DEEP_IN_TYPES
}

/// Types that say more by a name than in full.
fn is_composite(kind: &TypeKind) -> bool {
    matches!(kind, TypeKind::Record(_) | TypeKind::Variant(_) | TypeKind::Enum(_) | TypeKind::Flags(_))
}

/// Types without a name that are little more than the one that they hold: `list<point>`. Not they but
/// what they hold gets a definition.
fn is_wrapper(types: &TypeGraph, id: TypeId) -> bool {
    let is_unnamed = types.get(id).is_some_and(|def| def.name.is_none());
    let holds_one =
        matches!(types.kind(id), TypeKind::List(_) | TypeKind::FixedLengthList { .. } | TypeKind::Option(_));
    is_unnamed && holds_one
}

/// How often each type is mentioned, by the roots or by another type, be it in a wrapper.
fn uses(types: &TypeGraph, roots: impl Iterator<Item = TypeId>) -> BTreeMap<TypeId, usize> {
    let mut uses = BTreeMap::new();
    let mut open: Vec<TypeId> = roots.collect();
    while let Some(id) = open.pop() {
        let count = uses.entry(id).or_insert(0);
        *count += 1;
        if *count == 1 || is_wrapper(types, id) {
            open.extend(types.kind(id).parts());
        }
    }
    uses
}

/// The type's own name, or WIT's word for what it is, with a number if that is taken.
fn free_name(types: &TypeGraph, id: TypeId, taken: &mut BTreeSet<String>) -> String {
    let name = types.get(id).and_then(|def| def.name.as_deref());
    let name = name.unwrap_or_else(|| types.kind(id).word());
    let numbered = (2..).map(|number| format!("{name}-{number}"));
    let free = std::iter::once(name.to_owned()).chain(numbered).find(|name| !taken.contains(name));
    let free = free.unwrap_or_default();
    taken.insert(free.clone());
    free
}
