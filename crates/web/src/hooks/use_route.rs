//! The page's address, followed as it changes.

use gloo::events::EventListener;
use yew::prelude::*;

use crate::route::Route;

/// The route that the address names.
#[hook]
pub(crate) fn use_route() -> Route {
    let route = use_state_eq(current);
    let follow = route.clone();
    use_effect_with((), move |()| {
        let listener =
            web_sys::window().map(|window| EventListener::new(&window, "hashchange", move |_| follow.set(current())));
        move || drop(listener)
    });
    (*route).clone()
}

fn current() -> Route {
    let fragment = web_sys::window().and_then(|window| window.location().hash().ok()).unwrap_or_default();
    Route::parse(&fragment)
}
