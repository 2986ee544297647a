//! What every operation must say, so that a route which is added says it too.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

use serde_json::{Map, Value};

use crate::edge::label;

/// The description, with answers that operations share in their places.
fn described() -> Value {
    let mut described = super::openapi().clone();
    let shared = described["components"]["responses"].clone();
    for item in described["paths"].as_object_mut().unwrap().values_mut() {
        for operation in item.as_object_mut().unwrap().values_mut() {
            for answer in operation["responses"].as_object_mut().unwrap().values_mut() {
                if let Some(place) = answer.get("$ref").and_then(Value::as_str) {
                    let code = place.strip_prefix("#/components/responses/").unwrap();
                    *answer = shared[code].clone();
                }
            }
        }
    }
    described
}

#[test]
fn description_is_openapi_3_1_with_a_licence() {
    let described = described();
    assert!(described["openapi"].as_str().unwrap().starts_with("3.1"));
    assert_eq!(described["info"]["license"]["name"], "MIT OR Apache-2.0");
    let schemes = described["components"]["securitySchemes"].as_object().unwrap();
    assert_eq!(schemes["visitor"]["name"], "_10x_visitor");
    assert_eq!(schemes["creator"]["scheme"], "bearer");
}

/// The description would have only one of two schemas with the same name.
#[test]
fn every_schema_has_a_name_of_its_own() {
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut names = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                let text = text.replace("\nsession_body!(", "\n#[schema(as = ");
                let named = text.lines().filter_map(|line| line.strip_prefix("#[schema(as = "));
                for rest in named {
                    let name = rest.split(|c: char| !c.is_alphanumeric()).next().unwrap();
                    assert!(names.insert(name.to_owned()), "{name} again in {}", path.display());
                }
            }
        }
    }
    assert!(names.len() > 50, "only {} are found", names.len());
}

#[test]
fn every_route_is_described_under_its_own_path() {
    let described = described();
    let described: BTreeSet<(&str, &str)> = described["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(|m| (&**path, &**m)))
        .collect();
    let routed: BTreeSet<(&str, &str)> = super::description().operations.iter().copied().collect();
    assert_eq!(described, routed);
}

#[test]
fn every_fixed_part_of_a_path_is_a_fixed_segment_of_the_log() {
    for (path, _) in &super::description().operations {
        let parts = path.split('/').map(|part| if part.starts_with('{') { "*" } else { part });
        assert_eq!(label(path), parts.collect::<Vec<_>>().join("/"));
    }
}

#[test]
fn operations_have_names_of_their_own() {
    let described = described();
    let mut names = BTreeSet::new();
    for item in described["paths"].as_object().unwrap().values() {
        for operation in item.as_object().unwrap().values() {
            let name = operation["operationId"].as_str().unwrap();
            assert!(names.insert(name), "{name}");
        }
    }
}

#[test]
fn every_response_says_what_it_is() {
    for (path, item) in described()["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            for (status, response) in operation["responses"].as_object().unwrap() {
                let text = response["description"].as_str().unwrap_or_default();
                assert!(!text.is_empty(), "{method} {path} {status}");
            }
        }
    }
}

#[test]
fn every_reference_leads_somewhere() {
    let described = described();
    let text = described.to_string();
    for reference in text.split("\"$ref\":\"#").skip(1) {
        let place = reference.split('"').next().unwrap();
        assert!(described.pointer(place).is_some(), "{place}");
    }
}

#[test]
fn headers_that_clients_need_are_described_where_they_are_sent() {
    let described = described();
    let download = "get /v2/public/files/{handle}/{fileSlug}";
    let content = ["ETag", "Accept-Ranges", "Content-Disposition"];
    let [page, file, group_buy] =
        ["pages/{pageSlug}", "files/{fileSlug}", "group-buys/{groupBuySlug}"]
            .map(|rest| format!("/v2/handles/{{handle}}/{rest}"));
    let tagged = [&*page, &file, &group_buy, "/v2/handles/{handle}"]
        .into_iter()
        .flat_map(|path| ["get", "patch"].map(|method| (format!("{method} {path}"), "200")));
    let made = ["pages", "files", "group-buys"]
        .map(|last| (format!("post /v2/handles/{{handle}}/{last}"), "201"));
    let ended = ["activate", "cancel"].map(|last| (format!("post {group_buy}/{last}"), "200"));
    let handle = ("post /v2/handles".to_owned(), "201");
    let tagged = tagged.chain(made).chain(ended).chain([handle]);
    let tagged = tagged.map(|(place, status)| (place, status, vec!["ETag"]));
    let others = [
        (download, "200", content.to_vec()),
        (download, "206", [&content[..], &["Content-Range"]].concat()),
        (download, "303", vec!["Location"]),
        (download, "304", content.to_vec()),
        (download, "416", vec!["Content-Range"]),
        ("post /v2/visitor/auth/verify", "200", vec!["Set-Cookie"]),
        ("post /v2/visitor/auth/logout", "204", vec!["Set-Cookie"]),
    ];
    let others = others.map(|(place, status, names)| (place.to_owned(), status, names));
    let operations: BTreeMap<_, _> = operations(&described).into_iter().collect();
    for (place, status, names) in tagged.chain(others) {
        let headers = operations[&place]["responses"][status]["headers"].as_object().unwrap();
        for name in names {
            let header = headers.get(name).unwrap_or_else(|| panic!("{place} {status}: {name}"));
            let is_shared = header["$ref"] == format!("#/components/headers/{name}");
            assert!(is_shared || header["description"].is_string(), "{place} {status}: {name}");
        }
    }
}

/// Each operation with where it stands.
fn operations(described: &Value) -> Vec<(String, &Value)> {
    let paths = described["paths"].as_object().unwrap();
    let operations = paths.iter().flat_map(|(path, item)| {
        let methods = item.as_object().unwrap();
        methods.iter().map(move |(method, operation)| (format!("{method} {path}"), operation))
    });
    operations.collect()
}

fn refuses(operation: &Value, status: &str, code: &str) -> bool {
    let problems = &operation["responses"][status]["content"]["application/problem+json"];
    problems["examples"].get(code).is_some()
}

#[test]
fn every_field_has_an_example() {
    let mut missing = Vec::new();
    super::finish(super::described(), &mut missing);
    missing.sort();
    missing.dedup();
    assert!(missing.is_empty(), "no example, which #[schema(example = …)] gives: {missing:#?}");
}

#[test]
fn every_operation_says_what_it_is_who_may_call_it_and_where_it_belongs() {
    let described = described();
    let tags: BTreeSet<_> = described["tags"]
        .as_array()
        .unwrap()
        .iter()
        .map(|tag| tag["name"].as_str().unwrap())
        .collect();
    for (place, operation) in operations(&described) {
        let summary = operation["summary"].as_str().unwrap_or_default();
        assert!(!summary.is_empty(), "{place} has no summary: the first line of its doc comment");
        assert!(
            operation["security"].is_array(),
            "{place} has no security(…); security(()) is none"
        );
        assert!(tags.contains(operation["tags"][0].as_str().unwrap()), "{place} has no known tag");
    }
}

#[test]
fn every_parameter_is_described_with_an_example() {
    let described = described();
    for (place, operation) in operations(&described) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let name = &parameter["name"];
            assert!(parameter["description"].is_string(), "{place} {name} has no description");
            assert!(!parameter["example"].is_null(), "{place} {name} has no example");
        }
    }
}

#[test]
fn every_body_has_an_example() {
    let described = described();
    for (place, operation) in operations(&described) {
        let answers = operation["responses"].as_object().unwrap().values();
        for body in answers.chain([&operation["requestBody"]]) {
            for content in
                body["content"].as_object().into_iter().flat_map(|content| content.values())
            {
                let there = content.get("example").is_some() || content.get("examples").is_some();
                assert!(there, "{place}");
            }
        }
    }
}

/// Objects in examples, the innermost last.
fn objects<'a>(value: &'a Value, found: &mut Vec<&'a Map<String, Value>>) {
    match value {
        Value::Object(members) => {
            found.push(members);
            members.values().for_each(|member| objects(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| objects(item, found)),
        _ => {}
    }
}

#[test]
fn no_example_contradicts_itself() {
    let described = described();
    let mut found = Vec::new();
    for (_, operation) in operations(&described) {
        for answer in operation["responses"].as_object().unwrap().values() {
            objects(&answer["content"]["application/json"]["example"], &mut found);
        }
    }
    let mut decisions = 0;
    for object in found {
        let is = |name: &str, value: &str| object.get(name).is_some_and(|found| found == value);
        let ends = ["endedAt", "revokedAt"].map(|name| object.get(name));
        if is("status", "ACTIVE") || is("grantType", "PURCHASE") {
            assert!(ends.iter().flatten().all(|end| end.is_null()), "{object:?}");
        }
        if let Some(activated) = object.get("activatedAt") {
            assert_eq!(activated.is_string(), is("status", "ACTIVE"));
        }
        if let (Some(has_access), Some(_)) = (object.get("hasAccess"), object.get("reason")) {
            decisions += 1;
            assert_eq!(*has_access, is("reason", "entitled") || is("reason", "public"));
        }
    }
    assert!(decisions >= 4, "{decisions}");
}

#[test]
fn every_operation_refuses_what_comes_with_its_kind() {
    let described = described();
    for (place, operation) in operations(&described) {
        let ways = operation["security"].as_array().unwrap();
        let needed = |name: &str| ways.iter().all(|way| way.get(name).is_some());
        for (scheme, code) in
            [("visitor", "visitor_unauthorized"), ("creator", "creator_unauthorized")]
        {
            if !ways.is_empty() && needed(scheme) {
                assert!(refuses(operation, "401", code), "{place}: {code}");
            }
        }
        let ours = !place.contains("webhooks");
        if ours && !place.starts_with("get") {
            assert!(refuses(operation, "403", "cross_site_request"), "{place}");
        }
        if ours && operation["requestBody"].is_object() {
            for (status, code) in
                [("400", "bad_request"), ("413", "payload_too_large"), ("422", "validation_failed")]
            {
                assert!(refuses(operation, status, code), "{place}: {code}");
            }
        }
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let waits = matches!(&**status, "429" | "502" | "503");
            assert_eq!(answer["headers"].get("Retry-After").is_some(), waits, "{place} {status}");
        }
    }
}

#[test]
fn sessions_that_are_needed_are_declared() {
    let described = described();
    for (place, operation) in operations(&described) {
        let ways = operation["security"].as_array().unwrap();
        if refuses(operation, "401", "visitor_unauthorized") {
            // Some things are open to everyone, and others at the same address are not.
            assert!(ways.iter().any(|way| way.get("visitor").is_some()), "{place}");
        }
    }
}

#[test]
fn every_code_that_an_operation_may_refuse_with_is_described() {
    let described = described();
    for (place, operation) in operations(&described) {
        for (status, answer) in operation["responses"].as_object().unwrap() {
            let problems = &answer["content"]["application/problem+json"];
            let codes = problems["schema"]["properties"]["error"]["enum"].as_array();
            assert_eq!(status.starts_with(['4', '5']), codes.is_some(), "{place} {status}");
            for code in codes.into_iter().flatten().map(|code| code.as_str().unwrap()) {
                let example = &described["components"]["examples"][code]["value"];
                assert_eq!(example["error"], code, "{place} {status}");
                assert_eq!(example["status"].to_string(), *status, "{place} {code}");
                assert!(answer["description"].as_str().unwrap().contains(code), "{place} {code}");
            }
        }
    }
}

#[test]
fn receipt_comes_as_json_and_as_html() {
    let described = described();
    let receipt = &described["paths"]["/v2/visitor/purchases/{id}/receipt"]["get"];
    let content = receipt["responses"]["200"]["content"].as_object().unwrap();
    assert_eq!(content.keys().collect::<Vec<_>>(), ["application/json", "text/html"]);
}

/// A file keeps the type that it was uploaded with, and is not checked as JSON even if that is its type.
#[test]
fn download_has_any_type_and_no_schema() {
    let described = described();
    let download = &described["paths"]["/v2/public/files/{handle}/{fileSlug}"]["get"];
    for status in ["200", "206"] {
        let content = download["responses"][status]["content"].as_object().unwrap();
        assert_eq!(content.keys().collect::<Vec<_>>(), ["*/*"]);
        assert!(content["*/*"].get("schema").is_none(), "{content:?}");
    }
}

/// The only parameters of a query that are required are the address of an explanation and that of a move that is called off.
#[test]
fn filters_are_optional() {
    let described = described();
    for (place, operation) in operations(&described) {
        for parameter in operation["parameters"].as_array().into_iter().flatten() {
            let is_needed = (place.ends_with("/explain") && parameter["name"] == "email")
                || (place.ends_with("/people/move") && parameter["name"] == "from");
            if parameter["in"] == "query" {
                assert_eq!(parameter["required"], is_needed, "{place} {}", parameter["name"]);
            }
        }
    }
}

#[test]
fn refusals_are_those_that_the_use_cases_have() {
    let described = described();
    let operation = |method: &str, path: &str| described["paths"][path][method].clone();
    let confirm = operation("post", "/v2/creator/auth/password-reset/confirm");
    assert!(refuses(&confirm, "401", "creator_unauthorized"), "a suspended account");
    let description = operation("get", "/v2/openapi.json");
    assert!(refuses(&description, "503", "unavailable"), "too many requests at once");
    let stripe = operation("get", "/v2/handles/{handle}/stripe");
    for status in ["409", "502"] {
        assert!(stripe["responses"].get(status).is_none(), "the last known state is told");
    }
}

#[test]
fn words_that_a_field_may_have_are_listed() {
    let schemas = described()["components"]["schemas"].clone();
    for (schema, field, words) in [
        ("Sale", "grantType", "GrantType"),
        ("Sale", "grantedAs", "GrantType"),
        ("LoggedMail", "kind", "MailKind"),
        ("LoggedMail", "status", "MailStatus"),
        ("ExplainedFact", "kind", "FactKind"),
        ("ExplainedChange", "action", "Change"),
    ] {
        let place = &schemas[schema]["properties"][field]["$ref"];
        assert_eq!(*place, format!("#/components/schemas/{words}"), "{schema}.{field}");
        assert!(schemas[words]["enum"].is_array(), "{words}");
    }
    let relation = &schemas["Person"]["properties"]["relations"]["items"]["$ref"];
    assert_eq!(relation, "#/components/schemas/Relation");
}

/// The wire does not change unannounced: `docs/api.md` says how to accept a change.
#[test]
fn description_is_as_it_was_announced() {
    insta::assert_snapshot!(format!("{:#}", super::openapi()));
}
