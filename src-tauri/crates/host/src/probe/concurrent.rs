//! Forwarding functions that are asynchronous, in pieces between which other calls go on.
//!
//! They are lifted with a callback and lowered without waiting. What a call needs later lies in a block of memory,
//! its frame, of which the task keeps the address. All arguments lie in memory, too.
//!
//! ```text
//! start:     enter, show the arguments; hold, or call the target
//! callback:  hold or the target has got further, or the caller does not want the result any more
//! settle:    wait on, or go on with what follows
//! decided:   what the host has decided: answer, change, or call
//! finish:    leave, show the result, return it
//! abandon:   the call was cancelled
//! release:   gives back the frame and all memory of the call
//! ```

use wac_graph::types::ValueType;
use wasm_encoder::{BlockType, Function, InstructionSink, ValType};

use super::{
    abi::{self, Layout, MAX_FLAT_ASYNC_PARAMS, MAX_FLAT_PARAMS},
    core::{
        ANSWER, BUILTINS, CHANGE, Callee, HOLDS, HOOKS, I32, IS_RESULT, NO_SPAN, PADDING, Shape,
        WANTS_VALUES, Writer, get_all, is_error,
    },
    flat::{Mover, Way},
    heap::word,
    module::{Builder, Locals},
    walk::{Deed, Place, Slot},
};

// What is where in a frame.
const SPAN: u64 = 0;
/// Whether the host is deciding; otherwise the target is called.
const IS_HELD: u64 = 4;
/// What is waited for, and the set of it.
const SUBTASK: u64 = 8;
const SET: u64 = 12;
const RESULT: u64 = 16;
/// The arguments as they came, and as they go on.
const ARGS: u64 = 20;
const CURRENT: u64 = 24;
const DECISION: u64 = 28;
const IS_CANCELLED: u64 = 32;
const FRAME: Layout = Layout { size: 36, align: 4 };

// From "Canonical ABI": the states of a subtask, the events of a callback, and what it returns.
const RETURNED: i32 = 2;
const CANCELLED_BEFORE_STARTED: i32 = 3;
const SUBTASK_EVENT: i32 = 1;
const CANCELLED_EVENT: i32 = 6;
const BLOCKED: i32 = -1;
const EXIT: i32 = 0;
const WAIT: i32 = 2;

/// What is imported for waiting.
pub(super) struct Waits {
    hold: u32,
    cancelled: u32,
    context_get: u32,
    context_set: u32,
    set_new: u32,
    set_drop: u32,
    join: u32,
    subtask_drop: u32,
    subtask_cancel: u32,
    task_cancel: u32,
    /// For each function that is asynchronous.
    task_return: Vec<Option<u32>>,
}

impl Waits {
    pub(super) fn import(builder: &mut Builder, functions: &[Shape]) -> Self {
        let hold = builder.import(HOOKS, "hold-async", &[I32, I32], &[I32]);
        let cancelled = builder.import(HOOKS, "cancelled", &[I32], &[]);
        let mut builtin = |name: &str, params: &[ValType], results: &[ValType]| {
            builder.import(BUILTINS, name, params, results)
        };
        Self {
            hold,
            cancelled,
            context_get: builtin("context-get", &[], &[I32]),
            context_set: builtin("context-set", &[I32], &[]),
            set_new: builtin("waitable-set-new", &[], &[I32]),
            set_drop: builtin("waitable-set-drop", &[I32], &[]),
            join: builtin("waitable-join", &[I32, I32], &[]),
            subtask_drop: builtin("subtask-drop", &[I32], &[]),
            subtask_cancel: builtin("subtask-cancel", &[I32], &[I32]),
            task_cancel: builtin("task-cancel", &[], &[]),
            task_return: functions
                .iter()
                .enumerate()
                .map(|(place, shape)| {
                    let name = format!("task-return-{place}");
                    shape.is_async.then(|| builtin(&name, &shape.returned, &[]))
                })
                .collect(),
        }
    }
}

/// The core parameters of a function that is called without waiting.
pub(super) fn lowered(shape: &Shape) -> Vec<ValType> {
    let mut params = match is_lowered_in_memory(shape) {
        true => vec![I32],
        false => shape.params.clone(),
    };
    params.extend(shape.result_type.map(|_| I32));
    params
}

fn is_lowered_in_memory(shape: &Shape) -> bool {
    shape.is_spilled || shape.params.len() > MAX_FLAT_ASYNC_PARAMS
}

/// The pieces of a function, each given the frame.
#[derive(Clone, Copy)]
struct Pieces {
    /// And how far it is.
    settle: u32,
    call: u32,
    decided: u32,
    /// And whether borrowed handles are still to be dropped.
    finish: u32,
    /// And whether owned handles are still to be dropped.
    abandon: u32,
    /// And whether there is a result.
    release: u32,
    wait: u32,
}

/// Writes a function.
pub(super) fn write(writer: &mut Writer<'_>, waits: &Waits, place: usize, shape: &Shape, callee: Callee) {
    let builder = &mut writer.walker.builder;
    let start = builder.declare(&shape.params, &[I32]);
    builder.export(&place.to_string(), start);
    let callback = builder.declare(&[I32; 3], &[I32]);
    builder.export(&format!("callback-{place}"), callback);
    let pieces = Pieces {
        settle: builder.declare(&[I32; 2], &[I32]),
        call: builder.declare(&[I32], &[I32]),
        decided: builder.declare(&[I32], &[I32]),
        finish: builder.declare(&[I32; 2], &[I32]),
        abandon: builder.declare(&[I32; 2], &[I32]),
        release: builder.declare(&[I32; 2], &[]),
        wait: builder.declare(&[I32], &[I32]),
    };
    let mut piece = Piece { writer, waits, shape, callee, pieces, place };
    let bodies = [
        (start, piece.start()),
        (callback, piece.callback()),
        (pieces.settle, piece.settle()),
        (pieces.call, piece.call()),
        (pieces.decided, piece.decided()),
        (pieces.finish, piece.finish()),
        (pieces.abandon, piece.abandon()),
        (pieces.release, piece.release()),
        (pieces.wait, piece.wait()),
    ];
    for (function, mut body) in bodies {
        body.instructions().end();
        piece.writer.walker.builder.define(function, body);
    }
}

struct Piece<'p, 't> {
    writer: &'p mut Writer<'t>,
    waits: &'p Waits,
    shape: &'p Shape,
    callee: Callee,
    pieces: Pieces,
    place: usize,
}

/// The frame is the first parameter of all but the first two.
const THIS: u32 = 0;

fn load(code: &mut InstructionSink<'_>, frame: u32, what: u64) {
    code.local_get(frame).i32_load(word(what));
}

impl Piece<'_, '_> {
    fn layout(&self) -> Layout {
        abi::sequence(self.writer.walker.types, &self.shape.param_types).1
    }

    fn result_types(&self) -> Vec<ValueType> {
        self.shape.result_type.into_iter().collect()
    }

    fn start(&mut self) -> Function {
        let mut locals = Locals::after(self.shape.params.len());
        let [frame, args, flags] = [(); 3].map(|()| locals.add(I32));
        let entered = locals.add(ValType::I64);
        let mut body = locals.function();
        let slots: Vec<Slot> =
            self.shape.params.iter().enumerate().map(|(place, ty)| (place as u32, *ty)).collect();
        let code = &mut body;
        self.writer.take(&mut code.instructions(), FRAME, 0);
        code.instructions().local_tee(frame).i32_const(0).i32_const(FRAME.size as i32).memory_fill(0);
        match slots.as_slice() {
            [] => {}
            [(pointer, _)] if self.shape.is_spilled => {
                code.instructions().local_get(*pointer).local_set(args);
            }
            slots => {
                self.writer.take(&mut code.instructions(), self.layout(), 0);
                code.instructions().local_set(args);
                let mover = Mover { types: self.writer.walker.types, at: args, way: Way::ToMemory };
                mover.row(&mut code.instructions(), &self.shape.param_types, 0, slots);
            }
        }
        for what in [ARGS, CURRENT] {
            code.instructions().local_get(frame).local_get(args).i32_store(word(what));
        }
        if let Some(ty) = self.shape.result_type {
            code.instructions().local_get(frame);
            let layout = abi::layout(self.writer.walker.types, ty);
            self.writer.take(&mut code.instructions(), layout, PADDING);
            code.instructions().i32_store(word(RESULT));
        }
        code.instructions().local_get(frame).i32_const(self.place as i32).call(self.writer.calls.enter);
        code.instructions().local_tee(entered).i32_wrap_i64().i32_store(word(SPAN));
        code.instructions().local_get(entered).i64_const(32).i64_shr_u().i32_wrap_i64().local_tee(flags);
        code.instructions().i32_const(WANTS_VALUES as i32).i32_and().if_(BlockType::Empty);
        self.writer.identify(code, &self.shape.param_types, &Place::Memory(args), 0);
        get_all(&mut code.instructions(), &slots);
        code.instructions().call(self.callee.args).end();
        let mut code = body.instructions();
        code.local_get(flags).i32_const(HOLDS as i32).i32_and().if_(BlockType::Empty);
        code.local_get(frame).i32_const(1).i32_store(word(IS_HELD));
        code.local_get(frame);
        load(&mut code, frame, SPAN);
        code.local_get(frame).i32_const(DECISION as i32).i32_add().call(self.waits.hold);
        code.call(self.pieces.settle).return_().end();
        code.local_get(frame).call(self.pieces.call);
        body
    }

    fn callback(&mut self) -> Function {
        const EVENT: u32 = 0;
        const STATE: u32 = 2;
        let mut locals = Locals::after(3);
        let frame = locals.add(I32);
        let mut body = locals.function();
        let mut code = body.instructions();
        code.call(self.waits.context_get).local_set(frame);
        code.local_get(EVENT).i32_const(SUBTASK_EVENT).i32_eq().if_(BlockType::Empty);
        code.local_get(frame).local_get(STATE).call(self.pieces.settle).return_().end();
        code.local_get(EVENT).i32_const(CANCELLED_EVENT).i32_eq().if_(BlockType::Empty);
        code.local_get(frame).i32_const(1).i32_store(word(IS_CANCELLED));
        load(&mut code, frame, SUBTASK);
        code.call(self.waits.subtask_cancel).local_tee(STATE);
        code.i32_const(BLOCKED).i32_ne().if_(BlockType::Empty);
        code.local_get(frame).local_get(STATE).call(self.pieces.settle).return_().end().end();
        code.local_get(frame).call(self.pieces.wait);
        body
    }

    /// With a state, in which there is also the subtask when it begins.
    fn settle(&mut self) -> Function {
        const STATE: u32 = 1;
        let mut body = Function::new([]);
        let mut code = body.instructions();
        code.local_get(STATE).i32_const(4).i32_shr_u().if_(BlockType::Empty);
        code.local_get(THIS).local_get(STATE).i32_const(4).i32_shr_u().i32_store(word(SUBTASK)).end();
        code.local_get(STATE).i32_const(15).i32_and().local_tee(STATE);
        code.i32_const(RETURNED).i32_lt_u().if_(BlockType::Empty);
        code.local_get(THIS).call(self.pieces.wait).return_().end();
        load(&mut code, THIS, SUBTASK);
        code.if_(BlockType::Empty);
        load(&mut code, THIS, SUBTASK);
        code.call(self.waits.subtask_drop);
        code.local_get(THIS).i32_const(0).i32_store(word(SUBTASK)).end();
        code.local_get(STATE).i32_const(RETURNED).i32_eq();
        load(&mut code, THIS, IS_HELD);
        load(&mut code, THIS, IS_CANCELLED);
        code.i32_and().i32_eqz().i32_and().if_(BlockType::Empty);
        load(&mut code, THIS, IS_HELD);
        code.if_(BlockType::Empty).local_get(THIS).call(self.pieces.decided).return_().end();
        code.local_get(THIS).i32_const(1).call(self.pieces.finish).return_().end();
        code.local_get(THIS).local_get(STATE).i32_const(CANCELLED_BEFORE_STARTED).i32_eq();
        load(&mut code, THIS, IS_HELD);
        code.i32_or().call(self.pieces.abandon);
        body
    }

    fn wait(&mut self) -> Function {
        let mut body = Function::new([]);
        let mut code = body.instructions();
        load(&mut code, THIS, SET);
        code.i32_eqz().if_(BlockType::Empty);
        code.local_get(THIS).call(self.waits.set_new).i32_store(word(SET)).end();
        load(&mut code, THIS, SUBTASK);
        load(&mut code, THIS, SET);
        code.call(self.waits.join);
        code.local_get(THIS).call(self.waits.context_set);
        load(&mut code, THIS, SET);
        code.i32_const(4).i32_shl().i32_const(WAIT).i32_or();
        body
    }

    fn call(&mut self) -> Function {
        let mut locals = Locals::after(1);
        let args = locals.add(I32);
        let is_in_memory = is_lowered_in_memory(self.shape);
        let slots: Vec<Slot> = match is_in_memory {
            true => Vec::new(),
            false => self.shape.params.iter().map(|ty| (locals.add(*ty), *ty)).collect(),
        };
        let mut body = locals.function();
        let mut code = body.instructions();
        code.local_get(THIS).i32_const(0).i32_store(word(IS_HELD));
        load(&mut code, THIS, CURRENT);
        code.local_set(args);
        let mover = Mover { types: self.writer.walker.types, at: args, way: Way::ToRegisters };
        mover.row(&mut code, &self.shape.param_types, 0, &slots);
        code.local_get(THIS);
        if is_in_memory {
            code.local_get(args);
        }
        get_all(&mut code, &slots);
        if self.shape.result_type.is_some() {
            load(&mut code, THIS, RESULT);
        }
        code.call(self.callee.target).call(self.pieces.settle);
        body
    }

    fn decided(&mut self) -> Function {
        let mut locals = Locals::after(1);
        let [args, span, new] = [(); 3].map(|()| locals.add(I32));
        let mut body = locals.function();
        let mut code = body.instructions();
        load(&mut code, THIS, ARGS);
        code.local_set(args);
        load(&mut code, THIS, SPAN);
        code.local_set(span);
        load(&mut code, THIS, DECISION);
        code.i32_const(ANSWER as i32).i32_eq().if_(BlockType::Empty);
        if let Some(answer) = self.callee.answer {
            code.local_get(span);
            load(&mut code, THIS, RESULT);
            code.call(answer);
        }
        self.writer.drop_all(&mut body, self.shape, &Place::Memory(args), span);
        body.instructions().local_get(THIS).i32_const(0).call(self.pieces.finish).return_().end();
        if let Some(changed) = self.callee.changed {
            let mut code = body.instructions();
            load(&mut code, THIS, DECISION);
            code.i32_const(CHANGE as i32).i32_eq().if_(BlockType::Empty);
            code.local_get(span).global_set(self.writer.calls.span);
            let types = &self.shape.param_types;
            self.writer.walker.row(&mut body, Deed::DropOwned, types, &Place::Memory(args));
            self.writer.take(&mut body.instructions(), self.layout(), PADDING);
            let mut code = body.instructions();
            code.local_set(new).local_get(span).local_get(new).call(changed);
            code.local_get(THIS).local_get(new).i32_store(word(CURRENT)).end();
        }
        body.instructions().local_get(THIS).call(self.pieces.call);
        body
    }

    fn finish(&mut self) -> Function {
        const HAS_BORROWED: u32 = 1;
        let mut locals = Locals::after(2);
        let [args, result] = [(); 2].map(|()| locals.add(I32));
        let is_returned_in_memory = self.shape.is_returned_in_memory();
        let slots: Vec<Slot> = match is_returned_in_memory {
            true => Vec::new(),
            false => self.shape.returned.iter().map(|ty| (locals.add(*ty), *ty)).collect(),
        };
        let mut body = locals.function();
        let mut code = body.instructions();
        load(&mut code, THIS, ARGS);
        code.local_set(args);
        load(&mut code, THIS, RESULT);
        code.local_set(result);
        code.local_get(HAS_BORROWED).if_(BlockType::Empty);
        let (params, results) = (&self.shape.param_types, self.result_types());
        let (args_place, result_place) = (Place::Memory(args), Place::Memory(result));
        let writer = &mut *self.writer;
        writer.walker.row(&mut body, Deed::DropBorrowed, params, &args_place);
        body.instructions().end();
        let measured = writer.walker.deeds.measured;
        let own = self.shape.own_bytes(writer.walker.types);
        body.instructions().i32_const(own as i32).global_set(measured);
        writer.walker.row(&mut body, Deed::Measure, params, &args_place);
        writer.walker.row(&mut body, Deed::Measure, &results, &result_place);
        load(&mut body.instructions(), THIS, SPAN);
        body.instructions().global_get(measured);
        match self.shape.is_fallible {
            true => is_error(&mut body.instructions(), result),
            false => {
                body.instructions().i32_const(0);
            }
        }
        body.instructions().call(writer.calls.leave);
        match self.callee.result {
            Some(show) => {
                body.instructions().i32_const(WANTS_VALUES as i32).i32_and().if_(BlockType::Empty);
                writer.identify(&mut body, &results, &result_place, IS_RESULT);
                body.instructions().local_get(result).call(show).end();
            }
            None => {
                body.instructions().drop();
            }
        }
        let mut code = body.instructions();
        if is_returned_in_memory {
            code.local_get(result);
        }
        let mover = Mover { types: writer.walker.types, at: result, way: Way::ToRegisters };
        mover.row(&mut code, &results, 0, &slots);
        get_all(&mut code, &slots);
        if let Some(task_return) = self.waits.task_return.get(self.place).copied().flatten() {
            code.call(task_return);
        }
        code.local_get(THIS).i32_const(1).call(self.pieces.release).i32_const(EXIT);
        body
    }

    fn abandon(&mut self) -> Function {
        const HAS_OWNED: u32 = 1;
        let mut locals = Locals::after(2);
        let [args, current] = [(); 2].map(|()| locals.add(I32));
        let mut body = locals.function();
        let mut code = body.instructions();
        load(&mut code, THIS, ARGS);
        code.local_set(args);
        load(&mut code, THIS, CURRENT);
        code.local_set(current);
        code.i32_const(NO_SPAN as i32).global_set(self.writer.calls.span);
        code.local_get(HAS_OWNED).if_(BlockType::Empty);
        let params = &self.shape.param_types;
        self.writer.walker.row(&mut body, Deed::DropOwned, params, &Place::Memory(current));
        body.instructions().end();
        self.writer.walker.row(&mut body, Deed::DropBorrowed, params, &Place::Memory(args));
        let mut code = body.instructions();
        load(&mut code, THIS, SPAN);
        code.call(self.waits.cancelled).call(self.waits.task_cancel);
        code.local_get(THIS).i32_const(0).call(self.pieces.release).i32_const(EXIT);
        body
    }

    fn release(&mut self) -> Function {
        const HAS_RESULT: u32 = 1;
        let mut locals = Locals::after(2);
        let [args, current, result] = [(); 3].map(|()| locals.add(I32));
        let mut body = locals.function();
        let Some(free) = self.writer.walker.deeds.free else { return body };
        let walker = &mut self.writer.walker;
        let mut code = body.instructions();
        for (what, local) in [(ARGS, args), (CURRENT, current), (RESULT, result)] {
            load(&mut code, THIS, what);
            code.local_set(local);
        }
        if self.shape.has_params() {
            walker.row(&mut body, Deed::Free, &self.shape.param_types, &Place::Memory(args));
            body.instructions().local_get(args).i32_const(1).call(free);
            body.instructions().local_get(current).local_get(args).i32_ne().if_(BlockType::Empty);
            walker.row(&mut body, Deed::Free, &self.shape.param_types, &Place::Memory(current));
            body.instructions().local_get(current).i32_const(1).call(free).end();
        }
        if let Some(ty) = self.shape.result_type {
            body.instructions().local_get(HAS_RESULT).if_(BlockType::Empty);
            walker.row(&mut body, Deed::Free, &[ty], &Place::Memory(result));
            body.instructions().end().local_get(result).i32_const(1).call(free);
        }
        let mut code = body.instructions();
        load(&mut code, THIS, SET);
        code.if_(BlockType::Empty);
        load(&mut code, THIS, SET);
        code.call(self.waits.set_drop).end();
        code.local_get(THIS).i32_const(1).call(free);
        body
    }
}

/// The core values that a result is returned as, and whether that is its address.
pub(super) fn returned(flat: Vec<ValType>) -> (Vec<ValType>, bool) {
    match flat.len() > MAX_FLAT_PARAMS {
        true => (vec![I32], true),
        false => (flat, false),
    }
}
