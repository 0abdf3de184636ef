//! The keyboard's help.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

use super::icon::{Glyph, Icon};

/// Keys, and what they do.
const KEYS: [(&str, &str); 10] = [
    ("F6", "next panel: task, terminal, map (with Shift: the one before)"),
    ("Alt+Shift+C", "check every task"),
    ("Alt+Shift+P", "let time run, or stop it"),
    ("Alt+Shift+N", "go to the next thing that happens"),
    ("Alt+Shift+Z", "undo: back to the moment before"),
    ("Alt+Shift+T", "open one more terminal"),
    ("Arrow keys", "on the map, from pod to pod; Enter opens one"),
    ("Arrow keys, Del", "on the tabs of the terminals: show another, close this one"),
    ("Esc", "close the inspector or this help"),
    ("Ctrl+Shift+C, Ctrl+V", "copy and paste in the terminal"),
];

#[derive(PartialEq, Properties)]
pub(crate) struct ShortcutsProps {
    pub(crate) on_close: Callback<()>,
}

#[component(Shortcuts)]
pub(crate) fn shortcuts(props: &ShortcutsProps) -> Html {
    let dialog = use_node_ref();
    use_effect_with(dialog.clone(), |dialog| {
        if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
            let _ = dialog.show_modal();
        }
    });
    // The browser gives the focus back to where it was, at once, when the dialog is closed.
    let close = {
        let dialog = dialog.clone();
        move |_| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                dialog.close();
            }
        }
    };
    html! {
        <dialog ref={dialog} class="shortcuts" aria-labelledby="shortcuts-title" onclose={props.on_close.reform(|_| ())}>
            <header class="shortcuts__head">
                <h2 id="shortcuts-title">{ "Keyboard" }</h2>
                <button type="button" class="tool" aria-label="Close" onclick={close}>
                    <Glyph icon={Icon::Close} />
                </button>
            </header>
            <dl class="shortcuts__keys">
                { for KEYS.iter().map(|(keys, what)| html! {
                    <div class="shortcuts__row"><dt><kbd>{ *keys }</kbd></dt><dd>{ *what }</dd></div>
                }) }
            </dl>
        </dialog>
    }
}
