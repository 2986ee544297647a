//! The description of the JSON interface, made from the handlers.

use std::collections::BTreeMap;

use utoipa::{
    IntoParams, Modify, OpenApi, PartialSchema,
    openapi::{
        ContentBuilder, License, Ref, RefOr, Response, ResponseBuilder,
        security::{ApiKey, ApiKeyValue, Http as HttpAuth, HttpAuthScheme, SecurityScheme},
        tag::TagBuilder,
    },
};

use crate::{
    api::Description,
    problem::{Code, ProblemBody},
};

/// Declares the problems of operations: a type that `responses(…)` takes.
macro_rules! refusals {
    ($($name:ident: $($code:ident)*;)*) => {$(
        pub(crate) struct $name;

        impl utoipa::IntoResponses for $name {
            fn responses() -> std::collections::BTreeMap<
                String,
                utoipa::openapi::RefOr<utoipa::openapi::Response>,
            > {
                $crate::openapi::describe(&[$($crate::problem::Code::$code),*])
            }
        }
    )*};
}
pub(crate) use refusals;

/// The part of a list that is wanted.
#[derive(IntoParams)]
#[into_params(parameter_in = Query)]
#[expect(dead_code, reason = "only described; extract::Paging reads it")]
pub(crate) struct ListQuery {
    /// How many rows.
    #[param(minimum = 1, maximum = 100, default = 50)]
    limit: Option<u32>,
    /// `nextCursor` of the part before.
    cursor: Option<String>,
}

/// A handle in the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only described; extract::HandlePath reads it")]
pub(crate) struct HandleParams {
    /// The handle.
    #[param(example = "ada")]
    handle: String,
}

/// A page in the path.
#[derive(IntoParams)]
#[into_params(parameter_in = Path)]
#[expect(dead_code, reason = "only described; extract::PagePath reads it")]
pub(crate) struct PageParams {
    /// The handle.
    #[param(example = "ada")]
    handle: String,
    /// The page.
    #[param(rename = "pageSlug", example = "guide")]
    page_slug: String,
}

/// The key of a request that may be sent twice.
#[derive(IntoParams)]
#[into_params(parameter_in = Header)]
#[expect(dead_code, reason = "only described; api::idempotent reads it")]
pub(crate) struct IdempotencyHeader {
    /// The same key and request give the same answer; 1 to 255 printable characters.
    #[param(rename = "Idempotency-Key", min_length = 1, max_length = 255, pattern = "^[ -~]+$")]
    key: Option<String>,
}

/// The responses that these problems are sent with, and the faults that every call can run into.
pub(crate) fn describe(codes: &[Code]) -> BTreeMap<String, RefOr<Response>> {
    let mut by_status: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for code in codes.iter().chain(&[Code::InternalError, Code::Unavailable]) {
        by_status.entry(code.status().as_str().to_owned()).or_default().push(code.as_str());
    }
    let responses = by_status.into_iter().map(|(status, codes)| {
        let response =
            ResponseBuilder::new().description(format!("`{}`", codes.join("`, `"))).content(
                "application/problem+json",
                ContentBuilder::new().schema(Some(Ref::from_schema_name("Problem"))).build(),
            );
        (status, RefOr::T(response.build()))
    });
    responses.collect()
}

struct Surroundings;

impl Modify for Surroundings {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        "Tollgate".clone_into(&mut openapi.info.title);
        env!("CARGO_PKG_VERSION").clone_into(&mut openapi.info.version);
        openapi.info.description = Some(introduction());
        openapi.info.contact = None;
        let mut license = License::new("MIT OR Apache-2.0");
        license.identifier = Some("MIT OR Apache-2.0".to_owned());
        openapi.info.license = Some(license);
        openapi.tags = Some(tags());
        name_operations(&mut openapi.paths);
        let components = openapi.components.get_or_insert_default();
        components.schemas.insert("Problem".to_owned(), ProblemBody::schema());
        let cookie = ApiKeyValue::with_description(
            "_10x_visitor",
            "The session that signing in with a magic link opens.",
        );
        components.add_security_scheme("visitor", SecurityScheme::ApiKey(ApiKey::Cookie(cookie)));
        let mut bearer = HttpAuth::new(HttpAuthScheme::Bearer);
        bearer.bearer_format = Some("JWT".to_owned());
        components.add_security_scheme("creator", SecurityScheme::Http(bearer));
    }
}

/// Handlers of two stories may share a name; operations must not.
fn name_operations(paths: &mut utoipa::openapi::Paths) {
    for item in paths.paths.values_mut() {
        let operations =
            [&mut item.get, &mut item.post, &mut item.patch, &mut item.put, &mut item.delete];
        for operation in operations.into_iter().flatten() {
            let story = operation.tags.as_ref().and_then(|tags| tags.first());
            if let (Some(story), Some(name)) = (story, &operation.operation_id) {
                operation.operation_id = Some(format!("{story}_{name}"));
            }
        }
    }
}

fn introduction() -> String {
    let codes: Vec<_> = Code::ALL
        .iter()
        .map(|code| {
            format!("| {} | `{}` | {} |", code.status().as_u16(), code.as_str(), code.title())
        })
        .collect();
    format!(
        "Passwordless sign-in and paid access. Errors are RFC 9457 problem details with a stable \
         `error`:\n\n| status | error | meaning |\n|---|---|---|\n{}",
        codes.join("\n")
    )
}

fn tags() -> Vec<utoipa::openapi::Tag> {
    [
        ("visitor", "Signing in by magic link, and what a visitor has access to"),
        ("public", "Pages as visitors see them"),
        ("creator", "Accounts of creators"),
        ("handles", "Handles of creators"),
        ("pages", "Pages of creators"),
        ("refunds", "Giving money back"),
        ("stripe", "Connecting the creator's own Stripe account"),
        ("operations", "For operators and their tools"),
    ]
    .map(|(name, description)| TagBuilder::new().name(name).description(Some(description)).build())
    .into()
}

/// The `OpenAPI` 3.1 description of the JSON interface.
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut openapi = Description::openapi();
    Surroundings.modify(&mut openapi);
    openapi
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use serde_json::Value;

    use crate::api::TABLE;

    fn described() -> Value {
        serde_json::to_value(super::openapi()).unwrap()
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

    #[test]
    fn every_route_is_described_under_its_own_path() {
        let described = described();
        let described: BTreeSet<(&str, &str)> = described["paths"]
            .as_object()
            .unwrap()
            .iter()
            .flat_map(|(path, item)| item.as_object().unwrap().keys().map(|m| (&**path, &**m)))
            .collect();
        let routed: BTreeSet<(&str, &str)> =
            TABLE.iter().flat_map(|(path, methods)| methods.iter().map(|m| (*path, *m))).collect();
        assert_eq!(described, routed);
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
        for reference in text.split("\"$ref\":\"#/components/schemas/").skip(1) {
            let name = reference.split('"').next().unwrap();
            assert!(!described["components"]["schemas"][name].is_null(), "{name}");
        }
    }
}
