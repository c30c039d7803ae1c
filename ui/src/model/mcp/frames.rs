//! The frames of one session as the window keeps them: what is known of each, never its bytes; bounded;
//! with what the filter lets through kept ready, so that a drawn frame costs the rows in view only.

use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;

use jackfield_protocol::{CallId, Frame, FrameKind, FrameWay};

use crate::text;

/// How many frames are kept.
pub const MAX_FRAMES: usize = 250_000;
/// How many bytes of names, ids and subjects are kept.
pub(super) const MAX_FRAME_TEXT_BYTES: usize = 64 * 1024 * 1024;
/// A subject or problem is kept up to this many characters.
const MAX_SUBJECT_CHARS: usize = 300;

/// What is kept of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameRow {
    /// Its place in the session.
    pub number: u64,
    /// Since the session began: microseconds.
    pub time_micros: u64,
    /// Which way it went.
    pub way: FrameWay,
    /// What it is.
    pub kind: FrameKind,
    /// The JSON-RPC id, as JSON text.
    pub id: Option<Box<str>>,
    /// The JSON-RPC method; shared, as there are few.
    pub method: Option<Arc<str>>,
    /// What it is about.
    pub subject: Option<Box<str>>,
    /// The length of its bytes.
    pub size_in_bytes: u64,
    /// The frame of the request that it answers.
    pub answers: Option<u64>,
    /// The frame of the answer.
    pub answered_by: Option<u64>,
    /// From the request to this frame: microseconds.
    pub duration_micros: Option<u64>,
    /// The call into a workload that it caused.
    pub call: Option<CallId>,
    /// What is wrong with it.
    pub problem: Option<Box<str>>,
}

impl FrameRow {
    fn text_bytes(&self) -> usize {
        [&self.id, &self.subject, &self.problem].into_iter().flatten().map(|text| text.len()).sum()
    }

    /// Whether something is wrong with it, or what it answers failed.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.problem.is_some() || matches!(self.kind, FrameKind::Error | FrameKind::Malformed)
    }
}

/// Which frames are shown.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FrameFilter {
    /// Only with this in the method, the subject or the id, in any case.
    pub text: String,
    /// Only those that went this way.
    pub way: Option<FrameWay>,
    /// Only of this kind.
    pub kind: Option<FrameKind>,
    /// Only those with which something is wrong.
    pub only_errors: bool,
}

impl FrameFilter {
    /// Whether it lets everything through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether it lets a frame through; `needle` is its text in lower case.
    #[must_use]
    pub fn admits(&self, frame: &FrameRow, needle: &str) -> bool {
        self.way.is_none_or(|way| way == frame.way)
            && self.kind.is_none_or(|kind| kind == frame.kind)
            && (!self.only_errors || frame.is_error())
            && (needle.is_empty() || {
                let texts = [frame.method.as_deref(), frame.subject.as_deref(), frame.id.as_deref()];
                texts.into_iter().flatten().any(|text| text::has(text, needle))
            })
    }

    fn narrows(&self, other: &Self) -> bool {
        (other.way.is_none() || self.way == other.way)
            && (other.kind.is_none() || self.kind == other.kind)
            && (!other.only_errors || self.only_errors)
            && self.text.to_lowercase().contains(&other.text.to_lowercase())
    }
}

/// The frames of one session.
#[derive(Debug, Clone, Default)]
pub struct Frames {
    /// Ascending by number, without gaps.
    rows: VecDeque<FrameRow>,
    /// The numbers of those that the filter admits, ascending.
    admitted: VecDeque<u64>,
    filter: FrameFilter,
    needle: String,
    methods: BTreeSet<Arc<str>>,
    text_bytes: usize,
}

impl Frames {
    /// Takes frames in, oldest first. Those that are there already change nothing; from the first that does
    /// not follow on the last, none is taken.
    ///
    /// Returns whether all were taken; if not, those between must be asked for.
    pub fn extend(&mut self, frames: impl IntoIterator<Item = Frame>) -> bool {
        for frame in frames {
            match self.last() {
                Some(last) if frame.number <= last => continue,
                Some(last) if frame.number != last + 1 => return false,
                _ => self.push(&frame),
            }
        }
        self.shed();
        true
    }

    fn push(&mut self, frame: &Frame) {
        let row = FrameRow {
            number: frame.number,
            time_micros: frame.time_micros,
            way: frame.way,
            kind: frame.kind,
            id: frame.id.as_deref().map(cut),
            method: frame.method.as_deref().map(|method| self.shared(method)),
            subject: frame.subject.as_deref().map(cut),
            size_in_bytes: frame.size_in_bytes,
            answers: frame.answers,
            answered_by: None,
            duration_micros: frame.duration_micros,
            call: frame.call,
            problem: frame.problem.as_deref().map(cut),
        };
        if let Some(request) = row.answers.and_then(|number| self.row_mut(number)) {
            request.answered_by = Some(row.number);
            request.call = request.call.or(row.call);
        }
        if self.filter.admits(&row, &self.needle) {
            self.admitted.push_back(row.number);
        }
        self.text_bytes += row.text_bytes();
        self.rows.push_back(row);
    }

    /// There are few methods, unless a server makes them up.
    fn shared(&mut self, method: &str) -> Arc<str> {
        if let Some(known) = self.methods.get(method) {
            return known.clone();
        }
        let method: Arc<str> = Arc::from(&*cut(method));
        if self.methods.len() < 1000 {
            self.methods.insert(method.clone());
        }
        method
    }

    fn shed(&mut self) {
        while self.rows.len() > MAX_FRAMES || (self.text_bytes > MAX_FRAME_TEXT_BYTES && self.rows.len() > 1)
        {
            let Some(row) = self.rows.pop_front() else { break };
            self.text_bytes = self.text_bytes.saturating_sub(row.text_bytes());
            if self.admitted.front() == Some(&row.number) {
                self.admitted.pop_front();
            }
        }
    }

    fn index(&self, number: u64) -> Option<usize> {
        let first = self.rows.front()?.number;
        usize::try_from(number.checked_sub(first)?).ok()
    }

    fn row_mut(&mut self, number: u64) -> Option<&mut FrameRow> {
        let index = self.index(number)?;
        self.rows.get_mut(index)
    }

    /// The frame with this number.
    #[must_use]
    pub fn get(&self, number: u64) -> Option<&FrameRow> {
        self.rows.get(self.index(number)?)
    }

    /// The number of the newest frame.
    #[must_use]
    pub fn last(&self) -> Option<u64> {
        self.rows.back().map(|row| row.number)
    }

    /// How many frames are kept.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// How many earlier frames are not kept here.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.rows.front().map_or(0, |row| row.number.saturating_sub(1))
    }

    /// How many are shown.
    #[must_use]
    pub fn shown(&self) -> usize {
        self.admitted.len()
    }

    /// The shown frame in this row, counted from 0.
    #[must_use]
    pub fn row(&self, row: usize) -> Option<&FrameRow> {
        self.get(*self.admitted.get(row)?)
    }

    /// The row of a frame, or, if it is not shown, where it would be.
    #[must_use]
    pub fn row_of(&self, number: u64) -> usize {
        self.admitted.partition_point(|&admitted| admitted < number)
    }

    /// The filter.
    #[must_use]
    pub fn filter(&self) -> &FrameFilter {
        &self.filter
    }

    /// Changes the filter. One that lets fewer through looks only at those that were.
    pub fn set_filter(&mut self, filter: FrameFilter) {
        if self.filter == filter {
            return;
        }
        let is_narrower = filter.narrows(&self.filter);
        self.needle = filter.text.to_lowercase();
        self.filter = filter;
        self.admitted = if is_narrower {
            let admitted = std::mem::take(&mut self.admitted);
            let admits =
                |number: &u64| self.get(*number).is_some_and(|row| self.filter.admits(row, &self.needle));
            admitted.into_iter().filter(admits).collect()
        } else {
            let rows = self.rows.iter().filter(|row| self.filter.admits(row, &self.needle));
            rows.map(|row| row.number).collect()
        };
    }

    /// What the frames take in memory, about: bytes.
    #[must_use]
    pub fn memory_in_bytes(&self) -> usize {
        self.rows.capacity() * size_of::<FrameRow>() + self.admitted.capacity() * 8 + self.text_bytes
    }
}

fn cut(text: &str) -> Box<str> {
    match text.char_indices().nth(MAX_SUBJECT_CHARS) {
        Some((at, _)) => format!("{}…", text.get(..at).unwrap_or_default()).into(),
        None => text.into(),
    }
}
