//! The interfaces of `wasi:keyvalue`, over any store. The drafts differ in the types of cursors and sums.

use std::sync::Arc;

use wasmtime::{
    StoreContextMut,
    component::{ComponentType, Lift, LinkerInstance, Lower, Resource},
};

use super::store::{Store, StoreError};
use crate::plugin::{
    State,
    guest::{Handle, method, off_thread, push, resource},
};

/// How many keys `list-keys` gives at once.
const PAGE: usize = 1000;

/// A bucket in a guest's hands.
#[derive(Clone)]
struct Bucket {
    store: Arc<dyn Store>,
    name: Arc<str>,
}

/// What a key's value was when the handle was made.
#[derive(Clone)]
struct Cas {
    bucket: Bucket,
    key: String,
    seen: Option<Vec<u8>>,
}

#[derive(Debug, Clone, ComponentType, Lift, Lower)]
#[component(variant)]
enum Error {
    #[component(name = "no-such-store")]
    NoSuchStore,
    #[component(name = "access-denied")]
    AccessDenied,
    #[component(name = "other")]
    Other(String),
}

#[derive(Debug, Clone, ComponentType, Lift, Lower)]
#[component(record)]
struct KeyResponse<Cursor> {
    keys: Vec<String>,
    cursor: Option<Cursor>,
}

#[derive(ComponentType, Lower)]
#[component(variant)]
enum CasError {
    #[component(name = "store-error")]
    StoreError(Error),
    #[component(name = "cas-failed")]
    CasFailed(Resource<Cas>),
}

impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Other(error.to_string())
    }
}

impl Handle for Bucket {
    type Error = StoreError;
    type GuestError = Error;

    fn may_wait(&self) -> bool {
        self.store.may_wait()
    }
}

impl Bucket {
    fn get(&self, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        self.store.get(&self.name, key)
    }

    fn change(&self, changes: Vec<(String, Option<Vec<u8>>)>) -> Result<(), StoreError> {
        self.store.change(&self.name, changes)
    }

    fn page(&self, after: Option<&str>, skip: u64) -> Result<Vec<String>, StoreError> {
        self.store.keys(&self.name, after, skip, PAGE)
    }

    /// Numbers are kept as text, as `wasmtime serve` does.
    fn add<N: Number>(&self, key: &str, amount: N) -> Result<N, StoreError> {
        let mut sum = N::default();
        self.store.update(&self.name, key, &mut |old| {
            let old = old.map_or(Ok(N::default()), |old| {
                let text = std::str::from_utf8(old).ok();
                text.and_then(|text| text.parse().ok()).ok_or(StoreError::NotANumber)
            })?;
            sum = old.sum(amount).ok_or(StoreError::Overflow)?;
            Ok(Some(sum.to_string().into_bytes()))
        })?;
        Ok(sum)
    }
}

impl Cas {
    fn new(bucket: Bucket, key: String) -> Result<Self, StoreError> {
        let seen = bucket.get(&key)?;
        Ok(Self { bucket, key, seen })
    }

    /// Sets the value if it is still what was seen; otherwise gives a handle that has seen what it is now.
    fn swap(self, value: &[u8]) -> Result<Option<Self>, StoreError> {
        let mut now = None;
        self.bucket.store.update(&self.bucket.name, &self.key, &mut |old| {
            if old == self.seen.as_deref() {
                return Ok(Some(value.to_vec()));
            }
            now = Some(old.map(<[u8]>::to_vec));
            Ok(None)
        })?;
        Ok(now.map(|seen| Self { seen, ..self }))
    }
}

/// What can be added: unsigned in the older draft, signed in the newer.
trait Number: Copy + Default + std::fmt::Display + std::str::FromStr + Send + 'static {
    fn sum(self, other: Self) -> Option<Self>;
}

impl Number for u64 {
    fn sum(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }
}

impl Number for i64 {
    fn sum(self, other: Self) -> Option<Self> {
        self.checked_add(other)
    }
}

type Linking<'a> = LinkerInstance<'a, State>;

/// `store`.
pub(super) fn store(
    linker: &mut Linking<'_>,
    store: &Arc<dyn Store>,
    is_newer: bool,
) -> wasmtime::Result<()> {
    resource::<Bucket>(linker, "bucket")?;
    let store = Arc::clone(store);
    linker.func_wrap("open", move |mut cx: StoreContextMut<'_, State>, (name,): (String,)| {
        let bucket = Bucket { store: Arc::clone(&store), name: name.into() };
        Ok((Ok::<_, Error>(cx.data_mut().table().push(bucket)?),))
    })?;
    method(linker, "[method]bucket.get", |(bucket, key): (_, String)| {
        (bucket, move |it: &Bucket| it.get(&key))
    })?;
    method(linker, "[method]bucket.set", |(bucket, key, value): (_, String, Vec<u8>)| {
        (bucket, move |it: &Bucket| it.change(vec![(key, Some(value))]))
    })?;
    method(linker, "[method]bucket.delete", |(bucket, key): (_, String)| {
        (bucket, move |it: &Bucket| it.change(vec![(key, None)]))
    })?;
    method(linker, "[method]bucket.exists", |(bucket, key): (_, String)| {
        (bucket, move |it: &Bucket| Ok(it.get(&key)?.is_some()))
    })?;
    if is_newer {
        method(linker, "[method]bucket.list-keys", |(bucket, cursor): (_, Option<String>)| {
            (bucket, move |it: &Bucket| {
                let keys = it.page(cursor.as_deref(), 0)?;
                let cursor = keys.last().filter(|_| keys.len() == PAGE).cloned();
                Ok(KeyResponse { keys, cursor })
            })
        })
    } else {
        method(linker, "[method]bucket.list-keys", |(bucket, cursor): (_, Option<u64>)| {
            (bucket, move |it: &Bucket| {
                let start = cursor.unwrap_or(0);
                let keys = it.page(None, start)?;
                let next = start.checked_add(PAGE as u64).ok_or(StoreError::Cursor)?;
                let cursor = (keys.len() == PAGE).then_some(next);
                Ok(KeyResponse { keys, cursor })
            })
        })
    }
}

/// `atomics`.
pub(super) fn atomics(linker: &mut Linking<'_>, is_newer: bool) -> wasmtime::Result<()> {
    if !is_newer {
        return method(linker, "increment", |(bucket, key, amount): (_, String, u64)| {
            (bucket, move |it: &Bucket| it.add(&key, amount))
        });
    }
    method(linker, "increment", |(bucket, key, amount): (_, String, i64)| {
        (bucket, move |it: &Bucket| it.add(&key, amount))
    })?;
    resource::<Cas>(linker, "cas")?;
    linker.func_wrap_async(
        "[static]cas.new",
        |mut cx: StoreContextMut<'_, State>, (bucket, key): (Resource<Bucket>, String)| {
            Box::new(async move {
                let bucket = cx.data_mut().table().get(&bucket)?.clone();
                let cas = off_thread(bucket, move |bucket: &Bucket| Cas::new(bucket.clone(), key)).await?;
                Ok((push(cx.data_mut().table(), cas)?,))
            })
        },
    )?;
    linker.func_wrap(
        "[method]cas.current",
        |mut cx: StoreContextMut<'_, State>, (cas,): (Resource<Cas>,)| {
            Ok((Ok::<_, Error>(cx.data_mut().table().get(&cas)?.seen.clone()),))
        },
    )?;
    linker.func_wrap_async(
        "swap",
        |mut cx: StoreContextMut<'_, State>, (cas, value): (Resource<Cas>, Vec<u8>)| {
            Box::new(async move {
                let cas = cx.data_mut().table().delete(cas)?;
                let newer = off_thread(cas.bucket.clone(), move |_| cas.swap(&value)).await?;
                let result = match newer {
                    Ok(None) => Ok(()),
                    Ok(Some(newer)) => Err(CasError::CasFailed(cx.data_mut().table().push(newer)?)),
                    Err(error) => Err(CasError::StoreError(error)),
                };
                Ok((result,))
            })
        },
    )
}

/// `batch`. The drafts agree on it.
pub(super) fn batch(linker: &mut Linking<'_>) -> wasmtime::Result<()> {
    method(linker, "get-many", |(bucket, keys): (_, Vec<String>)| {
        (bucket, move |it: &Bucket| {
            let pair = |key: String| Ok(it.get(&key)?.map(|value| (key, value)));
            keys.into_iter().map(pair).collect::<Result<Vec<_>, StoreError>>()
        })
    })?;
    method(linker, "set-many", |(bucket, values): (_, Vec<(String, Vec<u8>)>)| {
        (bucket, move |it: &Bucket| {
            it.change(values.into_iter().map(|(key, value)| (key, Some(value))).collect())
        })
    })?;
    method(linker, "delete-many", |(bucket, keys): (_, Vec<String>)| {
        (bucket, move |it: &Bucket| it.change(keys.into_iter().map(|key| (key, None)).collect()))
    })
}
