//! The bar at the top: where one is, the theme, the keyboard's help.

use yew::prelude::*;

use super::icon::{Glyph, Icon};
use crate::bridge;

#[derive(PartialEq, Properties)]
pub(crate) struct HeaderProps {
    /// What the page shows; empty on the catalogue.
    pub(crate) title: AttrValue,
    pub(crate) on_help: Callback<()>,
}

#[component(Header)]
pub(crate) fn header(props: &HeaderProps) -> Html {
    let dark = use_state(bridge::is_dark);
    let on_theme = {
        let dark = dark.clone();
        Callback::from(move |_| {
            let next = !*dark;
            bridge::setting_put("theme", if next { "dark" } else { "light" });
            bridge::apply_theme();
            dark.set(next);
        })
    };
    let on_skip = Callback::from(|event: MouseEvent| {
        event.prevent_default();
        bridge::focus_on("main");
    });
    let theme_label = if *dark { "Use the light theme" } else { "Use the dark theme" };
    html! {
        <header class="header">
            <a class="skip-link" href="#main" onclick={on_skip}>{ "Skip to the content" }</a>
            <a class="brand" href="#/" aria-label="Podyard, all exercises">
                <svg class="brand__mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
                    <path class="brand__crane" d="M16 3v8M7 4.5h18" />
                    <path class="brand__box brand__box--lifted" d="M11 11h10v6.5H11z" />
                    <path class="brand__box" d="M5 19.5h10V27H5zM17 19.5h10V27H17z" />
                </svg>
                <span class="brand__name">{ "Podyard" }</span>
            </a>
            if !props.title.is_empty() {
                <span class="header__title">{ props.title.clone() }</span>
            }
            <div class="header__tools">
                <a class="header__link" href="#/modelled">{ "What is modelled" }</a>
                <button type="button" class="tool header__keys" onclick={props.on_help.reform(|_| ())}
                    aria-label="Keyboard shortcuts" title="Keyboard shortcuts">
                    <Glyph icon={Icon::Keyboard} />
                </button>
                <button type="button" class="tool" onclick={on_theme} aria-label={theme_label} title={theme_label}>
                    <Glyph icon={if *dark { Icon::Sun } else { Icon::Moon }} />
                </button>
            </div>
        </header>
    }
}
