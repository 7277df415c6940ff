//! In place of [`super::assembly`] where graviola has no assembly: no key of it is ever made.

/// Never made.
pub(super) enum Es256 {}

impl Es256 {
    pub(super) const fn new(_: &[u8]) -> Option<Self> {
        None
    }

    pub(super) const fn holds(&self, _: &[u8], _: &[u8]) -> bool {
        match *self {}
    }
}

/// Never made.
#[derive(Clone, Copy)]
pub(super) enum BasePoint {}

impl BasePoint {
    pub(super) const fn new() -> Option<Self> {
        None
    }

    pub(super) const fn times(self, _: &[u8; 32]) -> Option<[u8; 32]> {
        match self {}
    }
}

/// Never made.
pub(super) enum EdDsaSigner {}

impl EdDsaSigner {
    pub(super) const fn new(_: &[u8; 32]) -> Option<Self> {
        None
    }

    pub(super) const fn sign(&self, _: &[u8]) -> [u8; 64] {
        match *self {}
    }
}

/// Never made.
pub(super) enum EdDsa {}

impl EdDsa {
    pub(super) const fn new(_: &[u8; 32]) -> Option<Self> {
        None
    }

    pub(super) const fn holds(&self, _: &[u8], _: &[u8; 64]) -> bool {
        match *self {}
    }
}
