//! A resource as it stands in a line, read without copying: most resources are only hashed and passed by.

use std::borrow::Cow;
use std::fmt;

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde::de::{self, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Number, Value};

use super::exact::Numbers;
use crate::catalog::canon::Encoder;
use crate::model::{Owner, Properties, Resource, ResourceKey};
use crate::store::audit::{Content, Parts};

/// The fields of [`Resource`], under the same names and rules.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row<'a> {
    #[serde(rename = "type", borrow)]
    type_name: Text<'a>,
    #[serde(borrow)]
    id: Text<'a>,
    #[serde(default, borrow)]
    arn: Option<Text<'a>>,
    #[serde(default, borrow)]
    name: Option<Text<'a>>,
    #[serde(borrow)]
    region: Text<'a>,
    #[serde(default)]
    pub created_at: Option<DateTime<Utc>>,
    #[serde(default, borrow)]
    tags: Object<'a, Text<'a>>,
    #[serde(default, borrow)]
    properties: Object<'a, Node<'a>>,
    #[serde(default, borrow)]
    unreadable: Object<'a, Text<'a>>,
    #[serde(default, borrow)]
    observed: Object<'a, Node<'a>>,
    #[serde(default)]
    owner: Option<Owner>,
    #[serde(default, borrow)]
    aws_made: Option<Text<'a>>,
    #[serde(default)]
    undetermined: bool,
    #[serde(borrow)]
    hash: Text<'a>,
}

impl<'a> Row<'a> {
    /// Reads a line.
    pub fn read(line: &'a str) -> serde_json::Result<Self> {
        if !line.starts_with('{') {
            return Err(de::Error::custom("a line that is no object"));
        }
        let mut row: Row<'a> = serde_json::from_str(line)?;
        let mut numbers = Numbers::of(line);
        // Properties stand before what is observed: the numbers of a line are counted in this order.
        for object in [&mut row.properties, &mut row.observed] {
            for (_, node) in &mut object.0 {
                node.settle(&mut numbers)?;
            }
            object.sort()?;
        }
        row.tags.sort()?;
        row.unreadable.sort()?;
        Ok(row)
    }

    pub fn key(&self) -> ResourceKey<'_> {
        ResourceKey { type_name: &self.type_name.0, region: &self.region.0, id: &self.id.0 }
    }

    pub fn hash(&self) -> &str {
        &self.hash.0
    }

    /// Whether all properties could be read.
    pub fn is_whole(&self) -> bool {
        self.unreadable.0.is_empty()
    }

    /// For the digest.
    pub fn parts(&self) -> Parts<'_, Object<'a, Node<'a>>, Object<'a, Text<'a>>> {
        Parts {
            key: self.key(),
            arn: self.arn.as_ref().map(Text::as_str),
            name: self.name.as_ref().map(Text::as_str),
            created_at: self.created_at,
            tags: &self.tags,
            properties: &self.properties,
            unreadable: &self.unreadable,
            observed: &self.observed,
            owner: self.owner.as_ref().map(|owner| (owner.kind.as_str(), owner.id.as_str())),
            aws_made: self.aws_made.as_ref().map(Text::as_str),
            undetermined: self.undetermined,
            hash: self.hash(),
        }
    }

    /// The resource.
    pub fn into_resource(self) -> Resource {
        let texts = |object: Object<'a, Text<'a>>| object.0.into_iter().map(|(k, v)| (k.owned(), v.owned())).collect();
        Resource {
            type_name: self.type_name.owned(),
            id: self.id.owned(),
            arn: self.arn.map(Text::owned),
            name: self.name.map(Text::owned),
            region: self.region.owned(),
            created_at: self.created_at,
            tags: texts(self.tags),
            properties: self.properties.into_fields(),
            unreadable: texts(self.unreadable),
            observed: self.observed.into_fields(),
            owner: self.owner,
            aws_made: self.aws_made.map(Text::owned),
            undetermined: self.undetermined,
            hash: self.hash.owned(),
        }
    }
}

/// A text, borrowed from the line where nothing in it is escaped.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Text<'a>(Cow<'a, str>);

impl Text<'_> {
    fn as_str(&self) -> &str {
        &self.0
    }

    fn owned(self) -> String {
        self.0.into_owned()
    }
}

/// An object, in the order of the line until it is sorted.
#[derive(Debug)]
pub struct Object<'a, V>(Vec<(Text<'a>, V)>);

impl<V> Default for Object<'_, V> {
    fn default() -> Self {
        Object(Vec::new())
    }
}

impl<V> Object<'_, V> {
    fn sort(&mut self) -> serde_json::Result<()> {
        if !self.0.is_sorted_by(|(a, _), (b, _)| a < b) {
            self.0.sort_by(|(a, _), (b, _)| a.cmp(b));
            if let Some(pair) = self.0.windows(2).find(|pair| pair[0].0 == pair[1].0) {
                return Err(de::Error::custom(format_args!("the field `{}` stands twice", pair[0].0.as_str())));
            }
        }
        Ok(())
    }
}

impl<'a> Object<'a, Node<'a>> {
    fn into_fields(self) -> Properties {
        self.0.into_iter().map(|(key, node)| (key.owned(), node.into_value())).collect()
    }
}

impl Content for Object<'_, Text<'_>> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn encode(&self, encoder: &mut Encoder) {
        encoder.object(self.0.len());
        for (key, value) in &self.0 {
            encoder.text(key.as_str());
            encoder.text(value.as_str());
        }
    }
    fn is_within(&self, _: usize) -> bool {
        true
    }
}

impl Content for Object<'_, Node<'_>> {
    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
    fn encode(&self, encoder: &mut Encoder) {
        encoder.object(self.0.len());
        for (key, node) in &self.0 {
            encoder.text(key.as_str());
            node.encode(encoder);
        }
    }
    fn is_within(&self, depth: usize) -> bool {
        self.0.iter().all(|(_, node)| node.is_within(depth))
    }
}

/// Any value, borrowed like [`Text`].
#[derive(Debug)]
pub enum Node<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Text<'a>),
    List(Vec<Node<'a>>),
    Object(Object<'a, Node<'a>>),
}

impl Node<'_> {
    /// Makes numbers exact, which follows the order of the line, and then sorts fields.
    fn settle(&mut self, numbers: &mut Numbers<'_>) -> serde_json::Result<()> {
        match self {
            Node::Null | Node::Bool(_) | Node::Text(_) => {}
            Node::Number(number) => numbers.correct(number),
            Node::List(items) => {
                for item in items {
                    item.settle(numbers)?;
                }
            }
            Node::Object(object) => {
                for (_, node) in &mut object.0 {
                    node.settle(numbers)?;
                }
                object.sort()?;
            }
        }
        Ok(())
    }

    fn encode(&self, encoder: &mut Encoder) {
        match self {
            Node::Null => encoder.null(),
            Node::Bool(flag) => encoder.bool(*flag),
            Node::Number(number) => encoder.number(number),
            Node::Text(text) => encoder.text(text.as_str()),
            Node::List(items) => {
                encoder.list(items.len());
                for item in items {
                    item.encode(encoder);
                }
            }
            Node::Object(object) => object.encode(encoder),
        }
    }

    fn is_within(&self, depth: usize) -> bool {
        match self {
            Node::List(items) => depth > 0 && items.iter().all(|item| item.is_within(depth - 1)),
            Node::Object(object) => depth > 0 && object.is_within(depth - 1),
            _ => true,
        }
    }

    fn into_value(self) -> Value {
        match self {
            Node::Null => Value::Null,
            Node::Bool(flag) => Value::Bool(flag),
            Node::Number(number) => Value::Number(number),
            Node::Text(text) => Value::String(text.owned()),
            Node::List(items) => items.into_iter().map(Node::into_value).collect(),
            Node::Object(object) => Value::Object(object.into_fields()),
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Texts;
        impl<'de> Visitor<'de> for Texts {
            type Value = Text<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a string")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Text<'de>, E> {
                Ok(Text(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Texts)
    }
}

impl<'de: 'a, 'a, V: Deserialize<'de>> Deserialize<'de> for Object<'a, V> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Objects<V>(std::marker::PhantomData<V>);
        impl<'de, V: Deserialize<'de>> Visitor<'de> for Objects<V> {
            type Value = Object<'de, V>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a map")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de, V>, A::Error> {
                object(&mut map)
            }
        }
        deserializer.deserialize_map(Objects(std::marker::PhantomData))
    }
}

fn object<'de, V: Deserialize<'de>, A: MapAccess<'de>>(map: &mut A) -> Result<Object<'de, V>, A::Error> {
    let mut fields = Vec::new();
    while let Some(field) = map.next_entry()? {
        fields.push(field);
    }
    Ok(Object(fields))
}

impl<'de: 'a, 'a> Deserialize<'de> for Node<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Nodes;
        impl<'de> Visitor<'de> for Nodes {
            type Value = Node<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }
            fn visit_unit<E>(self) -> Result<Node<'de>, E> {
                Ok(Node::Null)
            }
            fn visit_bool<E>(self, flag: bool) -> Result<Node<'de>, E> {
                Ok(Node::Bool(flag))
            }
            fn visit_i64<E>(self, number: i64) -> Result<Node<'de>, E> {
                Ok(Node::Number(number.into()))
            }
            fn visit_u64<E>(self, number: u64) -> Result<Node<'de>, E> {
                Ok(Node::Number(number.into()))
            }
            fn visit_f64<E: de::Error>(self, number: f64) -> Result<Node<'de>, E> {
                Number::from_f64(number).map(Node::Number).ok_or_else(|| E::custom("a number that is none"))
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Node<'de>, E> {
                Ok(Node::Text(Text(Cow::Borrowed(text))))
            }
            fn visit_str<E>(self, text: &str) -> Result<Node<'de>, E> {
                Ok(Node::Text(Text(Cow::Owned(text.to_owned()))))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Node<'de>, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Node::List(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Node<'de>, A::Error> {
                object(&mut map).map(Node::Object)
            }
        }
        deserializer.deserialize_any(Nodes)
    }
}
