//! Every exercise, by track.

use std::collections::BTreeMap;

use serde::Deserialize;
use yew::prelude::*;

use crate::bridge;
use crate::components::quay::Quay;
use crate::components::status_page::StatusPage;
use crate::route::{SANDBOX, scenario_href};
use crate::words;

/// `scenarios/index.json`.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Index {
    scenarios: Vec<Entry>,
    #[serde(default)]
    tracks: Vec<Track>,
}

/// A folder of exercises and its name.
#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Track {
    track: String,
    title: Option<String>,
    about: Option<String>,
    /// Names of its exercises in the order in which to take them.
    order: Option<Vec<String>>,
}

#[derive(Clone, Debug, PartialEq, Deserialize)]
struct Entry {
    path: String,
    title: Option<String>,
    track: String,
    minutes: Option<u32>,
    difficulty: Option<u8>,
    /// How many there are; none in a sandbox.
    tasks: Option<usize>,
}

#[derive(PartialEq, Properties)]
pub(crate) struct CatalogueProps {
    pub(crate) on_title: Callback<AttrValue>,
}

#[component(Catalogue)]
pub(crate) fn catalogue(props: &CatalogueProps) -> Html {
    let index = use_state(|| None::<Result<Index, String>>);
    use_effect_with((), {
        let (index, on_title) = (index.clone(), props.on_title.clone());
        move |()| {
            on_title.emit(AttrValue::default());
            wasm_bindgen_futures::spawn_local(async move { index.set(Some(load().await)) });
        }
    });
    match &*index {
        None => html! { <StatusPage heading="Loading the exercises" busy=true /> },
        Some(Err(why)) => html! { <StatusPage heading="The exercises could not be loaded" text={why.clone()} /> },
        Some(Ok(index)) => shown(index),
    }
}

async fn load() -> Result<Index, String> {
    let text = bridge::fetch_text("scenarios/index.json").await?;
    serde_json::from_str(&text).map_err(|_| "The list of exercises cannot be read.".to_owned())
}

fn shown(index: &Index) -> Html {
    let mut tracks: BTreeMap<&str, Vec<&Entry>> = BTreeMap::new();
    for entry in &index.scenarios {
        tracks.entry(&entry.track).or_default().push(entry);
    }
    for (track, entries) in &mut tracks {
        let order = index.tracks.iter().find(|found| found.track == *track).and_then(|found| found.order.as_deref());
        let place = |entry: &&Entry| {
            let slug = entry.path.rsplit('/').next().unwrap_or_default();
            order.unwrap_or_default().iter().position(|name| name == slug).unwrap_or(usize::MAX)
        };
        entries.sort_by_key(place);
    }
    html! {
        <main class="catalogue" id="main" tabindex="-1">
            <header class="catalogue__intro">
                <Quay />
                <h1>{ "A whole Kubernetes, in this tab" }</h1>
                <p>
                    { "A simulated cluster with a real console. Try things, break things, turn back time. " }
                    { "Nothing to install, nothing to pay for, nothing that cannot be undone." }
                </p>
                <p class="catalogue__ways">
                    <a class="button button--primary" href="#/sandbox">{ "Open an empty cluster" }</a>
                    <a class="button" href="#/modelled">{ "What is modelled, and what is not" }</a>
                </p>
            </header>
            { for in_order(tracks).into_iter().map(|(track, entries)| html! {
                <section class="track" aria-labelledby={format!("track-{track}")}>
                    <h2 id={format!("track-{track}")}>{ track_title(index, track) }</h2>
                    if let Some(about) = index.tracks.iter().find(|found| found.track == track).and_then(|found| found.about.as_ref()) {
                        <p class="track__about">{ about }</p>
                    }
                    <ul class="track__list">{ for entries.into_iter().map(card) }</ul>
                </section>
            }) }
        </main>
    }
}

/// The tracks with something to learn first, the sandbox last.
fn in_order<T>(tracks: BTreeMap<&str, T>) -> Vec<(&str, T)> {
    let mut tracks: Vec<_> = tracks.into_iter().collect();
    tracks.sort_by_key(|(track, _)| *track == SANDBOX);
    tracks
}

fn track_title(index: &Index, name: &str) -> String {
    let named = index.tracks.iter().find(|track| track.track == name).and_then(|track| track.title.clone());
    named.unwrap_or_else(|| words::track_title(name))
}

fn card(entry: &Entry) -> Html {
    let state = progress_of(&entry.path);
    let sandbox = entry.tasks == Some(0);
    let level = if sandbox { 0 } else { entry.difficulty.unwrap_or(0).min(5) };
    let minutes = entry.minutes.unwrap_or(0);
    html! {
        <li class="card">
            <a class="card__link" href={scenario_href(&entry.path)}>
                <span class="card__ribs" aria-hidden="true"></span>
                <span class="card__title">{ entry.title.as_ref().unwrap_or(&entry.path) }</span>
                <span class="card__meta">
                    if sandbox { <span>{ "no tasks" }</span> }
                    if minutes > 0 { <span>{ words::count(minutes as usize, "minute") }</span> }
                    if level > 0 { <span>{ format!("difficulty {level} of 5") }</span> }
                    if let Some((text, class)) = state { <span class={classes!("card__state", class)}>{ text }</span> }
                </span>
            </a>
        </li>
    }
}

/// How far the learner is with an exercise, from what its page noted.
fn progress_of(path: &str) -> Option<(String, &'static str)> {
    let noted = bridge::setting(&format!("progress.{path}"));
    let (passed, all) = noted.split_once('/')?;
    if passed == all {
        Some(("done".to_owned(), "tone-good"))
    } else {
        Some((format!("{passed} of {all} done"), "tone-pending"))
    }
}
