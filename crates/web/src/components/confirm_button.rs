//! A button that asks once more before it does what cannot be taken back.

use gloo::timers::callback::Timeout;
use yew::prelude::*;

/// After this many milliseconds the question goes away by itself.
const PATIENCE: u32 = 5000;

#[derive(PartialEq, Properties)]
pub(crate) struct ConfirmButtonProps {
    pub(crate) label: AttrValue,
    /// What the button says the second time.
    pub(crate) question: AttrValue,
    pub(crate) on_confirm: Callback<()>,
}

#[component(ConfirmButton)]
pub(crate) fn confirm_button(props: &ConfirmButtonProps) -> Html {
    let asking = use_state(|| false);
    use_effect_with(*asking, {
        let asking = asking.clone();
        move |now| {
            let timeout = now.then(|| Timeout::new(PATIENCE, move || asking.set(false)));
            move || drop(timeout)
        }
    });
    let onclick = {
        let (asking, on_confirm) = (asking.clone(), props.on_confirm.clone());
        Callback::from(move |_| {
            asking.set(!*asking);
            if *asking {
                on_confirm.emit(());
            }
        })
    };
    html! {
        <button type="button" class={classes!("button", "button--quiet", asking.then_some("button--asking"))} {onclick}>
            { if *asking { &props.question } else { &props.label } }
        </button>
    }
}
