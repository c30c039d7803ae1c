//! Values between Jackfield's form, which can be written down, and Wasmtime's.
//!
//! Both have a case for each of WIT's types, so this is a walk through them. Only handles are another
//! matter: here they are numbers, there they are resources of one store, and [`Handles`] knows which is
//! which.

use std::collections::{BTreeMap, HashMap};

use jackfield_component::value::Value;
use jackfield_protocol::{TypeGraph, TypeId, TypeKind};
use wasmtime::component::{ResourceAny, Type, Val};

use crate::function::CallError;

/// The handles of a session.
#[derive(Debug, Default)]
pub(crate) struct Handles {
    held: BTreeMap<u64, Held>,
    last: u64,
    /// What became of those that it holds no longer: the newest, and no more of them than can be told.
    gone: BTreeMap<u64, Gone>,
}

/// So many handles are remembered that a session holds no longer.
const MAX_GONE: usize = 1000;

/// What became of a handle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gone {
    /// It was given to this function, which took it as its own.
    Given(String),
    /// It was dropped.
    Dropped,
}

/// A resource that a session holds.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    resource: ResourceAny,
    /// What WIT calls it.
    name: String,
}

impl Handles {
    /// The handles with their resources: `#1 (bucket)`.
    pub(crate) fn list(&self) -> Vec<String> {
        self.held.iter().map(|(number, held)| format!("#{number} ({})", held.name)).collect()
    }

    /// Takes a handle out, to drop it.
    pub(crate) fn remove(&mut self, handle: u64) -> Result<ResourceAny, CallError> {
        let held = self.held.remove(&handle).ok_or_else(|| self.missing(handle))?;
        self.remember(handle, Gone::Dropped);
        Ok(held.resource)
    }

    /// Holds no longer what a call of `function` was given as its own.
    pub(crate) fn give(&mut self, given: &[u64], function: &str) {
        for handle in given {
            self.held.remove(handle);
            self.remember(*handle, Gone::Given(function.to_owned()));
        }
    }

    fn remember(&mut self, handle: u64, gone: Gone) {
        self.gone.insert(handle, gone);
        if self.gone.len() > MAX_GONE {
            self.gone.pop_first();
        }
    }

    /// The number of a resource that the session holds.
    fn number_of(&self, resource: ResourceAny) -> Option<(u64, &Held)> {
        self.held.iter().find(|(_, held)| held.resource == resource).map(|(number, held)| (*number, held))
    }

    /// Sees to it that each handle among the arguments of a call is one of the resource that is asked for there.
    /// Wasmtime would say so, too, but only once the call has begun, and that ends the session.
    ///
    /// # Errors
    /// Names the first that is of another resource.
    pub(crate) fn check<'a>(
        &self,
        params: impl Iterator<Item = (&'a str, Type)>,
        args: &[Val],
    ) -> Result<(), CallError> {
        for ((param, ty), arg) in params.zip(args) {
            if let Some((handle, held)) = misfit(&ty, arg).and_then(|resource| self.number_of(resource)) {
                return Err(CallError::OtherHandle {
                    handle,
                    resource: held.name.clone(),
                    param: param.to_owned(),
                });
            }
        }
        Ok(())
    }

    fn missing(&self, handle: u64) -> CallError {
        CallError::NoHandle { handle, gone: self.gone.get(&handle).cloned(), known: self.list() }
    }

    fn add(&mut self, resource: ResourceAny, name: &str) -> u64 {
        self.last += 1;
        self.held.insert(self.last, Held { resource, name: name.to_owned() });
        self.last
    }
}

/// Brings values to Wasmtime, and remembers which handles they give away.
pub(crate) struct ToGuest<'a> {
    pub(crate) types: &'a TypeGraph,
    pub(crate) handles: &'a Handles,
    /// Handles that are owned by the callee from then on.
    pub(crate) given: Vec<u64>,
    /// Handles that are lent to the callee.
    lent: Vec<u64>,
}

impl<'a> ToGuest<'a> {
    pub(crate) fn new(types: &'a TypeGraph, handles: &'a Handles) -> Self {
        Self { types, handles, given: Vec::new(), lent: Vec::new() }
    }

    /// Whether any of the values was a handle.
    pub(crate) fn has_handles(&self) -> bool {
        !self.given.is_empty() || !self.lent.is_empty()
    }

    /// # Errors
    /// If there is no such handle, or one is given away twice. Also for a value of another type, which
    /// nobody makes.
    pub(crate) fn value(&mut self, ty: TypeId, value: Value) -> Result<Val, CallError> {
        Ok(match value {
            Value::Bool(value) => Val::Bool(value),
            Value::U8(value) => Val::U8(value),
            Value::S8(value) => Val::S8(value),
            Value::U16(value) => Val::U16(value),
            Value::S16(value) => Val::S16(value),
            Value::U32(value) => Val::U32(value),
            Value::S32(value) => Val::S32(value),
            Value::U64(value) => Val::U64(value),
            Value::S64(value) => Val::S64(value),
            Value::F32(value) => Val::Float32(value),
            Value::F64(value) => Val::Float64(value),
            Value::Char(value) => Val::Char(value),
            Value::String(value) => Val::String(value),
            Value::Enum(name) => Val::Enum(name),
            Value::Flags(names) => Val::Flags(names),
            Value::List(values) => Val::List(self.values(ty, values)?),
            Value::FixedLengthList(values) => Val::FixedLengthList(self.values(ty, values)?),
            Value::Tuple(values) => Val::Tuple(self.values(ty, values)?),
            Value::Map(entries) => Val::Map(self.entries(ty, entries)?),
            Value::Record(fields) => Val::Record(self.fields(ty, fields)?),
            Value::Variant(name, payload) => {
                let payload = self.boxed(self.case(ty, &name), payload)?;
                Val::Variant(name, payload)
            }
            Value::Option(value) => Val::Option(self.boxed(Parts::of(self.types, ty).at(0), value)?),
            Value::Result(Ok(value)) => Val::Result(Ok(self.boxed(self.case(ty, "ok"), value)?)),
            Value::Result(Err(value)) => Val::Result(Err(self.boxed(self.case(ty, "err"), value)?)),
            Value::Handle(handle) => self.handle(ty, handle)?,
        })
    }

    fn handle(&mut self, ty: TypeId, handle: u64) -> Result<Val, CallError> {
        let held = self.handles.held.get(&handle).ok_or_else(|| self.handles.missing(handle))?;
        let is_given = matches!(self.types.kind(ty), TypeKind::Own(_));
        if self.given.contains(&handle) || is_given && self.lent.contains(&handle) {
            return Err(CallError::HandleGivenTwice { handle });
        }
        if is_given { &mut self.given } else { &mut self.lent }.push(handle);
        Ok(Val::Resource(held.resource))
    }

    /// Of a tuple each has its own type, of a list all have the first.
    fn values(&mut self, ty: TypeId, values: Vec<Value>) -> Result<Vec<Val>, CallError> {
        let parts = Parts::of(self.types, ty);
        values.into_iter().enumerate().map(|(place, value)| self.value(parts.at(place), value)).collect()
    }

    fn entries(&mut self, ty: TypeId, entries: Vec<(Value, Value)>) -> Result<Vec<(Val, Val)>, CallError> {
        let parts = Parts::of(self.types, ty);
        let entry = |(key, value)| Ok((self.value(parts.at(0), key)?, self.value(parts.at(1), value)?));
        entries.into_iter().map(entry).collect()
    }

    fn fields(&mut self, ty: TypeId, fields: Vec<(String, Value)>) -> Result<Vec<(String, Val)>, CallError> {
        let parts = Parts::of(self.types, ty);
        let fields = fields.into_iter().enumerate();
        fields.map(|(place, (name, value))| Ok((name, self.value(parts.at(place), value)?))).collect()
    }

    fn boxed(&mut self, ty: TypeId, value: Option<Box<Value>>) -> Result<Option<Box<Val>>, CallError> {
        value.map(|value| self.value(ty, *value).map(Box::new)).transpose()
    }

    fn case(&self, ty: TypeId, name: &str) -> TypeId {
        payload(self.types, ty, name).unwrap_or(ty)
    }
}

/// The first handle in a value that is one of another resource than its type asks for.
fn misfit(ty: &Type, val: &Val) -> Option<ResourceAny> {
    let of = |ty: Option<Type>, val: Option<&Val>| misfit(&ty?, val?);
    match (ty, val) {
        (Type::Own(wanted) | Type::Borrow(wanted), Val::Resource(resource)) => {
            (resource.ty() != *wanted).then_some(*resource)
        }
        (Type::List(list), Val::List(values)) => values.iter().find_map(|value| misfit(&list.ty(), value)),
        (Type::FixedLengthList(list), Val::FixedLengthList(values)) => {
            values.iter().find_map(|value| misfit(&list.ty(), value))
        }
        (Type::Map(map), Val::Map(entries)) => entries
            .iter()
            .find_map(|(key, value)| misfit(&map.key(), key).or_else(|| misfit(&map.value(), value))),
        (Type::Tuple(tuple), Val::Tuple(values)) => {
            tuple.types().zip(values).find_map(|(ty, value)| misfit(&ty, value))
        }
        (Type::Record(record), Val::Record(fields)) => {
            record.fields().zip(fields).find_map(|(field, (_, value))| misfit(&field.ty, value))
        }
        (Type::Variant(variant), Val::Variant(name, value)) => {
            let case = variant.cases().find(|case| case.name == name);
            of(case.and_then(|case| case.ty), value.as_deref())
        }
        (Type::Option(option), Val::Option(value)) => of(Some(option.ty()), value.as_deref()),
        (Type::Result(result), Val::Result(Ok(value))) => of(result.ok(), value.as_deref()),
        (Type::Result(result), Val::Result(Err(value))) => of(result.err(), value.as_deref()),
        _ => None,
    }
}

/// Brings values from Wasmtime, and gives handles names.
pub(crate) struct FromGuest<'a> {
    pub(crate) types: &'a TypeGraph,
    pub(crate) handles: &'a mut Handles,
}

impl FromGuest<'_> {
    /// None for what cannot be written down: streams, futures, error contexts.
    pub(crate) fn value(&mut self, ty: TypeId, value: Val) -> Option<Value> {
        Some(match value {
            Val::Bool(value) => Value::Bool(value),
            Val::U8(value) => Value::U8(value),
            Val::S8(value) => Value::S8(value),
            Val::U16(value) => Value::U16(value),
            Val::S16(value) => Value::S16(value),
            Val::U32(value) => Value::U32(value),
            Val::S32(value) => Value::S32(value),
            Val::U64(value) => Value::U64(value),
            Val::S64(value) => Value::S64(value),
            Val::Float32(value) => Value::F32(value),
            Val::Float64(value) => Value::F64(value),
            Val::Char(value) => Value::Char(value),
            Val::String(value) => Value::String(value),
            Val::Enum(name) => Value::Enum(name),
            Val::Flags(names) => Value::Flags(self.flags(ty, &names)),
            Val::List(values) => Value::List(self.values(ty, values)?),
            Val::FixedLengthList(values) => Value::FixedLengthList(self.values(ty, values)?),
            Val::Tuple(values) => Value::Tuple(self.values(ty, values)?),
            Val::Map(entries) => Value::Map(self.entries(ty, entries)?),
            Val::Record(fields) => Value::Record(self.fields(ty, fields)?),
            Val::Variant(name, payload) => {
                let payload = self.boxed(self.case(ty, &name), payload)?;
                Value::Variant(name, payload)
            }
            Val::Option(value) => Value::Option(self.boxed(Parts::of(self.types, ty).at(0), value)?),
            Val::Result(Ok(value)) => Value::Result(Ok(self.boxed(self.case(ty, "ok"), value)?)),
            Val::Result(Err(value)) => Value::Result(Err(self.boxed(self.case(ty, "err"), value)?)),
            Val::Resource(resource) => {
                Value::Handle(self.handles.add(resource, resource_name(self.types, ty)))
            }
            Val::Future(_) | Val::Stream(_) | Val::ErrorContext(_) => return None,
        })
    }

    /// Those that are set, in the order of the type.
    fn flags(&self, ty: TypeId, set: &[String]) -> Vec<String> {
        let TypeKind::Flags(labels) = self.types.kind(ty) else { return set.to_vec() };
        labels.iter().map(|label| label.name.clone()).filter(|name| set.contains(name)).collect()
    }

    fn values(&mut self, ty: TypeId, values: Vec<Val>) -> Option<Vec<Value>> {
        let parts = Parts::of(self.types, ty);
        values.into_iter().enumerate().map(|(place, value)| self.value(parts.at(place), value)).collect()
    }

    /// Of equal keys the last counts.
    fn entries(&mut self, ty: TypeId, entries: Vec<(Val, Val)>) -> Option<Vec<(Value, Value)>> {
        let mut read: Vec<(Value, Value)> = Vec::with_capacity(entries.len());
        let mut places = HashMap::new();
        let parts = Parts::of(self.types, ty);
        for (key, value) in entries {
            let (key, value) = (self.value(parts.at(0), key)?, self.value(parts.at(1), value)?);
            let place = *places.entry(key.to_string()).or_insert(read.len());
            match read.get_mut(place) {
                Some(known) => known.1 = value,
                None => read.push((key, value)),
            }
        }
        Some(read)
    }

    fn fields(&mut self, ty: TypeId, fields: Vec<(String, Val)>) -> Option<Vec<(String, Value)>> {
        let parts = Parts::of(self.types, ty);
        let fields = fields.into_iter().enumerate();
        fields.map(|(place, (name, value))| Some((name, self.value(parts.at(place), value)?))).collect()
    }

    /// None if there is a payload that cannot be written.
    #[expect(clippy::option_option, reason = "a case may have no payload, and a payload no written form")]
    fn boxed(&mut self, ty: TypeId, value: Option<Box<Val>>) -> Option<Option<Box<Value>>> {
        match value {
            Some(value) => self.value(ty, *value).map(|value| Some(Box::new(value))),
            None => Some(None),
        }
    }

    fn case(&self, ty: TypeId, name: &str) -> TypeId {
        payload(self.types, ty, name).unwrap_or(ty)
    }
}

/// The types that a type is made of.
struct Parts {
    whole: TypeId,
    parts: Vec<TypeId>,
    has_one_for_all: bool,
}

impl Parts {
    fn of(types: &TypeGraph, whole: TypeId) -> Self {
        let kind = types.kind(whole);
        let has_one_for_all = matches!(kind, TypeKind::List(_) | TypeKind::FixedLengthList { .. });
        Self { whole, parts: kind.parts(), has_one_for_all }
    }

    /// The type of the part at this place.
    fn at(&self, place: usize) -> TypeId {
        let place = if self.has_one_for_all { 0 } else { place };
        self.parts.get(place).copied().unwrap_or(self.whole)
    }
}

fn resource_name(types: &TypeGraph, ty: TypeId) -> &str {
    match types.kind(ty) {
        TypeKind::Own(name) | TypeKind::Borrow(name) => name,
        _ => "resource",
    }
}

/// The type of what comes with a case.
fn payload(types: &TypeGraph, ty: TypeId, name: &str) -> Option<TypeId> {
    match types.kind(ty) {
        TypeKind::Variant(cases) => cases.iter().find(|case| case.name == name)?.ty,
        TypeKind::Result { ok, .. } if name == "ok" => *ok,
        TypeKind::Result { err, .. } => *err,
        _ => None,
    }
}
