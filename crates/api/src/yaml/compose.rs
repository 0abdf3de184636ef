//! YAML tokens into values: the grammar, anchors, merges, and what each node's place is.
// Models sigs.k8s.io/yaml/goyaml.v2/parserc.go and decode.go

use std::collections::BTreeMap;

use super::resolve::{Plain, resolve};
use super::scanner::{MAX_DEPTH, Mark, Origin, Problem, Scanner, TokenKind};
use super::{Error, Place, Read};
use crate::{Key, Object, Value, gostr};

type Result<T> = std::result::Result<T, Problem>;

const YAML_TAG: &str = "tag:yaml.org,2002:";
/// Beyond this, a document of aliases is refused whatever its shape.
const MAX_NODES: u64 = 4_000_000;

/// Reads the first document of a text.
pub(super) fn read(text: &str, locate: bool) -> std::result::Result<Read, Error> {
    if text.chars().any(is_forbidden) {
        return Err(Error::new("control characters are not allowed", Mark::default()));
    }
    let mut composer = Composer {
        scanner: Scanner::new(text),
        tags: Vec::new(),
        anchors: BTreeMap::new(),
        depth: 0,
        nodes: 0,
        aliased: 0,
        failed: None,
        duplicates: Vec::new(),
        path: locate.then(String::new),
        places: BTreeMap::new(),
    };
    let value = composer.document().map_err(|problem| Error::of(&problem))?;
    match composer.failed {
        Some(error) => Err(error),
        None => Ok(Read { value, duplicates: composer.duplicates, places: composer.places }),
    }
}

fn is_forbidden(c: char) -> bool {
    !matches!(c, '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..)
}

struct Composer<'t> {
    scanner: Scanner<'t>,
    /// Handles and prefixes of `%TAG` directives.
    tags: Vec<(String, String)>,
    /// Nodes by anchor; nothing while a node is being read.
    anchors: BTreeMap<String, Option<Node>>,
    depth: usize,
    /// How many nodes there are with aliases written out, and how many of them by aliases.
    nodes: u64,
    aliased: u64,
    /// The first error of meaning; those of form come before it.
    failed: Option<Error>,
    duplicates: Vec<(usize, String)>,
    /// The path of the node that is being read, if places are wanted.
    path: Option<String>,
    places: BTreeMap<String, Place>,
}

/// A node that has been read.
#[derive(Clone)]
struct Node {
    value: Value,
    /// The text of a scalar as written.
    text: Option<String>,
    /// A scalar without quotes and tag.
    plain: bool,
    /// How many nodes it consists of.
    size: u64,
    mark: Mark,
    /// Mapping, or an alias of one: what may be merged.
    aliased: bool,
}

impl Node {
    fn empty(mark: Mark) -> Self {
        Self { value: Value::Null, text: Some(String::new()), plain: true, size: 1, mark, aliased: false }
    }
}

impl Composer<'_> {
    fn document(&mut self) -> Result<Value> {
        let explicit = self.directives()?;
        if self.at(&TokenKind::StreamEnd)? && !explicit {
            return Ok(Value::Null);
        }
        let token = self.scanner.peek()?;
        let (kind, start) = (token.kind.clone(), token.start);
        use TokenKind::{DocumentEnd, DocumentStart, StreamEnd, TagDirective, VersionDirective};
        let ends = matches!(kind, VersionDirective(..) | TagDirective(..) | DocumentStart | DocumentEnd | StreamEnd);
        if explicit && ends {
            self.note_place(start);
            return Ok(Value::Null);
        }
        let node = self.node(true, false)?;
        // What follows the document is not read, but for its first token.
        self.scanner.peek()?;
        Ok(node.value)
    }

    /// The directives before a document and its `---`; says whether there was one.
    fn directives(&mut self) -> Result<bool> {
        let (mut any, mut version) = (false, false);
        loop {
            let token = self.scanner.peek()?;
            let start = token.start;
            match &token.kind {
                TokenKind::VersionDirective(..) if version => {
                    return self.fail("found duplicate %YAML directive", start, Mark::default());
                }
                TokenKind::VersionDirective(major, minor) if (*major, *minor) != (1, 1) => {
                    return self.fail("found incompatible YAML document", start, Mark::default());
                }
                TokenKind::VersionDirective(..) => version = true,
                TokenKind::TagDirective(handle, prefix) => {
                    if self.tags.iter().any(|(known, _)| known == handle) {
                        return self.fail("found duplicate %TAG directive", start, Mark::default());
                    }
                    let tag = (handle.clone(), prefix.clone());
                    self.tags.push(tag);
                }
                TokenKind::DocumentStart => {
                    self.scanner.next()?;
                    return Ok(true);
                }
                _ if any => return self.fail("did not find expected <document start>", start, Mark::default()),
                _ => return Ok(false),
            }
            any = true;
            self.scanner.next()?;
        }
    }

    fn fail<T>(&self, message: &str, mark: Mark, context: Mark) -> Result<T> {
        Err(Problem { message: message.into(), mark, context, origin: Origin::Parser })
    }

    /// Notes an error that only shows when the whole text has been read.
    fn fail_later(&mut self, message: String, mark: Mark) {
        if self.failed.is_none() {
            self.failed = Some(Error::new(&message, mark));
        }
    }

    fn at(&mut self, kind: &TokenKind) -> Result<bool> {
        Ok(self.scanner.peek()?.kind == *kind)
    }

    fn at_any(&mut self, kinds: &[TokenKind]) -> Result<bool> {
        Ok(kinds.contains(&self.scanner.peek()?.kind))
    }

    /// A node with its properties.
    fn node(&mut self, block: bool, indentless: bool) -> Result<Node> {
        let start = self.scanner.peek()?.start;
        if let TokenKind::Alias(name) = &self.scanner.peek()?.kind {
            let name = name.clone();
            self.scanner.next()?;
            return self.alias(&name, start);
        }
        let (anchor, tag) = self.properties(start)?;
        if let Some(anchor) = &anchor {
            self.anchors.insert(anchor.clone(), None);
        }
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return self.fail(&format!("exceeded max depth of {MAX_DEPTH}"), start, start);
        }
        self.note_place(start);
        let node = self.content(block, indentless, start, tag.as_deref(), anchor.is_some())?;
        self.depth -= 1;
        self.count(1, false, start);
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, Some(Node { aliased: true, ..node.clone() }));
        }
        Ok(node)
    }

    fn alias(&mut self, name: &str, start: Mark) -> Result<Node> {
        self.note_place(start);
        match self.anchors.get(name) {
            None => {
                let message = format!("unknown anchor '{name}' referenced");
                Err(Problem { message, mark: start, context: start, origin: Origin::Composer })
            }
            Some(None) => {
                self.fail_later(format!("anchor '{name}' value contains itself"), start);
                Ok(Node::empty(start))
            }
            Some(Some(node)) => {
                let node = Node { mark: start, ..node.clone() };
                self.count(node.size, true, start);
                Ok(node)
            }
        }
    }

    /// Bounds what aliases expand to.
    fn count(&mut self, nodes: u64, aliased: bool, mark: Mark) {
        self.nodes = self.nodes.saturating_add(nodes);
        if aliased {
            self.aliased = self.aliased.saturating_add(nodes);
        }
        let share = self.aliased as f64 / self.nodes as f64;
        let (low, high) = (400_000.0, MAX_NODES as f64);
        let allowed = (0.99 - 0.89 * (self.nodes as f64 - low) / (high - low)).clamp(0.10, 0.99);
        if self.aliased > 100 && self.nodes > 1000 && share > allowed {
            self.fail_later("document contains excessive aliasing".into(), mark);
        }
    }

    /// Anchor and resolved tag before a node.
    fn properties(&mut self, start: Mark) -> Result<(Option<String>, Option<String>)> {
        let (mut anchor, mut tag) = (None, None);
        loop {
            let token = self.scanner.peek()?;
            let mark = token.start;
            match &token.kind {
                TokenKind::Anchor(name) if anchor.is_none() => anchor = Some(name.clone()),
                TokenKind::Tag(handle, suffix) if tag.is_none() => {
                    let (handle, suffix) = (handle.clone(), suffix.clone());
                    tag = match self.prefix(&handle) {
                        Some(prefix) => Some(prefix + &suffix),
                        None => return self.fail("found undefined tag handle", mark, start),
                    };
                }
                _ => return Ok((anchor, tag)),
            }
            self.scanner.next()?;
        }
    }

    fn prefix(&self, handle: &str) -> Option<String> {
        if let Some((_, prefix)) = self.tags.iter().find(|(known, _)| known == handle) {
            return Some(prefix.clone());
        }
        match handle {
            "" => Some(String::new()),
            "!" => Some("!".into()),
            "!!" => Some(YAML_TAG.into()),
            _ => None,
        }
    }

    fn content(
        &mut self,
        block: bool,
        indentless: bool,
        start: Mark,
        tag: Option<&str>,
        anchored: bool,
    ) -> Result<Node> {
        let token = self.scanner.peek()?;
        let at = token.start;
        match &token.kind {
            TokenKind::BlockEntry if indentless => self.block_sequence(start, true),
            TokenKind::Scalar(..) => {
                let TokenKind::Scalar(text, plain) = self.scanner.next()?.kind else { return Ok(Node::empty(start)) };
                Ok(self.scalar(text, plain, tag, start))
            }
            TokenKind::FlowSequenceStart => self.flow_sequence(start),
            TokenKind::FlowMappingStart => self.flow_mapping(start),
            TokenKind::BlockSequenceStart if block => {
                self.scanner.next()?;
                self.block_sequence(start, false)
            }
            TokenKind::BlockMappingStart if block => self.block_mapping(start),
            _ if anchored || tag.is_some() => Ok(self.scalar(String::new(), true, tag, start)),
            _ => self.fail("did not find expected node content", at, start),
        }
    }

    /// A scalar's value by its tag, or by its form if it has neither tag nor quotes.
    fn scalar(&mut self, text: String, plain: bool, tag: Option<&str>, mark: Mark) -> Node {
        let value = match tag.map(|tag| tag.strip_prefix(YAML_TAG).unwrap_or(tag)) {
            None | Some("!") if plain && tag.is_none() => resolve(&text).into_value(&text),
            Some("bool" | "int" | "float" | "null" | "timestamp") => self.tagged(&text, tag.unwrap_or_default(), mark),
            Some("binary") => match crate::base64::decode(&text) {
                Some(bytes) => Value::from(String::from_utf8_lossy(&bytes).into_owned()),
                None => {
                    self.fail_later("!!binary value contains invalid base64 data".into(), mark);
                    Value::Null
                }
            },
            _ => Value::from(text.as_str()),
        };
        Node { value, text: Some(text), plain: plain && tag.is_none(), size: 1, mark, aliased: false }
    }

    fn tagged(&mut self, text: &str, tag: &str, mark: Mark) -> Value {
        let found = resolve(text);
        let wanted = tag.replace(YAML_TAG, "!!");
        match (&found, wanted.as_str()) {
            (Plain::Int(number), "!!float") => Value::Float(*number as f64),
            _ if found.tag() == wanted => found.into_value(text),
            _ => {
                self.fail_later(format!("cannot decode {} `{text}` as a {wanted}", found.tag()), mark);
                Value::Null
            }
        }
    }

    fn block_sequence(&mut self, start: Mark, indentless: bool) -> Result<Node> {
        use TokenKind::{BlockEnd, BlockEntry, Key, Value as ValueToken};
        let mut items = Sequence::new(start);
        loop {
            let token = self.scanner.peek()?;
            let (at, entry) = (token.start, token.kind == BlockEntry);
            if !entry {
                if indentless {
                    break;
                }
                if token.kind != BlockEnd {
                    return self.fail("did not find expected '-' indicator", at, start);
                }
                self.scanner.next()?;
                break;
            }
            self.scanner.next()?;
            let place = self.enter_item(items.len());
            let ends: &[TokenKind] =
                if indentless { &[BlockEntry, Key, ValueToken, BlockEnd] } else { &[BlockEntry, BlockEnd] };
            let node = if self.at_any(ends)? { self.empty(at) } else { self.node(true, false)? };
            self.leave(place);
            items.push(node);
        }
        Ok(items.done())
    }

    fn block_mapping(&mut self, start: Mark) -> Result<Node> {
        use TokenKind::{BlockEnd, Key, Value as ValueToken};
        self.scanner.next()?;
        let mut fields = Mapping::new(start);
        loop {
            let token = self.scanner.peek()?;
            let at = token.start;
            match token.kind {
                Key => {
                    self.scanner.next()?;
                }
                BlockEnd => {
                    self.scanner.next()?;
                    return Ok(fields.done());
                }
                _ => return self.fail("did not find expected key", at, start),
            }
            let ends = [Key, ValueToken, BlockEnd];
            let key = if self.at_any(&ends)? { Node::empty(at) } else { self.key(true)? };
            let place = self.enter_field(&key);
            let value = if self.at(&ValueToken)? {
                let at = self.scanner.next()?.start;
                if self.at_any(&ends)? { self.empty(at) } else { self.node(true, true)? }
            } else {
                self.empty(at)
            };
            self.leave(place);
            self.add(&mut fields, key, value);
        }
    }

    fn flow_sequence(&mut self, start: Mark) -> Result<Node> {
        use TokenKind::{FlowEntry, FlowSequenceEnd, Key, Value as ValueToken};
        self.scanner.next()?;
        let mut items = Sequence::new(start);
        let mut first = true;
        loop {
            if self.at(&FlowSequenceEnd)? {
                break;
            }
            if !first {
                let token = self.scanner.peek()?;
                let at = token.start;
                if token.kind != FlowEntry {
                    return self.fail("did not find expected ',' or ']'", at, start);
                }
                self.scanner.next()?;
            }
            first = false;
            let place = self.enter_item(items.len());
            if self.at(&Key)? {
                // `[a: b]` is a list of one mapping.
                let at = self.scanner.next()?.start;
                self.note_place(at);
                let key = if self.at_any(&[ValueToken, FlowEntry, FlowSequenceEnd])? {
                    Node::empty(at)
                } else {
                    self.key(false)?
                };
                let value_place = self.enter_field(&key);
                let value = self.flow_value(at, &[FlowEntry, FlowSequenceEnd])?;
                self.leave(value_place);
                let mut fields = Mapping::new(at);
                self.add(&mut fields, key, value);
                items.push(fields.done());
            } else if !self.at(&FlowSequenceEnd)? {
                let node = self.node(false, false)?;
                items.push(node);
            }
            self.leave(place);
        }
        self.scanner.next()?;
        Ok(items.done())
    }

    fn flow_mapping(&mut self, start: Mark) -> Result<Node> {
        use TokenKind::{FlowEntry, FlowMappingEnd, Key, Value as ValueToken};
        self.scanner.next()?;
        let mut fields = Mapping::new(start);
        let mut first = true;
        loop {
            if self.at(&FlowMappingEnd)? {
                break;
            }
            if !first {
                let token = self.scanner.peek()?;
                let at = token.start;
                if token.kind != FlowEntry {
                    return self.fail("did not find expected ',' or '}'", at, start);
                }
                self.scanner.next()?;
            }
            first = false;
            if self.at(&Key)? {
                let at = self.scanner.next()?.start;
                let key = if self.at_any(&[ValueToken, FlowEntry, FlowMappingEnd])? {
                    Node::empty(at)
                } else {
                    self.key(false)?
                };
                let place = self.enter_field(&key);
                let value = self.flow_value(at, &[FlowEntry, FlowMappingEnd])?;
                self.leave(place);
                self.add(&mut fields, key, value);
            } else if !self.at(&FlowMappingEnd)? {
                let key = self.key(false)?;
                let place = self.enter_field(&key);
                let value = self.empty(key.mark);
                self.leave(place);
                self.add(&mut fields, key, value);
            }
        }
        self.scanner.next()?;
        Ok(fields.done())
    }

    fn flow_value(&mut self, at: Mark, ends: &[TokenKind]) -> Result<Node> {
        if !self.at(&TokenKind::Value)? {
            return Ok(self.empty(at));
        }
        let at = self.scanner.next()?.start;
        if self.at_any(ends)? { Ok(self.empty(at)) } else { self.node(false, false) }
    }

    fn empty(&mut self, mark: Mark) -> Node {
        self.note_place(mark);
        Node::empty(mark)
    }

    /// A key; nothing within it has a place of its own.
    fn key(&mut self, block: bool) -> Result<Node> {
        let path = self.path.take();
        let node = self.node(block, block)?;
        self.path = path;
        Ok(node)
    }

    /// Adds a field, or what `<<` merges.
    fn add(&mut self, fields: &mut Mapping, key: Node, value: Node) {
        fields.size = fields.size.saturating_add(1).saturating_add(value.size);
        if key.text.as_deref() == Some("<<") && key.plain {
            return self.merge(fields, value);
        }
        let Some(name) = self.key_text(&key) else { return };
        if fields.put(Key::from(name.as_str()), value.value) {
            self.duplicates.push((key.mark.line + 1, name));
        }
    }

    fn merge(&mut self, fields: &mut Mapping, node: Node) {
        // Of a list the first mapping wins, as if merged last.
        let list: Vec<Value> = match &node.value {
            Value::Object(_) => vec![node.value.clone()],
            Value::Array(items) if !node.aliased => items.iter().rev().cloned().collect(),
            _ => Vec::new(),
        };
        if list.is_empty() || !list.iter().all(Value::is_object) {
            self.fail_later("map merge requires map or sequence of maps as the value".into(), node.mark);
            return;
        }
        for value in list {
            for (key, value) in value.fields() {
                fields.put(key.clone(), value.clone());
            }
        }
    }

    /// A key as JSON has it.
    fn key_text(&mut self, key: &Node) -> Option<String> {
        Some(match &key.value {
            Value::String(text) => text.to_string(),
            Value::Bool(flag) => flag.to_string(),
            Value::Int(number) => number.to_string(),
            Value::Float(number) if number.is_infinite() => if *number > 0.0 { "+.inf" } else { "-.inf" }.into(),
            Value::Float(number) if number.is_nan() => ".nan".into(),
            Value::Float(number) => crate::json::format_float_g(*number, 6),
            Value::Null => {
                self.fail_later("unsupported map key of type: <nil>".into(), key.mark);
                return None;
            }
            other => {
                let shown = gostr::quote(&crate::json::to_string_plain(other));
                self.fail_later(format!("invalid map key: {shown}"), key.mark);
                return None;
            }
        })
    }

    // Places.

    fn note_place(&mut self, mark: Mark) {
        if let Some(path) = &self.path {
            self.places.insert(path.clone(), Place { line: mark.line + 1, column: mark.column + 1 });
        }
    }

    /// Goes down to an item; gives what `leave` needs.
    fn enter_item(&mut self, index: usize) -> usize {
        self.enter(|path| path.push_str(&format!("[{index}]")))
    }

    /// Goes down to a field.
    fn enter_field(&mut self, key: &Node) -> usize {
        self.enter(|path| {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(key.text.as_deref().unwrap_or_default());
        })
    }

    fn enter(&mut self, extend: impl FnOnce(&mut String)) -> usize {
        let Some(path) = &mut self.path else { return 0 };
        let length = path.len();
        extend(path);
        length
    }

    fn leave(&mut self, length: usize) {
        if let Some(path) = &mut self.path {
            path.truncate(length);
        }
    }
}

/// A sequence that is being read.
struct Sequence {
    items: Vec<Value>,
    size: u64,
    mark: Mark,
}

impl Sequence {
    fn new(mark: Mark) -> Self {
        Self { items: Vec::new(), size: 1, mark }
    }

    fn len(&self) -> usize {
        self.items.len()
    }

    fn push(&mut self, node: Node) {
        self.size = self.size.saturating_add(node.size);
        self.items.push(node.value);
    }

    fn done(self) -> Node {
        let value = Value::Array(self.items.into_iter().collect());
        Node { value, text: None, plain: false, size: self.size, mark: self.mark, aliased: false }
    }
}

/// A mapping that is being read.
struct Mapping {
    fields: BTreeMap<Key, Value>,
    size: u64,
    mark: Mark,
}

impl Mapping {
    fn new(mark: Mark) -> Self {
        Self { fields: BTreeMap::new(), size: 1, mark }
    }

    /// Sets a field; says whether it was there.
    fn put(&mut self, key: Key, value: Value) -> bool {
        self.fields.insert(key, value).is_some()
    }

    fn done(self) -> Node {
        let value = Value::Object(Object::from_entries(self.fields));
        Node { value, text: None, plain: false, size: self.size, mark: self.mark, aliased: false }
    }
}
