use std::collections::BTreeSet;

use serde_json::Value;

use super::*;
use crate::serve::API;

#[test]
fn every_route_of_the_api_is_in_the_document_and_nothing_else() {
    let document = serde_json::to_value(&*DOCUMENT).unwrap();
    let documented: BTreeSet<(&str, &str)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| {
            let methods = item.as_object().unwrap().keys();
            methods.map(|method| (method.as_str(), path.as_str()))
        })
        .collect();
    assert_eq!(documented, API.iter().copied().collect::<BTreeSet<_>>());
}

#[test]
fn every_operation_says_what_it_takes_and_what_it_answers() {
    let document = serde_json::to_value(&*DOCUMENT).unwrap();
    let mut names = BTreeSet::new();
    for (method, path) in API {
        let operation = &document["paths"][path][method];
        assert!(names.insert(operation["operationId"].to_string()), "{method} {path}");
        assert!(!operation["summary"].as_str().unwrap().is_empty(), "{method} {path}");
        let parameters: Vec<&Value> = operation["parameters"].as_array().into_iter().flatten().collect();
        let has = |name: &str, place: &str| {
            let mut all = parameters.iter();
            all.any(|parameter| parameter["name"] == name && parameter["in"] == place)
        };
        assert_eq!(has("id", "path"), path.contains("{id}"), "{method} {path}");
        assert_eq!(
            operation.get("requestBody").is_some(),
            ["post", "put"].contains(method) && !["/api/webmail", "/api/clients"].contains(path),
            "{method} {path}"
        );
        let answers = operation["responses"].as_object().unwrap();
        let good = answers.iter().find(|(status, _)| status.starts_with('2')).unwrap();
        assert_eq!(good.1.get("content").is_some(), good.0 == "200", "{method} {path}");
        if *path == "/api/openapi.json" {
            continue;
        }
        assert!(has("DPoP", "header"), "{method} {path}");
        let refused = &answers["4XX"]["content"]["application/json"]["schema"]["$ref"];
        assert_eq!(refused, "#/components/schemas/BridgeError", "{method} {path}");
        let of_a_session = [
            "/api/session",
            "/api/address",
            "/api/directory",
            "/api/events",
            "/api/reminders",
            "/api/cards",
            "/api/policy",
            "/api/webmail",
            "/api/clients",
        ];
        let signed_in = of_a_session.iter().any(|start| path.starts_with(start)) && !path.ends_with("refresh");
        assert_eq!(operation.get("security").is_some(), signed_in, "{method} {path}");
    }
    assert_eq!(
        document["components"]["securitySchemes"]["session"]["name"],
        "Authorization"
    );
}

#[test]
fn every_type_that_is_named_is_described() {
    let text = serde_json::to_string(&*DOCUMENT).unwrap();
    let document: Value = serde_json::from_str(&text).unwrap();
    let mut named = 0;
    for part in text.split("\"$ref\":\"").skip(1) {
        let name = part.split('"').next().unwrap();
        assert!(document.pointer(name.trim_start_matches('#')).is_some(), "{name}");
        named += 1;
    }
    assert!(named > 10, "{named}");
}
