//! What is modelled and what is not, as the engine reads it from its registries.

use js_sys::{Array, Function};
use podyard_view::{Envelope, ModelledPart, ToEngine, ToPage};
use wasm_bindgen::prelude::*;
use yew::prelude::*;

use crate::bridge;
use crate::components::status_page::StatusPage;

/// The parts: their ids, headings, and what is to be known of them.
const PARTS: [(&str, &str, &str); 8] = [
    (
        "kinds",
        "Kinds",
        "With the defaults and the validation of the real API server. Any other kind is checked by its schema alone.",
    ),
    ("controllers", "Controllers", "What brings a cluster from what is to what is wanted."),
    ("scheduler", "Scheduler plugins", "What decides which node a pod goes to."),
    (
        "admission",
        "Admission plugins",
        "What changes or refuses a request before it is stored; of the real ones, those that are on unless turned off.",
    ),
    ("kubectl", "Commands of kubectl", "With their flags; what of them is not simulated says so."),
    ("builtins", "Builtins of the shell", "Together with pipes, redirections, loops, functions and jobs as in bash."),
    ("tools", "Programs of the workstation", "Those that learners use, with their most common options."),
    (
        "images",
        "Images",
        "What containers can run. They answer on their ports, and have a shell if the real ones have one.",
    ),
];

#[derive(PartialEq, Properties)]
pub(crate) struct ModelledPageProps {
    pub(crate) on_title: Callback<AttrValue>,
}

#[component(ModelledPage)]
pub(crate) fn modelled_page(props: &ModelledPageProps) -> Html {
    let parts = use_state(|| None::<Result<Vec<ModelledPart>, String>>);
    use_effect_with((), {
        let (parts, on_title) = (parts.clone(), props.on_title.clone());
        move |()| {
            on_title.emit("What is modelled".into());
            let question = ask(move |answer| parts.set(Some(answer)));
            move || {
                bridge::engine_stop();
                drop(question);
            }
        }
    });
    match &*parts {
        None => html! { <StatusPage heading="Asking the simulator" busy=true /> },
        Some(Err(why)) => html! { <StatusPage heading="The simulator did not answer" text={why.clone()} /> },
        Some(Ok(parts)) => shown(parts),
    }
}

type Question = (Closure<dyn FnMut(Array)>, Closure<dyn FnMut(String)>);

/// Asks an engine that has nothing open. What is returned must live until the answer.
fn ask(on_answer: impl Fn(Result<Vec<ModelledPart>, String>) + Clone + 'static) -> Question {
    let answered = on_answer.clone();
    let messages = Closure::<dyn FnMut(Array)>::new(move |messages: Array| {
        for text in messages.iter().filter_map(|message| message.as_string()) {
            if let Ok(Envelope { body: ToPage::Modelled { parts }, .. }) = serde_json::from_str(&text) {
                answered(Ok(parts));
            }
        }
    });
    let failure = Closure::<dyn FnMut(String)>::new(move |reason| on_answer(Err(reason)));
    let function = |closure: &JsValue| closure.unchecked_ref::<Function>().clone();
    bridge::engine_start(&function(messages.as_ref()), &function(failure.as_ref()));
    if let Ok(json) = serde_json::to_string(&Envelope::new(1, ToEngine::Modelled)) {
        bridge::engine_post(&json, 0.0);
    }
    (messages, failure)
}

fn shown(parts: &[ModelledPart]) -> Html {
    let known = PARTS.iter().filter_map(|about| Some((about, parts.iter().find(|part| part.id == about.0)?)));
    html! {
        <main class="modelled" id="main" tabindex="-1">
            <header class="modelled__intro">
                <h1>{ "What is modelled, and what is not" }</h1>
                <p>
                    { "Podyard models Kubernetes 1.36. What it does not model it says: an error like the real one, or " }
                    { "“not simulated”. This page is read from the simulator's own registries, so it cannot promise too much." }
                </p>
                <nav class="modelled__contents" aria-label="Parts">
                    { for known.clone().map(|((id, title, _), part)| {
                        let target = format!("#part-{id}");
                        // The address after # is the page's own, so the way there is walked by hand.
                        let onclick = Callback::from(move |_| bridge::focus_on(&target));
                        html! { <button type="button" class="toggle" {onclick}>{ format!("{title} {}", part.present.len()) }</button> }
                    }) }
                </nav>
            </header>
            { for known.map(|((id, title, about), part)| section(id, title, about, part)) }
        </main>
    }
}

fn section(id: &str, title: &str, about: &str, part: &ModelledPart) -> Html {
    let described = part.present.iter().any(|item| !item.about.is_empty());
    let class = classes!("modelled__list", described.then_some("modelled__list--described"));
    html! {
        <section class="modelled__part" aria-labelledby={format!("part-{id}")}>
            <h2 id={format!("part-{id}")} tabindex="-1">{ title.to_owned() }</h2>
            <p class="modelled__about">{ about.to_owned() }</p>
            <ul {class}>
                { for part.present.iter().map(|item| html! {
                    <li>
                        <code>{ &item.name }</code>
                        if !item.about.is_empty() { <span class="modelled__note">{ &item.about }</span> }
                    </li>
                }) }
            </ul>
            if !part.absent.is_empty() {
                <details class="modelled__absent">
                    <summary>{ absent(id, part.absent.len()) }</summary>
                    <ul class="modelled__list">{ for part.absent.iter().map(|name| html! { <li><code>{ name }</code></li> }) }</ul>
                </details>
            }
        </section>
    }
}

fn absent(id: &str, count: usize) -> String {
    match id {
        "kinds" => format!("{count} that are checked by their schema alone"),
        _ => format!("{count} that are not modelled"),
    }
}
