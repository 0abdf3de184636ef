//! The page's icons: a few strokes each, in the colour of the text around them.

use yew::prelude::*;

/// Which icon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Icon {
    Check,
    Close,
    Cross,
    Hint,
    Keyboard,
    Moon,
    Pause,
    Play,
    Plus,
    Step,
    Sun,
    Undo,
    Warning,
}

#[derive(PartialEq, Properties)]
pub(crate) struct GlyphProps {
    pub(crate) icon: Icon,
}

/// One icon; what it means is said by the text or label beside it.
#[component(Glyph)]
pub(crate) fn glyph(props: &GlyphProps) -> Html {
    let path = match props.icon {
        Icon::Check => "M3.5 8.5l3 3 6-7",
        Icon::Close | Icon::Cross => "M4 4l8 8M12 4l-8 8",
        Icon::Hint => {
            "M8 1.8a4.2 4.2 0 0 0-2.4 7.6c.5.4.7.9.7 1.6h3.4c0-.7.2-1.2.7-1.6A4.2 4.2 0 0 0 8 1.8zM6.6 13.4h2.8"
        }
        Icon::Keyboard => "M1.8 4.5h12.4v7H1.8zM4 7h.1M6.6 7h.1M9.3 7h.1M12 7h.1M5 9.4h6",
        Icon::Moon => "M13 9.6A5.6 5.6 0 0 1 6.4 3 5.6 5.6 0 1 0 13 9.6z",
        Icon::Pause => "M5.2 3.5v9M10.8 3.5v9",
        Icon::Play => "M5 3.2v9.6l7.6-4.8z",
        Icon::Plus => "M8 3v10M3 8h10",
        Icon::Step => "M4 3.5v9l6-4.5zM12.5 3.5v9",
        Icon::Sun => {
            "M8 5a3 3 0 1 0 0 6 3 3 0 0 0 0-6zM8 1v1.6M8 13.4V15M1 8h1.6M13.4 8H15M3 3l1.1 1.1M11.9 11.9L13 13M13 3l-1.1 1.1M4.1 11.9L3 13"
        }
        Icon::Undo => "M6 3L2.8 6.2 6 9.4M3 6.2h6.2a3.8 3.8 0 0 1 0 7.6H6",
        Icon::Warning => "M8 2.2l6.4 11.3H1.6zM8 6.5v3.2M8 11.6v.1",
    };
    html! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false"><path d={path} /></svg>
    }
}
