//! `kubectl edit`.

// Models staging/src/k8s.io/kubectl/pkg/cmd/edit

use crate::command::{Command, EMPTY, run};
use crate::ctx::Ctx;
use crate::editor::{Mode, Session};
use crate::failure::{Failure, Outcome};
use crate::flags::shared::{field_manager_flag, filename_flags};
use crate::flags::{Flag, shared};
use crate::resource::{Builder, MISSING, q};

pub(crate) static COMMAND: Command = Command {
    name: "edit",
    usage: "edit (RESOURCE/NAME | -f FILENAME)",
    short: "Edit a resource on the server",
    long: "Edit a resource from the default editor.

 The edit command allows you to directly edit any API resource you can retrieve via the command-line tools. It will open the editor defined by your KUBE_EDITOR, or EDITOR environment variables, or fall back to 'vi' for Linux or 'notepad' for Windows. When attempting to open the editor, it will first attempt to use the shell that has been defined in the 'SHELL' environment variable. If this is not defined, the default shell will be used, which is '/bin/bash' for Linux or 'cmd' for Windows.

 You can edit multiple objects, although changes are applied one at a time. The command accepts file names as well as command-line arguments, although the files you point to must be previously saved versions of resources.

 Editing is done with the API version used to fetch the resource. To edit using a specific API version, fully-qualify the resource, version, and group.

 The default format is YAML. If you would like to edit in JSON, specify \"-o json\".

 The flag --windows-line-endings can be used to force Windows line endings, otherwise the default for your operating system will be used.

 In the event an error occurs while updating, a temporary file will be created on disk that contains your unapplied changes. The most common error when updating a resource is another editor changing the resource on the server. When this occurs, you will have to apply your changes to the newer version of the resource, or update your temporary saved copy to include the latest resource version.",
    example: "# Edit the service named 'registry'
kubectl edit svc/registry

# Use an alternative editor
KUBE_EDITOR=\"nano\" kubectl edit svc/registry

# Edit the job 'myjob' in JSON using the v1 API format
kubectl edit job.v1.batch/myjob -o json

# Edit the deployment 'mydeployment' in YAML and save the modified config in its annotation
kubectl edit deployment/mydeployment -o yaml --save-config

# Edit the 'status' subresource for the 'mydeployment' deployment
kubectl edit deployment mydeployment --subresource='status'",
    flags: &[
        FLAGS,
        filename_flags!("to use to edit the resource"),
        field_manager_flag!("kubectl-edit"),
        shared::PRINT,
        shared::SAVE_CONFIG,
        shared::VALIDATE,
    ],
    run: run!(edit),
    ..EMPTY
};

static FLAGS: &[Flag] = &[
    Flag::bool("output-patch", "Output the patch if the resource is edited."),
    Flag::text("subresource", "", "If specified, edit will operate on the subresource of the requested object."),
    Flag::bool("windows-line-endings", "Defaults to the line ending native to your platform."),
];

async fn edit(ctx: Ctx) -> Outcome {
    let subresource = ctx.flags.text("subresource");
    let mut builder = Builder::from_flags(&ctx, ctx.args()).await?;
    builder.subresource = subresource.clone();
    builder.allow_empty_selector = true;
    if ctx.args().is_empty() && !builder.has_files() {
        return Err(MISSING.into());
    }
    let mut items = builder.start(&ctx).await?;
    if !subresource.is_empty() && subresource != "status" {
        return Err(Failure::Text(format!("invalid subresource value: {}. Must be one of [status]", q(&subresource))));
    }
    let (infos, failures) = items.all(&ctx, true).await;
    Failure::collect(failures)?;
    if infos.is_empty() {
        return Err("edit cancelled, no objects found".into());
    }
    let json = ctx.flags.text("output") == "json";
    Session { ctx: &ctx, mode: Mode::Patch, json }.run(&infos).await
}
