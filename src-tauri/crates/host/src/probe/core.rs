//! The core code of a forwarder: for each function one that does the same, with calls to the host before and after.
//!
//! ```text
//! f(arguments):
//!     span, flags = enter(f)
//!     if flags wants the arguments:   identify each handle; args-f(arguments)
//!     if flags holds:                 decision = hold(span)
//!         answer:                     result = answer-f(span); drop all handles that are left
//!         change:                     arguments = changed-f(span); drop the handles that are left out
//!     result = target(arguments)      unless it is answered
//!     drop borrowed handles
//!     if leave(span, bytes, whether it is an error) wants it: identify each handle; result-f(result)
//!     result
//! ```
//!
//! The memory and its allocator are in a module of their own ([`super::heap`]); asynchronous functions are
//! cut into pieces ([`super::concurrent`]).

use std::collections::HashMap;

use wac_graph::types::{ResourceId, Types, ValueType};
use wasm_encoder::{BlockType, Function, InstructionSink, MemArg, Module, ValType};

use super::{
    abi::{self, Layout, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS},
    concurrent,
    flat::{Mover, Way},
    module::{Builder, Locals},
    walk::{Deed, Deeds, Owned, Place, Slot, Walker},
};

/// So many bytes after a result the host may read besides, see [`super::assemble`].
pub(super) const PADDING: u32 = 32;

/// Which modules the forwarding module imports from.
pub(super) const MEMORY: &str = "memory";
pub(crate) const HOOKS: &str = "hooks";
pub(crate) const TARGET: &str = "target";
pub(crate) const VALUES: &str = "values";
pub(super) const BUILTINS: &str = "builtins";
pub(super) const IDENTITIES: &str = "identities";

/// What `enter` and `leave` want.
pub(crate) const WANTS_VALUES: u32 = 1;
/// That `enter` wants `hold` to be called.
pub(crate) const HOLDS: u32 = 2;
/// What `hold` decides, but to continue.
pub(crate) const ANSWER: u32 = 1;
pub(crate) const CHANGE: u32 = 2;
/// What the host is told of a handle besides its number.
pub(crate) const IS_OWNED: u32 = 1;
pub(crate) const IS_RESULT: u32 = 2;
pub(crate) const IS_CONSTRUCTED: u32 = 4;
/// As which span there is none.
pub(crate) const NO_SPAN: u32 = u32::MAX;

pub(super) const I32: ValType = ValType::I32;

/// A function as it is called: the same on both sides of the forwarder.
#[derive(Debug, Clone)]
pub(super) struct Shape {
    pub(super) param_types: Vec<ValueType>,
    pub(super) result_type: Option<ValueType>,
    /// In registers, or the one that points to all of them.
    pub(super) params: Vec<ValType>,
    pub(super) is_spilled: bool,
    pub(super) result: ResultShape,
    /// Whether the result may be an error.
    pub(super) is_fallible: bool,
    /// Whether anything of it lies in memory.
    pub(super) uses_memory: bool,
    pub(super) is_async: bool,
    /// The core values of a result that is returned before the function is over, or the one that points to it.
    pub(super) returned: Vec<ValType>,
    is_returned_in_memory: bool,
    is_constructor: bool,
}

/// How a result comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ResultShape {
    None,
    Flat(ValType),
    /// The callee is told where to write it, and the caller where it is.
    Memory(Layout),
}

impl Shape {
    pub(super) fn new(types: &Types, name: &str, function: &wac_graph::types::FuncType) -> Self {
        let param_types: Vec<ValueType> = function.params.values().copied().collect();
        let mut params = Vec::new();
        param_types.iter().for_each(|ty| abi::flatten(types, *ty, &mut params));
        let is_spilled = params.len() > MAX_FLAT_PARAMS;
        if is_spilled {
            params = vec![I32];
        }
        let result = result_shape(types, function);
        let has_pointer = |ty: &ValueType| abi::has_pointer(types, *ty);
        let uses_memory = is_spilled
            || matches!(result, ResultShape::Memory(_))
            || param_types.iter().chain(&function.result).any(has_pointer);
        let result_type = function.result.filter(|_| result != ResultShape::None);
        let is_constructor = name.starts_with("[constructor]");
        let returned = result_type.map(|ty| abi::flat(types, ty)).unwrap_or_default();
        let (returned, is_returned_in_memory) = concurrent::returned(returned);
        Self {
            param_types,
            result_type,
            params,
            is_spilled,
            result,
            is_fallible: result_type.is_some_and(|ty| abi::is_result(types, ty)),
            uses_memory,
            is_async: function.is_async,
            returned,
            is_returned_in_memory,
            is_constructor,
        }
    }

    fn lifted_results(&self) -> Vec<ValType> {
        match self.result {
            ResultShape::None => Vec::new(),
            ResultShape::Flat(ty) => vec![ty],
            ResultShape::Memory(_) => vec![I32],
        }
    }

    /// As which it is imported, where a call waits.
    fn lowered(&self) -> (Vec<ValType>, Vec<ValType>) {
        let mut params = self.params.clone();
        match self.result {
            ResultShape::None => (params, Vec::new()),
            ResultShape::Flat(ty) => (params, vec![ty]),
            ResultShape::Memory(_) => {
                params.push(I32);
                (params, Vec::new())
            }
        }
    }

    pub(super) fn is_returned_in_memory(&self) -> bool {
        self.is_returned_in_memory
    }

    /// Parameters that a caller can be given others for.
    pub(super) fn has_params(&self) -> bool {
        !self.params.is_empty()
    }

    /// Bytes of the values themselves, without what lies behind pointers.
    pub(super) fn own_bytes(&self, types: &Types) -> u32 {
        let params = abi::sequence(types, &self.param_types).1.size;
        params.saturating_add(self.result_type.map_or(0, |ty| abi::layout(types, ty).size))
    }
}

fn result_shape(types: &Types, function: &wac_graph::types::FuncType) -> ResultShape {
    let Some(ty) = function.result else { return ResultShape::None };
    let flat = abi::flat(types, ty);
    match flat.as_slice() {
        [] => ResultShape::None,
        // A call that does not wait has all its results in memory.
        [ty] if flat.len() <= MAX_FLAT_RESULTS && !function.is_async => ResultShape::Flat(*ty),
        _ => ResultShape::Memory(abi::layout(types, ty)),
    }
}

/// What the forwarding module is made for.
pub(super) struct Plan<'p> {
    pub(super) types: &'p Types,
    pub(super) functions: &'p [Shape],
    /// The resources there are handles of.
    pub(super) resources: &'p [ResourceId],
    /// The streams and futures that are passed.
    pub(super) channels: &'p [ValueType],
    /// The resources whose handles can be identified.
    pub(super) identified: &'p [ResourceId],
}

impl Plan<'_> {
    /// Whether calls may overlap.
    pub(super) fn is_concurrent(&self) -> bool {
        self.functions.iter().any(|function| function.is_async)
    }
}

/// The functions that forwarding functions call.
pub(super) struct Calls {
    pub(super) realloc: u32,
    /// Where calls do not overlap: gives back all memory, and says how much was taken.
    pub(super) reset: Option<u32>,
    taken: Option<u32>,
    pub(super) enter: u32,
    pub(super) leave: u32,
    hold: u32,
    pub(super) callees: Vec<Callee>,
    /// The span whose handles are dropped, and what handles are.
    pub(super) span: u32,
    pub(super) role: u32,
}

/// What is called for one function.
#[derive(Debug, Clone, Copy)]
pub(super) struct Callee {
    pub(super) target: u32,
    pub(super) args: u32,
    pub(super) result: Option<u32>,
    pub(super) answer: Option<u32>,
    pub(super) changed: Option<u32>,
}

/// The forwarding module: exports a function for each, named by its place, `done-N` for those that use
/// memory, and `callback-N` for those that are asynchronous.
pub(super) fn forwarding_module(plan: &Plan<'_>) -> Module {
    let mut builder = Builder::default();
    let is_concurrent = plan.is_concurrent();
    let realloc = builder.import(MEMORY, "realloc", &[I32; 4], &[I32]);
    let once = |builder: &mut Builder, name: &str, results: &[ValType]| {
        (!is_concurrent).then(|| builder.import(MEMORY, name, &[], results))
    };
    let reset = once(&mut builder, "reset", &[]);
    let taken = once(&mut builder, "taken", &[I32]);
    let free = is_concurrent.then(|| builder.import(MEMORY, "free", &[I32], &[]));
    builder.import_memory(MEMORY);
    let enter = builder.import(HOOKS, "enter", &[I32], &[ValType::I64]);
    let leave = builder.import(HOOKS, "leave", &[I32, I32, I32], &[I32]);
    let hold = builder.import(HOOKS, "hold", &[I32], &[I32]);
    let kept = builder.import(HOOKS, "kept", &[I32, I32], &[I32]);
    let known = builder.import(HOOKS, "known", &[I32; 4], &[]);
    let drops: Vec<u32> = (0..plan.resources.len())
        .map(|place| builder.import(BUILTINS, &format!("drop-{place}"), &[I32], &[]))
        .collect();
    let closes: Vec<u32> = (0..plan.channels.len())
        .map(|place| builder.import(BUILTINS, &format!("close-{place}"), &[I32], &[]))
        .collect();
    let identities: Vec<u32> = (0..plan.identified.len())
        .map(|place| builder.import(IDENTITIES, &place.to_string(), &[I32], &[I32]))
        .collect();
    let callees = plan.functions.iter().enumerate().map(|(place, shape)| import(&mut builder, place, shape));
    let callees = callees.collect();
    let waits = is_concurrent.then(|| concurrent::Waits::import(&mut builder, plan.functions));
    let (span, role, measured) = (builder.global(0), builder.global(0), builder.global(0));
    let mut deeds = Deeds {
        drop_resource: plan.resources.iter().copied().zip(drops.iter().copied()).collect(),
        measured,
        ..Deeds::default()
    };
    deeds.drop_owned = drop_owned(plan, &mut builder, &drops, &closes, (kept, span));
    for (place, (resource, identity)) in plan.identified.iter().zip(identities).enumerate() {
        let function = builder.declare(&[I32; 2], &[]);
        let mut body = Function::new([]);
        let mut code = body.instructions();
        code.i32_const(place as i32).local_get(0).local_get(0).call(identity);
        code.global_get(role).local_get(1).i32_or().call(known).end();
        builder.define(function, body);
        deeds.identify.insert(*resource, function);
    }
    deeds.free = free.map(|free| free_unless_empty(&mut builder, free));
    let calls = Calls { realloc, reset, taken, enter, leave, hold, callees, span, role };
    let mut writer = Writer { walker: Walker::new(plan.types, builder, deeds), calls };
    for (place, shape) in plan.functions.iter().enumerate() {
        let Some(callee) = writer.calls.callees.get(place).copied() else { continue };
        match (&waits, shape.is_async) {
            (Some(waits), true) => concurrent::write(&mut writer, waits, place, shape, callee),
            _ => writer.forward(place, shape, callee),
        }
    }
    writer.walker.builder.finish(None)
}

/// As what there is the function that gives an answer: an asynchronous function's always comes in memory, with
/// a byte behind.
pub(super) fn answer_name(place: usize, shape: &Shape) -> String {
    let how = if shape.is_async { "answer-padded" } else { "answer" };
    format!("{how}-{place}")
}

fn import(builder: &mut Builder, place: usize, shape: &Shape) -> Callee {
    let (params, results) = match shape.is_async {
        true => (concurrent::lowered(shape), vec![I32]),
        false => shape.lowered(),
    };
    let target = builder.import(TARGET, &place.to_string(), &params, &results);
    let args = builder.import(VALUES, &format!("args-{place}"), &shape.params, &[]);
    let changed =
        shape.has_params().then(|| builder.import(VALUES, &format!("changed-{place}"), &[I32, I32], &[]));
    let has_result = shape.result != ResultShape::None;
    let result =
        has_result.then(|| builder.import(VALUES, &format!("result-{place}"), &shape.lifted_results(), &[]));
    let answer = has_result.then(|| {
        let name = answer_name(place, shape);
        match shape.result {
            ResultShape::Flat(ty) => builder.import(VALUES, &name, &[I32], &[ty]),
            _ => builder.import(VALUES, &name, &[I32, I32], &[]),
        }
    });
    Callee { target, args, result, answer, changed }
}

/// Functions that drop what is owned, unless the host keeps it.
fn drop_owned(
    plan: &Plan<'_>,
    builder: &mut Builder,
    drops: &[u32],
    closes: &[u32],
    (kept, span): (u32, u32),
) -> HashMap<Owned, u32> {
    let resources = plan.resources.iter().map(|resource| Owned::Resource(*resource)).zip(drops);
    let channels = plan.channels.iter().map(|channel| Owned::Channel(*channel)).zip(closes);
    let drops = resources.chain(channels).map(|(owned, drop)| {
        let function = builder.declare(&[I32], &[]);
        let mut body = Function::new([]);
        let mut code = body.instructions();
        code.global_get(span).local_get(0).call(kept).i32_eqz();
        code.if_(BlockType::Empty).local_get(0).call(*drop).end().end();
        builder.define(function, body);
        (owned, function)
    });
    drops.collect()
}

fn free_unless_empty(builder: &mut Builder, free: u32) -> u32 {
    let function = builder.declare(&[I32; 2], &[]);
    let mut body = Function::new([]);
    let mut code = body.instructions();
    code.local_get(1).if_(BlockType::Empty).local_get(0).call(free).end().end();
    builder.define(function, body);
    function
}

/// Writes forwarding functions.
pub(super) struct Writer<'t> {
    pub(super) walker: Walker<'t>,
    pub(super) calls: Calls,
}

/// The locals of a forwarding function.
struct Frame {
    /// The parameters, as they came and as they go on.
    original: Vec<Slot>,
    current: Vec<Slot>,
    entered: u32,
    span: u32,
    decision: u32,
    /// Where other arguments lie; nowhere if there are none.
    replaced: u32,
    result: Option<Slot>,
}

impl Frame {
    fn new(shape: &Shape) -> (Self, Function) {
        let mut locals = Locals::after(shape.params.len());
        let original = shape.params.iter().enumerate().map(|(place, ty)| (place as u32, *ty)).collect();
        let current = shape.params.iter().map(|ty| (locals.add(*ty), *ty)).collect();
        let result = shape.lifted_results().first().map(|ty| (locals.add(*ty), *ty));
        let entered = locals.add(ValType::I64);
        let [span, decision, replaced] = [(); 3].map(|()| locals.add(I32));
        (Self { original, current, entered, span, decision, replaced, result }, locals.function())
    }
}

fn place_of(is_in_memory: bool, slots: &[Slot]) -> Place {
    match (is_in_memory, slots.first()) {
        (true, Some((at, _))) => Place::Memory(*at),
        _ => Place::Flat(slots.to_vec()),
    }
}

impl Writer<'_> {
    fn forward(&mut self, index: usize, shape: &Shape, callee: Callee) {
        let (frame, mut body) = Frame::new(shape);
        let code = &mut body;
        let originals = place_of(shape.is_spilled, &frame.original);
        code.instructions().i32_const(index as i32).call(self.calls.enter).local_tee(frame.entered);
        code.instructions().i32_wrap_i64().local_set(frame.span);
        for ((from, _), (to, _)) in frame.original.iter().zip(&frame.current) {
            code.instructions().local_get(*from).local_set(*to);
        }
        if let (ResultShape::Memory(layout), Some((result, _))) = (shape.result, frame.result) {
            self.take(&mut code.instructions(), layout, PADDING);
            code.instructions().local_set(result);
        }
        code.instructions().block(BlockType::Empty);
        self.ask(code, shape, callee, &frame, &originals);
        get_all(&mut code.instructions(), &frame.current);
        self.call_for_result(code, shape, &frame, callee.target);
        self.walker.row(code, Deed::DropBorrowed, &shape.param_types, &originals);
        code.instructions().end();
        self.leave(code, shape, callee, &frame, &originals);
        if let Some((result, _)) = frame.result {
            code.instructions().local_get(result);
        }
        code.instructions().end();
        let builder = &mut self.walker.builder;
        let function = builder.declare(&shape.params, &shape.lifted_results());
        builder.export(&index.to_string(), function);
        builder.define(function, body);
        if shape.uses_memory {
            self.done(index, shape);
        }
    }

    /// Calls with what is on the stack, and keeps the result.
    fn call_for_result(&self, code: &mut Function, shape: &Shape, frame: &Frame, function: u32) {
        let mut code = code.instructions();
        match (shape.result, frame.result) {
            (ResultShape::Memory(_), Some((result, _))) => code.local_get(result).call(function),
            (ResultShape::Flat(_), Some((result, _))) => code.call(function).local_set(result),
            _ => code.call(function),
        };
    }

    /// Shows the arguments and lets the host decide what becomes of the call. Leaves the block around it if
    /// that is the answer.
    fn ask(&mut self, code: &mut Function, shape: &Shape, callee: Callee, frame: &Frame, originals: &Place) {
        code.instructions().local_get(frame.entered).i64_const(32).i64_shr_u().i32_wrap_i64();
        code.instructions().local_tee(frame.decision).if_(BlockType::Empty);
        code.instructions().local_get(frame.decision).i32_const(WANTS_VALUES as i32).i32_and();
        code.instructions().if_(BlockType::Empty);
        self.identify(code, &shape.param_types, originals, 0);
        get_all(&mut code.instructions(), &frame.original);
        code.instructions().call(callee.args).end();

        code.instructions().local_get(frame.decision).i32_const(HOLDS as i32).i32_and();
        code.instructions().if_(BlockType::Empty);
        code.instructions().local_get(frame.span).call(self.calls.hold).local_tee(frame.decision);
        code.instructions().i32_const(ANSWER as i32).i32_eq().if_(BlockType::Empty);
        if let Some(answer) = callee.answer {
            code.instructions().local_get(frame.span);
            self.call_for_result(code, shape, frame, answer);
        }
        self.drop_all(code, shape, originals, frame.span);
        // Out of `answer`, `hold` and `asked`, and of the block around.
        code.instructions().br(3).end();
        if let Some(changed) = callee.changed {
            code.instructions().local_get(frame.decision).i32_const(CHANGE as i32).i32_eq();
            code.instructions().if_(BlockType::Empty);
            self.change(code, shape, changed, frame, originals);
            code.instructions().end();
        }
        code.instructions().end().end();
    }

    fn change(&mut self, code: &mut Function, shape: &Shape, changed: u32, frame: &Frame, originals: &Place) {
        code.instructions().local_get(frame.span).global_set(self.calls.span);
        self.walker.row(code, Deed::DropOwned, &shape.param_types, originals);
        let layout = abi::sequence(self.walker.types, &shape.param_types).1;
        self.take(&mut code.instructions(), layout, PADDING);
        code.instructions().local_set(frame.replaced);
        code.instructions().local_get(frame.span).local_get(frame.replaced).call(changed);
        match frame.current.as_slice() {
            [(pointer, _)] if shape.is_spilled => {
                code.instructions().local_get(frame.replaced).local_set(*pointer);
            }
            slots => {
                let mover = Mover { types: self.walker.types, at: frame.replaced, way: Way::ToRegisters };
                mover.row(&mut code.instructions(), &shape.param_types, 0, slots);
            }
        }
        // Nobody comes after the call to do it.
        if let Some(reset) = self.calls.reset.filter(|_| !shape.uses_memory) {
            code.instructions().call(reset);
        }
    }

    /// Tells the host that the call is over, and shows the result.
    fn leave(
        &mut self,
        code: &mut Function,
        shape: &Shape,
        callee: Callee,
        frame: &Frame,
        originals: &Place,
    ) {
        let is_in_memory = matches!(shape.result, ResultShape::Memory(_));
        let result_slots: Vec<Slot> = frame.result.into_iter().collect();
        let result = place_of(is_in_memory, &result_slots);
        let result_types: Vec<ValueType> = shape.result_type.into_iter().collect();
        let own = shape.own_bytes(self.walker.types);
        if self.walker.deeds.free.is_some() {
            code.instructions().i32_const(own as i32).global_set(self.walker.deeds.measured);
            self.walker.row(code, Deed::Measure, &shape.param_types, originals);
            self.walker.row(code, Deed::Measure, &result_types, &result);
            code.instructions().local_get(frame.span).global_get(self.walker.deeds.measured);
        } else {
            code.instructions().local_get(frame.span);
            match self.calls.taken.filter(|_| shape.uses_memory) {
                // Counts the values themselves too, where they are in memory.
                Some(taken) => {
                    let counted = match shape.is_spilled {
                        true => abi::sequence(self.walker.types, &shape.param_types).1.size,
                        false => 0,
                    };
                    let counted = match shape.result {
                        ResultShape::Memory(layout) => {
                            counted.saturating_add(layout.size).saturating_add(PADDING)
                        }
                        _ => counted,
                    };
                    code.instructions().call(taken).i32_const(own.wrapping_sub(counted) as i32).i32_add();
                }
                None => {
                    code.instructions().i32_const(own as i32);
                }
            }
        }
        match (shape.is_fallible, shape.result, frame.result) {
            (true, ResultShape::Memory(_), Some((result, _))) => is_error(&mut code.instructions(), result),
            (true, ResultShape::Flat(_), Some((result, _))) => {
                code.instructions().local_get(result);
            }
            _ => {
                code.instructions().i32_const(0);
            }
        }
        code.instructions().call(self.calls.leave);
        match callee.result {
            Some(show) => {
                code.instructions().i32_const(WANTS_VALUES as i32).i32_and().if_(BlockType::Empty);
                let role = IS_RESULT | if shape.is_constructor { IS_CONSTRUCTED } else { 0 };
                self.identify(code, &result_types, &result, role);
                get_all(&mut code.instructions(), &result_slots);
                code.instructions().call(show).end();
            }
            None => {
                code.instructions().drop();
            }
        }
        self.free_arguments(code, shape, frame, originals);
    }

    /// Where calls overlap, each gives back its own.
    fn free_arguments(&mut self, code: &mut Function, shape: &Shape, frame: &Frame, originals: &Place) {
        let Some(free) = self.walker.deeds.free else { return };
        self.walker.row(code, Deed::Free, &shape.param_types, originals);
        if let Place::Memory(at) = originals {
            code.instructions().local_get(*at).i32_const(1).call(free);
        }
        code.instructions().local_get(frame.replaced).if_(BlockType::Empty);
        self.walker.row(code, Deed::Free, &shape.param_types, &Place::Memory(frame.replaced));
        code.instructions().local_get(frame.replaced).i32_const(1).call(free).end();
    }

    /// What is called when the caller has read the result.
    fn done(&mut self, index: usize, shape: &Shape) {
        let mut body = Function::new([]);
        match (self.calls.reset, self.walker.deeds.free, shape.result) {
            (Some(reset), ..) => {
                body.instructions().call(reset);
            }
            (None, Some(free), ResultShape::Memory(_)) => {
                let result: Vec<ValueType> = shape.result_type.into_iter().collect();
                self.walker.row(&mut body, Deed::Free, &result, &Place::Memory(0));
                body.instructions().local_get(0).i32_const(1).call(free);
            }
            _ => {}
        }
        body.instructions().end();
        let builder = &mut self.walker.builder;
        let function = builder.declare(&shape.lifted_results(), &[]);
        builder.export(&format!("done-{index}"), function);
        builder.define(function, body);
    }

    /// Tells the host of the handles in values, before it is shown them.
    pub(super) fn identify(&mut self, code: &mut Function, tys: &[ValueType], place: &Place, role: u32) {
        if tys.iter().any(|ty| self.walker.matters(Deed::Identify, *ty)) {
            code.instructions().i32_const(role as i32).global_set(self.calls.role);
            self.walker.row(code, Deed::Identify, tys, place);
        }
    }

    /// Drops the arguments of a call that is not made.
    pub(super) fn drop_all(&mut self, code: &mut Function, shape: &Shape, place: &Place, span: u32) {
        code.instructions().local_get(span).global_set(self.calls.span);
        self.walker.row(code, Deed::DropBorrowed, &shape.param_types, place);
        self.walker.row(code, Deed::DropOwned, &shape.param_types, place);
    }

    /// Allocates, with some more bytes behind.
    pub(super) fn take(&self, code: &mut InstructionSink<'_>, layout: Layout, more: u32) {
        code.i32_const(0).i32_const(0).i32_const(layout.align as i32);
        code.i32_const(layout.size.saturating_add(more) as i32).call(self.calls.realloc);
    }
}

/// Whether the `result` at an address is an error.
pub(super) fn is_error(code: &mut InstructionSink<'_>, at: u32) {
    code.local_get(at).i32_load8_u(MemArg { offset: 0, align: 0, memory_index: 0 });
}

pub(super) fn get_all(code: &mut InstructionSink<'_>, slots: &[Slot]) {
    for (local, _) in slots {
        code.local_get(*local);
    }
}
