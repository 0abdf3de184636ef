//! One file a page.

pub(crate) mod catalogue;
pub(crate) mod scenario;
