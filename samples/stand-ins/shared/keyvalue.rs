//! `wasi:keyvalue` over values, as both drafts have it: they differ in few places, and not in these.

use crate::bindings::exports::wasi::keyvalue::{atomics, batch, store};
use crate::values;

pub(crate) struct Keyvalue;

/// A bucket by its name. Every name is one.
pub(crate) struct Bucket(pub(crate) String);

pub(crate) fn other(reason: impl ToString) -> store::Error {
    store::Error::Other(reason.to_string())
}

impl Bucket {
    /// All keys, in one page.
    pub(crate) fn keys(&self) -> Result<Vec<String>, store::Error> {
        values::keys(&self.0).map_err(other)
    }
}

impl store::Guest for Keyvalue {
    type Bucket = Bucket;

    fn open(identifier: String) -> Result<store::Bucket, store::Error> {
        Ok(store::Bucket::new(Bucket(identifier)))
    }
}

impl store::GuestBucket for Bucket {
    fn get(&self, key: String) -> Result<Option<Vec<u8>>, store::Error> {
        values::get(&self.0, &key).map_err(other)
    }

    fn set(&self, key: String, value: Vec<u8>) -> Result<(), store::Error> {
        values::set(&self.0, &key, Some(value)).map_err(other)
    }

    fn delete(&self, key: String) -> Result<(), store::Error> {
        values::set(&self.0, &key, None).map_err(other)
    }

    fn exists(&self, key: String) -> Result<bool, store::Error> {
        Ok(values::get(&self.0, &key).map_err(other)?.is_some())
    }

    fn list_keys(&self, cursor: Option<crate::Cursor>) -> Result<store::KeyResponse, store::Error> {
        match cursor {
            None => Ok(store::KeyResponse { keys: self.keys()?, cursor: None }),
            Some(_) => Err(other("the cursor is not one that `list-keys` returned")),
        }
    }
}

/// Adds to a number, which is kept as text, and is `zero` if there is none.
pub(crate) fn add<N: std::str::FromStr + ToString + Default>(
    bucket: &Bucket,
    key: &str,
    sum: impl Fn(N) -> Option<N>,
) -> Result<N, store::Error> {
    let old = values::get(&bucket.0, key).map_err(other)?;
    let number = old.map_or_else(
        || Some(N::default()),
        |old| std::str::from_utf8(&old).ok().and_then(|text| text.parse().ok()),
    );
    let number = number.ok_or_else(|| other("the value is not a number, so nothing can be added to it"))?;
    let sum = sum(number).ok_or_else(|| other("the sum is beyond what a 64-bit number can hold"))?;
    values::set(&bucket.0, key, Some(sum.to_string().into_bytes())).map_err(other)?;
    Ok(sum)
}

impl batch::Guest for Keyvalue {
    fn get_many(
        bucket: store::BucketBorrow<'_>,
        keys: Vec<String>,
    ) -> Result<Vec<Option<(String, Vec<u8>)>>, store::Error> {
        let bucket = &bucket.get::<Bucket>().0;
        let pair = |key: String| Ok(values::get(bucket, &key).map_err(other)?.map(|value| (key, value)));
        keys.into_iter().map(pair).collect()
    }

    fn set_many(
        bucket: store::BucketBorrow<'_>,
        key_values: Vec<(String, Vec<u8>)>,
    ) -> Result<(), store::Error> {
        let bucket = &bucket.get::<Bucket>().0;
        let mut pairs = key_values.into_iter();
        pairs.try_for_each(|(key, value)| values::set(bucket, &key, Some(value)).map_err(other))
    }

    fn delete_many(bucket: store::BucketBorrow<'_>, keys: Vec<String>) -> Result<(), store::Error> {
        let bucket = &bucket.get::<Bucket>().0;
        keys.iter().try_for_each(|key| values::set(bucket, key, None).map_err(other))
    }
}

/// For what only one of the drafts has.
pub(crate) type Atomics<T> = Result<T, atomics::Error>;
