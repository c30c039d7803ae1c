//! Where a link leads back from right to left: at a height where no card stands, so that all of it is seen.

use egui::{Pos2, Rect};

/// Around cards, above the first and below the last.
const DISTANCE: f32 = 30.0;
/// A gap between cards must be so high to be led through.
const LEAST_GAP: f32 = 16.0;
/// Between links that go through the same gap.
const STEP: f32 = 9.0;
/// On both sides of the ends, for the bends.
const BEND: f32 = 50.0;

/// The height that makes the way from one end to the other the shortest, among the gaps that go through between
/// `cards`. Where others are `taken` already, it is beside them.
pub(super) fn find([start, end]: [Pos2; 2], cards: &[Rect], taken: &[f32]) -> Option<f32> {
    let (left, right) = (end.x - BEND, start.x + BEND);
    let in_the_way = cards.iter().filter(|card| card.max.x > left && card.min.x < right);
    let mut spans: Vec<[f32; 2]> = in_the_way.map(|card| [card.min.y, card.max.y]).collect();
    spans.sort_by(|a, b| a[0].total_cmp(&b[0]));
    let (first, mut bottom) = spans.first().map(|[top, bottom]| (*top, *bottom))?;
    let mut gaps = vec![[first - 2.0 * DISTANCE, first]];
    for [top, to] in spans {
        if top - bottom >= LEAST_GAP {
            gaps.push([bottom, top]);
        }
        bottom = bottom.max(to);
    }
    gaps.push([bottom, bottom + 2.0 * DISTANCE]);
    let way = |[top, bottom]: &[f32; 2]| {
        let lane = (top + bottom) / 2.0;
        (lane - start.y).abs() + (lane - end.y).abs()
    };
    let best = gaps.into_iter().min_by(|a, b| way(a).total_cmp(&way(b)))?;
    Some(beside(best, taken))
}

/// The place in a gap that is nearest to its middle and free.
fn beside([top, bottom]: [f32; 2], taken: &[f32]) -> f32 {
    let middle = (top + bottom) / 2.0;
    let steps = ((bottom - top) / 2.0 / STEP) as u8;
    let places =
        (0..steps.max(1)).flat_map(|step| [1.0, -1.0].map(|side| middle + side * f32::from(step) * STEP));
    let is_free = |place: &f32| taken.iter().all(|other| (other - place).abs() >= STEP - 0.5);
    places.into_iter().find(is_free).unwrap_or(middle)
}

#[cfg(test)]
mod tests {
    use egui::{pos2, vec2};

    use super::*;

    fn card(x: f32, y: f32) -> Rect {
        Rect::from_min_size(pos2(x, y), vec2(200.0, 90.0))
    }

    #[test]
    fn a_link_back_goes_below_two_cards_in_a_row_and_the_next_beside_it() {
        let cards = [card(0.0, 0.0), card(310.0, 0.0)];
        let ends = [pos2(510.0, 70.0), pos2(0.0, 70.0)];
        let lane = find(ends, &cards, &[]).unwrap();
        assert_eq!(lane, 90.0 + DISTANCE);
        let next = find(ends, &cards, &[lane]).unwrap();
        assert!(next > 90.0 && (next - lane).abs() >= STEP, "{next}");
    }

    #[test]
    fn a_link_to_the_next_row_goes_between_the_rows() {
        let cards = [card(0.0, 0.0), card(310.0, 0.0), card(0.0, 180.0), card(310.0, 180.0)];
        assert_eq!(find([pos2(510.0, 70.0), pos2(0.0, 250.0)], &cards, &[]), Some(135.0));
    }

    #[test]
    fn cards_beside_the_way_do_not_matter() {
        let cards = [card(0.0, 0.0), card(0.0, 180.0), card(900.0, 60.0)];
        assert_eq!(find([pos2(200.0, 70.0), pos2(0.0, 250.0)], &cards, &[]), Some(135.0));
    }
}
