//! JSON values as Python holds them: plain ones go over as they are, without a text between.
//!
//! Only what `json.dumps` would write and core would read to the same value is taken here: `dict`
//! with names of type `str`, `list`, `str`, `bool`, `None`, and integers that are exact everywhere.
//! Whatever else there is, subclasses, floats, tuples, other keys and what no JSON can say, goes
//! through `json.dumps` as before: its rules and its errors are Python's own.

use authcore::json::{Object, Value};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyBool, PyDict, PyInt, PyList, PyNone, PyString};

/// The names of registered claims (RFC 7519 §4.1). Python has one object for each that stands in a
/// program's text, so that it is known by its place and need not be read or made.
const NAMES: [&str; 7] = ["aud", "exp", "iat", "iss", "jti", "nbf", "sub"];

/// How many levels are taken; what is deeper, or holds itself, is left to `json.dumps`.
const LEVELS: u8 = 8;

/// The object that a plain dict is; `None` if anything in it is not plain.
pub fn plain_object(given: &Bound<'_, PyDict>) -> Option<Object> {
    object(given, LEVELS)
}

fn object(given: &Bound<'_, PyDict>, levels: u8) -> Option<Object> {
    let levels = levels.checked_sub(1)?;
    let kept = kept(given.py());
    let mut members = Vec::with_capacity(given.len());
    for (name, value) in given {
        let name = match NAMES.iter().zip(kept).find(|(_, kept)| name.is(*kept)) {
            Some((known, _)) => (*known).to_owned(),
            None => text(name.cast_exact::<PyString>().ok()?)?,
        };
        members.push((name, plain(&value, levels)?));
    }
    Object::of(members)
}

fn plain(given: &Bound<'_, PyAny>, levels: u8) -> Option<Value> {
    if let Ok(text) = given.cast_exact::<PyString>() {
        self::text(text).map(Value::String)
    } else if let Ok(integer) = given.cast_exact::<PyInt>() {
        Value::integer(integer.extract().ok()?)
    } else if let Ok(list) = given.cast_exact::<PyList>() {
        let levels = levels.checked_sub(1)?;
        list.iter().map(|item| plain(&item, levels)).collect::<Option<_>>().map(Value::Array)
    } else if let Ok(dict) = given.cast_exact::<PyDict>() {
        object(dict, levels).map(Value::Object)
    } else if let Ok(truth) = given.cast_exact::<PyBool>() {
        Some(Value::Bool(truth.is_true()))
    } else if given.is_none() {
        Some(Value::Null)
    } else {
        None
    }
}

/// Python's objects for [`NAMES`].
fn kept(py: Python<'_>) -> &'static [Py<PyString>; NAMES.len()] {
    static KEPT: PyOnceLock<[Py<PyString>; NAMES.len()]> = PyOnceLock::new();
    KEPT.get_or_init(py, || NAMES.map(|name| PyString::intern(py, name).unbind()))
}

/// Text that is well-formed Unicode.
fn text(given: &Bound<'_, PyString>) -> Option<String> {
    given.to_cow().ok().map(Into::into)
}

/// A dict of claims that core has verified, its members sorted: the same order on every host.
pub fn dict<'py>(py: Python<'py>, object: &Object) -> PyResult<Bound<'py, PyDict>> {
    let mut members: Vec<(&str, &Value)> = object.iter().collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    let (dict, kept) = (PyDict::new(py), kept(py));
    for (name, value) in members {
        let value = self::value(py, value)?;
        match NAMES.iter().zip(kept).find(|(known, _)| **known == name) {
            Some((_, kept)) => dict.set_item(kept, value)?,
            None => dict.set_item(name, value)?,
        }
    }
    Ok(dict)
}

fn value<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => PyNone::get(py).to_owned().into_any(),
        Value::Bool(truth) => PyBool::new(py, *truth).to_owned().into_any(),
        Value::Integer(integer) => integer.into_pyobject(py)?.into_any(),
        // No verified claim is one: core refuses it.
        Value::Number(_) => return Err(PyValueError::new_err("a number that hosts read apart")),
        Value::String(text) => PyString::new(py, text).into_any(),
        Value::Array(items) => {
            let items = items.iter().map(|item| self::value(py, item));
            PyList::new(py, items.collect::<PyResult<Vec<_>>>()?)?.into_any()
        }
        Value::Object(object) => dict(py, object)?.into_any(),
    })
}
