//! Reading a GraphQL request out of a body or a query string.

use graph::{Request, Variables};
use serde_json::{Map, Value};

/// Why there is no request in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Malformed {
    /// No JSON.
    #[error("not JSON")]
    NotJson,
    /// JSON of another shape.
    #[error("not a GraphQL request: {0}")]
    Shape(&'static str),
}

impl Malformed {
    /// The status that says so.
    pub(crate) const fn status(self) -> u16 {
        match self {
            Self::NotJson => 400,
            Self::Shape(_) => 422,
        }
    }
}

/// Reads the body of a POST.
///
/// # Errors
/// See [`Malformed`].
pub(crate) fn of_body(body: &[u8]) -> Result<Request, Malformed> {
    match serde_json::from_slice(body) {
        Ok(Value::Object(parameters)) => of_parameters(parameters),
        Ok(_) => Err(Malformed::Shape("one object is needed; several at once are not served")),
        Err(_) => Err(Malformed::NotJson),
    }
}

/// Whether a query string holds a query.
pub(crate) fn has_query(text: &str) -> bool {
    form_urlencoded::parse(text.as_bytes()).any(|(name, _)| name == "query")
}

/// Reads the query string of a GET.
///
/// # Errors
/// See [`Malformed`].
pub(crate) fn of_query_string(text: &str) -> Result<Request, Malformed> {
    let mut parameters = Map::new();
    for (name, value) in form_urlencoded::parse(text.as_bytes()) {
        let value = match name.as_ref() {
            "variables" | "extensions" => json(&value)?,
            _ => Value::String(value.into_owned()),
        };
        if parameters.insert(name.into_owned(), value).is_some() {
            return Err(Malformed::Shape("a parameter is there twice"));
        }
    }
    of_parameters(parameters)
}

/// An empty text is as good as none: forms send one for what was left out.
fn json(text: &str) -> Result<Value, Malformed> {
    if text.is_empty() { Ok(Value::Null) } else { serde_json::from_str(text).map_err(|_| Malformed::NotJson) }
}

fn of_parameters(mut parameters: Map<String, Value>) -> Result<Request, Malformed> {
    let Some(Value::String(query)) = parameters.remove("query") else {
        return Err(Malformed::Shape("`query` has to be a text"));
    };
    let mut request = Request::new(query);
    request.operation_name = match parameters.remove("operationName") {
        None | Some(Value::Null) => None,
        Some(Value::String(name)) => Some(name).filter(|name| !name.is_empty()),
        Some(_) => return Err(Malformed::Shape("`operationName` has to be a text")),
    };
    request.variables = match parameters.remove("variables") {
        None | Some(Value::Null) => Variables::default(),
        Some(variables @ Value::Object(_)) => Variables::from_json(variables),
        Some(_) => return Err(Malformed::Shape("`variables` has to be an object")),
    };
    match parameters.remove("extensions") {
        None | Some(Value::Null | Value::Object(_)) => Ok(request), // None is served, so none changes anything.
        Some(_) => Err(Malformed::Shape("`extensions` has to be an object")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_holds_a_request() {
        let body =
            r#"{"query":"query A($n: Int) { a }","operationName":"A","variables":{"n":1},"extensions":{"x":1},"y":2}"#;
        let request = of_body(body.as_bytes()).unwrap();
        assert_eq!(request.query, "query A($n: Int) { a }");
        assert_eq!(request.operation_name.as_deref(), Some("A"));
        assert_eq!(serde_json::to_value(&request.variables).unwrap(), serde_json::json!({ "n": 1 }));
        let bare = of_body(br#"{"query":"{ a }","operationName":null,"variables":null,"extensions":null}"#).unwrap();
        assert_eq!(bare.operation_name, None);
    }

    #[test]
    fn a_body_that_is_no_json_is_told_from_one_that_is_no_request() {
        for body in ["", "NONSENSE", "{\"query\":", "{\"query\":\"\u{0}\"}"] {
            assert_eq!(of_body(body.as_bytes()).unwrap_err(), Malformed::NotJson, "{body}");
        }
        assert_eq!(of_body(b"{\"query\":\"\xff\"}").unwrap_err(), Malformed::NotJson);
        let shapes = [
            r#"[{"query":"{ a }"}]"#,
            r#""{ a }""#,
            r#"{"qeury":"{ a }"}"#,
            r#"{"query":7}"#,
            r#"{"query":null}"#,
            r#"{"query":"{ a }","operationName":7}"#,
            r#"{"query":"{ a }","variables":[7]}"#,
            r#"{"query":"{ a }","variables":"{}"}"#,
            r#"{"query":"{ a }","extensions":"x"}"#,
        ];
        for body in shapes {
            assert!(matches!(of_body(body.as_bytes()), Err(Malformed::Shape(_))), "{body}");
        }
    }

    #[test]
    fn a_query_string_holds_a_request() {
        let request =
            of_query_string("query=%7B+a%20%7D&operationName=&variables=%7B%22n%22%3A%22%C3%A4%22%7D").unwrap();
        assert_eq!(request.query, "{ a }");
        assert_eq!(request.operation_name, None);
        assert_eq!(serde_json::to_value(&request.variables).unwrap(), serde_json::json!({ "n": "ä" }));
        assert!(of_query_string("query=%7B+a+%7D&variables=").is_ok());
        assert_eq!(of_query_string("query=%7B+a+%7D&variables=x").unwrap_err(), Malformed::NotJson);
        for text in ["", "operationName=A", "query=a&query=b", "query=a&variables=7"] {
            assert!(matches!(of_query_string(text), Err(Malformed::Shape(_))), "{text}");
        }
    }

    #[test]
    fn whether_there_is_a_query_is_seen_without_reading_it() {
        assert!(has_query("variables=&query=%7B"));
        assert!(!has_query(""));
        assert!(!has_query("operationName=query"));
    }
}
