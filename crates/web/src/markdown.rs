//! Markdown as Yew nodes. Raw HTML in a text is dropped, so that a scenario file cannot put any into the page.

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd};
use yew::prelude::*;
use yew::virtual_dom::{VList, VTag};

/// Renders a text. Its headings begin at `<h3>`, below those of the page.
pub(crate) fn markdown(text: &str) -> Html {
    let parser = Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH);
    let mut open: Vec<Open> = vec![Open::default()];
    for event in parser {
        step(&mut open, event);
    }
    while open.len() > 1 {
        close(&mut open);
    }
    VList::with_children(open.pop().map(|root| root.children).unwrap_or_default(), None).into()
}

/// A text in which only code is marked, by backticks: for sentences that may hold any other character.
pub(crate) fn with_code(text: &str) -> Html {
    let parts = text.split('`').enumerate().map(|(index, part)| match index % 2 {
        1 => html! { <code>{ part }</code> },
        _ => html! { { part } },
    });
    html! { <>{ for parts }</> }
}

/// The texts of the code blocks, joined.
pub(crate) fn code_blocks(text: &str) -> String {
    let mut inside = false;
    let mut code = String::new();
    for event in Parser::new(text) {
        match event {
            Event::Start(Tag::CodeBlock(_)) => inside = true,
            Event::End(TagEnd::CodeBlock) => inside = false,
            Event::Text(part) if inside => code.push_str(&part),
            _ => {}
        }
    }
    code
}

/// An element whose end has not come yet; the root and what is dropped have no tag.
#[derive(Default)]
struct Open {
    tag: Option<VTag>,
    children: Vec<Html>,
}

fn step(open: &mut Vec<Open>, event: Event<'_>) {
    match event {
        Event::Start(tag) => open.push(Open { tag: element(&tag), children: Vec::new() }),
        Event::End(TagEnd::HtmlBlock) => {
            open.pop();
        }
        Event::End(_) => close(open),
        Event::Text(text) => add(open, text_node(&text)),
        Event::Code(text) => add(open, html! { <code>{ text.to_string() }</code> }),
        Event::SoftBreak => add(open, html! { { " " } }),
        Event::HardBreak => add(open, html! { <br /> }),
        Event::Rule => add(open, html! { <hr /> }),
        // Raw HTML, and what the chosen options never produce.
        Event::Html(_)
        | Event::InlineHtml(_)
        | Event::InlineMath(_)
        | Event::DisplayMath(_)
        | Event::FootnoteReference(_)
        | Event::TaskListMarker(_) => {}
    }
}

fn add(open: &mut [Open], node: Html) {
    if let Some(last) = open.last_mut() {
        last.children.push(node);
    }
}

fn close(open: &mut Vec<Open>) {
    let Some(done) = open.pop() else { return };
    let children = VList::with_children(done.children, None).into();
    let node = match done.tag {
        Some(mut tag) => {
            tag.add_child(children);
            tag.into()
        }
        None => children,
    };
    add(open, node);
}

fn text_node(text: &CowStr<'_>) -> Html {
    Html::VText(yew::virtual_dom::VText::new(text.to_string()))
}

fn element(tag: &Tag<'_>) -> Option<VTag> {
    let name = match tag {
        Tag::Paragraph => "p",
        Tag::Heading { level: HeadingLevel::H1 | HeadingLevel::H2, .. } => "h3",
        Tag::Heading { .. } => "h4",
        Tag::BlockQuote(_) => "blockquote",
        Tag::CodeBlock(_) => "pre",
        Tag::List(None) => "ul",
        Tag::List(Some(_)) => "ol",
        Tag::Item => "li",
        Tag::Table(_) => "table",
        Tag::TableHead => "thead",
        Tag::TableRow => "tr",
        Tag::TableCell => "td",
        Tag::Emphasis => "em",
        Tag::Strong => "strong",
        Tag::Strikethrough => "s",
        Tag::Link { dest_url, .. } => return link(dest_url),
        _ => return None,
    };
    let mut tag = VTag::new(name);
    if name == "pre" {
        // What scrolls must be reachable by keyboard.
        tag.add_attribute("tabindex", "0");
    }
    Some(tag)
}

/// Links lead out of the page, and only to the web: other schemes lose their link and keep their text.
fn link(url: &str) -> Option<VTag> {
    if !(url.starts_with("https://") || url.starts_with("http://") || url.starts_with("#/")) {
        return None;
    }
    let mut tag = VTag::new("a");
    tag.add_attribute("href", url.to_owned());
    if !url.starts_with('#') {
        tag.add_attribute("target", "_blank");
        tag.add_attribute("rel", "noopener noreferrer");
    }
    Some(tag)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The nodes as a plain outline, which is enough to see what became an element and what was dropped.
    fn outline(node: &Html) -> String {
        match node {
            Html::VText(text) => text.text.to_string(),
            Html::VList(list) => list.iter().map(outline).collect(),
            Html::VTag(tag) => {
                let inner: String = tag.children().map(outline).unwrap_or_default();
                format!("<{}>{inner}</{}>", tag.tag(), tag.tag())
            }
            _ => String::new(),
        }
    }

    fn check(text: &str, expected: &str) {
        assert_eq!(outline(&markdown(text)), expected);
    }

    #[test]
    fn common_marks() {
        check("Run *nginx* as `web`.", "<p>Run <em>nginx</em> as <code>web</code>.</p>");
        check("# A\n- b\n- c", "<h3>A</h3><ul><li>b</li><li>c</li></ul>");
        check("```sh\nls\n```", "<pre>ls\n</pre>");
        check("[docs](https://kubernetes.io)", "<p><a>docs</a></p>");
    }

    #[test]
    fn code_blocks_are_what_can_be_run() {
        assert_eq!(code_blocks("a `b`\n\n```\nc\nd\n```\n\ne\n\n```sh\nf\n```"), "c\nd\nf\n");
        assert_eq!(code_blocks("only `words`"), "");
    }

    #[test]
    fn raw_html_and_scripts_are_dropped() {
        check("a <img src=x onerror=alert(1)> b", "<p>a  b</p>");
        check("<script>alert(1)</script>\n\nc", "<p>c</p>");
        check("[x](javascript:alert(1))", "<p>x</p>");
    }
}
