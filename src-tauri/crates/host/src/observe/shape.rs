//! The types of a function that is observed: what it can be answered with, and which of its arguments can be
//! changed.

use std::collections::BTreeMap;

use jackfield_component::{
    Component, Signature,
    value::{Value, from_wave},
};
use jackfield_protocol::{Direction, Function, FunctionTypes, Integer, TypeGraph, TypeId, TypeKind};
use wasmtime::component::Val;

use crate::answer;

/// What an error's text says whose call was made to fail.
pub(super) const INJECTED: &str = "a failure that Jackfield was told to make";

/// A function of an import.
#[derive(Clone, Copy)]
pub(super) struct Shape<'c> {
    pub(super) function: &'c Function,
    types: &'c TypeGraph,
    signature: &'c FunctionTypes,
}

impl<'c> Shape<'c> {
    /// The function that `consumer` imports in `import`.
    pub(super) fn of(consumer: &'c Component, import: &str, function: &str) -> Option<Self> {
        let ports = &consumer.info().ports;
        let is_import = |direction| direction == Direction::Import;
        let port = ports.iter().find(|port| is_import(port.direction) && port.name == import)?;
        let function = port.functions().iter().find(|known| known.name == function)?;
        let signature = consumer.signature(port, function)?;
        Some(Self { function, types: signature.types, signature: signature.function })
    }

    /// Why it cannot be answered with a value, if it cannot.
    pub(super) fn cannot_answer(self) -> Option<String> {
        let what = Signature { types: self.types, function: self.signature }.unanswerable()?;
        Some(format!("its result always is or holds {what}, of which no value can be written down"))
    }

    /// Whether the value of a parameter can be written down.
    pub(super) fn can_change(self, param: usize) -> bool {
        self.signature.params.get(param).is_some_and(|param| !is_bound(self.types, param.ty))
    }

    /// Reads the result to answer with.
    ///
    /// # Errors
    /// Says what was expected.
    pub(super) fn answer(self, text: Option<&str>) -> Result<Option<Val>, String> {
        if let Some(reason) = self.cannot_answer() {
            return Err(reason);
        }
        match (self.signature.result, text.map(str::trim).filter(|text| !text.is_empty())) {
            (None, None) => Ok(None),
            (None, Some(_)) => Err("it has no result, so the answer is empty".to_owned()),
            (Some(_), None) => Err(format!("it needs a {}", self.result_type())),
            (Some(ty), Some(text)) => {
                let read = self.read(ty, text);
                read.map(Some).map_err(|reason| format!("no {}: {reason}", self.result_type()))
            }
        }
    }

    /// Reads what to fail with: a result, or only the error in it.
    ///
    /// # Errors
    /// Says what was expected.
    pub(super) fn failure(self, text: &str) -> Result<Option<Val>, String> {
        let answer = self.answer(Some(text));
        let Some((result, err)) = self.error_type().filter(|_| answer.is_err()) else { return answer };
        match from_wave(self.types, err, text) {
            Ok(error) => self.to_guest(result, Value::Result(Err(Some(Box::new(error))))).map(Some),
            Err(_) => answer,
        }
    }

    /// The type of its result, and of the errors in it, if it has any.
    fn error_type(self) -> Option<(TypeId, TypeId)> {
        let result = self.signature.result?;
        match self.types.kind(result) {
            TypeKind::Result { err: Some(err), .. } => Some((result, *err)),
            _ => None,
        }
    }

    /// Reads those arguments that are to be others, by their names; the rest is as it `was`, to the last byte.
    ///
    /// # Errors
    /// Says which is wrong, and what was expected.
    pub(super) fn arguments(
        self,
        texts: &BTreeMap<String, String>,
        were: &[Val],
    ) -> Result<Vec<Val>, String> {
        let params = &self.signature.params;
        let mut args = were.to_vec();
        for (name, text) in texts {
            let place = params.iter().position(|param| param.name == *name);
            let found = place.and_then(|place| Some((place, params.get(place)?, args.get_mut(place)?)));
            let Some((place, param, arg)) = found else {
                return Err(format!("there is no argument `{name}`"));
            };
            if !self.can_change(place) {
                return Err(format!("`{name}` holds a handle, and cannot be changed"));
            }
            *arg = self.read(param.ty, text).map_err(|reason| format!("`{name}`: {reason}"))?;
        }
        Ok(args)
    }

    /// The simplest error that its type has; nothing if it has none.
    pub(super) fn simplest_error(self) -> Option<Val> {
        let TypeKind::Result { err, .. } = self.types.kind(self.signature.result?) else { return None };
        let payload = match err {
            Some(ty) => Some(Box::new(simplest(self.types, *ty)?)),
            None => None,
        };
        self.to_guest(self.signature.result?, Value::Result(Err(payload))).ok()
    }

    fn result_type(self) -> &'c str {
        self.function.result.as_deref().unwrap_or_default()
    }

    fn read(self, ty: TypeId, text: &str) -> Result<Val, String> {
        let value = from_wave(self.types, ty, text).map_err(|error| error.to_string())?;
        self.to_guest(ty, value)
    }

    fn to_guest(self, ty: TypeId, value: Value) -> Result<Val, String> {
        answer::given(self.types, ty, value)
    }
}

/// Whether a value of the type belongs to an instance, so that it cannot be written down.
fn is_bound(types: &TypeGraph, ty: TypeId) -> bool {
    let of = |ty: &TypeId| is_bound(types, *ty);
    match types.kind(ty) {
        TypeKind::Own(_) | TypeKind::Borrow(_) | TypeKind::Stream(_) | TypeKind::Future(_) => true,
        TypeKind::ErrorContext => true,
        TypeKind::List(element) | TypeKind::FixedLengthList { element, .. } => of(element),
        TypeKind::Option(some) => of(some),
        TypeKind::Map { key, value } => of(key) || of(value),
        TypeKind::Result { ok, err } => ok.iter().chain(err).any(of),
        TypeKind::Tuple(parts) => parts.iter().any(of),
        TypeKind::Record(fields) => fields.iter().any(|field| of(&field.ty)),
        TypeKind::Variant(cases) => cases.iter().filter_map(|case| case.ty.as_ref()).any(of),
        _ => false,
    }
}

/// The simplest value of a type: nothing, the first case, a text that says what it is. None if it cannot be
/// written down.
fn simplest(types: &TypeGraph, ty: TypeId) -> Option<Value> {
    let all = |parts: &mut dyn Iterator<Item = TypeId>| {
        parts.map(|ty| simplest(types, ty)).collect::<Option<Vec<Value>>>()
    };
    Some(match types.kind(ty) {
        TypeKind::Bool => Value::Bool(false),
        TypeKind::Integer(integer) => zero(*integer)?,
        TypeKind::F32 => Value::F32(0.0),
        TypeKind::F64 => Value::F64(0.0),
        TypeKind::Char => Value::Char('?'),
        TypeKind::String => Value::String(INJECTED.to_owned()),
        TypeKind::List(_) => Value::List(Vec::new()),
        TypeKind::FixedLengthList { element, length } => {
            Value::FixedLengthList(vec![simplest(types, *element)?; *length as usize])
        }
        TypeKind::Map { .. } => Value::Map(Vec::new()),
        TypeKind::Option(_) => Value::Option(None),
        TypeKind::Result { ok, err } => {
            let (ok_value, err_value) = (ok.map(|ty| simplest(types, ty)), err.map(|ty| simplest(types, ty)));
            match (ok_value, err_value) {
                (_, None) => Value::Result(Err(None)),
                (_, Some(Some(err))) => Value::Result(Err(Some(Box::new(err)))),
                (None, _) => Value::Result(Ok(None)),
                (Some(ok), _) => Value::Result(Ok(Some(Box::new(ok?)))),
            }
        }
        TypeKind::Tuple(parts) => Value::Tuple(all(&mut parts.iter().copied())?),
        TypeKind::Record(fields) => {
            let values: Vec<Value> = all(&mut fields.iter().map(|field| field.ty))?;
            Value::Record(fields.iter().map(|field| field.name.clone()).zip(values).collect())
        }
        TypeKind::Variant(cases) => {
            let simple = cases.iter().find_map(|case| match case.ty {
                None => Some((case.name.clone(), None)),
                Some(ty) => Some((case.name.clone(), Some(Box::new(simplest(types, ty)?)))),
            });
            let (name, payload) = simple?;
            Value::Variant(name, payload)
        }
        TypeKind::Enum(labels) => Value::Enum(labels.first()?.name.clone()),
        TypeKind::Flags(_) => Value::Flags(Vec::new()),
        _ => return None,
    })
}

fn zero(integer: Integer) -> Option<Value> {
    Value::integer(integer, 0)
}
