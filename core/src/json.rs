//! One strict JSON reader for bodies and tokens, and typed access to its values.
