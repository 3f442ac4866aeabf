//! Changes to the members of a JSON object, kept until the object is made.

use serde_json::Map;
use serde_json::Value;

/// Members to set or to remove, in the order in which they were given.
#[derive(Clone, Debug, Default)]
pub(crate) struct Members(Vec<(String, Option<Value>)>);

impl Members {
    pub(crate) fn set(&mut self, name: impl Into<String>, value: impl Into<Value>) {
        self.0.push((name.into(), Some(value.into())));
    }

    pub(crate) fn remove(&mut self, name: impl Into<String>) {
        self.0.push((name.into(), None));
    }

    pub(crate) fn apply(&self, object: &mut Map<String, Value>) {
        for (name, change) in &self.0 {
            match change {
                Some(value) => object.insert(name.clone(), value.clone()),
                None => object.remove(name),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_last_change_to_a_member_wins() {
        let mut members = Members::default();
        members.set("a", 1);
        members.remove("a");
        members.remove("b");
        members.set("b", 2);

        let mut object = Map::from_iter([("a".to_owned(), json!(0)), ("c".to_owned(), json!(0))]);
        members.apply(&mut object);

        assert_eq!(Value::Object(object), json!({ "b": 2, "c": 0 }));
    }
}
