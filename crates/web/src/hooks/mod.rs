//! What components share: the address, the desk of an exercise, and the keyboard.

mod use_desk;
mod use_keys;
mod use_route;

pub(crate) use use_desk::use_desk;
pub(crate) use use_keys::use_keys;
pub(crate) use use_route::use_route;
