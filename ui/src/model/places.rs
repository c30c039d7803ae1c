//! Where the user put the cards of each workload, kept from one run to the next.
//!
//! Whoever lays a graph out by hand wants to find it so again. Places belong to the window and not to the
//! workload: the file stays free of them, and two people can look at the same file in two ways.

use std::collections::BTreeMap;

use egui::Pos2;
use jackfield_protocol::ComponentName;
use serde::{Deserialize, Serialize};

/// So many workloads are remembered, those longest unchanged are forgotten first.
const MAX_WORKLOADS: usize = 50;
/// A workload with more cards is laid out anew each time.
const MAX_CARDS: usize = 500;

/// Where a workload's cards are: whole points are exact enough.
type Cards = BTreeMap<ComponentName, (i32, i32)>;

/// The places of cards, by the path of the workload's file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Places {
    /// The last one changed stands last.
    workloads: Vec<(String, Cards)>,
}

impl Places {
    /// Where the cards of this workload were; nothing of one that is not known.
    pub(crate) fn of(&self, path: &str) -> BTreeMap<ComponentName, Pos2> {
        let known = self.workloads.iter().find(|(known, _)| known == path);
        let cards = known.into_iter().flat_map(|(_, cards)| cards);
        cards.map(|(name, (x, y))| (name.clone(), Pos2::new(*x as f32, *y as f32))).collect()
    }

    /// Remembers where the cards of this workload are. Whether that is news.
    pub(crate) fn put(&mut self, path: &str, cards: &BTreeMap<ComponentName, Pos2>) -> bool {
        let whole = |at: &Pos2| (at.x.round() as i32, at.y.round() as i32);
        let cards: Cards = cards.iter().map(|(name, at)| (name.clone(), whole(at))).collect();
        if cards.len() > MAX_CARDS || self.workloads.iter().any(|known| known.0 == path && known.1 == cards) {
            return false;
        }
        self.workloads.retain(|(known, _)| known != path);
        self.workloads.push((path.to_owned(), cards));
        let surplus = self.workloads.len().saturating_sub(MAX_WORKLOADS);
        self.workloads.drain(..surplus);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cards(x: f32) -> BTreeMap<ComponentName, Pos2> {
        BTreeMap::from([("a".into(), Pos2::new(x, -1.4))])
    }

    #[test]
    fn what_was_put_last_is_known_and_the_oldest_is_forgotten() {
        let mut places = Places::default();
        assert!(places.put("first", &cards(0.0)));
        assert!(places.put("first", &cards(10.0)));
        assert!(!places.put("first", &cards(10.2)), "the same to the point");
        assert_eq!(places.of("first"), BTreeMap::from([("a".into(), Pos2::new(10.0, -1.0))]));
        for number in 0..MAX_WORKLOADS {
            places.put(&number.to_string(), &cards(1.0));
        }
        assert!(places.of("first").is_empty());
        assert_eq!(places.workloads.len(), MAX_WORKLOADS);
        let text = serde_json::to_string(&places).unwrap();
        assert_eq!(serde_json::from_str::<Places>(&text).unwrap(), places);
    }
}
