//! `value!` literals and the `view!` declaration.

/// A [`Value`](crate::Value) written as JSON; any expression that converts into a value may stand for a part.
///
/// ```
/// use podyard_api::value;
/// let name = "web";
/// let pod = value!({"kind": "Pod", "metadata": {"name": name}, "spec": {"containers": []}});
/// assert_eq!(pod.at(&["metadata", "name"]), "web");
/// ```
#[macro_export]
macro_rules! value {
    (null) => { $crate::Value::Null };
    ([ $($items:tt)* ]) => { $crate::value_array!([] $($items)*) };
    ({ $($fields:tt)* }) => { $crate::value_object!([] $($fields)*) };
    ($other:expr) => { $crate::Value::from($other) };
}

#[doc(hidden)]
#[macro_export]
macro_rules! value_object {
    ([ $($done:expr,)* ]) => {
        $crate::Value::Object($crate::Object::from_entries([ $($done,)* ] as [($crate::Key, $crate::Value); _]))
    };
    ([ $($done:expr,)* ] $key:tt : null $(, $($rest:tt)*)?) => {
        $crate::value_object!([ $($done,)* ($crate::value_key!($key), $crate::Value::Null), ] $($($rest)*)?)
    };
    ([ $($done:expr,)* ] $key:tt : { $($fields:tt)* } $(, $($rest:tt)*)?) => {
        $crate::value_object!(
            [ $($done,)* ($crate::value_key!($key), $crate::value!({ $($fields)* })), ] $($($rest)*)?
        )
    };
    ([ $($done:expr,)* ] $key:tt : [ $($items:tt)* ] $(, $($rest:tt)*)?) => {
        $crate::value_object!(
            [ $($done,)* ($crate::value_key!($key), $crate::value!([ $($items)* ])), ] $($($rest)*)?
        )
    };
    ([ $($done:expr,)* ] $key:tt : $value:expr $(, $($rest:tt)*)?) => {
        $crate::value_object!(
            [ $($done,)* ($crate::value_key!($key), $crate::Value::from($value)), ] $($($rest)*)?
        )
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! value_key {
    ($key:literal) => {
        $crate::Key::Static($key)
    };
    (($key:expr)) => {
        $crate::Key::from($key)
    };
    ($key:ident) => {
        $crate::Key::from($key)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! value_array {
    ([ $($done:expr,)* ]) => {
        $crate::Value::Array($crate::__ecow::EcoVec::from_iter([ $($done,)* ] as [$crate::Value; _]))
    };
    ([ $($done:expr,)* ] null $(, $($rest:tt)*)?) => {
        $crate::value_array!([ $($done,)* $crate::Value::Null, ] $($($rest)*)?)
    };
    ([ $($done:expr,)* ] { $($fields:tt)* } $(, $($rest:tt)*)?) => {
        $crate::value_array!([ $($done,)* $crate::value!({ $($fields)* }), ] $($($rest)*)?)
    };
    ([ $($done:expr,)* ] [ $($items:tt)* ] $(, $($rest:tt)*)?) => {
        $crate::value_array!([ $($done,)* $crate::value!([ $($items)* ]), ] $($($rest)*)?)
    };
    ([ $($done:expr,)* ] $item:expr $(, $($rest:tt)*)?) => {
        $crate::value_array!([ $($done,)* $crate::Value::from($item), ] $($($rest)*)?)
    };
}

/// Declares a typed view of a JSON object: a `Copy` reference with a getter for each field.
///
/// `Name: "group.version.Type" { … }` names the schema type that the fields are held against; a view of
/// a part that several types share may leave it out.
///
/// A field is `getter "jsonName": type`, with Kubernetes' default after `=` where an absent field has one:
///
/// | type | getter returns |
/// |---|---|
/// | `str` | `&str`, `""` where absent |
/// | `bool`, `i64` | the default, or `false`, `0` |
/// | `opt i64`, `opt bool`, `opt str` | an `Option` |
/// | `value` | `&Value`, `Null` where absent |
/// | `map` | `&[(Key, Value)]` |
/// | `strs` | an iterator of `&str` |
/// | `view T` | the view `T`, of `Null` where absent |
/// | `opt view T` | `Option<T>` |
/// | `list T` | an iterator of views |
#[macro_export]
macro_rules! view {
    ($(#[$meta:meta])* $name:ident $(: $schema:literal)? { $($(#[$field_meta:meta])* $getter:ident $json:literal : $($kind:ident)+ $(= $default:expr)?;)* }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'a>(pub &'a $crate::Value);

        impl<'a> $name<'a> {
            /// The names of the JSON fields that this view reads, for the comparison with the schemas.
            pub const FIELDS: &'static [&'static str] = &[$($json),*];

            /// The schema type whose fields these are; empty where several types share the view.
            pub const SCHEMA: &'static str = concat!("", $($schema)?);

            /// The object behind the view.
            pub fn value(self) -> &'a $crate::Value {
                self.0
            }

            $($crate::view_getter!($(#[$field_meta])* $getter $json [$($kind)+] $(= $default)?);)*
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! view_getter {
    ($(#[$m:meta])* $g:ident $j:literal [str] = $d:expr) => {
        $(#[$m])* pub fn $g(self) -> &'a str { self.0.get($j).as_str().unwrap_or($d) }
    };
    ($(#[$m:meta])* $g:ident $j:literal [str]) => {
        $(#[$m])* pub fn $g(self) -> &'a str { self.0.get($j).str() }
    };
    ($(#[$m:meta])* $g:ident $j:literal [bool] = $d:expr) => {
        $(#[$m])* pub fn $g(self) -> bool { self.0.get($j).as_bool().unwrap_or($d) }
    };
    ($(#[$m:meta])* $g:ident $j:literal [bool]) => {
        $(#[$m])* pub fn $g(self) -> bool { self.0.get($j).as_bool().unwrap_or_default() }
    };
    ($(#[$m:meta])* $g:ident $j:literal [i64] = $d:expr) => {
        $(#[$m])* pub fn $g(self) -> i64 { self.0.get($j).as_i64().unwrap_or($d) }
    };
    ($(#[$m:meta])* $g:ident $j:literal [i64]) => {
        $(#[$m])* pub fn $g(self) -> i64 { self.0.get($j).as_i64().unwrap_or_default() }
    };
    ($(#[$m:meta])* $g:ident $j:literal [opt i64]) => {
        $(#[$m])* pub fn $g(self) -> Option<i64> { self.0.get($j).as_i64() }
    };
    ($(#[$m:meta])* $g:ident $j:literal [opt bool]) => {
        $(#[$m])* pub fn $g(self) -> Option<bool> { self.0.get($j).as_bool() }
    };
    ($(#[$m:meta])* $g:ident $j:literal [opt str]) => {
        $(#[$m])* pub fn $g(self) -> Option<&'a str> { self.0.get($j).as_str() }
    };
    ($(#[$m:meta])* $g:ident $j:literal [value]) => {
        $(#[$m])* pub fn $g(self) -> &'a $crate::Value { self.0.get($j) }
    };
    ($(#[$m:meta])* $g:ident $j:literal [map]) => {
        $(#[$m])* pub fn $g(self) -> &'a [($crate::Key, $crate::Value)] { self.0.get($j).fields() }
    };
    ($(#[$m:meta])* $g:ident $j:literal [strs]) => {
        $(#[$m])* pub fn $g(self) -> impl ExactSizeIterator<Item = &'a str> + DoubleEndedIterator + Clone {
            self.0.get($j).items().iter().map($crate::Value::str)
        }
    };
    ($(#[$m:meta])* $g:ident $j:literal [view $t:ident]) => {
        $(#[$m])* pub fn $g(self) -> $t<'a> { $t(self.0.get($j)) }
    };
    ($(#[$m:meta])* $g:ident $j:literal [opt view $t:ident]) => {
        $(#[$m])* pub fn $g(self) -> Option<$t<'a>> { Some($t(self.0.get($j))).filter(|v| !v.0.is_null()) }
    };
    ($(#[$m:meta])* $g:ident $j:literal [list $t:ident]) => {
        $(#[$m])* pub fn $g(self) -> impl ExactSizeIterator<Item = $t<'a>> + DoubleEndedIterator + Clone {
            self.0.get($j).items().iter().map($t)
        }
    };
}
