//! The JavaScript half, as `www/src/page.js` puts it on `globalThis.podyard`.

use js_sys::{Array, Function, Promise};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::JsFuture;
use web_sys::Element;

#[wasm_bindgen]
extern "C" {
    // The engine's worker.
    #[wasm_bindgen(js_namespace = podyard, js_name = engineStart)]
    pub(crate) fn engine_start(messages: &Function, failure: &Function);
    #[wasm_bindgen(js_namespace = podyard, js_name = enginePost)]
    pub(crate) fn engine_post(json: &str, patience_ms: f64);
    #[wasm_bindgen(js_namespace = podyard, js_name = engineCalm)]
    pub(crate) fn engine_calm();
    #[wasm_bindgen(js_namespace = podyard, js_name = engineStop)]
    pub(crate) fn engine_stop();

    // Terminals.
    #[wasm_bindgen(js_namespace = podyard, js_name = terminalMount)]
    pub(crate) fn terminal_mount(console: u32, element: &Element, on_data: &Function, on_resize: &Function);
    #[wasm_bindgen(js_namespace = podyard, js_name = terminalUnmount)]
    pub(crate) fn terminal_unmount(console: u32);
    #[wasm_bindgen(js_namespace = podyard, js_name = terminalWrite)]
    pub(crate) fn terminal_write(console: u32, text: &str);
    #[wasm_bindgen(js_namespace = podyard, js_name = terminalReset)]
    pub(crate) fn terminal_reset(console: u32);
    #[wasm_bindgen(js_namespace = podyard, js_name = terminalFocus)]
    pub(crate) fn terminal_focus(console: u32);
    #[wasm_bindgen(js_namespace = podyard, js_name = screenReader)]
    pub(crate) fn screen_reader() -> bool;
    #[wasm_bindgen(js_namespace = podyard, js_name = screenReaderSet)]
    pub(crate) fn screen_reader_set(on: bool);

    // Storage and locks.
    #[wasm_bindgen(js_namespace = podyard, js_name = recordRead)]
    fn record_read_js(path: &str) -> Promise;
    #[wasm_bindgen(js_namespace = podyard, js_name = recordWrite)]
    fn record_write_js(path: &str, checkpoint: Option<String>, tail: &str) -> Promise;
    #[wasm_bindgen(js_namespace = podyard, js_name = recordRemove)]
    fn record_remove_js(path: &str) -> Promise;
    #[wasm_bindgen(js_namespace = podyard, js_name = recordSetAside)]
    fn record_set_aside_js(path: &str) -> Promise;
    #[wasm_bindgen(js_namespace = podyard, js_name = asideText)]
    fn aside_text_js(path: &str) -> Promise;
    #[wasm_bindgen(js_namespace = podyard, js_name = lateWrite)]
    pub(crate) fn late_write(path: &str, tail: &str);
    #[wasm_bindgen(js_namespace = podyard, js_name = lockTake)]
    fn lock_take_js(path: &str, steal: bool, on_lost: &Function) -> Promise;
    #[wasm_bindgen(js_namespace = podyard, js_name = lockRelease)]
    pub(crate) fn lock_release(path: &str);

    // The browser.
    #[wasm_bindgen(js_namespace = podyard, js_name = fetchText)]
    fn fetch_text_js(url: &str) -> Promise;
    #[wasm_bindgen(js_namespace = podyard)]
    pub(crate) fn setting(name: &str) -> String;
    #[wasm_bindgen(js_namespace = podyard, js_name = settingPut)]
    pub(crate) fn setting_put(name: &str, value: &str);
    #[wasm_bindgen(js_namespace = podyard, js_name = applyTheme)]
    pub(crate) fn apply_theme();
    #[wasm_bindgen(js_namespace = podyard, js_name = isDark)]
    pub(crate) fn is_dark() -> bool;
    #[wasm_bindgen(js_namespace = podyard)]
    pub(crate) fn download(name: &str, text: &str);
    #[wasm_bindgen(js_namespace = podyard, js_name = onLeave)]
    pub(crate) fn on_leave(callback: &Function) -> Function;
    #[wasm_bindgen(js_namespace = podyard, js_name = focusOn)]
    pub(crate) fn focus_on(selector: &str);
    #[wasm_bindgen(js_namespace = podyard, js_name = motionWatch)]
    pub(crate) fn motion_watch(root: &Element) -> Function;
}

/// The same once what is being shown is there.
pub(crate) fn focus_soon(selector: String) {
    gloo::timers::callback::Timeout::new(0, move || focus_on(&selector)).forget();
}

/// The stored texts of a session: checkpoint, tail, late tail.
pub(crate) async fn record_read(path: &str) -> Result<[Option<String>; 3], JsValue> {
    let texts: Array = JsFuture::from(record_read_js(path)).await?.unchecked_into();
    Ok([0, 1, 2].map(|index| texts.get(index).as_string()))
}

/// Writes the texts of a session. `Err(true)` says that the browser has no more room, `Err(false)` that it has no storage.
pub(crate) async fn record_write(path: &str, checkpoint: Option<String>, tail: &str) -> Result<(), bool> {
    match JsFuture::from(record_write_js(path, checkpoint, tail)).await {
        Ok(_) => Ok(()),
        Err(why) => Err(why.as_string().as_deref() == Some("full")),
    }
}

/// Forgets a session; without storage there is nothing to forget.
pub(crate) async fn record_remove(path: &str) {
    let _ = JsFuture::from(record_remove_js(path)).await;
}

/// Moves a session's texts to where the learner can download them.
pub(crate) async fn record_set_aside(path: &str) {
    let _ = JsFuture::from(record_set_aside_js(path)).await;
}

/// What was set aside of an exercise; empty where there is nothing.
pub(crate) async fn aside_text(path: &str) -> String {
    JsFuture::from(aside_text_js(path)).await.ok().and_then(|text| text.as_string()).unwrap_or_default()
}

/// Takes the exercise for this tab; false when another tab has it.
pub(crate) async fn lock_take(path: &str, steal: bool, on_lost: &Function) -> bool {
    JsFuture::from(lock_take_js(path, steal, on_lost)).await.is_ok_and(|taken| taken.is_truthy())
}

/// A file of the site, or words about what went wrong.
pub(crate) async fn fetch_text(url: &str) -> Result<String, String> {
    match JsFuture::from(fetch_text_js(url)).await {
        Ok(text) => Ok(text.as_string().unwrap_or_default()),
        Err(why) => Err(why.as_string().unwrap_or_else(|| "It could not be loaded.".to_owned())),
    }
}
