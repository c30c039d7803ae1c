//! Core code that finds what needs care in a value, wherever it lies: borrowed handles that have to be dropped,
//! handles that the host is told the identity of, and memory that is given back.
//!
//! What lies in registers is walked where it is. For what lies in memory there is a function for each type
//! that is walked, so that code stays as large as the types are, however often one is used.

use std::collections::HashMap;

use wac_graph::types::{ResourceId, Types, ValueType};
use wasm_encoder::{BlockType, Function, InstructionSink, MemArg, ValType};

use super::{
    abi::{self, Kind},
    heap::word,
    module::{Builder, Locals},
};

/// What is done to what is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Deed {
    /// Borrowed handles are dropped: the callee has returned.
    DropBorrowed,
    /// Owned handles are dropped that the host does not keep: the callee is not called, or not with them.
    DropOwned,
    /// The host is told whose handles they are.
    Identify,
    /// Memory is given back.
    Free,
    /// It is counted how many bytes lie behind pointers.
    Measure,
}

/// A core value in a local.
pub(super) type Slot = (u32, ValType);

/// Where a row of values lies.
#[derive(Debug, Clone)]
pub(super) enum Place {
    /// In registers, one after the other.
    Flat(Vec<Slot>),
    /// In memory, at the address that is in this local.
    Memory(u32),
}

/// The functions that are called for what is found.
#[derive(Debug, Clone, Default)]
pub(super) struct Deeds {
    /// Drops a handle to a resource.
    pub(super) drop_resource: HashMap<ResourceId, u32>,
    /// Drops something that is owned, if the host does not keep it.
    pub(super) drop_owned: HashMap<Owned, u32>,
    /// Tells the host of a handle, and whether it is owned.
    pub(super) identify: HashMap<ResourceId, u32>,
    /// Gives back what lies at an address, if its length is not 0.
    pub(super) free: Option<u32>,
    /// The global with the sum of bytes.
    pub(super) measured: u32,
}

/// What can be owned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Owned {
    Resource(ResourceId),
    /// The readable end of a stream or a future of this type.
    Channel(ValueType),
}

/// Writes the code that walks.
pub(super) struct Walker<'t> {
    pub(super) types: &'t Types,
    pub(super) builder: Builder,
    pub(super) deeds: Deeds,
    functions: HashMap<(Deed, ValueType), u32>,
}

impl<'t> Walker<'t> {
    pub(super) fn new(types: &'t Types, builder: Builder, deeds: Deeds) -> Self {
        Self { types, builder, deeds, functions: HashMap::new() }
    }

    /// Whether there is anything to do in a value of a type.
    pub(super) fn matters(&self, deed: Deed, ty: ValueType) -> bool {
        abi::any(self.types, ty, &|ty, kind| match (deed, kind) {
            (Deed::DropBorrowed, Kind::Handle { is_borrowed, .. }) => *is_borrowed,
            (Deed::DropOwned, Kind::Handle { is_borrowed, .. }) => !is_borrowed,
            (Deed::DropOwned, Kind::Channel) => self.deeds.drop_owned.contains_key(&self.channel(ty)),
            (Deed::Identify, Kind::Handle { resource, .. }) => self.deeds.identify.contains_key(resource),
            (Deed::Free | Deed::Measure, Kind::String | Kind::List(_)) => true,
            _ => false,
        })
    }

    fn channel(&self, ty: ValueType) -> Owned {
        Owned::Channel(self.types.resolve_value_type(ty))
    }

    /// Walks values that lie one after the other.
    pub(super) fn row(&mut self, code: &mut Function, deed: Deed, tys: &[ValueType], place: &Place) {
        match place {
            Place::Flat(slots) => {
                self.flat_row(code, deed, tys, slots);
            }
            Place::Memory(at) => {
                for (ty, offset) in tys.iter().zip(abi::sequence(self.types, tys).0) {
                    self.in_memory(code, deed, *ty, *at, offset);
                }
            }
        }
    }

    fn flat_row(&mut self, code: &mut Function, deed: Deed, tys: &[ValueType], slots: &[Slot]) {
        let mut rest = slots;
        for ty in tys {
            let (own, others) = rest.split_at(abi::flat(self.types, *ty).len().min(rest.len()));
            self.in_registers(code, deed, *ty, own);
            rest = others;
        }
    }

    fn in_registers(&mut self, code: &mut Function, deed: Deed, ty: ValueType, slots: &[Slot]) {
        if !self.matters(deed, ty) {
            return;
        }
        let Some((first, rest)) = slots.split_first() else { return };
        match abi::kind(self.types, ty) {
            Kind::Handle { .. } | Kind::Channel => {
                get_i32(code, *first);
                self.handle(code, deed, ty);
            }
            Kind::String | Kind::List(_) => {
                get_i32(code, *first);
                rest.first().into_iter().for_each(|second| get_i32(code, *second));
                self.pointer(code, deed, ty);
            }
            Kind::Fields(parts) => self.flat_row(code, deed, &parts, slots),
            Kind::Fixed(element, count) => {
                self.flat_row(code, deed, &vec![element; count.min(slots.len() as u32) as usize], slots);
            }
            Kind::Choice(cases) => {
                for (index, case) in cases.iter().enumerate() {
                    if let Some(case) = case.filter(|case| self.matters(deed, *case)) {
                        get_i32(code, *first);
                        code.instructions().i32_const(index as i32).i32_eq().if_(BlockType::Empty);
                        self.in_registers(code, deed, case, rest);
                        code.instructions().end();
                    }
                }
            }
            Kind::Number(_) | Kind::Flags(_) => {}
        }
    }

    /// Walks the value at an address and an offset.
    fn in_memory(&mut self, code: &mut Function, deed: Deed, ty: ValueType, at: u32, offset: u32) {
        if !self.matters(deed, ty) {
            return;
        }
        let offset_in_bytes = u64::from(offset);
        match abi::kind(self.types, ty) {
            Kind::Handle { .. } | Kind::Channel => {
                code.instructions().local_get(at).i32_load(word(offset_in_bytes));
                self.handle(code, deed, ty);
            }
            Kind::String | Kind::List(_) => {
                code.instructions().local_get(at).i32_load(word(offset_in_bytes));
                code.instructions().local_get(at).i32_load(word(offset_in_bytes + 4));
                self.pointer(code, deed, ty);
            }
            _ => {
                let function = self.function(deed, ty);
                code.instructions().local_get(at).i32_const(offset as i32).i32_add().call(function);
            }
        }
    }

    /// Does what is to be done to the handle on the stack.
    fn handle(&self, code: &mut Function, deed: Deed, ty: ValueType) {
        let Kind::Handle { resource, is_borrowed } = abi::kind(self.types, ty) else {
            let drop = self.deeds.drop_owned.get(&self.channel(ty));
            return call_or_forget(code, drop);
        };
        match deed {
            Deed::DropBorrowed => call_or_forget(code, self.deeds.drop_resource.get(&resource)),
            Deed::DropOwned => call_or_forget(code, self.deeds.drop_owned.get(&Owned::Resource(resource))),
            _ => {
                code.instructions().i32_const(i32::from(!is_borrowed));
                call_or_forget(code, self.deeds.identify.get(&resource));
            }
        }
    }

    /// Walks what the address and the length on the stack say.
    fn pointer(&mut self, code: &mut Function, deed: Deed, ty: ValueType) {
        if let Kind::List(_) = abi::kind(self.types, ty) {
            let function = self.function(deed, ty);
            code.instructions().call(function);
            return;
        }
        let mut code = code.instructions();
        let sum = self.deeds.measured;
        match (deed, self.deeds.free) {
            (Deed::Free, Some(free)) => code.call(free),
            (Deed::Measure, _) => code.global_get(sum).i32_add().global_set(sum).drop(),
            _ => code.drop().drop(),
        };
    }

    /// The function that walks values of a type: of a list by its address and length, of anything else by its
    /// address.
    fn function(&mut self, deed: Deed, ty: ValueType) -> u32 {
        let ty = self.types.resolve_value_type(ty);
        if let Some(function) = self.functions.get(&(deed, ty)) {
            return *function;
        }
        let kind = abi::kind(self.types, ty);
        let params: &[ValType] = match kind {
            Kind::List(_) => &[ValType::I32, ValType::I32],
            _ => &[ValType::I32],
        };
        let function = self.builder.declare(params, &[]);
        self.functions.insert((deed, ty), function);
        let body = match kind {
            Kind::List(element) => self.list(deed, &element),
            Kind::Fixed(element, count) => self.fixed(deed, element, count),
            Kind::Choice(cases) => self.choice(deed, &cases),
            Kind::Fields(parts) => {
                let mut body = Function::new([]);
                self.row(&mut body, deed, &parts, &Place::Memory(0));
                body
            }
            _ => Function::new([]),
        };
        let mut body = body;
        body.instructions().end();
        self.builder.define(function, body);
        function
    }

    fn list(&mut self, deed: Deed, element: &[ValueType]) -> Function {
        const BASE: u32 = 0;
        const COUNT: u32 = 1;
        let mut locals = Locals::after(2);
        let (at, end) = (locals.add(ValType::I32), locals.add(ValType::I32));
        let mut body = locals.function();
        let size = abi::sequence(self.types, element).1.size;
        if element.iter().any(|ty| self.matters(deed, *ty)) {
            body.instructions().local_get(BASE).local_tee(at).local_get(COUNT).i32_const(size as i32);
            body.instructions().i32_mul().i32_add().local_set(end);
            self.each(&mut body, deed, element, size, (at, end));
        }
        match (deed, self.deeds.free) {
            (Deed::Free, Some(free)) => {
                body.instructions().local_get(BASE).local_get(COUNT).call(free);
            }
            (Deed::Measure, _) => {
                let sum = self.deeds.measured;
                body.instructions().local_get(COUNT).i32_const(size as i32).i32_mul();
                body.instructions().global_get(sum).i32_add().global_set(sum);
            }
            _ => {}
        }
        body
    }

    fn fixed(&mut self, deed: Deed, element: ValueType, count: u32) -> Function {
        let mut locals = Locals::after(1);
        let (at, end) = (locals.add(ValType::I32), locals.add(ValType::I32));
        let mut body = locals.function();
        let size = abi::layout(self.types, element).size;
        body.instructions().local_get(0).local_tee(at);
        body.instructions().i32_const(size.saturating_mul(count) as i32).i32_add().local_set(end);
        self.each(&mut body, deed, &[element], size, (at, end));
        body
    }

    /// Walks elements of this size from one address to another.
    fn each(
        &mut self,
        body: &mut Function,
        deed: Deed,
        element: &[ValueType],
        size: u32,
        (at, end): (u32, u32),
    ) {
        body.instructions().block(BlockType::Empty).loop_(BlockType::Empty);
        body.instructions().local_get(at).local_get(end).i32_ge_u().br_if(1);
        self.row(body, deed, element, &Place::Memory(at));
        body.instructions().local_get(at).i32_const(size as i32).i32_add().local_set(at).br(0).end().end();
    }

    fn choice(&mut self, deed: Deed, cases: &[Option<ValueType>]) -> Function {
        let layout = abi::choice(self.types, cases);
        let mut locals = Locals::after(1);
        let which = locals.add(ValType::I32);
        let mut body = locals.function();
        body.instructions().local_get(0);
        load_discriminant(&mut body.instructions(), layout.discriminant, 0);
        body.instructions().local_set(which);
        for (index, case) in cases.iter().enumerate() {
            if let Some(case) = case.filter(|case| self.matters(deed, *case)) {
                body.instructions().local_get(which).i32_const(index as i32).i32_eq().if_(BlockType::Empty);
                self.in_memory(&mut body, deed, case, 0, layout.payload);
                body.instructions().end();
            }
        }
        body
    }
}

/// Reads the number of so many bytes that says which case there is.
pub(super) fn load_discriminant(code: &mut InstructionSink<'_>, bytes: u32, offset: u64) {
    match bytes {
        1 => code.i32_load8_u(MemArg { offset, align: 0, memory_index: 0 }),
        2 => code.i32_load16_u(MemArg { offset, align: 1, memory_index: 0 }),
        _ => code.i32_load(word(offset)),
    };
}

/// Handles and addresses share their place with other values in alternatives.
fn get_i32(code: &mut Function, (local, ty): Slot) {
    code.instructions().local_get(local);
    if ty == ValType::I64 {
        code.instructions().i32_wrap_i64();
    }
}

fn call_or_forget(code: &mut Function, function: Option<&u32>) {
    match function {
        Some(function) => code.instructions().call(*function),
        None => code.instructions().drop(),
    };
}
