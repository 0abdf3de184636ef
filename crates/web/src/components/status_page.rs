//! A page that has one thing to say: that it is loading, or why it cannot go on.

use yew::prelude::*;

#[derive(PartialEq, Properties)]
pub(crate) struct StatusPageProps {
    pub(crate) heading: AttrValue,
    #[prop_or_default]
    pub(crate) text: AttrValue,
    /// It will go away by itself.
    #[prop_or_default]
    pub(crate) busy: bool,
    /// What can be done about it.
    #[prop_or_default]
    pub(crate) children: Html,
}

#[component(StatusPage)]
pub(crate) fn status_page(props: &StatusPageProps) -> Html {
    html! {
        <main class="status-page" id="main" tabindex="-1">
            <div class="status-page__box" role="status">
                if props.busy {
                    <div class="hoist" aria-hidden="true"><span class="hoist__box"></span></div>
                }
                <h1>{ props.heading.clone() }</h1>
                if !props.text.is_empty() {
                    <p>{ props.text.clone() }</p>
                }
            </div>
            <div class="status-page__actions">{ props.children.clone() }</div>
        </main>
    }
}
