//! Jobs and cron jobs.

use super::*;
use crate::view;

view! {
    /// `batch/v1` `Job`.
    Job: "batch.v1.Job" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view JobSpec;
        status "status": view JobStatus;
    }
}

view! {
    JobSpec: "batch.v1.JobSpec" {
        parallelism "parallelism": i64 = 1;
        completions "completions": opt i64;
        active_deadline_seconds "activeDeadlineSeconds": opt i64;
        pod_failure_policy "podFailurePolicy": opt view PodFailurePolicy;
        success_policy "successPolicy": opt view SuccessPolicy;
        backoff_limit "backoffLimit": i64 = 6;
        backoff_limit_per_index "backoffLimitPerIndex": opt i64;
        max_failed_indexes "maxFailedIndexes": opt i64;
        selector "selector": view LabelSelector;
        manual_selector "manualSelector": bool;
        template "template": view PodTemplateSpec;
        ttl_seconds_after_finished "ttlSecondsAfterFinished": opt i64;
        completion_mode "completionMode": str = "NonIndexed";
        suspend "suspend": bool;
        pod_replacement_policy "podReplacementPolicy": opt str;
        managed_by "managedBy": opt str;
    }
}

view! {
    PodFailurePolicy: "batch.v1.PodFailurePolicy" {
        rules "rules": list PodFailurePolicyRule;
    }
}

view! {
    PodFailurePolicyRule: "batch.v1.PodFailurePolicyRule" {
        action "action": str;
        on_exit_codes "onExitCodes": opt view OnExitCodes;
        on_pod_conditions "onPodConditions": list OnPodCondition;
    }
}

view! {
    OnExitCodes: "batch.v1.PodFailurePolicyOnExitCodesRequirement" {
        container_name "containerName": opt str;
        operator "operator": str;
        values "values": value;
    }
}

view! {
    OnPodCondition: "batch.v1.PodFailurePolicyOnPodConditionsPattern" {
        kind "type": str;
        status "status": str = "True";
    }
}

view! {
    SuccessPolicy: "batch.v1.SuccessPolicy" {
        rules "rules": list SuccessPolicyRule;
    }
}

view! {
    SuccessPolicyRule: "batch.v1.SuccessPolicyRule" {
        succeeded_indexes "succeededIndexes": opt str;
        succeeded_count "succeededCount": opt i64;
    }
}

view! {
    JobStatus: "batch.v1.JobStatus" {
        conditions "conditions": list Condition;
        start_time "startTime": opt str;
        completion_time "completionTime": opt str;
        active "active": i64;
        succeeded "succeeded": i64;
        failed "failed": i64;
        terminating "terminating": opt i64;
        completed_indexes "completedIndexes": str;
        failed_indexes "failedIndexes": opt str;
        uncounted_terminated_pods "uncountedTerminatedPods": view UncountedTerminatedPods;
        ready "ready": opt i64;
    }
}

view! {
    UncountedTerminatedPods: "batch.v1.UncountedTerminatedPods" {
        succeeded "succeeded": strs;
        failed "failed": strs;
    }
}

view! {
    /// `batch/v1` `CronJob`.
    CronJob: "batch.v1.CronJob" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view CronJobSpec;
        status "status": view CronJobStatus;
    }
}

view! {
    CronJobSpec: "batch.v1.CronJobSpec" {
        schedule "schedule": str;
        time_zone "timeZone": opt str;
        starting_deadline_seconds "startingDeadlineSeconds": opt i64;
        concurrency_policy "concurrencyPolicy": str = "Allow";
        suspend "suspend": bool;
        job_template "jobTemplate": view JobTemplateSpec;
        successful_jobs_history_limit "successfulJobsHistoryLimit": i64 = 3;
        failed_jobs_history_limit "failedJobsHistoryLimit": i64 = 1;
    }
}

view! {
    JobTemplateSpec: "batch.v1.JobTemplateSpec" {
        metadata "metadata": view ObjectMeta;
        spec "spec": view JobSpec;
    }
}

view! {
    CronJobStatus: "batch.v1.CronJobStatus" {
        active "active": list ObjectReference;
        last_schedule_time "lastScheduleTime": opt str;
        last_successful_time "lastSuccessfulTime": opt str;
    }
}
