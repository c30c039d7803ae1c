//! Values in memory, for as long as the workload runs.

use std::{
    collections::BTreeMap,
    ops::Bound::{Excluded, Unbounded},
    sync::{Mutex, MutexGuard, PoisonError},
};

use super::store::{Change, Store, StoreError};

pub(super) struct MemoryStore {
    limit_in_bytes: u64,
    content: Mutex<Content>,
}

#[derive(Default)]
struct Content {
    buckets: BTreeMap<String, BTreeMap<String, Vec<u8>>>,
    used_in_bytes: u64,
}

/// What an entry takes beside its key and value: about what the maps need for it.
const ENTRY_IN_BYTES: u64 = 64;

impl MemoryStore {
    pub(super) fn new(limit_in_bytes: u64) -> Self {
        Self { limit_in_bytes, content: Mutex::default() }
    }

    fn content(&self) -> MutexGuard<'_, Content> {
        self.content.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Content {
    fn value(&self, bucket: &str, key: &str) -> Option<&Vec<u8>> {
        self.buckets.get(bucket)?.get(key)
    }

    fn set(&mut self, bucket: &str, key: String, value: Option<Vec<u8>>) {
        let key_len = key.len();
        let size = |value: Option<&Vec<u8>>| {
            value.map_or(0, |value| ENTRY_IN_BYTES.saturating_add((key_len + value.len()) as u64))
        };
        let new_size = size(value.as_ref());
        let old = match value {
            Some(value) => self.buckets.entry(bucket.to_owned()).or_default().insert(key, value),
            None => self.buckets.get_mut(bucket).and_then(|bucket| bucket.remove(&key)),
        };
        let used = self.used_in_bytes.saturating_add(new_size);
        self.used_in_bytes = used.saturating_sub(size(old.as_ref()));
    }

    /// Puts everything back if the limit is passed.
    fn set_all(
        &mut self,
        bucket: &str,
        changes: Vec<(String, Option<Vec<u8>>)>,
        limit_in_bytes: u64,
    ) -> Result<(), StoreError> {
        let mut undo = Vec::with_capacity(changes.len());
        for (key, value) in changes {
            undo.push((key.clone(), self.value(bucket, &key).cloned()));
            let grows = value.is_some();
            self.set(bucket, key, value);
            if grows && self.used_in_bytes > limit_in_bytes {
                undo.into_iter().rev().for_each(|(key, value)| self.set(bucket, key, value));
                return Err(StoreError::Full { limit_in_bytes });
            }
        }
        Ok(())
    }
}

impl Store for MemoryStore {
    fn may_wait(&self) -> bool {
        false
    }

    fn get(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.content().value(bucket, key).cloned())
    }

    fn change(&self, bucket: &str, changes: Vec<(String, Option<Vec<u8>>)>) -> Result<(), StoreError> {
        self.content().set_all(bucket, changes, self.limit_in_bytes)
    }

    fn keys(
        &self,
        bucket: &str,
        after: Option<&str>,
        skip: u64,
        limit: usize,
    ) -> Result<Vec<String>, StoreError> {
        let content = self.content();
        let start = after.map_or(Unbounded, Excluded);
        let keys =
            content.buckets.get(bucket).into_iter().flat_map(|it| it.range::<str, _>((start, Unbounded)));
        let skip = usize::try_from(skip).unwrap_or(usize::MAX);
        Ok(keys.map(|(key, _)| key.clone()).skip(skip).take(limit).collect())
    }

    fn update(&self, bucket: &str, key: &str, change: &mut Change<'_>) -> Result<(), StoreError> {
        let mut content = self.content();
        let new = change(content.value(bucket, key).map(Vec::as_slice))?;
        match new {
            Some(value) => content.set_all(bucket, vec![(key.to_owned(), Some(value))], self.limit_in_bytes),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_store_that_is_full_stays_as_it_was() {
        let store = MemoryStore::new(3 * ENTRY_IN_BYTES);
        let put = |key: &str, len: usize| store.change("b", vec![(key.to_owned(), Some(vec![0; len]))]);
        assert!(put("a", 10).is_ok());
        let both = vec![("b".to_owned(), Some(vec![1])), ("c".to_owned(), Some(vec![0; 1000]))];
        assert!(matches!(store.change("b", both), Err(StoreError::Full { .. })));
        assert_eq!(store.keys("b", None, 0, 10).unwrap(), ["a"]);
        assert!(store.change("b", vec![("a".to_owned(), None)]).is_ok());
        assert_eq!(store.content().used_in_bytes, 0);
    }
}
