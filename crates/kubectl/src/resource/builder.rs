//! What was asked for on the command line, checked as cli-runtime checks it.

// Models staging/src/k8s.io/cli-runtime/pkg/resource/builder.go

use std::collections::VecDeque;

use ecow::EcoString;

use super::items::{Items, Source};
use super::{files, q};
use crate::ctx::Ctx;
use crate::discovery::{Discovery, Resource};
use crate::failure::{Failure, Outcome};
use crate::kustomize;

/// What said nothing at all is answered with.
pub(crate) const MISSING: &str = "You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'";

/// What the command line asked for. Fill the fields, then [`start`](Self::start).
#[derive(Clone, Debug, Default)]
pub(crate) struct Builder {
    pub args: Vec<EcoString>,
    pub files: Vec<EcoString>,
    pub kustomize: EcoString,
    pub recursive: bool,
    pub namespace: EcoString,
    /// Objects from files must be in `namespace`.
    pub enforce_namespace: bool,
    pub all_namespaces: bool,
    pub label_selector: Option<EcoString>,
    pub field_selector: Option<EcoString>,
    pub select_all: bool,
    /// A type alone means all of it.
    pub allow_empty_selector: bool,
    /// Objects are fetched; otherwise a name is enough.
    pub fetch: bool,
    /// Lists are given item by item.
    pub flatten: bool,
    /// Lists and objects are fetched as tables.
    pub as_table: bool,
    /// Rows of tables come with their whole objects.
    pub include_object: bool,
    /// As `status`; empty for the object itself.
    pub subresource: EcoString,
    /// Documents of files must say what they are.
    pub validate: bool,
    /// Objects come from files only, and the server is not asked.
    pub local: bool,
}

enum Types {
    Bulk(Vec<EcoString>, Vec<EcoString>),
    Tuples(Vec<(EcoString, EcoString)>),
}

impl Builder {
    /// From the flags that most commands share: namespace, `-f`, `-R`, `-l`, `--field-selector`, `--all`, `-A`.
    pub(crate) async fn from_flags(ctx: &Ctx, args: &[EcoString]) -> Outcome<Self> {
        let flags = &ctx.flags;
        let local = flags.bool("local");
        let (namespace, enforce_namespace) = if local && !flags.changed("namespace") {
            ("default".into(), false)
        } else {
            let access = ctx.access().await?;
            (access.namespace.clone(), access.explicit_namespace)
        };
        let selector = |name: &str| Some(flags.text(name)).filter(|text| !text.trim().is_empty());
        Ok(Self {
            args: args.to_vec(),
            files: flags.list("filename"),
            kustomize: flags.text("kustomize"),
            recursive: flags.bool("recursive"),
            namespace,
            enforce_namespace,
            all_namespaces: flags.bool("all-namespaces"),
            label_selector: selector("selector"),
            field_selector: selector("field-selector"),
            select_all: flags.bool("all"),
            fetch: true,
            flatten: true,
            local,
            ..Self::default()
        })
    }

    /// Whether files were given.
    pub(crate) fn has_files(&self) -> bool {
        !self.files.is_empty() || !self.kustomize.is_empty()
    }

    /// Checks what was asked for and gives the objects one by one.
    pub(crate) async fn start(mut self, ctx: &Ctx) -> Outcome<Items> {
        if !self.files.is_empty() && !self.kustomize.is_empty() {
            return Err("only one of -f or -k can be specified".into());
        }
        if self.all_namespaces {
            self.namespace = EcoString::new();
        }
        let paths = files::expand(ctx, &self.files, self.recursive).await?;
        let built = match self.kustomize.as_str() {
            "" => None,
            directory => Some(kustomize::build(ctx, directory).await?),
        };
        let empty = Discovery::default();
        let discovery = if self.local { None } else { Some(ctx.discovery().await?) };
        let types = self.types(discovery.as_deref().unwrap_or(&empty))?;
        if self.select_all {
            self.label_selector = Some(EcoString::new());
        }
        let selecting = self.label_selector.is_some() || self.field_selector.is_some();
        let (sources, single) = if let Some(objects) = built {
            self.by_path(Vec::new(), &types)?;
            let source = &self.kustomize;
            let document = |object| Source::Document { object, source: source.clone(), whole: true };
            (objects.into_iter().map(document).collect(), false)
        } else if !paths.is_empty() {
            let single = paths.len() == 1 && paths[0] != "-" && self.files.len() == 1 && self.files[0] == paths[0];
            (self.by_path(paths, &types)?, single)
        } else {
            let discovery = discovery.as_deref().unwrap_or(&empty);
            match types {
                Types::Bulk(types, names) if selecting => (self.by_selector(&types, &names, discovery)?, false),
                Types::Tuples(_) if selecting => {
                    return Err("selectors and the all flag cannot be used when passing resource/name arguments".into());
                }
                Types::Tuples(tuples) => self.by_tuple(&tuples, discovery)?,
                Types::Bulk(types, names) if !names.is_empty() => self.by_name(&types, &names, discovery)?,
                Types::Bulk(types, _) => {
                    for word in &types {
                        discovery.resolve(word)?;
                    }
                    let missing =
                        if types.is_empty() { MISSING } else { "resource(s) were provided, but no name was specified" };
                    return Err(missing.into());
                }
            }
        };
        Ok(Items { builder: self, sources: VecDeque::from(sources), single, discovery })
    }

    /// What the arguments say: types and names, or `type/name`s.
    fn types(&mut self, discovery: &Discovery) -> Outcome<Types> {
        let slashes = self.args.iter().filter(|arg| arg.contains('/')).count();
        if slashes > 0 {
            if slashes != self.args.len() {
                return Err(
                    "there is no need to specify a resource type as a separate argument when passing arguments \
                    in resource/name form (e.g. 'kubectl get resource/<resource_name>' instead of 'kubectl get \
                    resource resource/<resource_name>'"
                        .into(),
                );
            }
            return self.args.iter().map(|arg| tuple(arg)).collect::<Outcome<_>>().map(Types::Tuples);
        }
        let Some((types, names)) = self.args.split_first() else {
            return Ok(Types::Bulk(Vec::new(), Vec::new()));
        };
        let mut words: Vec<EcoString> = Vec::new();
        for word in types.split(',') {
            let members = discovery.category(word);
            let members = if members.is_empty() { vec![word.into()] } else { members };
            members.into_iter().for_each(|member| {
                if !words.contains(&member) {
                    words.push(member);
                }
            });
        }
        if names.is_empty() && self.allow_empty_selector && self.label_selector.is_none() && self.files.is_empty() {
            self.label_selector = Some(EcoString::new());
        }
        Ok(Types::Bulk(words, names.to_vec()))
    }

    fn by_path(&self, paths: Vec<EcoString>, types: &Types) -> Outcome<Vec<Source>> {
        match types {
            Types::Bulk(types, _) if !types.is_empty() => {
                Err("when paths, URLs, or stdin is provided as input, you may not specify resource arguments as well"
                    .into())
            }
            Types::Tuples(tuples) if !tuples.is_empty() => {
                Err("resource/name arguments cannot be provided when a path is specified".into())
            }
            _ => Ok(paths.into_iter().map(Source::Path).collect()),
        }
    }

    fn by_selector(&self, types: &[EcoString], names: &[EcoString], discovery: &Discovery) -> Outcome<Vec<Source>> {
        if !names.is_empty() {
            return Err("name cannot be provided when a selector is specified".into());
        }
        if types.is_empty() {
            return Err("at least one resource must be specified to use a selector".into());
        }
        if !self.subresource.is_empty() {
            return Err("subresource cannot be used when bulk resources are specified".into());
        }
        let source = |word: &EcoString| {
            let resource = discovery.resolve(word)?;
            Ok(Source::Select { resource: resource.clone(), namespace: self.scope(resource) })
        };
        types.iter().map(source).collect()
    }

    fn by_tuple(&self, tuples: &[(EcoString, EcoString)], discovery: &Discovery) -> Outcome<(Vec<Source>, bool)> {
        let source = |(word, name): &(EcoString, EcoString)| {
            let resource = discovery.resolve(word)?;
            self.named(resource, name)
        };
        Ok((tuples.iter().map(source).collect::<Outcome<_>>()?, tuples.len() == 1))
    }

    fn by_name(&self, types: &[EcoString], names: &[EcoString], discovery: &Discovery) -> Outcome<(Vec<Source>, bool)> {
        let mut resources = Vec::new();
        for word in types {
            resources.push(discovery.resolve(word)?);
        }
        let mut sources = Vec::new();
        for resource in &resources {
            for name in names {
                sources.push(self.named(resource, name)?);
            }
        }
        Ok((sources, names.len() == 1 && resources.len() == 1))
    }

    fn named(&self, resource: &Resource, name: &str) -> Outcome<Source> {
        if resource.namespaced && self.namespace.is_empty() {
            let why = if self.all_namespaces {
                "a resource cannot be retrieved by name across all namespaces"
            } else {
                "namespace may not be empty when retrieving a resource by name"
            };
            return Err(why.into());
        }
        Ok(Source::Named { resource: resource.clone(), namespace: self.scope(resource), name: name.into() })
    }

    fn scope(&self, resource: &Resource) -> EcoString {
        if resource.namespaced { self.namespace.clone() } else { EcoString::new() }
    }

    /// Refuses an object from a file that is not in the namespace asked for.
    pub(super) fn check_namespace(&self, namespace: &str) -> Outcome {
        if self.enforce_namespace && !namespace.is_empty() && namespace != self.namespace {
            return Err(Failure::Text(format!(
                "the namespace from the provided object {} does not match the namespace {}. You must pass \
                 '--namespace={namespace}' to perform this operation.",
                q(namespace),
                q(&self.namespace)
            )));
        }
        Ok(())
    }
}

/// `pod/web` as type and name.
fn tuple(arg: &str) -> Outcome<(EcoString, EcoString)> {
    let parts: Vec<&str> = arg.split('/').collect();
    match parts[..] {
        [kind, name] if !kind.is_empty() && !name.is_empty() && !kind.contains(',') => Ok((kind.into(), name.into())),
        [_, _] => Err("arguments in resource/name form must have a single resource and name".into()),
        _ => Err("arguments in resource/name form may not have more than one slash".into()),
    }
}
