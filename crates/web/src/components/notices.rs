//! Notices: what the learner should know, with what can be done about it.

use std::rc::Rc;

use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::icon::{Glyph, Icon};
use crate::state::{Notice, NoticeKind};

#[derive(PartialEq, Properties)]
pub(crate) struct NoticesProps {
    pub(crate) notices: Rc<Vec<Notice>>,
    pub(crate) on_dismiss: Callback<u32>,
    /// Puts a text at the console's prompt; lines that end are run.
    pub(crate) on_insert: Callback<String>,
    pub(crate) on_download_aside: Callback<()>,
    pub(crate) on_download_session: Callback<()>,
}

#[component(Notices)]
pub(crate) fn notices(props: &NoticesProps) -> Html {
    html! {
        <div class="notices" role="region" aria-label="Notices" aria-live="polite">
            { for props.notices.iter().map(|notice| html! {
                <div key={notice.id} class={classes!("notice", tone(&notice.kind))}>
                    <Glyph icon={Icon::Warning} />
                    <div class="notice__body">{ body(&notice.kind, props) }</div>
                    <button type="button" class="tool" aria-label="Dismiss this notice"
                        onclick={let id = notice.id; props.on_dismiss.reform(move |_| id)}>
                        <Glyph icon={Icon::Close} />
                    </button>
                </div>
            }) }
        </div>
    }
}

fn tone(kind: &NoticeKind) -> &'static str {
    match kind {
        NoticeKind::Recovered { .. } | NoticeKind::Failed(_) => "notice--warning",
        NoticeKind::SetAside { .. } | NoticeKind::NotStored { .. } => "notice--alert",
    }
}

fn body(kind: &NoticeKind, props: &NoticesProps) -> Html {
    match kind {
        NoticeKind::Recovered { shown_back } => {
            html! { <Recovered text={shown_back.clone()} on_insert={props.on_insert.clone()} /> }
        }
        NoticeKind::SetAside { other_version, partly } => html! {
            <>
                <p>
                    <strong>{ if *partly { "The last steps of your session could not be read" } else { "Your stored session could not be read" } }</strong>
                    { if *other_version { ": another version of Podyard had written it. " } else { ": it is damaged. " } }
                    { if *partly { "Everything before them is back. " } else { "The exercise starts from its beginning. " } }
                    { "What was stored is put aside." }
                </p>
                <button type="button" class="button" onclick={props.on_download_aside.reform(|_| ())}>{ "Download it" }</button>
            </>
        },
        NoticeKind::NotStored { full } => html! {
            <>
                <p>
                    <strong>{ if *full { "The browser's storage is full" } else { "This browser keeps nothing" } }</strong>
                    { if *full { ", so your session is not being kept any more." } else { ": there is no storage for this page, so a reload starts again." } }
                </p>
                <button type="button" class="button" onclick={props.on_download_session.reform(|_| ())}>{ "Download the session" }</button>
            </>
        },
        NoticeKind::Failed(message) => html! { <p>{ message.clone() }</p> },
    }
}

#[derive(PartialEq, Properties)]
struct RecoveredProps {
    text: AttrValue,
    on_insert: Callback<String>,
}

#[component(Recovered)]
fn recovered(props: &RecoveredProps) -> Html {
    // What the learner has made of it.
    let edited = use_state(|| props.text.to_string());
    use_effect_with(props.text.clone(), {
        let edited = edited.clone();
        move |text| edited.set(text.to_string())
    });
    let oninput = {
        let edited = edited.clone();
        Callback::from(move |event: InputEvent| {
            if let Some(field) = event.target_dyn_into::<HtmlTextAreaElement>() {
                edited.set(field.value());
            }
        })
    };
    let on_insert = {
        let (edited, on_insert) = (edited.clone(), props.on_insert.clone());
        Callback::from(move |_| on_insert.emit((*edited).clone()))
    };
    let label = if edited.contains('\n') { "Paste it into the terminal" } else { "Put it at the prompt" };
    let rows = props.text.lines().count().clamp(1, 6).to_string();
    html! {
        <>
            <p>
                <strong>{ "The simulator stopped and was started again. " }</strong>
                { "Your session is back as it was." }
                if !props.text.is_empty() {
                    { " This was not run again; you can change it first:" }
                }
            </p>
            if !props.text.is_empty() {
                <textarea class="notice__text" {rows} aria-label="What was not run again" spellcheck="false" value={(*edited).clone()} {oninput} />
                <button type="button" class="button" onclick={on_insert}>{ label }</button>
            }
        </>
    }
}
