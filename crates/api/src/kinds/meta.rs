//! What every object has: `apiVersion`, `kind` and `metadata`.

use ecow::EcoString;

use crate::{Key, Value, view};

view! {
    /// `metadata` of an object.
    ObjectMeta: "meta.v1.ObjectMeta" {
        name "name": str;
        generate_name "generateName": str;
        namespace "namespace": str;
        uid "uid": str;
        resource_version "resourceVersion": str;
        generation "generation": i64;
        creation_timestamp "creationTimestamp": str;
        deletion_timestamp "deletionTimestamp": opt str;
        deletion_grace_period_seconds "deletionGracePeriodSeconds": opt i64;
        labels "labels": map;
        annotations "annotations": map;
        owner_references "ownerReferences": list OwnerReference;
        finalizers "finalizers": strs;
        managed_fields "managedFields": value;
    }
}

view! {
    /// One entry of `metadata.ownerReferences`.
    OwnerReference: "meta.v1.OwnerReference" {
        api_version "apiVersion": str;
        kind "kind": str;
        name "name": str;
        uid "uid": str;
        controller "controller": bool;
        block_owner_deletion "blockOwnerDeletion": bool;
    }
}

impl<'a> ObjectMeta<'a> {
    /// The label `key`, if set.
    pub fn label(self, key: &str) -> Option<&'a str> {
        self.0.get("labels").get(key).as_str()
    }

    /// The annotation `key`, if set.
    pub fn annotation(self, key: &str) -> Option<&'a str> {
        self.0.get("annotations").get(key).as_str()
    }

    /// The owner that manages this object.
    pub fn controller(self) -> Option<OwnerReference<'a>> {
        self.owner_references().find(|owner| owner.controller())
    }
}

impl Value {
    pub fn api_version(&self) -> &str {
        self.get("apiVersion").str()
    }

    pub fn kind(&self) -> &str {
        self.get("kind").str()
    }

    pub fn meta(&self) -> ObjectMeta<'_> {
        ObjectMeta(self.get("metadata"))
    }

    /// `metadata`, for change.
    pub fn meta_mut(&mut self) -> &mut Value {
        self.field_mut("metadata")
    }

    pub fn name(&self) -> &str {
        self.meta().name()
    }

    pub fn namespace(&self) -> &str {
        self.meta().namespace()
    }

    pub fn uid(&self) -> &str {
        self.meta().uid()
    }

    /// `metadata.name` as a shared string.
    pub fn name_text(&self) -> EcoString {
        self.get("metadata").get("name").text()
    }

    /// `metadata.namespace` as a shared string.
    pub fn namespace_text(&self) -> EcoString {
        self.get("metadata").get("namespace").text()
    }

    /// Sets a label.
    pub fn set_label(&mut self, key: impl Into<Key>, text: &str) {
        self.meta_mut().field_mut("labels").set(key, text);
    }

    /// Sets an annotation.
    pub fn set_annotation(&mut self, key: impl Into<Key>, text: &str) {
        self.meta_mut().field_mut("annotations").set(key, text);
    }

    /// `metadata.resourceVersion` as a number; 0 where absent.
    pub fn revision(&self) -> u64 {
        self.meta().resource_version().parse().unwrap_or_default()
    }
}
