//! The spans of one call, or of a service's calls.

use std::{
    hash::{BuildHasher, RandomState},
    sync::Arc,
    time::Instant,
};

use jackfield_protocol::{
    Argument, CallId, ComponentName, Cost, Outcome, ProbeLevel, Provider, SharedText, Span, TraceContext,
    TraceLine, Unobserved, in_context,
};
use wasmtime::component::Val;

use super::{Board, SiteState, refusal, tree::Tree};
use crate::{
    Line, Observer,
    calls::Clock,
    probe::{Function, HOLDS, NO_SPAN, Site, WANTS_VALUES, shown},
    stdio::now_unix_micros,
};

mod ending;
mod holding;

pub(crate) use ending::Ended;
pub(super) use holding::Stopped;

/// A call that makes more calls than this is no longer a trace that anybody reads.
const MAX_SPANS: usize = 10_000;

/// What belongs to all calls of a store.
pub(crate) struct Tracer {
    board: Arc<Board>,
    observer: Arc<dyn Observer>,
    /// The links with probes on them, in the order in which the composition counts them.
    sites: Arc<[Arc<Site>]>,
    /// At least so much is observed of every link with a probe on it.
    floor: ProbeLevel,
    call: Option<CallId>,
    clock: Clock,
    context: Option<TraceContext>,
    /// The trace's id elsewhere, if it was told there and none was given.
    trace_id: Option<String>,
    /// A call has one; a service one for each call that it makes.
    trees: Vec<Tree>,
    /// The calls that have not ended, each after the one that it is below.
    open: Vec<Open>,
    /// The number of the next span.
    next: u32,
    /// Where the result belongs that is told next.
    left: Option<Left>,
    cost: Cost,
    unobserved: Vec<Unobserved>,
}

/// Who calls what.
struct Who {
    consumer: Option<ComponentName>,
    provider: Provider,
    function: SharedText,
}

/// A function that is called over a link: the link's place among the sites, and the function's in it.
#[derive(Clone, Copy)]
struct Probed {
    site: u32,
    function: u32,
}

/// A call that goes on.
struct Open {
    number: u32,
    tree: u32,
    /// Nothing for one of which no span is kept.
    place: Option<u32>,
    started: Instant,
    held_nanos: u64,
    held_since: Option<Instant>,
    /// Nothing for one that came over no link.
    probed: Option<Probed>,
    /// The component whose function it is, where no site says so.
    component: Option<ComponentName>,
    /// What it was called with, while it may still be held.
    args: Vec<Val>,
    /// Whether it was told how it ends, and so was not passed on.
    is_settled: bool,
}

impl Open {
    /// How long it has gone on, and how much of that, besides, it was held.
    fn took(&self, now: Instant) -> (u64, u64) {
        let held = self.held_since.map_or(0, |since| nanos(now.saturating_duration_since(since)));
        let held = self.held_nanos.saturating_add(held);
        (nanos(now.saturating_duration_since(self.started)).saturating_sub(held), held)
    }
}

/// A call that has just ended.
struct Left {
    tree: u32,
    place: Option<u32>,
    is_root: bool,
    is_settled: bool,
}

impl Tracer {
    /// Of a service, which is no call itself.
    pub(crate) fn of_service(
        board: Arc<Board>,
        observer: Arc<dyn Observer>,
        sites: Arc<[Arc<Site>]>,
        unobserved: &[Unobserved],
    ) -> Self {
        Self {
            board,
            observer,
            sites,
            floor: ProbeLevel::Off,
            call: None,
            clock: Clock::default(),
            context: None,
            trace_id: None,
            trees: Vec::new(),
            open: Vec::new(),
            next: 0,
            left: None,
            cost: Cost::default(),
            unobserved: unobserved.to_vec(),
        }
    }

    /// Begins with the call from outside.
    pub(crate) fn of_call(
        mut self,
        call: CallId,
        clock: Clock,
        floor: ProbeLevel,
        (provider, function): (&ComponentName, String),
        args: Vec<Argument>,
        context: Option<TraceContext>,
    ) -> Self {
        (self.call, self.clock, self.floor, self.context) = (Some(call), clock, floor, context);
        let component = provider.clone();
        let provider = Provider::Component(provider.clone());
        let who = Who { consumer: None, provider, function: function.into() };
        let now = Instant::now();
        let (tree, place) = self.add(None, now, args, || who);
        self.open(tree, place, now, None, Some(component));
        self
    }

    fn probed(&self, probed: Probed) -> Option<(&Site, &Arc<SiteState>, &Function)> {
        find(&self.sites, probed)
    }

    /// A call over a link begins. Gives the number that [`Self::leave`] is told, and what is wanted of it.
    pub(crate) fn enter(&mut self, site: u32, function: u32) -> (u32, u32) {
        let probed = Probed { site, function };
        let sites = Arc::clone(&self.sites);
        let Some((site, state, function)) = find(&sites, probed) else { return (NO_SPAN, 0) };
        let level = state.level().max(self.floor);
        if level == ProbeLevel::Off {
            return (NO_SPAN, 0);
        }
        let is_armed = state.is_armed(&function.name);
        let now = Instant::now();
        let parent = self.caller(&site.consumer);
        let (tree, place) = self.add(parent, now, Vec::new(), || Who {
            consumer: Some(site.consumer.clone()),
            provider: site.provider.clone(),
            function: function.full_name.clone(),
        });
        let number = self.open(tree, place, now, Some(probed), None);
        let held = if is_armed { HOLDS | WANTS_VALUES } else { 0 };
        let shown = if level == ProbeLevel::Values && place.is_some() { WANTS_VALUES } else { 0 };
        (number, held | shown)
    }

    /// The context for a request that the call makes to elsewhere: a span of its own, in the trace that the call
    /// belongs to. Source: W3C Trace Context, version 00.
    pub(crate) fn outgoing_context(&mut self) -> String {
        let own = || format!("{:016x}{:016x}", random(), random());
        let trace = match &self.context {
            Some(context) => &context.trace_id,
            None => self.trace_id.get_or_insert_with(own),
        };
        format!("00-{trace}-{:016x}-01", random())
    }

    /// A call to the host begins that comes over no probe, such as a request of HTTP.
    pub(crate) fn enter_host(
        &mut self,
        consumer: &ComponentName,
        plugin: &str,
        function: String,
        args: Vec<Argument>,
    ) -> u32 {
        let now = Instant::now();
        let parent = self.caller(consumer);
        // A service's own are no trace: its calls to components are.
        if parent.is_none() && self.call.is_none() {
            return NO_SPAN;
        }
        let provider = Provider::Host(plugin.into());
        let who = Who { consumer: Some(consumer.clone()), provider, function: function.into() };
        let (tree, place) = self.add(parent, now, args, || who);
        self.open(tree, place, now, None, None)
    }

    /// It is over.
    pub(crate) fn leave_host(&mut self, number: u32, outcome: Outcome, result: Option<String>) {
        if let Some((left, _)) = self.close(number, outcome, 0)
            && let Some(span) = self.span(left.tree, left.place)
        {
            span.result = result;
        }
    }

    /// A component prints, or something is said of it: writes it down, if it is known which call it belongs to.
    pub(crate) fn line(&mut self, line: &Line) {
        let Some((tree, span)) = self.printing(&line.component) else { return };
        let Some(tree) = self.tree(tree) else { return };
        tree.line(TraceLine {
            span,
            at_nanos: nanos(tree.started.elapsed()),
            component: line.component.clone(),
            stream: line.stream,
            text: in_context(line.context.as_deref(), &line.text).into_owned(),
        });
    }

    /// The tree and the place of the call during which a component prints: the innermost into it. Of calls into it
    /// that go on beside each other nobody knows which one prints, and what all of them are below is the most that
    /// is known; of trees that go on beside each other there is none.
    fn printing(&self, component: &ComponentName) -> Option<(u32, u32)> {
        let mut within = self.open.iter().filter(|open| self.called(open) == Some(component));
        let Some(first) = within.next() else {
            // No call into it was seen, but it is below the one from outside; a service's own lines are below none.
            self.call?;
            return self.open.first().map(|root| (root.tree, 0));
        };
        let mut places = vec![first.place];
        for other in within {
            if other.tree != first.tree {
                return None;
            }
            places.push(other.place);
        }
        let tree = self.trees.iter().rev().find(|tree| tree.number == first.tree)?;
        // Where a call is not kept, it is below the first at least.
        let places: Option<Vec<u32>> = places.into_iter().collect();
        Some((first.tree, places.map_or(0, |places| tree.common(&places))))
    }

    /// The host does not do what the innermost call to one of its interfaces asks for.
    pub(crate) fn refused(&mut self, interface: &str) {
        let is_it = |open: &&Open| {
            let probed = open.probed.and_then(|probed| self.probed(probed));
            probed.is_some_and(|(site, ..)| site.import.starts_with(interface))
        };
        let refused = self.open.iter().rev().find(is_it).map(|open| (open.tree, open.place));
        if let Some(span) = refused.and_then(|(tree, place)| self.span(tree, place)) {
            span.outcome = Outcome::Denied;
        }
    }

    /// Writes a span down. Gives its tree, which is a new one if there is no parent, and its place, if it is kept.
    fn add(
        &mut self,
        parent: Option<(u32, Option<u32>)>,
        now: Instant,
        args: Vec<Argument>,
        who: impl FnOnce() -> Who,
    ) -> (u32, Option<u32>) {
        let tree = match parent {
            Some((tree, _)) => tree,
            None => {
                let number = self.trees.last().map_or(0, |tree| tree.number.wrapping_add(1));
                self.trees.push(Tree {
                    number,
                    started: now,
                    start_unix_micros: now_unix_micros(),
                    spans: Vec::new(),
                    dropped: 0,
                    lines: Vec::new(),
                    dropped_lines: 0,
                });
                number
            }
        };
        let place = self.tree(tree).and_then(|tree| {
            if tree.spans.len() >= MAX_SPANS {
                tree.dropped += 1;
                return None;
            }
            let Who { consumer, provider, function } = who();
            tree.spans.push(Span {
                parent: parent.and_then(|(_, place)| place),
                consumer,
                provider,
                function,
                start_nanos: nanos(now.saturating_duration_since(tree.started)),
                duration_nanos: None,
                held_nanos: 0,
                outcome: Outcome::Unfinished,
                args,
                result: None,
                intervention: None,
            });
            u32::try_from(tree.spans.len() - 1).ok()
        });
        (tree, place)
    }

    fn open(
        &mut self,
        tree: u32,
        place: Option<u32>,
        started: Instant,
        probed: Option<Probed>,
        component: Option<ComponentName>,
    ) -> u32 {
        // The last number says that there is no span.
        let number = self.next;
        self.next = if number == NO_SPAN - 1 { 0 } else { number + 1 };
        let (held_nanos, held_since, args) = (0, None, Vec::new());
        self.open.push(Open {
            number,
            tree,
            place,
            started,
            held_nanos,
            held_since,
            probed,
            component,
            args,
            is_settled: false,
        });
        number
    }

    /// The innermost open call into the component that calls now: its tree and place. For a component into which
    /// no call was seen, the innermost of all; of a service, which nobody calls, there is none.
    fn caller(&self, consumer: &ComponentName) -> Option<(u32, Option<u32>)> {
        let is_callers = |open: &&Open| self.called(open) == Some(consumer);
        let caller = self.open.iter().rev().find(is_callers);
        let caller = caller.or_else(|| self.call.and_then(|_| self.open.last()));
        caller.map(|open| (open.tree, open.place))
    }

    /// The component whose function was called, if it is one's.
    fn called<'a>(&'a self, open: &'a Open) -> Option<&'a ComponentName> {
        match open.probed {
            Some(probed) => self.sites.get(probed.site as usize)?.provider.component(),
            None => open.component.as_ref(),
        }
    }

    fn tree(&mut self, number: u32) -> Option<&mut Tree> {
        self.trees.iter_mut().rev().find(|tree| tree.number == number)
    }

    fn span(&mut self, tree: u32, place: Option<u32>) -> Option<&mut Span> {
        self.tree(tree)?.spans.get_mut(place? as usize)
    }

    fn left_span(&mut self) -> Option<&mut Span> {
        let (tree, place) = self.left.as_ref().map(|left| (left.tree, left.place))?;
        self.span(tree, place)
    }

    /// The arguments of the call that has begun last.
    pub(crate) fn args(&mut self, values: Vec<Val>) {
        let Some(open) = self.open.last_mut() else { return };
        let (tree, place, probed) = (open.tree, open.place, open.probed);
        let Some((_, state, function)) = probed.and_then(|probed| self.probed(probed)) else { return };
        let is_armed = state.is_armed(&function.name);
        let is_shown = state.level().max(self.floor) == ProbeLevel::Values;
        let args = is_shown.then(|| arguments(&function.params, &values));
        if let (Some(args), Some(span)) = (args, self.span(tree, place)) {
            span.args = args;
        }
        if let (true, Some(open)) = (is_armed, self.open.last_mut()) {
            open.args = values;
        }
    }

    /// A call has returned, well or with an error; so many bytes went over. Gives what is wanted.
    pub(crate) fn leave(&mut self, number: u32, bytes: u32, outcome: Outcome) -> u32 {
        let Some((left, wants_result)) = self.close(number, outcome, bytes) else { return 0 };
        let is_root = left.is_root;
        self.left = Some(left);
        match wants_result {
            true => WANTS_VALUES,
            false => {
                self.tell_if(is_root);
                0
            }
        }
    }

    /// A call is over without a result, because its caller wants none any more.
    pub(crate) fn cancelled(&mut self, number: u32) {
        if let Some((left, _)) = self.close(number, Outcome::Cancelled, 0) {
            let is_root = left.is_root;
            self.left = Some(left);
            self.tell_if(is_root);
        }
    }

    fn close(&mut self, number: u32, outcome: Outcome, bytes: u32) -> Option<(Left, bool)> {
        let at = self.open.iter().rposition(|open| open.number == number)?;
        let now = Instant::now();
        let open = self.open.remove(at);
        let (duration, held_nanos) = open.took(now);
        let is_ok = outcome.is_ok();
        let mut is_refused = false;
        if let Some(span) = self.span(open.tree, open.place) {
            (span.duration_nanos, span.held_nanos) = (Some(duration), held_nanos);
            refusal::end(&mut span.outcome, outcome);
            is_refused = span.outcome == Outcome::Denied;
        }
        let mut wants_result = false;
        if let Some((_, state, function)) = open.probed.and_then(|probed| self.probed(probed)) {
            state.record(now, duration, bytes.into());
            if is_refused || !is_ok {
                state.error();
            }
            // The forwarder of a function that gives nothing never tells a result.
            let is_shown = state.level().max(self.floor) == ProbeLevel::Values;
            wants_result = function.gives && is_shown && open.place.is_some();
        }
        let is_root = open.place == Some(0);
        let Open { tree, place, is_settled, .. } = open;
        Some((Left { tree, place, is_root, is_settled }, wants_result))
    }

    /// The result of the call that has ended last.
    pub(crate) fn result(&mut self, result: Option<&Val>) {
        // What the host was not asked for it did not refuse, whatever the answer looks like.
        let is_settled = self.left.as_ref().is_some_and(|left| left.is_settled);
        if let Some(span) = self.left_span() {
            span.result = result.map(shown);
            if !is_settled && refusal::is_refusal(&span.provider, result) {
                span.outcome = Outcome::Denied;
            }
        }
        let is_root = self.left.as_ref().is_some_and(|left| left.is_root);
        self.tell_if(is_root);
    }

    /// Tells the trace of a service's call that is over.
    fn tell_if(&mut self, is_root: bool) {
        let Some(left) = self.left.take() else { return };
        if !is_root || self.call.is_some() {
            return;
        }
        if let Some(at) = self.trees.iter().position(|tree| tree.number == left.tree) {
            let tree = self.trees.remove(at);
            let trace = self.trace(tree, Cost::default());
            let _ = self.observer.traced(trace);
        }
    }

    /// What the call has cost by now.
    pub(crate) fn cost(&mut self, cost: Cost) {
        self.cost = cost;
    }
}

fn find(sites: &[Arc<Site>], probed: Probed) -> Option<(&Site, &Arc<SiteState>, &Function)> {
    let site = sites.get(probed.site as usize)?;
    Some((site, site.state()?, site.function(probed.function)?))
}

/// Arguments as they are shown.
pub(crate) fn arguments(params: &[SharedText], values: &[Val]) -> Vec<Argument> {
    let names = params.iter().cloned().chain(std::iter::repeat_with(SharedText::default));
    names.zip(values).map(|(name, value)| Argument { name, value: shown(value) }).collect()
}

/// A random number that is not 0. The standard library's hashers begin with random keys.
fn random() -> u64 {
    RandomState::new().hash_one(0_u8).max(1)
}

fn nanos(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX)
}

impl std::fmt::Debug for Tracer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Tracer")
            .field("call", &self.call)
            .field("open", &self.open.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
