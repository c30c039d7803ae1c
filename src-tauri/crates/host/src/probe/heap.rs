//! The memory through which strings and lists pass, and its two allocators.
//!
//! Where all functions of an interface are synchronous, a forwarder is in one call at a time, and the allocator
//! only ever goes forward: what a call used is given back as a whole once its caller has read the result.
//!
//! Asynchronous calls overlap, and there may always be one that is open. So there the allocator has blocks of
//! powers of two, with a list of free ones for each size, and each call gives back what it used: what is taken
//! is then at most what the calls that were open together needed, rounded up.

use wasm_encoder::{BlockType, Function, InstructionSink, MemArg, Module, ValType};

use super::module::{Builder, MEMORY_TYPE};

/// Bytes of a page of memory, as a power of two.
const PAGE_BITS: i32 = 16;
/// Nothing is allocated below, so that no pointer is null. The lists of free blocks lie there.
const BASE: i32 = 128;
/// In front of a block, so that what follows stays aligned: which power of two it is.
const HEADER: i32 = 8;
/// The smallest block is 2 to the power of this.
const SMALLEST: i32 = 4;

/// Four bytes at an address.
pub(super) const fn word(offset: u64) -> MemArg {
    MemArg { offset, align: 2, memory_index: 0 }
}

const I32: ValType = ValType::I32;

/// For calls one after the other: exports `memory`, `realloc`, `reset`, and `taken`, which says how many bytes
/// were since.
pub(super) fn forward_only() -> Module {
    let mut builder = Builder::default();
    let top = builder.global(BASE);
    let taken = builder.global(0);
    let realloc = builder.declare(&[I32; 4], &[I32]);
    let reset = builder.declare(&[], &[]);
    let tells = builder.declare(&[], &[I32]);
    builder.define(realloc, take_next(top, taken));
    let mut function = Function::new([]);
    function.instructions().i32_const(BASE).global_set(top).i32_const(0).global_set(taken).end();
    builder.define(reset, function);
    let mut function = Function::new([]);
    function.instructions().global_get(taken).end();
    builder.define(tells, function);
    builder.exports.export("memory", wasm_encoder::ExportKind::Memory, 0);
    builder.export("realloc", realloc);
    builder.export("reset", reset);
    builder.export("taken", tells);
    builder.finish(Some(MEMORY_TYPE))
}

/// `realloc(old, old size, align, new size)`: takes the next free bytes and copies the old ones there.
pub(super) fn take_next(top: u32, taken: u32) -> Function {
    const OLD: u32 = 0;
    const OLD_SIZE: u32 = 1;
    const ALIGN: u32 = 2;
    const NEW_SIZE: u32 = 3;
    const AT: u32 = 4;
    const END: u32 = 5;
    let mut function = Function::new([(2, I32)]);
    let mut code = function.instructions();
    code.global_get(taken).local_get(NEW_SIZE).i32_add().local_get(OLD_SIZE).i32_sub().global_set(taken);
    // The next multiple of `align`.
    code.global_get(top).local_get(ALIGN).i32_add().i32_const(1).i32_sub();
    code.i32_const(0).local_get(ALIGN).i32_sub().i32_and().local_tee(AT);
    code.local_get(NEW_SIZE).i32_add().local_tee(END);
    // Past the end of what 32 bits can count.
    code.local_get(AT).i32_lt_u().if_(BlockType::Empty).unreachable().end();
    grow_to(&mut code, END);
    code.local_get(END).global_set(top);
    code.local_get(OLD_SIZE).if_(BlockType::Empty);
    code.local_get(AT).local_get(OLD);
    code.local_get(OLD_SIZE).local_get(NEW_SIZE).local_get(OLD_SIZE).local_get(NEW_SIZE).i32_lt_u().select();
    code.memory_copy(0, 0).end();
    code.local_get(AT).end();
    function
}

/// Sees to it that there is memory up to an address that is not null.
fn grow_to(code: &mut InstructionSink<'_>, end: u32) {
    // In pages, rounded up.
    let pages = |code: &mut InstructionSink<'_>| {
        code.local_get(end).i32_const(1).i32_sub().i32_const(PAGE_BITS).i32_shr_u().i32_const(1).i32_add();
    };
    pages(code);
    code.memory_size(0).i32_gt_u().if_(BlockType::Empty);
    pages(code);
    code.memory_size(0).i32_sub().memory_grow(0).i32_const(-1).i32_eq();
    code.if_(BlockType::Empty).unreachable().end();
    code.end();
}

/// For calls that overlap: exports `memory`, `realloc` and `free`.
pub(super) fn with_free_lists() -> Module {
    let mut builder = Builder::default();
    let top = builder.global(BASE);
    let take = builder.declare(&[I32], &[I32]);
    let realloc = builder.declare(&[I32; 4], &[I32]);
    let free = builder.declare(&[I32], &[]);
    builder.define(take, take_block(top));
    builder.define(realloc, move_block(take, free));
    builder.define(free, free_block());
    builder.exports.export("memory", wasm_encoder::ExportKind::Memory, 0);
    builder.export("realloc", realloc);
    builder.export("free", free);
    builder.finish(Some(MEMORY_TYPE))
}

/// `take(size)`: a block of at least so many bytes, of those that are free if there is one.
fn take_block(top: u32) -> Function {
    const SIZE: u32 = 0;
    const POWER: u32 = 1;
    const AT: u32 = 2;
    const END: u32 = 3;
    let mut function = Function::new([(3, I32)]);
    let mut code = function.instructions();
    // More than half of what can be counted is no power of two any more.
    code.local_get(SIZE).i32_const(0x7FFF_FFF0).i32_gt_u().if_(BlockType::Empty).unreachable().end();
    code.i32_const(32).local_get(SIZE).i32_const(HEADER - 1).i32_add().i32_clz().i32_sub().local_tee(POWER);
    code.i32_const(SMALLEST).i32_lt_u().if_(BlockType::Empty).i32_const(SMALLEST).local_set(POWER).end();
    // The first of the free ones; each begins with where the next is.
    code.local_get(POWER).i32_const(2).i32_shl().i32_load(word(0)).local_tee(AT).if_(BlockType::Empty);
    code.local_get(POWER).i32_const(2).i32_shl().local_get(AT).i32_load(word(0)).i32_store(word(0));
    code.local_get(AT).return_().end();
    code.global_get(top).local_tee(AT).i32_const(1).local_get(POWER).i32_shl().i32_add().local_tee(END);
    code.local_get(AT).i32_lt_u().if_(BlockType::Empty).unreachable().end();
    grow_to(&mut code, END);
    code.local_get(END).global_set(top);
    code.local_get(AT).local_get(POWER).i32_store(word(0));
    code.local_get(AT).i32_const(HEADER).i32_add().end();
    function
}

/// `realloc(old, old size, align, new size)`. Blocks are aligned for everything.
fn move_block(take: u32, free: u32) -> Function {
    const OLD: u32 = 0;
    const OLD_SIZE: u32 = 1;
    const ALIGN: u32 = 2;
    const NEW_SIZE: u32 = 3;
    const AT: u32 = 4;
    let mut function = Function::new([(1, I32)]);
    let mut code = function.instructions();
    // What is empty takes no block.
    code.local_get(NEW_SIZE).i32_eqz().if_(BlockType::Empty);
    code.local_get(OLD_SIZE).if_(BlockType::Empty).local_get(OLD).call(free).end();
    code.local_get(ALIGN).return_().end();
    code.local_get(OLD_SIZE).i32_eqz().if_(BlockType::Empty).local_get(NEW_SIZE).call(take).return_().end();
    // It may have room where it is.
    code.i32_const(1).local_get(OLD).i32_const(HEADER).i32_sub().i32_load(word(0)).i32_shl();
    code.i32_const(HEADER).i32_sub().local_get(NEW_SIZE).i32_ge_u().if_(BlockType::Empty);
    code.local_get(OLD).return_().end();
    code.local_get(NEW_SIZE).call(take).local_tee(AT).local_get(OLD).local_get(OLD_SIZE).memory_copy(0, 0);
    code.local_get(OLD).call(free);
    code.local_get(AT).end();
    function
}

/// `free(block)`: puts it in front of the free ones of its size.
fn free_block() -> Function {
    const AT: u32 = 0;
    const LIST: u32 = 1;
    let mut function = Function::new([(1, I32)]);
    let mut code = function.instructions();
    code.local_get(AT).i32_const(HEADER).i32_sub().i32_load(word(0)).i32_const(2).i32_shl().local_set(LIST);
    code.local_get(AT).local_get(LIST).i32_load(word(0)).i32_store(word(0));
    code.local_get(LIST).local_get(AT).i32_store(word(0)).end();
    function
}
