//! People who work here, and people whom lists know.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{Bank, PASSWORD, Person, application};

/// Where those who work here ask.
pub const OFFICE: &str = "/backoffice/graphql";

/// An application of somebody who is listed: alike enough that a person has to look.
pub fn suspect(id: Uuid) -> Value {
    let mut written = application(id);
    written["firstName"] = json!("Konstantin");
    written["lastName"] = json!("Orlovsky-Reznik");
    written["birthDate"] = json!("1961-03-04");
    written
}

impl Bank {
    /// Lists somebody like [`suspect`], by this topic, born then.
    pub fn list(&self, topic: &str, birth_date: &str) {
        let entity = json!({ "id": "NK-orlovsky", "names": ["Konstantin Orlovsky-Reznik", "Константин Орловский-Резник"],
            "birthDates": [birth_date], "countries": ["gb"], "topics": [topic], "datasets": ["gb_fcdo_sanctions"] });
        self.local.screening().provider.add(serde_json::from_value(entity).unwrap()).unwrap();
    }

    /// Somebody of these groups, logged in.
    pub async fn staff(&self, email: &str, groups: &[&str]) -> Person {
        let groups: Vec<_> = groups.iter().map(|&group| group.to_owned()).collect();
        let sub = self.local.cognito().add_staff(email, PASSWORD, &groups).await.unwrap();
        Person { email: email.to_owned(), sub, token: self.log_in(email).await }
    }

    /// The whole answer to a request of somebody who works here.
    pub async fn office_raw(&self, token: &str, query: &str, input: &Value) -> (u16, Value) {
        let body = json!({ "query": query, "variables": { "input": input } }).to_string();
        self.post(OFFICE, &[("authorization", &format!("Bearer {token}"))], body).await
    }

    /// What is under `backOffice`, which must not fail.
    pub async fn office(&self, person: &Person, query: &str, input: Value) -> Value {
        let (_, mut answer) = self.office_raw(&person.token, query, &input).await;
        assert!(answer.get("errors").is_none(), "{answer}");
        answer["data"]["backOffice"].take()
    }

    /// The code of the error that a request of somebody who works here fails with.
    pub async fn office_refusal(&self, person: &Person, query: &str, input: Value) -> String {
        let (_, answer) = self.office_raw(&person.token, query, &input).await;
        answer["errors"][0]["extensions"]["code"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
    }
}
