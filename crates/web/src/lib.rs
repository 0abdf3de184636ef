//! The Yew page: what the learner sees. It knows the messages of `podyard-view` and no engine.

mod app;
mod bridge;
mod components;
mod desk;
mod hooks;
mod markdown;
mod pages;
mod record;
mod route;
mod session;
mod state;
mod words;

use wasm_bindgen::prelude::*;

/// Puts the page into the document. Called by the module's own initialisation.
#[wasm_bindgen(start)]
pub fn start() {
    console_error_panic_hook::set_once();
    let root =
        web_sys::window().and_then(|window| window.document()).and_then(|document| document.get_element_by_id("app"));
    if let Some(root) = root {
        root.set_inner_html("");
        yew::Renderer::<app::App>::with_root(root).render();
    }
}
