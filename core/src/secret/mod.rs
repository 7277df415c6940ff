//! Secrets: key ring, sealing, keyed hashes, typed tokens, labelled random streams.
