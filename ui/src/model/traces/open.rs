//! The trace that is shown, whole.

use std::collections::BTreeMap;

use jackfield_protocol::{Span, Trace, TraceId};

use super::rows::{Row, RowKind, Rows};

/// The trace that is shown.
#[derive(Debug)]
pub struct OpenTrace {
    /// Which.
    pub id: TraceId,
    /// It; nothing until it has come.
    pub trace: Option<Trace>,
    /// Why it did not come.
    pub error: Option<String>,
    /// Its rows.
    pub rows: Rows,
    /// The row that is selected.
    pub selected: Option<usize>,
    /// Whether the whole values of the selected row are shown.
    pub has_details: bool,
    /// The row that must be brought into view: counts up with every wish.
    pub reveal: u64,
    /// How long all of it took, what was held included: nanoseconds.
    pub length_nanos: u64,
    /// How many spans there are of each component, for the legend.
    pub calls_of: BTreeMap<String, usize>,
}

impl OpenTrace {
    pub(super) fn new(id: TraceId) -> Self {
        Self {
            id,
            trace: None,
            error: None,
            rows: Rows::default(),
            selected: None,
            has_details: false,
            reveal: 0,
            length_nanos: 0,
            calls_of: BTreeMap::new(),
        }
    }

    pub(super) fn put(&mut self, trace: Trace) {
        self.rows = Rows::new(&trace);
        self.length_nanos = trace.spans.iter().map(end_of).chain(lines_of(&trace)).max().unwrap_or(0).max(1);
        self.calls_of.clear();
        for span in &trace.spans {
            *self.calls_of.entry(span.provider.as_str().to_owned()).or_default() += 1;
        }
        self.trace = Some(trace);
        self.error = None;
        self.selected = None;
    }

    /// The row that is selected.
    #[must_use]
    pub fn selected_row(&self) -> Option<&Row> {
        self.rows.shown().get(self.selected?)
    }

    /// The call that is selected, or in which the selected row stands.
    #[must_use]
    pub fn selected_span(&self) -> Option<&Span> {
        let trace = self.trace.as_ref()?;
        trace.spans.get(self.selected_row()?.span(trace))
    }

    pub(super) fn select(&mut self, row: usize) {
        if row < self.rows.shown().len() {
            self.selected = Some(row);
            self.reveal += 1;
        }
    }

    pub(super) fn step(&mut self, rows: i64) {
        let Some(last) = self.rows.shown().len().checked_sub(1) else { return };
        let at = self.selected.map_or(0, |at| i64::try_from(at).unwrap_or(0).saturating_add(rows));
        self.select(usize::try_from(at.max(0)).unwrap_or(0).min(last));
    }

    /// Folds or unfolds what is below a row; what is selected stays selected, or the row that hides it is.
    pub(super) fn fold(&mut self, row: usize, is_folded: bool) {
        let Some(Row { kind: RowKind::Span(span), has_children: true, .. }) = self.rows.shown().get(row)
        else {
            return;
        };
        let (span, kept) = (*span, self.selected_row().map(|row| row.kind));
        self.rows.fold(span, is_folded);
        self.selected = kept.map(|kind| self.rows.row_of(kind).unwrap_or(row));
    }

    pub(super) fn fold_all(&mut self, is_folded: bool) {
        let kept = self.selected_row().map(|row| row.kind);
        self.rows.fold_all(is_folded);
        self.selected = kept.map(|kind| self.rows.row_of(kind).unwrap_or(0));
        self.reveal += 1;
    }

    /// Whether a row is folded; nothing if there is nothing below it.
    #[must_use]
    pub fn is_folded(&self, row: usize) -> Option<bool> {
        match self.rows.shown().get(row)? {
            Row { kind: RowKind::Span(span), has_children: true, .. } => Some(self.rows.is_folded(*span)),
            _ => None,
        }
    }
}

/// When a call ended, as far as is known.
fn end_of(span: &Span) -> u64 {
    span.start_nanos.saturating_add(span.duration_nanos.unwrap_or(0)).saturating_add(span.held_nanos)
}

fn lines_of(trace: &Trace) -> impl Iterator<Item = u64> + '_ {
    trace.lines.iter().map(|line| line.at_nanos)
}
