//! Where a request comes from: moment, seed and peer address.
