//! The terminal of one console, drawn by the JavaScript half.

use js_sys::Function;
use wasm_bindgen::prelude::*;
use web_sys::Element;
use yew::prelude::*;

use crate::bridge;

#[derive(PartialEq, Properties)]
pub(crate) struct TerminalPaneProps {
    pub(crate) console: u32,
    /// How many bytes of a paste are still to come.
    pub(crate) pasting: usize,
    /// What was typed or pasted.
    pub(crate) on_data: Callback<String>,
    /// Columns and rows.
    pub(crate) on_resize: Callback<(u16, u16)>,
}

#[component(TerminalPane)]
pub(crate) fn terminal_pane(props: &TerminalPaneProps) -> Html {
    let place = use_node_ref();
    let speaks = use_state(bridge::screen_reader);
    use_effect_with(props.console, {
        let (place, on_data, on_resize) = (place.clone(), props.on_data.clone(), props.on_resize.clone());
        move |&console| {
            let data = Closure::<dyn FnMut(String)>::new(move |text| on_data.emit(text));
            let size = Closure::<dyn FnMut(u16, u16)>::new(move |columns, rows| on_resize.emit((columns, rows)));
            if let Some(element) = place.cast::<Element>() {
                bridge::terminal_mount(console, &element, function(&data), function(&size));
            }
            move || {
                bridge::terminal_unmount(console);
                drop((data, size));
            }
        }
    });
    let on_speak = {
        let speaks = speaks.clone();
        Callback::from(move |_| {
            bridge::screen_reader_set(!*speaks);
            speaks.set(!*speaks);
        })
    };
    html! {
        <section class="terminal-panel panel" id="panel-terminal" aria-labelledby="terminal-title">
            <header class="panel__head panel__head--dark">
                <h2 id="terminal-title">{ "Terminal" }</h2>
                if props.pasting > 0 {
                    <span class="panel__hint">{ format!("pasting, {} KB to go; Ctrl-C ends it", props.pasting.div_ceil(1024)) }</span>
                }
                <span class="panel__hint panel__hint--keys"><kbd>{ "F6" }</kbd>{ " leaves it" }</span>
                <button type="button" class="toggle toggle--dark" aria-pressed={speaks.to_string()} onclick={on_speak}>
                    { "Screen reader" }
                </button>
            </header>
            <div class="terminal" ref={place}></div>
        </section>
    }
}

fn function<T: ?Sized>(closure: &Closure<T>) -> &Function {
    closure.as_ref().unchecked_ref()
}
