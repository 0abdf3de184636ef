//! The sandbox: what one can do there, and things to try.

use std::rc::Rc;

use podyard_view::LabView;
use yew::prelude::*;

use super::confirm_button::ConfirmButton;
use crate::markdown::{code_blocks, markdown};

#[derive(PartialEq, Properties)]
pub(crate) struct SandboxPanelProps {
    pub(crate) lab: Rc<LabView>,
    pub(crate) on_restart: Callback<()>,
    /// Puts a text at the console's prompt; lines that end are run.
    pub(crate) on_insert: Callback<String>,
}

#[component(SandboxPanel)]
pub(crate) fn sandbox_panel(props: &SandboxPanelProps) -> Html {
    let lab = &props.lab;
    html! {
        <section class="task-panel panel" id="panel-task" tabindex="-1" aria-labelledby="exercise-title">
            <header class="task-panel__head">
                <h1 id="exercise-title">{ &lab.title }</h1>
                <p class="meta"><span>{ "sandbox" }</span></p>
            </header>
            <div class="prose story">{ markdown(&lab.story) }</div>
            <section class="ideas" aria-labelledby="ideas-title">
                <h2 id="ideas-title">{ "Things to try" }</h2>
                <ul class="ideas__list">{ for lab.ideas.iter().map(|text| idea(text, &props.on_insert)) }</ul>
            </section>
            <footer class="task-panel__foot">
                <ConfirmButton label="Start over" question="Start over? This session is deleted" on_confirm={props.on_restart.clone()} />
            </footer>
        </section>
    }
}

/// An idea, and a button that does its console lines if it has some.
fn idea(text: &str, on_insert: &Callback<String>) -> Html {
    let lines = code_blocks(text);
    let label = if lines.lines().count() > 1 { "Run these lines" } else { "Run it" };
    html! {
        <li class="idea">
            <div class="prose">{ markdown(text) }</div>
            if !lines.is_empty() {
                <button type="button" class="button" onclick={on_insert.reform(move |_| lines.clone())}>{ label }</button>
            }
        </li>
    }
}
