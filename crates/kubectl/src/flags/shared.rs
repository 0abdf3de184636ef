//! Flags that many commands have.

// Models staging/src/k8s.io/kubectl/pkg/cmd/util/helpers.go and staging/src/k8s.io/cli-runtime/pkg/genericclioptions

use super::Flag;

/// `-f`, `-k`, `-R`, with the end of the help text of `-f`.
#[macro_export]
#[doc(hidden)]
macro_rules! filename_flags {
    ($usage:literal) => {
        &[
            $crate::flags::Flag::slice(
                "filename",
                concat!("Filename, directory, or URL to files ", $usage),
            )
            .short("f"),
            $crate::flags::Flag::text(
                "kustomize",
                "",
                "Process the kustomization directory. This flag can't be used together with -f or -R.",
            )
            .short("k"),
            $crate::flags::Flag::bool(
                "recursive",
                "Process the directory used in -f, --filename recursively. Useful when you want to manage related manifests organized within the same directory.",
            )
            .short("R"),
        ]
    };
}
pub(crate) use filename_flags;

/// `--field-manager` with its default.
#[macro_export]
#[doc(hidden)]
macro_rules! field_manager_flag {
    ($default:literal) => {
        &[$crate::flags::Flag::text("field-manager", $default, "Name of the manager used to track field ownership.")]
    };
}
pub(crate) use field_manager_flag;

const OUTPUT_FORMATS: &str = "Output format. One of: (json, yaml, kyaml, name, go-template, go-template-file, template, templatefile, jsonpath, jsonpath-as-json, jsonpath-file).";

/// `-o` and its kin for commands that print what they made.
pub(crate) static PRINT: &[Flag] = &[ALLOW_MISSING, OUTPUT, SHOW_MANAGED_FIELDS, TEMPLATE];

const OUTPUT: Flag = Flag::text("output", "", OUTPUT_FORMATS).short("o");

pub(crate) const ALLOW_MISSING: Flag = Flag::on(
    "allow-missing-template-keys",
    "If true, ignore any errors in templates when a field or map key is missing in the template. Only applies to golang and jsonpath output formats.",
);

pub(crate) const SHOW_MANAGED_FIELDS: Flag =
    Flag::bool("show-managed-fields", "If true, keep the managedFields when printing objects in JSON or YAML format.");

pub(crate) const TEMPLATE: Flag = Flag::text(
    "template",
    "",
    "Template string or path to template file to use when -o=go-template, -o=go-template-file. The template format is golang templates [http://golang.org/pkg/text/template/#pkg-overview].",
);

/// `--dry-run`
pub(crate) static DRY_RUN: &[Flag] = &[DRY_RUN_FLAG];

const DRY_RUN_FLAG: Flag = Flag::text(
    "dry-run",
    "none",
    "Must be \"none\", \"server\", or \"client\". If client strategy, only print the object that would be sent, without sending it. If server strategy, submit server-side request without persisting the resource.",
)
.bare("unchanged");

/// `-l` for commands that act on what it selects.
pub(crate) static SELECTOR: &[Flag] = &[Flag::text(
    "selector",
    "",
    "Selector (label query) to filter on, supports '=', '==', '!=', 'in', 'notin'.(e.g. -l key1=value1,key2=value2,key3 in (value3)). Matching objects must satisfy all of the specified label constraints.",
)
.short("l")];

/// `--validate`
pub(crate) static VALIDATE: &[Flag] = &[VALIDATE_FLAG];

const VALIDATE_FLAG: Flag = Flag::text(
    "validate",
    "strict",
    "Must be one of: strict (or true), warn, ignore (or false). \"true\" or \"strict\" will use a schema to validate the input and fail the request if invalid. It will perform server side validation if ServerSideFieldValidation is enabled on the api-server, but will fall back to less reliable client-side validation if not. \"warn\" will warn about unknown or duplicate fields without blocking the request if server-side field validation is enabled on the API server, and behave as \"ignore\" otherwise. \"false\" or \"ignore\" will not perform any schema validation, silently dropping any unknown or duplicate fields.",
)
.bare("strict");

/// `--save-config`
pub(crate) static SAVE_CONFIG: &[Flag] = &[SAVE_CONFIG_FLAG];

const SAVE_CONFIG_FLAG: Flag = Flag::bool(
    "save-config",
    "If true, the configuration of current object will be saved in its annotation. Otherwise, the annotation will be unchanged. This flag is useful when you want to perform kubectl apply on this object in the future.",
);

/// What all `kubectl create <kind>` have.
pub(crate) static GENERATE: &[Flag] = &[
    ALLOW_MISSING,
    DRY_RUN_FLAG,
    Flag::text("field-manager", "kubectl-create", "Name of the manager used to track field ownership."),
    OUTPUT,
    SAVE_CONFIG_FLAG,
    SHOW_MANAGED_FIELDS,
    TEMPLATE,
    VALIDATE_FLAG,
];
