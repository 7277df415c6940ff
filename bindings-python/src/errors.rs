//! The one way for errors into Python: an exception tree made of core's table.

use authcore::error::{Class, Code, Error, FieldError};
use authcore::settings::SettingsError;
use pyo3::exceptions::{PyException, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple, PyType};

/// The exception of each code, in the order of the table.
static EXCEPTIONS: PyOnceLock<Vec<(Code, Py<PyType>)>> = PyOnceLock::new();

/// What is wrong with one field of a body.
#[pyclass(frozen, module = "authcore", name = "FieldError")]
pub struct PyFieldError(FieldError);

#[pymethods]
impl PyFieldError {
    /// JSON pointer to the field (RFC 6901).
    #[getter]
    fn pointer(&self) -> &str {
        &self.0.pointer
    }

    /// Stable code of the reason.
    #[getter]
    fn code(&self) -> &str {
        self.0.code
    }

    /// One sentence for a person.
    #[getter]
    fn detail(&self) -> &str {
        &self.0.detail
    }

    fn __repr__(&self) -> String {
        format!("FieldError({}, {})", self.0.pointer, self.0.code)
    }
}

/// An error of core on its way to Python.
pub struct Raised(Error);

impl From<Error> for Raised {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl From<SettingsError> for Raised {
    fn from(error: SettingsError) -> Self {
        Self(Error::new(Code::InvalidSettings, error.to_string()))
    }
}

impl From<Raised> for PyErr {
    fn from(Raised(error): Raised) -> Self {
        Python::attach(|py| raised(py, error).unwrap_or_else(|failed| failed))
    }
}

fn raised(py: Python<'_>, error: Error) -> PyResult<PyErr> {
    let exceptions = EXCEPTIONS.get(py).map_or(&[][..], Vec::as_slice);
    let (_, exception) = exceptions
        .iter()
        .find(|(code, _)| *code == error.code)
        .ok_or_else(|| PyRuntimeError::new_err("an error code without an exception"))?;
    let instance = exception.bind(py).call1((error.to_string(),))?;
    instance.setattr("detail", error.detail.as_ref())?;
    let fields = error.fields.into_iter().map(|field| Py::new(py, PyFieldError(field)));
    instance.setattr("errors", PyTuple::new(py, fields.collect::<PyResult<Vec<_>>>()?)?)?;
    instance.setattr("retry_after", error.retry_after)?;
    Ok(PyErr::from_value(instance))
}

/// Makes the tree, `Error` over classes over codes, and returns its names.
///
/// A code named like its class (`unavailable`) is raised as the class itself.
pub fn add_to(module: &Bound<'_, PyModule>) -> PyResult<Vec<String>> {
    let py = module.py();
    let root = PyDict::new(py);
    root.set_item("detail", "")?;
    root.set_item("errors", PyTuple::empty(py))?;
    root.set_item("retry_after", py.None())?;
    let exception = py.get_type::<PyException>();
    let root = exception_type("Error", &exception, "A failure with a stable code.", root)?;
    let mut types = vec![("Error".to_owned(), root.clone())];
    let mut exceptions = Vec::new();
    for code in Code::ALL {
        let name = class_name(code.class());
        let class = match named(&types, &name) {
            Some(class) => class,
            None => {
                let class = exception_type(&name, &root, summary(code.class()), PyDict::new(py))?;
                types.push((name, class.clone()));
                class
            }
        };
        let name = camel_case(code.as_str());
        let exception = match named(&types, &name) {
            Some(itself) => itself,
            None => exception_type(&name, &class, code.title(), PyDict::new(py))?,
        };
        exception.setattr("code", code.as_str())?;
        exception.setattr("status", code.status())?;
        exception.setattr("title", code.title())?;
        exceptions.push((*code, exception.clone().unbind()));
        if named(&types, &name).is_none() {
            types.push((name, exception));
        }
    }
    for (name, exception) in &types {
        module.add(name.as_str(), exception)?;
    }
    // Set once: the module is initialised once in a process.
    EXCEPTIONS
        .set(py, exceptions)
        .map_err(|_| PyRuntimeError::new_err("authcore was initialised twice"))?;
    Ok(types.into_iter().map(|(name, _)| name).collect())
}

fn named<'py>(types: &[(String, Bound<'py, PyType>)], name: &str) -> Option<Bound<'py, PyType>> {
    types.iter().find(|(known, _)| known == name).map(|(_, class)| class.clone())
}

fn exception_type<'py>(
    name: &str,
    base: &Bound<'py, PyType>,
    doc: &str,
    body: Bound<'py, PyDict>,
) -> PyResult<Bound<'py, PyType>> {
    body.set_item("__module__", "authcore")?;
    body.set_item("__doc__", doc)?;
    let class = base.py().get_type::<PyType>().call1((name, (base,), body))?;
    Ok(class.cast_into::<PyType>()?)
}

fn class_name(class: Class) -> String {
    format!("{class:?}")
}

const fn summary(class: Class) -> &'static str {
    match class {
        Class::Invalid => "The request is malformed or does not fit.",
        Class::Unauthenticated => "Nobody is proved to be there.",
        Class::Forbidden => "Somebody is there, and may not.",
        Class::Conflict => "The request contradicts what is stored.",
        Class::Throttled => "Too many tries.",
        Class::Unavailable => "The service cannot answer now; the same request may work later.",
        Class::Internal => "A fault of the service or of its configuration.",
    }
}

/// `invalid_credentials` as `InvalidCredentials`.
fn camel_case(code: &str) -> String {
    let word = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().map(|letter| letter.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    };
    code.split('_').map(word).collect()
}
