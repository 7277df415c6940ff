//! Identifiers: UUIDv7 (RFC 9562 §5.7) as lower-case text, one type per table.
