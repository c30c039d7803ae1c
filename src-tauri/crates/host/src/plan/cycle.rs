//! Components that need one another in a circle, so that none can be instantiated first.

use std::collections::{HashMap, HashSet, VecDeque};

use jackfield_protocol::{ComponentName, Diagnostic, LinkTarget, Plan};

/// Components, by their place in the plan.
type Edges = Vec<Vec<usize>>;

/// The shortest circle of each knot: of each set of components that all need one another. Of circles
/// of one length it is the one that begins first in the workload file.
pub(super) fn cycles(plan: &Plan) -> Vec<Diagnostic> {
    let names: Vec<&ComponentName> = plan.nodes.iter().map(|node| &node.name).collect();
    let (needs, needed_by) = edges(plan, &names);
    let tangled = tangled(&needs, &needed_by);
    let mut done: HashSet<usize> = HashSet::new();
    let mut cycles = Vec::new();
    for start in 0..names.len() {
        if !tangled.contains(&start) || done.contains(&start) {
            continue;
        }
        let backward = reachable(&needed_by, start, &tangled);
        let mut knot: Vec<usize> =
            reachable(&needs, start, &tangled).intersection(&backward).copied().collect();
        knot.sort_unstable();
        done.extend(&knot);
        // `min_by_key` gives the first of equal lengths.
        let shortest = knot.iter().filter_map(|member| shortest_cycle(&needs, *member, &tangled));
        if let Some(cycle) = shortest.min_by_key(Vec::len) {
            let path: Vec<ComponentName> =
                cycle.into_iter().filter_map(|place| names.get(place).copied().cloned()).collect();
            let imports = imports(plan, &path);
            cycles.push(Diagnostic::Cycle { path, imports });
        }
    }
    cycles
}

/// For each member of a circle, the first import through which it needs the next.
fn imports(plan: &Plan, path: &[ComponentName]) -> Vec<String> {
    let next = path.iter().cycle().skip(1);
    let import = |(from, to): (&ComponentName, &ComponentName)| {
        let leads = |target: &LinkTarget| matches!(target, LinkTarget::Component { name, .. } if name == to);
        let link = plan.links.iter().find(|link| link.consumer == *from && leads(&link.target));
        link.map(|link| link.import.clone())
    };
    path.iter().zip(next).filter_map(import).collect()
}

/// Who needs whom, and the reverse; in the order of the links, each once.
fn edges(plan: &Plan, names: &[&ComponentName]) -> (Edges, Edges) {
    let place: HashMap<_, _> = names.iter().enumerate().map(|(place, name)| (*name, place)).collect();
    let mut needs = vec![Vec::new(); names.len()];
    let mut needed_by = vec![Vec::new(); names.len()];
    let mut seen = HashSet::new();
    for link in &plan.links {
        let LinkTarget::Component { name, .. } = &link.target else { continue };
        let (Some(from), Some(to)) = (place.get(&link.consumer), place.get(name)) else { continue };
        if !seen.insert((*from, *to)) {
            continue;
        }
        if let (Some(forward), Some(backward)) = (needs.get_mut(*from), needed_by.get_mut(*to)) {
            forward.push(*to);
            backward.push(*from);
        }
    }
    (needs, needed_by)
}

/// The components that are in a circle or between two: those that are left when every one that needs
/// nobody who is left is taken away, and every one that nobody who is left needs.
fn tangled(needs: &Edges, needed_by: &Edges) -> HashSet<usize> {
    let mut left: HashSet<usize> = (0..needs.len()).collect();
    for (edges, reverse) in [(needs, needed_by), (needed_by, needs)] {
        let mut counts: Vec<usize> =
            edges.iter().map(|to| to.iter().filter(|to| left.contains(to)).count()).collect();
        let mut free: Vec<usize> =
            left.iter().copied().filter(|place| counts.get(*place) == Some(&0)).collect();
        while let Some(place) = free.pop() {
            left.remove(&place);
            for from in reverse.get(place).into_iter().flatten().filter(|from| left.contains(from)) {
                if let Some(count) = counts.get_mut(*from) {
                    *count -= 1;
                    if *count == 0 {
                        free.push(*from);
                    }
                }
            }
        }
    }
    left
}

fn reachable(edges: &Edges, start: usize, within: &HashSet<usize>) -> HashSet<usize> {
    let mut seen = HashSet::from([start]);
    let mut stack = vec![start];
    while let Some(place) = stack.pop() {
        for next in edges.get(place).into_iter().flatten() {
            if within.contains(next) && seen.insert(*next) {
                stack.push(*next);
            }
        }
    }
    seen
}

/// The shortest way from `start` back to itself, by going out in all directions at once.
fn shortest_cycle(needs: &Edges, start: usize, within: &HashSet<usize>) -> Option<Vec<usize>> {
    let mut came_from: HashMap<usize, usize> = HashMap::new();
    let mut queue = VecDeque::from([start]);
    while let Some(place) = queue.pop_front() {
        for next in needs.get(place).into_iter().flatten().filter(|next| within.contains(next)) {
            if *next == start {
                let mut path: Vec<usize> =
                    std::iter::successors(Some(place), |place| came_from.get(place).copied()).collect();
                path.reverse();
                return Some(path);
            }
            if !came_from.contains_key(next) {
                came_from.insert(*next, place);
                queue.push_back(*next);
            }
        }
    }
    None
}
