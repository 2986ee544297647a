//! For operators and their tools.

use std::sync::LazyLock;

use actix_web::{HttpResponse, http::header::ContentType};

use crate::{openapi::problem_responses, problem::Answer, state::Http};

problem_responses! {
    NoRefusals: ;
}

/// Whether the process runs.
#[utoipa::path(get, path = "/healthz", tag = "operations", security(()),
    responses((status = 200, description = "It does", body = String, content_type = "text/plain", example = "ok")))]
pub(super) async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type(ContentType::plaintext()).body("ok")
}

/// Whether the process can do its work: the database answers and has the right schema.
#[utoipa::path(get, path = "/readyz", tag = "operations", security(()),
    responses((status = 200, description = "It can", body = String, content_type = "text/plain", example = "ready"), NoRefusals))]
pub(super) async fn readyz(http: Http) -> Answer {
    http.store.ready().await?;
    Ok(HttpResponse::Ok().content_type(ContentType::plaintext()).body("ready"))
}

/// This description.
#[utoipa::path(get, path = "/v2/openapi.json", tag = "operations", security(()),
    responses((status = 200, description = "OpenAPI 3.1", body = Object, content_type = "application/json",
        example = json!({"openapi": "3.1.0"}))))]
pub(super) async fn description() -> HttpResponse {
    static TEXT: LazyLock<String> = LazyLock::new(|| crate::openapi().to_string());
    HttpResponse::Ok().content_type(ContentType::json()).body(TEXT.as_str())
}
