//! One file a page.

pub(crate) mod catalogue;
pub(crate) mod modelled;
pub(crate) mod scenario;
