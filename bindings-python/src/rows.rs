//! Batches on their way to Python, rows on their way back.

use authcore::effect::{Batch, Dialect, Mode, Rows, Value};
use pyo3::prelude::*;
use pyo3::types::{PyList, PyString, PyTuple};

/// Statements to run in one transaction.
#[pyclass(frozen, module = "authcore._authcore", name = "Batch")]
pub struct PyBatch {
    mode: &'static str,
    statements: Py<PyList>,
}

#[pymethods]
impl PyBatch {
    /// `read` or `write`.
    #[getter]
    const fn mode(&self) -> &'static str {
        self.mode
    }

    /// Text and parameters of each statement.
    #[getter]
    fn statements(&self, py: Python<'_>) -> Py<PyList> {
        self.statements.clone_ref(py)
    }
}

/// A batch for Python.
pub fn batch(py: Python<'_>, batch: &Batch) -> PyResult<PyBatch> {
    let mode = match batch.mode {
        Mode::Read => "read",
        Mode::Write => "write",
    };
    let statement = |statement: &authcore::effect::Statement| {
        let params = statement.params.iter().map(|value| parameter(py, value));
        let params = PyTuple::new(py, params.collect::<PyResult<Vec<_>>>()?)?;
        // Interned: sqlite3 finds its prepared statement by this very object.
        Ok((PyString::intern(py, &statement.sql(Dialect::Sqlite)), params))
    };
    let statements = batch.statements.iter().map(statement).collect::<PyResult<Vec<_>>>()?;
    Ok(PyBatch { mode, statements: PyList::new(py, statements)?.unbind() })
}

fn parameter<'py>(py: Python<'py>, value: &Value) -> PyResult<Bound<'py, PyAny>> {
    Ok(match value {
        Value::Null => py.None().into_bound(py),
        Value::Integer(integer) => integer.into_pyobject(py)?.into_any(),
        Value::Text(text) => text.into_pyobject(py)?.into_any(),
    })
}

/// The rows of each statement, as sqlite3 gives them.
pub fn rows(given: Vec<Vec<Bound<'_, PyTuple>>>) -> PyResult<Vec<Rows>> {
    let row = |row: Bound<'_, PyTuple>| row.iter().map(|value| cell(&value)).collect();
    given.into_iter().map(|rows| rows.into_iter().map(row).collect()).collect()
}

fn cell(value: &Bound<'_, PyAny>) -> PyResult<Value> {
    if value.is_none() {
        return Ok(Value::Null);
    }
    match value.cast::<PyString>() {
        Ok(text) => Ok(Value::Text(text.to_cow()?.into_owned())),
        Err(_) => value.extract().map(Value::Integer),
    }
}
