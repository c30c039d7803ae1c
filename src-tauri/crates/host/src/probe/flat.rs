//! Core code that moves values between registers and memory.
//!
//! Needed where the two sides of a forwarder do not pass them alike, as they do not where a call does not wait.

use wac_graph::types::{PrimitiveType, Types, ValueType};
use wasm_encoder::{BlockType, InstructionSink, MemArg, ValType};

use super::{
    abi::{self, Kind},
    walk::{Slot, load_discriminant},
};

const fn bytes(offset: u32, align: u32) -> MemArg {
    MemArg { offset: offset as u64, align, memory_index: 0 }
}

/// Which way values go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    ToMemory,
    ToRegisters,
}

/// Moves a row of values between an address and locals.
pub(super) struct Mover<'t> {
    pub(super) types: &'t Types,
    /// The local with the address.
    pub(super) at: u32,
    pub(super) way: Way,
}

impl Mover<'_> {
    /// Values one after the other.
    pub(super) fn row(&self, code: &mut InstructionSink<'_>, tys: &[ValueType], offset: u32, slots: &[Slot]) {
        let mut rest = slots;
        for (ty, place) in tys.iter().zip(abi::sequence(self.types, tys).0) {
            let (own, others) = rest.split_at(abi::flat(self.types, *ty).len().min(rest.len()));
            self.value(code, *ty, offset.saturating_add(place), own);
            rest = others;
        }
    }

    fn value(&self, code: &mut InstructionSink<'_>, ty: ValueType, offset: u32, slots: &[Slot]) {
        let Some((first, rest)) = slots.split_first() else { return };
        let layout = abi::layout(self.types, ty);
        match abi::kind(self.types, ty) {
            Kind::Number(primitive) => self.number(code, primitive, layout.size, offset, *first),
            Kind::Handle { .. } | Kind::Channel => {
                self.number(code, PrimitiveType::U32, layout.size, offset, *first);
            }
            Kind::Flags(_) => self.number(code, PrimitiveType::U32, layout.size, offset, *first),
            Kind::String | Kind::List(_) => {
                self.number(code, PrimitiveType::U32, 4, offset, *first);
                for second in rest.iter().take(1) {
                    self.number(code, PrimitiveType::U32, 4, offset.saturating_add(4), *second);
                }
            }
            Kind::Fields(parts) => self.row(code, &parts, offset, slots),
            Kind::Fixed(element, count) => {
                self.row(code, &vec![element; count.min(slots.len() as u32) as usize], offset, slots);
            }
            Kind::Choice(cases) => self.choice(code, &cases, offset, *first, rest),
        }
    }

    fn choice(
        &self,
        code: &mut InstructionSink<'_>,
        cases: &[Option<ValueType>],
        offset: u32,
        which: Slot,
        slots: &[Slot],
    ) {
        let layout = abi::choice(self.types, cases);
        self.number(code, PrimitiveType::U32, layout.discriminant, offset, which);
        for (index, case) in cases.iter().enumerate() {
            let Some(case) = case else { continue };
            code.local_get(self.at);
            load_discriminant(code, layout.discriminant, u64::from(offset));
            code.i32_const(index as i32).i32_eq().if_(BlockType::Empty);
            let own = abi::flat(self.types, *case).len().min(slots.len());
            self.value(code, *case, offset.saturating_add(layout.payload), slots.get(..own).unwrap_or(slots));
            code.end();
        }
    }

    fn number(
        &self,
        code: &mut InstructionSink<'_>,
        primitive: PrimitiveType,
        size: u32,
        offset: u32,
        (local, slot): Slot,
    ) {
        use ValType::{F32, F64, I32, I64};
        let own = match primitive {
            PrimitiveType::U64 | PrimitiveType::S64 => I64,
            PrimitiveType::F32 => F32,
            PrimitiveType::F64 => F64,
            _ => I32,
        };
        let is_signed = matches!(primitive, PrimitiveType::S8 | PrimitiveType::S16);
        code.local_get(self.at);
        if self.way == Way::ToMemory {
            code.local_get(local);
            match (slot, own) {
                (I64, I32) => code.i32_wrap_i64(),
                (I32, F32) => code.f32_reinterpret_i32(),
                (I64, F32) => code.i32_wrap_i64().f32_reinterpret_i32(),
                (I64, F64) => code.f64_reinterpret_i64(),
                _ => code,
            };
            match (own, size) {
                (F32, _) => code.f32_store(bytes(offset, 2)),
                (F64, _) => code.f64_store(bytes(offset, 3)),
                (I64, _) => code.i64_store(bytes(offset, 3)),
                (_, 1) => code.i32_store8(bytes(offset, 0)),
                (_, 2) => code.i32_store16(bytes(offset, 1)),
                _ => code.i32_store(bytes(offset, 2)),
            };
            return;
        }
        match (own, size, is_signed) {
            (F32, ..) => code.f32_load(bytes(offset, 2)),
            (F64, ..) => code.f64_load(bytes(offset, 3)),
            (I64, ..) => code.i64_load(bytes(offset, 3)),
            (_, 1, true) => code.i32_load8_s(bytes(offset, 0)),
            (_, 1, false) => code.i32_load8_u(bytes(offset, 0)),
            (_, 2, true) => code.i32_load16_s(bytes(offset, 1)),
            (_, 2, false) => code.i32_load16_u(bytes(offset, 1)),
            _ => code.i32_load(bytes(offset, 2)),
        };
        match (own, slot) {
            (I32, I64) => code.i64_extend_i32_u(),
            (F32, I32) => code.i32_reinterpret_f32(),
            (F32, I64) => code.i32_reinterpret_f32().i64_extend_i32_u(),
            (F64, I64) => code.i64_reinterpret_f64(),
            _ => code,
        };
        code.local_set(local);
    }
}
