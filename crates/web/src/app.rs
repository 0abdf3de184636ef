//! The whole page: the header, and the page the address names.

use yew::prelude::*;

use crate::components::header::Header;
use crate::components::shortcuts::Shortcuts;
use crate::components::status_page::StatusPage;
use crate::hooks::use_route;
use crate::pages::catalogue::Catalogue;
use crate::pages::modelled::ModelledPage;
use crate::pages::scenario::ScenarioPage;
use crate::route::Route;

/// The root component.
#[component(App)]
pub(crate) fn app() -> Html {
    let route = use_route();
    let title = use_state(AttrValue::default);
    let help = use_state(|| false);

    let on_title = use_callback((), {
        let title = title.clone();
        move |text: AttrValue, ()| {
            set_document_title(&text);
            title.set(text);
        }
    });
    let on_help = use_callback((), {
        let help = help.clone();
        move |open: bool, ()| help.set(open)
    });

    // Whoever goes on to another page has read the help.
    use_effect_with(route.clone(), {
        let help = help.clone();
        move |_| help.set(false)
    });

    let page = match &route {
        Route::Catalogue => html! { <Catalogue on_title={on_title} /> },
        Route::Scenario { path, seed } => {
            html! { <ScenarioPage key={path.clone()} path={path.clone()} seed={*seed} {on_title} on_help={on_help.clone()} /> }
        }
        Route::Modelled => html! { <ModelledPage on_title={on_title} /> },
        Route::Unknown => html! {
            <StatusPage heading="There is nothing here" text="The address names no page of this site.">
                <a class="button button--primary" href="#/">{ "All exercises" }</a>
            </StatusPage>
        },
    };
    html! {
        <>
            <Header title={(*title).clone()} on_help={on_help.reform(|()| true)} />
            { page }
            if *help {
                <Shortcuts on_close={on_help.reform(|()| false)} />
            }
        </>
    }
}

fn set_document_title(title: &str) {
    if let Some(document) = web_sys::window().and_then(|window| window.document()) {
        let full = if title.is_empty() { "Podyard".to_owned() } else { format!("{title} · Podyard") };
        document.set_title(&full);
    }
}
