//! What commands print about objects: `pod/web created`, or the object in the format of `-o`.

// Models staging/src/k8s.io/cli-runtime/pkg/genericclioptions/print_flags.go

use std::cell::RefCell;

use podyard_api::Value;
use podyard_printers::format::{self, Format};

use crate::ctx::Ctx;
use crate::discovery::{group_of, printed_kind};
use crate::failure::{Failure, Outcome};
use crate::order;

/// `--dry-run`
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum DryRun {
    #[default]
    None,
    /// Nothing is sent.
    Client,
    /// Everything but the storing happens.
    Server,
}

impl DryRun {
    /// Reads the flag; says what is deprecated about it.
    // Models staging/src/k8s.io/kubectl/pkg/cmd/util/helpers.go GetDryRunStrategy
    pub(crate) async fn from_flags(ctx: &Ctx) -> Outcome<Self> {
        let text = ctx.flags.text("dry-run");
        match text.as_str() {
            "none" | "" => Ok(Self::None),
            "client" => Ok(Self::Client),
            "server" => Ok(Self::Server),
            "unchanged" => {
                let message = "--dry-run is deprecated and can be replaced with --dry-run=client.";
                ctx.log('W', "helpers.go:719", message).await;
                Ok(Self::Client)
            }
            other => match other.parse::<bool>() {
                Ok(on) => {
                    let with = if on { "client" } else { "none" };
                    let message = format!(
                        "--dry-run={other} is deprecated (boolean value) and can be replaced with --dry-run={with}."
                    );
                    ctx.log('W', "helpers.go:715", &message).await;
                    Ok(if on { Self::Client } else { Self::None })
                }
                Err(_) => Err(Failure::Text(format!(
                    "Invalid dry-run value ({other}). Must be \"none\", \"server\", or \"client\"."
                ))),
            },
        }
    }

    pub(crate) fn is_client(self) -> bool {
        self == Self::Client
    }

    pub(crate) fn is_server(self) -> bool {
        self == Self::Server
    }

    /// The operation as it is printed: `created (dry run)`.
    pub(crate) fn mark(self, operation: &str) -> String {
        match self {
            Self::None => operation.to_owned(),
            Self::Client => format!("{operation} (dry run)"),
            Self::Server => format!("{operation} (server dry run)"),
        }
    }
}

/// Prints objects one after another.
pub(crate) struct Printer {
    /// `None`: a line that says what was done.
    format: Option<RefCell<Format>>,
    operation: String,
    keep_managed_fields: bool,
    /// Objects are Go structures, not documents of the server: JSON has the order of their declaration.
    typed_json: bool,
}

impl Printer {
    /// For commands that make objects of their own.
    pub(crate) async fn typed(ctx: &Ctx, operation: &str, dry_run: DryRun) -> Outcome<Self> {
        let printer = Self::from_flags(ctx, operation, dry_run).await?;
        Ok(Self { typed_json: ctx.flags.text("output") == "json", ..printer })
    }

    /// By `-o` and its kin; without them objects are printed as `pod/web <operation>`.
    pub(crate) async fn from_flags(ctx: &Ctx, operation: &str, dry_run: DryRun) -> Outcome<Self> {
        let format = if has_format(ctx) { Some(RefCell::new(format_of(ctx).await?)) } else { None };
        Ok(Self {
            format,
            operation: dry_run.mark(operation),
            keep_managed_fields: ctx.flags.bool("show-managed-fields"),
            typed_json: false,
        })
    }

    /// The same, with another word for what was done.
    pub(crate) fn saying(&self, operation: String) -> Self {
        Self {
            format: self.format.clone(),
            operation,
            keep_managed_fields: self.keep_managed_fields,
            typed_json: self.typed_json,
        }
    }

    /// Whether objects are printed whole, or by `-o name`.
    pub(crate) fn is_formatted(&self) -> bool {
        self.format.is_some()
    }

    /// Prints one object.
    pub(crate) async fn print(&self, ctx: &Ctx, object: &Value) -> Outcome {
        let text = match &self.format {
            None => format!("{} {}\n", name(object), self.operation),
            Some(format) => {
                if self.typed_json {
                    let shown = if self.keep_managed_fields { object.clone() } else { without_managed_fields(object) };
                    ctx.out(order::to_string_pretty(&shown) + "\n").await;
                    return Ok(());
                }
                let printed = format.borrow_mut().print(object);
                match printed {
                    Ok(text) => text,
                    Err(error) => {
                        ctx.out(error.output).await;
                        return Err(Failure::Text(error.message));
                    }
                }
            }
        };
        ctx.out(text).await;
        Ok(())
    }
}

/// Whether `-o` or `--template` asks for a format.
pub(crate) fn has_format(ctx: &Ctx) -> bool {
    !ctx.flags.text("output").is_empty() || ctx.flags.changed("template")
}

/// The format that the flags ask for.
pub(crate) async fn format_of(ctx: &Ctx) -> Outcome<Format> {
    let output = ctx.flags.text("output");
    let template = ctx.flags.text("template");
    let file = match format::file(&output, &template) {
        Some(path) => Some(match ctx.sys.read_file(path).await {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Err(errno) => Err(format!("open {path}: {}", errno.to_string().to_lowercase())),
        }),
        None => None,
    };
    let options = format::Options {
        allow_missing_keys: ctx.flags.bool("allow-missing-template-keys"),
        no_headers: ctx.flags.bool("no-headers"),
        show_managed_fields: ctx.flags.bool("show-managed-fields"),
        tables: ctx.flags.has("no-headers"),
        file,
    };
    Format::parse(&output, &template, &options).map_err(|error| Failure::Text(error.message))
}

/// `deployment.apps/web`
pub(crate) fn name(object: &Value) -> String {
    format!("{}/{}", printed_kind(object.kind(), group_of(object.api_version())), object.name())
}

/// The object, or each item of a list, without `metadata.managedFields`.
pub(crate) fn without_managed_fields(object: &Value) -> Value {
    let mut shown = object.clone();
    if let Some(items) = shown.get_mut("items") {
        for item in items.items_mut() {
            strip(item);
        }
    }
    strip(&mut shown);
    shown
}

fn strip(object: &mut Value) {
    if object.get("metadata").get("managedFields").is_null() {
        return;
    }
    if let Some(metadata) = object.get_mut("metadata") {
        metadata.remove("managedFields");
    }
}
