//! What the two components have in common: the drafts differ in few places, and not in these.

use crate::bindings::exports::samples::plugins::{messages, settings, shelf};
use crate::bindings::wasi::keyvalue::{batch, store};
use crate::{Guest, config, keys_page, logging, sum};

impl settings::Guest for Guest {
    fn get(key: String) -> Result<Option<String>, String> {
        config::get(&key).map_err(|error| format!("{error:?}"))
    }

    fn get_all() -> Result<Vec<(String, String)>, String> {
        config::get_all().map_err(|error| format!("{error:?}"))
    }
}

impl messages::Guest for Guest {
    fn log(level: messages::Level, context: String, message: String) {
        let level = match level {
            messages::Level::Trace => logging::Level::Trace,
            messages::Level::Debug => logging::Level::Debug,
            messages::Level::Info => logging::Level::Info,
            messages::Level::Warn => logging::Level::Warn,
            messages::Level::Error => logging::Level::Error,
            messages::Level::Critical => logging::Level::Critical,
        };
        logging::log(level, &context, &message);
    }
}

impl shelf::Guest for Guest {
    fn put(bucket: String, key: String, value: String) -> Result<(), String> {
        open(&bucket)?.set(&key, value.as_bytes()).map_err(text)
    }

    fn get(bucket: String, key: String) -> Result<Option<String>, String> {
        open(&bucket)?.get(&key).map_err(text)?.map(utf8).transpose()
    }

    fn has(bucket: String, key: String) -> Result<bool, String> {
        open(&bucket)?.exists(&key).map_err(text)
    }

    fn remove(bucket: String, key: String) -> Result<(), String> {
        open(&bucket)?.delete(&key).map_err(text)
    }

    fn keys(bucket: String) -> Result<Vec<String>, String> {
        let bucket = open(&bucket)?;
        let (mut keys, mut cursor) = (Vec::new(), None);
        loop {
            let page = keys_page(&bucket, cursor).map_err(text)?;
            keys.extend(page.keys);
            if page.cursor.is_none() {
                return Ok(keys);
            }
            cursor = page.cursor;
        }
    }

    fn add(bucket: String, key: String, amount: i64) -> Result<i64, String> {
        sum(&open(&bucket)?, &key, amount)
    }

    fn put_many(bucket: String, values: Vec<(String, String)>) -> Result<(), String> {
        let values: Vec<_> = values.into_iter().map(|(key, value)| (key, value.into_bytes())).collect();
        batch::set_many(&open(&bucket)?, &values).map_err(text)
    }

    fn get_many(bucket: String, keys: Vec<String>) -> Result<Vec<Option<String>>, String> {
        let found = batch::get_many(&open(&bucket)?, &keys).map_err(text)?;
        found.into_iter().map(|pair| pair.map(|(_, value)| utf8(value)).transpose()).collect()
    }

    fn remove_many(bucket: String, keys: Vec<String>) -> Result<(), String> {
        batch::delete_many(&open(&bucket)?, &keys).map_err(text)
    }

    fn fill(bucket: String, count: u32) -> Result<(), String> {
        let bucket = open(&bucket)?;
        (0..count).try_for_each(|n| bucket.set(&format!("item-{n}"), n.to_string().as_bytes()).map_err(text))
    }
}

pub(crate) fn open(bucket: &str) -> Result<store::Bucket, String> {
    store::open(bucket).map_err(text)
}

pub(crate) fn text(error: store::Error) -> String {
    match error {
        store::Error::NoSuchStore => "no such store".to_owned(),
        store::Error::AccessDenied => "access denied".to_owned(),
        store::Error::Other(text) => text,
    }
}

fn utf8(bytes: Vec<u8>) -> Result<String, String> {
    String::from_utf8(bytes).map_err(|error| error.to_string())
}
