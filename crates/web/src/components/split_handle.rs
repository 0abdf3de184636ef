//! The edge between map and terminal, which can be moved by pointer and by keyboard.

use web_sys::{Element, PointerEvent};
use yew::prelude::*;

/// The smallest and largest share of the height that the map may have, in percent, and what one key press changes.
const RANGE: (f64, f64) = (12.0, 80.0);
const STEP: f64 = 4.0;

#[derive(PartialEq, Properties)]
pub(crate) struct SplitHandleProps {
    /// The map's share of the height, in percent.
    pub(crate) share: f64,
    pub(crate) on_share: Callback<f64>,
}

#[component(SplitHandle)]
pub(crate) fn split_handle(props: &SplitHandleProps) -> Html {
    let moved = |on_share: &Callback<f64>, share: f64| on_share.emit(share.clamp(RANGE.0, RANGE.1).round());
    let onkeydown = {
        let (share, on_share) = (props.share, props.on_share.clone());
        Callback::from(move |event: KeyboardEvent| {
            let share = match event.key().as_str() {
                "ArrowUp" => share - STEP,
                "ArrowDown" => share + STEP,
                "Home" => RANGE.0,
                "End" => RANGE.1,
                _ => return,
            };
            event.prevent_default();
            moved(&on_share, share);
        })
    };
    // The handle keeps the pointer while a button is down, wherever it goes.
    let onpointerdown = Callback::from(|event: PointerEvent| {
        if let Some(handle) = event.target_dyn_into::<Element>() {
            let _ = handle.set_pointer_capture(event.pointer_id());
        }
    });
    let onpointermove = {
        let on_share = props.on_share.clone();
        Callback::from(move |event: PointerEvent| {
            let Some(handle) = event.target_dyn_into::<Element>() else { return };
            if !handle.has_pointer_capture(event.pointer_id()) {
                return;
            }
            if let Some((top, bottom)) = column(&handle) {
                moved(&on_share, (f64::from(event.client_y()) - top) / (bottom - top) * 100.0);
            }
        })
    };
    html! {
        <div class="split-handle" role="separator" aria-orientation="horizontal" tabindex="0" aria-label="Height of the map"
            aria-valuenow={props.share.to_string()} aria-valuemin={RANGE.0.to_string()} aria-valuemax={RANGE.1.to_string()}
            {onkeydown} {onpointerdown} {onpointermove}></div>
    }
}

/// Where the map begins and the terminal ends, in pixels of the window.
fn column(handle: &Element) -> Option<(f64, f64)> {
    let bench = handle.parent_element()?;
    let edge = |selector| Some(bench.query_selector(selector).ok()??.get_bounding_client_rect());
    let (top, bottom) = (edge(".map-panel")?.top(), edge(".terminal-panel")?.bottom());
    (bottom > top).then_some((top, bottom))
}
