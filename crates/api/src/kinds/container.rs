//! Containers of a pod and what they are given: ports, environment, probes, resources, mounts.

use crate::{Value, view};

view! {
    /// A main, init or ephemeral container.
    Container: "core.v1.Container" {
        name "name": str;
        image "image": str;
        command "command": strs;
        args "args": strs;
        working_dir "workingDir": str;
        ports "ports": list ContainerPort;
        env_from "envFrom": list EnvFromSource;
        env "env": list EnvVar;
        resources "resources": view ResourceRequirements;
        resize_policy "resizePolicy": list ContainerResizePolicy;
        restart_policy "restartPolicy": opt str;
        restart_policy_rules "restartPolicyRules": list ContainerRestartRule;
        volume_mounts "volumeMounts": list VolumeMount;
        volume_devices "volumeDevices": list VolumeDevice;
        liveness_probe "livenessProbe": opt view Probe;
        readiness_probe "readinessProbe": opt view Probe;
        startup_probe "startupProbe": opt view Probe;
        lifecycle "lifecycle": view Lifecycle;
        termination_message_path "terminationMessagePath": str = "/dev/termination-log";
        termination_message_policy "terminationMessagePolicy": str = "File";
        image_pull_policy "imagePullPolicy": str = "IfNotPresent";
        security_context "securityContext": view SecurityContext;
        stdin "stdin": bool;
        stdin_once "stdinOnce": bool;
        tty "tty": bool;
    }
}

view! {
    ContainerPort: "core.v1.ContainerPort" {
        name "name": str;
        host_port "hostPort": i64;
        container_port "containerPort": i64;
        protocol "protocol": str = "TCP";
        host_ip "hostIP": str;
    }
}

view! {
    ContainerResizePolicy: "core.v1.ContainerResizePolicy" {
        resource_name "resourceName": str;
        restart_policy "restartPolicy": str;
    }
}

view! {
    ContainerRestartRule: "core.v1.ContainerRestartRule" {
        action "action": str;
        exit_codes "exitCodes": value;
    }
}

view! {
    EnvVar: "core.v1.EnvVar" {
        name "name": str;
        val "value": str;
        value_from "valueFrom": opt view EnvVarSource;
    }
}

view! {
    /// Where a variable's value comes from: one of the fields is there.
    EnvVarSource: "core.v1.EnvVarSource" {
        field_ref "fieldRef": opt view ObjectFieldSelector;
        resource_field_ref "resourceFieldRef": opt view ResourceFieldSelector;
        config_map_key_ref "configMapKeyRef": opt view KeySelector;
        secret_key_ref "secretKeyRef": opt view KeySelector;
        file_key_ref "fileKeyRef": opt view FileKeySelector;
    }
}

view! {
    ObjectFieldSelector: "core.v1.ObjectFieldSelector" {
        api_version "apiVersion": str = "v1";
        field_path "fieldPath": str;
    }
}

view! {
    ResourceFieldSelector: "core.v1.ResourceFieldSelector" {
        container_name "containerName": str;
        resource "resource": str;
        divisor "divisor": value;
    }
}

view! {
    /// A key of a ConfigMap or Secret.
    KeySelector: "core.v1.ConfigMapKeySelector" {
        name "name": str;
        key "key": str;
        optional "optional": bool;
    }
}

view! {
    FileKeySelector: "core.v1.FileKeySelector" {
        volume_name "volumeName": str;
        path "path": str;
        key "key": str;
        optional "optional": bool;
    }
}

view! {
    EnvFromSource: "core.v1.EnvFromSource" {
        prefix "prefix": str;
        config_map_ref "configMapRef": opt view EnvSource;
        secret_ref "secretRef": opt view EnvSource;
    }
}

view! {
    /// A whole ConfigMap or Secret as environment.
    EnvSource: "core.v1.ConfigMapEnvSource" {
        name "name": str;
        optional "optional": bool;
    }
}

view! {
    /// `resources` of a container or pod: quantities by resource name.
    ResourceRequirements: "core.v1.ResourceRequirements" {
        limits "limits": map;
        requests "requests": map;
        claims "claims": value;
    }
}

view! {
    VolumeMount: "core.v1.VolumeMount" {
        name "name": str;
        read_only "readOnly": bool;
        recursive_read_only "recursiveReadOnly": opt str;
        mount_path "mountPath": str;
        sub_path "subPath": str;
        mount_propagation "mountPropagation": opt str;
        sub_path_expr "subPathExpr": str;
    }
}

view! {
    VolumeDevice: "core.v1.VolumeDevice" {
        name "name": str;
        device_path "devicePath": str;
    }
}

view! {
    Probe: "core.v1.Probe" {
        exec "exec": opt view ExecAction;
        http_get "httpGet": opt view HttpGetAction;
        tcp_socket "tcpSocket": opt view TcpSocketAction;
        grpc "grpc": opt view GrpcAction;
        initial_delay_seconds "initialDelaySeconds": i64;
        timeout_seconds "timeoutSeconds": i64 = 1;
        period_seconds "periodSeconds": i64 = 10;
        success_threshold "successThreshold": i64 = 1;
        failure_threshold "failureThreshold": i64 = 3;
        termination_grace_period_seconds "terminationGracePeriodSeconds": opt i64;
    }
}

view! {
    Lifecycle: "core.v1.Lifecycle" {
        post_start "postStart": opt view LifecycleHandler;
        pre_stop "preStop": opt view LifecycleHandler;
        stop_signal "stopSignal": opt str;
    }
}

view! {
    LifecycleHandler: "core.v1.LifecycleHandler" {
        exec "exec": opt view ExecAction;
        http_get "httpGet": opt view HttpGetAction;
        tcp_socket "tcpSocket": opt view TcpSocketAction;
        sleep "sleep": opt view SleepAction;
    }
}

view! {
    ExecAction: "core.v1.ExecAction" {
        command "command": strs;
    }
}

view! {
    HttpGetAction: "core.v1.HTTPGetAction" {
        path "path": str = "/";
        /// A number or the name of a port.
        port "port": value;
        host "host": str;
        scheme "scheme": str = "HTTP";
        http_headers "httpHeaders": list HttpHeader;
    }
}

view! {
    HttpHeader: "core.v1.HTTPHeader" {
        name "name": str;
        val "value": str;
    }
}

view! {
    TcpSocketAction: "core.v1.TCPSocketAction" {
        /// A number or the name of a port.
        port "port": value;
        host "host": str;
    }
}

view! {
    GrpcAction: "core.v1.GRPCAction" {
        port "port": i64;
        service "service": str;
    }
}

view! {
    SleepAction: "core.v1.SleepAction" {
        seconds "seconds": i64;
    }
}

view! {
    SecurityContext: "core.v1.SecurityContext" {
        capabilities "capabilities": opt view Capabilities;
        privileged "privileged": opt bool;
        se_linux_options "seLinuxOptions": value;
        windows_options "windowsOptions": value;
        run_as_user "runAsUser": opt i64;
        run_as_group "runAsGroup": opt i64;
        run_as_non_root "runAsNonRoot": opt bool;
        read_only_root_filesystem "readOnlyRootFilesystem": opt bool;
        allow_privilege_escalation "allowPrivilegeEscalation": opt bool;
        proc_mount "procMount": opt str;
        seccomp_profile "seccompProfile": view SecurityProfile;
        app_armor_profile "appArmorProfile": view SecurityProfile;
    }
}

view! {
    Capabilities: "core.v1.Capabilities" {
        add "add": strs;
        drop "drop": strs;
    }
}

view! {
    /// A seccomp or AppArmor profile.
    SecurityProfile: "core.v1.SeccompProfile" {
        kind "type": str;
        localhost_profile "localhostProfile": str;
    }
}

impl<'a> ResourceRequirements<'a> {
    /// The quantity asked for of a resource; `Null` where none.
    pub fn request(self, resource: &str) -> &'a Value {
        self.value().get("requests").get(resource)
    }

    /// The limit of a resource; `Null` where none.
    pub fn limit(self, resource: &str) -> &'a Value {
        self.value().get("limits").get(resource)
    }
}

impl Container<'_> {
    /// An init container that keeps running beside the main ones.
    pub fn is_sidecar(self) -> bool {
        self.restart_policy() == Some("Always")
    }
}
